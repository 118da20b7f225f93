package web

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"senmeteo/jobs/query"
)

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// counting counts how often each question of the background is asked.
type counting struct {
	*archive
	clock     *clock
	took      time.Duration // of a look for gaps
	gate      chan struct{} // incidents are known once it is closed; nil: at once
	incidents int
	presences int
	deadline  bool // the last question for gaps had one
}

func (c *counting) Incidents(ctx context.Context, since time.Time) ([]query.Incident, error) {
	c.mu.Lock()
	c.incidents++
	gate := c.gate
	c.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return c.archive.Incidents(ctx, since)
}

func (c *counting) Presence(ctx context.Context, from, to time.Time, visit func(*query.Presence) error) error {
	c.mu.Lock()
	c.presences++
	_, c.deadline = ctx.Deadline()
	c.mu.Unlock()
	c.clock.add(c.took)
	return c.archive.Presence(ctx, from, to, visit)
}

func (c *counting) asked() (incidents, presences int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.incidents, c.presences
}

// surveying is a page on a store, whose time a test moves.
func surveying(t *testing.T, store query.Reader, time *clock, log *slog.Logger) *Handler {
	t.Helper()
	h, err := NewHandler(Config{Store: store, Now: time.now, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

// settled is the page once all that it asks in the background is known.
func settled(t *testing.T, h *Handler, target string) string {
	t.Helper()
	ask(t, h, "GET", target)
	h.watcher.active.Wait()
	return ask(t, h, "GET", target).Body.String()
}

func TestNoVisitorWaitsForWhatTakesLong(t *testing.T) {
	c := &counting{archive: planted(), clock: &clock{at: noon}, gate: make(chan struct{})}
	h := surveying(t, c, c.clock, slog.New(slog.DiscardHandler))
	for range 5 {
		page := ask(t, h, "GET", "/?lang=fr").Body.String()
		if n := strings.Count(page, "Lecture en cours…"); n != 5 || !strings.Contains(page, `data-value="SN-DK">29,4<`) {
			t.Fatalf("%d parts of the page are being read, want incidents, what failed, forecasts, gaps and scores, beside the values", n)
		}
	}
	close(c.gate)
	h.watcher.active.Wait()
	page := ask(t, h, "GET", "/?lang=fr").Body.String()
	if strings.Contains(page, "Lecture en cours…") || !strings.Contains(page, "Matam\u00a0: plus aucun relevé") {
		t.Error("what was read is not shown")
	}
	if i, p := c.asked(); i != 1 || p != 1 || !c.deadline {
		t.Errorf("for six visitors there were %d and %d questions, want one of each, with a deadline (%v)", i, p, c.deadline)
	}
}

func TestQuestionsRestAMinuteAndTenTimesAsLongAsTheyTook(t *testing.T) {
	c := &counting{archive: planted(), clock: &clock{at: noon}, took: 9 * time.Second}
	h := surveying(t, c, c.clock, slog.New(slog.DiscardHandler))
	for _, step := range []struct {
		later                time.Duration
		incidents, presences int
	}{
		{0, 1, 1},
		{50 * time.Second, 1, 1},
		{time.Second, 2, 1}, // a minute after the incidents were known, 51 s after the gaps were
		{38 * time.Second, 2, 1},
		{time.Second, 2, 2}, // 90 s after the gaps were known
	} {
		c.clock.add(step.later)
		settled(t, h, "/")
		if i, p := c.asked(); i != step.incidents || p != step.presences {
			t.Errorf("after %v more: %d and %d questions, want %d and %d", step.later, i, p, step.incidents, step.presences)
		}
	}
}

func TestOnlyThoseWhoLookAtThePageHaveItAskInTheBackground(t *testing.T) {
	c := &counting{archive: planted(), clock: &clock{at: noon}}
	h := surveying(t, c, c.clock, slog.New(slog.DiscardHandler))
	for _, target := range []string{"/healthz", "/readyz", "/api/latest", "/nowhere"} {
		ask(t, h, "GET", target)
	}
	h.watcher.active.Wait()
	if i, p := c.asked(); i+p > 0 {
		t.Errorf("%d and %d questions", i, p)
	}
}

func TestWhatCanNotBeReadIsNamedAndTheRestOfThePageIsAlive(t *testing.T) {
	var log bytes.Buffer
	c := &counting{archive: planted(), clock: &clock{at: noon}}
	h := surveying(t, c, c.clock, slog.New(slog.NewTextHandler(&log, nil)))
	const unread = "Lecture impossible pour le moment"
	page := settled(t, h, "/?lang=fr")
	if strings.Contains(page, unread) || !strings.Contains(page, "manquants\u00a0: 438 sur") {
		t.Fatal("the first page is wrong")
	}
	c.change(func(*memory) { c.failing = errors.New("canceling statement due to statement timeout") })
	c.clock.add(time.Minute)
	page = settled(t, h, "/?lang=fr")
	if n := strings.Count(page, unread); n != 4 || strings.Contains(page, "canceling") { // the scores are not due yet
		t.Errorf("%d parts are said to be unreadable, want 4", n)
	}
	for _, last := range []string{`data-value="SN-DK">29,4<`, "manquants\u00a0: 438 sur", "Matam\u00a0: plus aucun relevé"} {
		if !strings.Contains(page, last) {
			t.Errorf("what was known last is not shown: %s", last)
		}
	}
	c.clock.add(time.Hour)
	if page = settled(t, h, "/?lang=fr"); strings.Count(page, unread) != 5 {
		t.Error("the scores are not said to be unreadable")
	}
	c.change(func(*memory) { c.failing = nil })
	c.clock.add(time.Minute)
	if page = settled(t, h, "/?lang=fr"); strings.Contains(page, unread) {
		t.Error("what can be read again is not")
	}
	if down, up := strings.Count(log.String(), "can't read"), strings.Count(log.String(), "again"); down != 5 || up != 5 {
		t.Errorf("it logs %d failures and %d recoveries, want one of each of five:\n%s", down, up, log.String())
	}
}

func TestWhatIsFoundOutIsAnnouncedToThosePagesThatAreOpen(t *testing.T) {
	c := &counting{archive: planted(), clock: &clock{at: noon}, gate: make(chan struct{})}
	h := surveying(t, c, c.clock, slog.New(slog.DiscardHandler))
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	t.Cleanup(h.Close)
	visitor := openStream(t, server.URL)
	first := visitor.version()
	ask(t, h, "GET", "/")
	close(c.gate)
	if then := visitor.version(); then == first {
		t.Errorf("the version is %s before and after", then)
	}
}

func TestAPageThatEndsEndsItsQuestions(t *testing.T) {
	c := &counting{archive: planted(), clock: &clock{at: noon}, gate: make(chan struct{})}
	var log bytes.Buffer
	h := surveying(t, c, c.clock, slog.New(slog.NewTextHandler(&log, nil)))
	ask(t, h, "GET", "/")
	h.Close()
	ask(t, h, "GET", "/")
	if log.Len() > 0 {
		t.Errorf("it logs %s", log.String())
	}
}

func TestOfAStoreOfTheNewestOnlyTheHistoryIsAskedInTheBackground(t *testing.T) {
	live := &query.Live{Newest: senegal(), History: planted(), Logger: slog.New(slog.DiscardHandler)}
	page := settled(t, surveying(t, live, &clock{at: noon}, slog.New(slog.DiscardHandler)), "/?lang=fr")
	for _, text := range []string{"manquants\u00a0: 438 sur", "Matam\u00a0: plus aucun relevé", "Les 7 prochains jours", "s’est trompée de 1,0"} {
		if !strings.Contains(page, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
}

func TestAStoreThatAnswersNoSuchQuestionHasNoSuchParts(t *testing.T) {
	page := settled(t, surveying(t, senegal(), &clock{at: noon}, slog.New(slog.DiscardHandler)), "/?lang=fr")
	for _, text := range []string{"Ce qui manque", "Incidents", "Prévisions"} {
		if strings.Contains(page, text) {
			t.Errorf("the page has %q", text)
		}
	}
}
