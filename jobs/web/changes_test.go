package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"
)

// telling is a store that reports its changes.
type telling struct {
	*memory
	changes chan struct{}
	fails   error
}

func (s *telling) Changes(ctx context.Context, changed func()) error {
	if s.fails != nil {
		return s.fails
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.changes:
			changed()
		}
	}
}

// visit opens an event stream of a page on a store, and reads the first version.
func visit(t *testing.T, s *telling, refresh time.Duration) (*stream, *Handler) {
	t.Helper()
	h, err := NewHandler(Config{Store: s, Now: time.Now, Refresh: refresh, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	t.Cleanup(h.Close)
	visitor := openStream(t, server.URL)
	visitor.version()
	return visitor, h
}

func TestAChangeThatTheStoreReportsIsSeenBeforeTheNextReading(t *testing.T) {
	s := &telling{memory: senegal(), changes: make(chan struct{})}
	visitor, h := visit(t, s, time.Hour)
	for range 3 {
		s.change(warmer)
		s.changes <- struct{}{}
		visitor.version()
	}
	s.change(warmer)
	for range 20 { // one reading sees several changes
		s.changes <- struct{}{}
	}
	visitor.version()
	asked := 0
	s.change(func(m *memory) { asked = m.asked })
	if asked > 8 {
		t.Errorf("for 23 changes the store is asked %d times", asked)
	}
	h.Close() // ends also while nothing changes
}

func TestAStoreThatDoesNotReportChangesIsAskedRegularly(t *testing.T) {
	s := &telling{memory: senegal(), fails: errors.New("it is away")}
	visitor, _ := visit(t, s, 10*time.Millisecond)
	s.change(warmer)
	visitor.version()
}
