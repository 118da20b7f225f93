// Package issue makes readings of forecasts: it trains on the days that were measured before a day, and gives what the days from that
// one on will have, as a source of readings of kind forecast. Equal measurements give equal readings, but for the time of the fetch.
package issue

import (
	"context"
	"math"
	"slices"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/forecast"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// Daily is the source of forecasts of days: observed_at is the end of the day, interval_s 86400.
const Daily = "forecast-daily"

// daySeconds is the interval of a day's reading.
const daySeconds = 24 * 60 * 60

// Source implements flow.Source.
type Source struct {
	Days     func(ctx context.Context, before time.Time) ([]forecast.Day, error) // what was measured before a midnight; later days don't count
	IssuedAt time.Time                                                           // its day in UTC is the first that is forecast, and nothing of it is looked at; zero: now
	Stations []meteo.Station                                                     // those to forecast; nil: all
	Now      func() time.Time                                                    // when it is fetched
}

// Day is the midnight at which a forecast is issued that is asked for at a time.
func Day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// Fetch implements flow.Source. Where nothing was measured lately there are no readings; it fails with flow.NoInput when there are none at
// all.
func (s *Source) Fetch(ctx context.Context, put func(*flow.Item) error) error {
	fetched := s.Now().UTC().Truncate(time.Microsecond)
	issued := Day(s.IssuedAt)
	if s.IssuedAt.IsZero() {
		issued = Day(fetched)
	}
	days, err := s.Days(ctx, issued)
	if err != nil {
		return err
	}
	days = slices.DeleteFunc(days, func(d forecast.Day) bool { return !d.Date.Before(issued) })
	h := forecast.NewHistory(days)
	list, err := forecast.Train(h, forecast.TrainedBefore(h, issued)).Forecast(h, issued)
	if err != nil {
		return err
	}
	places := placesOf(h)
	n := 0
	for i := range list {
		d := &list[i]
		r, ok := reading(d, places[d.StationID])
		if !ok || s.Stations != nil && !slices.ContainsFunc(s.Stations, func(chosen meteo.Station) bool { return chosen.ID == d.StationID }) {
			continue
		}
		n++
		r.FetchedAt = fetched
		if err := put(&flow.Item{Reading: r}); err != nil {
			return err
		}
	}
	if n == 0 {
		return flow.Fail(flow.NoInput, "no station has a day with %d hours of observations in the month before %s: fetch some, or choose another --issued-at", forecast.DayHours, issued.Format(time.DateOnly))
	}
	return ctx.Err()
}

// inputs are the variables that days are made of.
var inputs = []meteo.Variable{
	meteo.Temperature, meteo.TemperatureMax, meteo.TemperatureMin, meteo.DewPoint, meteo.DewPointMean, meteo.Humidity, meteo.HumidityMean,
	meteo.WindSpeed, meteo.WindSpeedMean, meteo.Rain,
}

// Days are those that a store holds measurements of up to a time.
func Days(ctx context.Context, store query.ForecastReader, until time.Time) ([]forecast.Day, error) {
	c := forecast.NewCollector()
	err := store.Measured(ctx, until, inputs, func(o *meteo.Observation) error {
		c.Add(o)
		return nil
	})
	return c.Days(), err
}

func placesOf(h *forecast.History) map[string]forecast.Site {
	places := map[string]forecast.Site{}
	for _, site := range h.Sites() {
		places[site.ID] = site
	}
	return places
}

// reading is the record of a day's forecast; ok is false for a station that is not known any more, and where nothing is forecast.
func reading(d *forecast.Daily, site forecast.Site) (r meteo.Reading, ok bool) {
	station, ok := meteo.FindStation(d.StationID)
	if !ok {
		return r, false
	}
	r = meteo.NewReading(station, d.Date.Add(daySeconds*time.Second), Daily, meteo.Forecast)
	r.IssuedAt, r.IntervalS = d.IssuedAt, daySeconds
	if meteo.Known(site.Latitude) && meteo.Known(site.Longitude) {
		r.Latitude, r.Longitude = site.Latitude, site.Longitude
	}
	for i, v := range forecast.Targets {
		if !meteo.Known(d.Quantiles[i].Median()) {
			continue
		}
		q := meteo.Quantile{Variable: v}
		for k, x := range d.Quantiles[i] {
			q.Values[k] = round(x, 100)
		}
		r.Values[v] = round(d.Quantiles[i].Median(), 100)
		r.Quantiles, _ = r.Quantiles.With(q) // each target is another variable
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
