package web

import (
	"fmt"
	"net/http"
	"time"
)

const (
	// maxStreams bounds the open event streams; further pages ask once a minute instead.
	maxStreams = 256
	// beat is the time between two heartbeats on an event stream. page.js treats a stream that was
	// silent for three of them as lost.
	beat = 10 * time.Second
	// streamWriteTimeout ends the stream of a visitor who does not read what is sent.
	streamWriteTimeout = 10 * time.Second

	eventStream = "text/event-stream; charset=utf-8"
)

// events answers GET /events, a stream of server-sent events: the version of the snapshot, immediately and after each
// change, and a heartbeat in between. It ends with the request, and when the handler is closed.
func (h *Handler) events(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		header.Set("Content-Type", eventStream)
		return
	}
	news, leave, ok := h.watcher.listen(maxStreams)
	if !ok {
		w.Header().Set("Retry-After", "60")
		http.Error(w, "too many event streams are open: ask for / again in a minute", http.StatusServiceUnavailable)
		return
	}
	defer leave()
	header.Set("Content-Type", eventStream)
	header.Set("X-Accel-Buffering", "no") // nginx passes events on without buffering
	control := http.NewResponseController(w)
	send := func(event, data string) error {
		if err := control.SetWriteDeadline(time.Now().Add(streamWriteTimeout)); err != nil {
			return fmt.Errorf("setting a deadline: %w", err)
		}
		if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, data); err != nil {
			return fmt.Errorf("sending an event: %w", err)
		}
		return control.Flush()
	}
	if _, err := fmt.Fprint(w, "retry: 3000\n\n"); err != nil {
		return
	}
	sent := ""
	announce := func(s *snapshot) error {
		if s.Version == sent {
			return nil
		}
		sent = s.Version
		return send("version", sent)
	}
	if s := h.watcher.snapshot(r.Context()); s != nil && announce(s) != nil {
		return
	}
	ticker := time.NewTicker(h.beat)
	defer ticker.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return
		case <-h.watcher.ctx.Done():
			return
		case s := <-news:
			err = announce(s)
		case <-ticker.C:
			err = send("beat", h.now().UTC().Format(time.RFC3339))
		}
		if err != nil {
			return // the visitor has left
		}
	}
}
