package gates

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
)

// Cut is what a proxy does to the connection whose client says COMMIT.
type Cut int

// The ways.
const (
	nothing      Cut = iota
	BeforeCommit     // the server never hears it
	AfterCommit      // the server does, and the client never hears the answer
	InCopy           // the server hears that rows are to come, and nothing more until the client goes
)

// commit is the simple query "commit" as it passes: its type, its length and its text. (A session that begins says
// "synchronous_commit", without these before it.)
var commit = []byte("Q\x00\x00\x00\x0bcommit\x00")

// copyIn ends the query before rows that are copied.
var copyIn = []byte("from stdin binary")

// Postgres stands between the sink and PostgreSQL. It knows two messages: the simple query "commit" and the one before rows that are
// copied, as pgx sends them.
type Postgres struct {
	listener net.Listener
	server   string

	mu    sync.Mutex
	next  Cut // for the next commit
	conns []net.Conn
}

// NewPostgres opens a gate before the server at host:port, until the test ends.
func NewPostgres(t testing.TB, server string) *Postgres {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Postgres{listener: l, server: server}
	t.Cleanup(p.Close)
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

// Addr is the gate's host:port.
func (p *Postgres) Addr() string { return p.listener.Addr().String() }

// Close shuts the gate, and breaks what passes through it.
func (p *Postgres) Close() {
	_ = p.listener.Close() // a second close is no matter
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
}

// Arm cuts the next commit, or the next copying of rows.
func (p *Postgres) Arm(c Cut) {
	p.mu.Lock()
	p.next = c
	p.mu.Unlock()
}

// Done reports whether the armed cut was made.
func (p *Postgres) Done() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next == nothing
}

// take returns what to do with a message, once.
func (p *Postgres) take(message []byte) Cut {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := commit
	if p.next == InCopy {
		at = copyIn
	}
	if !bytes.Contains(message, at) {
		return nothing
	}
	c := p.next
	p.next = nothing
	return c
}

func (p *Postgres) serve(client net.Conn) {
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
		switch p.take(buf[:n]) {
		case BeforeCommit:
			_ = client.Close()
			return
		case AfterCommit:
			close(mute)
			_, _ = server.Write(buf[:n])
			_, _ = io.ReadFull(client, make([]byte, 1)) // until the other half has closed it
			return
		case InCopy:
			_, _ = server.Write(buf[:n])
			_, _ = io.Copy(io.Discard, client)
			return
		case nothing:
		}
		if _, werr := server.Write(buf[:n]); werr != nil || err != nil {
			return
		}
	}
}
