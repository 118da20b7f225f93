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

// Known calls each with what a store holds of what was measured, and forecast by Guide, up to a time, as far as forecasts are made of it.
func Known(ctx context.Context, store query.ForecastReader, until time.Time, each func(*meteo.Observation) error) error {
	if err := Measured(ctx, store, until, each); err != nil {
		return err
	}
	day := Day(until)
	return store.Forecasts(ctx, Guide, day.AddDate(0, 0, -forecast.CombinedDays-1), day.Add(time.Second), each)
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
	guide     forecast.GuidanceCollector
}

func newInputs(day, hour time.Time) *inputs {
	return &inputs{day: day, hour: hour, days: forecast.NewCollector(), places: map[string]forecast.Site{}}
}

// add adds an observation.
func (in *inputs) add(o *meteo.Observation) error {
	if o.Kind == meteo.Forecast && o.Source == Guide && !o.IssuedAt.After(in.day) {
		in.guide.Add(o)
	}
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
	daily, err := in.daily(h)
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

// daily are the forecasts of days: the stations' own, moved by guidance where there is some.
func (in *inputs) daily(h *forecast.History) ([]forecast.Daily, error) {
	trained := forecast.TrainedBefore(h, in.day)
	model := forecast.Train(h, trained)
	list, err := model.Forecast(h, in.day)
	guidance := in.guide.Guidance()
	if err != nil || len(guidance) == 0 {
		return list, err
	}
	first := in.day
	for i := range guidance {
		if at := Day(guidance[i].IssuedAt); at.Before(first) {
			first = at
		}
	}
	if longest := in.day.AddDate(0, 0, -forecast.CombinedDays); first.Before(longest) {
		first = longest
	}
	var earlier []forecast.Daily
	for from := first; from.Before(in.day); {
		to, of := in.day, model
		if from.Before(trained) && len(h.Established(trained)) > 0 {
			to = trained // the end of a year, whose forecasts a model of the years before it made
			if before := forecast.TrainedBefore(h, from); len(h.Established(before)) > 0 {
				of = forecast.Train(h, before)
			}
		}
		some, err := of.ForecastEach(h, from, to)
		if err != nil {
			return nil, err
		}
		earlier = append(earlier, some...)
		from = to
	}
	model.Combine(h, list, earlier, guidance)
	return list, nil
}
