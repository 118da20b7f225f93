// Package issue makes readings of forecasts: it trains on the days that were measured before a day, and gives what the days from that
// one on will have, as a source of readings of kind forecast. Equal measurements give equal readings, but for the time of the fetch.
package issue

import (
	"context"
	"log/slog"
	"math"
	"slices"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/forecast"
	"senmeteo/jobs/meteo"
)

// The sources of forecasts.
const (
	Daily  = "forecast-daily"  // of days: observed_at is the end of the day, interval_s 86400
	Hourly = "forecast-hourly" // of the temperature at full hours
)

// Guide is the source whose forecasts move those of days, as forecast.Model.Combine does.
const Guide = "open-meteo"

// daySeconds is the interval of a day's reading.
const daySeconds = 24 * 60 * 60

// Source implements flow.Source.
type Source struct {
	Read     func(ctx context.Context, until time.Time, add func(*meteo.Observation) error) error // gives what was measured up to a time, and what Guide had forecast; what is later does not count
	IssuedAt time.Time                                                                            // what was measured later is not looked at; zero: now
	Stations []meteo.Station                                                                      // those to forecast; nil: all
	Now      func() time.Time                                                                     // when it is fetched
	Log      *slog.Logger
}

// Day is the midnight at which a forecast is issued that is asked for at a time.
func Day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// Fetch implements flow.Source. The days are those from the one of the issue on, forecast from the days before it; the hours are those after
// the full hour before the issue. Where nothing was measured lately there are no readings.
func (s *Source) Fetch(ctx context.Context, put func(*flow.Item) error) error {
	fetched := s.Now().UTC().Truncate(time.Microsecond)
	at := s.IssuedAt.UTC()
	if s.IssuedAt.IsZero() {
		at = fetched
	}
	day, hour := Day(at), at.Truncate(time.Hour)
	in := newInputs(day, hour)
	if err := s.Read(ctx, hour, in.add); err != nil {
		return err
	}
	readings, err := in.readings()
	if err != nil {
		return err
	}
	n := 0
	for i := range readings {
		r := &readings[i]
		if s.Stations != nil && !slices.ContainsFunc(s.Stations, func(chosen meteo.Station) bool { return chosen.ID == r.StationID }) {
			continue
		}
		n++
		r.FetchedAt = fetched
		if err := put(&flow.Item{Reading: *r}); err != nil {
			return err
		}
	}
	if n == 0 {
		s.Log.Warn("nothing is forecast: no station has a day with enough hours of observations in the month before, nor hours of late; fetch some, or choose another --issued-at", "hours", forecast.DayHours, "issued_at", at)
	}
	return ctx.Err()
}

// ofPlace is a forecast of nothing yet; ok is false for a station that is not known any more.
func ofPlace(site forecast.Site, at, issued time.Time, source string) (r meteo.Reading, ok bool) {
	station, ok := meteo.FindStation(site.ID)
	if !ok {
		return r, false
	}
	r = meteo.NewReading(station, at, source, meteo.Forecast)
	r.IssuedAt = issued
	if meteo.Known(site.Latitude) && meteo.Known(site.Longitude) {
		r.Latitude, r.Longitude = site.Latitude, site.Longitude
	}
	return r, true
}

// set sets a variable of a forecast to the median, if that is known, and its quantiles.
func set(r *meteo.Reading, v meteo.Variable, quantiles *forecast.Quantiles) {
	if !meteo.Known(quantiles.Median()) {
		return
	}
	q := meteo.Quantile{Variable: v}
	for k, x := range quantiles {
		q.Values[k] = round(x, 100)
	}
	r.Values[v] = round(quantiles.Median(), 100)
	r.Quantiles, _ = r.Quantiles.With(q) // each variable is set once
}

// ofHour is the record of an hour's forecast.
func ofHour(f *forecast.Hourly, site forecast.Site) (r meteo.Reading, ok bool) {
	if r, ok = ofPlace(site, f.At, f.IssuedAt, Hourly); !ok {
		return r, false
	}
	set(&r, meteo.Temperature, &f.Quantiles)
	return r, true
}

// ofDay is the record of a day's forecast; ok is false, too, where nothing is forecast.
func ofDay(d *forecast.Daily, site forecast.Site) (r meteo.Reading, ok bool) {
	if r, ok = ofPlace(site, d.Date.Add(daySeconds*time.Second), d.IssuedAt, Daily); !ok {
		return r, false
	}
	r.IntervalS = daySeconds
	for i, v := range forecast.Targets {
		set(&r, v, &d.Quantiles[i])
	}
	if meteo.Known(d.RainProbability) {
		r.Values[meteo.RainProbability] = round(100*d.RainProbability, 10)
	}
	return r, r.Values.Count() > 0
}

// round rounds to a part of one: more digits mean nothing, and change with the order of a sum.
func round(x, part float64) float64 { return math.Round(x*part) / part }

// Forecast is the opposite: what a stored reading says of a day. ok is false where it is not one of a day.
func Forecast(o *meteo.Observation) (d forecast.Daily, ok bool) {
	end := o.ObservedAt.UTC()
	ahead := end.Sub(o.IssuedAt)
	if o.Source != Daily || o.IntervalS != daySeconds || ahead <= 0 || ahead%(daySeconds*time.Second) != 0 {
		return d, false
	}
	d = forecast.Daily{StationID: o.StationID, IssuedAt: o.IssuedAt.UTC(), Date: end.Add(-daySeconds * time.Second), Lead: int(ahead / (daySeconds * time.Second))}
	for i, v := range forecast.Targets {
		q := o.Quantiles.Of(v)
		for k := range d.Quantiles[i] {
			d.Quantiles[i][k] = math.NaN()
			if q != nil {
				d.Quantiles[i][k] = q.Values[k]
			}
		}
	}
	d.RainProbability = o.Values[meteo.RainProbability] / 100
	return d, true
}
