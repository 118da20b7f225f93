package clean

import (
	"cmp"
	"math"
	"slices"
	"time"

	"senmeteo/jobs/meteo"
)

// The rules. docs/quality-control.md explains them to users.
const (
	RuleRange       meteo.Rule = "range"       // outside what can be, or what has been seen in Senegal
	RuleClimatology meteo.Rule = "climatology" // outside what the region has seen in this month
	RuleConsistency meteo.Rule = "consistency" // contradicts another value of the same observation
	RuleStep        meteo.Rule = "step"        // changed faster than the weather does
	RuleLocation    meteo.Rule = "location"    // the coordinates are not the station's

	// Those of package review, whose verdicts come later.
	RuleSpike      meteo.Rule = "spike"      // beyond both of its neighbours in time
	RuleStuck      meteo.Rule = "stuck"      // the same for longer than the air is
	RuleNeighbours meteo.Rule = "neighbours" // does not fit the stations around
)

// locationSubject takes the place of a variable where the place is wrong.
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

	meteo.TemperatureMax:  {-80, 60, 8, 50},
	meteo.TemperatureMin:  {-80, 60, 8, 50},
	meteo.TemperatureMean: {-80, 60, 8, 50},
	meteo.DewPointMean:    {-80, 35, -15, 30},
	meteo.HumidityMean:    {0, 103, 4, 103},
	meteo.WindSpeedMean:   {0, 75, 0, 30},
	meteo.RainProbability: {0, 100, 0, 100},
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

// Check applies every rule to an observation, corrects it where that is not a guess, and sets Quality, QC and
// Original. The recent readings are those of the same station, source and kind; nil when none are known. A forecast is held to what can be
// and to itself alone: what is rare, or changes fast, is what it is for.
func Check(o *meteo.Observation, recent *recent) {
	v := verdict{quality: meteo.Good}
	correct(o)
	checkRange(o, &v)
	checkConsistency(o, &v)
	checkQuantiles(o, &v)
	if o.Kind != meteo.Forecast {
		checkClimatology(o, recent, &v)
		checkStep(o, recent, &v)
		checkLocation(o, &v)
	}
	slices.SortStableFunc(v.failures, func(a, b meteo.Failure) int { return cmp.Compare(a.Subject, b.Subject) })
	o.Quality, o.QC = v.quality, v.failures
}

// correct clips a relative humidity that saturation and the sensor's tolerance put a little above 100 %.
func correct(o *meteo.Observation) {
	for _, v := range [...]meteo.Variable{meteo.Humidity, meteo.HumidityMean} {
		if rh := o.Values[v]; rh > 100 && rh <= rangeOf[v].hardHigh {
			if o.Original == nil {
				before := meteo.NoValues()
				o.Original = &before
			}
			o.Original[v], o.Values[v] = rh, 100
		}
	}
}

func checkRange(o *meteo.Observation, v *verdict) {
	for i, x := range o.Values {
		if meteo.Known(x) {
			checkRangeOf(o, meteo.Variable(i), x, v)
		}
	}
	for i := range o.Quantiles {
		for _, x := range o.Quantiles[i].Values {
			checkRangeOf(o, o.Quantiles[i].Variable, x, v)
		}
	}
}

// checkRangeOf holds one value of a variable to its limits.
func checkRangeOf(o *meteo.Observation, variable meteo.Variable, x float64, v *verdict) {
	l := &rangeOf[variable]
	if variable == meteo.Rain {
		rain := rainLimits(o.IntervalS)
		l = &rain
	}
	switch {
	case x < l.hardLow || x > l.hardHigh:
		v.failVariable(variable, RuleRange, meteo.Bad)
	case x < l.usualLow || x > l.usualHigh:
		v.failVariable(variable, RuleRange, meteo.Suspect)
	}
}

// temperatureMargin is how far beyond the lowest minimum and highest maximum of ten years a temperature is unusual, °C. Of 1,007 months of a
// station in NOAA GSOD (Senegal, 2015 to 2021) 11 were hotter by more than 3 °C than the same month of all other years, 34 colder; 2 and 13 by
// more than 5 °C.
const temperatureMargin = 5

// checkClimatology compares temperatures with the lowest minima and highest maxima of the region and month, widened by
// temperatureMargin, and means of a day also with those of humidity, widened by 10 %, and of wind, widened by half: these limits are of
// daily means, which say nothing of a moment.
func checkClimatology(o *meteo.Observation, recent *recent, v *verdict) {
	var region *months
	if recent != nil {
		region = recent.limits
	} else {
		region = climatology.of(o.StationID)
	}
	if region == nil {
		return
	}
	check := func(x meteo.Variable, low, high float64) {
		if value := o.Values[x]; value < low || value > high { // false when unknown
			v.failVariable(x, RuleClimatology, meteo.Suspect)
		}
	}
	const margin = temperatureMargin
	l := &region[o.ObservedAt.Month()]
	check(meteo.Temperature, l.lowestMin-margin, l.highestMax+margin)
	l = &region[begins(o).Month()]
	check(meteo.TemperatureMax, l.lowestMin-margin, l.highestMax+margin)
	check(meteo.TemperatureMin, l.lowestMin-margin, l.highestMax+margin)
	check(meteo.TemperatureMean, l.lowestMin-margin, l.highestMax+margin)
	if o.IntervalS == daySeconds {
		check(meteo.TemperatureMax, l.lowestMax-margin, l.highestMax+margin)
		check(meteo.TemperatureMin, l.lowestMin-margin, l.highestMin+margin)
		check(meteo.HumidityMean, l.lowestHumidity-10, l.highestHumidity+10)
		check(meteo.WindSpeedMean, 0, l.highestWind*1.5)
	}
}

// daySeconds is the interval of a daily reading.
const daySeconds = 86400

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
		!moistureFits(x[meteo.Temperature], x[meteo.DewPoint], x[meteo.Humidity]) {
		fail(meteo.Suspect, meteo.Humidity, meteo.DewPoint)
	}
	for _, mean := range [...]meteo.Variable{meteo.WindSpeed, meteo.WindSpeedMean} {
		if both(mean, meteo.WindGust) && x[meteo.WindGust] < x[mean]-0.1 {
			fail(meteo.Bad, mean, meteo.WindGust)
		}
	}
	for _, pair := range ordered {
		if both(pair.lower, pair.upper) && x[pair.lower] > x[pair.upper]+pair.tolerance {
			fail(meteo.Bad, pair.lower, pair.upper)
		}
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
	if m := begins(o).Month(); x[meteo.HumidityMean] < 60 && x[meteo.Rain] > 20 && (m >= 11 || m <= 4) {
		fail(meteo.Suspect, meteo.Rain, meteo.HumidityMean)
	}
}

// checkQuantiles finds quantiles of which a higher one is below a lower one.
func checkQuantiles(o *meteo.Observation, v *verdict) {
	for i := range o.Quantiles {
		if q := &o.Quantiles[i]; !slices.IsSorted(q.Values[:]) {
			v.failVariable(q.Variable, RuleConsistency, meteo.Bad)
		}
	}
}

// begins is when the interval of an observation begins. Of one longer than a year the month means nothing.
func begins(o *meteo.Observation) time.Time {
	return o.ObservedAt.Add(-time.Duration(min(o.IntervalS, 366*daySeconds)) * time.Second)
}

// ordered are values over an interval of which one can't be above the other, with what rounding may do.
var ordered = [...]struct {
	lower, upper meteo.Variable
	tolerance    float64
}{
	{meteo.TemperatureMin, meteo.TemperatureMax, 0.1},
	{meteo.TemperatureMin, meteo.TemperatureMean, 0.1},
	{meteo.TemperatureMean, meteo.TemperatureMax, 0.1},
	{meteo.DewPointMean, meteo.TemperatureMean, 0.3},
	{meteo.DewPointMean, meteo.TemperatureMax, 0.3},
}

// checkLocation compares the producer's coordinates with Senegal and, for a region's main station, with the station's. Nothing is known of
// stations of other countries.
func checkLocation(o *meteo.Observation, v *verdict) {
	s, ok := meteo.StationByID(o.StationID)
	if !ok || !meteo.Known(o.Latitude) || !meteo.Known(o.Longitude) {
		return
	}
	if !meteo.InSenegal(o.Latitude, o.Longitude) {
		v.fail(locationSubject, RuleLocation, meteo.Bad)
		return
	}
	const far = 25 // km; Dakar-Yoff is 6 km from Dakar's own point
	if s.ID == o.StationID && (s.Latitude != o.Latitude || s.Longitude != o.Longitude) && meteo.DistanceKM(o.Latitude, o.Longitude, s.Latitude, s.Longitude) > far {
		v.fail(locationSubject, RuleLocation, meteo.Suspect)
	}
}
