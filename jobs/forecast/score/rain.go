package score

import (
	"math"

	"senmeteo/jobs/forecast"
)

// bins are how many classes of probability reliability is counted in.
const bins = 10

// chances sums what the probabilities of a group missed by.
type chances struct {
	n      int
	wet    float64
	brier  float64
	theirs [forecast.NumReferences]float64
	bins   [bins]bin
	blocks map[int]*blockMisses // of Brier scores
}

type bin struct {
	n                int
	forecast, occurs float64
}

func (s *Scorer) addRain(d *forecast.Daily, wet float64, theirs [forecast.NumReferences]float64) {
	if !known(wet, d.RainProbability, theirs[forecast.Persistence]) {
		return
	}
	for _, station := range [...]string{"", d.StationID} {
		at(s.rain, group{rainAll, d.Lead, station}).add(d.RainProbability, wet, &theirs, block(d.Date))
		if month := d.Date.Month(); month >= 6 && month <= 10 {
			at(s.rain, group{rainWet, d.Lead, station}).add(d.RainProbability, wet, &theirs, block(d.Date))
		}
	}
}

func (c *chances) add(p, wet float64, theirs *[forecast.NumReferences]float64, block int) {
	if c.blocks == nil {
		c.blocks = map[int]*blockMisses{}
	}
	b := c.blocks[block]
	if b == nil {
		b = &blockMisses{}
		c.blocks[block] = b
	}
	c.n++
	c.wet += wet
	c.brier += (p - wet) * (p - wet)
	b.ours += (p - wet) * (p - wet)
	for i, x := range theirs {
		c.theirs[i] += (x - wet) * (x - wet)
		b.theirs[i] += (x - wet) * (x - wet)
	}
	at := &c.bins[min(int(p*bins), bins-1)]
	at.n++
	at.forecast += p
	at.occurs += wet
}

func (c *chances) scores(g group) Rain {
	n := float64(c.n)
	r := Rain{Lead: g.lead, Station: g.station, Months: [...]string{"all", "jun-oct"}[g.target], N: c.n, WetShare: round(c.wet / n), Brier: round(c.brier / n), Against: map[string]ComparedRain{}}
	for _, reference := range [...]forecast.Reference{forecast.Persistence, forecast.Climatology} {
		ours, theirs := byBlock(c.blocks, func(b *blockMisses) (float64, float64) { return b.ours, b.theirs[reference] })
		r.Against[reference.String()] = ComparedRain{Brier: round(c.theirs[reference] / n), Skill: gainOf(ours, theirs)}
	}
	for i, b := range c.bins {
		if b.n == 0 {
			continue
		}
		forecast, occurs := b.forecast/float64(b.n), b.occurs/float64(b.n)
		r.Bins = append(r.Bins, Bin{From: float64(i) / bins, N: b.n, Forecast: round(forecast), Observed: round(occurs)})
		r.Reliability += float64(b.n) / n * (forecast - occurs) * (forecast - occurs)
		r.Resolution += float64(b.n) / n * (occurs - c.wet/n) * (occurs - c.wet/n)
	}
	r.Reliability, r.Resolution = math.Round(r.Reliability*1e5)/1e5, math.Round(r.Resolution*1e5)/1e5
	return r
}
