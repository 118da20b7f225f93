package es

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	elasticsearch "github.com/elastic/go-elasticsearch/v8"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/retry"
)

// Config is what a Store is opened with. No part of it but Prefix and Topic is ever logged or put into an error.
type Config struct {
	URL      string // http[s]://[user:password@]host:port, several separated by commas
	APIKey   string // the "encoded" form that Elasticsearch returns; goes before a password
	Username string // goes before the one in URL
	Password string
	CA       []byte // PEM certificates to trust instead of the system's; nil: the system's

	Topic    flow.Topic
	Prefix   string // of indices and templates ("meteo")
	RunID    string
	NewTopic bool // as in flow.StoreConfig, like the next two
	ReadOnly bool
	Keep     func(ctx context.Context, b *flow.Batch) error

	Timeout  time.Duration // how long Elasticsearch may take to answer one request (60 s)
	Patience time.Duration // how long a request is retried that fails and may succeed later (60 s)
	Logger   *slog.Logger
}

func (c *Config) setDefaults() {
	if c.Prefix == "" {
		c.Prefix = "meteo"
	}
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	if c.Patience == 0 {
		c.Patience = time.Minute
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}

// prefixes are those that Elasticsearch accepts in names of indices, without what has a meaning in its URLs.
var prefixes = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,99}$`)

func (c *Config) check() error {
	if !prefixes.MatchString(c.Prefix) {
		return flow.Fail(flow.Usage, "the prefix %.40q can't begin the names of indices: use lower-case letters, digits, - and _", c.Prefix)
	}
	if strings.ContainsFunc(c.APIKey+c.Username+c.Password, unicode.IsControl) {
		return flow.Fail(flow.Usage, "the API key, user or password of Elasticsearch has a line break in it: its file must hold one line")
	}
	if c.CA != nil && !x509.NewCertPool().AppendCertsFromPEM(c.CA) {
		return flow.Fail(flow.Usage, "the file of --es-ca holds no certificate: it must be PEM, with lines like -----BEGIN CERTIFICATE-----")
	}
	return nil
}

// retries is how requests that fail are retried.
func (c *Config) retries() retry.Policy {
	return retry.Policy{
		First: 100 * time.Millisecond, Longest: 5 * time.Second, Jitter: true, Patience: c.Patience,
		Before: func(err error, pause time.Duration) {
			c.Logger.Warn("Elasticsearch does not accept a request now; retrying", "reason", oneLine(err.Error()), "pause", pause.Round(time.Millisecond).String())
		},
	}
}

// connect makes the client. It opens no connection. Its own retries are off, because they have no back-off.
func (c *Config) connect() (*elasticsearch.BaseClient, *http.Transport, error) {
	connections := http.DefaultTransport.(*http.Transport).Clone()
	connections.MaxIdleConnsPerHost = 8
	if c.CA != nil {
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(c.CA)
		connections.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	user, password := c.Username, c.Password
	var nodes []string
	unencrypted := "" // the first host on the network that is reached so
	network := false
	for text := range strings.SplitSeq(c.URL, ",") {
		u, err := url.Parse(strings.TrimSpace(text))
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return nil, nil, badURL()
		}
		if inURL, ok := u.User.Password(); ok && user == "" {
			user, password = u.User.Username(), inURL
		}
		network = network || !isLocal(u.Hostname())
		if u.Scheme == "http" && !isLocal(u.Hostname()) && unencrypted == "" {
			unencrypted = u.Host
		}
		nodes = append(nodes, (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
	}
	if unencrypted != "" && (c.APIKey != "" || user != "" || password != "") {
		c.Logger.Warn("the login goes over the network to Elasticsearch unencrypted, for anybody to read: give an https:// URL", "host", unencrypted)
	}
	connections.DisableCompression = !network // of answers; on one machine it only costs time
	client, err := elasticsearch.NewBase(
		elasticsearch.WithAddresses(nodes...), elasticsearch.WithAPIKey(c.APIKey), elasticsearch.WithBasicAuth(user, password),
		elasticsearch.WithTransportOptions(
			elastictransport.WithTransport(connections), elastictransport.WithDisableRetry(), elastictransport.WithUserAgent("senmeteo"),
			elastictransport.WithInterceptors(checkProduct),
		),
	)
	if err != nil {
		return nil, nil, badURL()
	}
	return client, connections, nil
}

// isLocal reports whether a host is this machine.
func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
