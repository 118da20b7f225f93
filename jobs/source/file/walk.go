package file

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"senmeteo/jobs/flow"
)

// walk is one Fetch.
type walk struct {
	*Source
	put      func(*flow.Item) error
	putError error // what put has returned
	mover    *mover
	failures flow.PartialError
	several  bool // paths or files: the log says at once which of them can't be read

	waits map[string]look   // files that may still be written, since when they look so
	done  map[string]state  // how files that stay looked when they were read
	told  map[string]string // what was last said about a file, which is not said again and again
}

// state is by what a change of a file is seen; the zero value is not a file's.
type state struct{ info fs.FileInfo }

func (s state) same(other state) bool {
	return s.info != nil && other.info != nil && os.SameFile(s.info, other.info) &&
		s.info.Size() == other.info.Size() && s.info.ModTime().Equal(other.info.ModTime())
}

// look is a state and since when it is so.
type look struct {
	state
	since time.Time
}

func stateOf(path string) (state, error) {
	info, err := os.Stat(path)
	return state{info}, err
}

func (s *Source) walk(put func(*flow.Item) error) (*walk, error) {
	if err := s.checkPlaces(); err != nil {
		return nil, err
	}
	w := &walk{
		Source: s, failures: flow.PartialError{Parts: "files"}, several: len(s.Paths) > 1 || s.Follow || s.MoveTo != "",
		waits: map[string]look{}, done: map[string]state{}, told: map[string]string{},
	}
	w.put = func(item *flow.Item) error {
		w.putError = put(item)
		return w.putError
	}
	if s.MoveTo == "" {
		return w, nil
	}
	var err error
	w.mover, err = newMover(s.MoveTo)
	return w, err
}

// round reads every file that is there.
func (w *walk) round(ctx context.Context) error {
	files, err := w.list()
	if err != nil {
		return err
	}
	w.forget(files)
	w.several = w.several || len(files) > 1
	for _, f := range files {
		if err := w.take(ctx, f); err != nil {
			return err
		}
		if w.Follow && w.Alive != nil {
			w.Alive()
		}
	}
	return ctx.Err()
}

// forget drops what is remembered of files that are gone.
func (w *walk) forget(files []found) {
	there := map[string]bool{}
	for _, f := range files {
		there[f.path] = true
	}
	for path := range w.done {
		if !there[path] {
			delete(w.done, path)
		}
	}
	for path := range w.waits {
		if !there[path] {
			delete(w.waits, path)
		}
	}
}

// take reads one file, if it is one to read now, and moves it. Its error ends the fetch.
func (w *walk) take(ctx context.Context, f found) error {
	before, err := stateOf(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !f.named:
		return nil // another run was faster
	case err == nil && (w.done[f.path].same(before) || !f.named && !w.isSettled(f.path, before)):
		return nil
	}
	w.failures.All++
	err = w.read(ctx, f.path, w.put)
	if w.putError != nil || ctx.Err() != nil {
		return err
	}
	if after, gone := stateOf(f.path); gone == nil && !after.same(before) && (w.mover != nil || w.Follow || !f.named) {
		w.tell(f.path, "a file has changed while it was read and is left: it is read again next time", nil)
		return nil
	}
	var unreadable *FormatError
	if err != nil && !errors.As(err, &unreadable) {
		w.fail(f.path, err)
		return nil
	}
	if err := w.landed(ctx); err != nil {
		return err
	}
	w.done[f.path] = before
	if err != nil {
		w.fail(f.path, err)
	}
	return w.move(f.path, before, err != nil)
}

// isSettled reports whether a file has not changed for long enough to be whole.
func (w *walk) isSettled(path string, now state) bool {
	if w.Settle <= 0 {
		return true
	}
	at := time.Now()
	age := at.Sub(now.info.ModTime())
	if age >= w.Settle || age < -time.Hour && !w.Follow { // a clock that far ahead would leave the file forever
		return true
	}
	if before, ok := w.waits[path]; ok && before.same(now) {
		return at.Sub(before.since) >= w.Settle
	}
	w.waits[path] = look{now, at}
	if !w.Follow {
		w.tell(path, "a file may still be written and is left: it is read next time", nil)
	}
	return false
}

func (w *walk) landed(ctx context.Context) error {
	if w.Landed == nil {
		return nil
	}
	return w.Landed(ctx)
}

// move puts a file away that was read.
func (w *walk) move(path string, read state, refused bool) error {
	if w.mover == nil {
		return nil
	}
	to, err := w.mover.move(path, read, refused)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // another run was faster
	case errors.Is(err, errOther):
		delete(w.done, path)
		w.tell(path, "another file has come in place of one that was read: it is read next time", nil)
		return nil
	case err != nil:
		return flow.Fail(flow.CantWrite, "moving %s to %s: %w: it has landed, and is read again next time; give this user folders it may write to", path, w.MoveTo, withoutPaths(err))
	}
	delete(w.done, path)
	if w.Log != nil {
		w.Log.Info("a file was moved", "file", path, "to", to)
	}
	return nil
}

// fail notes why a file could not be read, or not to its end. It does not keep the others from being read.
func (w *walk) fail(path string, err error) {
	if !w.Follow {
		w.failures.Add(path, err)
	}
	if w.several {
		w.tell(path, "a file can't be read", err)
	}
}

// tell logs something about a file, unless it was said of it before.
func (w *walk) tell(path, what string, err error) {
	text := what
	if err != nil {
		text += err.Error()
	}
	if w.Log == nil || w.told[path] == text {
		return
	}
	w.told[path] = text
	if err != nil {
		w.Log.Warn(what, "file", path, "error", err)
		return
	}
	w.Log.Warn(what, "file", path)
}

// failure is the error of the fetch as a whole; nil when every file was read.
func (w *walk) failure() error {
	if len(w.failures.Failed) == 0 {
		return nil
	}
	return &w.failures
}
