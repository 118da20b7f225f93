package wmo

import "math"

// Magnus' formula for the saturation vapour pressure over water, with the constants of Sonntag (1990), as in the
// WMO Guide to Instruments and Methods of Observation (WMO-No. 8), annex 4.B.
const (
	magnusFactor = 17.62
	magnusOffset = 243.12 // °C
)

// RelativeHumidity is that of air over water in percent, rounded to whole percents as reports give it, of a temperature and a
// dew point in °C. It is NaN when one is, and when the dew point is above the temperature.
func RelativeHumidity(temperature, dewPoint float64) float64 {
	if !(dewPoint <= temperature) {
		return math.NaN()
	}
	exponent := func(t float64) float64 { return magnusFactor * t / (magnusOffset + t) }
	return math.Round(100 * math.Exp(exponent(dewPoint)-exponent(temperature)))
}
