package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"senmeteo/test/program"
)

// january are the arguments that generate the month of the README's example.
func january(seed int, out string) []string {
	return []string{
		"fetch", "generate", "--from", "2026-01-01T00:00:00Z", "--to", "2026-02-01T00:00:00Z", "--every", "10m",
		"--seed", strconv.Itoa(seed), "--out", out,
	}
}

// monthOfReadings is 14 regions, 31 days, 144 readings a day.
const monthOfReadings = 14 * 31 * 144

func TestAGeneratedMonthIsTheSameByteForByteWithTheSameSeedAndAnotherWithAnotherSeed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, seed := range map[string]int{"a.csv": 7, "again.csv": 7, "other.csv": 8} {
		path := filepath.Join(dir, name)
		if r := (program.Program{}).Must(t, january(seed, path)...); r.Report(t).Written != monthOfReadings {
			t.Errorf("%s reports %d readings, want %d", r, r.Report(t).Written, monthOfReadings)
		}
	}
	a, again, other := read(t, dir, "a.csv"), read(t, dir, "again.csv"), read(t, dir, "other.csv")
	if rows := bytes.Count(a, []byte("\n")) - 1; rows != 62_496 {
		t.Errorf("the file holds %d rows below its header, want 62,496", rows)
	}
	if !bytes.Equal(a, again) {
		t.Error("the same seed gave other bytes")
	}
	if bytes.Equal(a, other) {
		t.Error("another seed gave the same bytes")
	}
}

func TestAMonthThroughAllFormatsIsTheSameByteForByteAsWithoutThem(t *testing.T) {
	t.Parallel()
	p := program.Program{Dir: t.TempDir()}
	p.Must(t, january(7, "month.csv")...)
	p.Must(t, "convert", "month.csv", "straight.jsonl")
	chain := []string{"month.csv", "m.xlsx", "m.xml", "m.yaml", "m.parquet", "m.json", "back.csv", "m.jsonl"}
	for i := range len(chain) - 1 {
		if r := p.Must(t, "convert", chain[i], chain[i+1]); r.Report(t).Written != monthOfReadings {
			t.Fatalf("%s writes %d observations, want %d", r, r.Report(t).Written, monthOfReadings)
		}
	}
	if !bytes.Equal(read(t, p.Dir, "m.jsonl"), read(t, p.Dir, "straight.jsonl")) {
		t.Error("the chain of formats changed something")
	}
	if !bytes.Equal(read(t, p.Dir, "back.csv"), read(t, p.Dir, "month.csv")) {
		t.Error("CSV that came back from the other formats is not the CSV that went in")
	}
	if bytes.Count(read(t, p.Dir, "straight.jsonl"), []byte("Thiès")) != monthOfReadings/14 {
		t.Error("an accent got lost")
	}
}

func read(t testing.TB, elements ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elements...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
