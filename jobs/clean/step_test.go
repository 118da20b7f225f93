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
		{"ten minutes ahead are a clock's affair", raw(noon.Add(10*time.Minute), noon, 25), "1 clean, 0 known, rejects [], expanded 0"},
		{"eleven minutes ahead are the future", raw(noon.Add(11*time.Minute), noon, 25), "0 clean, 0 known, rejects [future], expanded 0"},
		{"two future readings in one record are one dead letter", "[" + raw(noon.AddDate(1, 0, 0), noon, 25) + "," + raw(noon.AddDate(2, 0, 0), noon, 25) + "]", "0 clean, 0 known, rejects [future], expanded 0"},
		{"nothing is not JSON", "", "0 clean, 0 known, rejects [invalid_json], expanded 0"},
		{"more than a MiB is too large", good + strings.Repeat(" ", 1<<20), "0 clean, 0 known, rejects [too_large], expanded 0"},
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

func TestHeadersThatLeaveNoRoomForReroutingAreRefused(t *testing.T) {
	s := newStep(&log{})
	b := &flow.Batch{Records: []flow.Record{{Value: []byte(raw(noon, noon, 25)), Time: noon, Headers: []flow.Header{{Key: "a", Value: make([]byte, 4000)}}}}}
	if err := s.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if len(b.Rejects) != 1 || b.Rejects[0].Refusal.Reason != meteo.TooLarge {
		t.Errorf("the rejects are %v", b.Rejects)
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
