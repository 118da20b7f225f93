package hdfs

import (
	"context"
	"net"
	"sync"
	"time"

	client "github.com/colinmarc/hdfs/v2"
)

// session is a client with its connections. The client has neither contexts nor timeouts: the session gives each read
// and write a deadline, and abort ends whatever is waiting.
type session struct {
	client  *client.Client
	timeout time.Duration
	life    context.Context // ends with the session
	end     context.CancelFunc

	mu    sync.Mutex
	conns map[*timedConn]bool // true for those to a NameNode
	ended bool                // aborted, or a connection to the NameNode has failed
}

// newSession connects a client.
func newSession(ctx context.Context, addresses []string, user string, timeout time.Duration) (*session, error) {
	s := &session{timeout: timeout, conns: map[*timedConn]bool{}}
	s.life, s.end = context.WithCancel(context.Background())
	stop := context.AfterFunc(ctx, s.abort)
	defer stop()
	dial := func(toNameNode bool) func(context.Context, string, string) (net.Conn, error) {
		return func(_ context.Context, network, address string) (net.Conn, error) {
			return s.dial(network, address, toNameNode)
		}
	}
	var err error
	s.client, err = client.NewClient(client.ClientOptions{
		Addresses: addresses, User: user, NamenodeDialFunc: dial(true), DatanodeDialFunc: dial(false),
	})
	if err != nil {
		s.abort()
		return nil, err
	}
	return s, nil
}

func (s *session) dial(network, address string, toNameNode bool) (net.Conn, error) {
	dialer := net.Dialer{Timeout: s.timeout}
	conn, err := dialer.DialContext(s.life, network, address)
	if err != nil {
		return nil, err
	}
	c := &timedConn{Conn: conn, session: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	s.conns[c] = toNameNode
	return c, nil
}

// abort closes all connections, so that whatever waits for one fails.
func (s *session) abort() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.end()
	for c := range s.conns {
		_ = c.Conn.Close()
	}
}

// close ends the session.
func (s *session) close() {
	s.abort()
	_ = s.client.Close() // the connections are closed; it ends the renewal of leases
}

// broken reports whether the session can't be used any more.
func (s *session) broken() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// failed notes that a connection has failed. After one to a NameNode the client could mistake a late
// answer for that of its next call.
func (s *session) failed(c *timedConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns[c] {
		s.ended = true
	}
}

// timedConn is a connection each of whose reads and writes takes a bounded time.
type timedConn struct {
	net.Conn
	session *session
}

func (c *timedConn) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.session.timeout)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p)
	if err != nil {
		c.session.failed(c)
	}
	return n, err
}

func (c *timedConn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.session.timeout)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	if err != nil {
		c.session.failed(c)
	}
	return n, err
}

func (c *timedConn) Close() error {
	c.session.mu.Lock()
	delete(c.session.conns, c)
	c.session.mu.Unlock()
	return c.Conn.Close()
}
