package gates

import (
	"bytes"
	"net"
	"sync"
	"testing"
)

// RedisCut is what a proxy does to the connection whose client runs a script.
type RedisCut int

// The ways.
const (
	passOn       RedisCut = iota
	LoseRequest           // Redis never hears it
	LoseAnswer            // Redis does, and the client never hears the answer
	DelayRequest          // Redis hears it after the next script that passes, and the client hears nothing
)

// script begins the request that runs a script, by its hash or with its text, as it passes.
var script = []byte("\r\neval")

// Redis is between the sink and Redis. It knows one request: that of a script, which is seen by its first bytes.
type Redis struct {
	listener net.Listener
	server   string

	mu    sync.Mutex
	next  RedisCut // for the next script
	late  func()   // sends what was delayed
	conns []net.Conn
}

// NewRedis opens a gate before the server at host:port, until the test ends.
func NewRedis(t testing.TB, server string) *Redis {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &Redis{listener: l, server: server}
	t.Cleanup(r.Close)
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return // closed
			}
			go r.serve(client)
		}
	}()
	return r
}

// Addr is the gate's host:port.
func (r *Redis) Addr() string { return r.listener.Addr().String() }

// Close shuts the gate, and breaks what passes through it.
func (r *Redis) Close() {
	_ = r.listener.Close() // a second close is no matter
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		_ = c.Close()
	}
}

// Arm cuts the next script.
func (r *Redis) Arm(c RedisCut) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next = c
}

// Done reports whether the armed cut was made, and what was delayed has arrived.
func (r *Redis) Done() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next == passOn && r.late == nil
}

func (r *Redis) serve(client net.Conn) {
	server, err := net.Dial("tcp", r.server)
	if err != nil {
		_ = client.Close()
		return
	}
	r.mu.Lock()
	r.conns = append(r.conns, client, server)
	r.mu.Unlock()
	mute := make(chan struct{}) // closed: the client hears nothing more
	go func() {
		defer func() { _ = client.Close() }()
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			select {
			case <-mute:
				return // the answer ends here
			default:
			}
			if _, writeErr := client.Write(buf[:n]); err != nil || writeErr != nil {
				return
			}
		}
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if !r.forward(client, server, buf[:n], mute) || err != nil {
			return
		}
	}
}

// forward passes a part of what the client sends on to the server. It returns false when nothing more is to pass.
func (r *Redis) forward(client, server net.Conn, part []byte, mute chan struct{}) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !bytes.Contains(bytes.ToLower(part[:min(len(part), 40)]), script) {
		_, err := server.Write(part)
		return err == nil
	}
	cut, late := r.next, r.late
	r.next = passOn
	switch cut {
	case LoseRequest:
		_ = client.Close()
		_ = server.Close()
		return false
	case DelayRequest:
		held := bytes.Clone(part)
		r.late = func() { _, _ = server.Write(held) } // the test looks at what comes of it
		_ = client.Close()
		return false
	case LoseAnswer:
		close(mute)
		_, _ = server.Write(part) // the answer is lost either way
		return false
	}
	_, err := server.Write(part)
	if late != nil {
		r.late = nil
		late()
	}
	return err == nil
}
