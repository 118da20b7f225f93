package pg_test

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/test/gates"
	"senmeteo/test/servers"
)

// proxied is a database that is reached through a proxy.
type proxied struct {
	database
	proxy *gates.Postgres
}

func newProxied(t testing.TB) proxied {
	t.Helper()
	u, err := url.Parse(servers.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	p := gates.NewPostgres(t, u.Host)
	direct := u.String()
	u.Host = p.Addr()
	return proxied{database{url: u.String(), direct: direct}, p}
}

// P1 and P2: a batch is stored once, whether the connection breaks before COMMIT has arrived or after it.
func TestSinkKeepsTheContractWhenCommitsAreCut(t *testing.T) {
	var mu sync.Mutex
	proxies := map[flow.Sink]*gates.Postgres{}
	arm := func(c gates.Cut) func(t testing.TB, s flow.Sink) {
		return func(t testing.TB, s flow.Sink) {
			mu.Lock()
			defer mu.Unlock()
			p := proxies[s]
			p.Arm(c)
			t.Cleanup(func() {
				if !p.Done() {
					t.Error("no commit has met the fault")
				}
			})
		}
	}
	flowtest.TestSink(t, flowtest.Harness{
		Keeps: flow.LastRevision,
		New: func(t testing.TB) flowtest.Store {
			return tracked{newProxied(t), func(s flow.Sink, p *gates.Postgres) {
				mu.Lock()
				defer mu.Unlock()
				proxies[s] = p
			}}
		},
		Huge: 100,
		Faults: []flowtest.Fault{
			{Name: "the connection breaks before COMMIT arrives", Arm: arm(gates.BeforeCommit)},
			{Name: "the answer to COMMIT is lost", Arm: arm(gates.AfterCommit)},
		},
	})
}

// tracked reports the proxy of each sink that it opens.
type tracked struct {
	proxied
	opened func(flow.Sink, *gates.Postgres)
}

func (d tracked) Open(t testing.TB) flow.Sink {
	s := d.proxied.Open(t)
	d.opened(s, d.proxy)
	return s
}

// PostgreSQL waits without any timeout for a writer that is stopped while it sends rows. Other writers do not wait for it.
func TestAWriterThatIsStoppedInCOPYBlocksNobody(t *testing.T) {
	db := newProxied(t)
	b := func() *flow.Batch {
		return flowtest.Batch(1, 0, flowtest.Observation(1, 1, 1), flowtest.Observation(1, 2, 1))
	}
	sleeper := db.Open(t)
	db.proxy.Arm(gates.InCopy)
	slept := make(chan error, 1)
	go func() {
		_, err := sleeper.Commit(context.Background(), b())
		slept <- err
	}()
	for !db.proxy.Done() {
		select {
		case err := <-slept:
			t.Fatalf("it has nothing to copy: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	rival := database{url: db.direct}.Open(t)
	if out, err := rival.Commit(t.Context(), b()); err != nil || out.Written != 2 {
		t.Errorf("a rival's commit: %+v, %v", out, err)
	}
	db.proxy.Close()
	if err := <-slept; !errors.Is(err, flow.ErrRestart) {
		t.Errorf("the sleeper's commit: %v", err)
	}
}
