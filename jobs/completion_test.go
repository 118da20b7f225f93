package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shells ask for the completion of a command line as an interactive one does: the words before the cursor, then the word at it, which
// may be empty.
var shells = map[string]func(words []string) string{
	"bash": func(words []string) string {
		return `source senmeteo.completion
COMP_WORDS=('` + strings.Join(words, "' '") + `')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_senmeteo
printf '%s\n' "${COMPREPLY[@]}"`
	},
	"zsh": func(words []string) string {
		return `compdef() { }
compadd() { print -l -- ${(M)known:#${words[CURRENT]}*} }
_files() { }
source senmeteo.completion
words=('` + strings.Join(words, "' '") + `')
CURRENT=${#words}
_senmeteo`
	},
	"fish": func(words []string) string {
		return `source senmeteo.completion
complete --do-complete '` + strings.Join(words, " ") + `' | string replace --regex '\t.*' ''`
	},
}

func TestShellsCompleteVerbsAndFlags(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", dir, "senmeteo/jobs").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program := filepath.Join(dir, "senmeteo")
	if err := os.Rename(filepath.Join(dir, "jobs"), program); err != nil {
		t.Fatal(err)
	}
	for shell, script := range shells {
		t.Run(shell, func(t *testing.T) {
			file, err := exec.CommandContext(t.Context(), program, "completion", shell).Output()
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "senmeteo.completion"), file, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, c := range []struct {
				line string
				want []string
			}{
				{"senmeteo to-", []string{"to-es", "to-hdfs", "to-pg", "to-redis"}},
				{"senmeteo fetch ge", []string{"generate"}},
				{"senmeteo stream --fol", []string{"--follow"}},
				{"senmeteo dlq replay --max-a", []string{"--max-attempts"}},
			} {
				run := exec.CommandContext(t.Context(), shell, "-c", script(strings.Split(c.line, " ")))
				run.Dir = dir
				run.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "HOME="+dir)
				out, err := run.CombinedOutput()
				if err != nil {
					t.Fatalf("%s: %v\n%s", c.line, err, out)
				}
				got := strings.Fields(string(out))
				slices.Sort(got)
				if !slices.Equal(got, c.want) {
					t.Errorf("%s is completed by %q, want %q", c.line, got, c.want)
				}
			}
		})
	}
}

func TestACommandLineThatIsToBeCompletedIsNotRun(t *testing.T) {
	out := filepath.Join(t.TempDir(), "january.csv")
	for _, line := range []string{
		"senmeteo fetch generate --out " + out + " " + generateFlag,
		"senmeteo fetch generate --out " + out + " -- " + generateFlag,
		"senmeteo fetch generate --out " + out + " --seed " + generateFlag,
		"senmeteo fetch generate --out " + out + " x y " + generateFlag,
	} {
		run(t.Context(), strings.Split(line, " "))
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%q was run", line)
		}
	}
}
