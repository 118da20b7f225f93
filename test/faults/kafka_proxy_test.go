package faults_test

import (
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"senmeteo/test/program"
)

// fate is what becomes of a call.
type fate int

const (
	passes     fate = iota
	isLost          // the connection breaks before the broker gets it
	loseAnswer      // the broker gets it, and the connection breaks instead of the answer
	isHeldBack      // the connection breaks, and the broker gets it when the test says so
)

// proxy stands between the program and the broker. It gives the program its own address for the broker's, so that all
// connections go through it.
type proxy struct {
	t        testing.TB
	broker   string
	listener net.Listener

	mu    sync.Mutex
	judge func(*call) fate // called for one call at a time
	held  *heldCall
	conns map[net.Conn]bool
}

// heldCall is a call that was taken from its connection, and the way to the broker that it would have taken.
type heldCall struct {
	*call
	broker net.Conn
	free   chan struct{} // closed when nobody else reads the broker's answers
}

// startProxy starts a proxy that lets everything pass until it is told to judge.
func startProxy(t testing.TB, broker string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{t: t, broker: broker, listener: listener, conns: map[net.Conn]bool{}}
	t.Cleanup(p.close)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go p.serve(client)
		}
	}()
	return p
}

// through is the program with the proxy's address for the broker's.
func (p *proxy) through(s *scenario) program.Program {
	return s.With("SENMETEO_BROKERS", p.listener.Addr().String())
}

// judgeBy lets a function decide what becomes of each call.
func (p *proxy) judgeBy(judge func(*call) fate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.judge = judge
}

func (p *proxy) fateOf(c *call) fate {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.judge == nil {
		return passes
	}
	return p.judge(c)
}

// release sends the held call to the broker and returns its answer. It may be called by a judge.
func (h *heldCall) release() (kmsg.Response, error) {
	<-h.free
	defer func() { _ = h.broker.Close() }() // nothing else waits for it
	if err := h.broker.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return nil, err
	}
	if _, err := h.broker.Write(h.frame); err != nil {
		return nil, err
	}
	for {
		answer, err := readFrame(h.broker)
		if err != nil {
			return nil, err
		}
		if correlationOf(answer) != h.correlation {
			continue // of an earlier call
		}
		response, _, err := h.response(answer)
		return response, err
	}
}

// serve passes the frames of one connection on.
func (p *proxy) serve(client net.Conn) {
	broker, err := net.Dial("tcp", p.broker)
	if err != nil {
		_ = client.Close() // the client sees a broken connection
		return
	}
	p.keep(client, broker)
	c := &connection{proxy: p, client: client, broker: broker, calls: map[int32]*call{}, lost: map[int32]bool{}, ended: make(chan struct{})}
	go c.answers()
	if held := c.requests(); !held {
		_ = broker.Close()
	}
	_ = client.Close()
}

func (p *proxy) keep(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = true
	}
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// connection is one of the program's connections.
type connection struct {
	*proxy
	client, broker net.Conn
	calls          map[int32]*call // under way, by correlation id
	lost           map[int32]bool  // those whose answers are to be lost
	guard          sync.Mutex
	ended          chan struct{} // closed when no answer is read any more
}

// requests passes the program's requests on until the connection breaks. It reports whether that is so since one is held back.
func (c *connection) requests() (held bool) {
	for {
		frame, err := readFrame(c.client)
		if err != nil {
			return false
		}
		request, err := callOf(frame)
		if err != nil {
			c.t.Errorf("the program sends %v", err)
			return false
		}
		fate := c.fateOf(request)
		switch fate {
		case isLost:
			return false
		case isHeldBack:
			c.mu.Lock()
			c.held = &heldCall{request, c.broker, c.ended}
			c.mu.Unlock()
			_ = c.broker.SetReadDeadline(time.Unix(1, 0)) // no answer is passed on; release reads on
			return true
		}
		c.guard.Lock()
		c.calls[request.correlation] = request
		c.lost[request.correlation] = fate == loseAnswer
		c.guard.Unlock()
		if _, err := c.broker.Write(frame); err != nil {
			return false
		}
	}
}

// answers passes the broker's answers on until the connection breaks.
func (c *connection) answers() {
	defer close(c.ended)
	defer func() { _ = c.client.Close() }()
	host, port := c.address()
	for {
		frame, err := readFrame(c.broker)
		if err != nil {
			return
		}
		correlation := correlationOf(frame)
		c.guard.Lock()
		request, lost := c.calls[correlation], c.lost[correlation]
		delete(c.calls, correlation)
		c.guard.Unlock()
		if request == nil || lost {
			return
		}
		if frame, err = request.redirect(frame, host, port); err != nil {
			c.t.Errorf("an answer to %s can't be read: %v", request.key.Name(), err)
			return
		}
		if _, err := c.client.Write(frame); err != nil {
			return
		}
	}
}

func (p *proxy) address() (string, int32) {
	host, text, _ := net.SplitHostPort(p.listener.Addr().String())
	port, _ := strconv.Atoi(text) // a port
	return host, int32(port)
}
