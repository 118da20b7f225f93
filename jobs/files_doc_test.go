package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/file"
)

// example is a row of a table of docs/files.md that shows an input and what is made of it.
type example struct {
	line                           string // where it is, for people
	format, encoding, flags, input string
	readings                       []string // members of each reading, as name=value
	refused                        string   // a part of the message; "" where it is read
}

// The heads of the columns that examples have, in both languages.
var exampleColumns = map[string]string{
	"format": "format", "encoding": "encoding", "codage": "encoding", "flags": "flags", "options": "flags", "input": "input", "entrée": "input",
	"reading": "reading", "lecture": "reading", "message": "message",
}

// examples reads the tables of a document that have a column for inputs.
func examples(t *testing.T, path string) (all []example) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	for number, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "|") {
			columns = nil
			continue
		}
		cells := strings.Split(strings.ReplaceAll(strings.Trim(line, "|"), `\|`, "\x00"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(strings.ReplaceAll(cells[i], "\x00", "|"))
		}
		if columns == nil {
			for _, cell := range cells {
				columns = append(columns, exampleColumns[cell])
			}
			continue
		}
		if !slices.Contains(columns, "input") || strings.HasPrefix(cells[0], "---") {
			continue
		}
		e := example{line: fmt.Sprintf("line %d: %s", number+1, cells[0]), format: "csv"}
		for i, cell := range cells {
			e.set(columns[i], strings.Trim(cell, "`"))
		}
		all = append(all, e)
	}
	return all
}

func (e *example) set(column, cell string) {
	switch column {
	case "format":
		e.format = cell
	case "encoding":
		e.encoding = cell
	case "flags":
		e.flags = cell
	case "input":
		e.input = strings.NewReplacer(" ⏎ ", "\n", " ⏎", "\n", "→", "\t", "·", " ").Replace(cell) + "\n"
	case "reading":
		e.readings = strings.Split(cell, " ⏎ ")
	case "message":
		e.refused = cell
	}
}

// encodings are those that the examples name.
var encodings = map[string]encoding.Encoding{
	"": encoding.Nop, "UTF-8": encoding.Nop, "Windows-1252": charmap.Windows1252, "CP850": charmap.CodePage850,
	"UTF-16": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
}

// outcome reads the input as `fetch file` does.
func (e *example) outcome(t *testing.T) (readings []meteo.Reading, refused string) {
	t.Helper()
	text, err := encodings[e.encoding].NewEncoder().String(e.input)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "input."+e.format)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var options file.Options
	app := &cli.App{Flags: readFlags(), SliceFlagSeparator: ";", Action: func(c *cli.Context) (err error) {
		options, err = readOptions(c)
		return err
	}}
	if err := app.Run(append([]string{"senmeteo"}, strings.Fields(e.flags)...)); err != nil {
		t.Fatal(err)
	}
	source := file.Source{Paths: []string{path}, Options: options, Now: func() time.Time { return time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) }}
	var messages []string
	err = source.Fetch(t.Context(), func(item *flow.Item) error {
		if item.Raw != nil {
			messages = append(messages, item.Refusal.Error())
			return nil
		}
		readings = append(readings, item.Reading)
		return nil
	})
	var unreadable *file.FormatError
	if err != nil && !errors.As(err, &unreadable) {
		t.Fatal(err)
	}
	if err != nil {
		messages = append(messages, err.Error())
	}
	return readings, strings.Join(messages, "; ")
}

// shown returns members of a reading as examples write them.
func shown(r *meteo.Reading, wanted string) string {
	o := meteo.Observation{Reading: *r}
	var all []string
	for pair := range strings.FieldsSeq(wanted) {
		name, _, _ := strings.Cut(pair, "=")
		i, ok := meteo.FieldIndex([]byte(name))
		if !ok {
			return "no field is called " + name
		}
		value := "none"
		switch f := &meteo.Fields[i]; f.Type {
		case meteo.TypeNumber:
			if x := *f.Number(&o); meteo.Known(x) {
				value = fmt.Sprintf("%.6g", x)
			}
		case meteo.TypeWhole:
			value = fmt.Sprint(*f.Whole(&o))
		case meteo.TypeTime:
			value = string(meteo.AppendTime(nil, *f.Time(&o)))
		case meteo.TypeText:
			value = *f.Text(&o)
		}
		all = append(all, name+"="+value)
	}
	return strings.Join(all, " ")
}

func TestFilesAreReadAsTheDocumentSays(t *testing.T) {
	var inputs [][]string
	for _, path := range []string{"../docs/files.md", "../docs/files.fr.md"} {
		var here []string
		for _, e := range examples(t, path) {
			here = append(here, e.format+" "+e.encoding+" "+e.flags+" "+e.input)
			t.Run(path+" "+e.line, func(t *testing.T) {
				readings, refused := e.outcome(t)
				if len(readings) != len(e.readings) || (refused == "") != (e.refused == "") || !strings.Contains(refused, e.refused) {
					t.Fatalf("%q gave %d readings, want %d, and was refused for %q, want %q", e.input, len(readings), len(e.readings), refused, e.refused)
				}
				for i, want := range e.readings {
					if got := shown(&readings[i], want); got != want {
						t.Errorf("%q gave %s, want %s", e.input, got, want)
					}
				}
			})
		}
		inputs = append(inputs, here)
	}
	if len(inputs[0]) < 60 || !slices.Equal(inputs[0], inputs[1]) {
		t.Errorf("the documents have %d and %d examples, which must be the same, at least 60", len(inputs[0]), len(inputs[1]))
	}
}
