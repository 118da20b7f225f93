package backtest

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/forecast"
	"senmeteo/jobs/forecast/score"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/file"
)

// Config describes a backtest.
type Config struct {
	From  time.Time // the midnight of the first issue; zero: the first 1 January with two years before it
	To    time.Time // the first day that is not forecast any more; zero: the end of the file
	Leads []int     // days ahead, each from 1 to forecast.MaxLead
}

// Check refuses what can't be scored: flow.Usage.
func (c *Config) Check() error {
	if len(c.Leads) == 0 {
		return flow.Fail(flow.Usage, "--leads: name at least one, such as 1,3,7")
	}
	for i, lead := range c.Leads {
		if lead < 1 || lead > forecast.MaxLead || slices.Contains(c.Leads[:i], lead) {
			return flow.Fail(flow.Usage, "--leads: one is %d: name each once, from 1 to %d days", lead, forecast.MaxLead)
		}
	}
	if !c.From.IsZero() && !c.To.IsZero() && !c.From.Before(c.To) {
		return flow.Fail(flow.Usage, "--from, --to: the first day is not before the last one")
	}
	return nil
}

// ReadFile gives the observations of a file by its path, of stations of any country. Records that are refused are counted.
func ReadFile(ctx context.Context, path string, options file.Options, add func(*meteo.Observation) error) (refused int, err error) {
	options.AnyStation = true
	reader, err := file.Open(path, options)
	if err != nil {
		return 0, err
	}
	defer func() { _ = reader.Close() }() // read only
	for ctx.Err() == nil {
		rec, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return refused, nil
		}
		if err != nil {
			return refused, err
		}
		if rec.Refusal != nil {
			refused++
		}
		for i := range rec.Observations {
			if err := add(&rec.Observations[i]); err != nil {
				return refused, err
			}
		}
	}
	return refused, ctx.Err()
}

// Run scores what would have been forecast. It fails with flow.BadInput when the days do not suffice.
func Run(ctx context.Context, days []forecast.Day, c Config) (*score.Report, error) {
	h := forecast.NewHistory(days)
	first, end := h.Span()
	if c.To.IsZero() || c.To.After(end) {
		c.To = end
	}
	if c.From.IsZero() {
		c.From = firstIssue(h, first, c.To)
	}
	if c.From.IsZero() || len(h.Established(january(c.From))) == 0 {
		return nil, flow.Fail(flow.BadInput, "no station has %d days before the 1 January before the first forecast: give a longer file, or a later --from", forecast.EstablishedDays)
	}
	s := score.New(c.Leads)
	for from := c.From; from.Before(c.To); from = january(from).AddDate(1, 0, 0) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		to := january(from).AddDate(1, 0, 0)
		if to.After(c.To) {
			to = c.To
		}
		if err := runYear(s, h, from, to, c.To); err != nil {
			return nil, err
		}
	}
	return s.Report(c.From.Format(time.DateOnly), c.To.Format(time.DateOnly)), nil
}

// january is the 1 January of a date's year.
func january(date time.Time) time.Time {
	return time.Date(date.Year(), time.January, 1, 0, 0, 0, 0, time.UTC)
}

// firstIssue is the first 1 January before which a station has enough days; zero when there is none.
func firstIssue(h *forecast.History, first, end time.Time) time.Time {
	for date := january(first); date.Before(end); date = date.AddDate(1, 0, 0) {
		if len(h.Established(date)) > 0 {
			return date
		}
	}
	return time.Time{}
}

// runYear scores the issues of one year, of days before end.
func runYear(s *score.Scorer, h *forecast.History, from, to, end time.Time) error {
	trained := january(from)
	h = h.Only(h.Established(trained))
	list, err := forecast.Train(h, trained).ForecastEach(h, from, to)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(d forecast.Daily) bool { return !d.Date.Before(end) })
	s.Add(h, forecast.NewReferences(h, trained), list)
	return nil
}
