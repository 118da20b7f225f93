package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/format"
)

// found is a file to read.
type found struct {
	path  string
	named bool // by the user himself, and not by a folder or a pattern
}

// list finds the files of all paths, in the order of the paths and then of the names, each once. A folder that can't be listed is a failure of its own.
func (w *walk) list() ([]found, error) {
	var all []found
	seen := map[string]bool{}
	for _, path := range w.Paths {
		some, err := w.expand(path)
		var known *flow.Failure
		switch {
		case err != nil && (w.Follow || errors.As(err, &known)):
			return nil, err
		case err != nil:
			w.failures.All++
			w.fail(path, err)
		}
		for _, f := range some {
			if clean := filepath.Clean(f.path); f.path == Stdin || !seen[clean] {
				seen[clean] = true
				all = append(all, f)
			}
		}
	}
	return all, nil
}

// expand finds the files that one path means.
func (w *walk) expand(path string) ([]found, error) {
	if path == Stdin {
		return []found{{path, true}}, nil
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return w.folder(path)
	case err != nil && isPattern(path):
		return w.matches(path)
	}
	return []found{{path, true}}, nil // one that does not exist is told when it is opened
}

func (w *walk) folder(path string) ([]found, error) {
	entries, err := os.ReadDir(path) // sorted by name
	if err != nil {
		return nil, fmt.Errorf("listing a folder: %w", err)
	}
	var all []found
	for _, e := range entries {
		if file := filepath.Join(path, e.Name()); w.isWanted(file) {
			all = append(all, found{path: file})
		}
	}
	return all, nil
}

func (w *walk) matches(pattern string) ([]found, error) {
	names, err := filepath.Glob(pattern) // sorted
	if err != nil {
		return nil, flow.Fail(flow.Usage, "the pattern %s: %w", pattern, err)
	}
	if len(names) == 0 && !isPattern(filepath.Dir(pattern)) {
		if _, err := os.Stat(filepath.Dir(pattern)); err != nil { // no match is nothing to do, no folder is a mistake
			return nil, fmt.Errorf("looking for %s: %w", pattern, err)
		}
	}
	var all []found
	for _, name := range names {
		if w.isWanted(name) {
			all = append(all, found{path: name})
		}
	}
	return all, nil
}

func isPattern(path string) bool { return strings.ContainsAny(path, "*?[") }

// isWanted reports whether a file of a folder or pattern is one to read.
func (w *walk) isWanted(path string) bool {
	if !isFinished(filepath.Base(path)) || w.mover.holds(path) {
		return false
	}
	info, err := os.Stat(path) // of what a link leads to
	if link, failed := os.Lstat(path); w.mover != nil && failed == nil && link.Mode().Type() == fs.ModeSymlink {
		w.tell(path, "a link is passed over: what it leads to can't be moved", nil)
		return false
	}
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	if _, err := format.ByPath(w.Options.Formats, path); err != nil && w.Options.Format == "" {
		w.tell(path, "a file is passed over: its name is not that of a format", err)
		return false
	}
	return true
}

// isFinished reports whether a name is not one that programs give to files which they hide or still write.
func isFinished(name string) bool {
	for _, end := range []string{"~", ".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".swp", ".lock"} {
		if strings.HasSuffix(strings.ToLower(name), end) {
			return false
		}
	}
	return !strings.HasPrefix(name, ".")
}

// checkPlaces refuses paths with which Follow or MoveTo can't work.
func (s *Source) checkPlaces() error {
	for _, path := range s.Paths {
		info, err := os.Stat(path)
		folder := path != Stdin && err == nil && info.IsDir()
		pattern := path != Stdin && err != nil && isPattern(path)
		switch {
		case s.Follow && path != Stdin && errors.Is(err, fs.ErrNotExist) && !pattern:
			return fmt.Errorf("following a folder: %w", err)
		case s.Follow && !folder && !pattern:
			return flow.Fail(flow.Usage, "--follow watches folders and patterns such as in/*.csv; %s is neither", path)
		case s.MoveTo == "":
		case path == Stdin:
			return flow.Fail(flow.Usage, "the standard input can't be moved: leave out --move-to")
		case folder && sameFolder(path, s.MoveTo):
			return flow.Fail(flow.Usage, "--move-to %s is the folder that is read: name another one, a folder in it for example", s.MoveTo)
		}
	}
	return nil
}

func sameFolder(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}
