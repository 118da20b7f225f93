package json_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"senmeteo/jobs/format"
	"senmeteo/jobs/format/formattest"
	"senmeteo/jobs/format/json"
	"senmeteo/jobs/meteo"
)

func TestConformanceOfJSON(t *testing.T)  { formattest.Run(t, json.Format()) }
func TestConformanceOfLines(t *testing.T) { formattest.Run(t, json.Lines()) }

const record = `{"region":"Thiès","timestamp":"2026-03-01T12:10:00Z","temperature":25.5}`

func TestJSONIsReadInEveryArrangement(t *testing.T) {
	for name, data := range map[string]string{
		"an array":                       "[" + record + ",\n" + record + "]",
		"records one after the other":    record + record,
		"arrays one after the other":     "[" + record + "] [" + record + "]",
		"with a byte-order mark":         "\ufeff[" + record + "," + record + "]",
		"an object that wraps an array":  `{"status":"ok","records":[` + record + "," + record + "]}",
		"a city above its measurements":  `{"city":"Thiès","data":[{"time":"2026-03-01T12:10:00Z","temp":25.5},{"time":"2026-03-01T12:20:00Z","temp":25.5}]}`,
		"UTF-16":                         utf16("[" + record + "," + record + "]"),
		"an empty array and then others": "[]" + record + "[" + record + "]",
	} {
		t.Run(name, func(t *testing.T) {
			got := formattest.ReadForeign(t, json.Format(), strings.NewReader(data))
			if len(got) != 2 || got[1].Region != "Thiès" || got[1].Values[meteo.Temperature] != 25.5 {
				t.Errorf("got %d records: %+v", len(got), got)
			}
		})
	}
}

// utf16 encodes text little-endian with a byte-order mark; its letters are below U+0100.
func utf16(s string) string {
	out := []byte{0xFF, 0xFE}
	for _, r := range s {
		out = append(out, byte(r), 0)
	}
	return string(out)
}

func TestARecordThatIsNotAnObjectIsRefusedAlone(t *testing.T) {
	data := "[" + record + `,17,{"a":1,"a":2},` + record + "]"
	if n, err := formattest.Drain(json.Format(), strings.NewReader(data)); n != 4 || err != nil {
		t.Errorf("%d records, %v", n, err)
	}
}

func TestWhatIsNotJSONIsRefusedWithAMessage(t *testing.T) {
	for name, data := range map[string]string{
		"nothing":            "",
		"a table":            "a,b\n1,2\n",
		"text":               `"hello"`,
		"a broken record":    "[" + record[:40] + "]",
		"a cut-off array":    "[" + record + ",",
		"an endless record":  `[{"a":"` + strings.Repeat("x", 9<<20) + `"}]`,
		"a million brackets": strings.Repeat("[", 1_000_000),
		"deep in a record":   `[{"a":` + strings.Repeat("[", 1_000_000),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := formattest.Drain(json.Format(), strings.NewReader(data)); err == nil {
				t.Error("it passed")
			}
		})
	}
}

func TestABrokenLineIsRefusedAloneAndKept(t *testing.T) {
	lines := []string{record, record[:30], "", "17", `{"a":1,"a":2}`, "{\"a\":\"\xff\"}", strings.Repeat(`{"a":`, 100_000), record}
	r, err := json.Lines().NewReader(strings.NewReader(strings.Join(lines, "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	var good, bad []string
	for {
		row, err := r.Next()
		var refused *format.RecordError
		if errors.Is(err, io.EOF) {
			break
		} else if errors.As(err, &refused) {
			bad = append(bad, string(refused.Raw))
		} else if err != nil {
			t.Fatal(err)
		} else {
			good = append(good, r.Position()+" "+string(row.AppendJSON(nil)))
		}
	}
	if want := []string{"line 1 " + record, "line 8 " + record}; strings.Join(good, "|") != strings.Join(want, "|") {
		t.Errorf("read %q", good)
	}
	if want := append([]string{lines[1]}, lines[3:7]...); strings.Join(bad, "|") != strings.Join(want, "|") {
		t.Errorf("refused %.200q", bad)
	}
}

func TestJSONOverSeveralLinesIsReadThoughItIsNamedLines(t *testing.T) {
	indented := strings.NewReplacer("{", "{\n  ", ",", ",\n  ", "}", "\n}").Replace(record)
	for name, c := range map[string]struct {
		data string
		want int
	}{
		"objects one after the other":  {indented + "\n" + indented, 2},
		"after empty lines":            {"\n \r\n" + indented, 1},
		"by Windows":                   {strings.ReplaceAll(indented, "\n", "\r\n"), 1},
		"an array":                     {"[\n" + record + ",\n" + record + "\n]", 2},
		"an array of objects":          {"[ {" + strings.TrimPrefix(indented, "{") + "," + indented + "]", 2},
		"with a byte-order mark":       {"\ufeff" + indented, 1},
		"nothing but an opening brace": {"{", 1},
		"a first line that is cut off": {"{\n" + record + "\n" + record, 3},
		"a brace on a later line":      {record + "\n{\n" + record, 3},
	} {
		t.Run(name, func(t *testing.T) {
			if n, err := formattest.Drain(json.Lines(), strings.NewReader(c.data)); n != c.want || err != nil {
				t.Errorf("%d records, %v; want %d", n, err, c.want)
			}
		})
	}
}

func TestAnEndlessLineIsSkippedWithoutHoldingIt(t *testing.T) {
	const size = 200 << 20
	in := io.MultiReader(strings.NewReader(record+"\n"), io.LimitReader(letters{}, size), strings.NewReader("\n"+record+"\n"))
	r, err := json.Lines().NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	var errs [4]error
	for i := range errs {
		_, errs[i] = r.Next()
	}
	var bad *format.RecordError
	if errs[0] != nil || !errors.As(errs[1], &bad) || errs[2] != nil || !errors.Is(errs[3], io.EOF) {
		t.Fatalf("got %v", errs)
	}
	if bad.Refusal.Reason != meteo.TooLarge || len(bad.Raw) > 64<<10 {
		t.Errorf("got %v with %d bytes", bad.Refusal, len(bad.Raw))
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	if memory.HeapSys > 100<<20 {
		t.Errorf("the heap took %d MiB", memory.HeapSys>>20)
	}
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("[" + record + "]"))
	f.Add([]byte(`{"a":[` + record + "]}"))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = formattest.Drain(json.Format(), bytes.NewReader(data)) })
}

func FuzzLines(f *testing.F) {
	f.Add([]byte(record + "\n" + record))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := formattest.Drain(json.Lines(), bytes.NewReader(data)); err != nil {
			t.Errorf("a line ended the file: %v", err)
		}
	})
}
