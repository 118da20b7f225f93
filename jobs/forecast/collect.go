package forecast

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"time"

	"senmeteo/jobs/meteo"
)

// DayHours is from how many hours of a day in UTC on its values are known: with fewer, the warmest or coldest may be missing.
const DayHours = 20

// Collector makes days of observations, in any order: of those of whole days as they are, and of shorter ones where a day has them from
// DayHours of its hours. Of several sources that with most hours of a day counts for it. Forecasts, values of models, bad observations and
// values that failed a rule do not count.
type Collector struct {
	days map[collected]*tally
}

// collected is which day of which station and source a tally is of.
type collected struct {
	station, source string
	number          int
}

// tally is what was observed of a day.
type tally struct {
	latitude, longitude float64
	daily               meteo.Values // of observations of the whole day; NaN where there are none
	max, min            float64      // of temperatures of shorter ones; NaN where there are none
	hours               [numElements]uint32
	sum                 [numElements]float64
	n                   [numElements]float64
	rainSeconds         int64
}

// NewCollector returns an empty one.
func NewCollector() *Collector { return &Collector{days: map[collected]*tally{}} }

// Add adds an observation.
func (c *Collector) Add(o *meteo.Observation) {
	if o.Kind == meteo.Observed {
		c.add(o)
	}
}

// add adds an observation of any kind.
func (c *Collector) add(o *meteo.Observation) {
	if o.Quality == meteo.Bad {
		return
	}
	length := time.Duration(o.IntervalS) * time.Second
	if length > 24*time.Hour {
		return
	}
	middle := o.ObservedAt.Add(-length / 2)
	key := collected{o.StationID, o.Source, dayNumber(middle)}
	t := c.days[key]
	if t == nil {
		t = &tally{latitude: o.Latitude, longitude: o.Longitude, daily: meteo.NoValues(), max: math.NaN(), min: math.NaN()}
		c.days[key] = t
	}
	values := o.Values
	for _, f := range o.QC {
		if v, ok := meteo.VariableByName(f.Subject); ok {
			values[v] = math.NaN()
		}
	}
	if length == 24*time.Hour {
		for _, v := range inputs {
			if values.Has(v) {
				t.daily[v] = values[v]
			}
		}
		return
	}
	t.add(&values, o, middle.UTC().Hour())
}

// momentary are the variables whose mean over a day is an element.
var momentary = map[element][2]meteo.Variable{
	wind: {meteo.WindSpeed, meteo.WindSpeedMean}, humidity: {meteo.Humidity, meteo.HumidityMean}, dewPoint: {meteo.DewPoint, meteo.DewPointMean},
}

func (t *tally) add(values *meteo.Values, o *meteo.Observation, hour int) {
	mark := uint32(1) << hour
	for e, variables := range momentary {
		for _, v := range variables {
			if values.Has(v) {
				t.hours[e] |= mark
				t.sum[e] += values[v]
				t.n[e]++
				break
			}
		}
	}
	for _, v := range [...]meteo.Variable{meteo.Temperature, meteo.TemperatureMax, meteo.TemperatureMin} {
		if x := values[v]; meteo.Known(x) {
			t.hours[tmax] |= mark
			if !(t.max >= x) {
				t.max = x
			}
			if !(t.min <= x) {
				t.min = x
			}
		}
	}
	if values.Has(meteo.Rain) && o.IntervalS > 0 {
		t.sum[rain] += values[meteo.Rain]
		t.rainSeconds += o.IntervalS
	}
}

// covered is how many hours of the day something is known of.
func (t *tally) covered() int {
	if t.daily.Count() > 0 {
		return 24
	}
	return bits.OnesCount32(t.hours[tmax])
}

// values are those over the day.
func (t *tally) values() meteo.Values {
	out := t.daily
	set := func(e element, known bool, x float64) {
		if v := inputs[e]; known && !out.Has(v) {
			out[v] = x
		}
	}
	warm := bits.OnesCount32(t.hours[tmax]) >= DayHours
	set(tmax, warm, t.max)
	set(tmin, warm, t.min)
	for e := range momentary {
		set(e, bits.OnesCount32(t.hours[e]) >= DayHours, t.sum[e]/t.n[e])
	}
	set(rain, t.rainSeconds >= DayHours*3600, t.sum[rain])
	return out
}

// Days returns the days of which something is known, by station and date.
func (c *Collector) Days() []Day {
	keys := make([]collected, 0, len(c.days))
	for k := range c.days {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b collected) int {
		return cmp.Or(cmp.Compare(a.station, b.station), cmp.Compare(a.number, b.number), c.days[b].covered()-c.days[a].covered(), cmp.Compare(a.source, b.source))
	})
	var days []Day
	for i, k := range keys {
		if i > 0 && keys[i-1].station == k.station && keys[i-1].number == k.number {
			continue
		}
		t := c.days[k]
		if values := t.values(); values.Count() > 0 {
			days = append(days, Day{StationID: k.station, Latitude: t.latitude, Longitude: t.longitude, Date: dateOf(k.number), Values: values})
		}
	}
	return days
}

// GuidanceCollector makes guidance of a model's forecasts, each issue as Collector makes days of observations.
type GuidanceCollector struct{ issues map[time.Time]*Collector }

// Add adds a forecast.
func (g *GuidanceCollector) Add(o *meteo.Observation) {
	if o.Kind != meteo.Forecast {
		return
	}
	if g.issues == nil {
		g.issues = map[time.Time]*Collector{}
	}
	issued := o.IssuedAt.UTC()
	if g.issues[issued] == nil {
		g.issues[issued] = NewCollector()
	}
	g.issues[issued].add(o)
}

// Guidance returns the days that were forecast, in no order.
func (g *GuidanceCollector) Guidance() (list []Guidance) {
	for issued, c := range g.issues {
		for _, d := range c.Days() {
			list = append(list, Guidance{StationID: d.StationID, IssuedAt: issued, Date: d.Date, Values: d.Values})
		}
	}
	return list
}
