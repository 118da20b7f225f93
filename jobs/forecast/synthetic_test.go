package forecast

import (
	"math"
	"math/rand/v2"
	"time"

	"senmeteo/jobs/meteo"
)

// start is the first day of synthetic series.
var start = time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC)

// synthetic are n days of two stations whose weather is a course over the year and an anomaly that 0.7 of is left the next day. The second
// station gets the first one's anomalies a day later.
func synthetic(n int) []Day {
	r := rand.New(rand.NewPCG(7, 11))
	var a, before [numTargets]float64
	var days []Day
	for t := range n {
		date := start.AddDate(0, 0, t)
		year := math.Cos(2 * math.Pi * float64(date.YearDay()) / 365.25)
		before = a
		for e := range a {
			a[e] = .7*a[e] + r.NormFloat64()
		}
		for s, x := range [][numTargets]float64{a, before} {
			d := Day{StationID: []string{"SN-DK", "SN-TH"}[s], Latitude: 14.7, Longitude: -17.4 + float64(s)/2, Date: date, Values: meteo.NoValues()}
			d.Values[meteo.TemperatureMax] = 32 - 5*year + x[0]
			d.Values[meteo.TemperatureMin] = 22 - 4*year + x[1]
			d.Values[meteo.WindSpeedMean] = 9 + 2*year + x[2]
			d.Values[meteo.HumidityMean] = 50 - 15*year + 3*x[3]
			d.Values[meteo.DewPointMean] = 15 - 6*year + x[3]
			d.Values[meteo.Rain] = 0
			if year < -.3 && x[3]+r.NormFloat64()/2 > .8 {
				d.Values[meteo.Rain] = 5
			}
			days = append(days, d)
		}
	}
	return days
}
