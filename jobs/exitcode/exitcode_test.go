package exitcode

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"senmeteo/jobs/flow"
)

var update = flag.Bool("update", false, "write the files that follow from the table")

func TestAnErrorsClassDecidesTheExitCode(t *testing.T) {
	for want, err := range map[int]error{
		0:   nil,
		1:   flow.Fail(flow.Negative, "x"),
		64:  fmt.Errorf("starting: %w", flow.Fail(flow.Usage, "x")),
		65:  flow.Fail(flow.BadInput, "x"),
		66:  flow.Fail(flow.NoInput, "x"),
		69:  context.DeadlineExceeded,
		70:  errors.New("x"),
		73:  flow.Fail(flow.CantWrite, "x"),
		75:  flow.ErrFenced,
		99:  flow.Fail(flow.Nothing, "x"),
		143: context.Canceled,
	} {
		if got := Of(err); got != want {
			t.Errorf("%v ends with %d, want %d", err, got, want)
		}
	}
}

func TestEveryClassHasACodeOfItsOwnAndItsWordAsOutcome(t *testing.T) {
	numbers := map[int]flow.Class{}
	for class := flow.Defect; class <= flow.Interrupted; class++ {
		code, ok := failures[class]
		if !ok || code.Number == 0 {
			t.Errorf("%s has no exit code", class)
		}
		if other, ok := numbers[code.Number]; ok {
			t.Errorf("%s and %s both have %d", class, other, code.Number)
		}
		numbers[code.Number] = class
		if code.Outcomes != "`"+class.String()+"`" {
			t.Errorf("the outcome of %d is %s, reports say %s", code.Number, code.Outcomes, class)
		}
	}
}

func TestEveryCodeIsDescribedInBothLanguagesInTheSameWay(t *testing.T) {
	for _, c := range All() {
		if c.English.Meaning == "" || c.French.Meaning == "" {
			t.Errorf("%d has no meaning", c.Number)
		}
		if (c.English.Detail == "") != (c.French.Detail == "") || (c.English.Advice == "") != (c.French.Advice == "") {
			t.Errorf("%d says more in one language than in the other", c.Number)
		}
		for _, text := range []string{c.English.Detail, c.English.Advice, c.French.Detail, c.French.Advice} {
			if len(text) > 125 {
				t.Errorf("%d: %q is longer than a line of the DAGs' module", c.Number, text)
			}
		}
	}
}

func TestTheHelpListsEveryCodeOfTheProgram(t *testing.T) {
	help := Help()
	for _, c := range All() {
		if want := c.Number != 137; strings.Contains(help, " "+strconv.Itoa(c.Number)+" ") != want {
			t.Errorf("%d in the help: want %t\n%s", c.Number, want, help)
		}
	}
}

func TestTheDocumentAndTheDAGsHaveTheTable(t *testing.T) {
	for path, want := range map[string]string{
		"../../docs/exit-codes.md":          document(),
		"../../dags/senmeteo/exit_codes.py": module(),
	} {
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, []byte(want)) {
			t.Errorf("%s differs from the table: go test ./jobs/exitcode -update", path)
		}
	}
}

const documentHead = `# Exit codes

What a job's exit code means, and what a scheduler should do with it. The report, the last line of
standard output, says the same in its field ` + "`outcome`" + `; its field ` + "`error`" + ` holds the one line that is
on standard error. The table is written from [jobs/exitcode/table.go](../jobs/exitcode/table.go) by
` + "`go test ./jobs/exitcode -update`" + `.

`

const documentTail = `
Any other code, such as 125 to 127 of a container engine, is tried again by Airflow: no job loses or
doubles anything by that. After 65 because of a batch that can't be read, see
[operations.md](operations.md#a-batch-that-cant-be-read).

## En français

`

// document is docs/exit-codes.md.
func document() string {
	var b strings.Builder
	b.WriteString(documentHead)
	b.WriteString("| exit | `outcome` | meaning | what to do | Airflow |\n|---|---|---|---|---|\n")
	for _, c := range All() {
		row(&b, c, c.English, [...]string{"succeeds", "fails", "tries again", "skips the task"}[c.Reaction])
	}
	b.WriteString(documentTail)
	b.WriteString("| code | `outcome` | sens | que faire | Airflow |\n|---|---|---|---|---|\n")
	for _, c := range All() {
		row(&b, c, c.French, [...]string{"réussit", "échoue", "réessaie", "saute la tâche"}[c.Reaction])
	}
	return b.String()
}

func row(b *strings.Builder, c Code, text Text, reaction string) {
	meaning := text.Meaning
	if text.Detail != "" {
		meaning += " (" + text.Detail + ")"
	}
	cells := []string{strconv.Itoa(c.Number), c.Outcomes, meaning, text.Advice, reaction}
	b.WriteString("|")
	for _, cell := range cells {
		if cell != "" {
			b.WriteString(" " + cell)
		}
		b.WriteString(" |")
	}
	b.WriteString("\n")
}

const moduleHead = `"""
The exit codes of the jobs, and what Airflow does with them.

Written from jobs/exitcode/table.go by: go test ./jobs/exitcode -update
"""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """A code in one language; detail and advice may be empty."""

    meaning: str
    detail: str
    advice: str


class ExitCode(NamedTuple):
    """One exit code. reaction is succeeds, fails (at once), retries or skips."""

    number: int
    reaction: str
    english: Text
    french: Text


EXIT_CODES = (
`

// module is dags/senmeteo/exit_codes.py, formatted as ruff would.
func module() string {
	var b strings.Builder
	b.WriteString(moduleHead)
	text := func(name string, t Text) {
		fmt.Fprintf(&b, "        %s=Text(\n            meaning=%q,\n            detail=%q,\n            advice=%q,\n        ),\n", name, t.Meaning, t.Detail, t.Advice)
	}
	for _, c := range All() {
		reaction := [...]string{"succeeds", "fails", "retries", "skips"}[c.Reaction]
		fmt.Fprintf(&b, "    ExitCode(\n        number=%d,\n        reaction=%q,\n", c.Number, reaction)
		text("english", c.English)
		text("french", c.French)
		b.WriteString("    ),\n")
	}
	b.WriteString(")\n")
	return b.String()
}
