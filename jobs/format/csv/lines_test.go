package csv

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

func TestALineThatIsQuotedAsAWholeLosesItsQuotes(t *testing.T) {
	for line, want := range map[string]string{
		"\"a,b\"\r\n":       "a,b\n",
		"  \"a,b\" \n":      "a,b\n",
		`"a,""b, c"""`:      "a,\"b, c\"\n",
		`""`:                "\n",
		`"`:                 `"`,
		`"a","b"`:           `"a","b"`,
		`"a,b`:              `"a,b`,
		`a,b"`:              `a,b"`,
		"a,b\n":             "a,b\n",
		"\"a,\"b\",c\"\r\n": "\"a,\"b\",c\"\r\n",
	} {
		if got := string(unquoteLine([]byte(line))); got != want {
			t.Errorf("%q becomes %q, want %q", line, got, want)
		}
	}
}

func TestRunsOfBlanksBecomeTabs(t *testing.T) {
	for line, want := range map[string][2]string{ // at two blanks, at one
		"a  b c\n":           {"a\tb c\n", "a\tb\tc\n"},
		"  a   b    c  \r\n": {"a\tb\tc\n", "a\tb\tc\n"},
		"a\tb \tc\t":         {"a\tb\tc\n", "a\tb\tc\n"},
		"a":                  {"a\n", "a\n"},
		"\n":                 {"\n", "\n"},
	} {
		two, one := string(partAtTwoBlanks([]byte(line))), string(partAtBlanks([]byte(line)))
		if two != want[0] || one != want[1] {
			t.Errorf("%q becomes %q and %q, want %q", line, two, one, want)
		}
	}
}

func TestOnlyControlCharactersThatTextsHaveAreOfATextBesideZeroBytes(t *testing.T) {
	for _, r := range "\x00\t\n\v\f\r\x1a aé" {
		if isBinary(r) {
			t.Errorf("%q is held for binary", r)
		}
	}
	for _, r := range "\x01\x07\x08\x0e\x19\x1b\x1f\ufffd" {
		if !isBinary(r) {
			t.Errorf("%q is held for text", r)
		}
	}
}

func TestDecimalsAreCountedAfterTheLastSign(t *testing.T) {
	for cell, want := range map[string]int{"": 0, "20": 0, "20.": 0, "20.5": 1, "20,25": 2, ".5": 1, "1,000.25": 2} {
		if got := decimalsOf(cell); got != want {
			t.Errorf("%q has %d decimals, want %d", cell, got, want)
		}
	}
}

func TestWhatNumbersLookLikeIsLearntFromASampleOfLines(t *testing.T) {
	const reason = "its last number is shorter than the others of its column, so that it may be cut off"
	for name, c := range map[string]struct {
		before int
		want   string
	}{
		"the last line of the sample counts":     {shape.SampleRows - 1, ""},
		"a line after the sample does not count": {shape.SampleRows, reason},
	} {
		o := omission{}
		for range c.before {
			o.full([]string{"Dakar", "20.50", "50"})
		}
		o.full([]string{"Dakar", "20.5", "50"})
		if got := o.cut([]string{"Dakar", "20.5"}); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestDecimalsAreCountedInTheFirstColumnsAlone(t *testing.T) {
	cells := strings.Split(strings.Repeat("20.5 ", mostDecimals+1)+"50", " ")
	o := omission{}
	o.full(cells)
	for last, cut := range map[int]bool{mostDecimals - 1: true, mostDecimals: false} {
		short := append(strings.Split(strings.Repeat("20.5 ", last), " ")[:last], "20.")
		if got := o.cut(short); (got != "") != cut {
			t.Errorf("a line of %d cells: got %q, want a reason: %v", len(short), got, cut)
		}
	}
}

func TestTheFirstCellsOfAsManyLinesAreRememberedAsFitIntoMemory(t *testing.T) {
	var data strings.Builder
	data.WriteString("Ville;Date;Temp\n")
	for i := range 2 * maxFirsts {
		data.WriteString("Village " + strconv.Itoa(i) + ";2026-03-01;20\n")
	}
	data.WriteString("Ville;Date;Temp\nRegion;Date;Temp\nDakar;2026-03-01;20\n")
	opened, err := newReader(strings.NewReader(data.String()))
	if err != nil {
		t.Fatal(err)
	}
	r, records := opened.(*reader), 0
	for {
		_, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if records++; err != nil {
			t.Fatal(err)
		}
	}
	if records != 2*maxFirsts+1 || r.Table() != 2 || len(r.firsts) != maxFirsts {
		t.Errorf("%d records in %d tables, %d first cells are remembered", records, r.Table(), len(r.firsts))
	}
}

func TestARowThatTheBeginningOfTheFileCutsDoesNotCount(t *testing.T) {
	long := strings.Repeat("x", beginning)
	opened, err := newReader(strings.NewReader("Note;Date;Temp\n1;x;2026-03-01;20\n2;" + long + ";2026-03-02;21\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if row, err := opened.Next(); err != nil || len(row) != 4 || row[0].Name != "" || row[3].Name != "Temp" {
			t.Fatalf("row %d has %d cells, %v: want the index and three more", i+1, len(row), err)
		}
	}
}

func TestALineThatIsTooLongToBeEditedEndsTheFile(t *testing.T) {
	opened, err := newReader(strings.NewReader("Date Temp Hum\n2026-03-01 20 30\n" + strings.Repeat("2026-03-01 20 30\n", 100) + strings.Repeat("x", beginning+1)))
	for err == nil {
		_, err = opened.Next()
	}
	if !strings.Contains(err.Error(), "a line has more than 262144 bytes") {
		t.Errorf("got %v, want the limit", err)
	}
}

func TestAnOutputThatFailsIsAnErrorOfTheLineOrOfTheEnd(t *testing.T) {
	broken := errors.New("the disk is full")
	o := meteo.Observation{}
	w, err := newWriter(failing{broken})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); !errors.Is(err, broken) || !strings.Contains(err.Error(), "last lines") {
		t.Errorf("closing: got %v", err)
	}
	if w, err = newWriter(failing{broken}); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if err = w.Write(&o); err != nil {
			break
		}
	}
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "a line") {
		t.Errorf("writing: got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestCellsAreKeptUpToALengthAndApartFromEachOther(t *testing.T) {
	for name, cells := range map[string][]string{
		"the longest":           {strings.Repeat("x", maxKept)},
		"two that end the same": {"11", "21"},
	} {
		kept := newValues(1)
		if n := testing.AllocsPerRun(100, func() {
			for _, cell := range cells {
				kept.of(0, cell)
			}
		}); n != 0 {
			t.Errorf("%s: %g allocations", name, n)
		}
	}
	kept, long := newValues(1), strings.Repeat("x", maxKept+1)
	kept.of(0, long)
	for _, v := range kept[0] {
		if v != nil {
			t.Errorf("a long cell is kept: %q", v)
		}
	}
}

func TestAColumnOfNumbersWithDifferentDecimalsShowsNoCut(t *testing.T) {
	for _, numbers := range [][]string{{"20.5", "21.25"}, {"20.25", "21.5"}, {"20", "21.5"}, {"20.5", "21"}, {"20.25", "21.5", "22.5"}} {
		o := omission{}
		for _, number := range numbers {
			o.full([]string{"Dakar", number, "50"})
		}
		if why := o.cut([]string{"Dakar", "22"}); why != "" {
			t.Errorf("after %v: %s", numbers, why)
		}
	}
}
