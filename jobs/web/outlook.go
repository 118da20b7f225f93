package web

import (
	"slices"
	"time"

	"senmeteo/jobs/forecast"
	"senmeteo/jobs/meteo"
)

// outlookModel is what is forecast of the chosen station.
type outlookModel struct {
	Name    string
	Problem string
	Nothing string // there is no forecast of this station; "" when there is one
	Issued  *age
	Late    bool // newer forecasts should be there
	Days    *fan
	Hours   *fan
	Columns []string // the elements
	Rows    []dayAhead
	Scores  *scoresModel
}

// dayAhead is one day of the table.
type dayAhead struct {
	Name   string
	Cells  []rangeModel // in the order of forecast.Targets
	Rain   string
	Chance float64 // of rain, percent
}

// rangeModel is a median and the band that holds 90 %; both "" when not known.
type rangeModel struct{ Median, Range string }

// issueEvery is how often forecasts are issued; one that is twice as old is late.
const issueEvery = 24 * time.Hour

// outlook describes the forecasts of the chosen station; nil when the store holds none at all.
func (at situation) outlook() *outlookModel {
	a, l := &at.snapshot.Survey.Forecasts, at.locale
	if !a.Asked {
		return nil
	}
	m := &outlookModel{Name: stationName(at.station), Problem: a.unknown(l), Scores: at.scores()}
	f := a.Value[at.station]
	if f == nil {
		f = &outlook{}
	}
	days := slices.DeleteFunc(slices.Clone(f.Days), func(d forecast.Daily) bool { return !d.Date.AddDate(0, 0, 1).After(at.now) })
	hours := slices.DeleteFunc(slices.Clone(f.Hours), func(h hourAhead) bool { return h.At.Before(at.now.Add(-time.Hour)) })
	if len(days) > 0 {
		m.Issued, m.Late = at.age(days[0].IssuedAt), at.now.Sub(days[0].IssuedAt) > 2*issueEvery
		m.Days, m.Rows = at.days(days)
		for _, v := range forecast.Targets {
			m.Columns = append(m.Columns, l.Variable(v))
		}
	}
	if len(hours) > 0 {
		if m.Issued == nil {
			m.Issued = at.age(hours[0].IssuedAt)
		}
		m.Hours = at.hours24(hours)
	}
	if m.Problem == "" && m.Days == nil && m.Hours == nil && len(m.Rows) == 0 {
		m.Nothing = l.NoForecast
	}
	return m
}

// days draws the fan of the highest and the lowest temperature of each day, and the table of all that is forecast of it.
func (at situation) days(days []forecast.Daily) (*fan, []dayAhead) {
	l := at.locale
	warm, cold := ray{class: "warm", name: l.Highest}, ray{class: "cold", name: l.Lowest}
	var rows []dayAhead
	for i := range days {
		d := &days[i]
		row := dayAhead{Name: l.Day(d.Date), Rain: "–"}
		for target, v := range forecast.Targets {
			row.Cells = append(row.Cells, l.spread(v, d.Quantiles[target]))
		}
		if meteo.Known(d.RainProbability) {
			row.Chance = round(100 * d.RainProbability)
			row.Rain = l.Number(row.Chance, 0) + "\u00a0%"
		}
		rows = append(rows, row)
		middle := d.Date.Add(12 * time.Hour)
		warm.add(middle, d.Quantiles[slices.Index(forecast.Targets[:], meteo.TemperatureMax)])
		cold.add(middle, d.Quantiles[slices.Index(forecast.Targets[:], meteo.TemperatureMin)])
	}
	f, d := drawFan(l, layers[0], days[0].Date, days[len(days)-1].Date.AddDate(0, 0, 1), &warm, &cold)
	if f == nil {
		return nil, rows
	}
	f.Title = l.DaysAhead
	for i := range days {
		f.XTicks = append(f.XTicks, tick{At: round(d.x(days[i].Date.Add(12 * time.Hour))), Label: l.Day(days[i].Date)})
	}
	for _, r := range []*ray{&warm, &cold} {
		for i, t := range r.times {
			value := r.quantiles[i][median]
			f.Labels = append(f.Labels, tag{round(d.x(t)), round(d.y(value)), l.Number(value, 0) + "°", r == &cold})
		}
	}
	return f, rows
}

// hours24 draws the fan of the temperature of the next hours.
func (at situation) hours24(hours []hourAhead) *fan {
	l := at.locale
	r := ray{class: "warm", name: l.Layer(layers[0])}
	for _, h := range hours {
		r.add(h.At, h.Quantiles)
	}
	f, d := drawFan(l, layers[0], hours[0].At, hours[len(hours)-1].At, &r)
	if f == nil {
		return nil
	}
	d.timeAxis()
	f.Title, f.XTicks, f.Keys = l.HoursAhead, d.XTicks, nil
	lowest, highest := 0, 0
	for i, q := range r.quantiles {
		if q[median] < r.quantiles[lowest][median] {
			lowest = i
		}
		if q[median] > r.quantiles[highest][median] {
			highest = i
		}
	}
	f.Summary = fill(l.ChartSummary,
		l.Value(layers[0], r.quantiles[lowest][median]), l.Moment(r.times[lowest]),
		l.Value(layers[0], r.quantiles[highest][median]), l.Moment(r.times[highest]))
	return f
}

// spread writes a median and the band of 90 %.
func (l *locale) spread(v meteo.Variable, q forecast.Quantiles) rangeModel {
	if !meteo.Known(q.Median()) {
		return rangeModel{}
	}
	decimals := 1
	if v == meteo.HumidityMean {
		decimals = 0
	}
	return rangeModel{
		l.Number(q.Median(), decimals) + "\u00a0" + meteo.Variables[v].Unit,
		fill(l.Between, l.Number(q[low90], decimals), l.Number(q[hi90], decimals)),
	}
}
