package servers

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"time"
)

// Ports are taken from below the range that Linux (32768-60999) and macOS (49152-65535) use for outgoing
// connections: a server that is killed and started again must find its port free.
const (
	lowestPort  = 12000
	highestPort = 32000
)

// FreePorts returns n loopback ports that nobody listens on.
func FreePorts(n int) ([]int, error) {
	ports := make([]int, 0, n)
	for range 50 * n {
		if len(ports) == n {
			break
		}
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		l, err := net.Listen("tcp", loopback(port))
		if err != nil {
			continue
		}
		defer func() { _ = l.Close() }() // kept until the end, so that no port is given twice
		ports = append(ports, port)
	}
	if len(ports) < n {
		return nil, fmt.Errorf("finding free ports: nearly all of %d-%d on 127.0.0.1 are in use", lowestPort, highestPort)
	}
	return ports, nil
}

func loopback(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// endWith lets all that waits on conn fail when ctx ends, until release is called.
func endWith(ctx context.Context, conn net.Conn) (release func()) {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	return func() { stop() }
}
