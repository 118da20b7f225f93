package hdfs

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// callFault is what a call meets on its way to the NameNode.
type callFault string

const (
	unanswered  callFault = "its answer is lost"
	late        callFault = "it arrives after the client has given it up, before the client's next of its kind"
	notFinished callFault = "it is answered with no, as while no DataNode has reported the last block"
)

// Methods of the NameNode that can meet a fault.
const (
	renameMethod   = "rename2"
	completeMethod = "complete"
)

// proxy stands between a client and the NameNode and lets calls meet a fault.
type proxy struct {
	listener net.Listener
	target   string

	mu     sync.Mutex
	method string
	fault  callFault
	times  int    // calls of the method that are still to meet the fault
	held   func() // delivers a call that is late
	met    int    // calls that met a fault
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

// arm sets the fault of the next calls of a method.
func (p *proxy) arm(method string, fault callFault, times int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.method, p.fault, p.times = method, fault, times
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
		case notFinished:
			if _, err := client.Write(answerNo(call)); err != nil {
				return
			}
			continue
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

// faultOf returns what a call meets, and delivers one that is late before the next of its kind.
func (p *proxy) faultOf(call []byte) callFault {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.method == "" || !bytes.Contains(call, []byte(p.method)) {
		return ""
	}
	if p.held != nil {
		p.held()
		p.held = nil
	}
	if p.times == 0 {
		return ""
	}
	p.times--
	p.met++
	return p.fault
}

func (p *proxy) hold(deliver func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = deliver
}

// answerNo makes the answer false to a call. Frames of Hadoop's RPC are a length of four bytes and messages of Protocol
// Buffers, each behind its length: RpcHeader.proto and ClientNamenodeProtocol.proto have their fields.
func answerNo(call []byte) []byte {
	header, _ := protowire.ConsumeBytes(call[4:])
	callID := uint64(0)
	for len(header) > 0 {
		number, kind, n := protowire.ConsumeTag(header)
		header = header[n:]
		if number == 3 { // RpcRequestHeaderProto.callId, a sint32
			raw, _ := protowire.ConsumeVarint(header)
			callID = uint64(protowire.DecodeZigZag(raw))
		}
		header = header[protowire.ConsumeFieldValue(number, kind, header):]
	}
	answer := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), callID) // RpcResponseHeaderProto
	answer = protowire.AppendVarint(protowire.AppendTag(answer, 2, protowire.VarintType), 0)    // success
	no := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 0)          // CompleteResponseProto.result
	frame := protowire.AppendBytes(protowire.AppendBytes(nil, answer), no)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(frame))), frame...)
}
