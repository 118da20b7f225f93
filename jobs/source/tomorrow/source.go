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

// Fetch hands over one reading per station. When the budget has no room for a round nothing is asked and the
// error is a *NotDueError in a flow.Failure of class TryLater. A station that fails does not keep the others from being handed over: at the end a
// *PartialError tells which failed, as a flow.Failure of class Unavailable when one may succeed later and of class
// BadInput when none will. A key that is refused ends the fetch with class Usage.
func (s *Source) Fetch(ctx context.Context, put func(*flow.Item) error) (err error) {
	defer s.http.Close()
	calls, err := s.cfg.Budget.Reserve(ctx, len(s.cfg.Stations))
	var notDue *NotDueError
	if errors.As(err, &notDue) {
		return flow.Fail(flow.TryLater, "%w", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, calls.Release(context.WithoutCancel(ctx))) }()
	partial := &PartialError{Stations: len(s.cfg.Stations)}
	for i, station := range s.cfg.Stations {
		reading, err := s.realtime(ctx, station, calls)
		if err != nil {
			if end := s.ends(ctx, err); end != nil {
				return end
			}
			partial.add(station, err)
			if isUsedUp(err) {
				for _, rest := range s.cfg.Stations[i+1:] {
					partial.add(rest, errNotAsked)
				}
				break
			}
			continue
		}
		if err := put(&flow.Item{Reading: reading}); err != nil {
			return err
		}
	}
	return partial.failure()
}

// ends returns the error of a fetch that can't go on, nil when it can.
func (s *Source) ends(ctx context.Context, err error) error {
	var status *client.StatusError
	var known *flow.Failure
	switch {
	case ctx.Err() != nil, errors.As(err, &known) && known.Class == flow.CantWrite:
		return err
	case errors.As(err, &status) && (status.Status == http.StatusUnauthorized || status.Status == http.StatusForbidden):
		return flow.Fail(flow.Usage, "the key is refused: %w: write a valid key into the file that --api-key-file or SENMETEO_API_KEY_FILE names", err)
	}
	return nil
}

// isUsedUp tells whether the server says, and keeps saying, that the key may ask no more for now. Where only the
// budget has no room for a repetition, the calls set aside for the other stations may still be made.
func isUsedUp(err error) bool {
	var status *client.StatusError
	var notDue *NotDueError
	return errors.As(err, &status) && status.Status == http.StatusTooManyRequests && !errors.As(err, &notDue)
}

// furthest is how far from a station the place of its answer may be, in km: cells of the model are smaller.
const furthest = 25

// realtime asks for the present state at one station.
func (s *Source) realtime(ctx context.Context, station meteo.Station, calls *Reservation) (meteo.Reading, error) {
	query := url.Values{"location": {coordinates(station.Latitude, station.Longitude)}, "units": {"metric"}}
	answer, err := s.http.Get(ctx, &client.Request{
		URL:    s.address + "/v4/weather/realtime?" + query.Encode(),
		Header: http.Header{"Accept": {"application/json"}, "Apikey": {s.cfg.APIKey}},
		Before: attempts(calls),
		Wait:   resetWait,
		Fits:   client.JSON,
	})
	if err != nil {
		return meteo.Reading{}, s.explain(err)
	}
	fetched := s.cfg.HTTP.Now().UTC().Truncate(time.Microsecond)
	got, err := s.decoder.FromJSON(answer.Body, shape.Defaults{Station: station.ID, FetchedAt: fetched})
	if err != nil {
		return meteo.Reading{}, fmt.Errorf("reading the answer: %w", err)
	}
	if len(got) != 1 || !isRealtime(answer.Body) {
		return meteo.Reading{}, errors.New("reading the answer: it is no realtime body of Tomorrow.io")
	}
	if km := meteo.DistanceKM(station.Latitude, station.Longitude, got[0].Latitude, got[0].Longitude); km > furthest {
		return meteo.Reading{}, fmt.Errorf("reading the answer: it is about a place %.0f km away", km)
	}
	r := meteo.NewReading(station, got[0].ObservedAt, Name, meteo.Model)
	r.FetchedAt, r.Values, r.IntervalS = fetched, got[0].Values, got[0].IntervalS
	r.ProviderID = coordinates(got[0].Latitude, got[0].Longitude)
	return r, nil
}

// coordinates is a place as Tomorrow.io names it.
func coordinates(latitude, longitude float64) string {
	return strconv.FormatFloat(latitude, 'f', -1, 64) + "," + strconv.FormatFloat(longitude, 'f', -1, 64)
}

// attempts takes the first call of a station from those set aside, and repetitions from those that are free: a
// station that fails does not use up the calls of the others.
func attempts(calls *Reservation) func(context.Context) error {
	next := calls.Call
	return func(ctx context.Context) error {
		call := next
		next = calls.Extra
		return call(ctx)
	}
}

// isRealtime tells the body of a realtime call from the others that the decoder knows.
func isRealtime(body []byte) bool {
	var said struct {
		Data struct {
			Time   string         `json:"time"`
			Values map[string]any `json:"values"`
		} `json:"data"`
	}
	return json.Unmarshal(body, &said) == nil && said.Data.Time != "" && said.Data.Values != nil
}

// resetWait reads the header that tells in how many seconds the limit that was hit is lifted.
func resetWait(e *client.StatusError) (time.Duration, bool) {
	seconds, err := strconv.ParseUint(e.Header.Get("RateLimit-Reset"), 10, 31)
	if err != nil || e.Status != http.StatusTooManyRequests {
		return 0, false
	}
	return time.Duration(seconds) * time.Second, true
}
