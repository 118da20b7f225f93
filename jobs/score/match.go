package score

import (
	"math"
	"slices"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/generate"
)

// largeError is the error of a drift from which it is called large: °C, %, hPa.
var largeError = map[string]float64{
	meteo.Temperature.String(): 3, meteo.Humidity.String(): 15, meteo.Pressure.String(): 3,
}

// flagged scores a defect of one variable whose values must be flagged.
func (r *Row) flagged(lines []*generate.Truth, out *outcomes, t *truth) {
	isFlagged := func(l *generate.Truth) bool {
		o := out.byKey[lineKey(l)]
		return o != nil && o.fails(r.Variable, nil)
	}
	if r.Defect.IsEpisode() {
		for _, e := range episodes(lines) {
			r.Cases++
			found := false
			for _, l := range e {
				flag, large := isFlagged(l), isLarge(l)
				found = found || flag
				r.Readings++
				r.ReadingsFlagged += one(flag)
				r.Large += one(large)
				r.LargeFlagged += one(large && flag)
			}
			r.Found += one(found)
		}
	} else {
		for _, l := range lines {
			r.Cases++
			r.Found += one(isFlagged(l))
		}
	}
	rules := rulesOf[r.Defect]
	for _, o := range out.all {
		if !o.fails(r.Variable, rules) {
			continue
		}
		if this, another := t.wrong(o.key, r.Variable); this || !another {
			r.Alarms++
			r.Right += one(this)
		}
	}
}

// isLarge reports whether the error of a drift is large.
func isLarge(l *generate.Truth) bool {
	least, ok := largeError[l.Variable]
	return ok && l.Defect != generate.Stuck && l.Value != nil && l.TrueValue != nil && math.Abs(*l.Value-*l.TrueValue) >= least-1e-9
}

// fails reports whether a variable fails one of the rules, whichever if there are none.
func (o *outcome) fails(variable string, rules []meteo.Rule) bool {
	for _, f := range o.failures {
		if f.Subject == variable && (rules == nil || slices.Contains(rules, f.Rule)) {
			return true
		}
	}
	return false
}

// becameOf scores a defect by what became of its records.
func (r *Row) becameOf(lines []*generate.Truth, out *outcomes, t *truth) {
	r.Cases = len(lines)
	switch r.Defect {
	case generate.Missing:
		r.missing(lines, out, t)
	case generate.BrokenJSON:
		r.broken(lines, out)
	case generate.Future:
		r.future(lines, out)
	default:
		seen := sign[r.Defect]
		for _, l := range lines {
			o := out.byKey[lineKey(l)]
			r.Found += one(o != nil && (seen == nil || r.Defect == generate.Late || seen(o))) // the last reading of a file can't come after a later one
		}
		for _, o := range out.all {
			if seen != nil && seen(o) {
				r.Alarms++
				r.Right += one(t.is(o.key, r.Defect))
			}
		}
	}
}

// sign is how what became of an observation shows that it had a defect.
var sign = map[generate.Defect]func(*outcome) bool{
	generate.Late:       func(o *outcome) bool { return o.late },
	generate.Duplicate:  func(o *outcome) bool { return o.duplicates > 0 },
	generate.Correction: func(o *outcome) bool { return o.corrected },
}

// mostlyThere is the share of a station's observations from which on a variable is one that it measures.
const mostlyThere = 0.9

// missing: an observation is kept, without a value that others of its station have.
func (r *Row) missing(lines []*generate.Truth, out *outcomes, t *truth) {
	v, ok := meteo.VariableByName(r.Variable)
	if !ok {
		return
	}
	for _, l := range lines {
		o := out.byKey[lineKey(l)]
		r.Found += one(o != nil && !o.values.Has(v))
	}
	all, there := map[key]int{}, map[key]int{}
	for _, o := range out.all {
		series := key{station: o.station, source: o.source}
		all[series]++
		there[series] += one(o.values.Has(v))
	}
	for _, o := range out.all {
		series := key{station: o.station, source: o.source}
		if o.values.Has(v) || t.lackedBefore(o.key, v) || float64(there[series]) < mostlyThere*float64(all[series]) {
			continue
		}
		r.Alarms++
		r.Right += one(t.lacks(o.key, r.Variable))
	}
}

// broken: of the time of the line there is no observation, and a record could not be read. What can't be read names no time, so that only
// the numbers can be compared.
func (r *Row) broken(lines []*generate.Truth, out *outcomes) {
	gone := 0
	for _, l := range lines {
		gone += one(out.byKey[lineKey(l)] == nil)
	}
	r.Alarms = out.unreadable
	r.Found = min(gone, out.unreadable)
	r.Right = r.Found
}

// future: the station has no observation of the time of the line, and a reading of the same day and time of a later year was refused.
func (r *Row) future(lines []*generate.Truth, out *outcomes) {
	r.Alarms = len(out.future)
	waiting := map[key]int{}
	for i := range out.future {
		waiting[keyOf(&out.future[i])]++
	}
	years := map[int]bool{}
	for i := range out.future {
		years[out.future[i].ObservedAt.Year()] = true
	}
	for _, l := range lines {
		if out.byKey[lineKey(l)] != nil {
			continue
		}
		for year := range years {
			at := l.ObservedAt.UTC()
			k := key{l.StationID, l.Source, time.Date(year, at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC).UnixMicro()}
			if waiting[k] > 0 {
				waiting[k]--
				r.Found++
				break
			}
		}
	}
	r.Right = r.Found
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
