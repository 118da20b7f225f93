package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// lockFile is the name of the file in the data folder that carries the lock
// and, for people, the process id of its holder.
const lockFile = "up.lock"

// LockedError reports that another process holds a data folder.
type LockedError struct {
	Dir string // the data folder
	PID int    // the holder; 0 when the lock file does not say
}

func (e *LockedError) Error() string {
	holder := "another process"
	if e.PID > 0 {
		holder = fmt.Sprintf("process %d", e.PID)
	}
	return fmt.Sprintf("data folder %s is in use by %s: stop that one or choose another --data-dir", e.Dir, holder)
}

// Lock is the exclusive use of a data folder, held until Release or until the
// process ends in whatever way.
type Lock struct {
	file *flock.Flock
}

// AcquireLock creates dir when it is missing and locks it, without waiting. When
// another process holds it, the error is a [*LockedError].
func AcquireLock(dir string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("creating data folder: %w", err)
	}
	path := filepath.Join(dir, lockFile)
	file := flock.New(path, flock.SetPermissions(0o644))
	got, err := file.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	if !got {
		return nil, &LockedError{Dir: dir, PID: readPID(path)}
	}
	if err := os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644); err != nil {
		return nil, errors.Join(fmt.Errorf("writing %s: %w", path, err), file.Unlock())
	}
	return &Lock{file: file}, nil
}

// Release gives the folder up. The lock file stays: removing it would let two
// processes lock two files of the same name.
func (l *Lock) Release() error {
	if err := l.file.Unlock(); err != nil {
		return fmt.Errorf("releasing %s: %w", l.file.Path(), err)
	}
	return nil
}

func readPID(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}
