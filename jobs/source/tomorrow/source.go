package tomorrow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
	"senmeteo/jobs/source/client"
)

// Source gives the readings of Tomorrow.io. It is a flow.Source.
type Source struct {
	cfg     Config
	address string
	http    *client.Client
	decoder *shape.Decoder
	warned  []string // what was passed to Config.Warn
}

// New returns the source of a configuration, or what is wrong with that in words for its user.
func New(cfg Config) (*Source, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	address := publicURL
	if cfg.BaseURL != "" {
		address, cfg.HTTP.Internal = strings.TrimRight(cfg.BaseURL, "/"), true
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	cfg.HTTP.Hosts = []string{u.Host}
	if cfg.HTTP.Now == nil {
		cfg.HTTP.Now = time.Now
	}
	s := &Source{cfg: cfg, address: address, decoder: shape.NewDecoder()}
	s.http, err = client.New(cfg.HTTP)
	return s, err
}

// Fetch hands over one reading per station, or, of a window, those of its hours. When the budget has no room for a round nothing is asked and the
// error is a *NotDueError in a flow.Failure of class TryLater. A station that fails does not keep the others from being handed over: at the end a
// *flow.PartialError reports which failed, as a flow.Failure of class Unavailable when one may succeed later and of class
// BadInput when none will. A key that is refused ends the fetch with class Usage.
func (s *Source) Fetch(ctx context.Context, put func(*flow.Item) error) (err error) {
	defer s.http.Close()
	if !s.cfg.From.Before(s.cfg.To) && !s.cfg.From.IsZero() {
		return nil // an empty window
	}
	calls, err := s.cfg.Budget.Reserve(ctx, len(s.cfg.Stations))
	var notDue *NotDueError
	if errors.As(err, &notDue) {
		return flow.Fail(flow.TryLater, "%w", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, calls.Release(context.WithoutCancel(ctx))) }()
	partial := &flow.PartialError{Parts: "stations", All: len(s.cfg.Stations)}
	for i, station := range s.cfg.Stations {
		readings, err := s.readings(ctx, station, calls)
		if err != nil {
			if end := s.ends(ctx, err, i == 0); end != nil {
				return end
			}
			partial.Add(station.ID, err)
			if isUsedUp(err) {
				for _, rest := range s.cfg.Stations[i+1:] {
					partial.Add(rest.ID, errNotAsked)
				}
				break
			}
			continue
		}
		for i := range readings {
			if err := put(&flow.Item{Reading: readings[i]}); err != nil {
				return err
			}
		}
	}
	return failure(partial)
}

// ends returns the error of a fetch that can't go on, nil when it can. A window that the first station's answer calls
// wrong is wrong for all.
func (s *Source) ends(ctx context.Context, err error, first bool) error {
	var status *client.StatusError
	var known *flow.Failure
	switch {
	case ctx.Err() != nil, errors.As(err, &known) && known.Class == flow.CantWrite:
		return err
	case errors.As(err, &status) && (status.Status == http.StatusUnauthorized || status.Status == http.StatusForbidden):
		return flow.Fail(flow.Usage, "the key is refused: %w: write a valid key into the file that --api-key-file or SENMETEO_API_KEY_FILE names", err)
	case first && !s.cfg.From.IsZero() && errors.As(err, &status) && status.Status == http.StatusBadRequest:
		return flow.Fail(flow.Usage, "the window is refused: %w: choose --from and --to within what your plan allows", err)
	}
	return nil
}

// isUsedUp reports whether the server says, and keeps saying, that the key may ask no more for now. Where only the
// budget has no room for a repetition, the calls set aside for the other stations may still be made.
func isUsedUp(err error) bool {
	var status *client.StatusError
	var notDue *NotDueError
	return errors.As(err, &status) && status.Status == http.StatusTooManyRequests && !errors.As(err, &notDue)
}

// furthest is how far from a station the place of its answer may be, in km: cells of the model are smaller.
const furthest = 25

// readings asks for one station.
func (s *Source) readings(ctx context.Context, station meteo.Station, calls *Reservation) ([]meteo.Reading, error) {
	query := url.Values{"location": {coordinates(station.Latitude, station.Longitude)}, "units": {"metric"}}
	if s.cfg.From.IsZero() {
		return s.realtime(ctx, station, query, calls)
	}
	return s.timeline(ctx, station, query, calls)
}

// realtime asks for the present state at one station.
func (s *Source) realtime(ctx context.Context, station meteo.Station, query url.Values, calls *Reservation) ([]meteo.Reading, error) {
	answer, err := s.get(ctx, "/v4/weather/realtime", query, calls)
	if err != nil {
		return nil, err
	}
	if !isRealtime(answer.Body) {
		return nil, notOf("realtime", answer)
	}
	return s.decode(answer.Body, station)
}

// notOf is the error of an answer with another body than that of a service, and what it says instead.
func notOf(service string, answer *client.Response) error {
	if said := answer.Said(); said != "" {
		return fmt.Errorf("reading the answer: it is not a %s body of Tomorrow.io: %s", service, said)
	}
	return fmt.Errorf("reading the answer: it is not a %s body of Tomorrow.io", service)
}

// get makes a call.
func (s *Source) get(ctx context.Context, path string, query url.Values, calls *Reservation) (*client.Response, error) {
	return s.http.Get(ctx, &client.Request{
		URL:    s.address + path + "?" + query.Encode(),
		Header: http.Header{"Accept": {"application/json"}, "Apikey": {s.cfg.APIKey}},
		Before: attempts(calls),
		Wait:   resetWait,
		Fits:   client.JSON,
	})
}

// decode makes the readings of a body, which must be about the station's place.
func (s *Source) decode(body []byte, station meteo.Station) ([]meteo.Reading, error) {
	fetched := s.cfg.HTTP.Now().UTC().Truncate(time.Microsecond)
	got, err := s.decoder.FromJSON(body, shape.Defaults{Station: station.ID, FetchedAt: fetched})
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	readings := make([]meteo.Reading, len(got))
	for i := range got {
		o := &got[i]
		if km := meteo.DistanceKM(station.Latitude, station.Longitude, o.Latitude, o.Longitude); km > furthest {
			return nil, fmt.Errorf("reading the answer: it is about a place %.0f km away", km)
		}
		r := &readings[i]
		*r = meteo.NewReading(station, o.ObservedAt, Name, o.Kind)
		r.FetchedAt, r.IssuedAt, r.Values, r.IntervalS = fetched, o.IssuedAt, o.Values, o.IntervalS
		r.ProviderID = coordinates(o.Latitude, o.Longitude)
	}
	return readings, nil
}

// coordinates is a place as Tomorrow.io names it.
func coordinates(latitude, longitude float64) string {
	return strconv.FormatFloat(latitude, 'f', -1, 64) + "," + strconv.FormatFloat(longitude, 'f', -1, 64)
}

// attempts uses a call that was set aside for the first attempt of a station, and free calls for repetitions: a
// station that fails does not use up the calls of the others.
func attempts(calls *Reservation) func(context.Context) error {
	next := calls.Call
	return func(ctx context.Context) error {
		call := next
		next = calls.Extra
		return call(ctx)
	}
}

// isRealtime reports whether a body is that of a realtime call, and not another that the decoder knows.
func isRealtime(body []byte) bool {
	var said struct {
		Data struct {
			Time   string         `json:"time"`
			Values map[string]any `json:"values"`
		} `json:"data"`
	}
	return json.Unmarshal(body, &said) == nil && said.Data.Time != "" && said.Data.Values != nil
}

// resetWait reads the header that says in how many seconds the limit that was hit is lifted.
func resetWait(e *client.StatusError) (time.Duration, bool) {
	seconds, err := strconv.ParseUint(e.Header.Get("RateLimit-Reset"), 10, 31)
	if err != nil || e.Status != http.StatusTooManyRequests {
		return 0, false
	}
	return time.Duration(seconds) * time.Second, true
}
