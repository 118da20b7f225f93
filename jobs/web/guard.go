package web

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// contentPolicy lets the page load its own files and nothing else; no script in the HTML runs.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// guard refuses requests to other hosts' names and sets the headers of every answer.
func guard(next http.Handler, hosts []string, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", contentPolicy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		if !allowedHost(r.Host, hosts) {
			plain(w, http.StatusMisdirectedRequest, "this address is not served here: use localhost, the IP address, or name the host when starting `senmeteo serve`")
			return
		}
		if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
			plain(w, http.StatusBadRequest, "this address can't be read")
			return
		}
		defer func() {
			if failure := recover(); failure != nil {
				if failure == http.ErrAbortHandler { //nolint:errorlint // the value itself is the signal
					panic(failure)
				}
				log.ErrorContext(r.Context(), "the page failed", "path", r.URL.Path, "panic", failure)
				plain(w, http.StatusInternalServerError, "internal error")
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// allowedHost reports whether a Host header names this page. A web site whose name points to this address (DNS
// rebinding) sends its own name, so names must be known; IP addresses are safe.
func allowedHost(hostPort string, hosts []string) bool {
	host := hostPort
	if h, _, err := net.SplitHostPort(hostPort); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	return host == "localhost" || slices.ContainsFunc(hosts, func(name string) bool { return strings.EqualFold(name, host) })
}
