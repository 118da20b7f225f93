package hdfs

import (
	"bytes"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// renameFault is what a rename meets on its way to the NameNode.
type renameFault string

const (
	unanswered renameFault = "its answer is lost"
	late       renameFault = "it arrives after the client has given it up, before the client's next rename"
)

// proxy stands between a client and the NameNode and lets one rename meet a fault.
type proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	fault renameFault // for the next rename; "" none
	held  func()      // delivers a rename that is late
	met   int         // renames that met a fault
}

// startProxy starts one in front of a NameNode.
func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{listener: listener, target: target}
	t.Cleanup(func() { check(t, listener.Close()) })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return p
}

// arm sets the fault of the next rename.
func (p *proxy) arm(fault renameFault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = fault
}

// serve forwards one connection. The client sends each call in one piece and waits for the answer.
func (p *proxy) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	var mute atomic.Bool
	answered := make(chan struct{}, 1)
	go p.answer(server, client, &mute, answered)
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if err != nil {
			_ = server.Close()
			return
		}
		call := buf[:n]
		switch p.faultOf(call) {
		case unanswered:
			mute.Store(true)
		case late:
			mute.Store(true)
			p.hold(func() {
				_, _ = server.Write(call)
				<-answered
				_ = server.Close()
			})
			return
		}
		if _, err := server.Write(call); err != nil {
			return
		}
	}
}

// answer forwards the NameNode's answers. Once muted it drops the next one and ends the connection.
func (p *proxy) answer(server io.Reader, client net.Conn, mute *atomic.Bool, answered chan<- struct{}) {
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		if err != nil || mute.Load() {
			_ = client.Close()
			answered <- struct{}{}
			return
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}

// faultOf returns what a call meets, and delivers a rename that is late before the next one.
func (p *proxy) faultOf(call []byte) renameFault {
	if !bytes.Contains(call, []byte("rename2")) {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held != nil {
		p.held()
		p.held = nil
	}
	fault := p.fault
	if fault != "" {
		p.fault = ""
		p.met++
	}
	return fault
}

func (p *proxy) hold(deliver func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = deliver
}
