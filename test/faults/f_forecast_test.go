package faults_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// issuedAt is when the forecasts of these tests are issued: they know the days before that midnight, and the hours up to it.
var issuedAt = time.Date(2026, 3, 10, 6, 0, 0, 0, time.UTC)

// F1. `forecast` is killed at random moments, and then each job after it: every store holds each forecast once.
func TestF1ForecastIsKilledAtRandomMomentsAndSoIsEachJobAfterIt(t *testing.T) {
	t.Parallel()
	dice := uint64(time.Now().UnixNano())
	t.Logf("seed %d", dice)
	random := rand.New(rand.NewPCG(dice, 1))
	s := newScenario(t).inHDFS(t)
	s.measure(t)
	began := time.Now()
	s.truth.expect(s.forecasts(t))
	took := time.Since(began)
	for s.kills < 5*loops {
		r := s.Start(t, "forecast", "--issued-at", issuedAt.Format(time.RFC3339))
		time.Sleep(time.Duration(random.Int64N(int64(took))))
		r.Kill(t)
		if r.Wait(t).Code == -1 { // else it had just ended by itself
			s.kills++
		}
	}
	s.issue(t)
	for _, point := range []string{"stream.after-produce:2", "stream.after-offsets", "stream.before-commit", "stream.after-commit"} {
		s.crash(t, point, "stream", "--batch-records", "20")
	}
	s.Must(t, "stream")
	s.Records(t, "clean") // waits until no transaction hides any
	for point, verb := range map[string]string{"pg.before-commit": "to-pg", "es.after-bulk": "to-es", "hdfs.after-rename": "to-hdfs", "redis.before-commit": "to-redis"} {
		s.crash(t, point, verb, "--batch-records", "100")
	}
	s.recovers(t)
	s.Must(t, "reconcile")
}

// F2. Two forecasts at once, while `stream` follows: one of each pair is a duplicate.
func TestF2TwoForecastsAtOnce(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, _ int) {
		s := newScenario(t)
		s.measure(t)
		want := s.forecasts(t)
		s.truth.expect(want)
		before := len(s.Records(t, "raw"))
		stream := s.Start(t, "stream", "--follow")
		a := s.Start(t, "forecast", "--issued-at", issuedAt.Format(time.RFC3339))
		b := s.Start(t, "forecast", "--issued-at", issuedAt.Format(time.RFC3339))
		expect(t, a.Wait(t), 0)
		expect(t, b.Wait(t), 0)
		stream.Kill(t)
		s.kills++
		if sent := len(s.Records(t, "raw")) - before; sent != 2*len(want) {
			t.Errorf("%d forecasts are sent, want each of %d twice", sent, len(want))
		}
		s.recovers(t)
		s.Must(t, "reconcile", "--hdfs", "file://"+s.Lake)
	})
}

// F3. Repeated with what is known unchanged it adds nothing; after a correction exactly one revision of each forecast that changes.
func TestF3ARepeatedForecastAddsNothingAndACorrectionOneRevision(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, _ int) {
		s := newScenario(t)
		s.measure(t)
		first := s.forecasts(t)
		s.truth.expect(first)
		s.issue(t)
		s.recovers(t)
		s.addsNothing(t, len(first))

		last := issuedAt.Truncate(24 * time.Hour)
		s.sendLines(t, dailyLine("SN-DK", last, last.Add(5*time.Hour), 3))
		s.truth.revisions[idOf("SN-DK", last, "file")]++
		s.settle(t)
		second := s.forecasts(t)
		changed := 0
		for id, text := range second {
			if first[id] != text {
				s.truth.revisions[id]++
				changed++
			}
		}
		if changed < 7 || len(second) != len(first) {
			t.Fatalf("after a correction %d of %d forecasts change, want at least the 7 days of Dakar", changed, len(second))
		}
		s.issue(t)
		s.recovers(t)
		s.addsNothing(t, len(second))
		s.Must(t, "reconcile", "--hdfs", "file://"+s.Lake)
	})
}

// issue sends the forecasts that the database knows enough for.
func (s *scenario) issue(t testing.TB) {
	t.Helper()
	s.Must(t, "forecast", "--issued-at", issuedAt.Format(time.RFC3339))
}

// addsNothing issues forecasts that are there already, all of which are duplicates.
func (s *scenario) addsNothing(t testing.TB, forecasts int) {
	t.Helper()
	s.issue(t)
	if r := s.Must(t, "stream").Report(t); r.Written != 0 || int(r.Duplicates) != forecasts {
		t.Errorf("repeated, %d forecasts are written and %d are duplicates, want 0 and %d", r.Written, r.Duplicates, forecasts)
	}
	s.recovers(t)
}

// measure stores what forecasts are made of: 40 days of every station, and the temperatures of the last 60 hours.
func (s *scenario) measure(t testing.TB) {
	t.Helper()
	midnight := issuedAt.Truncate(24 * time.Hour)
	var lines []string
	for i, station := range meteo.Stations {
		for day := range 40 {
			at := midnight.AddDate(0, 0, -day)
			lines = append(lines, dailyLine(station.ID, at, at.Add(time.Hour), float64((i+day*day)%7)/2))
			s.truth.revisions[idOf(station.ID, at, "file")] = 1
		}
		for hour := range 60 {
			if at := issuedAt.Add(-time.Duration(hour) * time.Hour); at.Hour() != 0 { // at midnight there is that of a day
				lines = append(lines, reading(station.ID, at, at.Add(time.Hour), fmt.Sprint(24+float64(at.Hour()%12)/2)))
				s.truth.revisions[idOf(station.ID, at, "file")] = 1
			}
		}
	}
	s.sendLines(t, lines...)
	s.settle(t)
}

// dailyLine is an observation of the day that ends at a time.
func dailyLine(station string, end, fetched time.Time, warm float64) string {
	return fmt.Sprintf(`{"schema":1,"station_id":%q,"observed_at":%q,"fetched_at":%q,"source":"file","kind":"observed","interval_s":86400,`+
		`"temperature_max_c":%g,"temperature_min_c":%g,"wind_speed_mean_ms":%g,"humidity_mean_pct":%g}`,
		station, end.Format(time.RFC3339), fetched.Format(time.RFC3339), 33+warm, 20+warm/2, 4+warm/4, 40-warm)
}

// sendLines sends the records of a file.
func (s *scenario) sendLines(t testing.TB, lines ...string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "measured.jsonl")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Must(t, "fetch", "file", path)
}

// forecasts are what would be issued, by id, without the time of the fetch.
func (s *scenario) forecasts(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	for line := range strings.Lines(s.Must(t, "forecast", "--issued-at", issuedAt.Format(time.RFC3339), "--dry-run").Stdout) {
		var r struct {
			Station    string    `json:"station_id"`
			ObservedAt time.Time `json:"observed_at"`
			Source     string    `json:"source"`
			IssuedAt   time.Time `json:"issued_at"`
		}
		all := map[string]any{}
		if err := json.Unmarshal([]byte(line), &r); err != nil || json.Unmarshal([]byte(line), &all) != nil {
			t.Fatalf("forecast prints %q: %v", line, err)
		}
		if r.Station == "" {
			continue // the report
		}
		delete(all, "fetched_at")
		text, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		out[idOfForecast(r.Station, r.ObservedAt, r.Source, r.IssuedAt)] = string(text)
	}
	if want := len(meteo.Stations) * (7 + 46); len(out) != want {
		t.Fatalf("%d forecasts, want the next 7 days and 48 hours, but for two midnights, of each station: %d", len(out), want)
	}
	return out
}

// expect adds records that must be there once.
func (w *truth) expect(ids map[string]string) {
	for id := range maps.Keys(ids) {
		w.revisions[id] = 1
	}
}
