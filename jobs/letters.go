package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
)

// letterFlags choose dead letters.
func letterFlags() []cli.Flag {
	return flags([]cli.Flag{
		&cli.StringFlag{Name: "reason", EnvVars: env("reason"), Usage: "only letters of this reason code"},
		&cli.StringFlag{Name: "stage", EnvVars: env("stage"), Usage: "only letters that this job refused: stream, to-pg, ..."},
	}, windowFlags("only letters that were written at this `TIME` or later", "only letters that were written before this `TIME`"), []cli.Flag{
		&cli.IntFlag{Name: "limit", EnvVars: env("limit"), Usage: "at most this many (default: all)"},
	})
}

// letterFilter is what these flags say.
type letterFilter struct {
	reason   meteo.Reason
	stage    string
	from, to time.Time
	limit    int // 0: no limit
}

func letterFilterOf(c *cli.Context) (letterFilter, error) {
	f := letterFilter{reason: meteo.Reason(c.String("reason")), stage: c.String("stage"), limit: c.Int("limit")}
	if f.reason != "" && !slices.Contains(meteo.Reasons[:], f.reason) {
		return f, flow.Fail(flow.Usage, "--reason is %q; there are: %s", f.reason, joined(meteo.Reasons[:]))
	}
	if f.limit < 0 {
		return f, flow.Fail(flow.Usage, "--limit can't be negative")
	}
	var err error
	f.from, f.to, err = window(c)
	return f, err
}

func (f *letterFilter) wants(l *kafka.DeadLetter, written time.Time) bool {
	return (f.reason == "" || l.Reason == f.reason) && (f.stage == "" || l.Stage == f.stage) && (f.to.IsZero() || written.Before(f.to))
}

// letterBox reads the dead-letter topic.
type letterBox struct {
	admin      *kafka.Admin
	history    *kafka.History
	partitions []int32
}

// openLetterBox connects. Stable waits for letters that an open transaction hides, so that no mark of a replay is overlooked.
func openLetterBox(ctx context.Context, cfg kafka.Config, names kafka.Names, stable bool) (*letterBox, error) {
	b := &letterBox{}
	var err error
	if b.admin, err = kafka.NewAdmin(cfg); err != nil {
		return nil, err
	}
	if b.history, err = kafka.NewHistory(ctx, cfg, b.admin, names.DLQ()); err != nil {
		b.admin.Close()
		return nil, err
	}
	look := b.admin.Bounds
	if stable {
		look = b.admin.StableBounds
	}
	bounds, err := look(ctx, b.history.Topic())
	if err != nil {
		b.close()
		return nil, err
	}
	b.partitions = slices.Sorted(maps.Keys(bounds))
	return b, nil
}

func (b *letterBox) close() {
	_ = b.history.Close() // read only
	b.admin.Close()
}

// foundLetter is a dead letter in its box.
type foundLetter struct {
	kafka.DeadLetter
	record   *flow.Record
	replayed bool // it was sent back already
}

// errEnough ends the reading of letters: it is no failure.
var errEnough = errors.New("enough letters")

// each calls with the letters that the filter wants, each identity once, the oldest of each partition first, until errEnough. A
// partition is read twice: the mark that a letter was sent back stands behind it.
func (b *letterBox) each(ctx context.Context, f letterFilter, call func(*foundLetter) error) error {
	for _, p := range b.partitions {
		done := map[kafka.DeadLetterID]bool{} // sent back, or seen
		err := b.history.Since(ctx, p, f.from, func(r *flow.Record) error {
			if l := kafka.ReadDeadLetter(r); l.Replayed {
				done[l.ID()] = true
			}
			return nil
		})
		if err != nil {
			return err
		}
		seen := map[kafka.DeadLetterID]bool{}
		err = b.history.Since(ctx, p, f.from, func(r *flow.Record) error {
			l := kafka.ReadDeadLetter(r)
			id := l.ID()
			if l.Replayed || seen[id] || !f.wants(&l, r.Time) {
				return nil
			}
			seen[id] = true
			return call(&foundLetter{DeadLetter: l, record: r, replayed: done[id]})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
