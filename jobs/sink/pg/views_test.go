package pg_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
)

// dayAndHours are, for 2 August 2026 in Dakar, the readings of each hour, 20 °C at 00:00 and a degree more every hour, and the row of
// the day, which ends at 00:00 of 3 August.
func dayAndHours() []meteo.Observation {
	dakar := meteo.Stations[0]
	begin := time.Date(2026, 8, 2, 0, 0, 0, 0, time.UTC)
	var all []meteo.Observation
	add := func(at time.Time, interval time.Duration, values map[meteo.Variable]float64) {
		o := meteo.Observation{Reading: meteo.NewReading(dakar, at, "file", meteo.Observed), Revision: 1, Quality: meteo.Good}
		o.FetchedAt, o.IntervalS = at, int64(interval/time.Second)
		for v, x := range values {
			o.Values[v] = x
		}
		o.ID = o.Identity.ID()
		all = append(all, o)
	}
	for hour := range 23 {
		at := begin.Add(time.Duration(hour) * time.Hour)
		add(at, time.Hour, map[meteo.Variable]float64{meteo.Temperature: 20 + float64(hour), meteo.Rain: 1})
	}
	add(begin.Add(24*time.Hour), 24*time.Hour, map[meteo.Variable]float64{
		meteo.TemperatureMax: 43.5, meteo.TemperatureMin: 21, meteo.TemperatureMean: 99, meteo.HumidityMean: 80, meteo.Rain: 40,
	})
	add(begin.Add(48*time.Hour), 24*time.Hour, map[meteo.Variable]float64{
		meteo.TemperatureMax: 33, meteo.TemperatureMin: 22, meteo.TemperatureMean: 27, meteo.WindSpeedMean: 4, meteo.Rain: 5.2,
	})
	return all
}

func TestRowsOfADaySpoilNoMomentaryValue(t *testing.T) {
	db := fresh(t)
	sink := db.Open(t)
	if _, err := sink.Commit(t.Context(), flowtest.Batch(1, 0, dayAndHours()...)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		sql  string
		want float64
	}{
		"the latest is a reading of an hour":         {`SELECT temperature_c FROM meteo.latest`, 42},
		"midnight has no reading":                    {`SELECT count(*) FROM meteo.hourly WHERE hour >= '2026-08-03T00:00Z'`, 0},
		"an hour has its own rain":                   {`SELECT max(rain_mm) FROM meteo.hourly`, 1},
		"both are of the day":                        {`SELECT observations FROM meteo.daily WHERE day = '2026-08-02'`, 24},
		"the row of the day is not an hour":          {`SELECT hours FROM meteo.daily WHERE day = '2026-08-02'`, 23},
		"the higher maximum counts":                  {`SELECT temperature_max_c FROM meteo.daily WHERE day = '2026-08-02'`, 43.5},
		"the lower minimum counts":                   {`SELECT temperature_min_c FROM meteo.daily WHERE day = '2026-08-02'`, 20},
		"the mean is that of the readings":           {`SELECT temperature_mean_c FROM meteo.daily WHERE day = '2026-08-02'`, 31},
		"the rain is that of the readings":           {`SELECT rain_mm FROM meteo.daily WHERE day = '2026-08-02'`, 23},
		"a mean that the readings lack is the day's": {`SELECT humidity_mean_pct FROM meteo.daily WHERE day = '2026-08-02'`, 80},
		"a day without readings has its own mean":    {`SELECT temperature_mean_c FROM meteo.daily WHERE day = '2026-08-03'`, 27},
		"a day without readings has its own wind":    {`SELECT wind_mean_ms FROM meteo.daily WHERE day = '2026-08-03'`, 4},
		"a day without readings has its own rain":    {`SELECT rain_mm FROM meteo.daily WHERE day = '2026-08-03'`, 5.2},
		"there is no other day":                      {`SELECT count(*) FROM meteo.daily`, 2},
	} {
		if got := value[float64](t, db.url, "SELECT ("+c.sql+")::double precision"); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %g, want %g", name, got, c.want)
		}
	}
}

// meteo.define_views repeats, for meteo.latest, the condition of meteo.is_of_day.
func TestTheLatestAreThoseThatAreNotOfADay(t *testing.T) {
	db := fresh(t)
	var all []meteo.Observation
	for v := range meteo.NumVariables {
		station := meteo.Stations[0]
		station.ID = fmt.Sprintf("SN-DK-%04d", v)
		o := observationAt(station, noon, "file")
		o.IntervalS, o.Values = 86400, meteo.NoValues()
		o.Values[v] = 1
		all = append(all, o)
	}
	if _, err := db.Open(t).Commit(t.Context(), flowtest.Batch(1, 0, all...)); err != nil {
		t.Fatal(err)
	}
	const counted = `SELECT concat_ws(' ', count(*) FILTER (WHERE NOT of_day), count(*) FILTER (WHERE of_day), count(*) FILTER (WHERE of_day = shown))
		FROM (SELECT meteo.is_of_day(o) AS of_day, EXISTS (SELECT FROM meteo.latest l WHERE l.id = o.id) AS shown FROM meteo.observation o) rows`
	if got, want := value[string](t, db.url, counted), fmt.Sprint("9 ", len(all)-9, " 0"); got != want {
		t.Errorf("not of a day, of a day, and shown otherwise by meteo.latest: %s, want %s", got, want)
	}
}
