package web

import (
	"context"
	"log/slog"
	"time"

	"senmeteo/jobs/forecast"
	"senmeteo/jobs/forecast/backtest"
	"senmeteo/jobs/forecast/issue"
	"senmeteo/jobs/forecast/score"
	"senmeteo/jobs/forecast/verify"
	"senmeteo/jobs/gaps"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// What a survey looks back at, in days.
const (
	gapDays      = 30 // today is the last one
	flagDays     = 7
	incidentDays = 7
	scoredDays   = 30
	issuedDays   = 2 // before today: an older forecast is of no use
)

// scoredLeads are how many days ahead the forecasts are that scores are shown of.
var scoredLeads = []int{1, 7}

// newSurveyor asks a store what it can answer. Of a query.Live only the history is asked.
func newSurveyor(store query.Reader, now func() time.Time, log *slog.Logger) *surveyor {
	if live, ok := store.(*query.Live); ok {
		store = live.History
	}
	s := &surveyor{now: now, log: log}
	if r, ok := store.(query.IncidentStore); ok {
		put(s, "incidents", time.Minute, 10*time.Second, func(v *survey) *answer[[]query.Incident] { return &v.Incidents },
			func(ctx context.Context, now time.Time) ([]query.Incident, error) {
				return r.Incidents(ctx, now.AddDate(0, 0, -incidentDays))
			})
	}
	if r, ok := store.(query.FlagReader); ok {
		put(s, "what failed the checks", time.Minute, 30*time.Second, func(v *survey) *answer[[]query.Flag] { return &v.Flags },
			func(ctx context.Context, now time.Time) ([]query.Flag, error) {
				return r.Flags(ctx, now.AddDate(0, 0, -flagDays), now)
			})
	}
	if r, ok := store.(query.ForecastReader); ok {
		put(s, "forecasts", time.Minute, 10*time.Second, func(v *survey) *answer[map[string]*outlook] { return &v.Forecasts },
			func(ctx context.Context, now time.Time) (map[string]*outlook, error) { return outlooks(ctx, r, now) })
	}
	if r, ok := store.(query.PresenceReader); ok {
		put(s, "what is missing", time.Minute, 30*time.Second, func(v *survey) *answer[*gaps.Report] { return &v.Gaps },
			func(ctx context.Context, now time.Time) (*gaps.Report, error) {
				return gaps.Look(ctx, r, gaps.Window{From: issue.Day(now).AddDate(0, 0, 1-gapDays), To: now.UTC(), Now: now.UTC()})
			})
	}
	if r, ok := store.(query.ForecastReader); ok {
		// It reads all that was measured: seconds, of a year of readings every ten minutes.
		put(s, "the scores of forecasts", time.Hour, time.Minute, func(v *survey) *answer[*score.Report] { return &v.Scores },
			func(ctx context.Context, now time.Time) (*score.Report, error) {
				from := issue.Day(now).AddDate(0, 0, -scoredDays)
				return verify.Of(ctx, r, backtest.Config{From: from, Leads: scoredLeads}, now)
			})
	}
	return s
}

// outlook is the newest forecast of a station, in the order of time.
type outlook struct {
	Days  []forecast.Daily
	Hours []hourAhead
}

// hourAhead is the temperature that is forecast of one full hour.
type hourAhead struct {
	IssuedAt, At time.Time
	Quantiles    [len(meteo.QuantileLevels)]float64 // °C
}

// outlooks reads the newest forecast of each station.
func outlooks(ctx context.Context, r query.ForecastReader, now time.Time) (map[string]*outlook, error) {
	all := map[string]*outlook{}
	of := func(id string) *outlook {
		if all[id] == nil {
			all[id] = &outlook{}
		}
		return all[id]
	}
	from := issue.Day(now).AddDate(0, 0, -issuedDays)
	err := r.Forecasts(ctx, issue.Daily, from, now, func(o *meteo.Observation) error {
		if d, ok := issue.Forecast(o); ok {
			f := of(d.StationID)
			if len(f.Days) > 0 && f.Days[0].IssuedAt.Before(d.IssuedAt) {
				f.Days = nil
			}
			f.Days = append(f.Days, d)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = r.Forecasts(ctx, issue.Hourly, from, now, func(o *meteo.Observation) error {
		if q := o.Quantiles.Of(meteo.Temperature); q != nil {
			f := of(o.StationID)
			if len(f.Hours) > 0 && f.Hours[0].IssuedAt.Before(o.IssuedAt) {
				f.Hours = nil
			}
			f.Hours = append(f.Hours, hourAhead{o.IssuedAt.UTC(), o.ObservedAt.UTC(), q.Values})
		}
		return nil
	})
	return all, err
}
