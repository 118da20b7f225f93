package shape

import (
	"math"
	"strings"

	"senmeteo/jobs/meteo"
)

// dimension groups the units that can stand for one another.
type dimension int

const (
	noDimension dimension = iota
	temperature
	share
	pressure
	speed
	angle
	depth
	rate
	distance
	duration
)

// dimensions are those of the units of meteo.Variables.
var dimensions = map[string]dimension{
	"°C": temperature, "%": share, "hPa": pressure, "m/s": speed, "°": angle, "mm": depth, "mm/h": rate, "m": distance,
}

// dimensionOf returns the dimension of what a field holds.
func dimensionOf(m meaning) dimension {
	switch {
	case m < stationID:
		return dimensions[meteo.Variables[m].Unit]
	case m == latitude, m == longitude:
		return angle
	case m == elevation:
		return distance
	case m == interval:
		return duration
	}
	return noDimension
}

// converter returns the conversion of a unit to that of what a field holds.
func converter(m meaning, unit string) (func(float64) float64, bool) {
	convert, ok := units[dimensionOf(m)][unitWord(unit)]
	return convert, ok
}

// unitWord is a unit in the form in which units lists them.
func unitWord(unit string) string {
	if strings.TrimSpace(unit) == "%" {
		return "pct"
	}
	return strings.ReplaceAll(meteo.Fold(unit), " ", "")
}

// units holds, by dimension and by spelling (folded, without spaces), the conversion to the
// project's unit. The factors are exact: international foot, inch, mile and nautical mile; the
// conventional millimetre and inch of mercury of ISO 80000-4 to seven digits.
var units = map[dimension]map[string]func(float64) float64{
	temperature: spellings(
		same, "c", "oc", "degc", "celsius", "degcelsius", "degresc", "degrec", "degreec", "degreesc", "degreescelsius", "degrescelsius", "cet110",
		func(f float64) float64 { return tidy((f - 32) * 5 / 9) }, "f", "of", "degf", "degreef", "fahrenheit", "degreesf", "degresf", "degreesfahrenheit",
		func(k float64) float64 { return tidy(k - 273.15) }, "k", "kelvin",
	),
	share: spellings(
		same, "pct", "percent", "rh", "pctrh", "pourcent", "pc",
		times(100, 1), "fraction", "ratio",
		times(25, 2), "octas", "oktas", "octa", "okta", "eighths", "huitiemes",
		times(10, 1), "tenths", "dixiemes",
	),
	pressure: spellings(
		same, "hpa", "hectopascal", "hectopascals", "mb", "mbar", "millibar", "millibars", "hpaet110",
		times(1, 100), "pa", "pascal", "pascals", "pascal", "pascals",
		times(10, 1), "kpa",
		times(1.333224, 1), "mmhg", "torr",
		times(33.86389, 1), "inhg", "in", "incheshg", "inchesofmercury",
	),
	speed: spellings(
		same, "ms", "ms1", "mps", "msec", "meterssecond", "metressecond", "meterssec", "meterspersecond", "metrespersecond", "metresparseconde", "mset110",
		times(1, 3.6), "kmh", "kmh1", "kph", "kmph", "kmhr", "kmhour", "kilometersperhour", "kilometresparheure",
		times(1852, 3600), "kt", "kts", "kn", "knot", "knots", "noeud", "noeuds", "nd", "nds",
		times(1609.344, 3600), "mph", "mileshour", "milesperhour",
	),
	angle: spellings(
		same, "deg", "degre", "degres", "degree", "degrees", "degn", "degreesn", "degt", "dd",
		times(10, 1), "10sdeg", "tensofdeg", "tensofdegrees", "dizainesdedegres",
	),
	depth: spellings(
		same, "mm", "millimetre", "millimetres", "millimeter", "millimeters", "lm2", "kgm2", "mmet110",
		times(10, 1), "cm",
		times(25.4, 1), "in", "inch", "inches", "pouces",
	),
	rate: spellings(
		same, "mmh", "mmh1", "mmhr", "mmheure",
		times(10, 1), "cmh", "cmhr",
		times(25.4, 1), "inh", "inhr",
	),
	distance: spellings(
		same, "m", "metre", "metres", "meter", "meters",
		times(1000, 1), "km", "kilometres", "kilometers",
		times(1609.344, 1), "mi", "mile", "miles", "statutemiles",
		times(1852, 1), "nmi", "nauticalmile", "nauticalmiles", "millesmarins",
		times(0.3048, 1), "ft", "feet", "pieds",
	),
	duration: spellings(
		same, "s", "sec", "seconds", "secondes",
		times(60, 1), "min", "minutes",
		times(3600, 1), "h", "hours", "heures",
	),
}

// spellings makes a table of a list in which the spellings of a unit follow its conversion.
func spellings(list ...any) map[string]func(float64) float64 {
	table := map[string]func(float64) float64{}
	var convert func(float64) float64
	for _, entry := range list {
		switch entry := entry.(type) {
		case func(float64) float64:
			convert = entry
		case string:
			table[entry] = convert
		}
	}
	return table
}

func same(x float64) float64 { return x }

func times(factor, divisor float64) func(float64) float64 {
	return func(x float64) float64 { return tidy(x * factor / divisor) }
}

// tidy rounds a converted number to 1e-9 of its unit, which removes the noise of binary fractions
// (16.1 km are 16100 m and not 16100.000000000002) and nothing that an instrument could tell.
func tidy(x float64) float64 {
	if math.Abs(x) > 1e6 {
		return x
	}
	return math.Round(x*1e9) / 1e9
}
