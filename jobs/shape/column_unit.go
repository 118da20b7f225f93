package shape

import (
	"math"
	"slices"
	"strings"

	"senmeteo/jobs/meteo"
)

// concludeUnit settles the unit of a column of numbers for which neither its heading nor its cells state one. It is that of the field, unless the values as a
// whole can't be in that unit: then it is the only one in which they are weather, and where there are several of them, or none, the column is left out.
func (c *tableColumn) concludeUnit(cells []any, e evidence) {
	if c.meaning == meaning(meteo.Visibility) {
		c.convert, c.why = visibilityUnit(cells, e)
		return
	}
	values := c.measured(cells)
	if len(values) == 0 {
		return
	}
	slices.Sort(values)
	v := spread{values[0], values[len(values)/2], values[len(values)-1], len(values), !slices.ContainsFunc(values, func(x float64) bool { return x != math.Trunc(x) })}
	convert, ok := same, true
	switch c.meaning {
	case meaning(meteo.Temperature), meaning(meteo.TemperatureMax), meaning(meteo.TemperatureMin), meaning(meteo.TemperatureMean):
		convert, ok = v.temperature(50, e)
	case meaning(meteo.DewPoint), meaning(meteo.DewPointMean):
		convert, ok = v.temperature(36, e)
	case meaning(meteo.Pressure):
		convert, ok = v.pressure()
	case meaning(meteo.Humidity), meaning(meteo.HumidityMean):
		convert, ok = v.humidity()
	case meaning(meteo.CloudCover):
		convert, ok = v.cloudCover(e)
	case meaning(meteo.WindDirection):
		ok = v.count < 5 || !v.whole || v.high > 36 || v.high == v.low // tens of degrees, as in SYNOP
	}
	if c.convert = convert; !ok {
		c.why = whyNoUnit
	}
}

// measured returns the numbers of a column that do not stand for missing values.
func (c *tableColumn) measured(cells []any) []float64 {
	var all []float64
	for _, value := range cells {
		one := cell{value: value, style: c.style}
		if x, ok := one.parseNumber(); ok && !sentinel(x) && !c.meaning.standsForMissing(x, x) {
			all = append(all, x)
		}
	}
	return all
}

// spread is the lowest, the middle and the highest of the values of a column.
type spread struct {
	low, middle, high float64
	count             int
	whole             bool // all of them are whole numbers
}

func (v *spread) within(low, high float64) bool { return v.low >= low && v.high <= high }

// few is how many values may be all wrong by chance.
const few = 2

// temperature settles whether values are in °C, kelvins or °F; hottest is what no middle of values in °C is above.
func (v *spread) temperature(hottest float64, e evidence) (convert func(float64) float64, ok bool) {
	switch {
	case v.within(240, 335) && !v.whole:
		return units[temperature]["k"], true
	case v.middle > hottest && v.within(15, 140):
		return units[temperature]["f"], v.count > few || e.american
	}
	return same, v.middle <= hottest
}

// pressure settles whether values are in hPa, Pa, kPa, tenths of hPa, or inches or millimetres of mercury: no two of them share a value that is weather.
func (v *spread) pressure() (convert func(float64) float64, ok bool) {
	switch {
	case v.within(85_000, 110_000):
		return units[pressure]["pa"], true
	case v.within(8_500, 11_000):
		return times(1, 10), true
	case v.within(85, 110):
		return units[pressure]["kpa"], true
	case v.within(640, 830):
		return units[pressure]["mmhg"], true
	case v.within(25, 32.5):
		return units[pressure]["inhg"], true
	}
	return same, v.middle >= 500 && v.middle <= 1200
}

// humidity settles whether values are per cent or parts of one.
func (v *spread) humidity() (convert func(float64) float64, ok bool) {
	if v.high > 1 || v.high <= 0 {
		return same, true
	}
	return times(100, 1), !v.whole
}

// cloudCover settles whether values are per cent, parts of one or eighths, which small whole numbers leave open.
func (v *spread) cloudCover(e evidence) (convert func(float64) float64, ok bool) {
	switch {
	case v.high <= 0:
		return same, true
	case v.high <= 1 && !v.whole:
		return times(100, 1), true
	}
	return same, v.high > 9 || e.camel
}

// isAmerican reports whether a heading has a unit that the United States alone use.
func isAmerican(h Heading) bool {
	words := strings.Fields(meteo.Fold(h.Name + " " + h.Unit))
	if len(words) < 2 {
		return false
	}
	switch words[len(words)-1] {
	case "f", "degf", "fahrenheit", "mph", "inhg":
		return true
	}
	return false
}
