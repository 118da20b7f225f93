package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"senmeteo/jobs/query"
)

// Config is what the page needs.
type Config struct {
	Store    query.Reader
	Pipeline query.Counter    // nil: the page shows no counters
	Metrics  http.Handler     // of GET /metrics; nil: there is no such page
	Now      func() time.Time // nil: time.Now
	Refresh  time.Duration    // least time between two readings of the store; 0: 2 s
	MaxAge   time.Duration    // an older observation is shown as late; 0: 3 h, the step of synoptic reports
	Hosts    []string         // host names, without port, under which the page is served besides localhost and IP addresses
	Logger   *slog.Logger     // nil: slog.Default()
}

// Handler serves the page. Close ends its event streams.
type Handler struct {
	http.Handler
	watcher *watcher
	page    *renderer
	store   query.Reader
	now     func() time.Time
	log     *slog.Logger
	beat    time.Duration
}

// NewHandler returns the page's handler. The store need not answer yet.
func NewHandler(c Config) (*Handler, error) {
	if c.Store == nil {
		return nil, errors.New("making the page: there is no store to read from")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Refresh <= 0 {
		c.Refresh = 2 * time.Second
	}
	if c.MaxAge <= 0 {
		c.MaxAge = 3 * time.Hour
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	static, err := loadAssets()
	if err != nil {
		return nil, fmt.Errorf("making the page: %w", err)
	}
	page, err := newRenderer(static, c.MaxAge, c.Pipeline != nil)
	if err != nil {
		return nil, fmt.Errorf("making the page: %w", err)
	}
	h := &Handler{watcher: newWatcher(c), page: page, store: c.Store, now: c.Now, log: c.Logger, beat: beat}

	smaller := func(next http.HandlerFunc) http.Handler { return gzhttp.GzipHandler(next) }
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", smaller(h.showPage))
	mux.Handle("GET /api/latest", smaller(h.apiLatest))
	mux.Handle("GET /api/series", smaller(h.apiSeries))
	mux.Handle("GET /static/{name}", smaller(static.serve))
	mux.HandleFunc("GET /favicon.ico", static.serveIcon)
	mux.HandleFunc("GET /events", h.events)
	mux.HandleFunc("GET /healthz", h.healthz)
	mux.HandleFunc("GET /readyz", h.readyz)
	if c.Metrics != nil {
		mux.Handle("GET /metrics", c.Metrics)
	}
	mux.Handle("GET /", smaller(h.notFound))
	h.Handler = guard(mux, c.Hosts, c.Logger)
	return h, nil
}

// Close ends the event streams and the current reading. Use it with http.Server.RegisterOnShutdown:
// a server that shuts down waits for open streams otherwise.
func (h *Handler) Close() { h.watcher.close() }

// healthz reports that the program runs.
func (h *Handler) healthz(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") }

// readyz reports whether the page has something to show: the store answers.
func (h *Handler) readyz(w http.ResponseWriter, r *http.Request) {
	if s := h.watcher.snapshot(r.Context()); s == nil || s.down() {
		plain(w, http.StatusServiceUnavailable, "the database does not answer")
		return
	}
	plain(w, http.StatusOK, "ok")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, text) // the visitor has left
}
