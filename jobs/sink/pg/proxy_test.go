package pg_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/test/servers"
)

// cut is what a proxy does to the connection whose client says COMMIT.
type cut int

const (
	nothing      cut = iota
	beforeCommit     // the server never hears it
	afterCommit      // the server does, and the client never hears the answer
)

// proxy stands between the sink and PostgreSQL. It knows one message: the simple query "commit", which pgx sends.
type proxy struct {
	listener net.Listener
	server   string

	mu    sync.Mutex
	next  cut // for the next commit
	conns []net.Conn
}

func startProxy(t testing.TB, server string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, server: server}
	t.Cleanup(p.close)
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return // closed
			}
			go p.serve(client)
		}
	}()
	return p
}

func (p *proxy) close() {
	_ = p.listener.Close() // a second close is no matter
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
}

// arm cuts the next commit.
func (p *proxy) arm(c cut) {
	p.mu.Lock()
	p.next = c
	p.mu.Unlock()
}

// take returns what to do with a commit, once.
func (p *proxy) take() cut {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.next
	p.next = nothing
	return c
}

func (p *proxy) serve(client net.Conn) {
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		_ = client.Close()
		return
	}
	p.mu.Lock()
	p.conns = append(p.conns, client, server)
	p.mu.Unlock()
	mute := make(chan struct{}) // closed: the client hears nothing more
	go func() {
		defer func() { _ = client.Close() }()
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			select {
			case <-mute:
				return // the answer to COMMIT ends here
			default:
			}
			if n > 0 {
				if _, err := client.Write(buf[:n]); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	defer func() { _ = server.Close() }()
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if bytes.Contains(buf[:n], []byte("commit\x00")) {
			switch p.take() {
			case beforeCommit:
				_ = client.Close()
				return
			case afterCommit:
				close(mute)
				_, _ = server.Write(buf[:n])
				_, _ = io.ReadFull(client, make([]byte, 1)) // until the other half has closed it
				return
			case nothing:
			}
		}
		if _, werr := server.Write(buf[:n]); werr != nil || err != nil {
			return
		}
	}
}

// proxied is a database that is reached through a proxy.
type proxied struct {
	database
	proxy *proxy
}

func newProxied(t testing.TB) proxied {
	t.Helper()
	u, err := url.Parse(servers.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	p := startProxy(t, u.Host)
	direct := u.String()
	u.Host = p.listener.Addr().String()
	return proxied{database{url: u.String(), direct: direct}, p}
}

// P1 and P2: a batch is stored once, whether the connection breaks before COMMIT has arrived or after it.
func TestSinkKeepsTheContractWhenCommitsAreCut(t *testing.T) {
	var mu sync.Mutex
	proxies := map[flow.Sink]*proxy{}
	arm := func(c cut) func(t testing.TB, s flow.Sink) {
		return func(_ testing.TB, s flow.Sink) {
			mu.Lock()
			defer mu.Unlock()
			proxies[s].arm(c)
		}
	}
	flowtest.TestSink(t, flowtest.Harness{
		New: func(t testing.TB) flowtest.Store {
			return tracked{newProxied(t), func(s flow.Sink, p *proxy) {
				mu.Lock()
				defer mu.Unlock()
				proxies[s] = p
			}}
		},
		Huge: 100,
		Faults: []flowtest.Fault{
			{Name: "the connection breaks before COMMIT arrives", Arm: arm(beforeCommit)},
			{Name: "the answer to COMMIT is lost", Arm: arm(afterCommit)},
		},
	})
}

// tracked tells which proxy a sink speaks through.
type tracked struct {
	proxied
	opened func(flow.Sink, *proxy)
}

func (d tracked) Open(t testing.TB) flow.Sink {
	s := d.proxied.Open(t)
	d.opened(s, d.proxy)
	return s
}
