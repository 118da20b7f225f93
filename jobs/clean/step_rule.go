package clean

import (
	"math"
	"time"

	"senmeteo/jobs/meteo"
)

// tolerance is how much a variable may change within a time.
type tolerance struct {
	variable meteo.Variable
	within   [5]float64 // in 1, 2, 3, 6 and 12 hours
	hard     float64    // more than so many times as much is Bad
}

// gaps are the times of the table below, the last one longestGap; a shorter gap has the tolerance of the first.
var gaps = [5]time.Duration{time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, longestGap}

// remembered are the variables whose steps are checked, by the WMO's test of time consistency (WMO-No.305), and the relative
// humidity by level 2 of MADIS, within an hour only.
var remembered = [4]tolerance{
	{meteo.Temperature, [5]float64{4, 7, 9, 15, 25}, 1.5},
	{meteo.DewPoint, [5]float64{4, 6, 8, 12, 20}, 1.5},
	{meteo.Pressure, [5]float64{3, 6, 9, 18, 36}, 1.5},
	{meteo.Humidity, [5]float64{50, math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)}, 1},
}

// humiditySlot is where remembered has the humidity.
const humiditySlot = 3

// squallFall is by how much a squall line may cool the air within minutes, °C: 8 to 12 are common from June to October.
const squallFall = 12

// checkStep compares an observation with the values before it.
func checkStep(o *meteo.Observation, r *recent, v *verdict) {
	if r == nil {
		return
	}
	// With rain or gusts a fall of the temperature is weather, and any other step only suspect.
	at := o.ObservedAt.UnixMicro()
	index := r.index(at)
	squall := isSquall(o) || r.squallBefore(at, index)
	for slot := range remembered {
		variable := remembered[slot].variable
		x := o.Values[variable]
		if !meteo.Known(x) {
			continue
		}
		trusted, doubted := r.before(at, index, slot)
		if trusted == nil {
			continue
		}
		step, allowed := trusted.step(at, x, slot)
		if step <= allowed {
			continue
		}
		if fall := trusted.values[slot] - x; variable == meteo.Temperature && fall > 0 && fall <= squallFall && (squall || r.moistened(o, at, index, fall)) {
			continue
		}
		if doubted != nil {
			if step, allowed := doubted.step(at, x, slot); step <= allowed {
				continue // two readings that agree are the weather, not an error
			}
		}
		if r.returns(at, index, x, slot) {
			continue
		}
		if step > remembered[slot].hard*allowed && !squall {
			v.failVariable(variable, RuleStep, meteo.Bad)
		} else {
			v.failVariable(variable, RuleStep, meteo.Suspect)
		}
	}
}

// isSquall reports whether a squall line may be passing.
func isSquall(o *meteo.Observation) bool {
	return o.Values[meteo.Rain] > 0 || o.Values[meteo.RainRate] > 0 || o.Values[meteo.WindGust] > 12
}

// allowedStep is how much a variable may change within a time of at most longestGap.
func allowedStep(slot int, gap time.Duration) float64 {
	i := 0
	for gap > gaps[i] {
		i++
	}
	return remembered[slot].within[i]
}
