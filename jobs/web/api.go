package web

import (
	"encoding/json"
	"net/http"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// apiLatest answers GET /api/latest: the newest observation of each station, in the JSON form of
// the clean topic, and the rain of its last 24 hours.
func (h *Handler) apiLatest(w http.ResponseWriter, r *http.Request) {
	s := h.watcher.snapshot(r.Context())
	if s == nil || s.ReadAt.IsZero() {
		h.apiError(w, http.StatusServiceUnavailable, "the database does not answer")
		return
	}
	type row struct {
		Observation   *meteo.Observation `json:"observation"`
		Rain24h       *float64           `json:"rain_24h_mm,omitempty"`
		Rain24Covered int64              `json:"rain_24h_covered_s"`
		AgeS          int64              `json:"age_s"`
	}
	answer := struct {
		Version  string    `json:"version"`
		ReadAt   time.Time `json:"read_at"`
		Current  bool      `json:"current"` // false: the database does not answer now, these are the last values
		Stations []row     `json:"stations"`
	}{s.Version, s.ReadAt.UTC().Truncate(time.Millisecond), !s.down(), []row{}}
	for i := range s.Rows {
		o := &s.Rows[i]
		answer.Stations = append(answer.Stations, row{
			Observation: &o.Observation, Rain24h: optional(o.Rain24.MM), Rain24Covered: o.Rain24.CoveredS,
			AgeS: int64(h.now().Sub(o.ObservedAt) / time.Second),
		})
	}
	h.apiAnswer(w, http.StatusOK, answer)
}

// apiSeries answers GET /api/series?station=SN-DK&variable=temperature_c&hours=72: one line per source.
func (h *Handler) apiSeries(w http.ResponseWriter, r *http.Request) {
	parameters := r.URL.Query()
	variable, ok := meteo.VariableByName(parameters.Get("variable"))
	if parameters.Get("variable") == "" {
		variable, ok = meteo.Temperature, true
	}
	if !ok {
		h.apiError(w, http.StatusBadRequest, errLayer.Error())
		return
	}
	hours, err := readHours(parameters)
	if err != nil {
		h.apiError(w, http.StatusBadRequest, err.Error())
		return
	}
	station := parameters.Get("station")
	var known []query.Latest
	if s := h.watcher.snapshot(r.Context()); s != nil {
		known = s.Rows
	}
	if !isStation(station, known) {
		h.apiError(w, http.StatusBadRequest, errStation.Error())
		return
	}
	to := h.now()
	q := query.SeriesQuery{StationID: station, Variable: variable, From: to.Add(-time.Duration(hours) * time.Hour), To: to}
	lines, err := h.series(r.Context(), q)
	if err != nil {
		h.apiError(w, http.StatusServiceUnavailable, "the database does not answer")
		return
	}
	type point struct {
		At        time.Time    `json:"at"`
		Value     *float64     `json:"value"` // null: not measured
		IntervalS int64        `json:"interval_s,omitempty"`
		Failed    []meteo.Rule `json:"failed,omitempty"`
	}
	type line struct {
		Source string     `json:"source"`
		Kind   meteo.Kind `json:"kind"`
		Points []point    `json:"points"`
	}
	answer := struct {
		Station  string    `json:"station"`
		Variable string    `json:"variable"`
		Unit     string    `json:"unit"`
		From     time.Time `json:"from"`
		To       time.Time `json:"to"`
		Lines    []line    `json:"lines"`
	}{station, variable.String(), meteo.Variables[variable].Unit, q.From.UTC(), q.To.UTC(), []line{}}
	for _, l := range lines {
		out := line{Source: l.Source, Kind: l.Kind, Points: make([]point, 0, len(l.Points))}
		for _, p := range l.Points {
			out.Points = append(out.Points, point{p.At.UTC(), optional(p.Value), p.IntervalS, p.Failed})
		}
		answer.Lines = append(answer.Lines, out)
	}
	h.apiAnswer(w, http.StatusOK, answer)
}

// optional is nil for an unknown number.
func optional(x float64) *float64 {
	if !meteo.Known(x) {
		return nil
	}
	return &x
}

func (h *Handler) apiError(w http.ResponseWriter, status int, message string) {
	h.apiAnswer(w, status, struct {
		Error string `json:"error"`
	}{message})
}

func (h *Handler) apiAnswer(w http.ResponseWriter, status int, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		h.log.Error("writing JSON", "error", err)
		plain(w, http.StatusInternalServerError, "internal error")
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the visitor has left
}
