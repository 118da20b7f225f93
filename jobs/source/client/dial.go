package client

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// dial connects to an address. Where an allowed host leads is checked on the address that is really
// dialled, after the name was resolved, so that no name can lead to the inside of a network. Anything but an
// allowed host can only be the proxy that the environment names: redirects were checked before.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	if !c.cfg.Internal && c.hosts[strings.ToLower(address)] {
		d.Control = refuseInternal
	}
	return d.DialContext(ctx, network, address)
}

// refuseInternal is a net.Dialer's Control.
func refuseInternal(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("checking where a host leads: %w", err)
	}
	if !isPublic(at.Addr().Unmap()) {
		return &RefusedError{Reason: fmt.Sprintf("it leads to the internal address %s", at.Addr())}
	}
	return nil
}

// reserved are blocks that netip has no word for: shared addresses (RFC 6598), protocol assignments (RFC 6890),
// benchmarks (RFC 2544), the former class E, this network, and IPv6 forms that carry an IPv4 address (RFC 6052, 3056).
var reserved = [...]netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
}

func isPublic(a netip.Addr) bool {
	for _, block := range reserved {
		if block.Contains(a) {
			return false
		}
	}
	return a.IsGlobalUnicast() && !a.IsPrivate() // global unicast leaves out loopback, link-local and multicast
}
