package servers

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

const folderPattern = "senmeteo-servers-*"

// folder is the temporary home of a set of servers. The lock in it distinguishes a folder in use from one whose owner was
// killed before it could clean up.
type folder struct {
	path string
	lock *flock.Flock
}

// newFolder makes a folder in the system's temporary folder, after sweeping away those that nobody uses any more.
func newFolder() (*folder, error) {
	sweepFolders()
	path, err := os.MkdirTemp("", folderPattern)
	if err != nil {
		return nil, fmt.Errorf("making the servers' folder: %w", err)
	}
	f := &folder{path: path, lock: flock.New(path + ".lock")}
	if err := f.lock.Lock(); err != nil {
		return nil, fmt.Errorf("locking the servers' folder: %w", err)
	}
	// PostgreSQL runs as another user when we are root and has to reach its part.
	if err := os.Chmod(path, 0o711); err != nil { // searchable, not readable
		return nil, fmt.Errorf("opening the servers' folder: %w", err)
	}
	return f, nil
}

// sub makes a folder inside that only its owner can read.
func (f *folder) sub(name string) (string, error) {
	path := filepath.Join(f.path, name)
	if err := os.Mkdir(path, 0o700); err != nil {
		return "", fmt.Errorf("making a data folder: %w", err)
	}
	return path, nil
}

func (f *folder) remove() error {
	removeControlGroups(filepath.Base(f.path))
	if err := os.RemoveAll(f.path); err != nil {
		return fmt.Errorf("removing the servers' folder: %w", err)
	}
	if err := os.Remove(f.lock.Path()); err != nil {
		return fmt.Errorf("removing the servers' folder: %w", err)
	}
	return f.lock.Close()
}

// sweepFolders removes the folders of sets whose owner died. What can't be removed is left alone: it is only
// disk space.
func sweepFolders() {
	locks, err := filepath.Glob(filepath.Join(os.TempDir(), folderPattern+".lock"))
	if err != nil {
		return
	}
	for _, path := range locks {
		if info, err := os.Stat(path); err != nil || time.Since(info.ModTime()) < time.Minute {
			continue // perhaps just made and about to be locked
		}
		lock := flock.New(path)
		if free, err := lock.TryLock(); err == nil && free {
			left := &folder{path: path[:len(path)-len(".lock")], lock: lock}
			_ = left.remove()
		}
	}
}
