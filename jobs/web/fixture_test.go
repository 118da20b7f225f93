package web

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// noon is the time at which the tests look at the page.
var noon = time.Date(2026, time.August, 14, 12, 3, 0, 0, time.UTC)

var errDown = errors.New("connection refused")

// memory is a query.Reader and a Pipeline in memory.
type memory struct {
	mu     sync.Mutex
	rows   []query.Latest
	lines  func(query.SeriesQuery) []query.Line
	stages []query.Stage
	err    error         // of all answers
	asked  int           // times that Latest was called
	gate   chan struct{} // Latest answers once it is closed; nil: at once
}

func (m *memory) Latest(ctx context.Context) ([]query.Latest, error) {
	m.mu.Lock()
	m.asked++
	gate := m.gate
	m.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return nil, m.err
	}
	return append([]query.Latest(nil), m.rows...), nil
}

func (m *memory) Series(_ context.Context, q query.SeriesQuery) ([]query.Line, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil || m.lines == nil {
		return nil, m.err
	}
	return m.lines(q), nil
}

func (m *memory) Stages(context.Context) ([]query.Stage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stages, m.err
}

// change changes what the store holds.
func (m *memory) change(how func(*memory)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	how(m)
}

// weather is a plausible day in the rainy season: a sine of temperature and humidity whose mean and range
// grow away from the ocean, a breeze, and a shower in the evening.
func weather(station meteo.Station, t time.Time) meteo.Values {
	inland := (station.Longitude + 17.5) / 5.5 // 0 at the coast to 1
	hours := t.Sub(noon.Truncate(24 * time.Hour)).Hours()
	sun := math.Sin((hours - 9) / 24 * 2 * math.Pi) // highest at 15 h
	wobble := math.Sin(hours*1.7+station.Latitude*40) * 0.4
	v := meteo.NoValues()
	v[meteo.Temperature] = round(28.2 + 4*inland + (2.2+4.5*inland)*sun + wobble)
	v[meteo.Humidity] = math.Round(74 - 14*inland - (9+16*inland)*sun - 3*wobble)
	v[meteo.DewPoint] = round(v[meteo.Temperature] - (100-v[meteo.Humidity])/5)
	v[meteo.Pressure] = round(1012.4 - 1.5*inland + 1.3*math.Sin(hours/12*2*math.Pi))
	v[meteo.WindSpeed] = round(3.6 - 1.2*inland + 1.4*sun + wobble)
	v[meteo.WindGust] = round(v[meteo.WindSpeed]*1.6 + 0.7)
	v[meteo.WindDirection] = math.Mod(290+90*inland+20*wobble+360, 360)
	v[meteo.CloudCover] = math.Round(45 + 30*math.Sin(hours/9+station.Latitude))
	v[meteo.Visibility] = math.Round(14000 - 4000*inland + 900*wobble)
	v[meteo.Rain] = 0
	if shower := math.Sin((hours-18)/24*2*math.Pi + station.Longitude); shower > 0.93 && station.Latitude < 15.3 {
		v[meteo.Rain] = round((shower - 0.93) * 60 * (16 - station.Latitude) / 3)
	}
	return v
}

// observationAt is a station's observation with the values of weather.
func observationAt(station meteo.Station, t time.Time, source string) meteo.Observation {
	reading := meteo.NewReading(station, t, source, meteo.Observed)
	reading.FetchedAt, reading.Values, reading.IntervalS = t, weather(station, t), 600
	return meteo.Observation{Reading: reading, ID: reading.ID(), Revision: 1, Quality: meteo.Good}
}

// senegal holds an observation of three minutes ago for each of the 14 regions, and their past.
func senegal() *memory {
	m := &memory{}
	for _, station := range meteo.Stations {
		row := query.Latest{Observation: observationAt(station, noon.Add(-3*time.Minute), "metar"), Rain24: query.Accumulation{CoveredS: 24 * 3600}}
		for t := noon.Add(-24 * time.Hour); t.Before(noon); t = t.Add(10 * time.Minute) {
			row.Rain24.MM += weather(station, t)[meteo.Rain]
		}
		m.rows = append(m.rows, row)
	}
	m.lines = past
	m.stages = []query.Stage{
		{Name: "stream", Read: 128_431, Written: 127_902, Duplicates: 412, Rejected: 95, Rerouted: 22, Lag: 0, UpdatedAt: noon.Add(-time.Minute)},
		{Name: "to-pg", Read: 127_902, Written: 127_872, Duplicates: 30, Lag: 0, UpdatedAt: noon.Add(-time.Minute)},
		{Name: "to-hdfs", Read: 127_060, Written: 127_060, Lag: 842, UpdatedAt: noon.Add(-12 * time.Minute)},
		{Name: "to-es", Read: 127_902, Written: 127_902, Lag: -1, UpdatedAt: noon.Add(-time.Minute)},
	}
	return m
}

// past is a series every ten minutes from one source, without the hours from 44 to 39 before the end and with
// a failed value 20 hours before it.
func past(q query.SeriesQuery) []query.Line {
	station, _ := meteo.StationByID(q.StationID)
	line := query.Line{Source: "metar", Kind: meteo.Observed}
	for t := q.From.Truncate(10 * time.Minute).Add(10 * time.Minute); !t.After(q.To); t = t.Add(10 * time.Minute) {
		before := q.To.Sub(t)
		if before < 44*time.Hour && before > 39*time.Hour {
			continue
		}
		p := query.Point{At: t, Value: weather(station, t)[q.Variable], IntervalS: 600}
		if q.Variable == meteo.Temperature && before > 20*time.Hour && before < 20*time.Hour+10*time.Minute {
			p.Value, p.Failed = p.Value+7, []meteo.Rule{"step"}
		}
		line.Points = append(line.Points, p)
	}
	return []query.Line{line}
}

// startHandler makes a handler on m that looks again after every refresh; it is closed with the test.
func startHandler(t testing.TB, m *memory, refresh time.Duration) *Handler {
	t.Helper()
	h, err := NewHandler(Config{
		Store: m, Pipeline: m, Now: func() time.Time { return noon }, Refresh: refresh, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatalf("making the handler: %v", err)
	}
	t.Cleanup(h.Close)
	return h
}
