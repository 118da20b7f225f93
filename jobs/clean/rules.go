package clean

import (
	"math"
	"sort"

	"senmeteo/jobs/meteo"
)

// The rules. docs/quality-control.md explains them to users.
const (
	RuleRange       meteo.Rule = "range"       // outside what can be, or what has been seen in Senegal
	RuleClimatology meteo.Rule = "climatology" // outside what the region has seen in this month
	RuleConsistency meteo.Rule = "consistency" // contradicts another value of the same observation
	RuleStep        meteo.Rule = "step"        // changed faster than the weather does
	RuleLocation    meteo.Rule = "location"    // the coordinates are not the station's
)

// locationSubject stands in place of a variable where the place is wrong.
const locationSubject = "location"

// limits of one variable: outside hard it is Bad, outside usual it is Suspect.
type limits struct {
	hardLow, hardHigh   float64
	usualLow, usualHigh float64
}

// rangeOf holds the limits of the variables. Hard: WMO guidelines on quality control of automatic stations (WMO-No.8) and
// MADIS level 1. Usual: 43,836 station-days of 12 Senegalese stations, 2015 to 2024, with a margin.
// The amount of rain depends on its interval: see rainLimits.
var rangeOf = [meteo.NumVariables]limits{
	meteo.Temperature:   {-80, 60, 8, 50},
	meteo.DewPoint:      {-80, 35, -15, 30},
	meteo.Humidity:      {0, 103, 4, 103},
	meteo.Pressure:      {846, 1100, 1000, 1025},
	meteo.WindSpeed:     {0, 75, 0, 30},
	meteo.WindGust:      {0, 75, 0, 45},
	meteo.WindDirection: {0, 360, 0, 360},
	meteo.RainRate:      {0, 2400, 0, 2400}, // 40 mm a minute
	meteo.CloudCover:    {0, 100, 0, 100},
	meteo.Visibility:    {0, 160_000, 0, 160_000},
}

// rainLimits: at most 40 mm a minute and 1118 mm in all (MADIS); in Senegal more than 100 mm in an hour or 200 mm in a
// longer time is doubtful.
func rainLimits(intervalS int64) limits {
	l := limits{0, 1118, 0, 200}
	if intervalS > 0 {
		l.hardHigh = math.Min(l.hardHigh, 40*float64(intervalS)/60)
		if intervalS <= 3600 {
			l.usualHigh = 100
		}
	}
	return l
}

// verdict collects the failures of one observation.
type verdict struct {
	quality  meteo.Quality
	failures []meteo.Failure
}

func (v *verdict) fail(subject string, rule meteo.Rule, q meteo.Quality) {
	v.quality = v.quality.Worse(q)
	for _, f := range v.failures {
		if f.Subject == subject && f.Rule == rule {
			return
		}
	}
	v.failures = append(v.failures, meteo.Failure{Subject: subject, Rule: rule})
}

func (v *verdict) failVariable(x meteo.Variable, rule meteo.Rule, q meteo.Quality) {
	v.fail(x.String(), rule, q)
}

// Check applies every rule to an observation, corrects it where that is no guess, and sets Quality, QC and
// Original. The recent readings are those of the same station, source and kind; nil when none are known.
func Check(o *meteo.Observation, recent *recent) {
	v := verdict{quality: meteo.Good}
	correct(o)
	checkRange(o, &v)
	checkClimatology(o, &v)
	checkConsistency(o, &v)
	checkStep(o, recent, &v)
	checkLocation(o, &v)
	sort.SliceStable(v.failures, func(i, j int) bool { return v.failures[i].Subject < v.failures[j].Subject })
	o.Quality, o.QC = v.quality, v.failures
}

// correct clips a relative humidity that saturation and the sensor's tolerance put a little above 100 %.
func correct(o *meteo.Observation) {
	if rh := o.Values[meteo.Humidity]; rh > 100 && rh <= rangeOf[meteo.Humidity].hardHigh {
		before := meteo.NoValues()
		before[meteo.Humidity] = rh
		o.Original = &before
		o.Values[meteo.Humidity] = 100
	}
}

func checkRange(o *meteo.Observation, v *verdict) {
	for i, x := range o.Values {
		l := rangeOf[i]
		if meteo.Variable(i) == meteo.Rain {
			l = rainLimits(o.IntervalS)
		}
		switch {
		case !meteo.Known(x):
		case x < l.hardLow || x > l.hardHigh:
			v.failVariable(meteo.Variable(i), RuleRange, meteo.Bad)
		case x < l.usualLow || x > l.usualHigh:
			v.failVariable(meteo.Variable(i), RuleRange, meteo.Suspect)
		}
	}
}

// checkClimatology compares the temperature with the lowest minima and highest maxima of the region and month, widened by
// 3 °C. The limits of humidity, wind and rain are of daily means and sums, which say nothing of a moment.
func checkClimatology(o *meteo.Observation, v *verdict) {
	t := o.Values[meteo.Temperature]
	if !meteo.Known(t) || len(o.StationID) < 5 {
		return
	}
	l, ok := climatology[monthKey{o.StationID[:5], o.ObservedAt.Month()}]
	const margin = 3
	if ok && (t < l.minTemperature-margin || t > l.maxTemperature+margin) {
		v.failVariable(meteo.Temperature, RuleClimatology, meteo.Suspect)
	}
}

// checkConsistency compares values of one observation with each other.
func checkConsistency(o *meteo.Observation, v *verdict) {
	x := &o.Values
	both := func(a, b meteo.Variable) bool { return x.Has(a) && x.Has(b) }
	fail := func(q meteo.Quality, vars ...meteo.Variable) {
		for _, w := range vars {
			v.failVariable(w, RuleConsistency, q)
		}
	}
	if both(meteo.Temperature, meteo.DewPoint) && x[meteo.DewPoint] > x[meteo.Temperature]+0.3 {
		fail(meteo.Bad, meteo.Temperature, meteo.DewPoint)
	} else if both(meteo.Temperature, meteo.DewPoint) && x.Has(meteo.Humidity) &&
		math.Abs(x[meteo.Humidity]-relativeHumidity(x[meteo.Temperature], x[meteo.DewPoint])) > 5 {
		fail(meteo.Suspect, meteo.Humidity, meteo.DewPoint)
	}
	if both(meteo.WindSpeed, meteo.WindGust) && x[meteo.WindGust] < x[meteo.WindSpeed]-0.1 {
		fail(meteo.Bad, meteo.WindSpeed, meteo.WindGust)
	}
	if cloudless := x[meteo.CloudCover] == 0; cloudless && x[meteo.Rain] > 0 && o.IntervalS <= 3600 { // of a longer time the sky now says nothing
		fail(meteo.Suspect, meteo.Rain, meteo.CloudCover)
	} else if cloudless && x[meteo.RainRate] > 0 {
		fail(meteo.Suspect, meteo.RainRate, meteo.CloudCover)
	}
	dry := x[meteo.Humidity] < 60 // false when unknown
	if dry && x[meteo.RainRate] > 1 {
		fail(meteo.Suspect, meteo.RainRate, meteo.Humidity)
	}
	if m := o.ObservedAt.Month(); dry && x[meteo.Rain] > 20 && (m >= 11 || m <= 4) {
		fail(meteo.Suspect, meteo.Rain, meteo.Humidity)
	}
}

// relativeHumidity over water, percent, of a temperature and dew point in °C, by the Magnus formula
// (Sonntag's constants, as in WMO-No.8).
func relativeHumidity(t, td float64) float64 {
	pressure := func(t float64) float64 { return 6.112 * math.Exp(17.62*t/(243.12+t)) }
	return 100 * pressure(td) / pressure(t)
}

// checkLocation compares the producer's coordinates with Senegal and, for a region's main station, with the station's.
func checkLocation(o *meteo.Observation, v *verdict) {
	if !meteo.Known(o.Latitude) || !meteo.Known(o.Longitude) {
		return
	}
	if !meteo.InSenegal(o.Latitude, o.Longitude) {
		v.fail(locationSubject, RuleLocation, meteo.Bad)
		return
	}
	const far = 25 // km; Dakar-Yoff is 6 km from Dakar's own point
	s, ok := meteo.StationByID(o.StationID)
	if ok && s.ID == o.StationID && meteo.DistanceKM(o.Latitude, o.Longitude, s.Latitude, s.Longitude) > far {
		v.fail(locationSubject, RuleLocation, meteo.Suspect)
	}
}
