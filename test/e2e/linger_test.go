package e2e_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"senmeteo/test/program"
)

// Each commit of the lake is a file of each day and some changes at the NameNode: a worker that follows waits for a minute until it
// has more, unless a batch is full or it is told otherwise.
func TestTheLakesWorkerWaitsForALargerBatch(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	commits := func() int {
		entries, err := filepath.Glob(filepath.Join(p.Lake, "clean", "_log", "p=*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	minute := 0
	send := func(n int) {
		t.Helper()
		for range n {
			minute++
			p.Produce(t, dakar(fmt.Sprintf(`{"region":"Dakar","datetime":"2026-03-01T12:%02d:00Z","temperature":24.5}`, minute)))
		}
		p.Must(t, "stream")
	}
	follow := func(flags ...string) *program.Running {
		return p.Start(t, append([]string{"to-hdfs", "--follow"}, flags...)...)
	}
	p.Must(t, "to-pg") // makes the tables
	send(1)
	waiting := follow()
	pg := p.Start(t, "to-pg", "--follow") // does not wait
	program.Until(t, func() bool { return p.Psql(t, "SELECT count(*) FROM meteo.observation")[0] == "1" })
	time.Sleep(2 * time.Second)
	if n := commits(); n != 0 {
		t.Errorf("the lake has %d commits when PostgreSQL has the reading for 2 s, want none yet", n)
	}
	for _, r := range []*program.Running{waiting, pg} {
		if r := r.Terminate(t); r.Code != 0 {
			t.Errorf("%s exits with %d\n%s", r, r.Code, r.Output())
		}
	}
	if n := commits(); n != 0 {
		t.Errorf("the lake has %d commits when its worker was stopped, want none: what was only read is read again", n)
	}

	quick := follow("--linger", "100ms")
	program.Until(t, func() bool { return commits() > 0 })
	quick.Terminate(t)

	before, began := commits(), time.Now()
	full := follow("--batch-records", "5")
	send(5)
	program.Until(t, func() bool { return commits() > before })
	if took := time.Since(began); took > 50*time.Second {
		t.Errorf("a batch that is full took %v", took)
	}
	full.Terminate(t)

	p.settle(t)
	p.ledger(t)
	if r := p.Run(t, "to-hdfs", "--follow", "--linger", "-1s"); r.Code != 64 {
		t.Errorf("%s exits with %d, want 64\n%s", r, r.Code, r.Output())
	}
}
