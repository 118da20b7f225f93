package redis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"senmeteo/jobs/flow"
)

// The limits of a store's connections.
const (
	dialTimeout  = 5 * time.Second
	callTimeout  = 15 * time.Second       // of one request, of which a commit is the longest
	connections  = 4                      // of one store, at most
	writePauses  = time.Minute            // how long a writer repeats a request that may succeed later
	askingPauses = 300 * time.Millisecond // of a store that is only asked: the live page asks again soon
)

// clientOptions reads the settings of a store. Its errors are a flow.Usage without any secret.
func clientOptions(settings flow.Settings, logger *slog.Logger) (*redis.Options, error) {
	user, password := settings[userOption], strings.TrimSpace(settings[passwordOption])
	if (user == "") != (password == "") {
		return nil, flow.Fail(flow.Usage, "--%s and the password in the file of --%s belong together: give both or neither", userOption, passwordOption)
	}
	if strings.ContainsFunc(user+password, unicode.IsControl) {
		return nil, flow.Fail(flow.Usage, "the user or the password of Redis has a line break in it: its file must hold one line")
	}
	o, err := readAddress(settings[addressOption])
	if err != nil {
		return nil, err
	}
	if ca := settings[caOption]; ca != "" {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM([]byte(ca)) {
			return nil, flow.Fail(flow.Usage, "the file of --%s holds no certificate: it must be PEM, with lines like -----BEGIN CERTIFICATE-----", caOption)
		}
		o.TLSConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	host, _, _ := net.SplitHostPort(o.Addr)
	if o.TLSConfig != nil {
		o.TLSConfig.ServerName = host
	} else if password != "" && !isLocal(host) {
		logger.Warn("the login goes over the network to Redis unencrypted, for anybody to read: give a rediss:// address", "host", o.Addr)
	}
	silence()
	o.Username, o.Password = user, password
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.ContextTimeoutEnabled = dialTimeout, callTimeout, callTimeout, true
	o.MaxRetries, o.DialerRetries = -1, 1 // what is repeated is for the store to say
	o.PoolSize, o.DisableIdentity = connections, true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return o, nil
}

// readAddress reads HOST:PORT, or a URL.
func readAddress(text string) (*redis.Options, error) {
	bad := flow.Fail(flow.Usage, "--%s can't be read: it is like redis.example:6379 or rediss://redis.example:6379/0 (a password belongs in the file that --%s names, its user in --%s)",
		addressOption, passwordOption, userOption)
	if text == "" {
		return nil, flow.Fail(flow.Usage, "--%s is not set: give it, or SENMETEO_REDIS", addressOption)
	}
	if !strings.Contains(text, "://") {
		text = "redis://" + text
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "redis" && u.Scheme != "rediss") || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, bad
	}
	o := &redis.Options{Network: "tcp", Addr: net.JoinHostPort(u.Hostname(), "6379")}
	if port := u.Port(); port != "" {
		o.Addr = net.JoinHostPort(u.Hostname(), port)
	}
	if database := strings.Trim(u.Path, "/"); database != "" {
		if o.DB, err = strconv.Atoi(database); err != nil || o.DB < 0 {
			return nil, bad
		}
	}
	if u.Scheme == "rediss" {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return o, nil
}

// readLife reads how long observations are kept; 0: forever.
func readLife(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	life, err := time.ParseDuration(text)
	if err != nil || life < 0 {
		return 0, flow.Fail(flow.Usage, "--%s is %q: it is a time such as 168h, or 0 forever", lifeOption, text)
	}
	return life, nil
}

// isLocal reports whether a host is this machine.
func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// silence keeps the library from writing lines of its own to standard error: what matters is in its errors.
var silence = sync.OnceFunc(func() { redis.SetLogger(noLines{}) })

type noLines struct{}

func (noLines) Printf(context.Context, string, ...any) {}
