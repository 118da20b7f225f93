package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestTheQualityOfADayIsCountedByRegionAndRule(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	// Two of Dakar's values are impossible, one of Kolda's is fine, Matam's is of another day.
	readings := `{"schema":1,"station_id":"SN-DK","observed_at":"2026-01-05T00:00:00Z","fetched_at":"2026-01-05T00:00:00Z","source":"file","kind":"observed","temperature_c":99,"humidity_pct":50}
{"schema":1,"station_id":"SN-DK","observed_at":"2026-01-05T12:00:00Z","fetched_at":"2026-01-05T12:00:00Z","source":"file","kind":"observed","temperature_c":24}
{"schema":1,"station_id":"SN-KD","observed_at":"2026-01-05T12:00:00Z","fetched_at":"2026-01-05T12:00:00Z","source":"file","kind":"observed","temperature_c":30}
{"schema":1,"station_id":"SN-MT","observed_at":"2026-01-06T00:00:00Z","fetched_at":"2026-01-06T00:00:00Z","source":"file","kind":"observed","temperature_c":30}
`
	path := filepath.Join(t.TempDir(), "readings.jsonl")
	if err := os.WriteFile(path, []byte(readings), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Must(t, "fetch", "file", path)
	p.settle(t)
	var got struct {
		Day          string
		Observations int64
		Missing      []string
		Regions      []struct {
			Region                           string
			Observations, Good, Suspect, Bad int64
			Failed                           map[string]int64
		}
	}
	r := p.Must(t, "quality", "--day", "2026-01-05", "--json")
	if err := json.Unmarshal([]byte(r.Stdout), &got); err != nil {
		t.Fatalf("%v\n%s", err, r.Output())
	}
	if got.Day != "2026-01-05" || got.Observations != 3 || len(got.Missing) != 12 || !slices.Contains(got.Missing, "Matam") || len(got.Regions) != 2 {
		t.Fatalf("%+v\n%s", got, r.Output())
	}
	dakar, kolda := got.Regions[0], got.Regions[1]
	if dakar.Region != "Dakar" || dakar.Observations != 2 || dakar.Good != 1 || dakar.Suspect+dakar.Bad != 1 || len(dakar.Failed) == 0 {
		t.Errorf("Dakar: %+v", dakar)
	}
	for rule, n := range dakar.Failed {
		if !strings.HasPrefix(rule, "temperature_c.") || n != 1 {
			t.Errorf("%s failed %d times, want only rules of the temperature, once", rule, n)
		}
	}
	if kolda.Region != "Kolda" || kolda.Good != 1 || len(kolda.Failed) != 0 {
		t.Errorf("Kolda: %+v", kolda)
	}
	if text := p.Must(t, "quality", "--day", "2026-01-05").Stdout; !strings.Contains(text, "no observation of") || !strings.Contains(text, "temperature_c.") ||
		!regexp.MustCompile(`(?m)^temperature_c +range +outside the physical limits +1 +SN-DK 1$`).MatchString(text) {
		t.Errorf("the table is\n%s", text)
	}
}
