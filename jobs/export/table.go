package export

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/gaps"
	"senmeteo/jobs/query"
)

// Request is what a table is to be of.
type Request struct {
	Step     Step
	From, To time.Time // UTC; every time of the step that is in part inside counts as a whole
	Stations []string  // only these; all when empty
	Sources  []string  // only these; all when empty
	Expect   gaps.Expectations
	Form     Form         // Table when empty
	List     StationList  // of the forms of WIS2
	Logger   *slog.Logger // of what forms leave out
	ByRegion bool         // means over the stations of each region, instead of a row for each station
}

// wants reports whether a series was asked for.
func (r *Request) wants(o *query.Origin) bool {
	return (len(r.Stations) == 0 || slices.Contains(r.Stations, o.StationID)) && (len(r.Sources) == 0 || slices.Contains(r.Sources, o.Source))
}

// Row is one row of a table.
type Row struct {
	query.Origin
	From, To time.Time
	Values
	RainDays int // with 1 mm or more; -1 when not known, or the row is of a day or less
	Stations int // whose values count, of a row by region
}

// firstReadings is how many readings of a series show how often it reports, where its source promises nothing.
const firstReadings = 1000

// Rows calls emit for each row, station by station in the order of time, or region by region.
func Rows(ctx context.Context, store query.HistoryReader, r Request, emit func(*Row) error) error {
	if !r.From.Before(r.To) {
		return flow.Fail(flow.Usage, "--from %s is not before --to %s", r.From.Format(time.RFC3339), r.To.Format(time.RFC3339))
	}
	from := r.Step.Begin(r.From)
	to := r.Step.Begin(r.To)
	if to.Before(r.To) {
		to = r.Step.End(to)
	}
	var regions *regionTable
	if r.ByRegion {
		regions, emit = newRegions(emit)
	}
	var s *series
	err := store.History(ctx, from, to, func(o *query.Origin, m *query.Measured) error {
		if !r.wants(o) {
			return nil
		}
		if s == nil || s.origin != *o {
			if err := s.end(); err != nil {
				return err
			}
			s = &series{origin: *o, request: &r, from: from, to: to, emit: emit}
		}
		return s.add(m)
	})
	if err == nil {
		err = s.end()
	}
	if err == nil && regions != nil {
		err = regions.end()
	}
	return err
}

// series makes the rows of one series.
type series struct {
	origin  query.Origin
	request *Request
	from    time.Time
	to      time.Time
	emit    func(*Row) error

	first   []query.Measured // before every is known
	every   time.Duration
	span    *span
	climate *climate
}

// add counts an observation, which is the latest yet.
func (s *series) add(m *query.Measured) error {
	if s.every > 0 {
		return s.count(m)
	}
	s.first = append(s.first, *m)
	if len(s.first) < firstReadings {
		return nil
	}
	return s.begin()
}

// begin finds out how often the series reports, and counts its first observations.
func (s *series) begin() error {
	var times []time.Time
	for i := range s.first {
		if !s.first[i].OfDay {
			times = append(times, s.first[i].At)
		}
	}
	s.every, _ = s.request.Expect.Interval(s.origin.Source, false, times)
	if s.every == 0 {
		s.every = day // a single reading, or values of days alone
	}
	for i := range s.first {
		if err := s.count(&s.first[i]); err != nil {
			return err
		}
	}
	s.first = nil
	return nil
}

// count counts an observation: what it has over an interval for the span in which that ends, what it has of the moment for the span
// that this moment is in.
func (s *series) count(m *query.Measured) error {
	base := s.request.Step.base()
	if err := s.reach(base.Begin(m.At.Add(-1))); err != nil {
		return err
	}
	s.span.addInterval(m)
	if err := s.reach(base.Begin(m.At)); err != nil {
		return err
	}
	if !m.OfDay {
		s.span.addMoment(m)
	}
	return nil
}

// reach goes on to the span that begins at a time.
func (s *series) reach(begin time.Time) error {
	if s.span != nil && !begin.After(s.span.from) {
		return nil
	}
	if err := s.finishSpan(); err != nil {
		return err
	}
	s.span = newSpan(begin, s.request.Step.base().End(begin), s.every)
	return nil
}

// finishSpan emits the span, or counts it for its dekad or month.
func (s *series) finishSpan() error {
	if s.span == nil || !s.span.seen || s.span.from.Before(s.from) || !s.span.from.Before(s.to) {
		return nil
	}
	values := s.span.values()
	step := s.request.Step
	if step == step.base() {
		return s.emit(&Row{Origin: s.origin, From: s.span.from, To: s.span.to, Values: values, RainDays: -1})
	}
	if begin := step.Begin(s.span.from); s.climate == nil || s.climate.from.Before(begin) {
		if err := s.finishClimate(); err != nil {
			return err
		}
		s.climate = newClimate(begin, step.End(begin))
	}
	s.climate.add(s.span.from, &values)
	return nil
}

func (s *series) finishClimate() error {
	if s.climate == nil {
		return nil
	}
	row := &Row{Origin: s.origin, From: s.climate.from, To: s.climate.to}
	row.Values, row.RainDays = s.climate.values()
	return s.emit(row)
}

// end emits what is left; of no series nothing is.
func (s *series) end() error {
	if s == nil {
		return nil
	}
	if s.every == 0 {
		if err := s.begin(); err != nil {
			return err
		}
	}
	return errors.Join(s.finishSpan(), s.finishClimate())
}
