package yaml_test

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"

	"senmeteo/jobs/format/formattest"
	"senmeteo/jobs/format/yaml"
	"senmeteo/jobs/meteo"
)

func TestConformance(t *testing.T) { formattest.Run(t, yaml.Format()) }

func TestYAMLIsReadInEveryArrangement(t *testing.T) {
	for name, data := range map[string]string{
		"a list":                    "- {region: Thiès, time: 2026-03-01T12:10:00Z, temp: 25.5}\n- region: Thiès\n  time: 2026-03-01 12:20\n  temp: '25,5'\n",
		"an indented list":          "  - {region: Thiès, time: 2026-03-01 12:10, temp: 25.5}\n  - {region: Thiès, time: 2026-03-01 12:20, temp: 25.5}\n",
		"documents":                 "---\nregion: Thiès\ntime: 2026-03-01 12:10\ntemp: 25.5\n---\nregion: Thiès\ntime: 2026-03-01 12:20\ntemp: 25.5\n...\n",
		"a list in a mapping":       "# from a logger\nregion: Thiès\nrecords:\n- time: 2026-03-01 12:10\n  temp: 25.5\n- time: 2026-03-01 12:20\n  temp: 25.5\n",
		"an indented list in one":   "region: Thiès\nrecords:\n  - time: 2026-03-01 12:10\n    temp: 25.5\n  - time: 2026-03-01 12:20\n    temp: 25.5\n",
		"JSON":                      `[{"region": "Thiès", "time": "2026-03-01 12:10", "temp": 25.5}, {"region": "Thiès", "time": "2026-03-01 12:20", "temp": 25.5}]`,
		"aliases within a document": "[&a {region: Thiès, time: 2026-03-01 12:10, temp: 25.5}, {region: Thiès, time: 2026-03-01 12:20, temp: 25.5}]",
		"Windows line ends":         "- region: Thiès\r\n  time: 2026-03-01 12:10\r\n  temp: 25.5\r\n- region: Thiès\r\n  time: 2026-03-01 12:20\r\n  temp: 25.5\r\n",
		"comments between items":    "# one\n- {region: Thiès, time: 2026-03-01 12:10, temp: 25.5}\n# two\n\n- {region: Thiès, time: 2026-03-01 12:20, temp: 25.5}\n# end\n",
	} {
		t.Run(name, func(t *testing.T) {
			got := formattest.ReadForeign(t, yaml.Format(), strings.NewReader(data))
			if len(got) != 2 {
				t.Fatalf("got %d records", len(got))
			}
			for i, want := range []string{"12:10", "12:20"} {
				if o := got[i]; o.Region != "Thiès" || o.Values[meteo.Temperature] != 25.5 || o.ObservedAt.Format("15:04") != want {
					t.Errorf("got %s", o.AppendJSON(nil))
				}
			}
		})
	}
}

func TestAHeadCountsOnlyForItsOwnList(t *testing.T) {
	data := "region: Thiès\nrecords:\n- {time: 2026-03-01 12:10, temp: 25.5}\n---\n- {time: 2026-03-01 12:10, temp: 25.5}\n"
	got := formattest.ReadForeign(t, yaml.Format(), strings.NewReader(data))
	if len(got) != 2 || got[0].Region != "Thiès" || got[1].Region != "Dakar" {
		t.Errorf("got %+v", got)
	}
}

func TestAnItemThatIsNotAMappingIsRefusedAlone(t *testing.T) {
	if n, err := formattest.Drain(yaml.Format(), strings.NewReader("- 1\n- {temp: 1}\n- [a]\n- &x y\n")); n != 4 || err != nil {
		t.Errorf("%d records, %v", n, err)
	}
}

func TestHostileAndBrokenFilesAreRefusedWithBoundedMemory(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		p := string(c - 1)
		bomb += string(c) + ": &" + string(c) + " [*" + strings.TrimSuffix(strings.Repeat(p+",*", 9), ",*") + "]\n"
	}
	for name, in := range map[string]io.Reader{
		"nothing":                  strings.NewReader(""),
		"a table":                  strings.NewReader("a,b\n1,2\n"),
		"a bomb of aliases":        strings.NewReader(bomb),
		"an alias of itself":       strings.NewReader("- &a {b: *a}\n"),
		"an unknown alias":         strings.NewReader("- *a\n"),
		"a million brackets":       strings.NewReader(strings.Repeat("[", 1_000_000)),
		"nesting in a record":      strings.NewReader("- a: " + strings.Repeat("[", 100) + strings.Repeat("]", 100)),
		"an endless line":          endless("- a: x"),
		"an endless list of lines": endless("a: |\n  x\n"),
		"bad indentation":          strings.NewReader("- a: 1\n b: 2\n"),
		"a program":                strings.NewReader("\x7fELF\x02\x01\x00\x00"),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := formattest.Drain(yaml.Format(), in); err == nil {
				t.Error("it passed")
			} else {
				t.Log(err)
			}
		})
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	if memory.HeapSys > 400<<20 {
		t.Errorf("the heap took %d MiB", memory.HeapSys>>20)
	}
}

// endless repeats the last letter, or the last line, without end.
func endless(s string) io.Reader {
	rest := s[len(s)-1:]
	if rest == "\n" {
		rest = s[strings.Index(s, "\n")+1:]
	}
	return io.MultiReader(strings.NewReader(s), repeat(rest))
}

type repeat string

func (r repeat) Read(p []byte) (int, error) {
	n := copy(p, r)
	for n > 0 && n < len(p)/2 {
		n += copy(p[n:len(p)/2], p[:n])
	}
	return n, nil
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("region: Thiès\nrecords:\n- {time: 2026-03-01 12:10, temp: 25.5}\n---\n- *a\n"))
	f.Add(formattest.Write(f, yaml.Format(), formattest.Observations(2, 1)))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = formattest.Drain(yaml.Format(), bytes.NewReader(data)) })
}
