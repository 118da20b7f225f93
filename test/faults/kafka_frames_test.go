package faults_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// readFrame reads one request or answer: a length and so many bytes, which are returned together.
func readFrame(r io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(length[:])
	if n < 4 || n > 1<<27 {
		return nil, fmt.Errorf("a frame of %d bytes", n)
	}
	frame := make([]byte, 4+n)
	copy(frame, length[:])
	_, err := io.ReadFull(r, frame[4:])
	return frame, err
}

// correlationOf is the number that an answer shares with its request.
func correlationOf(answer []byte) int32 { return int32(binary.BigEndian.Uint32(answer[4:])) }

// call is one request on its way to the broker.
type call struct {
	key         kmsg.Key
	version     int16
	correlation int32
	frame       []byte
}

func callOf(frame []byte) (*call, error) {
	if len(frame) < 14 {
		return nil, errors.New("a request without a header")
	}
	return &call{
		key: kmsg.Key(int16(binary.BigEndian.Uint16(frame[4:]))), version: int16(binary.BigEndian.Uint16(frame[6:])),
		correlation: int32(binary.BigEndian.Uint32(frame[8:])), frame: frame,
	}, nil
}

// request decodes the call.
func (c *call) request() (kmsg.Request, error) {
	request := c.key.Request()
	request.SetVersion(c.version)
	body := c.frame[14:]
	if n := int16(binary.BigEndian.Uint16(c.frame[12:])); n > 0 { // the client's id
		body = body[n:]
	}
	if request.IsFlexible() {
		body = body[1:] // no client sends tags
	}
	return request, request.ReadFrom(body)
}

// transactionalID is the id of a call that belongs to a transaction.
func (c *call) transactionalID() string {
	request, err := c.request()
	if err != nil {
		return ""
	}
	switch r := request.(type) {
	case *kmsg.InitProducerIDRequest:
		if r.TransactionalID != nil {
			return *r.TransactionalID
		}
	case *kmsg.AddPartitionsToTxnRequest:
		return r.TransactionalID
	case *kmsg.AddOffsetsToTxnRequest:
		return r.TransactionalID
	case *kmsg.TxnOffsetCommitRequest:
		return r.TransactionalID
	case *kmsg.EndTxnRequest:
		return r.TransactionalID
	}
	return ""
}

// response decodes the answer to the call.
func (c *call) response(frame []byte) (response kmsg.Response, head []byte, err error) {
	response = c.key.Response()
	response.SetVersion(c.version)
	at := 8
	if response.IsFlexible() && c.key != kmsg.ApiVersions {
		at++ // no broker sends tags
	}
	if len(frame) < at {
		return nil, nil, errors.New("an answer without a header")
	}
	return response, frame[:at], response.ReadFrom(frame[at:])
}

// redirect lets the answers that name brokers name another address, so that the client stays with the proxy.
func (c *call) redirect(frame []byte, host string, port int32) ([]byte, error) {
	switch c.key {
	case kmsg.Metadata, kmsg.FindCoordinator, kmsg.DescribeCluster:
	default:
		return frame, nil
	}
	response, head, err := c.response(frame)
	if err != nil {
		return nil, err
	}
	switch r := response.(type) {
	case *kmsg.MetadataResponse:
		for i := range r.Brokers {
			r.Brokers[i].Host, r.Brokers[i].Port = host, port
		}
	case *kmsg.FindCoordinatorResponse:
		if r.Host != "" {
			r.Host, r.Port = host, port
		}
		for i := range r.Coordinators {
			if r.Coordinators[i].Host != "" {
				r.Coordinators[i].Host, r.Coordinators[i].Port = host, port
			}
		}
	case *kmsg.DescribeClusterResponse:
		for i := range r.Brokers {
			r.Brokers[i].Host, r.Brokers[i].Port = host, port
		}
	}
	changed := response.AppendTo(append([]byte(nil), head...))
	binary.BigEndian.PutUint32(changed, uint32(len(changed)-4))
	return changed, nil
}
