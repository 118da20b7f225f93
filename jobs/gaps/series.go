package gaps

import (
	"slices"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// Series is what was expected of one station, source and kind, and what there is. Values of the moment and values of a day
// are two series.
type Series struct {
	StationID string     `json:"station_id"`
	Region    string     `json:"region"`
	Source    string     `json:"source"`
	Kind      meteo.Kind `json:"kind"`
	OfDays    bool       `json:"of_days,omitempty"` // values of whole days
	EveryS    int64      `json:"every_s"`           // seconds from one expected reading to the next; 0 when nobody knows
	EveryBy   string     `json:"every_by"`          // flag, source or seen
	Counts
	Elements []Element  `json:"elements"`
	Days     []Date     `json:"days,omitempty"`
	Longest  *Gap       `json:"longest_gap,omitempty"`
	Last     *time.Time `json:"last,omitempty"` // the newest reading that there is, whatever the window
	Silent   bool       `json:"silent"`         // the newest reading is more than two intervals old
}

// Counts are numbers of readings, or of values of one element.
type Counts struct {
	Expected int `json:"expected"`
	Present  int `json:"present"`
	Missing  int `json:"missing"`
	Flagged  int `json:"flagged"` // of those that are present: of bad quality, or, of an element, its value has failed a check
}

// Add adds other numbers.
func (c *Counts) Add(other Counts) {
	c.Expected += other.Expected
	c.Present += other.Present
	c.Missing += other.Missing
	c.Flagged += other.Flagged
}

// count counts one expected moment.
func (c *Counts) count(present, flagged bool) {
	c.Expected++
	switch {
	case !present:
		c.Missing++
	case flagged:
		c.Flagged++
		c.Present++
	default:
		c.Present++
	}
}

// MissingPct is the share of what was expected that is missing, in percent; 0 when nothing was.
func (c Counts) MissingPct() float64 {
	if c.Expected == 0 {
		return 0
	}
	return 100 * float64(c.Missing) / float64(c.Expected)
}

// Element is one variable of a series. Those are expected that the series has ever had, as far as the store was asked.
type Element struct {
	Variable string `json:"variable"`
	Counts
}

// Date is one day of a series, UTC.
type Date struct {
	Date string `json:"date"`
	Counts
}

// Gap is a time without any reading: the first expected moment that has none, and the first one after it that has one.
type Gap struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"` // the window's end while the gap lasts
}

// moment is what there is of one expected reading.
type moment struct {
	present, sound query.VariableSet // sound: those of a reading in which it failed no check
	read, good     bool
}

// look compares one series with its expectation. Of the series' readings those count that are in the window [from, to), and
// moments before its first reading ever are not expected.
func (w Window) look(p *query.Presence, ofDays bool, readings []query.PresentAt) *Series {
	times := make([]time.Time, len(readings))
	for i := range readings {
		times[i] = begin(&readings[i], ofDays)
	}
	s := &Series{StationID: p.StationID, Region: p.Region, Source: p.Source, Kind: p.Kind, OfDays: ofDays}
	every, by := w.Expect.Interval(p.Source, ofDays, times)
	s.EveryS, s.EveryBy = int64(every/time.Second), by
	firstEver, last, ever := p.First, p.Last, p.Ever
	if ofDays {
		firstEver, last, ever = p.FirstOfDays.Add(-Day), p.LastOfDays, p.EverOfDays
	}
	if !last.IsZero() {
		s.Last = &last
	}
	if every == 0 {
		return s
	}
	s.Silent = w.Now.Sub(last) > 2*every
	first, moments := w.moments(firstEver, every, times, readings)
	s.count(ever, first, every, moments, w.To)
	return s
}

// begin is the moment that a reading counts for: a value of a day is of the day that ends at its observed_at.
func begin(r *query.PresentAt, ofDays bool) time.Time {
	if ofDays {
		return r.At.Add(-Day)
	}
	return r.At
}

// moments returns the first expected moment, of a series that began at a time, and what there is of it and of each one after it.
func (w Window) moments(firstEver time.Time, every time.Duration, times []time.Time, readings []query.PresentAt) (time.Time, []moment) {
	if !firstEver.Before(w.To) {
		return w.To, nil
	}
	phase := phaseOf(times, every)
	from := w.From
	if firstEver.After(from) {
		from = nearest(firstEver, phase, every)
	}
	if from.Before(w.From) {
		from = w.From
	}
	first := nearest(from, phase, every)
	if first.Before(from) {
		first = first.Add(every)
	}
	end := w.To
	if grace := w.Now.Add(-every); end.After(grace) {
		end = grace // what is due may still be on its way
	}
	if !first.Before(end) {
		return first, nil
	}
	moments := make([]moment, (end.Sub(first)+every-1)/every)
	for i := range readings {
		at := nearest(times[i], phase, every)
		k := int(at.Sub(first) / every)
		if at.Before(first) || k >= len(moments) {
			continue
		}
		m, r := &moments[k], &readings[i]
		m.read = true
		m.good = m.good || !r.Bad
		m.present |= r.Present
		m.sound |= r.Present &^ r.Failed
	}
	return first, moments
}

// phaseOf is the time after a whole number of intervals at which most readings are.
func phaseOf(times []time.Time, every time.Duration) time.Duration {
	phases := map[time.Duration]int{}
	for _, t := range times {
		phases[after(t, every)]++
	}
	return most(phases)
}

// after is how long t is after the last whole interval since 1970.
func after(t time.Time, every time.Duration) time.Duration {
	d := time.Duration(t.UnixMicro()%every.Microseconds()) * time.Microsecond
	if d < 0 {
		d += every
	}
	return d
}

// nearest is the expected moment that is nearest to t.
func nearest(t time.Time, phase, every time.Duration) time.Time {
	shifted := t.Add(-phase)
	d := after(shifted, every)
	if d >= every-every/2 {
		d -= every
	}
	return t.Add(-d)
}

// count sums up the moments, the first of which is at first.
func (s *Series) count(ever query.VariableSet, first time.Time, every time.Duration, moments []moment, to time.Time) {
	for v := range meteo.NumVariables {
		variable := meteo.Variable(v)
		if !ever.Has(variable) {
			continue
		}
		e := Element{Variable: variable.String()}
		for _, m := range moments {
			e.count(m.present.Has(variable), !m.sound.Has(variable))
		}
		s.Elements = append(s.Elements, e)
	}
	var gap *Gap
	for i, m := range moments {
		at := first.Add(time.Duration(i) * every)
		s.Counts.count(m.read, !m.good)
		s.date(at).count(m.read, !m.good)
		switch {
		case m.read:
			gap = nil
			continue
		case gap == nil:
			gap = &Gap{From: at}
		}
		gap.To = at.Add(every)
		if i == len(moments)-1 {
			gap.To = to
		}
		if s.Longest == nil || gap.To.Sub(gap.From) > s.Longest.To.Sub(s.Longest.From) {
			longest := *gap
			s.Longest = &longest
		}
	}
}

// date returns the counts of the day of t, which is the last one or a later one.
func (s *Series) date(t time.Time) *Date {
	date := t.Format(time.DateOnly)
	if n := len(s.Days); n == 0 || s.Days[n-1].Date != date {
		s.Days = append(s.Days, Date{Date: date})
	}
	return &s.Days[len(s.Days)-1]
}

// split separates the readings of the moment from those of whole days; both stay in order.
func split(readings []query.PresentAt) (moments, days []query.PresentAt) {
	ofDay := func(r query.PresentAt) bool { return r.OfDay }
	for _, r := range readings {
		if r.OfDay {
			days = append(days, r)
		}
	}
	return slices.DeleteFunc(readings, ofDay), days
}
