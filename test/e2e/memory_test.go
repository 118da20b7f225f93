package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"senmeteo/test/program"
)

const megabyte = 1 << 20

// within checks the largest resident set of a run.
func within(t *testing.T, r program.Result, bound int64) {
	t.Helper()
	t.Logf("%s: %d MB, %.1f s", r, r.Peak/megabyte, r.Took.Seconds())
	if r.Peak == 0 || r.Peak > bound {
		t.Errorf("%s took %d MB of memory, want less than %d", r, r.Peak/megabyte, bound/megabyte)
	}
}

// withinOfItsOwn checks the largest resident set of a run without that of a run that does nothing, most of which are pages of the program:
// they are shared, and the kernel takes them back when it needs them.
func withinOfItsOwn(t *testing.T, r program.Result, bound int64) {
	t.Helper()
	r.Peak -= program.Program{}.Must(t, "--version").Peak
	within(t, r, bound)
}

// hugeCSV writes a CSV file of 200 MB: the rows of one month again and again.
func hugeCSV(t *testing.T) (path string, rows int64) {
	t.Helper()
	dir := t.TempDir()
	program.Program{}.Must(t, january(7, filepath.Join(dir, "month.csv"))...)
	header, month, _ := bytes.Cut(read(t, dir, "month.csv"), []byte("\n"))
	path = filepath.Join(dir, "huge.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write(append(header, '\n'))
	for written := 0; err == nil && written < 200*megabyte; written += len(month) {
		_, err = f.Write(month)
		rows += monthOfReadings
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path, rows
}

func TestAFileOf200MegabytesIsFetchedWithLessThan100(t *testing.T) {
	path, rows := hugeCSV(t)
	out := filepath.Join(filepath.Dir(path), "out.csv")
	r := program.Program{}.Must(t, "fetch", "file", path, "--out", out)
	if got := r.Report(t).Written; got != rows {
		t.Errorf("%d readings are written, want %d", got, rows)
	}
	within(t, r, 100*megabyte)
}

// sendMonths sends months of readings, each of which is 62,496 on average, and runs `stream`.
func (p pipeline) sendMonths(t *testing.T, months int) (fetch, stream program.Result) {
	t.Helper()
	to := time.Date(2024, time.Month(1+months), 1, 0, 0, 0, 0, time.UTC)
	fetch = p.Must(t, "fetch", "generate", "--from", "2024-01-01", "--to", to.Format(time.DateOnly))
	return fetch, p.Must(t, "stream")
}

func TestToPgHolds300000RecordsWithLessThan250Megabytes(t *testing.T) {
	p := newPipeline(t)
	p.sendMonths(t, 5)
	r := p.Must(t, "to-pg")
	if got := r.Report(t).Read; got < 300_000 {
		t.Errorf("%d records are read, want 300,000 or more", got)
	}
	within(t, r, 250*megabyte)
}
