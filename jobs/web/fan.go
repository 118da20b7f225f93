package web

import (
	"math"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// fan is what is forecast of one or more elements over time: medians, and the bands around them.
type fan struct {
	Title, Summary string
	Unit           string
	YTicks, XTicks []tick
	Bands          []shade
	Labels         []tag
	Keys           []key
}

// shade is an area or a line of a fan; Class names its colour and what it is: "warm outer", "cold median".
type shade struct{ Class, Path string }

// tag is a median that is written at its place, in percent; Below the line.
type tag struct {
	X, Y  float64
	Text  string
	Below bool
}

// key explains a colour.
type key struct{ Class, Text string }

// The places in meteo.QuantileLevels of the bounds of the bands that hold 90 and 50 %, and of the median.
const (
	low90  = 0
	low50  = 2
	median = 3
	hi50   = 4
	hi90   = 6
)

// ray is one element of a fan: its quantiles at times.
type ray struct {
	class     string
	name      string
	times     []time.Time
	quantiles [][len(meteo.QuantileLevels)]float64
}

func (r *ray) add(at time.Time, q [len(meteo.QuantileLevels)]float64) {
	if meteo.Known(q[median]) {
		r.times, r.quantiles = append(r.times, at), append(r.quantiles, q)
	}
}

// drawFan draws rays from one time to another; nil when no ray has two points.
func drawFan(l *locale, of layer, from, to time.Time, rays ...*ray) (*fan, *drawing) {
	d := &drawing{locale: l, layer: of, from: from, to: to}
	lowest, highest := math.Inf(1), math.Inf(-1)
	for _, r := range rays {
		if len(r.times) < 2 {
			continue
		}
		for _, q := range r.quantiles {
			lowest, highest = min(lowest, q[low90]*of.Factor), max(highest, q[hi90]*of.Factor)
		}
	}
	if lowest > highest {
		return nil, d
	}
	d.valueAxis(lowest, highest)
	f := &fan{Unit: of.Unit, YTicks: d.YTicks}
	for _, r := range rays {
		if len(r.times) < 2 {
			continue
		}
		f.Bands = append(f.Bands, shade{r.class + " outer", d.area(r, low90, hi90)}, shade{r.class + " inner", d.area(r, low50, hi50)},
			shade{r.class + " median", "M" + strings.Join(d.places(r, median), "L")})
		f.Keys = append(f.Keys, key{r.class, r.name})
	}
	return f, d
}

// area is the path around the band between two quantiles.
func (d *drawing) area(r *ray, low, high int) string {
	there, back := d.places(r, high), d.places(r, low)
	var b strings.Builder
	b.WriteString("M" + strings.Join(there, "L"))
	for i := len(back) - 1; i >= 0; i-- {
		b.WriteString("L" + back[i])
	}
	return b.String() + "Z"
}

// places are the points of a quantile in the chart's box.
func (d *drawing) places(r *ray, quantile int) []string {
	out := make([]string, len(r.times))
	for i, t := range r.times {
		x, y := d.x(t)*chartWidth/100, d.y(r.quantiles[i][quantile]*d.layer.Factor)*chartHeight/100
		out[i] = decimal(x) + " " + decimal(y)
	}
	return out
}
