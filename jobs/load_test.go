package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
)

// compactable is a store that notes how it was compacted.
type compactable struct {
	flow.Store
	before time.Time
	all    bool
}

func (s *compactable) Compact(_ context.Context, before time.Time, all bool) (flow.Compaction, error) {
	s.before, s.all = before, all
	return flow.Compaction{}, nil
}

func (*compactable) Close() error { return nil }

func TestTheFlagsOfACompactionReachTheStore(t *testing.T) {
	for line, want := range map[string]compactable{
		"--compact --before 2026-02-01":       {before: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)},
		"--compact --before 2026-02-01 --all": {before: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), all: true},
	} {
		s := &compactable{}
		kind := flow.StoreKind{
			Name: "shelf", Usage: "for this test", Compacts: true,
			Open: func(context.Context, flow.StoreConfig) (flow.Store, error) { return s, nil },
		}
		app := newApp([]flow.StoreKind{kind})
		if err := app.Run(append([]string{"senmeteo", "to-shelf"}, strings.Fields(line)...)); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		if s.before != want.before || s.all != want.all {
			t.Errorf("%s: compacted before %s, all: %v, want %s, %v", line, s.before, s.all, want.before, want.all)
		}
	}
}
