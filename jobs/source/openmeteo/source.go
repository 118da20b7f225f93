package openmeteo

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/client"
)

// Source gives the readings of Open-Meteo. It is a flow.Source.
type Source struct {
	cfg               Config
	http              *client.Client
	forecast, archive string // addresses of the two services
}

// New returns the source of a configuration, or what is wrong with that in words for its user.
func New(cfg Config) (*Source, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Source{cfg: cfg, forecast: forecastURL, archive: archiveURL}
	if cfg.BaseURL != "" {
		s.forecast = strings.TrimRight(cfg.BaseURL, "/")
		s.archive, cfg.HTTP.Internal = s.forecast, true
	}
	for _, address := range []string{s.forecast, s.archive} {
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		cfg.HTTP.Hosts = append(cfg.HTTP.Hosts, u.Host)
	}
	if cfg.HTTP.Now == nil {
		cfg.HTTP.Now = time.Now
	}
	s.cfg.HTTP.Now = cfg.HTTP.Now
	var err error
	s.http, err = client.New(cfg.HTTP)
	return s, err
}

// Fetch hands over one reading of each station for the present, or, of a window, those of every hour, chunk by
// chunk. Errors are a flow.Failure: Unavailable for what passes, TryLater when a limit is used up for longer than
// it is worth waiting, Usage for a request that the server calls wrong, BadInput for an answer that is not of the
// documented shape. Where only the parts of some stations are not, the others are handed over, and the Failure wraps a
// *flow.PartialError.
func (s *Source) Fetch(ctx context.Context, put func(*flow.Item) error) error {
	defer s.http.Close()
	if s.cfg.From.IsZero() {
		return s.fetchPresent(ctx, put)
	}
	return s.fetchWindow(ctx, put)
}

// present are the variables of the present state; Open-Meteo gives no dew point and no visibility for it.
var present = []variable{
	{"temperature_2m", meteo.Temperature, "°C"},
	{"relative_humidity_2m", meteo.Humidity, "%"},
	{"precipitation", meteo.Rain, "mm"},
	{"cloud_cover", meteo.CloudCover, "%"},
	{"pressure_msl", meteo.Pressure, "hPa"},
	{"wind_speed_10m", meteo.WindSpeed, "m/s"},
	{"wind_direction_10m", meteo.WindDirection, "°"},
	{"wind_gusts_10m", meteo.WindGust, "m/s"},
}

func (s *Source) fetchPresent(ctx context.Context, put func(*flow.Item) error) error {
	parts, err := s.ask(ctx, s.forecast+"/v1/forecast", url.Values{"current": {names(present)}})
	if err != nil {
		return err
	}
	fetched := s.now()
	failed := &flow.PartialError{Parts: "stations", All: len(parts)}
	for i := range parts {
		station := s.cfg.Stations[i]
		r, err := parts[i].state(station, fetched)
		switch {
		case err != nil:
			failed.Add(station.ID, err)
			continue
		case r.Values.Count() == 0:
			continue
		}
		if err := put(&flow.Item{Reading: r}); err != nil {
			return err
		}
	}
	return failure(failed)
}

// failure is the error of an answer: nil when the part of no station failed.
func failure(failed *flow.PartialError) error {
	if len(failed.Failed) == 0 {
		return nil
	}
	return malformed("%w", error(failed))
}

// now is the present, as exact as readings are.
func (s *Source) now() time.Time { return s.cfg.HTTP.Now().UTC().Truncate(time.Microsecond) }

// ask sends one request for all stations and returns the part of each. Places are assigned by their order: their
// coordinates are those of the grid cell and do not identify a station.
func (s *Source) ask(ctx context.Context, address string, query url.Values) ([]part, error) {
	latitudes, longitudes := make([]string, len(s.cfg.Stations)), make([]string, len(s.cfg.Stations))
	for i, station := range s.cfg.Stations {
		latitudes[i] = strconv.FormatFloat(station.Latitude, 'f', -1, 64)
		longitudes[i] = strconv.FormatFloat(station.Longitude, 'f', -1, 64)
	}
	query.Set("latitude", strings.Join(latitudes, ","))
	query.Set("longitude", strings.Join(longitudes, ","))
	query.Set("timeformat", "unixtime")
	query.Set("timezone", "GMT")
	query.Set("wind_speed_unit", "ms")
	answer, err := s.http.Get(ctx, &client.Request{
		URL:    address + "?" + query.Encode(),
		Header: http.Header{"Accept": {"application/json"}},
		Wait:   s.limitWait,
		Fits:   client.JSON,
	})
	if err != nil {
		return nil, s.refusal(ctx, err)
	}
	if said := answer.Said(); said != "" && isError(answer.Body) {
		return nil, s.refused(said)
	}
	return readPlaces(answer.Body, len(s.cfg.Stations))
}

// isError reports whether a body is that of an error, {"error":true,"reason":"..."}, which may come with a good status.
func isError(body []byte) bool {
	var object struct {
		Error any             `json:"error"`
		Here  json.RawMessage `json:"current"`
		Hours json.RawMessage `json:"hourly"`
	}
	return json.Unmarshal(body, &object) == nil && object.Error != nil && object.Here == nil && object.Hours == nil
}

// refused is the error of a body that says why it holds nothing.
func (s *Source) refused(said string) error {
	if wait, ok := s.limitOf(said); ok {
		return usedUp(said, s.now().Add(wait))
	}
	return flow.Fail(flow.Unavailable, "asking Open-Meteo: it answered with an error: %s: check --stations, --from and --to, or run it again later", said)
}

// usedUp is the error of a limit.
func usedUp(said string, until time.Time) error {
	if said == "" {
		said = "it gives no reason"
	}
	return flow.Fail(flow.TryLater, "a limit of Open-Meteo is used up (%s): nothing is lost, run it again after %s", said, stamp(until))
}

// refusal classes an error of a request.
func (s *Source) refusal(ctx context.Context, err error) error {
	var later *client.LaterError
	var status *client.StatusError
	var refused *client.RefusedError
	var large *client.TooLargeError
	switch {
	case ctx.Err() != nil:
		return err
	case errors.As(err, &later):
		said := ""
		if errors.As(later.Err, &status) {
			said = status.Said
		}
		return usedUp(said, later.Until)
	case errors.As(err, &status) && !status.Transient():
		return flow.Fail(flow.Usage, "asking Open-Meteo: %w: check --base-url, --stations, --from and --to", err)
	case errors.As(err, &status):
		return flow.Fail(flow.Unavailable, "asking Open-Meteo: %w; run it again later", err)
	case errors.As(err, &refused):
		return flow.Fail(flow.Unavailable, "asking Open-Meteo: %w: check --base-url and the network", err)
	case errors.As(err, &large):
		return flow.Fail(flow.BadInput, "asking Open-Meteo: %w: check --base-url", err)
	}
	return flow.Fail(flow.Unavailable, "asking Open-Meteo: %w: check the network, or run it again later", err)
}
