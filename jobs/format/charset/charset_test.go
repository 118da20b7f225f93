package charset

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

const text = "Température à Thiès, Kédougou: 25 °C – «œuvre»\r\n"

func encode(t *testing.T, e interface{ String(string) (string, error) }, s string) string {
	t.Helper()
	out, err := e.String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTextOfEveryEncodingBecomesUTF8(t *testing.T) {
	little := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder()
	big := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder()
	windows := charmap.Windows1252.NewEncoder()
	long := strings.Repeat("plain ASCII, line after line\n", 10_000) + text
	for name, c := range map[string]struct{ in, want string }{
		"nothing":               {"", ""},
		"one letter":            {"a", "a"},
		"UTF-8":                 {text, text},
		"UTF-8 with a mark":     {"\ufeff" + text, text},
		"UTF-16 with a mark":    {encode(t, little, text), text},
		"UTF-16 without one":    {encode(t, big, text), text},
		"Windows-1252":          {encode(t, windows, text), text},
		"accents far behind":    {encode(t, windows, long), long},
		"UTF-8 far behind":      {long, long},
		"an accent at the end":  {"caf\xe9", "café"},
		"a UTF-8 letter at end": {"café", "café"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(c.in), iotest.OneByteReader(strings.NewReader(c.in)), iotest.DataErrReader(strings.NewReader(c.in))} {
				got, err := io.ReadAll(Detect(in))
				if err != nil || string(got) != c.want {
					t.Errorf("got %.100q, %v, want %.100q", got, err, c.want)
				}
			}
		})
	}
}

func TestUnmarkPassesOnWhatIsNotUTF8(t *testing.T) {
	if got, err := io.ReadAll(Unmark(strings.NewReader("a\xffb"))); err != nil || string(got) != "a\xffb" {
		t.Errorf("got %q, %v", got, err)
	}
}

func FuzzDetect(f *testing.F) {
	f.Add([]byte(text))
	f.Add([]byte("\xff\xfea\x00"))
	f.Add([]byte("caf\xe9"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := io.ReadAll(Detect(bytes.NewReader(data)))
		if err != nil {
			t.Fatal(err)
		}
		marked := bytes.HasPrefix(data, []byte("\ufeff"))
		if utf8.Valid(data) && !marked && !bytes.Contains(data, []byte{0}) && !bytes.Equal(got, data) {
			t.Errorf("%q became %q", data, got)
		}
	})
}
