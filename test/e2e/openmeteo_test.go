package e2e_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"senmeteo/test/program"
)

// openMeteo stands in for Open-Meteo's two services. Values tell station and hour apart; places come with the coordinates of another
// grid cell, as they do.
type openMeteo struct {
	URL string
	mu  sync.Mutex
	// asked are the days that the requests to the archive began with.
	asked []string
}

func newOpenMeteo(t *testing.T) *openMeteo {
	t.Helper()
	o := &openMeteo{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("timeformat") != "unixtime" || q.Get("wind_speed_unit") != "ms" || q.Get("timezone") != "GMT" {
			t.Errorf("the query is %s", r.URL.RawQuery)
		}
		w.Header().Set("Content-Type", "application/json")
		if strings.HasPrefix(q.Get("start_date"), "1999") {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprint(w, `{"error":true,"reason":"Parameter 'start_date' is out of allowed range"}`)
			return
		}
		if strings.HasPrefix(q.Get("start_date"), "1998") {
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = fmt.Fprint(w, `{"error":true,"reason":"Daily API request limit exceeded. Please try again tomorrow."}`)
			return
		}
		var places []any
		for i := range strings.Split(q.Get("latitude"), ",") {
			places = append(places, o.place(i, q.Get("start_date"), q.Get("end_date")))
		}
		if len(places) == 1 {
			_ = json.NewEncoder(w).Encode(places[0])
			return
		}
		_ = json.NewEncoder(w).Encode(places)
	}))
	t.Cleanup(server.Close)
	o.URL = server.URL
	return o
}

// place is the part of an answer about the i-th station: the hours of the days asked for, or the present.
func (o *openMeteo) place(i int, start, end string) map[string]any {
	place := map[string]any{"latitude": 14.5 + float64(i)/8, "longitude": -17.25}
	if i > 0 {
		place["location_id"] = i
	}
	if start == "" {
		place["current_units"] = map[string]string{"time": "unixtime", "temperature_2m": "°C", "wind_speed_10m": "m/s"}
		place["current"] = map[string]any{"time": time.Now().Truncate(15 * time.Minute).Unix(), "interval": 900, "temperature_2m": 20 + i, "wind_speed_10m": 5, "precipitation": 0.1}
		return place
	}
	if i == 0 {
		o.mu.Lock()
		o.asked = append(o.asked, start)
		o.mu.Unlock()
	}
	from, _ := time.Parse(time.DateOnly, start)
	last, _ := time.Parse(time.DateOnly, end)
	hourly, units := map[string][]any{}, map[string]string{"time": "unixtime"}
	for at := from; at.Before(last.Add(24 * time.Hour)); at = at.Add(time.Hour) {
		hourly["time"] = append(hourly["time"], at.Unix())
		for _, name := range strings.Split("temperature_2m,dew_point_2m,relative_humidity_2m,precipitation,cloud_cover,pressure_msl,wind_speed_10m,wind_direction_10m,wind_gusts_10m", ",") {
			var value any
			if name == "temperature_2m" {
				value = 20 + i + at.Hour()/3
			}
			hourly[name] = append(hourly[name], value)
		}
	}
	place["hourly"], place["hourly_units"] = hourly, units
	return place
}

func (o *openMeteo) requests() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.asked)
}

func TestOpenMeteoIsAskedOnceForAllStationsAndEveryFormatHoldsWhatTheScreenShows(t *testing.T) {
	t.Parallel()
	server, p := newOpenMeteo(t), program.Program{Dir: t.TempDir()}
	readings := func(text string) []string {
		var all []string
		for line := range strings.Lines(text) {
			var r map[string]any
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			if r["station_id"] == nil {
				continue // the report
			}
			if r["source"] != "open-meteo" || r["kind"] != "model" || r["fetched_at"] == nil || r["provider_id"] == nil {
				t.Errorf("a reading does not say where it comes from: %s", line)
			}
			delete(r, "fetched_at") // another for each run
			again, _ := json.Marshal(r)
			all = append(all, string(again))
		}
		return all
	}
	window := []string{"fetch", "open-meteo", "--base-url", server.URL, "--from", "2026-03-01", "--to", "2026-03-02"}
	want := readings(p.Must(t, append(window, "--dry-run")...).Stdout)
	if len(want) != 14*24 || len(server.requests()) != 1 {
		t.Fatalf("%d readings came of %d requests, want 336 of one", len(want), len(server.requests()))
	}
	if !strings.Contains(want[24], `"provider_id":"14.625,-17.25"`) || !strings.Contains(want[24], `"SN-TH"`) {
		t.Errorf("the second place is not the second station's: %s", want[24])
	}
	for _, extension := range []string{"csv", "json", "jsonl", "xlsx", "xml", "yaml", "parquet"} {
		p.Must(t, append(window, "--out", "a."+extension)...)
		p.Must(t, "convert", "a."+extension, extension+".jsonl")
		text, err := os.ReadFile(filepath.Join(p.Dir, extension+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		if got := readings(string(text)); !slices.Equal(got, want) {
			t.Errorf("%s holds %d readings, the screen showed %d others", extension, len(got), len(want))
		}
	}
	if present := readings(p.Must(t, "fetch", "open-meteo", "--base-url", server.URL, "--dry-run").Stdout); len(present) != 14 {
		t.Errorf("%d readings of the present came, want 14", len(present))
	}
}

func TestWhatOpenMeteoRefusesIsToldWithItsReason(t *testing.T) {
	t.Parallel()
	server := newOpenMeteo(t)
	for year, c := range map[string]struct {
		code int
		says string
	}{"1999": {64, "start_date' is out of allowed range"}, "1998": {75, "Daily API request limit exceeded"}} {
		r := program.Program{}.Run(t, "fetch", "open-meteo", "--base-url", server.URL, "--from", year+"-01-01", "--to", year+"-02-01", "--dry-run")
		if r.Code != c.code || !strings.Contains(r.Stderr, c.says) {
			t.Errorf("exit %d, want %d and %q\n%s", r.Code, c.code, c.says, r.Output())
		}
	}
}

// A back-fill that is killed again and again goes on where its cursor stands: every hour lands, none is asked for again that has landed
// before the cursor moved, and stream removes what came twice.
func TestABackFillThatIsKilledGoesOnByItsCursorAndLosesNothing(t *testing.T) {
	t.Parallel()
	p, server := newPipeline(t), newOpenMeteo(t)
	cursor := filepath.Join(p.Dir, "cursor.json")
	args := []string{"fetch", "open-meteo", "--base-url", server.URL, "--stations", "SN-DK,SN-TH", "--from", "2025-01-01", "--to", "2025-06-18", "--cursor", cursor}
	const chunks, readings, kills = 6, 2 * 168 * 24, 4 // 168 days
	dice, killed := rand.New(rand.NewPCG(5, 5)), 0
	for n := 0; ; n++ {
		r := p.Start(t, args...)
		if n == kills {
			if end := r.Wait(t); end.Code != 0 {
				t.Fatalf("it exits with %d\n%s", end.Code, end.Output())
			}
			break
		}
		before := len(server.requests())
		program.Until(t, func() bool { return len(server.requests()) > before || !r.Alive() })
		time.Sleep(time.Duration(dice.IntN(120)) * time.Millisecond) // while it sends, flushes, moves the cursor or pauses
		if r.Alive() {
			killed++
		}
		r.Kill(t)
	}
	asked := server.requests()
	if len(asked) < chunks || len(asked) > chunks+killed || !slices.IsSorted(asked) {
		t.Errorf("after %d kills the days %q were asked for, want each of %d chunks, again only after a kill", killed, asked, chunks)
	}
	if killed == 0 {
		t.Error("the program was never killed: the test tests nothing")
	}
	raw := len(p.Records(t, "raw"))
	p.Must(t, "stream")
	if clean := len(p.Records(t, "clean")); raw < readings || clean != readings {
		t.Errorf("%d records are raw and %d clean, want at least and exactly %d", raw, clean, readings)
	}
	if again := p.Run(t, append(args, "--skip-empty")...); again.Code != 99 {
		t.Errorf("when all is read it exits with %d, want 99\n%s", again.Code, again.Output())
	}
	t.Logf("%d kills, %d requests for %d chunks, %d raw records for %d", killed, len(asked), chunks, raw, readings)
}
