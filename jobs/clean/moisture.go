package clean

import "math"

// The Magnus formula over water with Sonntag's constants, as in WMO-No. 8.
const (
	magnusA = 17.62
	magnusB = 243.12 // °C
)

// How far a dew point may be from that of temperature and humidity, °C: as far as the rounding of the values to tenths, and 0.6 % of humidity, take
// it. Whole degrees are rounded by half a degree each.
const (
	dewPointTolerance  = 0.35
	humidityTolerance  = 0.6 // %
	wholeDegreesWiden  = 1.0
	leastHumidityKnown = 1 // %: the dew point of drier air is not computed
)

// moistureFits reports whether a temperature and dew point in °C and a relative humidity in percent say the same of the air.
func moistureFits(t, td, rh float64) bool {
	if rh < leastHumidityKnown {
		return RelativeHumidity(t, td) <= leastHumidityKnown+5
	}
	computed, perPercent := dewPoint(t, rh)
	allowed := dewPointTolerance + humidityTolerance*perPercent
	if t == math.Trunc(t) && td == math.Trunc(td) {
		allowed += wholeDegreesWiden
	}
	return math.Abs(td-computed) <= allowed
}

// dewPoint of a temperature in °C and a relative humidity over water in percent, and by how much it rises with each percent.
func dewPoint(t, rh float64) (td, perPercent float64) {
	g := math.Log(rh/100) + magnusA*t/(magnusB+t)
	return magnusB * g / (magnusA - g), magnusA * magnusB / ((magnusA - g) * (magnusA - g)) / rh
}

// RelativeHumidity returns the humidity over water, percent, of a temperature and dew point in °C.
func RelativeHumidity(t, td float64) float64 {
	return 100 * math.Exp(magnusA*td/(magnusB+td)-magnusA*t/(magnusB+t))
}
