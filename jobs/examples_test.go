package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// verbsBelow calls f for each verb with its path, such as "fetch file".
func verbsBelow(group string, commands []*cli.Command, f func(path string, verb *cli.Command)) {
	for _, c := range commands {
		path := strings.TrimSpace(group + " " + c.Name)
		if len(c.Subcommands) == 0 || len(c.Flags) > 0 { // a group may be a verb, too
			f(path, c)
		}
		verbsBelow(path, c.Subcommands, f)
	}
}

func TestTheHelpOfEachVerbShowsExamplesThatItTakes(t *testing.T) {
	app := newApp(stores())
	left := len(exampleLines)
	verbsBelow("", app.Commands, func(path string, verb *cli.Command) {
		left--
		if len(exampleLines[path]) == 0 {
			t.Errorf("%s has no example", path)
		}
		verb.Action = func(*cli.Context) error { return nil } // only the flags are tried
	})
	if left != 0 {
		t.Errorf("%d of the examples are for verbs that do not exist", left)
	}
	for path, lines := range exampleLines {
		for _, line := range lines {
			_, command, ok := strings.Cut(line, "senmeteo ")
			command, _, _ = strings.Cut(command, " >")
			command = strings.TrimSuffix(command, ")")
			if !ok || !strings.HasPrefix(command, path) {
				t.Errorf("%q is an example of %s", line, path)
			}
			if err := app.Run(flagsFirst(app, append([]string{"senmeteo"}, strings.Fields(command)...))); err != nil {
				t.Errorf("%q: %v", line, err)
			}
		}
	}
}

func TestTheHelpShowsEachDefaultOnceAndNoSwitchThatIsOff(t *testing.T) {
	twice := regexp.MustCompile(`\(default[^)]*\).*\(default`)
	verbsBelow("", newApp(stores()).Commands, func(path string, _ *cli.Command) {
		app := newApp(stores())
		var help bytes.Buffer
		app.Writer = &help
		if err := app.Run(append([]string{"senmeteo"}, append(strings.Fields(path), "--help")...)); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(help.String()) {
			if twice.MatchString(line) || strings.Contains(line, "(default: false)") {
				t.Errorf("%s: %s", path, line)
			}
		}
		if !strings.Contains(help.String(), "EXAMPLES:\n   ") {
			t.Errorf("the help of %s shows no examples:\n%s", path, help.String())
		}
	})
}

func TestAMistypedWordIsAnsweredWithTheOneThatIsMeant(t *testing.T) {
	names := []string{"fetch", "stream", "to-hdfs", "to-pg", "status", "reconcile"}
	for word, want := range map[string]string{
		"sream": "stream", "strem": "stream", "stauts": "status", "to-pq": "to-pg", "recncile": "reconcile", "fech": "fetch",
		"delete": "", "x": "", "": "", "quality": "",
	} {
		if got := nearest(word, names); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
