package gates

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

// CallFault is what a call meets on its way to the NameNode.
type CallFault string

// The faults.
const (
	Unanswered  CallFault = "its answer is lost"
	Late        CallFault = "it arrives after the client has given it up, before the client's next of its kind"
	NotFinished CallFault = "it is answered with no, as while no DataNode has reported the last block"
)

// Methods of the NameNode that can meet a fault.
const (
	RenameMethod   = "rename2"
	CompleteMethod = "complete"
)

// NameNode stands between a client and the NameNode and lets calls meet a fault.
type NameNode struct {
	listener net.Listener
	target   string

	mu     sync.Mutex
	method string
	fault  CallFault
	times  int    // calls of the method that are still to meet the fault
	held   func() // delivers a call that is late
	met    int    // calls that met a fault
}

// NewNameNode opens a gate in front of the NameNode at host:port, until the test ends.
func NewNameNode(t testing.TB, target string) *NameNode {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &NameNode{listener: listener, target: target}
	t.Cleanup(func() { _ = listener.Close() }) // what hangs on it ends with the test
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

// Arm sets the fault of the next calls of a method.
func (p *NameNode) Arm(method string, fault CallFault, times int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.method, p.fault, p.times = method, fault, times
}

// serve forwards one connection. The client sends each call in one piece and waits for the answer.
func (p *NameNode) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	var mute atomic.Bool
	answered := make(chan struct{}, 1)
	go p.answer(server, client, &mute, answered)
	var refused []byte // the first complete call of a file that was answered with no: only that one names the last block
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if err != nil {
			_ = server.Close()
			return
		}
		call := buf[:n]
		switch p.faultOf(call) {
		case NotFinished:
			if refused == nil {
				refused = bytes.Clone(call)
			}
			if _, err := client.Write(answerNo(call)); err != nil {
				return
			}
			continue
		case "":
			if refused != nil && bytes.Contains(call, []byte(CompleteMethod)) {
				call, refused = renumbered(refused, call), nil
			}
		case Unanswered:
			mute.Store(true)
		case Late:
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
func (p *NameNode) answer(server io.Reader, client net.Conn, mute *atomic.Bool, answered chan<- struct{}) {
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
func (p *NameNode) faultOf(call []byte) CallFault {
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

// Addr is the gate's host:port.
func (p *NameNode) Addr() string { return p.listener.Addr().String() }

// Met counts the calls that met a fault.
func (p *NameNode) Met() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.met
}

func (p *NameNode) hold(deliver func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = deliver
}

// renumbered is an earlier call with the header, and so the number, of a later one.
func renumbered(earlier, later []byte) []byte {
	header := func(call []byte) (header, rest []byte) {
		_, n := protowire.ConsumeBytes(call[4:])
		return call[4 : 4+n], call[4+n:]
	}
	number, _ := header(later)
	_, rest := header(earlier)
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(number)+len(rest)))
	return append(append(frame, number...), rest...)
}

// answerNo makes the answer false to a call. Frames of Hadoop's RPC are a length of four bytes and messages of Protocol
// Buffers, each after its length: RpcHeader.proto and ClientNamenodeProtocol.proto have their fields.
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
