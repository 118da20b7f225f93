package pg

import (
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"senmeteo/jobs/flow"
)

// verified returns the libpq URL with which to connect. Where it names another machine, the server's certificate and name are
// verified unless it has sslmode=disable: PostgreSQL's own default, prefer, accepts any certificate, and no TLS at all when
// the server offers none. An error is a flow.Usage without any secret.
func verified(text string) (string, error) {
	pc, err := pgxpool.ParseConfig(text)
	if err != nil {
		return "", badURL(err)
	}
	if !remote(pc) {
		return text, nil
	}
	if with, ok := withDefaultMode(text); ok {
		text = with
	}
	if pc, err = pgxpool.ParseConfig(text); err != nil {
		return "", badURL(err)
	}
	for _, t := range ways(pc) {
		if t != nil && t.InsecureSkipVerify && t.VerifyPeerCertificate == nil {
			return "", flow.Fail(flow.Usage, "--pg-url has an sslmode that accepts any certificate, so that anybody may answer: write sslmode=verify-full, with sslrootcert=FILE for an authority of your own, or sslmode=disable where you trust the network")
		}
	}
	return text, nil
}

// ways returns the TLS settings with which a connection is tried, in order; nil is without TLS.
func ways(pc *pgxpool.Config) []*tls.Config {
	all := []*tls.Config{pc.ConnConfig.TLSConfig}
	for _, f := range pc.ConnConfig.Fallbacks {
		all = append(all, f.TLSConfig)
	}
	return all
}

// remote reports whether any host is another machine. A path is a socket of this one.
func remote(pc *pgxpool.Config) bool {
	hosts := []string{pc.ConnConfig.Host}
	for _, f := range pc.ConnConfig.Fallbacks {
		hosts = append(hosts, f.Host)
	}
	for _, host := range hosts {
		ip := net.ParseIP(host)
		if host != "localhost" && !strings.HasPrefix(host, "/") && !strings.HasPrefix(host, "@") && (ip == nil || !ip.IsLoopback()) {
			return true
		}
	}
	return false
}

var modeWords = regexp.MustCompile(`(^|\s)(sslmode|service)\s*=`)

// withDefaultMode adds sslmode=verify-full to a URL, or a list of key=value, without sslmode. ok is false when it has one.
func withDefaultMode(text string) (with string, ok bool) {
	if os.Getenv("PGSSLMODE") != "" || os.Getenv("PGSERVICE") != "" {
		return "", false
	}
	if !strings.HasPrefix(text, "postgres://") && !strings.HasPrefix(text, "postgresql://") {
		return text + " sslmode=verify-full", !modeWords.MatchString(text)
	}
	u, err := url.Parse(text)
	if err != nil {
		return "", false
	}
	query := u.Query()
	if query.Has("sslmode") || query.Has("service") {
		return "", false
	}
	query.Set("sslmode", "verify-full")
	u.RawQuery = query.Encode()
	return u.String(), true
}

// badURL is the failure for a URL that pgx does not accept. It quotes neither the URL nor the error of pgx, which may
// hold the password.
func badURL(err error) error {
	var missing *fs.PathError
	if errors.As(err, &missing) {
		return flow.Fail(flow.Usage, "a file that --pg-url names can't be read: %w", missing)
	}
	return flow.Fail(flow.Usage, "the PostgreSQL URL can't be read: --pg-url is like postgres://user@host:5432/database?sslmode=verify-full (keep a password in the file of SENMETEO_PG_URL_FILE)")
}

// distrust returns the failure of a connection whose TLS handshake failed, nil for any other error.
func distrust(doing string, err error) error {
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return flow.Fail(flow.Unavailable, "%s: PostgreSQL's certificate is not accepted (%s): name its authority by sslrootcert=FILE in --pg-url, and the host as the certificate does", doing, certificate.Err)
	case strings.Contains(err.Error(), "server refused TLS connection"):
		return flow.Fail(flow.Unavailable, "%s: PostgreSQL offers no TLS: turn it on there, or write sslmode=disable in --pg-url where you trust the network", doing)
	}
	return nil
}
