package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"senmeteo/test/program"
)

// weatherPages is a server with the pages of every site, of the present hour; METAR has a tag.
func weatherPages(t *testing.T, now time.Time) (url string, asked *atomic.Int64) {
	t.Helper()
	asked = &atomic.Int64{}
	hour := now.Truncate(time.Hour)
	main := now.Truncate(6 * time.Hour)
	yesterday := now.AddDate(0, 0, -1)
	months := [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	metar := func(icao, groups string) string {
		return fmt.Sprintf("%s\n%s %sZ %s\n", hour.Format("2006/01/02 15:04"), icao, hour.Format("021504"), groups)
	}
	synop := func(wmo, groups string) string {
		return fmt.Sprintf("%s,%s,AAXX %s1 %s %s=\n", wmo, main.Format("2006,01,02,15,04"), main.Format("0215"), wmo, groups)
	}
	pages := map[string][2]string{
		"/data/observations/metar/stations/GOOK.TXT": {"text/plain", metar("GOOK", "07010KT 8000 SCT033 33/14 Q1011 NOSIG")},
		"/data/observations/metar/stations/GOTK.TXT": {"text/plain", metar("GOTK", "VRB02KT CAVOK 35/11 Q1009")},
		"/data/observations/metar/stations/GOSS.TXT": {"text/plain", "Observations have moved.\n"},
		"/cgi-bin/getsynop":                          {"text/plain", synop("61679", "32960 12703 10241 20152 40116") + synop("61612", "32970 00000 10215 20102 40128") + synop("61641", "43505 10251 20198")},
		"/bulletin": {"text/html; charset=utf-8", fmt.Sprintf(`<html><body><article><p class="date">%d %s %d à 12h00</p><div class="bulletin">
<p>Kédougou : ciel dégagé, températures de 20°C à 37°C, vent d’est 18 km/h.</p></div></article></body></html>`, yesterday.Day(), months[yesterday.Month()-1], yesterday.Year())},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		page, ok := pages[r.URL.Path]
		switch {
		case !ok:
			http.NotFound(w, r)
		case r.Header.Get("If-None-Match") == `"now"`:
			w.WriteHeader(http.StatusNotModified)
		default:
			if strings.HasSuffix(r.URL.Path, ".TXT") {
				w.Header().Set("ETag", `"now"`)
			}
			w.Header().Set("Content-Type", page[0])
			_, _ = w.Write([]byte(page[1]))
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func TestPagesAndStationReportsReachTheDatabase(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	now := time.Now().UTC()
	url, asked := weatherPages(t, now)
	scrape := func(site string, code int, more ...string) program.Result {
		t.Helper()
		r := p.Run(t, append([]string{"fetch", "scrape", "--base-url", url, "--contact", "test@example.org", "--site", site}, more...)...)
		if r.Code != code {
			t.Fatalf("%s exits with %d, want %d\n%s", r, r.Code, code, r.Output())
		}
		return r
	}
	airports := []string{"--stations", "Kaolack,Kédougou"}
	if r := scrape("metar", 0, append(airports, "--dry-run")...); strings.Count(r.Stdout, `"source":"metar"`) != 2 {
		t.Errorf("the dry run printed\n%s", r.Stdout)
	}
	if r := scrape("metar", 0, airports...).Report(t); r.Written != 2 {
		t.Errorf("%d METAR were sent, want 2", r.Written)
	}
	if r := scrape("metar", 0, airports...).Report(t); r.Outcome != "nothing" {
		t.Errorf("what has not changed gave %+v", r)
	}
	scrape("metar", 99, append(airports, "--skip-empty")...)
	scrape("bulletin", 0)
	if r := scrape("ogimet", 0).Report(t); r.Written != 3 || r.Rejected != 1 {
		t.Errorf("of two SYNOP and a bad one %d were sent and %d refused", r.Written, r.Rejected)
	}
	before := asked.Load()
	scrape("ogimet", 99, "--skip-empty")
	scrape("ogimet", 75)
	if asked.Load() != before {
		t.Error("a site that was not due was asked")
	}
	scrape("climate-table", 64)
	p.settle(t)

	rows := p.Psql(t, `SELECT concat_ws(' ', source, kind, region, station_id, provider_id, temperature_c, wind_speed_ms, quality, issued_at > '-infinity')
		FROM meteo.observation ORDER BY 1`)
	want := []string{
		"bulletin forecast Kédougou SN-KE Kédougou 20 5 good t",
		"bulletin forecast Kédougou SN-KE Kédougou 37 5 good t",
		"metar observed Kaolack SN-KL GOOK 33 5.14 good f",
		"metar observed Kédougou SN-KE GOTK 35 1.03 good f",
		"ogimet observed Kaolack SN-KL 61679 24.1 3 good f",
		"ogimet observed Saint-Louis SN-SL-01 61612 21.5 0 good f",
	}
	if !slices.Equal(rows, want) {
		t.Errorf("the database has\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
	p.ledger(t)
	letters := p.Records(t, "dlq")
	if len(letters) != 1 || !strings.Contains(string(letters[0].Value), "61641 43505 10251") {
		t.Errorf("%d dead letters, want the report that breaks its code", len(letters))
	}
}

func TestAFailingPageDoesNotLoseTheOthers(t *testing.T) {
	t.Parallel()
	url, _ := weatherPages(t, time.Now().UTC())
	p := program.Program{Dir: t.TempDir()}
	for _, c := range []struct {
		name, stations string
		code           int
		failed         string
	}{
		{"a page that does not exist", "SN-DK,SN-KL,SN-KE", 66, "SN-DK"},
		{"a page that has changed", "SN-KL,SN-SL,SN-KE", 65, "SN-SL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := p.Run(t, "fetch", "scrape", "--site", "metar", "--stations", c.stations, "--base-url", url, "--out", "some.csv")
			report := r.Report(t)
			if r.Code != c.code || report.Written != 2 || !slices.Equal(report.Failed, []string{c.failed}) {
				t.Fatalf("%s exits with %d\n%s", r, r.Code, r.Output())
			}
			if rows := strings.Count(string(read(t, filepath.Join(p.Dir, "some.csv"))), ",metar,observed,"); rows != 2 {
				t.Errorf("the file has %d readings, want 2", rows)
			}
			if _, path, ok := strings.Cut(report.Error, "a copy of the page is in "); ok {
				path, _, _ = strings.Cut(path, ":")
				if got := string(read(t, filepath.Join(p.Dir, path))); got != "Observations have moved.\n" {
					t.Errorf("the copy of the page is %q", got)
				}
			} else if c.code == 65 {
				t.Errorf("the error names no copy of the page: %s", report.Error)
			}
		})
	}
}

func TestClimateTablesGoToFilesAlone(t *testing.T) {
	t.Parallel()
	url, asked := weatherPages(t, time.Now().UTC())
	p := program.Program{Dir: t.TempDir()}
	r := p.Run(t, "fetch", "scrape", "--site", "climate-table", "--base-url", url)
	if r.Code != 64 || asked.Load() > 0 || !strings.Contains(r.Report(t).Error, "--out") {
		t.Errorf("%s exits with %d after %d calls\n%s", r, r.Code, asked.Load(), r.Output())
	}
	if r := p.Run(t, "fetch", "scrape", "--site", "climate-table", "--stations", "Dakar", "--base-url", url, "--dry-run"); r.Code != 66 { // it is read: the page does not exist
		t.Errorf("%s exits with %d\n%s", r, r.Code, r.Output())
	}
}
