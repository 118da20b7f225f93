package pg_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/alerts"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/forecast"
	"senmeteo/jobs/forecast/issue"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
	"senmeteo/jobs/sink/pg"
	"senmeteo/jobs/web"
)

// page is the live page of a store.
type page struct{ *web.Handler }

func pageOf(t *testing.T, store *pg.Store, now func() time.Time) page {
	t.Helper()
	h, err := web.NewHandler(web.Config{Store: store, Now: now, Refresh: time.Millisecond, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return page{h}
}

var blank = regexp.MustCompile(`[\s\x{a0}]+`)

// read is the page, with plain spaces.
func (p page) read(t *testing.T, target string) string {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	request.Host = "localhost"
	answer := httptest.NewRecorder()
	p.ServeHTTP(answer, request)
	return blank.ReplaceAllString(answer.Body.String(), " ")
}

// until waits for the page to have a text, and returns it.
func (p page) until(t *testing.T, target, text string) string {
	t.Helper()
	shown := ""
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if shown = p.read(t, target); strings.Contains(shown, text) {
			return shown
		}
	}
	t.Fatalf("the page never has %q:\n%s", text, shown)
	return ""
}

// has reports what of texts a page lacks.
func has(t *testing.T, shown string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(shown, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
}

func TestThePageShowsTheGapsIncidentsAndForecastsThatAreStored(t *testing.T) {
	dakar, midnight := meteo.Stations[0], noon.Truncate(24*time.Hour)
	var all []meteo.Observation
	for at := midnight.AddDate(0, 0, -3).Add(7 * time.Hour); at.Before(noon); at = at.Add(time.Hour) {
		o := observationAt(dakar, at, "metar")
		switch {
		case at.Day() == 12 && at.Hour() >= 5 && at.Hour() <= 10, at.Day() == 13: // holes
			continue
		case at.Day() == 11 && at.Hour() == 20:
			o.Quality, o.QC = meteo.Bad, []meteo.Failure{{Subject: "temperature_c", Rule: "step"}}
		case at.Day() == 14 && at.Hour() < 6:
			o.Values[meteo.Pressure] = meteo.NoValues()[meteo.Pressure]
		}
		all = append(all, o)
	}
	for day := midnight.AddDate(0, 0, -12); day.Before(midnight); day = day.AddDate(0, 0, 1) { // 30 °C, then 32 °C, forecast a degree and a half too high
		o := observationAt(dakar, day.AddDate(0, 0, 1), "file")
		o.Values, o.IntervalS = meteo.NoValues(), 86400
		o.Values[meteo.TemperatureMax] = 30 + float64(day.Day()%2)*2
		all = append(all, o, forecastOf(dakar, day, day, o.Values[meteo.TemperatureMax]+1.5))
	}
	for lead := range 7 {
		all = append(all, forecastOf(dakar, midnight, midnight.AddDate(0, 0, lead), 77))
	}
	db, store := loaded(t, all...)
	writer := db.open(t, flow.StoreConfig{})
	if _, err := writer.Raise(t.Context(), query.Condition{Kind: "dag", Subject: "weather_ingest", Message: "to_es has failed"}, noon.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	note(t, writer, -300, []string{alerts.Station}, query.Condition{Kind: alerts.Station, Subject: "SN-DK metar observed", Message: "m"})
	note(t, writer, -60, []string{alerts.Station})

	p := pageOf(t, store, func() time.Time { return noon })
	shown := p.until(t, "/?lang=fr", "s’est trompée")
	has(t, shown,
		"<b>DAG en échec : weather_ingest</b>", "<b>Dakar : plus aucun relevé de la source METAR</b>", "durée : 4 h",
		"la température maximale du lendemain s’est trompée de 1,5 °C en moyenne ; la persistance, qui répète la dernière valeur connue, de 2,0 °C.",
		"77,0 °C <small>75,0 à 79,0</small>", "40 %</span>", `<th scope="row">jeu. 20</th>`,
	)
	if strings.Contains(strings.SplitN(shown, `id="outlook-title"`, 2)[0], "77,0") {
		t.Error("a forecast is on the map, or among the values and the chart")
	}
	for day, want := range missingByDay(t, db.url) {
		has(t, shown, `title="Dakar, `+day+" août – relevés manquants : "+want)
	}
	has(t, shown, `title="Dakar, Pression – relevés manquants : `+missingPressure(t, db.url), `<td class="number">1</td>`)
}

// forecastOf is the forecast of the highest temperature of a day.
func forecastOf(station meteo.Station, issued, day time.Time, middle float64) meteo.Observation {
	reading := meteo.NewReading(station, day.AddDate(0, 0, 1), issue.Daily, meteo.Forecast)
	reading.FetchedAt, reading.IssuedAt, reading.IntervalS = issued, issued, 86400
	q := meteo.Quantile{Variable: forecast.Targets[0], Values: [...]float64{middle - 2, middle - 1.5, middle - 1, middle, middle + 1, middle + 1.5, middle + 2}}
	reading.Quantiles, _ = reading.Quantiles.With(q)
	reading.Values[q.Variable], reading.Values[meteo.RainProbability] = middle, 40
	return meteo.Observation{Reading: reading, ID: reading.ID(), Revision: 1, Quality: meteo.Good}
}

// missingByDay counts in SQL what the page says of each day: every full hour of METAR, and one value of the day before.
func missingByDay(t *testing.T, url string) map[string]string {
	t.Helper()
	const counting = `SELECT extract(day FROM at)::text, count(*) FILTER (WHERE o.observed_at IS NULL) + 0 AS missing, count(*) AS expected
		FROM generate_series('2026-08-11 07:00Z'::timestamptz, '2026-08-14 11:03Z', '1 hour') at
		LEFT JOIN meteo.observation o ON o.observed_at = at AND o.source = 'metar' GROUP BY 1`
	out := map[string]string{}
	for _, r := range collect[dayCount](t, url, counting) {
		expected := r.Expected
		if r.Day != "14" { // the file has a value of each day that is over
			expected++
		}
		out[r.Day] = fmt.Sprintf("%d sur %d", r.Missing, expected)
	}
	if len(out) != 4 || out["12"] != "6 sur 25" || out["13"] != "24 sur 25" {
		t.Errorf("SQL counts %v", out)
	}
	return out
}

type dayCount struct {
	Day               string
	Missing, Expected int
}

func missingPressure(t *testing.T, url string) string {
	t.Helper()
	const counting = `SELECT '' AS day, count(*) FILTER (WHERE o.pressure_hpa IS NULL) AS missing, count(*) AS expected
		FROM generate_series('2026-08-11 07:00Z'::timestamptz, '2026-08-14 11:03Z', '1 hour') at
		LEFT JOIN meteo.observation o ON o.observed_at = at AND o.source = 'metar'`
	r := collect[dayCount](t, url, counting)[0]
	return fmt.Sprintf("%d sur %d ", r.Missing, r.Expected)
}

func collect[T any](t *testing.T, url, sql string) []T {
	t.Helper()
	rows, err := connect(t, url).Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestThePageOfADatabaseWithoutTablesSaysWhatItWaitsFor(t *testing.T) {
	p := pageOf(t, fresh(t).readOnly(t), func() time.Time { return noon })
	shown := p.until(t, "/?lang=fr", "Pas encore de score")
	has(t, shown, "Aucun incident en cours", "Aucune station n’a encore envoyé de relevé", "Aucune prévision récente")
	if strings.Contains(shown, "Lecture impossible") {
		t.Error("it can't read what is not there yet")
	}
}

// Thiès stops, while two processes look every ten minutes; the receiver of the webhook fails every other time. On the page, in the log and at
// the receiver the alert is there once, within three intervals of the last reading, and it is over once there is a reading.
func TestAStationThatGoesSilentIsOnThePageInTheLogAndAtTheReceiverOnce(t *testing.T) {
	db := fresh(t)
	sink := db.Open(t)
	var now atomic.Pointer[time.Time]
	var log bytes.Buffer
	webhook, taken := failingEveryOtherTime(t)
	cfg := alerts.Config{Webhook: webhook, Now: func() time.Time { return *now.Load() }, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	p := pageOf(t, db.readOnly(t), cfg.Now)

	const silent, closed = "<b>Thiès : plus aucun relevé de la source synthétique</b>", "Incidents clos"
	begin := noon.Truncate(10 * time.Minute)
	next := int64(0)
	for step := range 12 {
		at := begin.Add(time.Duration(step) * 10 * time.Minute)
		reporting := []meteo.Observation{observationAt(meteo.Stations[0], at, "generate")}
		stopped := step >= 3 && step < 8
		if !stopped {
			reporting = append(reporting, observationAt(meteo.Stations[1], at, "generate"))
		}
		batch := flowtest.Batch(0, next, reporting...)
		if _, err := sink.Commit(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		next = batch.End
		looked := at.Add(time.Minute)
		now.Store(&looked)
		var both sync.WaitGroup
		for range 2 {
			store := db.open(t, flow.StoreConfig{})
			both.Go(func() {
				if err := alerts.Run(t.Context(), store, cfg); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		shown := p.until(t, "/?lang=fr", at.Format(time.RFC3339)+`" title="`+at.Format("15:04")+` UTC"><span class="stamp">`+at.Format("15:04")+`</span> <span class="ago">il y a 1 min</span></time></td></tr>`)
		open, over, _ := strings.Cut(shown, closed)
		wantOpen, wantOver := step >= 4 && step < 8, step >= 8 // at step 4 the last reading is 21 minutes old, two intervals and a bit
		if strings.Contains(open, silent) != wantOpen || strings.Contains(over, silent) != wantOver {
			t.Errorf("at step %d it is open on the page: %v, closed: %v; want %v and %v", step, strings.Contains(open, silent), strings.Contains(over, silent), wantOpen, wantOver)
		}
	}
	if n := strings.Count(log.String(), "[opened] SN-TH"); n != 1 {
		t.Errorf("the log has it %d times:\n%s", n, log.String())
	}
	if n := strings.Count(log.String(), "[closed] SN-TH"); n != 1 {
		t.Errorf("the log closes it %d times:\n%s", n, log.String())
	}
	if len(taken) != 2 || taken["senmeteo-1-opened"] != 1 || taken["senmeteo-1-closed"] != 1 {
		t.Errorf("the receiver took %v", taken)
	}
}
