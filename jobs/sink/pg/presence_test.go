package pg_test

import (
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// presence collects what a store says of [from, to].
func presence(t *testing.T, store query.PresenceReader, from, to time.Time) []query.Presence {
	t.Helper()
	var all []query.Presence
	err := store.Presence(t.Context(), from, to, func(p *query.Presence) error {
		one := *p
		one.Readings = append([]query.PresentAt(nil), p.Readings...)
		all = append(all, one)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatIsThereIsReadBySeries(t *testing.T) {
	dakar, thies := meteo.Stations[0], meteo.Stations[1]
	first := observationAt(dakar, noon.AddDate(0, -2, 0), "metar")
	first.Values = meteo.NoValues()
	first.Values[meteo.Visibility] = 9000
	bad := observationAt(dakar, noon, "metar")
	bad.Quality, bad.QC = meteo.Bad, []meteo.Failure{{Subject: "location", Rule: "location"}, {Subject: "temperature_c", Rule: "range"}}
	bad.Values[meteo.Humidity] = meteo.NoValues()[0]
	day := observationAt(dakar, noon.Add(time.Hour), "metar")
	day.Values, day.IntervalS = meteo.NoValues(), 86400
	day.Values[meteo.TemperatureMax] = 33
	late := observationAt(dakar, noon.Add(2*time.Hour), "metar")
	forecast := observationAt(dakar, noon, "bulletin")
	forecast.Kind, forecast.IssuedAt = meteo.Forecast, noon
	forecast.ID = forecast.Identity.ID()
	_, store := loaded(t, first, bad, day, late, forecast, observationAt(thies, noon, "file"))

	all := presence(t, store, noon, noon.Add(time.Hour))
	if len(all) != 2 || all[0].StationID != dakar.ID || all[1].StationID != thies.ID || all[1].Region != thies.Region || all[1].Source != "file" {
		t.Fatalf("%d series: %+v", len(all), all)
	}
	p := all[0]
	if !p.First.Equal(first.ObservedAt) || !p.Last.Equal(late.ObservedAt) || !p.FirstOfDays.Equal(day.ObservedAt) || !p.LastOfDays.Equal(day.ObservedAt) {
		t.Errorf("from %s to %s, of days from %s to %s", p.First, p.Last, p.FirstOfDays, p.LastOfDays)
	}
	if p := all[1]; !p.First.Equal(noon) || !p.Last.Equal(noon) || !p.FirstOfDays.IsZero() || !p.LastOfDays.IsZero() {
		t.Errorf("%+v", p)
	}
	const everything = query.VariableSet(1)<<meteo.NumVariables - 1
	without := everything &^ (1 << meteo.Humidity)
	if p.Ever != without|1<<meteo.Visibility || p.EverOfDays != 1<<meteo.TemperatureMax {
		t.Errorf("ever had %b, of days %b", p.Ever, p.EverOfDays)
	}
	want := []query.PresentAt{
		{At: bad.ObservedAt, Bad: true, Present: without, Failed: 1 << meteo.Temperature},
		{At: day.ObservedAt, OfDay: true, Present: 1 << meteo.TemperatureMax},
	}
	if len(p.Readings) != 2 || p.Readings[0] != want[0] || p.Readings[1] != want[1] {
		t.Errorf("%+v, want %+v", p.Readings, want)
	}
	// What is only outside of the window was had on the first day of a month, or of the series.
	if empty := presence(t, store, noon.AddDate(0, -1, 0), noon.AddDate(0, -1, 1)); len(empty) != 2 || empty[0].Ever != 1<<meteo.Visibility || len(empty[0].Readings) != 0 {
		t.Errorf("%+v", empty)
	}
}

func TestOfADatabaseWithoutTablesNothingIsThere(t *testing.T) {
	if all := presence(t, fresh(t).readOnly(t), noon, noon); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

func TestWhileMonthsAreMovedNobodyIsToldThatTheyAreMissing(t *testing.T) {
	db := version5(t, 1)
	execute(t, db.url, migration(t, 6))
	err := db.readOnly(t).Presence(t.Context(), noon, noon, func(*query.Presence) error { return nil })
	if flow.ClassOf(err) != flow.TryLater {
		t.Errorf("%v (%s)", err, flow.ClassOf(err))
	}
}
