package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// connection is why one client's connections fail. librdkafka reports it in log lines alone, and its calls retry
// until their time is over.
type connection struct {
	cfg     Config
	refused chan struct{} // closed by the first refusal, which a retry does not change

	mu      sync.Mutex
	open    bool   // brokers have answered: a later refusal may be that of one that is restarting
	refusal string // the first one, for people
	hint    string // what may be wrong when connections break
}

func newConnection(cfg Config) *connection {
	return &connection{cfg: cfg, refused: make(chan struct{})}
}

// read evaluates a log line of librdkafka.
func (r *connection) read(l ck.LogEvent) {
	if r == nil || l.Tag != "FAIL" {
		return
	}
	if open, refusal, _ := r.state(); open || refusal != "" {
		return
	}
	text := ""
	switch why := afterAddress(l.Message); {
	case strings.Contains(why, "SASL authentication error"):
		_, why, _ = strings.Cut(why, "SASL authentication error: ")
		text = "refuses the login: check --kafka-user and the file of --kafka-password-file (" + why + ")"
	case strings.Contains(why, "certificate verify failed"):
		text = "is not who its certificate says, or not trusted: " + r.certificateFault(addressOf(l.Message)) + ": check --kafka-ca, and --brokers for the name"
	case strings.Contains(why, "alert"):
		text = "wants another certificate of ours: check --kafka-cert and --kafka-key (" + why + ")"
	case strings.Contains(why, "PLAINTEXT broker listener"):
		r.suspect("it may not take TLS on this port")
		return
	default:
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusal = text
	close(r.refused)
}

func (r *connection) suspect(hint string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hint = hint
}

// answered notes that brokers have answered.
func (r *connection) answered() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open, r.refusal, r.hint = true, "", ""
}

// state returns what is known; a text that is not known is "".
func (r *connection) state() (open bool, refusal, hint string) {
	if r == nil {
		return true, "", ""
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open, r.refusal, r.hint
}

// bounded limits the time of a call. Before the first answer of all, a refusal ends it too.
func (r *connection) bounded(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.open {
		go func() {
			select {
			case <-r.refused:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	return ctx, cancel
}

// certificateFault is what is wrong with the certificate of a broker. OpenSSL says only that something is: Go looks again.
func (r *connection) certificateFault(address string) string {
	const unknown = "its certificate could not be verified"
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if path := r.cfg.Settings["ssl.ca.location"]; path != "" && path != "probe" {
		authorities, err := os.ReadFile(path)
		if err != nil {
			return unknown
		}
		trust.RootCAs = x509.NewCertPool()
		trust.RootCAs.AppendCertsFromPEM(authorities)
	}
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 3 * time.Second}, "tcp", address, trust)
	if err == nil {
		_ = conn.Close() // nothing was said on it
		return unknown
	}
	return strings.TrimPrefix(err.Error(), "tls: failed to verify certificate: ")
}

// addressOf is host:port in a line like "[thrd:x]: ssl://host:port/bootstrap: SSL handshake failed".
func addressOf(line string) string {
	_, rest, _ := strings.Cut(line, "]: ")
	_, rest, _ = strings.Cut(rest, "://")
	address, _, _ := strings.Cut(rest, "/")
	return address
}

// afterAddress is the rest of such a line, without how long it took.
func afterAddress(line string) string {
	_, rest, _ := strings.Cut(line, "]: ")
	_, rest, _ = strings.Cut(rest, "://")
	_, rest, _ = strings.Cut(rest, ": ")
	rest, _, _ = strings.Cut(rest, " (after ")
	return strings.TrimSpace(rest)
}

// listens reports whether anything listens at the first broker's address.
func listens(brokers string) bool {
	first, _, _ := strings.Cut(brokers, ",")
	conn, err := net.DialTimeout("tcp", strings.TrimSpace(first), time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close() // nothing was said on it
	return true
}
