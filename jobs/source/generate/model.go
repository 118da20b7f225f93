package generate

import (
	"math"
	"time"

	"senmeteo/jobs/meteo"
)

// Model answers what the weather is at any station and time. Its answers depend on the seed
// alone; it keeps the days it worked out last, so one goroutine may use it at a time.
type Model struct {
	seed    uint64
	every   time.Duration
	climate *[numRegions]climate

	air, pressure, rain, amount *factor

	red   [numRed][memory]float64 // weights of the innovations of the last days
	sites map[string]*site
	drawn [128]cached[[numFields]regional]
	days  [8]cached[[numRegions]regionDay]
}

// cached is a value worked out for one day.
type cached[T any] struct {
	day    int64
	filled bool
	value  T
}

// site is how a station departs from its region: a main station not at all but for the
// small-scale noise, which is each station's own.
type site struct {
	region  int // index in meteo.Stations
	coast   bool
	warmer  float64 // degrees
	drier   float64 // degrees of dew point depression
	windier float64 // factor
	rainier float64 // factor
	noise   uint64  // begin of the hash of the small-scale noise
	rough   uint64  // begin of the hash of the departures every ten minutes
}

// NewModel makes a model of the weather of a seed, read at steps of every.
func NewModel(seed uint64, every time.Duration) (*Model, error) {
	m := &Model{seed: seed, every: every, sites: map[string]*site{}}
	var err error
	if m.climate, err = loadClimate(); err != nil {
		return nil, err
	}
	for _, f := range []struct {
		to          **factor
		correlation func(float64) float64
	}{{&m.air, airCorrelation}, {&m.pressure, pressureCorrelation}, {&m.rain, rainCorrelation}, {&m.amount, amountCorrelation}} {
		if *f.to, err = newFactor(f.correlation); err != nil {
			return nil, err
		}
	}
	for f := range m.red {
		m.red[f] = redWeights(lag1[f])
	}
	return m, nil
}

// At is the reading of a station at a time: rain_mm covers the step before it. A station of no
// region of Senegal measures nothing.
func (m *Model) At(s meteo.Station, t time.Time) meteo.Reading {
	reading := meteo.NewReading(s, t, Name, meteo.Observed)
	reading.FetchedAt = reading.ObservedAt
	reading.IntervalS = int64(m.every / time.Second)
	if place := m.site(s.ID); place != nil {
		m.measure(&reading.Values, place, reading.ObservedAt)
	}
	return reading
}

// site finds or works out how a station departs from its region; nil for a station of no region.
func (m *Model) site(id string) *site {
	if known, ok := m.sites[id]; ok {
		return known
	}
	main, ok := meteo.StationByID(id)
	if !ok {
		return nil
	}
	place := &site{windier: 1, rainier: 1, noise: hash(m.seed, streamMinute, textKey(id), 0), rough: hash(m.seed, streamRough, textKey(id), 0)}
	for r := range meteo.Stations {
		if meteo.Stations[r].ID == main.ID {
			place.region, place.coast = r, coastal(r)
		}
	}
	if id != main.ID {
		u := noiseOf(hash(m.seed, streamSite, textKey(id), 0))
		place.warmer, place.drier = 0.6*u[0], 0.4*u[1]
		place.windier, place.rainier = 1+0.1*u[2], 1+0.1*u[3]
	}
	m.sites[id] = place
	return place
}

// moment is a time as the model needs it, with the days around it.
type moment struct {
	yesterday, today, tomorrow *regionDay
	hour                       float64 // of today, UTC
	seconds                    float64 // since 1970-01-01
}

// moment looks up the days around a time in a region.
func (m *Model) moment(r int, t time.Time) moment {
	day := t.Unix() / 86400
	if t.Unix() < day*86400 {
		day--
	}
	seconds := float64(t.Unix()-day*86400) + float64(t.Nanosecond())/1e9
	return moment{
		yesterday: &m.day(day - 1)[r], today: &m.day(day)[r], tomorrow: &m.day(day + 1)[r],
		hour: seconds / 3600, seconds: float64(day*86400) + seconds,
	}
}

// follow gives the value of a daily number at this moment, as it passes from day to day.
func (now *moment) follow(number func(*regionDay) float64) float64 {
	neighbour := now.yesterday
	if now.hour >= 12 {
		neighbour = now.tomorrow
	}
	value := number(now.today)
	return value + passing(now.hour)*(number(neighbour)-value)
}

// noiseOf takes four numbers in [-1, 1] from the bits of one hash.
func noiseOf(bits uint64) (u [4]float64) {
	for i := range u {
		u[i] = float64(bits&0xffff)/32767.5 - 1
		bits >>= 16
	}
	return u
}

// noise gives four numbers in [-1, 1] that change along straight lines between independent
// values every period of seconds.
func (s *site) noise4(period, seconds float64) (u [4]float64) {
	at := seconds / period
	knot := math.Floor(at)
	begin := absorb(s.noise, uint64(period))
	a, b := noiseOf(absorb(begin, uint64(int64(knot)))), noiseOf(absorb(begin, uint64(int64(knot)+1)))
	for i := range u {
		u[i] = a[i] + (at-knot)*(b[i]-a[i])
	}
	return u
}
