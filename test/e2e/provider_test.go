package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"senmeteo/test/program"
)

func TestAProvidersExportReachesEveryStoreWholeAndUnflagged(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	path, sent := writeProviderExport(t)
	if r := p.Must(t, "fetch", "file", path).Report(t); r.Written != int64(len(sent)) || r.Rejected != 0 {
		t.Fatalf("of %d records %d are written and %d rejected", len(sent), r.Written, r.Rejected)
	}
	r := p.Must(t, "stream").Report(t)
	if r.Written != int64(len(sent)) || r.Duplicates+r.Rejected+r.Rerouted != 0 {
		t.Errorf("stream reports %d clean, %d duplicates, %d rejected, %d rerouted of %d records", r.Written, r.Duplicates, r.Rejected, r.Rerouted, len(sent))
	}
	p.Must(t, "to-pg")
	p.Must(t, "to-hdfs")
	p.ledger(t)

	t.Run("psql counts every record and finds none flagged", func(t *testing.T) {
		want := []string{fmt.Sprintf("good|%d|14|%d", len(sent), len(sent))}
		if got := p.Psql(t, "SELECT quality, count(*), count(DISTINCT region), count(temperature_c) FROM meteo.observation WHERE source = 'file' GROUP BY quality"); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
			t.Log(p.Psql(t, "SELECT qc, count(*), min(station_id), min(observed_at) FROM meteo.observation WHERE qc IS NOT NULL GROUP BY qc"))
		}
	})
	t.Run("every value is what the provider sent", func(t *testing.T) { compareWithSent(t, p, sent) })
	t.Run("DuckDB and pandas read the lake", func(t *testing.T) { readLakeByOthers(t, p, sent) })
}

// compareWithSent compares the table with the export, value by value. Humidity above 100 % is kept beside its correction.
func compareWithSent(t *testing.T, p pipeline, sent []providerRecord) {
	t.Helper()
	rows := p.Psql(t, `SELECT region, to_char(observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), temperature_c,
		coalesce((original->>'humidity_pct')::float8, humidity_pct), cloud_cover_pct, wind_speed_ms, rain_rate_mm_h, latitude, longitude, humidity_pct <= 100
		FROM meteo.observation`)
	var want []string
	for _, s := range sent {
		want = append(want, fmt.Sprintf("%s|%s|%v|%v|%v|%v|%v|%v|%v|t", s.Region, s.Datetime, s.Temperature, s.Humidity, s.CloudCover, s.WindSpeed, s.RainIntensity, s.Latitude, s.Longitude))
	}
	slices.Sort(rows)
	slices.Sort(want)
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d", len(rows), len(want))
	}
	for i := range want {
		if rows[i] != want[i] {
			t.Fatalf("got %s\nwant %s", rows[i], want[i])
		}
	}
}

// lakeSeen is what a reader of the lake saw.
type lakeSeen struct {
	Reader       string   `json:"reader"`
	Observations int      `json:"observations"`
	Stations     int      `json:"stations"`
	Days         int      `json:"days"`
	Warmest      float64  `json:"warmest"`
	Rain         float64  `json:"rain"`
	Thies        []string `json:"thies"`
}

func readLakeByOthers(t *testing.T, p pipeline, sent []providerRecord) {
	t.Helper()
	want := lakeSeen{Observations: len(sent), Stations: 14, Days: 2, Thies: []string{"Thiès"}}
	for _, s := range sent {
		want.Warmest = math.Max(want.Warmest, s.Temperature)
		want.Rain += s.RainIntensity
	}
	python := filepath.Join(program.Root(), ".cache/venv/bin/python")
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("Python's readers of Parquet are missing: run `make venv` (%v)", err)
	}
	var complaints bytes.Buffer
	cmd := exec.Command(python, "testdata/read_lake.py", filepath.Join(p.Lake, "clean"))
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("reading the lake: %v\n%s", err, complaints.Bytes())
	}
	readers := 0
	for line := range bytes.Lines(out) {
		var got lakeSeen
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatal(err)
		}
		readers++
		want.Reader = got.Reader
		if math.Abs(got.Rain-want.Rain) > 1e-3 {
			t.Errorf("%s: %v mm/h of rain in all, want %v", got.Reader, got.Rain, want.Rain)
		}
		got.Rain = want.Rain
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if readers != 2 {
		t.Errorf("%d readers answered, want 2", readers)
	}
}

func TestTablesSavedByAFrenchExcelAndByLibreOfficeReachPostgreSQLWithTheirAccentsCommasAndDates(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"CSV of a French Excel":         "french-excel-windows-1252/input.csv",
		"CSV UTF-8 of a French Excel":   "french-excel-utf-8/input.csv",
		"workbook saved by LibreOffice": "libreoffice/input.xlsx",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPipeline(t)
			p.Must(t, "fetch", "file", filepath.Join(program.Root(), "jobs/source/file/testdata/cases", file))
			p.settle(t)
			p.ledger(t)
			want := []string{ // 18 km/h are 5 m/s; what the table leaves empty or calls N/A is absent
				"Dakar|2026-03-01 06:00|21.4|88|5|340|1012.3|0|9000",
				"Kédougou|2026-03-01 06:00|24.1|52|2||1010.9||10000",
				"Saint-Louis|2026-03-01 12:10|27.5|61|6|330|1011.7|0.2|16100",
				"Thiès|2026-03-01 06:00|20.8|85|4|20|1012.1|0|8000",
				"Ziguinchor|2026-03-01 12:10|33|||270|1009.4|0|10000",
			}
			got := p.Psql(t, `SELECT region, to_char(observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), temperature_c, humidity_pct,
				wind_speed_ms, wind_direction_deg, pressure_hpa, rain_mm, visibility_m FROM meteo.observation ORDER BY region COLLATE "C"`)
			if !slices.Equal(got, want) {
				t.Errorf("got\n%q\nwant\n%q", got, want)
			}
		})
	}
}
