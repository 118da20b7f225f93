package pipeline_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/pipeline"
)

// prunable is a store that notes how it was pruned.
type prunable struct {
	flow.Store
	before time.Time
	closed bool
}

func (s *prunable) Prune(_ context.Context, before time.Time) (flow.Pruned, error) {
	s.before = before
	return flow.Pruned{Months: []string{"2024-01"}, Observations: 3}, nil
}

func (s *prunable) Close() error {
	s.closed = true
	return nil
}

func TestOnlyWhatTopicsNoLongerHoldIsPruned(t *testing.T) {
	now := time.Now()
	for name, c := range map[string]struct {
		before time.Time
		want   bool
	}{
		"no day at all":         {time.Time{}, false},
		"tomorrow":              {now.AddDate(0, 0, 1), false},
		"a month ago":           {now.AddDate(0, 0, -30), false},
		"the day before enough": {now.AddDate(0, 0, -pipeline.KeptDays+1), false},
		"long enough ago":       {now.AddDate(0, 0, -pipeline.KeptDays).Add(-time.Minute), true},
	} {
		s := &prunable{}
		kind := flow.StoreKind{Name: "shelf", Open: func(context.Context, flow.StoreConfig) (flow.Store, error) { return s, nil }}
		report, err := pipeline.Prune(t.Context(), kind, flow.StoreConfig{Job: "to-shelf", Logger: slog.New(slog.DiscardHandler)}, c.before)
		if c.want && (err != nil || report.Read != 3 || report.Job != "to-shelf" || !s.before.Equal(c.before) || !s.closed) {
			t.Errorf("%s: %+v, %v; the store is %+v", name, report, err, s)
		}
		if !c.want && (flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), "--before") || s.closed) {
			t.Errorf("%s: %v (%s)", name, err, flow.ClassOf(err))
		}
	}
}
