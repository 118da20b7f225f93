package shape

import (
	"math"
	"strconv"
	"strings"

	"senmeteo/jobs/meteo"
)

// limits are the lowest and the highest value that a field can have.
type limits struct{ low, high float64 }

// physical holds limits beyond which a value is not weather, in the unit of its field. They are wider than those of the quality checks:
// beyond them alone, a number that producers write for "not measured" is not a value.
var physical = map[meaning]limits{
	meaning(meteo.Temperature): {-60, 60}, meaning(meteo.TemperatureMax): {-60, 60}, meaning(meteo.TemperatureMin): {-60, 60},
	meaning(meteo.TemperatureMean): {-60, 60}, meaning(meteo.DewPoint): {-60, 60}, meaning(meteo.DewPointMean): {-60, 60},
	meaning(meteo.Humidity): {0, 105}, meaning(meteo.HumidityMean): {0, 105}, meaning(meteo.CloudCover): {0, 100}, meaning(meteo.RainProbability): {0, 100},
	meaning(meteo.Pressure):  {850, 1100},
	meaning(meteo.WindSpeed): {0, 75}, meaning(meteo.WindSpeedMean): {0, 75}, meaning(meteo.WindGust): {0, 110}, meaning(meteo.WindDirection): {0, 360},
	meaning(meteo.Rain): {0, 900}, meaning(meteo.RainRate): {0, 900},
	meaning(meteo.Visibility): {0, 400_000}, // the farthest that anybody has seen
	latitude:                  {-90, 90}, longitude: {-180, 180}, elevation: {-500, 9000},
}

// standsForMissing reports whether a number is one that producers write for "not measured", and converted a value that its field can't have: a pressure
// of 0 is one.
func (m meaning) standsForMissing(x, converted float64) bool {
	within, ok := physical[m]
	return ok && (converted < within.low || converted > within.high) && (repeats(x) || missingWords[x] || x == -1 && within.low == 0 || x == 0 || x == m.unknown())
}

// unknown returns the number by which codes say that a field can't be stated: 990 for a wind of no single direction (SYNOP's 99 in degrees), and 9
// eighths for a sky that can't be seen. It is NaN for the others.
func (m meaning) unknown() float64 {
	switch m {
	case meaning(meteo.WindDirection):
		return 990
	case meaning(meteo.CloudCover):
		return 9
	}
	return math.NaN()
}

// missingWords are numbers that producers write for "not measured": the ends of the whole numbers of 8, 16 and 32 bits and their tenths, and what
// loggers of Campbell (6999, 7999) and files of grids (1e20) have.
var missingWords = map[float64]bool{
	255: true, 32767: true, -32768: true, 65535: true, 3276.7: true, -3276.8: true, 6553.5: true, 327.67: true, -327.68: true, 655.35: true,
	2147483647: true, -2147483648: true, 6999: true, -6999: true, 7999: true, -7999: true, 1e20: true, -1e20: true,
}

// repeats reports whether a number is written with two or more nines, or two or more eights, alone: -99.9, 9999, -88.8. Those of
// 32 bits count as their producer wrote them.
func repeats(x float64) bool {
	for _, bits := range [...]int{64, 32} {
		digits := strings.Replace(strings.TrimPrefix(strconv.FormatFloat(x, 'f', -1, bits), "-"), ".", "", 1)
		if len(digits) > 1 && (strings.Trim(digits, "9") == "" || strings.Trim(digits, "8") == "") {
			return true
		}
	}
	return false
}
