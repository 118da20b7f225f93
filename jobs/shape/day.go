package shape

import (
	"time"

	"senmeteo/jobs/meteo"
)

const (
	daySeconds    = 86400 // the interval of a daily reading
	longestPeriod = 366 * daySeconds * time.Second
)

// meanOf is, by the variable that has one, the variable that holds its mean over an interval.
var meanOf = map[meteo.Variable]meteo.Variable{
	meteo.Temperature: meteo.TemperatureMean,
	meteo.DewPoint:    meteo.DewPointMean,
	meteo.Humidity:    meteo.HumidityMean,
	meteo.WindSpeed:   meteo.WindSpeedMean,
}

// ofDay makes the reading of a record that states a day and no time of day: it is observed at the end of its day, in UTC, and its
// values are of the whole day. What has the name of a momentary value is the day's mean; where meteo has no mean of it, the value is
// left out, because momentary fields never hold means.
func (d *Decoder) ofDay(o *meteo.Observation) {
	o.ObservedAt = o.ObservedAt.Add(daySeconds * time.Second)
	if o.IntervalS == 0 {
		o.IntervalS = daySeconds
	}
	unknown := meteo.NoValues()
	for v := range meteo.Variable(meteo.NumVariables) {
		if v.Over() {
			continue
		}
		if mean, ok := meanOf[v]; ok && !o.Values.Has(mean) {
			o.Values[mean] = o.Values[v]
		} else if o.Values.Has(v) {
			d.ignored.add(v.String(), whyOfDay, o.Values[v])
		}
		o.Values[v] = unknown[v]
	}
}
