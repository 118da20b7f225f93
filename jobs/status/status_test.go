package status_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
	"senmeteo/jobs/status"
)

func TestTheOverviewNamesWhatIsLate(t *testing.T) {
	at, age := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), int64(5400)
	o := status.Overview{
		Jobs:    []status.Job{{Job: "stream"}, {Job: "to-pg", Lag: 12}},
		Regions: []status.Region{{StationID: "SN-DK", Region: "Dakar", ObservedAt: &at, AgeS: &age}, {StationID: "SN-KD", Region: "Kolda", Late: true}},
		Late:    1,
	}
	for asJSON, want := range map[bool]string{
		false: "stream  0 behind\nto-pg   12 behind\nSN-DK   Dakar  1h30m0s ago  \nSN-KD   Kolda  never        LATE\n",
		true: `{"jobs":[{"job":"stream","lag":0},{"job":"to-pg","lag":12}],"regions":[` +
			`{"station_id":"SN-DK","region":"Dakar","observed_at":"2026-03-01T12:00:00Z","age_s":5400,"late":false},` +
			`{"station_id":"SN-KD","region":"Kolda","late":true}],"late":1}` + "\n",
	} {
		var out bytes.Buffer
		if err := o.Print(&out, asJSON); err != nil || out.String() != want {
			t.Errorf("%v:\n%q, want\n%q", err, out.String(), want)
		}
	}
}

// oneDay answers for one region, and fails when it is asked for anything but its day.
type oneDay struct{}

func (oneDay) Quality(_ context.Context, from, to time.Time) ([]query.Quality, error) {
	if !from.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) || to.Sub(from) != 24*time.Hour {
		return nil, errors.New("another day")
	}
	return []query.Quality{{Region: "Dakar", Observations: 144, Good: 140, Suspect: 3, Bad: 1, Corrected: 2, Failed: map[string]int64{"temperature_c.step": 1, "humidity_pct.range": 3}}}, nil
}

func (oneDay) Flags(context.Context, time.Time, time.Time) ([]query.Flag, error) {
	return []query.Flag{
		{StationID: "SN-DK", Variable: "humidity_pct", Rule: "range", Observations: 1},
		{StationID: "SN-DK", Variable: "location", Rule: "location", Observations: 1},
		{StationID: "SN-DK", Variable: "temperature_c", Rule: "step", Observations: 1},
		{StationID: "SN-DK-02", Variable: "humidity_pct", Rule: "range", Observations: 2},
	}, nil
}

func TestTheQualityOfADayNamesTheRegionsWithoutAnyObservation(t *testing.T) {
	q, err := status.QualityOf(t.Context(), oneDay{}, time.Date(2026, 3, 1, 17, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if q.Day != "2026-03-01" || q.Observations != 144 || len(q.Regions) != 1 || len(q.Missing) != len(meteo.Stations)-1 {
		t.Errorf("got %+v", q)
	}
	q.Missing = []string{"Kolda", "Thiès"}
	var out bytes.Buffer
	if err := q.Print(&out, false); err != nil {
		t.Fatal(err)
	}
	const want = "2026-03-01  observations  good  suspect  bad  corrected  failed rules\n" +
		"Dakar       144           140   3        1    2          humidity_pct.range 3, temperature_c.step 1\n" +
		"\nvalue          rule      in words                       observations  stations\n" +
		"temperature_c  step      changed too fast               1             SN-DK 1\n" +
		"humidity_pct   range     outside the physical limits    3             SN-DK-02 2, SN-DK 1\n" +
		"location       location  position far from the station  1             SN-DK 1\n\n" +
		"no observation of Kolda, Thiès\n"
	if out.String() != want {
		t.Errorf("got\n%q, want\n%q", out.String(), want)
	}
}

func TestAStoreThatCannotBeAskedFails(t *testing.T) {
	if _, err := status.QualityOf(t.Context(), oneDay{}, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)); err == nil {
		t.Error("no error")
	}
}
