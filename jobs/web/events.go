package web

import (
	"fmt"
	"net/http"
	"time"
)

const (
	// maxStreams bounds the open event streams; a page beyond it asks once a minute instead.
	maxStreams = 256
	// beat is the time between two signs of life on an event stream. page.js takes a stream that was
	// silent for three of them for lost.
	beat = 10 * time.Second
	// streamWriteTimeout drops a visitor who does not take what is sent.
	streamWriteTimeout = 10 * time.Second

	eventStream = "text/event-stream; charset=utf-8"
)

// events is the stream of server-sent events: the version of what can be seen, at once and whenever it
// changes, and a beat in between. It ends with the request, and when the handler is closed.
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
	header.Set("X-Accel-Buffering", "no") // nginx passes events on at once
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
	tell := func(s *snapshot) error {
		if s.Version == sent {
			return nil
		}
		sent = s.Version
		return send("version", sent)
	}
	if s := h.watcher.snapshot(r.Context()); s != nil && tell(s) != nil {
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
			err = tell(s)
		case <-ticker.C:
			err = send("beat", h.now().UTC().Format(time.RFC3339))
		}
		if err != nil {
			return // the visitor is gone
		}
	}
}
