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

// Places returns the folders in which marks may be, the best first: the one that SENMETEO_RUNTIME_DIR names, or
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

// record is what stands in the file of a mark; the file's time is the last sign of life.
type record struct {
	Job     string `json:"job"`
	PID     int    `json:"pid"`
	Space   string `json:"space"`   // the process namespace in which PID is meant
	Started string `json:"started"` // tells the process from a later one with its number
	URL     string `json:"url,omitempty"`
}

// Mark is the sign of life of one job in this process. A nil Mark shows nothing.
type Mark struct {
	path     string
	now      func() time.Time
	patience atomic.Int64 // nanoseconds without progress after which the job counts as hung; 0: it is not known to be at work
	last     atomic.Int64 // when the job last got on, in nanoseconds

	stop  chan struct{}
	ended sync.WaitGroup
}

// Start begins to show that a job's process runs, in the first of the places that can be written to. With a url,
// whoever looks asks that too. The caller closes the mark.
func Start(places []string, job, url string) (*Mark, error) {
	pid := os.Getpid()
	self := record{Job: job, PID: pid, Space: space(), Started: started(pid), URL: url}
	text, err := json.Marshal(self)
	if err != nil {
		return nil, fmt.Errorf("showing that the job lives: %w", err)
	}
	var failures []error
	for _, place := range places {
		path := filepath.Join(place, fmt.Sprintf("senmeteo-%s-%s%d.alive", job, self.Space, pid))
		if err := atomicfile.Write(path, text, 0o644); err != nil {
			failures = append(failures, err)
			continue
		}
		sweep(place)
		m := &Mark{path: path, now: time.Now, stop: make(chan struct{})}
		m.ended.Go(m.beat)
		return m, nil
	}
	return nil, fmt.Errorf("showing that the job lives: %w", errors.Join(failures...))
}

// sweep removes the marks of processes that were killed. One that can't be removed is another user's to sweep.
func sweep(place string) {
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

// Watch makes the job count as hung, from now on, when it does not get on for longer than patience.
func (m *Mark) Watch(patience time.Duration) {
	if m != nil {
		m.Progress()
		m.patience.Store(int64(patience))
	}
}

// Progress says that the job got on.
func (m *Mark) Progress() {
	if m != nil {
		m.last.Store(m.now().UnixNano())
	}
}

// beat touches the file as long as the job gets on.
func (m *Mark) beat() {
	tick := time.NewTicker(touchEvery)
	defer tick.Stop()
	for {
		select {
		case <-m.stop:
			return
		case <-tick.C:
			m.touch()
		}
	}
}

func (m *Mark) touch() {
	now, patience := m.now(), time.Duration(m.patience.Load())
	if patience == 0 || now.Sub(time.Unix(0, m.last.Load())) < patience {
		_ = os.Chtimes(m.path, now, now) // when it fails the mark grows old, as it should
	}
}

// Close takes the mark away: the job has ended.
func (m *Mark) Close() error {
	if m == nil {
		return nil
	}
	close(m.stop)
	m.ended.Wait()
	if err := os.Remove(m.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("taking the sign of life away: %w", err)
	}
	return nil
}
