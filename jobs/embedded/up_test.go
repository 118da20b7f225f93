package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/metrics"
	"senmeteo/jobs/sink/pg"
	"senmeteo/jobs/web"
	"senmeteo/test/program"
)

// page is the listener of a run's page, which is closed when its time is over.
type page struct {
	net.Listener
	closed atomic.Bool
}

// Close implements net.Listener.
func (p *page) Close() error {
	p.closed.Store(true)
	return p.Listener.Close()
}

func TestHowARunEndsThatIsStoppedOrFails(t *testing.T) {
	dir := filepath.Join(program.OpenFolder(t), "data")
	for _, c := range []struct {
		name  string
		limit time.Duration
		shown func(stop func())
		load  func(ctx context.Context, stop func()) error // called when the load of PostgreSQL is opened; where there is a limit, after it
		want  string                                       // a part of the error; "": there is none
		class flow.Class
	}{
		{"a signal ends a run without a limit", 0, func(stop func()) { stop() }, nil, "", 0},
		{"a signal comes before the limit", time.Hour, func(stop func()) { stop() }, nil, "run it again", flow.Interrupted},
		{"a signal comes while the run settles, and the load reports that its server does not answer", time.Millisecond, nil, func(ctx context.Context, stop func()) error {
			stop()
			return flow.Fail(flow.Unavailable, "no answer: %w", ctx.Err())
		}, "run it again", flow.Interrupted},
		{"a disk is full when the signal comes", time.Millisecond, nil, func(_ context.Context, stop func()) error {
			stop()
			return flow.Fail(flow.CantWrite, "the disk is full")
		}, "the disk is full", flow.CantWrite},
		{"a load gives up on a server that is too slow", 0, nil, func(context.Context, func()) error {
			return fmt.Errorf("loading: %w", context.DeadlineExceeded)
		}, "loading", flow.Unavailable},
		{"a load fails after the limit", time.Millisecond, nil, func(context.Context, func()) error {
			return errors.New("a defect")
		}, "a defect", flow.Defect},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			listener, err := web.Listen("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			listens := &page{Listener: listener}
			kind := pg.Kind()
			open := kind.Open
			kind.Open = func(ctx context.Context, cfg flow.StoreConfig) (flow.Store, error) {
				settles := listens.closed.Load() && ctx.Err() == nil
				if c.load != nil && !cfg.ReadOnly && (c.limit == 0 || settles) {
					if err := c.load(ctx, stop); err != nil {
						return nil, err
					}
				}
				return open(ctx, cfg)
			}
			ledger, err := Run(ctx, Config{
				Dir: dir, Seed: 1, Stores: []flow.StoreKind{kind}, Listener: listens, Metrics: metrics.New("test"),
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
