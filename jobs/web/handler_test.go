package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// ask sends one request to a handler; change may alter it.
func ask(t *testing.T, h http.Handler, method, target string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	request.Host = "localhost:8090"
	for _, how := range change {
		how(request)
	}
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, request)
	return answer
}

func TestThePageShowsTheStateOfItsData(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*memory)
		status int
		has    []string
		hasNot []string
	}{
		"all 14 regions have good values": {
			func(*memory) {}, 200,
			[]string{`data-value="SN-DK">29,4<`, `data-value="SN-KE">37,1<`, "il y a 3 min", "Qualité"},
			[]string{`class="notice`, "pas de données</td>"},
		},
		"nothing is stored yet": {
			func(m *memory) { m.rows = nil }, 200, []string{"Aucune observation", `data-value="SN-DK">–<`}, []string{`class="notice warn"`},
		},
		"the database has no tables yet": {
			func(m *memory) { m.err = query.ErrEmpty }, 200, []string{"encore vide", "Aucune mesure ici"}, []string{`class="notice warn"`, "ne répond pas"},
		},
		"the database never answered": {
			func(m *memory) { m.err = errDown }, 503,
			[]string{`class="notice warn"`, "La base de données ne répond pas", "Impossible de tracer le graphique"},
			[]string{"connection refused"},
		},
		"one region is missing": {
			func(m *memory) { m.rows = m.rows[1:] }, 200, []string{"Aucune donnée pour\u00a0: Dakar."}, nil,
		},
		"a value failed a check": {
			func(m *memory) {
				m.rows[0].QC, m.rows[0].Quality = []meteo.Failure{{Subject: "temperature_c", Rule: "step"}}, meteo.Suspect
			}, 200, []string{`data-value="SN-DK">29,4 ⚠<`, "variation trop rapide", "douteuse", `fill="url(#flagged)" href="#SN-DK"`}, nil,
		},
		"an unknown check goes by its name": {
			func(m *memory) { m.rows[0].QC = []meteo.Failure{{Subject: "temperature_c", Rule: "buddy"}} }, 200, []string{"⚠ buddy"}, nil,
		},
		"the station is somewhere else": {
			func(m *memory) { m.rows[0].QC = []meteo.Failure{{Subject: "location", Rule: "location"}} }, 200, []string{"position éloignée de la station"}, nil,
		},
		"an observation is late": {
			func(m *memory) { m.rows[0].ObservedAt = noon.Add(-26 * time.Hour) }, 200,
			[]string{"il y a 26 h", `fill="url(#late)" href="#SN-DK"`, "13\u00a0août, 10:03"},
			nil,
		},
		"the weather is synthetic": {
			func(m *memory) { m.rows[3].Source = "generate" }, 200, []string{"Ce ne sont pas des mesures"}, nil,
		},
		"a value was corrected": {
			func(m *memory) {
				before := meteo.NoValues()
				before[meteo.Humidity] = 102
				m.rows[0].Original = &before
			}, 200, []string{"corrigé"}, nil,
		},
		"no job counts": {
			func(m *memory) { m.stages = nil }, 200, []string{"Aucune tâche"}, nil,
		},
		"a job can't account for all it read": {
			func(m *memory) { m.stages[0].Read += 1234 }, 200, []string{"enregistrements non comptabilisés\u00a0: 1\u00a0234"}, nil,
		},
		"a source's name is HTML": {
			func(m *memory) { m.rows[0].Source = `<script>alert(1)</script>` }, 200, []string{"&lt;script&gt;"}, []string{"<script>alert"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := senegal()
			c.change(m)
			answer := ask(t, startHandler(t, m, time.Second), "GET", "/?lang=fr")
			if answer.Code != c.status {
				t.Errorf("status %d, want %d", answer.Code, c.status)
			}
			body := answer.Body.String()
			for _, text := range c.has {
				if !strings.Contains(body, text) {
					t.Errorf("the page lacks %q", text)
				}
			}
			for _, text := range c.hasNot {
				if strings.Contains(body, text) {
					t.Errorf("the page has %q", text)
				}
			}
		})
	}
}

func TestAPageWithoutAPipelineHasNoCounters(t *testing.T) {
	h, err := NewHandler(Config{Store: senegal()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	if body := ask(t, h, "GET", "/").Body.String(); strings.Contains(body, "pipeline-title") {
		t.Error("the page shows counters that nobody counts")
	}
	if _, err := NewHandler(Config{}); err == nil {
		t.Error("a page was made without a store")
	}
}

func TestThePageKeepsTheLastValuesWhenTheDatabaseGoesAway(t *testing.T) {
	m := senegal()
	now := noon
	h, err := NewHandler(Config{
		Store: m, Pipeline: m, Now: func() time.Time { return now }, Refresh: time.Second, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	ask(t, h, "GET", "/")
	m.change(func(m *memory) { m.err = errDown })
	now = noon.Add(20 * time.Minute)
	ask(t, h, "GET", "/")
	now = noon.Add(40 * time.Minute)
	answer := ask(t, h, "GET", "/?lang=en")
	body := answer.Body.String()
	for _, text := range []string{"has not answered since 12:23. The values shown were read at 12:03.", `data-value="SN-DK">29.4<`, "43 min ago", "counters can’t be read"} {
		if !strings.Contains(body, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
	if answer.Code != http.StatusOK {
		t.Errorf("status %d, want 200: there are values to show", answer.Code)
	}
	if code := ask(t, h, "GET", "/readyz").Code; code != http.StatusServiceUnavailable {
		t.Errorf("readyz answers %d, want 503", code)
	}
	if code := ask(t, h, "GET", "/healthz").Code; code != http.StatusOK {
		t.Errorf("healthz answers %d, want 200", code)
	}
}

func TestTheLanguageFollowsTheAddressThenTheCookieThenTheBrowser(t *testing.T) {
	h := startHandler(t, senegal(), time.Second)
	for name, c := range map[string]struct{ target, cookie, accept, want string }{
		"the address decides":                    {"/?lang=en", "fr", "fr", "en"},
		"then the cookie":                        {"/", "fr", "en", "fr"},
		"then the browser":                       {"/", "", "fr-SN,fr;q=0.9,en;q=0.8", "fr"},
		"a browser that prefers English":         {"/", "", "en-GB,fr;q=0.5", "en"},
		"weights count, not places":              {"/", "", "en;q=0.2,fr;q=0.9", "fr"},
		"Wolof, then French":                     {"/", "", "wo,fr;q=0.7", "fr"},
		"German gets English":                    {"/", "", "de", "en"},
		"nothing said gets English":              {"/", "", "", "en"},
		"nonsense gets English":                  {"/", "", ";;q=x", "en"},
		"a language that is not there":           {"/?lang=xx", "", "fr", "fr"},
		"a cookie of a language that is not any": {"/", "xx", "fr", "fr"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := ask(t, h, "GET", c.target, func(r *http.Request) {
				r.Header.Set("Accept-Language", c.accept)
				if c.cookie != "" {
					r.AddCookie(&http.Cookie{Name: languageCookie, Value: c.cookie})
				}
			})
			if !strings.Contains(answer.Body.String(), `<html lang="`+c.want+`"`) {
				t.Errorf("the page is not in %s", c.want)
			}
			if got := answer.Header().Get("Content-Language"); got != c.want {
				t.Errorf("Content-Language is %q, want %q", got, c.want)
			}
			if set := answer.Header().Get("Set-Cookie") != ""; set != (c.target == "/?lang=en") {
				t.Errorf("a cookie was set: %v", set)
			}
		})
	}
}

func TestRequestsForWhatDoesNotExistAreRefused(t *testing.T) {
	h := startHandler(t, senegal(), time.Second)
	for _, c := range []struct {
		method, target string
		status         int
	}{
		{"GET", "/", 200},
		{"HEAD", "/", 200},
		{"POST", "/", 405},
		{"DELETE", "/api/latest", 405},
		{"POST", "/events", 405},
		{"HEAD", "/events", 200},
		{"GET", "/nothing", 404},
		{"GET", "/?station=SN-XX", 400},
		{"GET", "/?station=SN-DK-07", 400},
		{"GET", "/?variable=wind_direction_deg", 400},
		{"GET", "/?variable=rain_mm&hours=24&station=SN-ZG", 200},
		{"GET", "/?hours=721", 400},
		{"GET", "/api/series?station=SN-DK", 200},
		{"GET", "/api/series?station=SN-DK&variable=wind_direction_deg&hours=720", 200},
		{"GET", "/api/series", 400},
		{"GET", "/api/series?station=Dakar", 400},
		{"GET", "/api/series?station=SN-DK&variable=observed_at", 400},
		{"GET", "/api/series?station=SN-DK&variable=temperature_c;drop", 400},
		{"GET", "/api/series?station=SN-DK&hours=0", 400},
		{"GET", "/api/series?station=SN-DK&hours=-3", 400},
		{"GET", "/api/series?station=SN-DK&hours=1.5", 400},
		{"GET", "/api/series?station=SN-DK&hours=721", 400},
		{"GET", "/static/page.css", 404},
		{"GET", "/static/..%2fpage.html", 404},
		{"GET", "/favicon.ico", 302},
		{"GET", "/healthz", 200},
		{"GET", "/readyz", 200},
	} {
		answer := ask(t, h, c.method, c.target)
		if answer.Code != c.status {
			t.Errorf("%s %s answers %d, want %d", c.method, c.target, answer.Code, c.status)
		}
		for header, want := range map[string]string{
			"Content-Security-Policy": contentPolicy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		} {
			if got := answer.Header().Get(header); got != want {
				t.Errorf("%s %s has %s %q, want %q", c.method, c.target, header, got, want)
			}
		}
	}
	if strings.Contains(contentPolicy, "unsafe") {
		t.Error("the content policy allows unsafe content")
	}
}

func TestAHostNameIsServedOnlyWhenItIsKnown(t *testing.T) {
	h, err := NewHandler(Config{Store: senegal(), Hosts: []string{"meteo.example.sn"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8090": 200, "127.0.0.1:8090": 200, "[::1]:8090": 200, "10.1.2.3": 200, "METEO.example.sn.:443": 200,
		"evil.example": 421, "localhost.evil.example:8090": 421, "meteo.example.sn.evil.example": 421, "": 421,
	} {
		answer := ask(t, h, "GET", "/healthz", func(r *http.Request) { r.Host = host })
		if answer.Code != want {
			t.Errorf("host %q gets %d, want %d", host, answer.Code, want)
		}
	}
}

func TestFilesAreCachedForeverUnderNamesThatChangeWithThem(t *testing.T) {
	h := startHandler(t, senegal(), time.Second)
	page := ask(t, h, "GET", "/").Body.String()
	names := regexp.MustCompile(`/static/[a-z]+-[0-9a-f]{12}\.(css|js|svg)`).FindAllString(page, -1)
	if len(names) < 3 {
		t.Fatalf("the page names %d files, want its style, script and icon", len(names))
	}
	for _, name := range names {
		answer := ask(t, h, "GET", name)
		if answer.Code != 200 || !strings.Contains(answer.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s answers %d with Cache-Control %q", name, answer.Code, answer.Header().Get("Cache-Control"))
		}
	}
	for _, attribute := range []string{" style=", " onclick=", "<style", "javascript:", "http://", "https://", "//cdn"} {
		if strings.Contains(page, attribute) {
			t.Errorf("the page has %q, which the content policy forbids or which leaves this host", attribute)
		}
	}
	small := ask(t, h, "GET", "/", func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip") })
	if small.Header().Get("Content-Encoding") != "gzip" || small.Body.Len() > 30_000 {
		t.Errorf("the page has %d bytes with encoding %q, want at most 30000 with gzip", small.Body.Len(), small.Header().Get("Content-Encoding"))
	}
}

func TestLatestAnswersTheObservationsAsTheTopicHasThem(t *testing.T) {
	m := senegal()
	m.rows[1].Rain24 = query.Accumulation{MM: meteo.NoValues()[0]}
	answer := ask(t, startHandler(t, m, time.Second), "GET", "/api/latest")
	var got struct {
		Version  string
		Current  bool
		Stations []struct {
			Observation struct {
				StationID string  `json:"station_id"`
				Celsius   float64 `json:"temperature_c"`
			}
			Rain24  *float64 `json:"rain_24h_mm"`
			Covered int64    `json:"rain_24h_covered_s"`
			AgeS    int64    `json:"age_s"`
		}
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		t.Fatalf("reading the answer: %v\n%s", err, answer.Body)
	}
	if len(got.Stations) != 14 || !got.Current || got.Version == "" {
		t.Fatalf("got %d stations, current %v, version %q", len(got.Stations), got.Current, got.Version)
	}
	unknown := 0
	for _, s := range got.Stations {
		if want := m.rows[rowOf(m, s.Observation.StationID)].Values[meteo.Temperature]; s.Observation.Celsius != want {
			t.Errorf("%s has %v °C, want %v", s.Observation.StationID, s.Observation.Celsius, want)
		}
		if s.AgeS != 180 {
			t.Errorf("%s is %d s old, want 180", s.Observation.StationID, s.AgeS)
		}
		if s.Rain24 == nil {
			unknown++
		}
	}
	if unknown != 1 {
		t.Errorf("the rain of %d stations is absent, want that of the one where it is unknown", unknown)
	}
}

func TestSeriesAnswersGapsAsNullAndNamesWhatFailed(t *testing.T) {
	m := senegal()
	m.lines = func(q query.SeriesQuery) []query.Line {
		return []query.Line{{Source: "metar", Kind: meteo.Observed, Points: []query.Point{
			{At: q.To.Add(-20 * time.Minute), Value: 21.5},
			{At: q.To.Add(-10 * time.Minute), Value: meteo.NoValues()[0]},
			{At: q.To, Value: 60, Failed: []meteo.Rule{"range", "step"}},
		}}}
	}
	answer := ask(t, startHandler(t, m, time.Second), "GET", "/api/series?station=SN-DK&hours=1")
	want := `{"station":"SN-DK","variable":"temperature_c","unit":"°C","from":"2026-08-14T11:03:00Z","to":"2026-08-14T12:03:00Z",` +
		`"lines":[{"source":"metar","kind":"observed","points":[{"at":"2026-08-14T11:43:00Z","value":21.5},` +
		`{"at":"2026-08-14T11:53:00Z","value":null},{"at":"2026-08-14T12:03:00Z","value":60,"failed":["range","step"]}]}]}`
	if got := strings.TrimSpace(answer.Body.String()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNoErrorOfTheStoreReachesAVisitor(t *testing.T) {
	m := senegal()
	h := startHandler(t, m, time.Nanosecond)
	m.change(func(m *memory) { m.err = fmt.Errorf("postgres://meteo:secret@db: %w", errors.New("refused")) })
	for _, target := range []string{"/", "/api/latest", "/api/series?station=SN-DK", "/readyz"} {
		answer := ask(t, h, "GET", target)
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), "secret") || answer.Code != http.StatusServiceUnavailable {
			t.Errorf("%s answers %d: %.200s", target, answer.Code, body)
		}
	}
}
