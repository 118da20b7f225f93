package scrape_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/client"
	"senmeteo/jobs/source/scrape"
	"senmeteo/jobs/source/sourcetest"
)

// clock is a time that only waits move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 23, 12, 47, 0, 0, time.UTC)} }

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.advance(d)
	return ctx.Err()
}

// library is a server of pages, by their paths; it counts the calls.
type library struct {
	mu    sync.Mutex
	pages map[string]string
	calls []string
	do    func(http.ResponseWriter, *http.Request) bool // may answer in place of the pages
}

func (l *library) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, r.URL.Path)
	if l.do != nil && l.do(w, r) {
		return
	}
	body, ok := l.pages[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	kind := "text/plain; charset=utf-8"
	if strings.Contains(body, "<html") {
		kind = "text/html; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write([]byte(body))
}

func (l *library) asked() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := strings.Join(l.calls, " ")
	l.calls = nil
	return out
}

// visitor runs a site again and again, as restarts of the program do: only the folder of the state is the same.
type visitor struct {
	t        *testing.T
	site     string
	url, dir string
	clock    *clock
	stations string
	remember bool
}

func newVisitor(t *testing.T, site string, l *library) *visitor {
	t.Helper()
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	return &visitor{t: t, site: site, url: server.URL, dir: t.TempDir(), clock: newClock(), stations: "SN-KL", remember: true}
}

// run returns how many readings came, and keeps what it has seen when keep says so.
func (v *visitor) run(keep bool) (int, error) {
	v.t.Helper()
	stations, err := meteo.SelectStations(v.stations)
	if err != nil {
		v.t.Fatal(err)
	}
	source, err := scrape.New(scrape.Config{
		Site: site(v.t, v.site), BaseURL: v.url, Stations: stations, StateDir: v.dir, Remember: v.remember, Patience: time.Minute,
		HTTP: client.Config{UserAgent: sourcetest.UserAgent, Timeout: 2 * time.Second, Now: v.clock.time, Sleep: v.clock.sleep},
	})
	if err != nil {
		v.t.Fatal(err)
	}
	n := 0
	err = source.Fetch(v.t.Context(), func(*flow.Item) error { n++; return nil })
	if keep {
		if err := source.Keep(); err != nil {
			v.t.Fatal(err)
		}
	}
	return n, err
}

const (
	kaolackPath  = "/data/observations/metar/stations/GOOK.TXT"
	kaolackMetar = "2026/11/23 12:00\nGOOK 231200Z 07006KT 8000 SCT033 33/14 Q1011 NOSIG\n"
	ogimetPath   = "/cgi-bin/getsynop"
	kaolackSynop = "61679,2026,11,23,06,00,AAXX 23061 61679 32960 12703 10241 20152 40116=\n"
)

func TestASiteIsAskedNoMoreOftenThanItSays(t *testing.T) {
	l := &library{pages: map[string]string{ogimetPath: kaolackSynop}}
	v := newVisitor(t, "ogimet", l)
	if n, err := v.run(true); n != 1 || err != nil {
		t.Fatalf("got %d readings, %v", n, err)
	}
	if got := l.asked(); got != "/robots.txt "+ogimetPath {
		t.Errorf("asked for %s", got)
	}
	began := v.clock.time()
	for _, later := range []time.Duration{time.Minute, time.Hour, 177 * time.Minute} {
		v.clock.advance(began.Add(later).Sub(v.clock.time()))
		_, err := v.run(true)
		var notDue *scrape.NotDueError
		if !errors.As(err, &notDue) || flow.ClassOf(err) != flow.TryLater || l.asked() != "" {
			t.Errorf("after %s got %v", later, err)
		}
	}
	v.clock.advance(2*time.Minute + 30*time.Second) // half a minute early: it waits
	if n, err := v.run(true); n != 1 || err != nil {
		t.Errorf("after three hours got %d readings, %v", n, err)
	}
	if got := l.asked(); got != ogimetPath { // the robots.txt of three hours ago still counts
		t.Errorf("asked for %s", got)
	}
	v.clock.advance(22 * time.Hour)
	if _, err := v.run(true); err != nil {
		t.Error(err)
	}
	if got := l.asked(); got != "/robots.txt "+ogimetPath {
		t.Errorf("a day later asked for %s", got)
	}
}

func TestANoticeInPlaceOfReportsLeavesTheSiteAloneToo(t *testing.T) {
	l := &library{pages: map[string]string{ogimetPath: "Sorry, your quota is used up\n"}}
	v := newVisitor(t, "ogimet", l)
	if _, err := v.run(true); flow.ClassOf(err) != flow.Unavailable {
		t.Errorf("got %v", err)
	}
	l.asked()
	v.clock.advance(time.Hour)
	if _, err := v.run(true); flow.ClassOf(err) != flow.TryLater || l.asked() != "" {
		t.Errorf("an hour later got %v", err)
	}
}

func TestAServerThatWasNotThereMayBeAskedAgain(t *testing.T) {
	v := newVisitor(t, "ogimet", &library{pages: map[string]string{ogimetPath: kaolackSynop}})
	good := v.url
	v.url = "http://127.0.0.1:1"
	if _, err := v.run(true); flow.ClassOf(err) != flow.Unavailable {
		t.Errorf("got %v", err)
	}
	if _, err := v.run(true); flow.ClassOf(err) != flow.Unavailable {
		t.Errorf("a second time got %v", err)
	}
	v.url = good
	if n, err := v.run(true); n != 1 || err != nil {
		t.Errorf("got %d readings, %v", n, err)
	}
}

func TestAWaitThatTheServerAskedForIsKeptOverRestarts(t *testing.T) {
	l := &library{do: func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}}
	v := newVisitor(t, "metar", l)
	if _, err := v.run(true); flow.ClassOf(err) != flow.TryLater {
		t.Errorf("got %v", err)
	}
	l.asked()
	v.clock.advance(time.Hour)
	if _, err := v.run(true); flow.ClassOf(err) != flow.TryLater || l.asked() != "" {
		t.Errorf("an hour later got %v", err)
	}
}

func TestAClockThatWasSetBackDoesNotBlock(t *testing.T) {
	v := newVisitor(t, "ogimet", &library{pages: map[string]string{ogimetPath: kaolackSynop}})
	v.clock.advance(365 * 24 * time.Hour)
	if _, err := v.run(true); err != nil {
		t.Fatal(err)
	}
	v.clock.advance(-365 * 24 * time.Hour)
	if n, err := v.run(true); n != 1 || err != nil {
		t.Errorf("got %d readings, %v", n, err)
	}
}

func TestOneRunAtATimeReadsASite(t *testing.T) {
	var inner error
	l := &library{pages: map[string]string{kaolackPath: kaolackMetar}}
	v := newVisitor(t, "metar", l)
	l.do = func(http.ResponseWriter, *http.Request) bool {
		if inner == nil {
			_, inner = v.run(false)
		}
		return false
	}
	if n, err := v.run(true); n != 1 || err != nil {
		t.Errorf("got %d readings, %v", n, err)
	}
	if flow.ClassOf(inner) != flow.TryLater || !strings.Contains(inner.Error(), "another run") {
		t.Errorf("the second run got %v", inner)
	}
}

func TestWhatHasNotChangedGivesNothing(t *testing.T) {
	for name, headers := range map[string]map[string]string{
		"by its tag":     {"ETag": `"1a2b"`},
		"by its date":    {"Last-Modified": "Mon, 23 Nov 2026 12:03:01 GMT"},
		"by its content": {},
	} {
		t.Run(name, func(t *testing.T) {
			unchanged := 0
			l := &library{pages: map[string]string{kaolackPath: kaolackMetar}}
			l.do = func(w http.ResponseWriter, r *http.Request) bool {
				for header, value := range headers {
					w.Header().Set(header, value)
				}
				tag, date := r.Header.Get("If-None-Match"), r.Header.Get("If-Modified-Since")
				if tag != "" && tag == headers["ETag"] || date != "" && date == headers["Last-Modified"] {
					unchanged++
					w.WriteHeader(http.StatusNotModified)
					return true
				}
				return false
			}
			v := newVisitor(t, "metar", l)
			again := func(keep bool, want int) {
				t.Helper()
				if n, err := v.run(keep); n != want || err != nil {
					t.Errorf("got %d readings, %v, want %d", n, err, want)
				}
				v.clock.advance(time.Hour)
			}
			again(false, 1) // it never landed
			again(true, 1)
			again(true, 0)
			again(true, 0)
			v.remember = false // a file wants all of it
			again(true, 1)
			if want := 2; len(headers) > 0 && unchanged != want {
				t.Errorf("%d of the answers were empty, want %d", unchanged, want)
			}
			v.remember = true
			l.pages[kaolackPath] = strings.ReplaceAll(kaolackMetar, "1200", "1300")
			clear(headers)
			again(true, 1)
		})
	}
}

func TestReadingsOfARegionWithoutAStationNeverCome(t *testing.T) {
	l := &library{pages: map[string]string{ogimetPath: kaolackSynop}}
	v := newVisitor(t, "ogimet", l)
	v.stations = "all"
	if n, err := v.run(true); n != 1 || err != nil { // and not one for Fatick or Kaffrine, which have none
		t.Errorf("got %d readings, %v", n, err)
	}
	for _, name := range scrape.Sites() {
		for _, p := range site(t, name).Stations {
			if s, _ := meteo.StationByID(p.Station); (name == "ogimet" || name == "metar") && p.Station == s.ID && p.ID != s.WMO && p.ID != s.ICAO {
				t.Errorf("%s gives the reports of %s to %s", name, p.ID, p.Station)
			}
		}
	}
}

func TestAnAddressInsideIsAskedOnlyAtTheUsersWord(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the request arrived") }))
	defer server.Close()
	path := filepath.Join(t.TempDir(), "inside.yaml")
	text := strings.Replace(plainSite, "https://example.org", server.URL, 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, site: path, dir: t.TempDir(), clock: newClock(), stations: "SN-KL"}
	if _, err := v.run(false); flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), "internal address") {
		t.Errorf("got %v", err)
	}
}

func TestAUserAgentNamesWhomToWriteTo(t *testing.T) {
	base := scrape.Config{Site: site(t, "ogimet"), StateDir: t.TempDir(), HTTP: client.Config{UserAgent: "senmeteo/test"}}
	for contact, want := range map[string]string{"": "wants to know who asks", "me\r\nHost: x": "neither", "a b": "neither", "mail@example.org": ""} {
		cfg := base
		cfg.Contact = contact
		_, err := scrape.New(cfg)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", contact, err)
		}
	}
}

func TestAChaoticServerGivesNoWrongReading(t *testing.T) {
	for name, c := range map[string]struct {
		pages    map[string]string
		stations string
	}{
		"metar": {map[string]string{
			"/robots.txt": "User-agent: *\nDisallow: /private/\n",
			kaolackPath:   kaolackMetar,
			"/data/observations/metar/stations/GOOY.TXT": "2026/11/23 12:00\nGOOY 231200Z 35012G25KT 9999 FEW020 27/19 Q1013 NOSIG\n",
			"/data/observations/metar/stations/GOTK.TXT": "2026/11/23 12:00\nGOTK 231200Z 08003KT CAVOK 35/11 Q1009\n",
		}, "SN-DK,SN-KL,SN-KE"},
		"ogimet": {map[string]string{
			ogimetPath: kaolackSynop + "61641,2026,11,23,06,00,AAXX 23061 61641 11562 43505 10251 20198 30095 40123 52008 60052 70181 83201=\n",
		}, "SN-DK,SN-KL"},
		"bulletin": {map[string]string{"/bulletin": body(t, "bulletin-is-a-forecast-of-each-region-it-names")}, "all"},
		"climate-table": {map[string]string{
			"/wiki/Dakar":      body(t, "climate-table-of-normals"),
			"/wiki/Ziguinchor": strings.ReplaceAll(body(t, "climate-table-of-normals"), "for Dakar", "for Ziguinchor"),
		}, "SN-DK,SN-ZG"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // nearly all of the time is waiting
			stations, err := meteo.SelectStations(c.stations)
			if err != nil {
				t.Fatal(err)
			}
			root, runs := t.TempDir(), 0
			sourcetest.Chaos(t, &library{pages: c.pages}, func(t *testing.T, url string, timeout time.Duration) flow.Source {
				clock := newClock()
				runs++
				dir := filepath.Join(root, fmt.Sprint(runs))
				if err := os.Mkdir(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				source, err := scrape.New(scrape.Config{
					Site: site(t, name), BaseURL: url, Stations: stations, StateDir: dir, Remember: true,
					HTTP: client.Config{
						UserAgent: sourcetest.UserAgent, Timeout: timeout, MaxBody: 1 << 20, Attempts: 2, Now: clock.time, Sleep: clock.sleep,
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				return source
			})
		})
	}
}

// body is the page of a case.
func body(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name, "2.response"))
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(text), "\n\n")
	return body
}
