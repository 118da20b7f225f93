package shape

import "math"

// The units of temperatures that an answer which states none may have, as names of fields have them after them.
const (
	inKelvins    = " (K)"
	inFahrenheit = " (°F)"
	inCelsius    = " (°C)"
	unstated     = " (unit not stated)" // the values are left out, unless --unit says it
)

// The air of Senegal, which decides what temperatures are in: none was above hottestC °C, and none below coldestF °F (7 °C). Numbers between the
// two may be a hot afternoon or a cold night.
const (
	hottestC = 50
	coldestF = 45
	coldestK = 150 // more than any number in the other two
)

// shownUnit returns the unit that the temperatures of an answer, which are some members of its steps, are in for certain; else it is unstated.
func shownUnit(steps []Row, members ...string) string {
	lowest, highest := math.Inf(1), math.Inf(-1)
	for _, step := range steps {
		for _, name := range members {
			if x, ok := number(step.get(name)); ok {
				lowest, highest = min(lowest, x), max(highest, x)
			}
		}
	}
	switch {
	case lowest > coldestK && highest > coldestK:
		return inKelvins
	case lowest >= coldestF && highest > hottestC && highest <= coldestK:
		return inFahrenheit
	case lowest < coldestF && highest <= hottestC:
		return inCelsius
	}
	return unstated
}
