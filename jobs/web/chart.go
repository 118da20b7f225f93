package web

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// The chart is drawn in a box of chartWidth by chartHeight that the page stretches to its own width; what
// must not be stretched (text, marks) is placed in percent.
const chartWidth, chartHeight = 1000.0, 400.0

// chart is one variable of one station over time, as the template draws it.
type chart struct {
	Title    string
	Unit     string
	Note     string // an addition to the unit: "per hour"
	Problem  string // why there is no chart; "" when there is one
	YTicks   []tick
	XTicks   []tick
	Lines    []chartLine
	Bars     []bar
	Marks    []mark
	Readings []reading
	Summary  string
	Flagged  string
}

// tick is a labelled line across the chart, At percent of the width from the left or of the height from the top.
type tick struct {
	At    float64
	Label string
	Major bool
}

// chartLine is the line of one source.
type chartLine struct {
	Number int // 1 for the source of the newest observation
	Name   string
	Path   string // d of an SVG path; it breaks where data is missing
}

// bar is a rectangle in the chart's box.
type bar struct{ X, Y, Width, Height float64 }

// mark is a value that failed a check, in percent.
type mark struct {
	X, Y  float64
	Title string
}

// reading is a value that a pointer finds: place in percent, time and value as text.
type reading struct {
	X, Y float64
	When string
	What string
}

// drawing is a chart while it is built.
type drawing struct {
	chart
	locale   *locale
	layer    layer
	from, to time.Time
	low      float64 // of the axis, in the shown unit
	high     float64
}

// drawChart draws lines, of which main is the source and kind to draw first.
func drawChart(l *locale, of layer, lines []query.Line, main query.Line, from, to time.Time) chart {
	d := drawing{locale: l, layer: of, from: from, to: to}
	d.Unit = of.Unit
	lines = slices.Clone(lines)
	slices.SortStableFunc(lines, func(a, b query.Line) int { return rank(a, main) - rank(b, main) })
	if len(lines) == 0 {
		d.Problem = l.ChartEmpty
		return d.chart
	}
	d.timeAxis()
	if of.Variable == meteo.Rain {
		d.Note = l.PerHour
		d.bars(lines[0])
	} else {
		d.curves(lines)
	}
	return d.chart
}

func rank(line, main query.Line) int {
	if line.Source == main.Source && line.Kind == main.Kind {
		return 0
	}
	return 1
}

// x and y are in percent of the box.
func (d *drawing) x(t time.Time) float64 {
	return 100 * float64(t.Sub(d.from)) / float64(d.to.Sub(d.from))
}

func (d *drawing) y(shown float64) float64 {
	return min(100, max(0, 100*(d.high-shown)/(d.high-d.low)))
}

// timeAxis puts at most eight ticks on full hours or days.
func (d *drawing) timeAxis() {
	span := d.to.Sub(d.from)
	step := 120 * time.Hour
	for _, hours := range []time.Duration{1, 3, 6, 12, 24, 48, 72} {
		if span <= 8*hours*time.Hour {
			step = hours * time.Hour
			break
		}
	}
	for t := d.from.UTC().Truncate(step).Add(step); t.Before(d.to); t = t.Add(step) {
		midnight := t.Truncate(24 * time.Hour).Equal(t)
		label := d.locale.Clock(t)
		if midnight {
			label = d.locale.Day(t)
		}
		if at := d.x(t); at > 3 && at < 97 {
			d.XTicks = append(d.XTicks, tick{round(at), label, midnight})
		}
	}
}

// valueAxis spans the values with round ticks, within what the variable can be.
func (d *drawing) valueAxis(lowest, highest float64) {
	least := 4 * math.Pow10(-d.layer.Decimals) // a level line is in the middle of this span
	if highest-lowest < least {
		lowest, highest = lowest-least/2, highest+least/2
	}
	lowest = min(max(lowest, d.layer.Floor), d.layer.Ceiling-least)
	highest = max(min(highest, d.layer.Ceiling), lowest+least)
	step := math.Pow10(int(math.Floor(math.Log10((highest - lowest) / 4))))
	for _, factor := range []float64{1, 2, 5, 10} {
		if (highest-lowest)/(step*factor) <= 5 {
			step *= factor
			break
		}
	}
	d.low = max(math.Floor(lowest/step)*step, d.layer.Floor)
	d.high = min(math.Ceil(highest/step)*step, d.layer.Ceiling)
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	for i := math.Ceil(d.low / step); i*step <= d.high+step/1e6; i++ {
		d.YTicks = append(d.YTicks, tick{At: round(d.y(i * step)), Label: d.locale.Number(i*step, decimals)})
	}
}

// curves draws one line per source.
func (d *drawing) curves(lines []query.Line) {
	low, high := extremes(lines, func(p query.Point) bool { return len(p.Failed) == 0 })
	if meteo.Known(low.Value) {
		d.Summary = fill(d.locale.ChartSummary,
			d.locale.Value(d.layer, low.Value*d.layer.Factor), d.locale.Moment(low.At),
			d.locale.Value(d.layer, high.Value*d.layer.Factor), d.locale.Moment(high.At))
	} else { // failed values set the axis when there are no others
		low, high = extremes(lines, func(query.Point) bool { return true })
	}
	if !meteo.Known(low.Value) {
		d.Problem = d.locale.ChartEmpty
		return
	}
	d.valueAxis(low.Value*d.layer.Factor, high.Value*d.layer.Factor)
	for i, line := range lines {
		d.Lines = append(d.Lines, chartLine{i + 1, d.locale.SourceName(line.Source) + ", " + d.locale.Kind(line.Kind), d.curve(line)})
		for _, p := range line.Points {
			if !meteo.Known(p.Value) {
				continue
			}
			what := d.locale.Value(d.layer, p.Value*d.layer.Factor)
			if len(lines) > 1 {
				what += " (" + d.locale.SourceName(line.Source) + ")"
			}
			if len(p.Failed) > 0 {
				what += ", " + d.rules(p.Failed)
				d.mark(p, what)
			}
			d.Readings = append(d.Readings, reading{round(d.x(p.At)), round(d.y(p.Value * d.layer.Factor)), d.locale.Moment(p.At), what})
		}
	}
	slices.SortStableFunc(d.Readings, func(a, b reading) int { return cmp.Compare(a.X, b.X) })
	d.countFlagged()
}

// extremes finds the first lowest and the first highest of the points that count; NaN when none does.
func extremes(lines []query.Line, counts func(query.Point) bool) (low, high query.Point) {
	low.Value, high.Value = math.NaN(), math.NaN()
	for _, line := range lines {
		for _, p := range line.Points {
			if !meteo.Known(p.Value) || !counts(p) {
				continue
			}
			if !(p.Value >= low.Value) {
				low = p
			}
			if !(p.Value <= high.Value) {
				high = p
			}
		}
	}
	return low, high
}

// curve is the path of a line. It breaks at a value that is missing or failed a check, and where more
// than two and a half of the line's usual steps lie between two values.
func (d *drawing) curve(line query.Line) string {
	limit := usualStep(line.Points) * 5 / 2
	var b strings.Builder
	open := false
	var before time.Time
	for _, p := range line.Points {
		if !meteo.Known(p.Value) || len(p.Failed) > 0 {
			open = false
			continue
		}
		command := "L"
		if !open || p.At.Sub(before) > limit {
			command = "M"
		}
		x, y := d.x(p.At)*chartWidth/100, d.y(p.Value*d.layer.Factor)*chartHeight/100
		b.WriteString(command + decimal(x) + " " + decimal(y))
		if command == "M" {
			b.WriteString("h0") // a value on its own is a dot
		}
		open, before = true, p.At
	}
	return b.String()
}

// usualStep is the median time between two points.
func usualStep(points []query.Point) time.Duration {
	if len(points) < 2 {
		return 0
	}
	steps := make([]time.Duration, 0, len(points)-1)
	for i, p := range points[1:] {
		steps = append(steps, p.At.Sub(points[i].At))
	}
	slices.Sort(steps)
	return steps[len(steps)/2]
}

// bars draws rain as millimetres per hour: amounts of up to an hour are summed by the hour, longer ones
// are spread over the time they cover.
func (d *drawing) bars(line query.Line) {
	type span struct {
		begin, end time.Time
		amount     float64
	}
	var spans []span
	var failed []query.Point
	for _, p := range line.Points {
		if !meteo.Known(p.Value) {
			continue
		}
		if len(p.Failed) > 0 {
			failed = append(failed, p)
			continue
		}
		s := span{p.At.Add(-time.Duration(p.IntervalS) * time.Second), p.At, p.Value}
		if p.IntervalS <= 3600 {
			s.begin = p.At.Add(-time.Nanosecond).UTC().Truncate(time.Hour)
			s.end = s.begin.Add(time.Hour)
			if n := len(spans); n > 0 && spans[n-1].begin.Equal(s.begin) && spans[n-1].end.Equal(s.end) {
				spans[n-1].amount += s.amount
				continue
			}
		}
		spans = append(spans, s)
	}
	if len(spans) == 0 {
		d.Problem = d.locale.ChartEmpty
		return
	}
	highest, total := 1.0, 0.0
	for _, s := range spans {
		highest = max(highest, s.amount/s.end.Sub(s.begin).Hours())
		total += s.amount
	}
	d.valueAxis(0, highest)
	for _, s := range spans {
		perHour := s.amount / s.end.Sub(s.begin).Hours()
		left, right := max(0, d.x(s.begin)), min(100, d.x(s.end))
		if s.amount > 0 && right > left {
			top := d.y(perHour)
			d.Bars = append(d.Bars, bar{round(left * 10), round(top * 4), round((right - left) * 10 * 0.84), round((100 - top) * 4)})
		}
		d.Readings = append(d.Readings, reading{
			round((left + right) / 2), round(d.y(perHour)),
			d.locale.Day(s.begin) + ", " + d.locale.Clock(s.begin) + "–" + d.locale.Clock(s.end), d.locale.Value(d.layer, s.amount),
		})
	}
	for _, p := range failed {
		d.mark(p, d.locale.Value(d.layer, p.Value)+", "+d.rules(p.Failed))
	}
	d.countFlagged()
	d.Summary = fill(d.locale.RainSum, d.locale.Value(d.layer, total))
	if total == 0 {
		d.Summary = d.locale.NoRain
	}
}

func (d *drawing) mark(p query.Point, title string) {
	d.Marks = append(d.Marks, mark{round(d.x(p.At)), round(d.y(p.Value * d.layer.Factor)), d.locale.Moment(p.At) + " – " + title})
}

func (d *drawing) countFlagged() {
	switch n := len(d.Marks); n {
	case 0:
	case 1:
		d.Flagged = d.locale.ChartFlaggedOne
	default:
		d.Flagged = fill(d.locale.ChartFlagged, strconv.Itoa(n))
	}
}

func (d *drawing) rules(failed []meteo.Rule) string {
	names := make([]string, len(failed))
	for i, rule := range failed {
		names[i] = d.locale.Rule(rule)
	}
	return strings.Join(names, ", ")
}

// round keeps two decimals, which is finer than a pixel.
func round(x float64) float64 { return math.Round(x*100) / 100 }

func decimal(x float64) string { return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64) }

// ReadingsJSON is what page.js shows under the pointer: [x, y, when, what] in order of time.
func (c chart) ReadingsJSON() (string, error) {
	rows := make([][4]any, len(c.Readings))
	for i, r := range c.Readings {
		rows[i] = [4]any{r.X, r.Y, r.When, r.What}
	}
	text, err := json.Marshal(rows)
	return string(text), err
}
