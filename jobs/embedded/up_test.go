package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/metrics"
	"senmeteo/jobs/sink/pg"
	"senmeteo/jobs/web"
	"senmeteo/test/program"
)

// settles reports whether a job that loads a store with this context is one of those after the limit.
func settles(ctx context.Context) bool {
	_, limited := ctx.Deadline()
	return !limited
}

func TestHowARunEndsThatIsStoppedOrFails(t *testing.T) {
	dir := filepath.Join(program.OpenFolder(t), "data")
	for _, c := range []struct {
		name  string
		limit time.Duration
		shown func(stop func())
		load  func(ctx context.Context, stop func()) error // called when the load of PostgreSQL is opened
		want  string                                       // a part of the error; "": there is none
		class flow.Class
	}{
		{"a signal ends a run without a limit", 0, func(stop func()) { stop() }, nil, "", 0},
		{"a signal comes before the limit", time.Hour, func(stop func()) { stop() }, nil, "run it again", flow.Interrupted},
		{"a signal comes while the run settles, and the load reports that its server does not answer", time.Millisecond, nil, func(ctx context.Context, stop func()) error {
			if !settles(ctx) {
				return nil
			}
			stop()
			return flow.Fail(flow.Unavailable, "no answer: %w", ctx.Err())
		}, "run it again", flow.Interrupted},
		{"a disk is full when the signal comes", time.Millisecond, nil, func(ctx context.Context, stop func()) error {
			if !settles(ctx) {
				return nil
			}
			stop()
			return flow.Fail(flow.CantWrite, "the disk is full")
		}, "the disk is full", flow.CantWrite},
		{"a load gives up on a server that is too slow", 0, nil, func(context.Context, func()) error {
			return fmt.Errorf("loading: %w", context.DeadlineExceeded)
		}, "loading", flow.Unavailable},
		{"a load fails after the limit", time.Millisecond, nil, func(ctx context.Context, _ func()) error {
			if !settles(ctx) {
				return nil
			}
			return errors.New("a defect")
		}, "a defect", flow.Defect},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			kind := pg.Kind()
			open := kind.Open
			kind.Open = func(ctx context.Context, cfg flow.StoreConfig) (flow.Store, error) {
				if c.load != nil && !cfg.ReadOnly {
					if err := c.load(ctx, stop); err != nil {
						return nil, err
					}
				}
				return open(ctx, cfg)
			}
			listener, err := web.Listen("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ledger, err := Run(ctx, Config{
				Dir: dir, Seed: 1, Stores: []flow.StoreKind{kind}, Listener: listener, Metrics: metrics.New("test"),
				Stdout: io.Discard, Log: slog.New(slog.DiscardHandler), Limit: c.limit,
				Shown: func(string) {
					if c.shown != nil {
						c.shown(stop)
					}
				},
			})
			if ledger != nil {
				t.Errorf("there is a ledger: %+v", ledger)
			}
			if (err == nil) != (c.want == "") || err != nil && (flow.ClassOf(err) != c.class || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("Run returned %v (%v), want %q (%v)", err, flow.ClassOf(err), c.want, c.class)
			}
		})
	}
}
