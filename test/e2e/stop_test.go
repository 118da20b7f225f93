package e2e_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// withinGrace is how long a container engine lets a program end after SIGTERM, less two seconds.
const withinGrace = 8 * time.Second

// terminate sends SIGTERM and waits for the end, which must come within the grace time.
func (r *running) terminate(t testing.TB) result {
	t.Helper()
	if !r.alive() {
		t.Fatalf("senmeteo %s ended before it was told to\n%s", strings.Join(r.args, " "), r.wait(t).output())
	}
	asked := time.Now()
	r.signal(t, syscall.SIGTERM)
	out := r.wait(t)
	if took := time.Since(asked); took > withinGrace {
		t.Errorf("%s ends %v after SIGTERM, want less than %v", out, took, withinGrace)
	}
	return out
}

func TestASIGTERMInTheMiddleEndsEachJobWith143AndNothingIsLost(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	want := p.defectiveMonth(t)
	lakeBegun := func() bool {
		files, err := filepath.Glob(filepath.Join(p.lake, "clean/date=*/*.parquet"))
		return err == nil && len(files) > 0
	}
	for _, job := range []struct {
		verb  string
		batch int
		begun func()
	}{
		{"stream", 100, func() { p.await(t, "clean", 100) }},
		{"to-pg", 100, func() { until(t, func() bool { return p.stored(t) > 0 }) }},
		{"to-hdfs", 200, func() { until(t, lakeBegun) }},
	} {
		r := p.start(t, job.verb, "--batch-records", strconv.Itoa(job.batch))
		job.begun()
		stopped := r.terminate(t)
		report := stopped.report(t)
		if stopped.code != 143 || report.Outcome != "interrupted" || report.Read == 0 {
			t.Errorf("%s exits with %d and outcome %q after %d records, want 143 and interrupted\n%s", stopped, stopped.code, report.Outcome, report.Read, stopped.output())
		}
		if rest := p.must(t, job.verb).report(t); rest.Read == 0 {
			t.Errorf("%s was not stopped in the middle: the next run has nothing to do", stopped)
		}
	}
	compareWithTruth(t, p.books(t), want)
}

func TestASIGTERMWhileAFileIsWrittenLeavesNoFile(t *testing.T) {
	t.Parallel()
	p := program{dir: t.TempDir()}
	r := p.start(t, "fetch", "generate", "--from", "1960-01-01", "--to", "2026-01-01", "--out", "decades.csv")
	until(t, func() bool {
		info, err := os.Stat(filepath.Join(p.dir, "decades.csv.part"))
		return err == nil && info.Size() > 0
	})
	if stopped := r.terminate(t); stopped.code != 143 || stopped.report(t).Outcome != "interrupted" {
		t.Errorf("%s exits with %d, want 143\n%s", stopped, stopped.code, stopped.output())
	}
	if left, err := os.ReadDir(p.dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestOfTwoStreamsAtOnceTheFirstIsFencedAndNothingIsDoubled(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	want := p.defectiveMonth(t)
	first := p.start(t, "stream", "--batch-records", "50")
	p.await(t, "clean", 100)
	second := p.must(t, "stream", "--batch-records", "50000")
	fenced := first.wait(t)
	if fenced.code != 75 || fenced.report(t).Outcome != "try_later" {
		t.Errorf("the first run exits with %d, want 75\n%s", fenced.code, fenced.output())
	}
	if second.report(t).Read == 0 {
		t.Error("the second run had nothing to do: the first was not in the middle")
	}
	p.settle(t)
	compareWithTruth(t, p.books(t), want)
}

func TestTwoWorkersThatFollowShareThePartitionsAndEndWith0AtSIGTERM(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	a, b := p.start(t, "stream", "--follow"), p.start(t, "stream", "--follow")
	loader := p.start(t, "to-pg", "--follow")
	send := func(from, to string) {
		p.must(t, "fetch", "generate", "--from", from, "--to", to, "--seed", "5")
	}
	const day = 14 * 144
	send("2026-01-01", "2026-01-02")
	p.await(t, "clean", day)
	if r := a.terminate(t); r.code != 0 || r.report(t).Outcome == "interrupted" {
		t.Errorf("a worker exits with %d, want 0\n%s", r.code, r.output())
	}
	send("2026-01-02", "2026-01-03")
	p.await(t, "clean", 2*day) // the other worker has taken all partitions
	until(t, func() bool { return p.stored(t) == 2*day })
	for _, r := range []*running{b, loader} {
		if r := r.terminate(t); r.code != 0 || r.report(t).Read == 0 {
			t.Errorf("%s exits with %d after %d records, want 0\n%s", r, r.code, r.report(t).Read, r.output())
		}
	}
	p.must(t, "to-hdfs")
	if books := p.books(t); books.Total.Clean != 2*day || books.Total.Duplicates != 0 {
		t.Errorf("%d clean and %d duplicates, want %d and 0", books.Total.Clean, books.Total.Duplicates, 2*day)
	}
}

// stored counts the observations in PostgreSQL; there are none before the job has made its tables.
func (p pipeline) stored(t testing.TB) int {
	t.Helper()
	if p.psql(t, "SELECT to_regclass('meteo.observation') IS NULL")[0] == "t" {
		return 0
	}
	n, err := strconv.Atoi(p.psql(t, "SELECT count(*) FROM meteo.observation")[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// until waits for something that only can be asked for again and again.
func until(t testing.TB, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(longest)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatal("waited too long")
		}
		time.Sleep(20 * time.Millisecond)
	}
}
