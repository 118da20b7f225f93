package generate

import (
	"math"
	"time"
)

// regionDay is the weather of one region on one UTC day.
type regionDay struct {
	sunrise    float64 // hours UTC
	tmin, tmax float64 // degrees Celsius, at sunrise and at warmest
	dewPoint   float64 // degrees Celsius
	wind       float64 // mean of the day, m/s
	pressure   float64 // mean of the day at sea level, hPa
	cloud      float64 // percent
	visibility float64 // m
	north      float64 // the wind's direction of origin, as a vector of length <= 1
	east       float64
	bursts     [2]burst
	numBursts  int
}

// How temperature and humidity differ between wet and dry days, within what the day-to-day
// spread of a region and month allows: Tmax falls by 2 to 3 degrees, humidity rises by up to
// 10 percent, and in dry months to at least leastWetHumidity, since it can't rain in dry air.
const (
	leastWetHumidity = 65.0
	usualWetRise     = 10.0
)

// The range of a day's temperature, degrees: less would leave nothing to call a day, more would
// warm up faster than the tolerance of 4 degrees between hourly readings.
const (
	leastRange = 1.5
	mostRange  = 24.5
)

// The ends of what is generated, a little inside of what was observed: degrees of temperature and
// of dew point, and percent of humidity at the warmest hour.
const (
	hottest         = 49.2
	hottestWet      = 40.0 // hotter air could not reach the humidity of rain by evening
	muggiest        = 28.8
	driest          = -13.0
	driestAfternoon = 5.0
)

// day gives the weather of every region on a day, counted from 1970-01-01.
func (m *Model) day(day int64) *[numRegions]regionDay {
	slot := &m.days[mod(day, len(m.days))]
	if slot.day == day && slot.filled {
		return &slot.value
	}
	slot.day, slot.filled = day, true
	anomaly := m.anomalies(day)
	date := dateOf(day)
	for r := range slot.value {
		var z [numRed]float64
		for f := range z {
			z[f] = anomaly[f][r]
		}
		slot.value[r] = m.newDay(day, date, r, &z)
	}
	return &slot.value
}

// newDay makes the weather of one region on one day from its anomalies z.
func (m *Model) newDay(day int64, date time.Time, r int, z *[numRed]float64) regionDay {
	c := &m.climate[r]
	month, x := inMonth(date)
	rain := &c.rain[month]
	raining := m.wet(day, r)
	wetness := -rain.wet // how far the day departs from a mean day, so that the means stay
	if raining {
		wetness++
	}
	at := func(v *monthly) float64 { return v.at(month, x) }

	d := regionDay{sunrise: sunrise(r, date)}
	cooler := min(max(1.3*at(&c.sdTmax), 2), 3)
	d.tmax = at(&c.tmax) - cooler*wetness + rest(at(&c.sdTmax), cooler, rain.wet)*z[fieldTmax]
	d.tmin = at(&c.tmin) + at(&c.sdTmin)*z[fieldTmin]
	d.limitRange()
	d.tmax = min(d.tmax, hottest)
	if raining {
		d.tmax = min(d.tmax, hottestWet)
	}

	normal := at(&c.humidity)
	moister := max(min(usualWetRise, 1.6*at(&c.sdHumidity)), leastWetHumidity-normal)
	humidity := normal + moister*wetness + rest(at(&c.sdHumidity), moister, rain.wet)*z[fieldHumidity]
	d.dewPoint = dewPointOf(min(max(humidity, 5), 98), &d)
	d.dewPoint = min(max(d.dewPoint, driest, dewPoint(d.tmax, driestAfternoon)), muggiest)

	k := at(&c.k)
	d.wind = at(&c.wind) / math.Gamma(1+1/k) * math.Pow(-math.Log(normalCDF(-z[fieldWind])), 1/k)
	d.pressure = seaLevel(date) + 0.9*z[fieldPressure]
	d.cloud = min(max(8+0.55*(humidity-15)+14*z[fieldCloud], 0), 100)
	d.visibility = visibility(month, z[fieldDust])
	d.setDirection(r, month, x, z[fieldDirection])
	if raining {
		d.cloud = min(max(d.cloud+20, 50), 100)
		d.visibility = clearAir
		d.bursts, d.numBursts = m.bursts(day, r, m.rainOf(day, r, rain))
	}
	return d
}

// rest is the standard deviation that is left for the anomaly when wet days, a share of all,
// depart from dry days by effect: the total stays sd, but half of it stays free at least.
func rest(sd, effect, share float64) float64 {
	return math.Sqrt(max(sd*sd-effect*effect*share*(1-share), sd*sd/4))
}

// limitRange keeps tmax - tmin within bounds and the middle where it is.
func (d *regionDay) limitRange() {
	middle, half := (d.tmin+d.tmax)/2, (d.tmax-d.tmin)/2
	half = min(max(half, leastRange/2), mostRange/2)
	d.tmin, d.tmax = middle-half, middle+half
}

// dewPointOf finds the dew point that gives a day its mean humidity, by bisection to 0.01
// degrees. Half of the weight has the mean of the humidity over the day, half the humidity of
// the mean temperature: the tabulated means are of daily means, and lie between the two.
func dewPointOf(humidity float64, d *regionDay) float64 {
	const samples = 12
	var temperature [samples]float64
	mean := 0.0
	for i := range temperature {
		temperature[i] = between(d, d, d, 24*float64(i)/samples)
		mean += temperature[i] / samples
	}
	low, high := -25.0, d.tmax
	for high-low > 0.01 {
		guess := (low + high) / 2
		sum := 0.0
		for _, t := range temperature {
			sum += relativeHumidity(t, t-depression(t-guess)) / samples
		}
		if (sum+relativeHumidity(mean, mean-depression(mean-guess)))/2 < humidity {
			low = guess
		} else {
			high = guess
		}
	}
	return (low + high) / 2
}

// depression keeps the difference of temperature and dew point positive: it leaves large ones
// and bends what would be negative, at night in humid air, to nearly nothing, which is mist.
func depression(difference float64) float64 {
	const bend = 0.4
	return (difference + math.Sqrt(difference*difference+bend*bend)) / 2
}

// relativeHumidity is that of air at temperature t with dew point td, in percent, by Magnus'
// formula with the coefficients of WMO-No. 8: e = 6.112 exp(17.62 t / (243.12 + t)).
func relativeHumidity(t, td float64) float64 {
	return 100 * math.Exp(17.62*td/(243.12+td)-17.62*t/(243.12+t))
}

// dewPoint is relativeHumidity solved for the dew point of air at temperature t.
func dewPoint(t, humidity float64) float64 {
	x := math.Log(humidity/100) + 17.62*t/(243.12+t)
	return 243.12 * x / (17.62 - x)
}

// dateOf is midnight UTC of a day counted from 1970-01-01.
func dateOf(day int64) time.Time { return time.Unix(day*86400, 0).UTC() }

// monthOf is the month of a day, 0 for January.
func monthOf(day int64) int { return int(dateOf(day).Month()) - 1 }

// inMonth is the month of a date, 0 for January, and where in it the middle of the day lies,
// from -0.5 to 0.5.
func inMonth(date time.Time) (month int, x float64) {
	year, name, number := date.Date()
	length := time.Date(year, name+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return int(name) - 1, (float64(number)-0.5)/float64(length) - 0.5
}
