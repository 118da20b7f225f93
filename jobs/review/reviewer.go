package review

import (
	"cmp"
	"slices"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/meteo"
)

// Verdict is what the rules have found of one revision of an observation.
type Verdict struct {
	Observation meteo.Observation // as it was added, with the failures in its QC and what they make of its quality
	Failures    []meteo.Failure   // those that it was added without
}

// Reviewer applies the rules to the observations of any number of stations. It judges what was observed, not what a model says.
// What it remembers is bounded: of each station and source the readings of the last 26 hours, and of each half hour
// of the last ten days two numbers. A reading that comes later than that is not judged.
type Reviewer struct {
	series   map[seriesKey]*series
	networks map[networkKey]*network
	pending  []*entry
}

// seriesKey names the readings of one station by one source.
type seriesKey struct{ station, source string }

// maxSeries bounds what hostile names of stations or sources can make a Reviewer remember.
const maxSeries = 2_000

// New returns a Reviewer that has seen nothing.
func New() *Reviewer {
	return &Reviewer{series: map[seriesKey]*series{}, networks: map[networkKey]*network{}}
}

// Add takes in a clean observation and judges what can be judged with it. One of an id that is there already is its next revision: what
// was found of equal values stays. Nothing of o is kept but its strings and slices.
func (r *Reviewer) Add(o *meteo.Observation) { r.take(o, true) }

func (r *Reviewer) take(o *meteo.Observation, added bool) {
	if o.Kind != meteo.Observed {
		return
	}
	s := r.seriesOf(o)
	i, what := s.add(o)
	if what != nothing {
		s.entries[i].added = added
	}
	switch what {
	case restated:
		r.note(s.entries[i])
	case told:
		s.spikes(i, r)
		s.stuck(i, r)
		s.network.add(s, s.entries[i], r)
	}
}

// Learn takes in an observation that was reviewed before, so that later ones can be judged by it: what is found of it is not a verdict, unless
// one that is added finds it.
func (r *Reviewer) Learn(o *meteo.Observation) {
	before := len(r.pending)
	r.take(o, false)
	kept := r.pending[:before]
	for _, e := range r.pending[before:] {
		if e.added {
			kept = append(kept, e)
		} else {
			e.pending = false
		}
	}
	r.pending = kept
}

// Finish judges what waits for later readings.
func (r *Reviewer) Finish() {
	for _, n := range r.networks {
		n.finish(r)
	}
}

// Verdicts returns what was found since the last call, in the order of time and station.
func (r *Reviewer) Verdicts() []Verdict {
	var out []Verdict
	for _, e := range r.pending {
		e.pending = false
		if failures := e.missing(); len(failures) > 0 {
			out = append(out, e.verdict(failures))
		}
	}
	r.pending = r.pending[:0]
	slices.SortStableFunc(out, func(a, b Verdict) int {
		return cmp.Or(a.Observation.ObservedAt.Compare(b.Observation.ObservedAt), cmp.Compare(a.Observation.StationID, b.Observation.StationID))
	})
	return out
}

// seriesOf returns the readings of an observation's station and source.
func (r *Reviewer) seriesOf(o *meteo.Observation) *series {
	key := seriesKey{o.StationID, o.Source}
	s := r.series[key]
	if s != nil {
		return s
	}
	if len(r.series) >= maxSeries {
		clear(r.series) // no weather service has as many: somebody invents names
		clear(r.networks)
	}
	s = &series{}
	r.series[key] = s
	s.network = r.networkOf(o)
	s.member = s.network.join(s, o)
	return s
}

// note remembers that an entry may have failures that its observation lacks.
func (r *Reviewer) note(e *entry) {
	if !e.pending {
		e.pending = true
		r.pending = append(r.pending, e)
	}
}

// fail notes that a variable of an entry fails a rule.
func (r *Reviewer) fail(e *entry, rule int, v meteo.Variable) {
	if !e.failed[rule].has(v) {
		e.failed[rule] |= 1 << v
		r.note(e)
	}
}

// rules are those of this package, in the order in which QC names them.
var rules = [...]meteo.Rule{clean.RuleSpike, clean.RuleStuck, clean.RuleNeighbours}

// The indexes of rules.
const (
	spike = iota
	stuck
	neighbours
)

// entry is an observation that may still be judged.
type entry struct {
	o       meteo.Observation
	at      int64              // observed_at, microseconds since 1970
	failed  [len(rules)]failed // what was found, whether or not its QC has it
	pending bool               // it is among Reviewer.pending
	added   bool               // by Add, not by Learn
}

// failed has a bit for each variable.
type failed uint32

func (f failed) has(v meteo.Variable) bool { return f>>v&1 == 1 }

// value returns a variable's value if the rules may use it: it is known and within what can be.
func (e *entry) value(v meteo.Variable) (float64, bool) {
	x := e.o.Values[v]
	if !meteo.Known(x) || e.fails(clean.RuleRange, v) {
		return 0, false
	}
	return x, true
}

// trusted returns a variable's value if it is usable and nothing was found against it here.
func (e *entry) trusted(v meteo.Variable) (float64, bool) {
	for _, found := range e.failed {
		if found.has(v) {
			return 0, false
		}
	}
	return e.value(v)
}

// fails reports whether a variable fails a rule of stream.
func (e *entry) fails(rule meteo.Rule, v meteo.Variable) bool {
	for _, f := range e.o.QC {
		if f.Rule == rule && f.Subject == v.String() {
			return true
		}
	}
	return false
}

// missing returns the failures that were found and are not in the observation's QC.
func (e *entry) missing() []meteo.Failure {
	var out []meteo.Failure
	for v := range meteo.Variable(meteo.NumVariables) {
		for i, rule := range rules {
			f := meteo.Failure{Subject: v.String(), Rule: rule}
			if e.failed[i].has(v) && !slices.Contains(e.o.QC, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

// verdict returns the observation with these failures.
func (e *entry) verdict(failures []meteo.Failure) Verdict {
	o := e.o
	o.QC = append(slices.Clone(o.QC), failures...)
	slices.SortStableFunc(o.QC, func(a, b meteo.Failure) int { return cmp.Compare(a.Subject, b.Subject) })
	o.Quality = o.Quality.Worse(meteo.Suspect)
	return Verdict{o, failures}
}
