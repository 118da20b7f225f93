package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"senmeteo/jobs/query"
)

// renderer turns what is known into HTML.
type renderer struct {
	templates *template.Template
	static    *assets
	shapes    []shape
	maxAge    time.Duration
	counting  bool // there is a Pipeline
}

func newRenderer(static *assets, maxAge time.Duration, counting bool) (*renderer, error) {
	geojson, err := assetFiles.ReadFile("assets/senegal_regions.geojson")
	if err != nil {
		return nil, fmt.Errorf("reading the regions: %w", err)
	}
	shapes, err := drawRegions(geojson)
	if err != nil {
		return nil, err
	}
	templates, err := template.New("").Funcs(template.FuncMap{"asset": static.URL}).ParseFS(assetFiles, "assets/*.html")
	if err != nil {
		return nil, fmt.Errorf("reading the templates: %w", err)
	}
	return &renderer{templates, static, shapes, maxAge, counting}, nil
}

// showPage answers GET /.
func (h *Handler) showPage(w http.ResponseWriter, r *http.Request) {
	s := h.watcher.visit(r.Context())
	if s == nil { // the visitor left, or the server ends, before anything was read
		plain(w, http.StatusServiceUnavailable, "the page is shutting down")
		return
	}
	v, err := readView(r, s.Rows)
	if v.chosen {
		http.SetCookie(w, &http.Cookie{
			Name: languageCookie, Value: v.locale.Code, Path: "/", MaxAge: 365 * 24 * 3600,
			HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
		})
	}
	if err != nil {
		h.showError(w, http.StatusBadRequest, v, map[error]string{
			errStation: v.locale.BadStation, errLayer: v.locale.BadLayer, errHours: v.locale.BadHours,
		}[err])
		return
	}
	now := h.now()
	var lines []query.Line
	chartErr := s.StoreErr
	if !s.down() {
		lines, chartErr = h.series(r.Context(), query.SeriesQuery{
			StationID: v.station, Variable: v.layer.Variable, From: now.Add(-time.Duration(v.hours) * time.Hour), To: now,
		})
	}
	status := http.StatusOK
	if s.down() && s.ReadAt.IsZero() {
		status = http.StatusServiceUnavailable
	}
	h.render(w, status, v, "page.html", h.page.model(v, s, lines, chartErr, now))
}

// notFound answers every other address.
func (h *Handler) notFound(w http.ResponseWriter, r *http.Request) {
	l, chosen := chooseLocale(r)
	v := view{locale: l, chosen: chosen, layer: layers[0], hours: defaultHours}
	h.showError(w, http.StatusNotFound, v, l.BadPage)
}

func (h *Handler) showError(w http.ResponseWriter, status int, v view, message string) {
	back := view{locale: v.locale, chosen: v.chosen, station: "", layer: layers[0], hours: defaultHours}.URL()
	h.render(w, status, v, "error.html", struct {
		T             *locale
		Message, Back string
	}{v.locale, message, back})
}

// render writes a page only when the whole template succeeds.
func (h *Handler) render(w http.ResponseWriter, status int, v view, name string, data any) {
	var body bytes.Buffer
	if err := h.page.templates.ExecuteTemplate(&body, name, data); err != nil {
		h.log.Error("drawing the page", "template", name, "error", err)
		plain(w, http.StatusInternalServerError, "internal error")
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", v.locale.Code)
	header.Set("Cache-Control", "no-store")
	header.Add("Vary", "Accept-Language, Cookie")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // the visitor has left
}

// series reads a series within readTimeout, and logs a failure.
func (h *Handler) series(ctx context.Context, q query.SeriesQuery) ([]query.Line, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	lines, err := h.store.Series(ctx, q)
	if errors.Is(err, query.ErrEmpty) {
		return nil, nil
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		h.log.WarnContext(ctx, "the page can't read a series", "station", q.StationID, "variable", q.Variable, "error", err)
	}
	return lines, err
}
