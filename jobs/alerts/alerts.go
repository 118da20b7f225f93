package alerts

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/gaps"
	"senmeteo/jobs/query"
	"senmeteo/jobs/retry"
)

// Store is where readings and incidents are.
type Store interface {
	query.PresenceReader
	query.IncidentStore
}

// Config says how alerts are looked for and sent.
type Config struct {
	Expect  gaps.Expectations
	Jobs    func(context.Context) ([]query.Stage, error) // counts their records; nil: jobs are not looked at
	Limits  Limits                                       // of the jobs
	Webhook *Webhook                                     // nil: the log alone
	Quiet   Quiet
	Logger  *slog.Logger
	Now     func() time.Time // time.Now
}

// Run looks once: it notes who is silent and how the jobs are, and sends what was opened and closed, unless it is a quiet hour.
func Run(ctx context.Context, store Store, cfg Config) error {
	now := cfg.Now().UTC().Truncate(time.Microsecond) // as PostgreSQL keeps it
	err := errors.Join(noteSilence(ctx, store, now, &cfg), noteJobs(ctx, store, now, &cfg))
	if cfg.Quiet.Holds(now) {
		return err
	}
	return errors.Join(err, store.Send(ctx, cfg.send)) // what is known is sent also when a look has failed
}

func noteSilence(ctx context.Context, store Store, now time.Time, cfg *Config) error {
	muted, err := store.Muted(ctx, now)
	if err != nil {
		return err
	}
	look, err := Silence(ctx, store, now, cfg.Expect, muted)
	if err != nil {
		return err
	}
	return store.Note(ctx, look)
}

func noteJobs(ctx context.Context, store Store, now time.Time, cfg *Config) error {
	if cfg.Jobs == nil {
		return nil
	}
	stages, err := cfg.Jobs(ctx)
	if err != nil {
		return err
	}
	look := query.Look{At: now, Kinds: []string{Lag, DeadLetters}}
	return store.NoteJobs(ctx, look, stages, func(trails []query.Trail) []query.Condition { return cfg.Limits.Judge(now, trails) })
}

// send logs what was opened or closed once a receiver has it.
func (cfg *Config) send(ctx context.Context, i *query.Incident, closing bool) error {
	if cfg.Webhook != nil {
		if err := cfg.Webhook.Send(ctx, i, closing); err != nil {
			return err
		}
	}
	level := slog.LevelWarn
	if closing {
		level = slog.LevelInfo
	}
	cfg.Logger.Log(ctx, level, Text(i, closing), "senmeteo.incident", i.ID, "senmeteo.kind", i.Kind, "senmeteo.subject", i.Subject)
	return nil
}

// Follow looks again and again until the context ends. A look that fails is logged; the next one makes up for it, but for one that can't
// succeed because of how the job was started.
func Follow(ctx context.Context, store Store, cfg Config, pause time.Duration) error {
	for {
		err := Run(ctx, store, cfg)
		switch {
		case ctx.Err() != nil:
			return flow.Fail(flow.Interrupted, "stopped: %w", ctx.Err())
		case flow.ClassOf(err) == flow.Usage:
			return err
		case err != nil:
			cfg.Logger.Error(err.Error())
		}
		if err := retry.Sleep(ctx, pause); err != nil {
			return flow.Fail(flow.Interrupted, "stopped: %w", err)
		}
	}
}

// Quiet are hours of the day, UTC, in which nothing is sent; they may cross midnight. The zero Quiet is none.
type Quiet struct{ from, to time.Duration }

// ParseQuiet reads "22:00-06:00"; "" is none.
func ParseQuiet(text string) (Quiet, error) {
	if text == "" {
		return Quiet{}, nil
	}
	from, to, _ := strings.Cut(text, "-")
	begin, err := time.Parse("15:04", from)
	end, err2 := time.Parse("15:04", to)
	if err != nil || err2 != nil || begin.Equal(end) {
		return Quiet{}, flow.Fail(flow.Usage, "--quiet is %q: write two times of day, UTC, like 22:00-06:00", text)
	}
	return Quiet{sinceMidnight(begin), sinceMidnight(end)}, nil
}

// Holds reports whether t is in these hours.
func (q Quiet) Holds(t time.Time) bool {
	at := sinceMidnight(t.UTC())
	if q.from <= q.to {
		return at >= q.from && at < q.to
	}
	return at >= q.from || at < q.to
}

func sinceMidnight(t time.Time) time.Duration { return t.Sub(t.Truncate(gaps.Day)) }
