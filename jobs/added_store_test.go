package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"senmeteo/jobs/flow/flowtest/memory"
	"senmeteo/test/servers"
)

// A store that is added to the list, and nowhere else, is loaded, audited and shown: the jobs, `reconcile`, `status` and `up` know
// stores by the list alone.
func TestAStoreIsAddedByOneLine(t *testing.T) {
	db := memory.NewDatabase(memory.None)
	kinds := append(stores(), db.Kind())
	for _, kind := range stores() {
		t.Setenv(env(kind.Address)[0], "") // the stores of other tests are not asked
	}
	common := []string{"--brokers", servers.Brokers(t), "--topic-prefix", servers.TopicPrefix(t)}
	senmeteo := func(args ...string) string {
		t.Helper()
		app := newApp(kinds)
		var out bytes.Buffer
		app.Writer = &out
		if err := app.RunContext(t.Context(), append(append([]string{"senmeteo"}, args...), common...)); err != nil {
			t.Fatalf("senmeteo %s: %v\n%s", strings.Join(args, " "), err, out.String())
		}
		return out.String()
	}
	senmeteo("topics", "--partitions", "2")
	senmeteo("fetch", "generate", "--from", "2026-03-01", "--to", "2026-03-02", "--every", "1h")
	senmeteo("stream")
	senmeteo("to-memory", "--memory-url", "memory:")
	if n := len(db.Rows()); n != 14*24 {
		t.Errorf("the store holds %d observations, want %d", n, 14*24)
	}
	var audited struct {
		Balanced bool
		Tallies  []struct {
			Name         string
			Observations int64
		}
	}
	if err := json.Unmarshal([]byte(senmeteo("reconcile", "--json", "--memory-url", "memory:")), &audited); err != nil {
		t.Fatal(err)
	}
	if n := len(audited.Tallies); !audited.Balanced || n != 2 || audited.Tallies[1].Name != "memory" || audited.Tallies[1].Observations != 14*24 {
		t.Errorf("reconcile says %+v", audited)
	}
	if got := senmeteo("status", "--memory-url", "memory:"); !strings.Contains(got, "to-memory") || !strings.Contains(got, "0 behind") {
		t.Errorf("status does not show the store:\n%s", got)
	}
}
