package score

import (
	"cmp"
	"math"
	"slices"
	"time"

	"senmeteo/jobs/meteo"
)

// meanMonth is a month of the Gregorian calendar.
const meanMonth = 30*24*time.Hour + 630*time.Minute

// falseAlarms counts the flags on good values, and the time that they came in.
func (s *Score) falseAlarms(out *outcomes, t *truth) {
	rules, months := map[ByRule]int{}, map[string]*ByMonth{}
	steps := usualSteps(out)
	stations := map[string]bool{}
	for _, o := range out.all {
		stations[o.station] = true
		name := time.UnixMicro(o.at).UTC().Format("2006-01")
		month := months[name]
		if month == nil {
			month = &ByMonth{Month: name}
			months[name] = month
		}
		month.StationMonths += float64(steps[key{station: o.station, source: o.source}]) / float64(meanMonth)
		last := ""
		for _, f := range o.failures { // sorted by subject
			if this, another := t.wrong(o.key, f.Subject); this || another {
				continue
			}
			rules[ByRule{Rule: f.Rule, Variable: f.Subject}]++
			month.Values += one(f.Subject != last)
			last = f.Subject
		}
	}
	s.Stations = len(stations)
	for _, m := range months {
		s.StationMonths += m.StationMonths
		s.FalseAlarms.Values += m.Values
		m.PerStationMonth = per(m.Values, m.StationMonths)
		m.StationMonths = round(m.StationMonths)
		s.FalseAlarms.ByMonth = append(s.FalseAlarms.ByMonth, *m)
	}
	slices.SortFunc(s.FalseAlarms.ByMonth, func(a, b ByMonth) int { return cmp.Compare(a.Month, b.Month) })
	for r, n := range rules {
		r.Values = n
		s.FalseAlarms.ByRule = append(s.FalseAlarms.ByRule, r)
	}
	slices.SortFunc(s.FalseAlarms.ByRule, func(a, b ByRule) int {
		return cmp.Or(b.Values-a.Values, cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Variable, b.Variable))
	})
	s.FalseAlarms.PerStationMonth = per(s.FalseAlarms.Values, s.StationMonths)
	s.StationMonths = round(s.StationMonths)
}

// usualSteps is the median time between two observations of each station and source.
func usualSteps(out *outcomes) map[key]time.Duration {
	times := map[key][]int64{}
	for _, o := range out.all {
		series := key{station: o.station, source: o.source}
		times[series] = append(times[series], o.at)
	}
	steps := map[key]time.Duration{}
	for series, at := range times {
		slices.Sort(at)
		gaps := make([]int64, 0, len(at))
		for i := 1; i < len(at); i++ {
			gaps = append(gaps, at[i]-at[i-1])
		}
		if slices.Sort(gaps); len(gaps) > 0 {
			steps[series] = time.Duration(gaps[len(gaps)/2]) * time.Microsecond
		}
	}
	return steps
}

func per(n int, months float64) float64 {
	if months == 0 {
		return 0
	}
	return round(float64(n) / months)
}

// round keeps three decimals.
func round(x float64) float64 { return math.Round(x*1000) / 1000 }

// Share is a part of a whole, NaN when there was nothing.
type Share float64

func shareOf(part, whole int) Share {
	if whole == 0 {
		return Share(math.NaN())
	}
	return Share(float64(part) / float64(whole))
}

// MarshalJSON writes three decimals, and null for a share of nothing.
func (s Share) MarshalJSON() ([]byte, error) {
	if !meteo.Known(float64(s)) {
		return []byte("null"), nil
	}
	return []byte(s.String()), nil
}

// String is the share with three decimals, "-" of nothing. It is cut off, so that only what is whole is 1.000.
func (s Share) String() string {
	if !meteo.Known(float64(s)) {
		return "-"
	}
	return formatShare(float64(s))
}
