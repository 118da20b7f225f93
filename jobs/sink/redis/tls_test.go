package redis_test

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"senmeteo/jobs/flow"
)

// withTLS is a door to Redis that speaks TLS, and the certificate of its authority.
func withTLS(t *testing.T, server string) (address, ca string) {
	t.Helper()
	signed := httptest.NewTLSServer(nil) // whose certificate is for 127.0.0.1
	t.Cleanup(signed.Close)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: signed.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // ends the loop
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			onward, err := net.Dial("tcp", server)
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() { _, _ = io.Copy(onward, client); _ = onward.Close() }() // whoever closes first ends both
			go func() { _, _ = io.Copy(client, onward); _ = client.Close() }()
		}
	}()
	return l.Addr().String(), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed.Certificate().Raw}))
}

func TestTheCertificateOfRedisIsVerified(t *testing.T) {
	k := fresh(t)
	address, ca := withTLS(t, k.address)
	_, port, _ := net.SplitHostPort(address)
	for name, c := range map[string]struct {
		settings flow.Settings
		fails    string
	}{
		"its authority is named":       {flow.Settings{"redis": address, "redis-ca": ca}, ""},
		"and the address says so, too": {flow.Settings{"redis": "rediss://" + address, "redis-ca": ca}, ""},
		"nobody known has signed it":   {flow.Settings{"redis": "rediss://" + address}, "--redis-ca"},
		"it is of another host":        {flow.Settings{"redis": "localhost:" + port, "redis-ca": ca}, "--redis-ca"},
	} {
		cfg := k.config()
		cfg.Settings = c.settings
		_, err := opened(t, cfg).Resume(t.Context())
		if c.fails == "" && err != nil || c.fails != "" && (flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), c.fails)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
