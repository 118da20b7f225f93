package clean

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

func TestWhatBecomesOfARecord(t *testing.T) {
	good := raw(noon, noon, 25)
	cases := []struct {
		name  string
		value string
		want  string // observations, duplicates, rejects with their reasons, expanded
	}{
		{"a reading is clean", good, "1 clean, 0 known, rejects [], expanded 0"},
		{"an array is as many readings", "[" + good + "," + raw(noon.Add(time.Minute), noon, 25) + "]", "2 clean, 0 known, rejects [], expanded 1"},
		{"a reading twice in one record is known the second time", "[" + good + "," + good + "]", "1 clean, 1 known, rejects [], expanded 1"},
		{"an array with one bad record is refused whole", "[" + good + ",{}]", "0 clean, 0 known, rejects [unknown_shape], expanded 0"},
		{"a flat record of another producer is understood", `{"region":"Dakar","temperature":25.5,"timestamp":"2026-01-15T11:00:00Z"}`, "1 clean, 0 known, rejects [], expanded 0"},
		{"a record without a place is refused", `{"temperature":25.5,"timestamp":"2026-01-15T11:00:00Z"}`, "0 clean, 0 known, rejects [unknown_station], expanded 0"},
		{"a reading of 1899 is refused", raw(time.Date(1899, 12, 31, 23, 59, 59, 0, time.UTC), noon, 25), "0 clean, 0 known, rejects [invalid_time], expanded 0"},
		{"a reading of 1900 is old", raw(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), noon, 25), "1 clean, 0 known, rejects [], expanded 0"},
		{"ten minutes ahead are a clock's affair", raw(noon.Add(10*time.Minute), noon, 25), "1 clean, 0 known, rejects [], expanded 0"},
		{"eleven minutes ahead are the future", raw(noon.Add(11*time.Minute), noon, 25), "0 clean, 0 known, rejects [future], expanded 0"},
		{"two future readings in one record are one dead letter", "[" + raw(noon.AddDate(1, 0, 0), noon, 25) + "," + raw(noon.AddDate(2, 0, 0), noon, 25) + "]", "0 clean, 0 known, rejects [future], expanded 0"},
		{"a forecast is for the future", forecast(noon.AddDate(0, 0, 3), noon), "1 clean, 0 known, rejects [], expanded 0"},
		{"a forecast was not issued there", forecast(noon.AddDate(0, 0, 3), noon.Add(11*time.Minute)), "0 clean, 0 known, rejects [future], expanded 0"},
		{"an array of nothing holds no reading", "[]", "0 clean, 0 known, rejects [no_values], expanded 0"},
		{"nothing is not JSON", "", "0 clean, 0 known, rejects [invalid_json], expanded 0"},
		{"a MiB is not too large", good + strings.Repeat(" ", 1<<20-len(good)), "1 clean, 0 known, rejects [], expanded 0"},
		{"more than a MiB is too large", good + strings.Repeat(" ", 1<<20+1-len(good)), "0 clean, 0 known, rejects [too_large], expanded 0"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := apply(t, newStep(&log{}), noon, c.value)
			reasons := []meteo.Reason{}
			for _, r := range b.Rejects {
				reasons = append(reasons, r.Refusal.Reason)
			}
			got := fmt.Sprintf("%d clean, %d known, rejects %v, expanded %d", len(b.Observations), b.Duplicates, reasons, b.Expanded)
			if got != c.want {
				t.Errorf("%s, want %s (%v)", got, c.want, b.Rejects)
			}
		})
	}
}

// forecast is a forecast for Dakar.
func forecast(observed, issued time.Time) string {
	o := fine()
	o.ObservedAt, o.IssuedAt, o.Kind = observed, issued, meteo.Forecast
	return string(o.AppendJSON(nil))
}

func TestEveryReadingOfABatchIsCountedOnce(t *testing.T) {
	reading := func(minute int) string { return raw(noon.Add(time.Duration(minute)*time.Minute), noon, 25) }
	b := apply(t, newStep(&log{}), noon, reading(0), reading(0), "{", "["+reading(1)+","+reading(0)+","+reading(2)+"]", "["+reading(3)+","+reading(4)+"]")
	if len(b.Observations) != 5 || b.Duplicates != 2 || len(b.Rejects) != 1 || b.Expanded != 3 {
		t.Errorf("%d observations, %d duplicates, %d rejects, %d expanded; want 5, 2, 1 and 3", len(b.Observations), b.Duplicates, len(b.Rejects), b.Expanded)
	}
}

func TestKeyAndHeadersThatLeaveNoRoomForReroutingAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		key     int
		headers []flow.Header
		refused bool
	}{
		"3 KiB":                      {1024, []flow.Header{{Key: "a", Value: make([]byte, 1000)}, {Key: "bb", Value: make([]byte, 1037)}}, false},
		"a byte more":                {1024, []flow.Header{{Key: "a", Value: make([]byte, 1000)}, {Key: "bb", Value: make([]byte, 1038)}}, true},
		"3 KiB and what replay adds": {3072, []flow.Header{{Key: "senmeteo.attempt", Value: make([]byte, 100)}}, false},
	} {
		b := &flow.Batch{Records: []flow.Record{{Key: make([]byte, c.key), Value: []byte(raw(noon, noon, 25)), Time: noon, Headers: c.headers}}}
		if err := newStep(&log{}).Apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if refused := len(b.Rejects) == 1 && b.Rejects[0].Refusal.Reason == meteo.TooLarge; refused != c.refused || len(b.Rejects)+len(b.Observations) != 1 {
			t.Errorf("%s: the rejects are %v", name, b.Rejects)
		}
	}
}

func TestRecordsOfOtherPartitionsAreSentOnAsTheyAreAndPartsOfThemAsReadings(t *testing.T) {
	s := New(Config{History: &log{}, Partition: func(id string) int32 { return map[string]int32{"SN-TH": 3}[id] }})
	thies := strings.NewReplacer("SN-DK", "SN-TH", "Dakar", "Thiès").Replace(raw(noon, noon, 25))
	alone := " " + thies
	b := apply(t, s, noon, alone, "["+raw(noon, noon, 25)+","+thies+"]")
	if len(b.Reroutes) != 2 || len(b.Observations) != 1 || b.Expanded != 1 {
		t.Fatalf("%d reroutes, %d observations, %d expanded", len(b.Reroutes), len(b.Observations), b.Expanded)
	}
	if string(b.Reroutes[0].Value) != alone || b.Reroutes[0].Partition != 3 || string(b.Reroutes[0].Key) != "SN-TH" {
		t.Errorf("rerouted %+v", b.Reroutes[0])
	}
	if got := string(b.Reroutes[1].Value); got != thies {
		t.Errorf("the part was rerouted as\n%s, want\n%s", got, thies)
	}
}

func TestACleanObservationThatComesAgainIsWhatWasReceived(t *testing.T) {
	first := fine()
	first.Values[meteo.Humidity], first.Values[meteo.DewPoint] = 102, 25
	s := newStep(&log{})
	o := apply(t, s, noon, string(first.AppendJSON(nil))).Observations[0]
	if o.Values[meteo.Humidity] != 100 || o.Original == nil {
		t.Fatalf("it was not corrected: %s", o.AppendJSON(nil))
	}
	cleaned := o.AppendJSON(nil)
	if b := apply(t, s, noon, string(cleaned)); b.Duplicates != 1 {
		t.Errorf("the clean record is %s", describe(b))
	}
	if b := apply(t, newStep(&log{}), noon, string(cleaned)); !bytes.Equal(b.Observations[0].AppendJSON(nil), cleaned) {
		t.Errorf("cleaned again it is\n%s, and was\n%s", b.Observations[0].AppendJSON(nil), cleaned)
	}
}

func TestWhatAReadingSaysOfItsOwnCleaningIsUndone(t *testing.T) {
	claimed := fine()
	claimed.Values[meteo.Humidity] = 100
	before := meteo.NoValues()
	before[meteo.Humidity] = 59
	claimed.Original, claimed.Quality, claimed.QC = &before, meteo.Bad, []meteo.Failure{{Subject: "rain_mm", Rule: "range"}}
	o := apply(t, newStep(&log{}), noon, string(claimed.AppendJSON(nil))).Observations[0]
	if o.Values[meteo.Humidity] != 59 || o.Original != nil || verdictOf(&o) != "good" {
		t.Errorf("it became %s", o.AppendJSON(nil))
	}
}

func FuzzNoRecordStopsTheStep(f *testing.F) {
	f.Add([]byte(raw(noon, noon, 25)), []byte(raw(noon, noon, 26)))
	f.Add([]byte(`[{"region":"Thiès","temperature":-0,"datetime":"2026-01-15 11:00"}]`), []byte(`{`))
	f.Fuzz(func(t *testing.T, one, two []byte) {
		l := &log{}
		s := newStep(l)
		b := apply(t, s, noon, string(one), string(two))
		if in, out := int64(len(b.Records))+b.Expanded, int64(len(b.Observations)+len(b.Rejects)+len(b.Reroutes))+b.Duplicates; in != out {
			t.Errorf("%d in and %d out", in, out)
		}
		l.commit(b)
		s.Open(0, 2)
		again := apply(t, s, noon.Add(time.Minute), string(one), string(two))
		for i := range again.Observations {
			if again.Observations[i].Revision < 2 {
				t.Errorf("after a restart it is new again: %s", again.Observations[i].AppendJSON(nil))
			}
		}
	})
}

// BenchmarkStep reports the time of one record: decoded, checked and remembered.
func BenchmarkStep(b *testing.B) {
	var records []flow.Record
	for i := range 3000 {
		o := fine()
		o.ObservedAt = noon.AddDate(0, 0, -30).Add(time.Duration(i) * 10 * time.Minute)
		o.FetchedAt = o.ObservedAt
		for v := range meteo.TemperatureMax {
			if !o.Values.Has(v) {
				o.Values[v] = float64(v) + 0.5
			}
		}
		records = append(records, flow.Record{Offset: int64(i), Key: []byte(o.StationID), Value: o.AppendJSON(nil), Time: noon})
	}
	s := newStep(&log{})
	b.ReportAllocs()
	for range b.N {
		s.Open(0, 0)
		batch := &flow.Batch{End: int64(len(records)), Records: records}
		if err := s.Apply(b.Context(), batch); err != nil || len(batch.Observations) != len(records) {
			b.Fatalf("%v, %d observations, %v", err, len(batch.Observations), batch.Rejects)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(records)), "ns/record")
}
