package alive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// maxRecord bounds what is read of a file that anybody may have put there.
const maxRecord = 4 << 10

// Job is a running job, as its heartbeat shows it.
type Job struct {
	Name string
	PID  int
	Age  time.Duration // of the last heartbeat
	URL  string        // must answer, too, unless empty
}

// Look returns all jobs that run in our process namespace, or those of one name. Processes that have ended are left out.
func Look(places []string, name string, now time.Time) []Job {
	var jobs []Job
	for _, place := range places {
		paths, err := filepath.Glob(filepath.Join(place, pattern))
		if err != nil {
			continue // the place's name is not a valid pattern: nothing was written there
		}
		for _, path := range paths {
			r, err := read(path)
			if err != nil || r.Space != space() || r.Started != started(r.PID) || (name != "" && r.Job != name) {
				continue
			}
			info, err := os.Stat(path)
			if err != nil {
				continue // it ended just now
			}
			jobs = append(jobs, Job{Name: r.Job, PID: r.PID, Age: now.Sub(info.ModTime()), URL: r.URL})
		}
	}
	return jobs
}

func read(path string) (r record, err error) {
	f, err := os.Open(path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return r, json.NewDecoder(io.LimitReader(f, maxRecord)).Decode(&r)
}

// Check returns nil when a job is alive: its last heartbeat is not older than limit, and its URL answers with 200.
func (j Job) Check(ctx context.Context, limit time.Duration) error {
	if j.Age > limit {
		return fmt.Errorf("no heartbeat for %s", j.Age.Round(time.Second))
	}
	if j.URL == "" {
		return nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, j.URL, http.NoBody)
	if err != nil {
		return fmt.Errorf("asking it: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking it: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", j.URL, answer.Status)
	}
	return errors.Join(err, answer.Body.Close())
}
