// Package verify scores the forecasts that a store holds by what was observed then, as package backtest does those that would have been
// issued.
package verify

import (
	"context"
	"fmt"
	"io"
	"time"

	"senmeteo/jobs/forecast"
	"senmeteo/jobs/forecast/backtest"
	"senmeteo/jobs/forecast/issue"
	"senmeteo/jobs/forecast/score"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// defaultDays are how many days before the end the first issue is when nobody says.
const defaultDays = 30

// Of asks a store. Days that are not observed, or not yet, are left out. c.To is today where it is
// zero, and c.From 30 days before c.To.
func Of(ctx context.Context, store query.ForecastReader, c backtest.Config, now time.Time) (*score.Report, error) {
	if c.To.IsZero() {
		c.To = now
	}
	c.To = issue.Day(c.To)
	if c.From.IsZero() {
		c.From = c.To.AddDate(0, 0, -defaultDays)
	}
	c.From = issue.Day(c.From)
	byYear, err := forecasts(ctx, store, c)
	if err != nil {
		return nil, err
	}
	s := score.New(c.Leads)
	if len(byYear) > 0 {
		days, err := issue.Days(ctx, store, c.To)
		if err != nil {
			return nil, err
		}
		h := forecast.NewHistory(days)
		for year, list := range byYear {
			trained := forecast.TrainedBefore(h, time.Date(year, time.December, 31, 0, 0, 0, 0, time.UTC))
			s.Add(h, forecast.NewReferences(h, trained), list)
		}
	}
	return s.Report(c.From.Format(time.DateOnly), c.To.Format(time.DateOnly)), nil
}

// forecasts are those of days before c.To, by the year of their issue.
func forecasts(ctx context.Context, store query.ForecastReader, c backtest.Config) (map[int][]forecast.Daily, error) {
	byYear := map[int][]forecast.Daily{}
	err := store.Forecasts(ctx, issue.Daily, c.From, c.To, func(o *meteo.Observation) error {
		if d, ok := issue.Forecast(o); ok && d.Date.Before(c.To) {
			byYear[d.IssuedAt.Year()] = append(byYear[d.IssuedAt.Year()], d)
		}
		return nil
	})
	return byYear, err
}

// Print prints a report; of one without any forecast it says what to do.
func Print(r *score.Report, out io.Writer, asJSON bool) error {
	if len(r.Values) > 0 || len(r.Rain) > 0 || asJSON {
		return r.Print(out, asJSON)
	}
	_, err := fmt.Fprintf(out, "No forecast from %s on has been stored whose day is over: run `senmeteo forecast` each day.\n", r.From)
	return err
}
