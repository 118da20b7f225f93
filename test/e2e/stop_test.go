package e2e_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"senmeteo/test/program"
)

func TestASIGTERMWhileAFileIsWrittenLeavesNoFile(t *testing.T) {
	t.Parallel()
	p := program.Program{Dir: t.TempDir()}
	r := p.Start(t, "fetch", "generate", "--from", "1960-01-01", "--to", "2026-01-01", "--out", "decades.csv")
	program.Until(t, func() bool {
		unfinished, err := filepath.Glob(filepath.Join(p.Dir, ".decades.csv*"))
		if err != nil || len(unfinished) == 0 {
			return false
		}
		info, err := os.Stat(unfinished[0])
		return err == nil && info.Size() > 0
	})
	if stopped := r.Terminate(t); stopped.Code != 143 || stopped.Report(t).Outcome != "interrupted" {
		t.Errorf("%s exits with %d, want 143\n%s", stopped, stopped.Code, stopped.Output())
	}
	if left, err := os.ReadDir(p.Dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestTwoWorkersThatFollowShareThePartitionsAndEndWith0AtSIGTERM(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	a, b := p.Start(t, "stream", "--follow"), p.Start(t, "stream", "--follow")
	loader := p.Start(t, "to-pg", "--follow")
	send := func(from, to string) {
		p.Must(t, "fetch", "generate", "--from", from, "--to", to, "--seed", "5")
	}
	const day = 14 * 144
	send("2026-01-01", "2026-01-02")
	p.AwaitRecords(t, "clean", day)
	if r := a.Terminate(t); r.Code != 0 || r.Report(t).Outcome == "interrupted" {
		t.Errorf("a worker exits with %d, want 0\n%s", r.Code, r.Output())
	}
	send("2026-01-02", "2026-01-03")
	p.AwaitRecords(t, "clean", 2*day) // the other worker has taken all partitions
	program.Until(t, func() bool { return p.stored(t) == 2*day })
	for _, r := range []*program.Running{b, loader} {
		if r := r.Terminate(t); r.Code != 0 || r.Report(t).Read == 0 {
			t.Errorf("%s exits with %d after %d records, want 0\n%s", r, r.Code, r.Report(t).Read, r.Output())
		}
	}
	p.Must(t, "to-hdfs")
	if ledger := p.ledger(t); ledger.Total.Clean != 2*day || ledger.Total.Duplicates != 0 {
		t.Errorf("%d clean and %d duplicates, want %d and 0", ledger.Total.Clean, ledger.Total.Duplicates, 2*day)
	}
}

// stored counts the observations in PostgreSQL; there are none before the job has made its tables.
func (p pipeline) stored(t testing.TB) int {
	t.Helper()
	if p.Psql(t, "SELECT to_regclass('meteo.observation') IS NULL")[0] == "t" {
		return 0
	}
	n, err := strconv.Atoi(p.Psql(t, "SELECT count(*) FROM meteo.observation")[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
