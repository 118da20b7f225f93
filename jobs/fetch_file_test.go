package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/exitcode"
	"senmeteo/jobs/flow"
)

// ran is what a command line has left behind.
type ran struct {
	code   int
	lines  []string // of standard output, without the report
	report flow.Report
}

// command runs the program with its arguments and reads the report, which must be the last line.
func command(t *testing.T, args ...string) ran {
	t.Helper()
	var out bytes.Buffer
	app := newApp(stores())
	app.Writer = &out
	r := ran{code: exitcode.Of(app.RunContext(t.Context(), flagsFirst(app, append([]string{"senmeteo"}, args...))))}
	r.lines = strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	last := len(r.lines) - 1
	if err := json.Unmarshal([]byte(r.lines[last]), &r.report); err != nil || r.report.Job == "" {
		t.Fatalf("%q: the last line is not a report but %q", args, r.lines[last])
	}
	r.lines = r.lines[:last]
	return r
}

// folder writes files and returns their folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	goodTable = "datetime,station,temperature\n2026-03-01T12:00:00Z,Dakar,21\n2026-03-01T13:00:00Z,Dakar,22\n"
	cutArray  = `[{"datetime":"2026-03-01T12:00:00Z","station":"Matam","temperature":31},`
)

func TestAFileThatCantBeReadDoesNotLoseTheOthersHoweverTheyAreNamed(t *testing.T) {
	dir := folder(t, map[string]string{"a.csv": goodTable, "b.json": cutArray, "c.csv": strings.ReplaceAll(goodTable, "Dakar", "Thies")})
	a, b, c := filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.json"), filepath.Join(dir, "c.csv")
	for name, test := range map[string]struct {
		paths  []string
		code   int
		count  int
		failed []string
	}{
		"named":              {[]string{a, b, c}, 65, 5, []string{b}},
		"the bad one first":  {[]string{b, a}, 65, 3, []string{b}},
		"by a folder":        {[]string{dir}, 65, 5, []string{b}},
		"by a pattern":       {[]string{filepath.Join(dir, "*")}, 65, 5, []string{b}},
		"a missing one":      {[]string{a, filepath.Join(dir, "d.csv"), c}, 66, 4, []string{filepath.Join(dir, "d.csv")}},
		"a missing folder":   {[]string{filepath.Join(dir, "none", "*.csv"), c}, 66, 2, []string{filepath.Join(dir, "none", "*.csv")}},
		"the bad one alone":  {[]string{b}, 65, 1, []string{b}},
		"all of them good":   {[]string{a, c}, 0, 4, nil},
		"input of no format": {[]string{a, "-"}, 65, 2, []string{"-"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := command(t, append([]string{"fetch", "file", "--dry-run"}, test.paths...)...)
			if got.code != test.code || len(got.lines) != test.count || !slices.Equal(got.report.Failed, test.failed) || got.report.Written != int64(test.count) {
				t.Errorf("exit %d, %d lines, report %+v", got.code, len(got.lines), got.report)
			}
			for _, failed := range test.failed {
				if strings.Count(got.report.Error, failed) == 0 {
					t.Errorf("the error names no %s: %s", failed, got.report.Error)
				}
			}
			out := filepath.Join(t.TempDir(), "out.csv")
			command(t, append([]string{"fetch", "file", "--out", out}, test.paths...)...)
			if text, err := os.ReadFile(out); err != nil || strings.Count(string(text), "\n") != 1+test.count {
				t.Errorf("the file holds %q, %v", text, err)
			}
		})
	}
}

func TestTheReportIsTheLastLineAfterWholeRowsAlsoWhenAFileBreaksOff(t *testing.T) {
	var text strings.Builder
	text.WriteByte('[')
	for i := range 300 {
		fmt.Fprintf(&text, `{"datetime":%q,"station":"Kolda","temperature":30},`, time.Date(2026, 3, 1, i, 0, 0, 0, time.UTC).Format(time.RFC3339))
	}
	dir := folder(t, map[string]string{"a.json": text.String() + "oops"})
	got := command(t, "fetch", "file", "--dry-run", filepath.Join(dir, "a.json"))
	if got.code != 65 || len(got.lines) != 300 || got.report.Outcome != "bad_input" {
		t.Errorf("exit %d, %d lines, report %+v", got.code, len(got.lines), got.report)
	}
	for _, line := range got.lines {
		if !json.Valid([]byte(line)) {
			t.Fatalf("a line is %q", line)
		}
	}
}

func TestWhatIsIgnoredIsReportedAndWithStrictIsBadInputOnEveryPath(t *testing.T) {
	const table = "datetime,station,temperature,couleur\n2026-03-01T12:00:00Z,Dakar,21,bleu\n"
	dir := folder(t, map[string]string{"a.csv": table, "b.json": `[{"datetime":"2026-03-01T12:00:00Z","station":"Matam","temperature":31,"couleur":"vert"}]`})
	a, out := filepath.Join(dir, "a.csv"), filepath.Join(t.TempDir(), "out.csv")
	for name, test := range map[string]struct {
		args []string
		rows int64
	}{
		"a dry run":     {[]string{"fetch", "file", "--dry-run", a}, 1},
		"a file":        {[]string{"fetch", "file", "--out", out, a}, 1},
		"a folder":      {[]string{"fetch", "file", "--dry-run", dir}, 2},
		"a conversion":  {[]string{"convert", a, out}, 1},
		"of an array":   {[]string{"convert", filepath.Join(dir, "b.json"), out}, 1},
		"nothing of it": {[]string{"fetch", "file", "--dry-run", "--column", "couleur=", a}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			got := command(t, test.args...)
			if got.code != 0 || len(got.report.Ignored) != 1 || got.report.Ignored[0].Name != "couleur" || got.report.Ignored[0].Rows != test.rows {
				t.Errorf("exit %d, ignored %+v", got.code, got.report.Ignored)
			}
			if got = command(t, append(test.args, "--strict")...); got.code != 65 || !strings.Contains(got.report.Error, "couleur") {
				t.Errorf("with --strict exit %d, %s", got.code, got.report.Error)
			}
		})
	}
}

func TestNamesWithACommaAreAssignedAndSeveralInAVariable(t *testing.T) {
	dir := folder(t, map[string]string{"a.csv": "datetime,station,\"Temp, abri\",V\n2026-03-01T12:00:00Z,Dakar,21,18\n"})
	const want = `"temperature_c":21,"wind_speed_ms":5`
	path := filepath.Join(dir, "a.csv")
	got := command(t, "fetch", "file", "--dry-run", "--column", "Temp, abri=temperature_c", "--column", "V=wind_speed_ms", "--unit", "wind_speed_ms=km/h", path)
	if got.code != 0 || !strings.Contains(got.lines[0], want) {
		t.Errorf("by flags: exit %d, %q", got.code, got.lines)
	}
	t.Setenv("SENMETEO_COLUMN", "Temp, abri=temperature_c;V=wind_speed_ms")
	t.Setenv("SENMETEO_UNIT", "wind_speed_ms=km/h")
	if got = command(t, "fetch", "file", "--dry-run", path); got.code != 0 || !strings.Contains(got.lines[0], want) {
		t.Errorf("by variables: exit %d, %q", got.code, got.lines)
	}
}

func TestWhatAReportOfAStationHoldsThatIsNotUnderstoodIsReported(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/GOOY.TXT") {
			http.NotFound(w, r)
			return
		}
		at := time.Now().UTC().Truncate(time.Hour)
		w.Header().Set("Content-Type", "text/plain")
		_, _ = fmt.Fprintf(w, "%s\nGOOY %sZ 34010KT 9999 QUOI FEW020 28/20 Q1012\n", at.Format("2006/01/02 15:04"), at.Format("021504"))
	}))
	defer server.Close()
	args := []string{"fetch", "scrape", "--site", "metar", "--stations", "SN-DK", "--dry-run", "--base-url", server.URL, "--state-dir"}
	got := command(t, append(args, t.TempDir())...)
	if got.code != 0 || len(got.report.Ignored) != 1 || !strings.Contains(got.report.Ignored[0].Example, "QUOI") {
		t.Errorf("exit %d, report %+v", got.code, got.report)
	}
	if got = command(t, append(args, t.TempDir(), "--strict")...); got.code != 65 || len(got.lines) != 1 {
		t.Errorf("with --strict exit %d, %q", got.code, got.lines)
	}
}
