package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

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
	Limit    time.Duration          // end after this time, and audit; 0: when the context ends
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

// Run starts everything and ends it, when ctx ends or after the limit; only then there is a Ledger.
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
			return nil, nil // the user said stop
		}
		return nil, err
	}
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	if cfg.Limit > 0 {
		work, cancel = context.WithTimeout(ctx, cfg.Limit)
		defer cancel()
	}
	if err := r.work(work); err != nil {
		return nil, err
	}
	if cfg.Limit == 0 || ctx.Err() != nil {
		return nil, nil
	}
	return r.audit(ctx)
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

// work runs the jobs until ctx ends or one of them fails.
func (r *run) work(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
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
	var all sync.WaitGroup
	start := func(job func(context.Context) error) {
		all.Go(func() {
			if err := job(ctx); err != nil && ctx.Err() == nil {
				cancel(err)
			}
		})
	}
	start(func(ctx context.Context) error { return web.Serve(ctx, r.Listener, page) })
	r.Shown(web.HealthURL(r.Listener.Addr()))
	start(r.servers.watch)
	start(func(ctx context.Context) error { return r.feeder.run(ctx, r.servers.topics) })
	for _, run := range append(r.loads(), r.stream, r.review) {
		start(func(ctx context.Context) error { _, err := run(ctx, true); return err })
	}
	if _, err := fmt.Fprintf(r.Stdout, "senmeteo is up: http://%s  (Ctrl-C ends it; the data is in %s)\n", r.Listener.Addr(), r.Dir); err != nil {
		cancel(output.Stdout(err))
	}
	<-ctx.Done()
	all.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) && !errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	return nil
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
