package generate

import (
	"math"
	"time"

	"senmeteo/jobs/meteo"
)

// pointDefects are those of one reading, each as likely as the others.
var pointDefects = [...]Defect{Spike, OutOfRange, UnitMixUp, WindUnit, Missing, Duplicate, Correction, Late, Future, BrokenJSON}

// episodesPerPoint is how many episodes begin for one point defect: since an episode spans many
// readings, about as many readings are stuck or drift as have a point defect at 10 min.
const episodesPerPoint = 1.0 / 50

// faults decides which readings have which defect: by hashes of the seed, the station and the
// time, so that every window and order agrees.
type faults struct {
	seed  uint64
	rate  float64 // chance of a point defect per reading
	every time.Duration
}

// plan is what goes wrong with one reading.
type plan struct {
	defect  Defect
	random  uint64 // bits for its particulars
	episode episode
}

// episode is a time in which one variable of one station is wrong.
type episode struct {
	begin, end time.Time
	variable   meteo.Variable
	final      float64 // Drift and SlowDrift: the error at the end
}

// of plans the reading of a station at a time; ok is false when nothing goes wrong.
func (f *faults) of(station string, t time.Time) (p plan, ok bool) {
	if f.rate == 0 {
		return plan{}, false
	}
	key := textKey(station)
	if p, ok = f.inEpisode(key, t); ok {
		return p, true
	}
	h := hash(f.seed, streamFault, key, uint64(t.UnixMicro()))
	if uniform(h) >= f.rate {
		return plan{}, false
	}
	h = mix(h + golden)
	return plan{defect: pointDefects[h%uint64(len(pointDefects))], random: mix(h)}, true
}

// inEpisode plans a reading of an episode. A station has one episode a UTC day at most, which
// lies within the day: so a time and its station alone decide whether it is in one.
func (f *faults) inEpisode(key uint64, t time.Time) (p plan, ok bool) {
	midnight := t.UTC().Truncate(24 * time.Hour)
	h := hash(f.seed, streamFault, ^key, uint64(midnight.Unix()/86400))
	steps := float64(24*time.Hour) / float64(f.every)
	if uniform(h) >= 1-math.Pow(1-f.rate*episodesPerPoint, steps) {
		return plan{}, false
	}
	var u [5]float64
	for i := range u {
		h = mix(h + golden)
		u[i] = uniform(h)
	}
	p.defect = Stuck
	length := 7 + 5*u[1] // hours; a value that stays is suspect from 6 hours on
	if u[0] < 0.5 {
		p.defect, length = Drift, 6+6*u[1]
	}
	e := &p.episode
	e.begin = midnight.Add(time.Duration(u[2] * (24 - length) * float64(time.Hour))).Truncate(time.Second)
	e.end = e.begin.Add(time.Duration(length * float64(time.Hour))).Truncate(time.Second)
	e.variable = [...]meteo.Variable{meteo.Temperature, meteo.Humidity, meteo.Pressure}[int(3*u[3])]
	e.final = signed(u[4], driftError[e.variable])
	if slow, ok := f.slow(key, t); ok && slow.variable == e.variable {
		return plan{}, false
	}
	return p, !t.Before(e.begin) && t.Before(e.end)
}

// slowDays are the days that a drift of weeks lies within; a station has at most one in each such time.
const slowDays = 28

// slowPerPoint is how many such times have a drift for one point defect, up to half of them.
const slowPerPoint = 5.0

// slow reports the drift of weeks that a station has at a time: from midnight to midnight, 14 to 27 days.
func (f *faults) slow(key uint64, t time.Time) (e episode, ok bool) {
	if f.rate == 0 {
		return episode{}, false
	}
	span := time.Unix(0, 0).UTC().Add(t.Sub(time.Unix(0, 0)).Truncate(slowDays * 24 * time.Hour))
	if t.Before(span) {
		span = span.AddDate(0, 0, -slowDays)
	}
	h := hash(f.seed, streamSlow, key, uint64(span.Unix()/86400))
	if uniform(h) >= min(0.5, f.rate*slowPerPoint) {
		return episode{}, false
	}
	var u [4]float64
	for i := range u {
		h = mix(h + golden)
		u[i] = uniform(h)
	}
	days := slowDays/2 + int(u[0]*slowDays/2)
	e.begin = span.AddDate(0, 0, int(u[1]*float64(slowDays-days)))
	e.end = e.begin.AddDate(0, 0, days)
	e.variable = [...]meteo.Variable{meteo.Temperature, meteo.Pressure}[int(2*u[2])]
	e.final = signed(u[3], slowError[e.variable])
	return e, !t.Before(e.begin) && t.Before(e.end)
}

// span is an interval of numbers.
type span struct{ low, high float64 }

// at is the number at a share u of the way.
func (s span) at(u float64) float64 { return s.low + u*(s.high-s.low) }

// driftError is the size of a drift's error at its end.
var driftError = [meteo.NumVariables]span{
	meteo.Temperature: {5, 9}, meteo.Humidity: {25, 45}, meteo.Pressure: {6, 12},
}

// slowError is that of a drift of weeks.
var slowError = [meteo.NumVariables]span{
	meteo.Temperature: {3, 6}, meteo.Pressure: {3, 8},
}

// spikeError is the size of a spike.
var spikeError = [meteo.NumVariables]span{
	meteo.Temperature: {9, 15}, meteo.Humidity: {40, 60}, meteo.Pressure: {9, 20},
}

// signed takes a number from a span, with either sign.
func signed(u float64, s span) float64 {
	if u < 0.5 {
		return s.at(2 * u)
	}
	return -s.at(2*u - 1)
}

// first is the time of the episode's first reading, given the time of any of its readings.
func (e *episode) first(t time.Time, every time.Duration) time.Time {
	return t.Add(-(t.Sub(e.begin) / every * every))
}

// drifted is a value with the error that has grown until t.
func (e *episode) drifted(value float64, t time.Time) float64 {
	share := float64(t.Sub(e.begin)) / float64(e.end.Sub(e.begin))
	return rounded(e.variable, value+share*e.final)
}

// rounded gives a value the decimals that instruments give it; humidity stays on its scale.
func rounded(v meteo.Variable, x float64) float64 {
	if v == meteo.Humidity {
		return min(max(math.Round(x), 1), 100)
	}
	return tenth(x)
}

// spike chooses a variable and the value it jumps to.
func spike(vs *meteo.Values, random uint64) (meteo.Variable, float64) {
	v := [...]meteo.Variable{meteo.Temperature, meteo.Humidity, meteo.Pressure}[random%3]
	u := uniform(mix(random))
	if v == meteo.Humidity {
		return v, rounded(v, vs[v]+math.Copysign(spikeError[v].at(u), 50-vs[v]))
	}
	return v, rounded(v, vs[v]+signed(u, spikeError[v]))
}

// impossible are values outside of what WMO-No. 8 has instruments measure, by variable.
var impossible = [...]struct {
	variable meteo.Variable
	values   span
}{
	{meteo.Temperature, span{66, 99}},
	{meteo.Temperature, span{-99, -82}},
	{meteo.Humidity, span{121, 255}},
	{meteo.Humidity, span{-60, -5}},
	{meteo.Pressure, span{1150, 1999}},
	{meteo.Pressure, span{200, 480}},
	{meteo.WindSpeed, span{80, 200}},
	{meteo.WindDirection, span{400, 720}},
}

// outOfRange chooses a variable and a value that it can't have.
func outOfRange(random uint64) (meteo.Variable, float64) {
	c := impossible[random%uint64(len(impossible))]
	return c.variable, tenth(c.values.at(uniform(mix(random))))
}

// Units of another kind, and the least wind in m/s that is not plausible in km/h, too.
const (
	kilometresPerHour = 3.6
	leastMixedWind    = 2.0
)

// mixUp chooses a variable and gives its value in another unit.
func mixUp(vs *meteo.Values, random uint64) (meteo.Variable, float64) {
	const inchOfMercury, zeroCelsius = 33.8639, 273.15
	switch random % 5 {
	case 0:
		return meteo.Temperature, tenth(vs[meteo.Temperature] + zeroCelsius)
	case 1:
		return meteo.Humidity, vs[meteo.Humidity] / 100
	case 2:
		return meteo.Pressure, math.Round(vs[meteo.Pressure]/inchOfMercury*100) / 100
	case 3:
		if vs[meteo.WindSpeed] >= leastMixedWind {
			return meteo.WindSpeed, tenth(vs[meteo.WindSpeed] * kilometresPerHour)
		}
	}
	return meteo.Temperature, tenth(vs[meteo.Temperature]*9/5 + 32)
}

// slip chooses a variable and the slightly wrong value that a correction will replace. Neither
// pressure nor gust contradicts another variable then.
func slip(vs *meteo.Values, random uint64) (meteo.Variable, float64) {
	u := uniform(mix(random))
	if random%2 == 0 {
		return meteo.Pressure, tenth(vs[meteo.Pressure] + signed(u, span{0.3, 1}))
	}
	return meteo.WindGust, tenth(vs[meteo.WindGust] + span{0.5, 2}.at(u))
}

// broken is a reading's JSON, cut off, with NaN as its temperature, or with a byte that is not
// UTF-8 in the middle of its region's name.
func broken(r *meteo.Reading, random uint64) []byte {
	whole := (&meteo.Observation{Reading: *r}).AppendJSON(nil)
	switch random % 3 {
	case 0:
		return whole[:len(whole)/4+int(mix(random)%uint64(len(whole)/2))]
	case 1:
		return replaceNumber(whole, meteo.Temperature.String(), "NaN")
	default:
		return insertAfter(whole, `"region":"`, 0xff)
	}
}
