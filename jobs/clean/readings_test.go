package clean

import (
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func TestReadingsOfAFileBecomeWhatTheyBecomeOnATopic(t *testing.T) {
	noon := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	reading := func(at time.Time, temperature float64) *meteo.Observation {
		o := meteo.Observation{Reading: meteo.NewReading(meteo.Stations[0], at, "file", meteo.Observed)}
		o.FetchedAt, o.Values[meteo.Temperature] = at, temperature
		return &o
	}
	r := NewReadings(nil)
	first := reading(noon, 27)
	if duplicate, refusal := r.Clean(first, noon); duplicate || refusal != nil || first.Revision != 1 || first.Quality != meteo.Good || first.ID.IsZero() {
		t.Errorf("the first reading: %v, %v, %s", duplicate, refusal, first.AppendJSON(nil))
	}
	if duplicate, refusal := r.Clean(reading(noon, 27), noon); !duplicate || refusal != nil {
		t.Errorf("the same again: %v, %v", duplicate, refusal)
	}
	corrected := reading(noon, 28)
	corrected.FetchedAt = noon.Add(time.Hour)
	if _, refusal := r.Clean(corrected, noon.Add(time.Hour)); refusal != nil || corrected.Revision != 2 {
		t.Errorf("a correction: %v, revision %d", refusal, corrected.Revision)
	}
	jump := reading(noon.Add(2*time.Hour), 36)
	if _, refusal := r.Clean(jump, noon.Add(2*time.Hour)); refusal != nil || jump.Quality != meteo.Suspect {
		t.Errorf("8 degrees in two hours: %v, %s", refusal, jump.AppendJSON(nil))
	}
	if _, refusal := r.Clean(reading(noon.AddDate(70, 0, 0), 27), noon); refusal == nil || refusal.Reason != meteo.Future {
		t.Errorf("from the future: %v", refusal)
	}
	later := noon.Add(61 * time.Hour)
	if duplicate, _ := r.Clean(reading(noon, 28), later); duplicate {
		t.Error("an id is remembered for more than 60 hours")
	}
}

func TestWhatAVerdictSaysOfAReadingIsNotTrustedByTheRuleOfSteps(t *testing.T) {
	noon := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	add := func(r *Readings, minutes time.Duration, temperature float64) *meteo.Observation {
		at := noon.Add(minutes * time.Minute)
		o := meteo.Observation{Reading: meteo.NewReading(meteo.Stations[0], at, "file", meteo.Observed)}
		o.FetchedAt, o.Values[meteo.Temperature] = at, temperature
		if _, refusal := r.Clean(&o, at); refusal != nil {
			t.Fatal(refusal)
		}
		return &o
	}
	for judged, want := range map[bool]meteo.Quality{false: meteo.Bad, true: meteo.Good} {
		r := NewReadings(nil)
		add(r, 0, 30)
		stuck := add(r, 10, 27)
		if judged {
			stuck.QC, stuck.Quality = []meteo.Failure{{Subject: "temperature_c", Rule: RuleStuck}}, meteo.Suspect
			if !r.Judge(stuck, noon.Add(time.Hour)) || stuck.Revision != 2 {
				t.Errorf("the verdict is not taken in: revision %d", stuck.Revision)
			}
			stuck.Revision = 1
			if r.Judge(stuck, noon.Add(time.Hour)) {
				t.Error("a verdict on a revision that is gone is taken in")
			}
		}
		if got := add(r, 20, 33.5); got.Quality != want {
			t.Errorf("judged %v: %s", judged, got.AppendJSON(nil))
		}
	}
}

func TestLimitsAreThoseOfTheStationElseOfItsRegion(t *testing.T) {
	limits, err := ReadLimits(strings.NewReader("\ufeffstation_id,note,month,tmin_p001,tmax_p999\nS24,a,8,22,33\nSN-DK,b,8,,30\nSN-DK-02,c,8,20,25\n"))
	if err != nil {
		t.Fatal(err)
	}
	august, july := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC), time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, station string
		at            time.Time
		temperature   float64
		want          string
	}{
		{"the limit and the margin of 5 °C", "S24", august, 38, `good`},
		{"more", "S24", august, 38.1, `suspect {"temperature_c":["climatology"]}`},
		{"less", "S24", august, 16.9, `suspect {"temperature_c":["climatology"]}`},
		{"a month without limits", "S24", july, 40, `good`},
		{"a station without limits", "S25", august, 45, `good`},
		{"a further station of a region", "SN-DK-03", august, 35.1, `suspect {"temperature_c":["climatology"]}`},
		{"an empty cell", "SN-DK", august, 9, `good`},
		{"the station's own before those of its region", "SN-DK-02", august, 30.1, `suspect {"temperature_c":["climatology"]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := meteo.Observation{Reading: meteo.NewReading(meteo.Station{ID: c.station, Latitude: 1.3, Longitude: 103.8}, c.at, "file", meteo.Observed)}
			if strings.HasPrefix(c.station, "SN") {
				o.Latitude, o.Longitude = meteo.Stations[0].Latitude, meteo.Stations[0].Longitude
			}
			o.Values[meteo.Temperature] = c.temperature
			if _, refusal := NewReadings(limits).Clean(&o, c.at); refusal != nil {
				t.Fatal(refusal)
			}
			if got := verdictOf(&o); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestTablesOfLimitsThatCantBeReadAreRefusedByTheirLine(t *testing.T) {
	for table, want := range map[string]string{
		"":                                      "reading the names",
		"station_id,tmin_p001\nS24,2\n":         "month are missing",
		"month,tmin_p001\n1,2\n":                "month are missing",
		"station_id,month\nS24,13\n":            `line 2: the month is "13"`,
		"station_id,month\nS24,0\n":             `line 2: the month is "0"`,
		"station_id,month\nS24,1\nS24,May\n":    `line 3: the month is "May"`,
		"iso_3166_2,month,rh_p001\nSN-DK,1,x\n": `line 2: rh_p001 is "x"`,
		"station_id,month\nS24\n":               "wrong number of fields",
	} {
		if limits, err := ReadLimits(strings.NewReader(table)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want %q", table, limits, err, want)
		}
	}
}
