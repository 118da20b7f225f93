package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"senmeteo/test/program"
	"senmeteo/test/servers"
)

// hereDocument is the end of a command whose input follows it, up to a line that holds the word alone.
var hereDocument = regexp.MustCompile(`<<'?(\w+)'?$`)

// shellBlocks returns the commands of the blocks fenced as ```sh of a document, in their order: their lines, each with the input that
// follows it there.
func shellBlocks(t testing.TB, document string) []string {
	t.Helper()
	var commands []string
	inside, end := false, ""
	for line := range strings.Lines(string(read(t, program.Root(), document))) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case end != "":
			commands[len(commands)-1] += "\n" + line
			if line == end {
				end = ""
			}
		case strings.HasPrefix(line, "```"):
			inside = line == "```sh"
		case inside && line != "":
			commands = append(commands, line)
			if m := hereDocument.FindStringSubmatch(line); m != nil {
				end = m[1]
			}
		}
	}
	if end != "" {
		t.Fatalf("%s: the input of a command does not end with a line %s", document, end)
	}
	return commands
}

// fakeMake stands in for make in a folder that is not the repository. `make run` runs what the target runs, for a short
// time; `make stack` prints the addresses of the tests' own servers; of the other targets make itself reports whether they exist
// and what they would do: `make test` runs this test, and must not start again.
const fakeMake = `#!/bin/bash
set -euo pipefail
case "$1" in
run) exec bin/senmeteo up --for 5s ;;
stack) cat "$STACK" ;;
*) exec "$REAL_MAKE" -C "$ROOT" --dry-run "$@" >/dev/null ;;
esac
`

// shellRunner runs the commands of its input, each of which ends with a NUL, in one shell, and stops at the first that fails.
// What they left in the background ends with it.
const shellRunner = `trap 'kill $(jobs -p) 2>/dev/null' EXIT; while IFS= read -r -d '' line <&3; do echo "\$ $line" >&2; eval "$line" || { code=$?; echo "exit $code: $line" >&2; exit "$code"; }; done`

func TestEveryCommandOfTheReadmeRuns(t *testing.T) {
	t.Parallel()
	for _, document := range []string{"README.md", "README.fr.md"} {
		t.Run(document, func(t *testing.T) {
			t.Parallel()
			commands := shellBlocks(t, document)
			if len(commands) < 2 || commands[0] != "make run" || commands[1] != "make test" {
				t.Fatalf("it starts with %q, want make run and make test", commands[:min(2, len(commands))])
			}
			runInShell(t, commands)
		})
	}
}

// runInShell runs commands as somebody would who follows the document from top to bottom, in an empty folder, and returns what
// they print, each command before it.
func runInShell(t *testing.T, commands []string) string {
	t.Helper()
	e := program.NewEmbedded(t)
	work := program.OpenFolder(t)
	tools := t.TempDir()
	files := map[string]string{
		filepath.Join(tools, "make"):     fakeMake,
		filepath.Join(tools, "stack"):    stackLines(t),
		filepath.Join(tools, "commands"): strings.Join(commands, "\x00") + "\x00",
	}
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil { // one of them is a program
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(work, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"bin/senmeteo": program.Path(t), ".cache": filepath.Join(program.Root(), ".cache")} {
		if err := os.Symlink(target, filepath.Join(work, name)); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := os.Open(filepath.Join(tools, "commands"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lines.Close() }() // read only
	realMake, err := exec.LookPath("make")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-c", shellRunner)
	cmd.Dir = work
	cmd.ExtraFiles = []*os.File{lines}
	cmd.Env = append(program.Program{}.Environment(),
		"PATH="+tools+":"+filepath.Join(work, "bin")+":"+os.Getenv("PATH"), "ROOT="+program.Root(), "STACK="+filepath.Join(tools, "stack"),
		"SENMETEO_LISTEN="+e.Listen, "BASH_ENV=", "MAKEFLAGS=", "MAKELEVEL=", "REAL_MAKE="+realMake)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, program.Tail(string(out)))
	}
	for _, c := range commands {
		if !strings.Contains(string(out), "$ "+c+"\n") {
			t.Errorf("not run: %s", c)
		}
	}
	return string(out)
}

// stackLines is what `make stack` prints, for topics, indices, a database and a folder of HDFS of this test's own.
func stackLines(t testing.TB) string {
	t.Helper()
	superuser, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	lake := strings.Replace(servers.HDFSURL(t), "://", "://"+superuser.Username+"@", 1)
	prefix := servers.TopicPrefix(t)
	servers.DropIndices(t, prefix)
	return fmt.Sprintf("SENMETEO_BROKERS=%s\nSENMETEO_TOPIC_PREFIX=%s\nSENMETEO_PG_URL=%s\nSENMETEO_HDFS=%s\nSENMETEO_ES_URL=%s\nSENMETEO_WEBHDFS=%s\n",
		servers.Brokers(t), prefix, servers.PostgresURL(t), lake, servers.ElasticsearchURL(t), servers.WebHDFS(t))
}

// What the documents say of the program beside their shell blocks.
func TestTheDocumentsNameOnlyVerbsAndFlagsThatExist(t *testing.T) {
	t.Parallel()
	verbs := regexp.MustCompile("`(?:bin/)?senmeteo ([a-z][a-z-]*(?: [a-z][a-z-]*)?)")
	documents, err := filepath.Glob(filepath.Join(program.Root(), "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range append(documents, filepath.Join(program.Root(), "README.md"), filepath.Join(program.Root(), "README.fr.md")) {
		for _, m := range verbs.FindAllStringSubmatch(string(read(t, document)), -1) {
			args := append(strings.Fields(m[1]), "--help")
			if r := (program.Program{}).Run(t, args...); r.Code != 0 {
				t.Errorf("%s names `senmeteo %s`, which does not exist\n%s", filepath.Base(document), m[1], r.Output())
			}
		}
	}
}
