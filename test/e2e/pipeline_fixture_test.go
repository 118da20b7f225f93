package e2e_test

import (
	"encoding/json"
	"testing"

	"senmeteo/jobs/reconcile"
	"senmeteo/test/program"
)

// pipeline is one test's own topics, database and lake.
type pipeline struct{ program.Pipeline }

func newPipeline(t testing.TB) pipeline {
	t.Helper()
	return pipeline{program.NewPipeline(t)}
}

// settle runs the jobs after the raw topic once, each to its end.
func (p pipeline) settle(t testing.TB) {
	t.Helper()
	for _, verb := range []string{"stream", "to-pg", "to-hdfs"} {
		p.Must(t, verb)
	}
}

// ledger runs `reconcile` and fails the test when they do not balance.
func (p pipeline) ledger(t testing.TB) reconcile.Result {
	t.Helper()
	r := p.Must(t, "reconcile", "--json")
	var ledger reconcile.Result
	if err := json.Unmarshal([]byte(r.Stdout), &ledger); err != nil {
		t.Fatalf("%s: %v\n%s", r, err, r.Output())
	}
	return ledger
}
