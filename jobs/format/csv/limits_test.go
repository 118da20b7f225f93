package csv_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"senmeteo/jobs/format"
	"senmeteo/jobs/format/csv"
)

func open(t *testing.T, data string) (format.Reader, error) {
	t.Helper()
	return csv.Format().NewReader(strings.NewReader(data))
}

func TestALineOfNamesHasAsManyColumnsAsASpreadsheetAndNoMore(t *testing.T) {
	const most = 16_384
	names := func(columns int) string { return "Date,Temp" + strings.Repeat(",x", columns-2) + "\n" }
	if _, err := open(t, names(most)); err != nil {
		t.Errorf("%d columns: %v", most, err)
	}
	if _, err := open(t, names(most+1)); err == nil || !strings.Contains(err.Error(), "16385 columns") {
		t.Errorf("%d columns: got %v, want how many there are", most+1, err)
	}
}

func TestAnInputThatFailsAtOnceIsNotAnEmptyFile(t *testing.T) {
	broken := errors.New("the disk is broken")
	_, err := csv.Format().NewReader(failing{broken})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "first line") {
		t.Errorf("got %v, want the error of the first line", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestAZeroByteAtTheVeryStartIsFound(t *testing.T) {
	if _, err := open(t, "\x00Date,Temp,Ville\n2026-03-01,20,Dakar\n"); err == nil || !strings.Contains(err.Error(), "text file") {
		t.Errorf("got %v, want that it is not a text file", err)
	}
}

func TestOfSeparatorsThatFitEquallyWellTheUsualOneIsTaken(t *testing.T) {
	r, err := open(t, "Date,Temp,Ville\n2026-03-01,20,Dakar\nDate;Temp;Ville\n")
	if err != nil {
		t.Fatal(err)
	}
	if row, err := r.Next(); err != nil || len(row) != 3 || row[2].Value != "Dakar" {
		t.Errorf("the first record is %v, %v", row, err)
	}
}

func TestTheLineThatEndsAFileIsTheOneAfterTheLast(t *testing.T) {
	r, err := open(t, "Date,Temp,Ville\n2026-03-01,20,Dakar\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err != nil || r.Position() != "line 2" {
		t.Fatalf("the first record is at %s, %v", r.Position(), err)
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) || r.Position() != "line 3" {
		t.Errorf("the end is at %s, %v", r.Position(), err)
	}
}
