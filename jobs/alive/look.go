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

// Sign is the sign of life of a running job.
type Sign struct {
	Job string
	PID int
	Age time.Duration // since the job last showed that it gets on
	URL string        // asked too, unless empty
}

// Look returns the signs of all jobs that run in our process namespace, or of those with one name. The marks of processes that are
// gone are passed over.
func Look(places []string, job string, now time.Time) []Sign {
	var signs []Sign
	for _, place := range places {
		paths, err := filepath.Glob(filepath.Join(place, pattern))
		if err != nil {
			continue // the place's name is no pattern: nothing was written there
		}
		for _, path := range paths {
			r, err := read(path)
			if err != nil || r.Space != space() || r.Started != started(r.PID) || (job != "" && r.Job != job) {
				continue
			}
			info, err := os.Stat(path)
			if err != nil {
				continue // it ended just now
			}
			signs = append(signs, Sign{Job: r.Job, PID: r.PID, Age: now.Sub(info.ModTime()), URL: r.URL})
		}
	}
	return signs
}

func read(path string) (r record, err error) {
	f, err := os.Open(path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return r, json.NewDecoder(io.LimitReader(f, maxRecord)).Decode(&r)
}

// Check returns nil when a job lives: it got on within limit, and answers by HTTP if it serves.
func (s Sign) Check(ctx context.Context, limit time.Duration) error {
	if s.Age > limit {
		return fmt.Errorf("no sign of life for %s", s.Age.Round(time.Second))
	}
	if s.URL == "" {
		return nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, http.NoBody)
	if err != nil {
		return fmt.Errorf("asking it: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking it: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", s.URL, answer.Status)
	}
	return errors.Join(err, answer.Body.Close())
}
