package score

import (
	"slices"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/generate"
)

// inject puts labelled defects into readings, station by station, and returns them in the order in which they arrive then. Of records that are
// broken only the number is left.
func inject(readings []arrival, rate float64, seed uint64) (out []arrival, t *truth, broken int) {
	var lines []generate.Truth
	before := map[key]*meteo.Values{}
	series := map[key][]int{}
	var order []key
	for i := range readings {
		k := key{station: readings[i].o.StationID, source: readings[i].o.Source}
		if series[k] == nil {
			order = append(order, k)
		}
		series[k] = append(series[k], i)
	}
	for _, k := range order {
		of := series[k]
		slices.SortStableFunc(of, func(a, b int) int { return readings[a].o.ObservedAt.Compare(readings[b].o.ObservedAt) })
		injector := generate.NewInjector(seed, rate, medianStep(readings, of))
		for _, i := range of {
			r := readings[i]
			before[keyOf(&r.o.Identity)] = &readings[i].o.Values
			sent, truth := injector.Inject(&r.o.Reading)
			lines = append(lines, truth...)
			for _, s := range sent {
				if s.Item.Raw != nil {
					broken++
					continue
				}
				next := readings[i]
				next.o.Reading = s.Item.Reading
				next.at = next.at.Add(s.Delay)
				out = append(out, next)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b arrival) int { return a.at.Compare(b.at) })
	t = newTruth(lines)
	t.before = before
	return out, t, broken
}

// medianStep returns the time between two readings of a series that is sorted by time: at least a second.
func medianStep(readings []arrival, series []int) time.Duration {
	var steps []time.Duration
	for i := 1; i < len(series); i++ {
		steps = append(steps, readings[series[i]].o.ObservedAt.Sub(readings[series[i-1]].o.ObservedAt))
	}
	slices.Sort(steps)
	if len(steps) == 0 {
		return time.Second
	}
	return max(time.Second, steps[len(steps)/2])
}
