package pg_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"senmeteo/jobs/alerts"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/query"
)

func incidents(t *testing.T, store query.IncidentStore) []string {
	t.Helper()
	list, err := store.Incidents(t.Context(), noon)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, i := range list {
		state := "open"
		if !i.ClosedAt.IsZero() {
			state = "closed after " + i.ClosedAt.Sub(i.OpenedAt).String()
		}
		all = append(all, fmt.Sprintf("%s %s at %s: %s, %s", i.Kind, i.Subject, i.OpenedAt.Sub(noon), i.Message, state))
	}
	return all
}

func note(t *testing.T, store query.IncidentStore, minutes int, kinds []string, conditions ...query.Condition) {
	t.Helper()
	if err := store.Note(t.Context(), query.Look{At: noon.Add(time.Duration(minutes) * time.Minute), Kinds: kinds, Conditions: conditions}); err != nil {
		t.Fatal(err)
	}
}

func TestOneIncidentOfASubjectIsOpenAtATime(t *testing.T) {
	store := fresh(t).open(t, flow.StoreConfig{})
	dakar, thies := query.Condition{Kind: "station", Subject: "SN-DK", Message: "Dakar"}, query.Condition{Kind: "station", Subject: "SN-TH", Message: "Thiès"}
	region := query.Condition{Kind: "region", Subject: "Dakar", Message: "all of it"}
	kinds := []string{"station", "region"}
	note(t, store, 0, kinds, dakar, region)
	later := dakar
	later.Message = "Dakar, still"
	note(t, store, 5, kinds, later, thies)
	if opened, err := store.Raise(t.Context(), query.Condition{Kind: "dag", Subject: "weather_ingest", Message: "red"}, noon.Add(6*time.Minute)); err != nil || !opened {
		t.Errorf("%t, %v", opened, err)
	}
	if opened, err := store.Raise(t.Context(), query.Condition{Kind: "dag", Subject: "weather_ingest", Message: "red again"}, noon.Add(7*time.Minute)); err != nil || opened {
		t.Errorf("twice: %t, %v", opened, err)
	}
	note(t, store, 4, kinds)                    // began earlier, and ended later
	note(t, store, 10, []string{"lag"}, region) // knows nothing of regions
	want := []string{
		"dag weather_ingest at 6m0s: red, open", "station SN-TH at 5m0s: Thiès, open", "station SN-DK at 0s: Dakar, open",
		"region Dakar at 0s: all of it, closed after 5m0s",
	}
	if got := incidents(t, store); !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	note(t, store, 15, kinds)
	note(t, store, 20, kinds, dakar)
	closed, err := store.Clear(t.Context(), "dag", "weather_ingest", noon)
	again, err2 := store.Clear(t.Context(), "dag", "weather_ingest", noon)
	if err := errors.Join(err, err2); err != nil || !closed || again {
		t.Errorf("%t, %t, %v", closed, again, err)
	}
	want = []string{
		"station SN-DK at 20m0s: Dakar, open", "dag weather_ingest at 6m0s: red, closed after 0s",
		"station SN-TH at 5m0s: Thiès, closed after 10m0s", "region Dakar at 0s: all of it, closed after 5m0s", "station SN-DK at 0s: Dakar, closed after 15m0s",
	}
	if got := incidents(t, store); !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestOfADatabaseWithoutTablesNoIncidentIsOpen(t *testing.T) {
	store := fresh(t).readOnly(t)
	muted, err := store.Muted(t.Context(), noon)
	if got := incidents(t, store); len(got) != 0 || len(muted) != 0 || err != nil {
		t.Errorf("%q, %q, %v", got, muted, err)
	}
}

func TestStationsAreMutedUntilATime(t *testing.T) {
	db := fresh(t)
	store := db.open(t, flow.StoreConfig{})
	execute(t, db.url, `INSERT INTO meteo.station (station_id, region) VALUES ('SN-DK-0001', 'Dakar')`)
	if known, err := store.Mute(t.Context(), "SN-DK-0001", noon); err != nil || !known {
		t.Errorf("%t, %v", known, err)
	}
	if known, err := store.Mute(t.Context(), "SN-XX", noon); err != nil || known {
		t.Errorf("a station that never reported: %t, %v", known, err)
	}
	for at, want := range map[time.Duration]int{-time.Second: 1, 0: 0} {
		if muted, err := store.Muted(t.Context(), noon.Add(at)); err != nil || len(muted) != want {
			t.Errorf("%s after noon %q are muted, %v", at, muted, err)
		}
	}
}

func TestASendingThatFailsIsTriedAgainAndOthersAreNotSentBeforeIt(t *testing.T) {
	store := fresh(t).open(t, flow.StoreConfig{})
	kinds := []string{"station"}
	note(t, store, 0, kinds, query.Condition{Kind: "station", Subject: "a", Message: "a"}, query.Condition{Kind: "station", Subject: "b", Message: "b"})
	note(t, store, 1, kinds, query.Condition{Kind: "station", Subject: "b", Message: "b"})
	var sent []string
	failure := flow.Fail(flow.Unavailable, "no")
	send := func(fails bool) error {
		return store.Send(t.Context(), func(_ context.Context, i *query.Incident, closing bool) error {
			if fails && len(sent) == 1 {
				return failure
			}
			sent = append(sent, fmt.Sprint(i.Subject, closing))
			return nil
		})
	}
	if err := send(true); !errors.Is(err, failure) {
		t.Error(err)
	}
	if err := errors.Join(send(false), send(false)); err != nil || !reflect.DeepEqual(sent, []string{"afalse", "atrue", "bfalse"}) {
		t.Errorf("%q, %v", sent, err)
	}
}

// failingEveryOtherTime returns the webhook of a receiver that refuses the first of two calls, and how often it took each key.
func failingEveryOtherTime(t *testing.T) (webhook *alerts.Webhook, taken map[string]int) {
	t.Helper()
	var mu sync.Mutex
	calls, taken := 0, map[string]int{}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls%2 == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		taken[r.Header.Get("Idempotency-Key")]++
	}))
	t.Cleanup(receiver.Close)
	webhook, err := alerts.NewWebhook(receiver.URL)
	if err != nil {
		t.Fatal(err)
	}
	return webhook, taken
}

// Two processes at a time, 20 times one after the other, and a receiver that fails every other time.
func TestEachOpeningAndClosingIsTakenOnce(t *testing.T) {
	db := fresh(t)
	webhook, taken := failingEveryOtherTime(t)
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	db.open(t, flow.StoreConfig{})
	for round := range 20 {
		var conditions []query.Condition
		for subject := range 3 {
			if round/4%2 == 0 && subject < 2 || subject == round%3 {
				conditions = append(conditions, query.Condition{Kind: "test", Subject: fmt.Sprint(subject), Message: "m"})
			}
		}
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				store := db.open(t, flow.StoreConfig{})
				look := query.Look{At: noon.Add(time.Duration(round) * time.Minute), Kinds: []string{"test"}, Conditions: conditions}
				if err := store.Note(t.Context(), look); err != nil {
					t.Error(err)
				}
				cfg := alerts.Config{Webhook: webhook, Logger: logger, Now: func() time.Time { return noon }}
				if err := alerts.Run(t.Context(), store, cfg); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
	}
	const expected = `SELECT count(*) + count(closed_at) FROM meteo.incident`
	want := value[int](t, db.url, expected)
	if len(taken) != want || want < 10 {
		t.Errorf("%d were taken, want %d", len(taken), want)
	}
	if logged := strings.Count(log.String(), "[opened]") + strings.Count(log.String(), "[closed]"); logged != want {
		t.Errorf("%d were logged, want %d", logged, want)
	}
	for key, n := range taken {
		if n != 1 {
			t.Errorf("%s was taken %d times", key, n)
		}
	}
}

func TestJobsAreJudgedByWhatLooksOfTheLastDayHaveMeasured(t *testing.T) {
	store := fresh(t).open(t, flow.StoreConfig{})
	kinds := []string{"lag", "dead-letters"}
	var trails []query.Trail
	look := func(minutes int, found []query.Condition, stages ...query.Stage) {
		t.Helper()
		trails = nil
		at := query.Look{At: noon.Add(time.Duration(minutes) * time.Minute), Kinds: kinds}
		err := store.NoteJobs(t.Context(), at, stages, func(known []query.Trail) []query.Condition {
			trails = known
			return found
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	measured := func(minutes int, lag, read, rejected int64) query.Measure {
		return query.Measure{At: noon.Add(time.Duration(minutes) * time.Minute), Lag: lag, Read: read, Rejected: rejected}
	}
	lag := query.Condition{Kind: "lag", Subject: "to-pg", Message: "lags"}
	look(0, nil, query.Stage{Name: "stream", Lag: 1, Read: 2, Rejected: 3}, query.Stage{Name: "to-pg", Lag: 4, Read: 5})
	look(10, []query.Condition{lag}, query.Stage{Name: "to-pg", Lag: 6, Read: 7})
	look(5, nil, query.Stage{Name: "to-pg"})
	if trails != nil {
		t.Errorf("an older look was judged: %+v", trails)
	}
	look(20, []query.Condition{lag}, query.Stage{Name: "to-pg", Lag: 8, Read: 9})
	want := []query.Trail{
		{Job: "stream", Open: []string{}, Measures: []query.Measure{measured(0, 1, 2, 3)}},
		{Job: "to-pg", Open: []string{"lag"}, Measures: []query.Measure{measured(0, 4, 5, 0), measured(10, 6, 7, 0), measured(20, 8, 9, 0)}},
	}
	if fmt.Sprint(trails) != fmt.Sprint(want) {
		t.Errorf("%+v, want %+v", trails, want)
	}
	look(24*60+10, nil, query.Stage{Name: "to-pg"})
	if len(trails) != 1 || len(trails[0].Measures) != 3 || !trails[0].Measures[0].At.Equal(noon.Add(10*time.Minute)) {
		t.Errorf("a day later %+v is known", trails)
	}
	if got := incidents(t, store); !reflect.DeepEqual(got, []string{"lag to-pg at 10m0s: lags, closed after 24h0m0s"}) {
		t.Errorf("%q", got)
	}
}
