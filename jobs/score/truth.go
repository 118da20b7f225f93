package score

import (
	"slices"
	"time"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/generate"
)

// rulesOf are the rules that look for a defect.
var rulesOf = map[generate.Defect][]meteo.Rule{
	generate.Spike:      {clean.RuleSpike},
	generate.Stuck:      {clean.RuleStuck},
	generate.Drift:      {clean.RuleNeighbours},
	generate.SlowDrift:  {clean.RuleNeighbours},
	generate.OutOfRange: {clean.RuleRange},
	generate.WindUnit:   {clean.RuleSpike, clean.RuleConsistency},
	generate.UnitMixUp:  {clean.RuleRange, clean.RuleClimatology, clean.RuleConsistency},
}

// truth is what is known to be wrong.
type truth struct {
	lines  []generate.Truth
	byKey  map[key][]*generate.Truth
	before map[key]*meteo.Values // the readings before defects were injected; nil when they came with their truth
}

func newTruth(lines []generate.Truth) *truth {
	t := &truth{lines: lines, byKey: map[key][]*generate.Truth{}}
	for i := range lines {
		k := lineKey(&lines[i])
		t.byKey[k] = append(t.byKey[k], &lines[i])
	}
	return t
}

func lineKey(l *generate.Truth) key { return key{l.StationID, l.Source, l.ObservedAt.UnixMicro()} }

// derived are the variables that instruments derive from others.
var derived = map[string][]string{
	meteo.DewPoint.String(): {meteo.Temperature.String(), meteo.Humidity.String()},
}

// isOf reports whether a line is of a variable, or of one that it is derived from.
func isOf(l *generate.Truth, variable string) bool {
	return l.Variable == variable || slices.Contains(derived[variable], l.Variable)
}

// wrong reports whether the truth expects a flag on this variable of an observation, and whether on another.
func (t *truth) wrong(k key, variable string) (this, another bool) {
	for _, l := range t.byKey[k] {
		if l.Expect == generate.ExpectFlag {
			ours := isOf(l, variable)
			this, another = this || ours, another || !ours
		}
	}
	return this, another
}

// lackedBefore reports whether a reading lacked a variable before defects were injected.
func (t *truth) lackedBefore(k key, v meteo.Variable) bool {
	values := t.before[k]
	return values != nil && !values.Has(v)
}

// lacks reports whether the truth says that an observation lacks a variable.
func (t *truth) lacks(k key, variable string) bool {
	for _, l := range t.byKey[k] {
		if l.Defect == generate.Missing && l.Variable == variable || l.Expect == generate.ExpectFlag && isOf(l, variable) ||
			l.Defect == generate.WindUnit && variable == meteo.WindGust.String() {
			return true
		}
	}
	return false
}

// is reports whether an observation has a defect.
func (t *truth) is(k key, d generate.Defect) bool {
	return slices.ContainsFunc(t.byKey[k], func(l *generate.Truth) bool { return l.Defect == d })
}

// longestPause is the longest time between two readings of an episode, unless the readings are farther apart.
const longestPause = 3 * time.Hour

// episodes puts together the lines of a defect, each a list in the order of time: those of one station, source and variable that
// follow each other without a pause.
func episodes(lines []*generate.Truth) (all [][]*generate.Truth) {
	series := map[key][]*generate.Truth{}
	var order []key
	for _, l := range lines {
		k := key{station: l.StationID, source: l.Source}
		if series[k] == nil {
			order = append(order, k)
		}
		series[k] = append(series[k], l)
	}
	for _, k := range order {
		of := series[k]
		slices.SortStableFunc(of, func(a, b *generate.Truth) int { return a.ObservedAt.Compare(b.ObservedAt) })
		pause := max(longestPause, 2*shortestStep(of))
		begin := 0
		for i := 1; i <= len(of); i++ {
			if i == len(of) || of[i].ObservedAt.Sub(of[i-1].ObservedAt) > pause {
				all = append(all, of[begin:i])
				begin = i
			}
		}
	}
	return all
}

// shortestStep is the shortest time between two lines, 0 when there is one.
func shortestStep(lines []*generate.Truth) (shortest time.Duration) {
	for i := 1; i < len(lines); i++ {
		if step := lines[i].ObservedAt.Sub(lines[i-1].ObservedAt); step > 0 && (shortest == 0 || step < shortest) {
			shortest = step
		}
	}
	return shortest
}
