package alerts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/gaps"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

var now = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// stations is a store of series by the age of their last reading.
type stations map[query.Origin]time.Duration

func (s stations) Presence(_ context.Context, _, _ time.Time, visit func(*query.Presence) error) error {
	for o, age := range s {
		p := &query.Presence{Origin: o, First: now.AddDate(-1, 0, 0), Last: now.Add(-age), Ever: 1}
		if err := visit(p); err != nil {
			return err
		}
	}
	return nil
}

func origin(station, region, source string) query.Origin {
	return query.Origin{StationID: station, Region: region, Source: source, Kind: meteo.Observed}
}

func conditions(t *testing.T, s stations, expect gaps.Expectations, muted ...string) []string {
	t.Helper()
	look, err := Silence(t.Context(), s, now, expect, muted)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range look.Conditions {
		all = append(all, c.Kind+" "+c.Subject+": "+c.Message)
	}
	return all
}

func TestWhoHasMissedTwoReadingsIsSilent(t *testing.T) {
	s := stations{
		origin("SN-DK", "Dakar", "metar"):    2*time.Hour + time.Second,
		origin("SN-TH", "Thiès", "metar"):    2 * time.Hour,
		origin("SN-TH", "Thiès", "file"):     1000 * time.Hour,
		origin("SN-KD", "Kolda", "metar"):    3 * time.Hour,
		origin("SN-KD", "Kolda", "generate"): 21 * time.Minute,
		origin("SN-SL", "Saint-Louis", "x"):  10 * time.Hour,
		origin("SN-LG", "Louga", "metar"):    90 * time.Hour,
	}
	got := conditions(t, s, gaps.Expectations{"x": 3 * time.Hour}, "SN-LG")
	want := []string{
		"region Kolda: Kolda is silent: none of its 2 series reports, the last reading is of 2026-03-01 11:39 UTC",
		"station SN-DK metar observed: SN-DK (Dakar) is silent: the last reading from metar is of 2026-03-01 09:59 UTC, and one is expected every 1h",
		"station SN-KD generate observed: SN-KD (Kolda) is silent: the last reading from generate is of 2026-03-01 11:39 UTC, and one is expected every 10m",
		"station SN-KD metar observed: SN-KD (Kolda) is silent: the last reading from metar is of 2026-03-01 09:00 UTC, and one is expected every 1h",
		"station SN-SL x observed: SN-SL (Saint-Louis) is silent: the last reading from x is of 2026-03-01 02:00 UTC, and one is expected every 3h",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	s[origin("SN-KD", "Kolda", "generate")] = 20 * time.Minute
	if got := conditions(t, s, nil, "SN-LG", "SN-DK"); len(got) != 1 {
		t.Errorf("a region of which one series reports: %q", got)
	}
}

func TestDurationsAreShort(t *testing.T) {
	for d, want := range map[time.Duration]string{time.Hour: "1h", 10 * time.Minute: "10m", 90 * time.Minute: "1h30m", 10 * time.Second: "10s", 0: "0s", time.Hour + 30*time.Second: "1h0m30s", 24 * time.Hour: "24h"} {
		if got := short(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}

func TestQuietHoursMayCrossMidnight(t *testing.T) {
	at := func(clock string) time.Time {
		c, err := time.Parse("15:04", clock)
		if err != nil {
			t.Fatal(err)
		}
		return now.Truncate(24 * time.Hour).Add(sinceMidnight(c))
	}
	for text, c := range map[string]struct{ quiet, loud []string }{
		"":            {nil, []string{"00:00", "12:00"}},
		"22:00-06:00": {[]string{"22:00", "23:59", "00:00", "05:59"}, []string{"06:00", "21:59"}},
		"12:00-13:30": {[]string{"12:00", "13:29"}, []string{"11:59", "13:30"}},
	} {
		q, err := ParseQuiet(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, clock := range c.quiet {
			if !q.Holds(at(clock)) {
				t.Errorf("%s is not in %q", clock, text)
			}
		}
		for _, clock := range c.loud {
			if q.Holds(at(clock)) {
				t.Errorf("%s is in %q", clock, text)
			}
		}
	}
	for _, bad := range []string{"22-6", "22:00", "22:00-22:00", "25:00-06:00"} {
		if _, err := ParseQuiet(bad); flow.ClassOf(err) != flow.Usage {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// hook is a receiver that gives these answers, and then 200.
func hook(t *testing.T, answers ...int) (*Webhook, *[]*http.Request, *[]map[string]any) {
	t.Helper()
	var requests []*http.Request
	var bodies []map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b map[string]any
		if err := json.NewDecoder(r.Body).Decode(&b); err != nil {
			t.Error(err)
		}
		requests, bodies = append(requests, r), append(bodies, b)
		if len(answers) > 0 {
			w.WriteHeader(answers[0])
			answers = answers[1:]
			_, _ = io.WriteString(w, "no_text")
		}
	}))
	t.Cleanup(server.Close)
	webhook, err := NewWebhook(server.URL + "/services/secret")
	if err != nil {
		t.Fatal(err)
	}
	return webhook, &requests, &bodies
}

var silent = query.Incident{ID: 17, Kind: Station, Subject: "SN-DK metar observed", Message: "SN-DK is silent", OpenedAt: now}

func TestTheWebhookTakesOneBodyUnderOneKey(t *testing.T) {
	webhook, requests, bodies := hook(t, 503)
	if err := webhook.Send(t.Context(), &silent, false); err != nil {
		t.Fatal(err)
	}
	if n := len(*requests); n != 2 {
		t.Fatalf("%d calls", n)
	}
	for i, r := range *requests {
		if r.Method != http.MethodPost || r.Header.Get("Idempotency-Key") != "senmeteo-17-opened" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("call %d: %s %v", i, r.Method, r.Header)
		}
	}
	want := map[string]any{
		"text": "[opened] SN-DK is silent", "key": "senmeteo-17-opened", "event": "opened", "incident": 17.0, "kind": "station",
		"subject": "SN-DK metar observed", "message": "SN-DK is silent", "opened_at": "2026-03-01T12:00:00Z",
	}
	if !reflect.DeepEqual((*bodies)[1], want) {
		t.Errorf("%v, want %v", (*bodies)[1], want)
	}
	over := silent
	over.ClosedAt = now.Add(90 * time.Minute)
	if err := webhook.Send(t.Context(), &over, true); err != nil {
		t.Fatal(err)
	}
	if b := (*bodies)[2]; b["text"] != "[closed] SN-DK is silent: over since 2026-03-01 13:30 UTC, after 1h30m" || b["event"] != "closed" || b["closed_at"] != "2026-03-01T13:30:00Z" {
		t.Errorf("%v", b)
	}
}

func TestAWebhookThatFailsIsNamedWithoutItsURL(t *testing.T) {
	for status, class := range map[int]flow.Class{500: flow.Unavailable, 429: flow.Unavailable, 404: flow.Usage, 400: flow.Usage, 304: flow.Usage} {
		webhook, requests, _ := hook(t, status, status, status)
		err := webhook.Send(t.Context(), &silent, false)
		calls := 1
		if class == flow.Unavailable {
			calls = 2
		}
		if flow.ClassOf(err) != class || strings.Contains(fmt.Sprint(err), "secret") || len(*requests) != calls || status != 304 && !strings.Contains(err.Error(), "no_text") {
			t.Errorf("%d: %v (%s) after %d calls", status, err, flow.ClassOf(err), len(*requests))
		}
	}
	webhook, err := NewWebhook("http://127.0.0.1:1/secret")
	if err != nil {
		t.Fatal(err)
	}
	if err := webhook.Send(t.Context(), &silent, false); flow.ClassOf(err) != flow.Unavailable || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"", "example.org/x", "ftp://example.org", "http://", "https://a\x7f/"} {
		if _, err := NewWebhook(bad); flow.ClassOf(err) != flow.Usage || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// fake is a store whose looks are empty.
type fake struct {
	Store
	sent    int
	noted   int
	jobs    []query.Condition
	noteErr error
	muted   error
	unsent  []query.Incident
}

func (b *fake) Muted(context.Context, time.Time) ([]string, error) { return nil, b.muted }
func (b *fake) Presence(context.Context, time.Time, time.Time, func(*query.Presence) error) error {
	return nil
}

func (b *fake) Note(context.Context, query.Look) error {
	b.noted++
	return b.noteErr
}

func (b *fake) Send(ctx context.Context, send func(context.Context, *query.Incident, bool) error) error {
	b.sent++
	for i := range b.unsent {
		if err := send(ctx, &b.unsent[i], false); err != nil {
			return err
		}
	}
	return nil
}

func TestWhatIsKnownIsSentAlsoWhenTheLookFails(t *testing.T) {
	var log bytes.Buffer
	cfg := Config{Logger: slog.New(slog.NewTextHandler(&log, nil)), Now: func() time.Time { return now }}
	failure := errors.New("no")
	b := &fake{noteErr: failure, unsent: []query.Incident{silent}}
	if err := Run(t.Context(), b, cfg); !errors.Is(err, failure) || b.sent != 1 || !strings.Contains(log.String(), "level=WARN msg=\"[opened] SN-DK is silent\" senmeteo.incident=17") {
		t.Errorf("%v, sent %d times, %s", err, b.sent, log.String())
	}
	cfg.Quiet = Quiet{11 * time.Hour, 13 * time.Hour}
	if err := Run(t.Context(), b, cfg); !errors.Is(err, failure) || b.sent != 1 {
		t.Errorf("in quiet hours: %v, sent %d times", err, b.sent)
	}
	log.Reset()
	cfg.Quiet = Quiet{}
	cfg.Webhook, _, _ = hook(t, 400)
	if err := Run(t.Context(), &fake{unsent: []query.Incident{silent}}, cfg); flow.ClassOf(err) != flow.Usage || log.Len() > 0 {
		t.Errorf("what no receiver has is not logged as sent: %v, %s", err, log.String())
	}
}

func TestFollowLooksUntilItIsStoppedOrCanNotSucceed(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	looks := 0
	cfg := Config{Logger: slog.New(slog.DiscardHandler), Now: func() time.Time {
		if looks++; looks == 3 {
			stop()
		}
		return now
	}}
	if err := Follow(ctx, &fake{noteErr: flow.Fail(flow.Unavailable, "no")}, cfg, time.Millisecond); flow.ClassOf(err) != flow.Interrupted || looks != 3 {
		t.Errorf("%v after %d looks", err, looks)
	}
	if err := Follow(t.Context(), &fake{muted: flow.Fail(flow.Usage, "wrong")}, cfg, time.Millisecond); flow.ClassOf(err) != flow.Usage || looks != 4 {
		t.Errorf("%v after %d looks", err, looks)
	}
}

func TestOthersRaiseKindsOfTheirOwn(t *testing.T) {
	for _, c := range []query.Condition{{Kind: Station, Subject: "a", Message: "b"}, {Kind: Region, Subject: "a", Message: "b"}, {Kind: "dag", Subject: " ", Message: "b"}, {Kind: "dag", Subject: "a", Message: "b\nc"}, {Kind: "dag", Subject: "a", Message: strings.Repeat("x", 501)}} {
		if err := Raise(t.Context(), nil, nil, c); flow.ClassOf(err) != flow.Usage {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, kind := range []string{Station, Region, Lag, DeadLetters, Reconcile} {
		if err := Clear(t.Context(), nil, nil, kind, "a"); flow.ClassOf(err) != flow.Usage {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestIncidentsArePrinted(t *testing.T) {
	over := silent
	over.ClosedAt = now.Add(time.Hour)
	var b strings.Builder
	if err := Print(&b, []query.Incident{silent, over}, false); err != nil || b.String() != "station SN-DK metar observed: SN-DK is silent: OPEN since 2026-03-01 12:00 UTC\nstation SN-DK metar observed: SN-DK is silent: closed, from 2026-03-01 12:00 UTC to 2026-03-01 13:00 UTC\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
	b.Reset()
	if err := Print(&b, []query.Incident{over}, false); err != nil || !strings.HasSuffix(b.String(), "no incident is open\n") {
		t.Errorf("%q, %v", b.String(), err)
	}
	b.Reset()
	if err := Print(&b, nil, true); err != nil || b.String() != "[]\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}
