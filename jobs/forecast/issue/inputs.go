package issue

import (
	"context"
	"slices"
	"time"

	"senmeteo/jobs/forecast"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// variables are those that days and hours are made of.
var variables = []meteo.Variable{
	meteo.Temperature, meteo.TemperatureMax, meteo.TemperatureMin, meteo.DewPoint, meteo.DewPointMean, meteo.Humidity, meteo.HumidityMean,
	meteo.WindSpeed, meteo.WindSpeedMean, meteo.Rain,
}

// Measured calls each with what a store holds of what was measured up to a time, as far as forecasts are made of it.
func Measured(ctx context.Context, store query.ForecastReader, until time.Time, each func(*meteo.Observation) error) error {
	return store.Measured(ctx, until, variables, each)
}

// Days are those that a store holds measurements of up to a time.
func Days(ctx context.Context, store query.ForecastReader, until time.Time) ([]forecast.Day, error) {
	c := forecast.NewCollector()
	err := Measured(ctx, store, until, func(o *meteo.Observation) error {
		c.Add(o)
		return nil
	})
	return c.Days(), err
}

// hourlyWindow is how long before an issue the hours matter: those that train the models, and those that the first of them are seen beside.
const hourlyWindow = 150 * 24 * time.Hour

// inputs gathers what the forecasts of one issue are made of.
type inputs struct {
	day, hour time.Time // the midnight and the hour of the issue
	days      *forecast.Collector
	hours     []forecast.Hour
	places    map[string]forecast.Site // of stations by id, where they were last
}

func newInputs(day, hour time.Time) *inputs {
	return &inputs{day: day, hour: hour, days: forecast.NewCollector(), places: map[string]forecast.Site{}}
}

// add adds an observation.
func (in *inputs) add(o *meteo.Observation) error {
	if !o.ObservedAt.After(in.day) {
		in.days.Add(o)
	}
	if o.Kind != meteo.Observed || o.ObservedAt.After(in.hour) {
		return nil
	}
	in.places[o.StationID] = forecast.Site{ID: o.StationID, Latitude: o.Latitude, Longitude: o.Longitude}
	if o.Values.Has(meteo.Temperature) && o.Quality != meteo.Bad && in.hour.Sub(o.ObservedAt) < hourlyWindow && !failed(o, meteo.Temperature) {
		in.hours = append(in.hours, forecast.Hour{StationID: o.StationID, At: o.ObservedAt, Temperature: o.Values[meteo.Temperature]})
	}
	return nil
}

// failed reports whether a value failed a check.
func failed(o *meteo.Observation, v meteo.Variable) bool {
	return slices.ContainsFunc(o.QC, func(f meteo.Failure) bool { return f.Subject == v.String() })
}

// readings are the forecasts: the days of each station, and then its hours.
func (in *inputs) readings() (all []meteo.Reading, err error) {
	days := slices.DeleteFunc(in.days.Days(), func(d forecast.Day) bool { return !d.Date.Before(in.day) })
	h := forecast.NewHistory(days)
	daily, err := forecast.Train(h, forecast.TrainedBefore(h, in.day)).Forecast(h, in.day)
	if err != nil {
		return nil, err
	}
	for i := range daily {
		if r, ok := ofDay(&daily[i], in.places[daily[i].StationID]); ok {
			all = append(all, r)
		}
	}
	hours := forecast.NewHours(in.hours)
	hourly := forecast.TrainHourly(hours, in.hour).Forecast(hours, in.hour)
	for i := range hourly {
		if r, ok := ofHour(&hourly[i], in.places[hourly[i].StationID]); ok {
			all = append(all, r)
		}
	}
	return all, nil
}
