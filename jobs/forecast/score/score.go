package score

import (
	"cmp"
	"math"
	"slices"
	"time"

	"senmeteo/jobs/forecast"
)

// Scorer gathers what forecasts missed by.
type Scorer struct {
	leads  []int
	values map[group]*misses
	rain   map[group]*chances
}

// group is what scores are of.
type group struct {
	target  int // position in forecast.Targets, or rainAll or rainWet
	lead    int
	station string // "" of all
}

// The groups of rain: every month, and the rainy season.
const (
	rainAll = iota
	rainWet
)

// New scores the given leads, in days.
func New(leads []int) *Scorer {
	return &Scorer{leads: leads, values: map[group]*misses{}, rain: map[group]*chances{}}
}

// misses sums what the forecasts of a group missed by.
type misses struct {
	n                            int
	absolute, square, bias, crps float64
	in50, in90                   int
	theirAbsolute, theirSquare   [forecast.NumReferences]float64
	blocks                       map[int]*blockMisses
}

// blockMisses are the absolute errors of a block of days.
type blockMisses struct {
	ours   float64
	theirs [forecast.NumReferences]float64
}

// Add scores forecasts by what h holds of their days; what is not known there is left out. The references are those of the same training.
func (s *Scorer) Add(h *forecast.History, r *forecast.References, list []forecast.Daily) {
	sites := map[string]int{}
	for i, site := range h.Sites() {
		sites[site.ID] = i
	}
	for i := range list {
		d := &list[i]
		site, ok := sites[d.StationID]
		if !ok || !slices.Contains(s.leads, d.Lead) {
			continue
		}
		for target := range forecast.Targets {
			y, q := h.Value(target, site, d.Date), &d.Quantiles[target]
			theirs := r.Of(target, site, d.IssuedAt, d.Lead)
			if known(y, q[0], theirs[forecast.Persistence], theirs[forecast.Damped]) {
				for _, station := range [...]string{"", d.StationID} {
					at(s.values, group{target, d.Lead, station}).add(q, y, &theirs, block(d.Date))
				}
			}
		}
		s.addRain(d, h.Wet(site, d.Date), r.Rain(site, d.IssuedAt, d.Lead))
	}
}

func known(values ...float64) bool { return !slices.ContainsFunc(values, math.IsNaN) }

// at returns what a map holds at a key, or puts an empty one there.
func at[T any](m map[group]*T, key group) *T {
	if m[key] == nil {
		m[key] = new(T)
	}
	return m[key]
}

// block is the number of the block of days that a date is in.
func block(date time.Time) int { return int(date.Unix() / 86400 / blockDays) }

func (m *misses) add(q *forecast.Quantiles, y float64, theirs *[forecast.NumReferences]float64, block int) {
	if m.blocks == nil {
		m.blocks = map[int]*blockMisses{}
	}
	b := m.blocks[block]
	if b == nil {
		b = &blockMisses{}
		m.blocks[block] = b
	}
	e := q.Median() - y
	m.n++
	m.absolute += math.Abs(e)
	m.square += e * e
	m.bias += e
	m.crps += CRPS(q, y)
	if q[2] <= y && y <= q[len(q)-3] {
		m.in50++
	}
	if q[0] <= y && y <= q[len(q)-1] {
		m.in90++
	}
	b.ours += math.Abs(e)
	for i, x := range theirs {
		m.theirAbsolute[i] += math.Abs(x - y)
		m.theirSquare[i] += (x - y) * (x - y)
		b.theirs[i] += math.Abs(x - y)
	}
}

// ordered lists the groups of a map: by target, lead and station, all stations first.
func ordered[T any](m map[group]*T) []group {
	var groups []group
	for g := range m {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.target, b.target), cmp.Compare(a.lead, b.lead), cmp.Compare(a.station, b.station))
	})
	return groups
}

// byBlock returns two sums of the blocks of a group, in the order of time.
func byBlock[T any](blocks map[int]*T, sums func(*T) (ours, theirs float64)) (ours, theirs []float64) {
	numbers := make([]int, 0, len(blocks))
	for k := range blocks {
		numbers = append(numbers, k)
	}
	slices.Sort(numbers)
	for _, k := range numbers {
		a, b := sums(blocks[k])
		ours, theirs = append(ours, a), append(theirs, b)
	}
	return ours, theirs
}

func (m *misses) scores(g group) Value {
	n := float64(m.n)
	v := Value{
		Variable: forecast.Targets[g.target].String(), Lead: g.lead, Station: g.station, N: m.n,
		MAE: round(m.absolute / n), RMSE: round(math.Sqrt(m.square / n)), Bias: round(m.bias / n), CRPS: round(m.crps / n),
		Coverage50: round(float64(m.in50) / n), Coverage90: round(float64(m.in90) / n), Against: map[string]Compared{},
	}
	for r := range forecast.NumReferences {
		ours, theirs := byBlock(m.blocks, func(b *blockMisses) (float64, float64) { return b.ours, b.theirs[r] })
		v.Against[r.String()] = Compared{MAE: round(m.theirAbsolute[r] / n), RMSE: round(math.Sqrt(m.theirSquare[r] / n)), Gain: gainOf(ours, theirs)}
	}
	return v
}

// round keeps four decimals.
func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }
