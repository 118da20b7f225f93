package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/local"
	"senmeteo/jobs/metrics"
	"senmeteo/jobs/output"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/reconcile"
	"senmeteo/jobs/status"
	"senmeteo/jobs/web"
)

// Config says where everything is kept and what the weather is like.
type Config struct {
	Dir      string // absolute; nothing outside it is written
	Seed     uint64 // equal seeds give equal weather
	Faults   float64
	Stores   []flow.StoreKind // those of which Dir has one are loaded
	Listener net.Listener     // of the page; Run closes it
	Metrics  *metrics.Registry
	Stdout   io.Writer
	Log      *slog.Logger
	Limit    time.Duration          // end after this time, counted from when the page is served, and audit; 0: when the context ends
	Shown    func(healthURL string) // called when the page is served
}

// Ledger is what a run with a Limit ends with.
type Ledger struct {
	*reconcile.Result
	Verdict string // what the truth file says, in a line or two
	Agrees  bool   // with the truth file
}

// Print writes it for people.
func (l *Ledger) Print(out io.Writer) error {
	if err := l.Result.Print(out, false); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, l.Verdict)
	return err
}

// Judge returns the failure of a ledger that does not balance or differs from the truth file; nil when all is well.
func (l *Ledger) Judge() error {
	if l.Balanced && l.Agrees {
		return nil
	}
	return flow.Fail(flow.Negative, "the ledger does not balance: %s", l.FirstProblem())
}

// Run starts everything and ends it, when ctx ends or after the limit; only then there is a Ledger. When ctx ends it stops at once, also while
// it audits: what is on its way to the stores is brought there by the next run. That is a flow.Interrupted where there is a limit.
func Run(ctx context.Context, cfg Config) (_ *Ledger, err error) {
	lock, err := local.AcquireLock(cfg.Dir)
	if err != nil {
		return nil, errors.Join(lockFailure(cfg.Dir, err), cfg.Listener.Close())
	}
	defer func() { _ = lock.Release() }() // the process ends anyway
	r := &run{
		Config: cfg, servers: servers{dir: cfg.Dir, log: cfg.Log},
		feeder: feeder{dir: cfg.Dir, seed: cfg.Seed, faults: cfg.Faults, log: cfg.Log},
	}
	defer func() { err = errors.Join(err, r.servers.stop()) }()
	if err := r.servers.start(ctx); err != nil {
		_ = cfg.Listener.Close() // nobody serves it
		if ctx.Err() != nil {
			return nil, r.stopped(nil)
		}
		return nil, err
	}
	var ledger *Ledger
	if err = r.work(ctx); err == nil && ctx.Err() == nil {
		ledger, err = r.audit(ctx)
	}
	if ctx.Err() != nil && ledger == nil {
		err = r.stopped(err)
	}
	return ledger, err
}

func lockFailure(dir string, err error) error {
	var locked *local.LockedError
	if errors.As(err, &locked) {
		return flow.Fail(flow.TryLater, "%w: stop it, or choose another --data-dir", err)
	}
	return flow.Fail(flow.CantWrite, "using --data-dir %s: %w", dir, err)
}

// run is one call of Run.
type run struct {
	Config
	servers servers
	feeder  feeder
}

// stopped returns the outcome of a run without a Ledger that a signal has ended. err is what it returned: that a call was cut short is not a
// server's fault.
func (r *run) stopped(err error) error {
	class := flow.ClassOf(err)
	switch {
	case err != nil && class != flow.Interrupted && class != flow.Unavailable:
		return err
	case r.Limit == 0:
		return nil
	}
	return flow.Fail(flow.Interrupted, "stopped by a signal before the ledger; nothing is lost, run it again for the rest")
}

// work runs the jobs until ctx ends, the feeder has ended after the limit, or one of them fails.
func (r *run) work(ctx context.Context) error {
	stores, err := r.openStores(ctx)
	if err != nil {
		return errors.Join(err, r.Listener.Close())
	}
	defer func() { _ = pipeline.CloseStores(stores) }() // read only
	counters := &status.Counters{Admin: r.servers.admin, Names: r.servers.topics.Names, Stores: stores}
	r.Metrics.Watch(metrics.Overview{Store: status.Reader(stores), Pipeline: counters, Now: time.Now})
	page, err := web.NewHandler(web.Config{Store: status.Reader(stores), Pipeline: counters, Metrics: r.Metrics.Page(), Logger: r.Log})
	if err != nil {
		return errors.Join(err, r.Listener.Close())
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	all, ctx := errgroup.WithContext(ctx)
	feeding := ctx
	if r.Limit > 0 {
		limited, cancel := context.WithTimeout(ctx, r.Limit)
		defer cancel()
		feeding = limited
	}
	start := func(job func(context.Context) error) {
		all.Go(func() error {
			if err := job(ctx); ctx.Err() == nil {
				return err
			}
			return nil
		})
	}
	start(func(ctx context.Context) error { return web.Serve(ctx, r.Listener, page) })
	r.Shown(web.HealthURL(r.Listener.Addr()))
	start(r.servers.watch)
	start(func(ctx context.Context) error {
		if err := r.feeder.run(ctx, feeding, r.servers.topics); err != nil {
			return err
		}
		end() // its time is over
		return nil
	})
	for _, run := range append(r.loads(), r.stream, r.review) {
		start(func(ctx context.Context) error { _, err := run(ctx, true); return err })
	}
	start(func(context.Context) error {
		if _, err := fmt.Fprintf(r.Stdout, "senmeteo is up: http://%s  (Ctrl-C ends it; the data is in %s)\n", r.Listener.Addr(), r.Dir); err != nil {
			return output.Stdout(err)
		}
		return nil
	})
	return all.Wait()
}

// named are the stores of which there is one here.
func (r *run) named() []pipeline.NamedStore {
	var all []pipeline.NamedStore
	addresses := r.servers.addresses()
	for _, kind := range r.Stores {
		if address, ok := addresses[kind.Address]; ok {
			all = append(all, pipeline.NamedStore{Kind: kind, Settings: flow.Settings{kind.Address: address}})
		}
	}
	return all
}

func (r *run) openStores(ctx context.Context) ([]pipeline.Opened, error) {
	return pipeline.OpenStores(ctx, r.servers.topics, r.servers.admin, "up", r.named())
}

// audit brings what is still on its way to the stores, compares all of them, and the ledger with the truth file.
func (r *run) audit(ctx context.Context) (*Ledger, error) {
	if err := settle(ctx, r.stream, r.review, r.loads()); err != nil {
		return nil, err
	}
	stores, err := r.openStores(ctx)
	if err != nil {
		return nil, err
	}
	l := &Ledger{}
	l.Result, err = reconcile.Audit(ctx, reconcile.Config{Topics: r.servers.topics, Stores: stores})
	if err = errors.Join(err, pipeline.CloseStores(stores)); err != nil {
		return nil, err
	}
	l.Verdict, l.Agrees, err = r.feeder.compare(l.Result)
	return l, err
}
