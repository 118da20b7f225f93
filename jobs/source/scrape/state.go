package scrape

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"senmeteo/jobs/atomicfile"
	"senmeteo/jobs/flow"
)

// siteState is what is kept of a site between runs.
type siteState struct {
	Began time.Time       `json:"began"` // of the last round in which the server answered
	Pages map[string]mark `json:"pages"` // by pageKey
}

// mark is what is known of a page that has landed.
type mark struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"last_modified,omitempty"`
	Hash     string `json:"sha256"`
}

// hostState is what is kept of a host, for all sites on it.
type hostState struct {
	Next   time.Time `json:"next"`   // no call before
	Until  time.Time `json:"until"`  // the server asked to be left alone so long
	Robots *robots   `json:"robots"` // nil when unknown
}

// robots is a robots.txt as it came.
type robots struct {
	At     time.Time `json:"at"`
	Status int       `json:"status"`
	Body   []byte    `json:"body"`
}

// state is the folder of a site and its host. A lock lets one run at a time read the site.
type state struct {
	dir  string
	name string // of the site's files
	lock *flock.Flock
}

func newState(dir string, site *Site, host string) *state {
	name := "scrape-" + site.Name + "-" + short(host+"\n"+site.URL)
	return &state{dir: dir, name: name, lock: flock.New(filepath.Join(dir, name+".lock"))}
}

// short is a name for a text in a few letters.
func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// enter takes the lock of the site. The run that has it reads the same pages.
func (s *state) enter() error {
	ok, err := s.lock.TryLock()
	if err != nil {
		return flow.Fail(flow.CantWrite, "locking the state of the site: %w: give this user a folder it may write to", err)
	}
	if !ok {
		return flow.Fail(flow.TryLater, "another run is reading this site: let it finish")
	}
	return nil
}

func (s *state) leave() error { return s.lock.Close() }

func (s *state) sitePath() string { return filepath.Join(s.dir, s.name+".json") }

func (s *state) load() (siteState, error) {
	kept := siteState{}
	err := read(s.sitePath(), &kept)
	if kept.Pages == nil {
		kept.Pages = map[string]mark{}
	}
	return kept, err
}

func (s *state) save(kept *siteState) error { return write(s.sitePath(), kept) }

// host changes what is kept of a host, under a lock that sites share.
func (s *state) host(ctx context.Context, host string, change func(*hostState)) (err error) {
	path := filepath.Join(s.dir, "scrape-host-"+short(host)+".json")
	lock := flock.New(path + ".lock")
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return flow.Fail(flow.CantWrite, "locking the state of a host: %w: give this user a folder it may write to", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	var kept hostState
	if err := read(path, &kept); err != nil {
		return err
	}
	change(&kept)
	return write(path, &kept)
}

// read reads a state file; one that does not exist leaves the value as it is.
func read(path string, into any) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return flow.Fail(flow.BadInput, "reading the state %s: %w: delete it; pages may then be read once more, and too early", path, err)
	}
	return nil
}

// write replaces a state file as a whole.
func write(path string, kept any) error {
	text, err := json.Marshal(kept)
	if err == nil {
		err = atomicfile.Write(path, text, 0o600)
	}
	if err != nil {
		return flow.Fail(flow.CantWrite, "writing the state: %w: give this user a folder it may write to", err)
	}
	return nil
}

// keepCopy keeps a page that could not be read, the last one of its name, and returns its path.
func (s *state) keepCopy(page string, body []byte) (string, error) {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, page)
	path := filepath.Join(s.dir, "changed-"+name+".page")
	if err := atomicfile.Write(path, body, 0o600); err != nil {
		return "", flow.Fail(flow.CantWrite, "keeping a copy of a page: %w: give this user a folder it may write to", err)
	}
	return path, nil
}
