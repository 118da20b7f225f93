package bench

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// evictPrograms evicts the builds that are measured. It is done once: what each run reads from the disk is cached for those after it.
func (c Config) evictPrograms() error {
	for _, path := range []string{c.Program, c.Before} {
		if path == "" {
			continue
		}
		if err := evict(path); err != nil {
			return err
		}
	}
	return nil
}

// evict gives up the pages of a file that the kernel has cached, but for those that a process has mapped. A program that was just built
// is cached in pages of 2 MB, each of which counts as resident in a process that touches a byte of it; read from the disk, as after a
// start of the machine, it is cached, and counted, in smaller ones.
func evict(path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.Sync(); err != nil { // else the pages that are not written yet stay
		return fmt.Errorf("writing %s to the disk: %w", path, err)
	}
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		return fmt.Errorf("giving up the cached pages of %s: %w", path, err)
	}
	return nil
}
