package file

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// renameNew renames a file and never replaces another, which is fs.ErrExist.
func renameNew(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EXDEV):
		return errOtherFileSystem
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM): // a file system that does not know the flag
		return renameByPlaceholder(from, to)
	}
	return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
}
