package openmeteo

import (
	"context"
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
// documented shape.
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
	places, err := s.ask(ctx, s.forecast+"/v1/forecast", url.Values{"current": {names(present)}})
	if err != nil {
		return err
	}
	fetched := s.now()
	readings := make([]meteo.Reading, len(places))
	for i := range places { // all are read before the first is put: an answer is good as a whole
		if readings[i], err = places[i].state(s.cfg.Stations[i], fetched); err != nil {
			return err
		}
	}
	for i := range readings {
		if readings[i].Values.Count() == 0 {
			continue
		}
		if err := put(&flow.Item{Reading: readings[i]}); err != nil {
			return err
		}
	}
	return nil
}

// now is the present, as exact as readings are.
func (s *Source) now() time.Time { return s.cfg.HTTP.Now().UTC().Truncate(time.Microsecond) }

// ask sends one request for all stations. The answer has one place per station, in their order: its
// coordinates are those of the grid cell and tell nothing.
func (s *Source) ask(ctx context.Context, address string, query url.Values) ([]place, error) {
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
		return nil, s.failure(ctx, err)
	}
	return readPlaces(answer.Body, len(s.cfg.Stations))
}

// failure classes an error of a request.
func (s *Source) failure(ctx context.Context, err error) error {
	var later *client.LaterError
	var status *client.StatusError
	var refused *client.RefusedError
	var large *client.TooLargeError
	switch {
	case ctx.Err() != nil:
		return err
	case errors.As(err, &later):
		errors.As(later.Err, &status)
		return flow.Fail(flow.TryLater, "a limit of Open-Meteo is used up (%s): nothing is lost, run it again after %s", reason(status), stamp(later.Until))
	case errors.As(err, &status) && !status.Transient():
		return flow.Fail(flow.Usage, "asking Open-Meteo: %w: %s: check --base-url, --stations, --from and --to", err, reason(status))
	case errors.As(err, &status):
		return flow.Fail(flow.Unavailable, "asking Open-Meteo: %w: %s; run it again later", err, reason(status))
	case errors.As(err, &refused):
		return flow.Fail(flow.Unavailable, "asking Open-Meteo: %w: check --base-url and the network", err)
	case errors.As(err, &large):
		return flow.Fail(flow.BadInput, "asking Open-Meteo: %w: check --base-url", err)
	}
	return flow.Fail(flow.Unavailable, "asking Open-Meteo: %w: check the network, or run it again later", err)
}
