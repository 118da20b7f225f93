package scrape

import (
	"fmt"
	"math"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/wmo"
)

// unit makes the unit of a variable of another one: x*factor + offset.
type unit struct{ factor, offset float64 }

// units are those in which pages give the variables of a unit.
var units = map[string]map[string]unit{
	"°C":   {"°C": {1, 0}, "°F": {5.0 / 9, -160.0 / 9}, "K": {1, -273.15}},
	"%":    {"%": {1, 0}, "oktas": {12.5, 0}},
	"hPa":  {"hPa": {1, 0}, "mbar": {1, 0}, "mmHg": {1.333224, 0}, "inHg": {33.86389, 0}},
	"m/s":  {"m/s": {1, 0}, "km/h": {1 / 3.6, 0}, "kt": {wmo.Knot, 0}, "mph": {0.44704, 0}},
	"°":    {"°": {1, 0}},
	"mm":   {"mm": {1, 0}, "cm": {10, 0}, "in": {25.4, 0}},
	"mm/h": {"mm/h": {1, 0}},
	"m":    {"m": {1, 0}, "km": {1000, 0}, "mi": {1609.344, 0}},
}

// convert brings a number in a unit into that of a variable; what was converted is rounded to hundredths.
func convert(x float64, in string, v meteo.Variable) (float64, error) {
	own := meteo.Variables[v].Unit
	u, ok := units[own][in]
	if !ok {
		return 0, fmt.Errorf("%.20q is not a unit of %s", in, v)
	}
	if u == (unit{1, 0}) {
		return x, nil
	}
	return math.Round((x*u.factor+u.offset)*100)/100 + 0, nil
}
