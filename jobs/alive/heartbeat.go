package alive

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"senmeteo/jobs/atomicfile"
)

const (
	touchEvery = 2 * time.Second
	pattern    = "senmeteo-*.alive"
)

// Places returns the folders in which heartbeats may be, the best first: the one that SENMETEO_RUNTIME_DIR names, or
// otherwise the one for temporary files and, as a root file system may be read-only, shared memory.
func Places(getenv func(string) string) []string {
	if dir := getenv("SENMETEO_RUNTIME_DIR"); dir != "" {
		return []string{dir}
	}
	places := []string{os.TempDir()}
	if runtime.GOOS == "linux" {
		places = append(places, "/dev/shm")
	}
	return places
}

// record is the content of the file; the file's time is that of the last heartbeat.
type record struct {
	Job     string `json:"job"`
	PID     int    `json:"pid"`
	Space   string `json:"space"`   // the process namespace of PID
	Started string `json:"started"` // when the process began: a later one may have its number
	URL     string `json:"url,omitempty"`
}

// Heartbeat is that of one job in this process. A nil Heartbeat does nothing.
type Heartbeat struct {
	path     string
	now      func() time.Time
	patience atomic.Int64 // nanoseconds without progress after which the job counts as hung; 0: it may be idle
	last     atomic.Int64 // when the job last made progress, in nanoseconds

	stop  chan struct{}
	ended sync.WaitGroup
}

// Start starts the heartbeat of a job's process, in the first of the places that can be written to. A url is one that
// must answer, too, for the job to count as alive. The caller closes the heartbeat.
func Start(places []string, job, url string) (*Heartbeat, error) {
	pid := os.Getpid()
	self := record{Job: job, PID: pid, Space: space(), Started: started(pid), URL: url}
	text, err := json.Marshal(self)
	if err != nil {
		return nil, fmt.Errorf("starting the heartbeat: %w", err)
	}
	var failures []error
	for _, place := range places {
		path := filepath.Join(place, fmt.Sprintf("senmeteo-%s-%s%d.alive", job, self.Space, pid))
		if err := atomicfile.Write(path, text, 0o644); err != nil {
			failures = append(failures, err)
			continue
		}
		removeStale(place)
		h := &Heartbeat{path: path, now: time.Now, stop: make(chan struct{})}
		h.ended.Go(h.beat)
		return h, nil
	}
	return nil, fmt.Errorf("starting the heartbeat: %w", errors.Join(failures...))
}

// removeStale removes the files of processes that were killed, except those of other users.
func removeStale(place string) {
	paths, err := filepath.Glob(filepath.Join(place, pattern))
	if err != nil {
		return
	}
	for _, path := range paths {
		if r, err := read(path); err == nil && r.Space == space() && started(r.PID) != r.Started {
			_ = os.Remove(path)
		}
	}
}

// Watch makes the job count as hung, from now on, when it makes no progress for longer than patience.
func (h *Heartbeat) Watch(patience time.Duration) {
	if h != nil {
		h.Progress()
		h.patience.Store(int64(patience))
	}
}

// Progress records that the job made progress.
func (h *Heartbeat) Progress() {
	if h != nil {
		h.last.Store(h.now().UnixNano())
	}
}

// beat sets the file's time while the job makes progress.
func (h *Heartbeat) beat() {
	tick := time.NewTicker(touchEvery)
	defer tick.Stop()
	for {
		select {
		case <-h.stop:
			return
		case <-tick.C:
			h.touch()
		}
	}
}

func (h *Heartbeat) touch() {
	now, patience := h.now(), time.Duration(h.patience.Load())
	if patience == 0 || now.Sub(time.Unix(0, h.last.Load())) < patience {
		_ = os.Chtimes(h.path, now, now) // when it fails the heartbeat gets old, as it should
	}
}

// Close ends the heartbeat: the job has ended.
func (h *Heartbeat) Close() error {
	if h == nil {
		return nil
	}
	close(h.stop)
	h.ended.Wait()
	if err := os.Remove(h.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("ending the heartbeat: %w", err)
	}
	return nil
}
