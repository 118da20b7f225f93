package synop

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/want.txt")

// The lines of testdata/corpus.txt were composed after WMO-No. 306 and decoded by an independent decoder as well
// (pymetdecoder 0.2.2).
func TestCorpusIsDecodedAsBefore(t *testing.T) {
	lines, err := os.ReadFile("testdata/corpus.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for line := range strings.Lines(string(lines)) {
		r, err := DecodeLine(line)
		if err != nil {
			got.WriteString(err.Error() + "\n")
			continue
		}
		got.WriteString(r.WMO + " " + r.ObservedAt.Format("2006-01-02T15Z") + " " + show(r) + "\n")
	}
	if *update {
		if err := os.WriteFile("testdata/want.txt", []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/want.txt")
	if err != nil {
		t.Fatal(err)
	}
	wanted := strings.Split(string(want), "\n")
	for i, line := range strings.Split(got.String(), "\n") {
		if i >= len(wanted) || line != wanted[i] {
			t.Errorf("line %d: got %s", i+1, line)
		}
	}
}
