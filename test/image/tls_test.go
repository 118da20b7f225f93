package image_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/test/program"
	"senmeteo/test/servers"
)

// newCertificate is a certificate of 127.0.0.1 that is its own authority.
func newCertificate(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// handshakes counts the clients that trust the server's certificate: in TLS 1.2 the server hears last from them.
func handshakes(t *testing.T, certificate tls.Certificate) (address string, trusted <-chan error) {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}, MaxVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	results := make(chan error, 1000)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			results <- conn.(*tls.Conn).Handshake()
			_ = conn.Close()
		}
	}()
	return listener.Addr().String(), results
}

func TestBothKafkasAndGosClientsTrustTheAuthoritiesOfTheImagesBundle(t *testing.T) {
	t.Parallel()
	certificate, authority := newCertificate(t)
	dir := t.TempDir()
	files := map[string]string{"bundle": string(authority), "kafka": "security.protocol=ssl\n"}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil { // the job's user reads it
			t.Fatal(err)
		}
	}
	settings := "--volume=" + filepath.Join(dir, "kafka") + ":/run/kafka:ro"
	bundle := "--volume=" + filepath.Join(dir, "bundle") + ":/etc/ssl/certs/ca-certificates.crt:ro"
	topics := []string{"topics", "--kafka-config", "/run/kafka", "--brokers"}
	weather := []string{"fetch", "open-meteo", "--dry-run", "--base-url"}
	for _, c := range []struct {
		name   string
		flags  []string
		args   []string
		scheme string
		trust  bool
	}{
		{"Kafka's client and an authority of the bundle", []string{settings, bundle}, topics, "", true},
		{"Kafka's client and a stranger", []string{settings}, topics, "", false},
		{"Go's client and an authority of the bundle", []string{bundle}, weather, "https://", true},
		{"Go's client and a stranger", nil, weather, "https://", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			address, trusted := handshakes(t, certificate)
			r := contained(t, program.Program{}, nil, c.flags...).Start(t, append(c.args, c.scheme+address)...)
			var err error
			select {
			case err = <-trusted:
			case <-r.Ended():
				select {
				case err = <-trusted:
				case <-time.After(10 * time.Second):
					t.Fatalf("it ended without a handshake\n%s", r.Wait(t).Output())
				}
			}
			if (err == nil) != c.trust {
				t.Errorf("the handshake says %v, want trust: %v", err, c.trust)
			}
		})
	}
}

func TestTheBundleHoldsPublicAuthorities(t *testing.T) {
	t.Parallel()
	name := servers.Unique(t)
	docker(t, "create", "--name="+name, servers.JobImage(t))
	t.Cleanup(func() { docker(t, "rm", name) })
	file := filepath.Join(t.TempDir(), "bundle")
	docker(t, "cp", name+":/etc/ssl/certs/ca-certificates.crt", file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) || strings.Count(string(text), "BEGIN CERTIFICATE") < 100 {
		t.Errorf("it holds %d certificates", strings.Count(string(text), "BEGIN CERTIFICATE"))
	}
}
