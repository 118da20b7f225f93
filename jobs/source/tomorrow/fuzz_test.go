package tomorrow

import (
	"testing"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
	"senmeteo/jobs/source/client"
)

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"data":{"time":"2026-03-01T12:00:00Z","values":{"temperature":25.5,"humidity":40}},"location":{"lat":14.7167,"lon":-17.4677}}`))
	f.Add([]byte(`{"data":{"timelines":[{"timestep":"1h","intervals":[{"startTime":"2026-03-01T12:00:00Z","values":{"temperature":25.5}}]}]},"warnings":[{"code":246009,"type":"x","message":"y"}]}`))
	f.Add([]byte(`{"code":429001,"type":"Too Many Calls","message":"wait"}`))
	now := time.Date(2026, 3, 1, 12, 5, 0, 0, time.UTC)
	s := &Source{cfg: Config{HTTP: client.Config{Now: func() time.Time { return now }}}, decoder: shape.NewDecoder()}
	station := meteo.Stations[0]
	f.Fuzz(func(t *testing.T, body []byte) {
		isRealtime(body)
		readTimelines(body)
		readings, err := s.decode(body, station)
		if err != nil {
			return
		}
		for i := range readings { // what passes is about the station
			if r := &readings[i]; r.StationID != station.ID || r.Source != Name || r.ObservedAt.IsZero() {
				t.Errorf("%s gives %+v", body, r)
			}
		}
	})
}
