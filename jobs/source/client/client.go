package client

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"senmeteo/jobs/retry"
)

// Config says how polite and how patient a Client is. A zero number takes its default.
type Config struct {
	UserAgent string        // names the program and where to complain; needed
	Hosts     []string      // "host" or "host:port" that may be asked and redirected to; needed
	Internal  bool          // the hosts may have loopback, private and link-local addresses: the user named them himself
	Timeout   time.Duration // of one attempt, its body included; default 30 s
	MaxBody   int64         // bytes of a body after decompression; default 16 MiB
	Attempts  int           // default 4
	FirstWait time.Duration // about how long before the second attempt; each further one doubles; default 1 s
	MostWait  time.Duration // a longer wait ends the request with a LaterError; default 90 s
	// Redirect may refuse what a server redirects to, though the host is allowed; nil follows.
	Redirect func(*http.Request) error

	Now    func() time.Time                           // default time.Now
	Sleep  func(context.Context, time.Duration) error // default waits on a timer or for the context's end
	Jitter func() float64                             // in [0, 1); default a random number
}

func (c *Config) complete() {
	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	if c.MaxBody <= 0 {
		c.MaxBody = 16 << 20
	}
	if c.Attempts <= 0 {
		c.Attempts = 4
	}
	if c.FirstWait <= 0 {
		c.FirstWait = time.Second
	}
	if c.MostWait <= 0 {
		c.MostWait = 90 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = retry.Sleep
	}
	if c.Jitter == nil {
		c.Jitter = rand.Float64
	}
}

// Client asks servers. It is safe for several goroutines.
type Client struct {
	cfg   Config
	http  *http.Client
	hosts map[string]bool // "host:port", lower case
}

// maxRedirects is more than honest sites need.
const maxRedirects = 5

// New returns a Client that may ask the configured hosts. Close it at the end.
func New(cfg Config) (*Client, error) {
	cfg.complete()
	if cfg.UserAgent == "" {
		return nil, fmt.Errorf("the HTTP client has no User-Agent: servers want to know who asks")
	}
	c := &Client{cfg: cfg, hosts: map[string]bool{}}
	for _, host := range cfg.Hosts {
		if _, _, err := net.SplitHostPort(host); err == nil {
			c.hosts[strings.ToLower(host)] = true
			continue
		}
		c.hosts[strings.ToLower(net.JoinHostPort(host, "443"))] = true
		c.hosts[strings.ToLower(net.JoinHostPort(host, "80"))] = true
	}
	c.http = &http.Client{
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            c.dial,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    10 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        30 * time.Second,
		},
		CheckRedirect: c.checkRedirect,
	}
	return c, nil
}

// Close closes the connections that are kept for a next request.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Pause waits on the client's clock, between two requests that the server wants apart.
func (c *Client) Pause(ctx context.Context, d time.Duration) error { return c.cfg.Sleep(ctx, d) }

// checkRedirect lets a server send the client to allowed hosts only, and never from https to http.
func (c *Client) checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return &RefusedError{Reason: fmt.Sprintf("it redirected more than %d times", maxRedirects)}
	}
	if via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return &RefusedError{Reason: "it redirects from https to " + req.URL.Scheme}
	}
	if err := c.checkURL(req.URL); err != nil || c.cfg.Redirect == nil {
		return err
	}
	return c.cfg.Redirect(req)
}

// checkURL refuses other schemes, other hosts and passwords in the URL.
func (c *Client) checkURL(u *url.URL) error {
	port := u.Port()
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return &RefusedError{Reason: fmt.Sprintf("the scheme %.20q is neither http nor https", u.Scheme)}
	case u.User != nil:
		return &RefusedError{Reason: "the address holds a user name"}
	case port == "" && u.Scheme == "http":
		port = "80"
	case port == "":
		port = "443"
	}
	if host := strings.ToLower(net.JoinHostPort(u.Hostname(), port)); !c.hosts[host] {
		return &RefusedError{Reason: fmt.Sprintf("%.100q is none of the hosts that may be asked", host)}
	}
	return nil
}
