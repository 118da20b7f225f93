package csv_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"senmeteo/jobs/format"
	"senmeteo/jobs/format/csv"
	"senmeteo/jobs/format/formattest"
	"senmeteo/jobs/meteo"
)

func TestConformance(t *testing.T) { formattest.Run(t, csv.Format()) }

const french = "Relevés de la station;;;\r\n;;;\r\nRégion;Date;Heure;Température (°C)\r\nThiès;01/03/2026;12:10;25,5\r\nKédougou;01/03/2026;12:10;31\r\n"

func TestSpreadsheetsOfOtherCountriesAreRead(t *testing.T) {
	encoded := func(encode func(string) (string, error), s string) string {
		out, err := encode(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	utf16 := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String
	for name, data := range map[string]string{
		"UTF-8":                           french,
		"UTF-8 with a byte-order mark":    "\ufeff" + french,
		"Windows-1252":                    encoded(charmap.Windows1252.NewEncoder().String, french),
		"UTF-16 with a byte-order mark":   encoded(utf16, french),
		"UTF-16 without one":              encoded(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String, french[3:]),
		"tabs":                            strings.ReplaceAll(french, ";", "\t"),
		"bars":                            strings.ReplaceAll(french, ";", "|"),
		"Excel's line of the separator":   "sep=;\r\n" + french,
		"accents only far from the start": "Region;Date;Heure;Temp\r\n" + strings.Repeat("Dakar;01/03/2026;12:00;20\r\n", 9000) + encoded(charmap.Windows1252.NewEncoder().String, "Thiès;01/03/2026;12:10;25,5\r\nKédougou;01/03/2026;12:10;31\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			got := formattest.ReadForeign(t, csv.Format(), strings.NewReader(data))
			last := got[len(got)-2:]
			if last[0].Region != "Thiès" || last[1].Region != "Kédougou" || last[0].Values[meteo.Temperature] != 25.5 {
				t.Errorf("got %s\n%s", last[0].AppendJSON(nil), last[1].AppendJSON(nil))
			}
			if at := last[0].ObservedAt.Format("2006-01-02 15:04"); at != "2026-03-01 12:10" {
				t.Errorf("observed at %s", at)
			}
		})
	}
}

func TestFilesThatAreNotATableAreRefusedWithAMessage(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"an empty file":              {"", "empty"},
		"a table of other things":    {"name,price\nrice,300\n", "names of columns"},
		"numbers without names":      {"1,2,3\n4,5,6\n", "names of columns"},
		"a program":                  {"\x7fELF\x02\x01\x00\x00", "not a text file"},
		"an endless line of names":   {strings.Repeat("x", 20<<20), "too long"},
		"a quote that is not closed": {"\"" + strings.Repeat("x\n", 10<<20), "too long"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := csv.Format().NewReader(strings.NewReader(c.data))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want something about %q", err, c.want)
			}
		})
	}
}

func TestALineThatIsCutOffIsRefusedAloneAndKept(t *testing.T) {
	r, err := csv.Format().NewReader(strings.NewReader("Date;Temp;Ville\n01/03/2026;25,5;Dakar\n01/03/2026;2\n\n02/03/2026;24,0;Dakar;;\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"line 2", "line 3", "line 5"} {
		_, err := r.Next()
		var bad *format.RecordError
		if errors.As(err, &bad) != (i == 1) || i != 1 && err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		if i == 1 && string(bad.Raw) != "01/03/2026;2" {
			t.Errorf("kept %q", bad.Raw)
		}
		if r.Position() != want {
			t.Errorf("at %s, want %s", r.Position(), want)
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the end", err)
	}
}

func TestAnEndlessLineInTheMiddleEndsTheFileWithBoundedMemory(t *testing.T) {
	in := io.MultiReader(strings.NewReader("Date,Temp\n2026-03-01,20\n\""), endless{})
	records, err := formattest.Drain(csv.Format(), in)
	if records != 1 || err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("%d records, then %v", records, err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(french))
	f.Add(formattest.Write(f, csv.Format(), formattest.Observations(3, 1)))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = formattest.Drain(csv.Format(), bytes.NewReader(data)) })
}

func BenchmarkReader(b *testing.B) {
	data := formattest.Write(b, csv.Format(), formattest.Observations(5000, 1))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if n, err := formattest.Drain(csv.Format(), bytes.NewReader(data)); n != 5000 || err != nil {
			b.Fatal(n, err)
		}
	}
}
