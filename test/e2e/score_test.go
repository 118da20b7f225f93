package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"senmeteo/test/program"
)

// scored is what the test needs of the output of score.
type scored struct {
	StationMonths float64 `json:"station_months"`
	Stations      int
	Defects       []struct {
		Defect, Variable string
		Cases, Found     int
		Recall           float64
		Precision        *float64
	}
	FalseAlarms struct {
		PerStationMonth float64 `json:"per_station_month"`
	} `json:"false_alarms"`
}

func TestTheChecksAreScoredByTheTruthAboutAFile(t *testing.T) {
	t.Parallel()
	p := program.Program{Dir: t.TempDir()}
	p.Must(t, "fetch", "generate", "--from", "2026-08-01", "--to", "2026-08-05", "--seed", "7", "--faults", "0.05", "--out", "a.jsonl")
	var got scored
	r := p.Must(t, "score", "--in", "a.jsonl", "--truth", "a.jsonl.truth.jsonl", "--json")
	if err := json.Unmarshal([]byte(r.Stdout), &got); err != nil {
		t.Fatalf("%v\n%s", err, r.Output())
	}
	if got.Stations != 14 || got.StationMonths < 1.8 || got.StationMonths > 1.9 {
		t.Errorf("%d stations, %v station-months", got.Stations, got.StationMonths)
	}
	found := map[string]bool{}
	for _, d := range got.Defects {
		found[d.Defect] = true
		switch d.Defect {
		case "out_of_range", "missing", "duplicate", "correction", "late", "future", "broken_json":
			if d.Recall != 1 || d.Precision == nil || *d.Precision != 1 {
				t.Errorf("%+v", d)
			}
		}
	}
	if len(found) < 10 {
		t.Errorf("%d defects: %v", len(found), found)
	}
	if text := p.Must(t, "score", "--in", "a.jsonl", "--truth", "a.jsonl.truth.jsonl").Stdout; !strings.Contains(text, "out_of_range") || !strings.Contains(text, "per station-month") {
		t.Errorf("the table is\n%s", text)
	}
}

func TestMeasuredReadingsOfAnotherCountryAreScored(t *testing.T) {
	t.Parallel()
	p := program.Program{Dir: t.TempDir()}
	const table = "observed_at,station_id,temperature_c,wind_speed_kn\n2016-12-01T00:00:00Z,S24,27.5,4\n2016-12-01T00:10:00Z,S24,27.6,4\n2016-12-01T00:20:00Z,S24,47.6,4\n"
	const limits = "station_id,month,tmax_p999\nS24,12,34\n"
	for name, text := range map[string]string{"measured.csv": table, "limits.csv": limits, "broken.csv": "station_id,month\nS24,Mai\n"} {
		if err := os.WriteFile(filepath.Join(p.Dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if text := p.Must(t, "score", "--in", "measured.csv", "--limits", "limits.csv").Stdout; !strings.Contains(text, "3 records of 1 stations") || !strings.Contains(text, "climatology") {
		t.Errorf("the table is\n%s", text)
	}
	for _, c := range []struct {
		code int
		args []string
	}{
		{64, []string{"score"}},
		{64, []string{"score", "--in", "measured.csv", "more.csv"}},
		{64, []string{"score", "--in", "measured.csv", "--inject", "1.1"}},
		{64, []string{"score", "--in", "measured.csv", "--inject", "0.1", "--truth", "measured.csv"}},
		{66, []string{"score", "--in", "none.csv"}},
		{66, []string{"score", "--in", "measured.csv", "--truth", "none.jsonl"}},
		{65, []string{"score", "--in", "measured.csv", "--truth", "measured.csv"}},
		{65, []string{"score", "--in", "measured.csv", "--limits", "broken.csv"}},
		{66, []string{"stream", "--limits", "none.csv"}},
		{65, []string{"stream", "--limits", "broken.csv"}},
	} {
		if r := p.Run(t, c.args...); r.Code != c.code {
			t.Errorf("%v ends with %d, want %d: %s", c.args, r.Code, c.code, r.Output())
		}
	}
}
