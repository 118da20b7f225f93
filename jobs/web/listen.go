package web

import (
	"net"

	"senmeteo/jobs/flow"
)

// Listen opens the port of the page.
func Listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, flow.Fail(flow.CantWrite, "opening --listen %s: %w: is another program using it? Choose another port", address, err)
	}
	return l, nil
}

// HealthURL is where a page that listens here reports its health, from this machine.
func HealthURL(at net.Addr) string {
	host, port, err := net.SplitHostPort(at.String())
	if err != nil {
		return ""
	}
	if net.ParseIP(host).IsUnspecified() {
		host = "127.0.0.1" // Go listens to both families then
	}
	return "http://" + net.JoinHostPort(host, port) + "/healthz"
}
