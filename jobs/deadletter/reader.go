package deadletter

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"senmeteo/jobs/deadletter/letter"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/pipeline"
)

// Filter chooses dead letters. The zero value of a field is not a limit.
type Filter struct {
	Reason   meteo.Reason
	Stage    string    // the job that refused them
	From, To time.Time // when they were written, To not included
	Limit    int
}

func (f *Filter) wants(l *letter.Letter, written time.Time) bool {
	return (f.Reason == "" || l.Reason == f.Reason) && (f.Stage == "" || l.Stage == f.Stage) && (f.To.IsZero() || written.Before(f.To))
}

// reader reads the dead-letter topic.
type reader struct {
	admin      *kafka.Admin
	history    *kafka.History
	partitions []int32
}

// open connects. Stable waits for letters that an open transaction hides, so that no mark of a replay is overlooked.
func open(ctx context.Context, t pipeline.Topics, stable bool) (*reader, error) {
	r := &reader{}
	var err error
	if r.admin, err = kafka.NewAdmin(t.Kafka); err != nil {
		return nil, err
	}
	if r.history, err = kafka.NewHistory(ctx, t.Kafka, r.admin, t.Names.DLQ()); err != nil {
		r.admin.Close()
		return nil, err
	}
	look := r.admin.Bounds
	if stable {
		look = r.admin.StableBounds
	}
	bounds, err := look(ctx, r.history.Topic())
	if err != nil {
		r.close()
		return nil, err
	}
	r.partitions = slices.Sorted(maps.Keys(bounds))
	return r, nil
}

func (r *reader) close() {
	_ = r.history.Close() // read only
	r.admin.Close()
}

// found is a dead letter as the topic holds it.
type found struct {
	letter.Letter
	record   flow.Record
	replayed bool // it was replayed
}

// errEnough ends the reading of letters: it is not a failure.
var errEnough = errors.New("enough letters")

// each calls with the letters that the filter wants, each identity once, the oldest of each partition first, until errEnough. A
// partition is read twice: the mark that a letter was replayed comes after it.
func (r *reader) each(ctx context.Context, f Filter, call func(*found) error) error {
	for _, p := range r.partitions {
		done := map[letter.ID]bool{} // replayed
		err := r.history.Since(ctx, p, f.From, func(rec *flow.Record) error {
			if l := letter.Read(rec); l.Replayed {
				done[l.ID()] = true
			}
			return nil
		})
		if err != nil {
			return err
		}
		seen := map[letter.ID]bool{}
		err = r.history.Since(ctx, p, f.From, func(rec *flow.Record) error {
			l := letter.Read(rec)
			id := l.ID()
			if l.Replayed || seen[id] || !f.wants(&l, rec.Time) {
				return nil
			}
			seen[id] = true
			return call(&found{Letter: l, record: *rec, replayed: done[id]})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
