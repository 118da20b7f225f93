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

// contentPolicy lets the page load its own files and nothing else; nothing runs that stands in the HTML.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// guard refuses requests that are none of ours and sets the headers that every answer carries.
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

// allowedHost tells whether a Host header names us. A web page elsewhere that points its own name at our
// address (DNS rebinding) sends that name, so names must be known; an IP address can't be pointed.
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
