//go:build !linux

package file

import (
	"errors"
	"syscall"
)

// renameNew renames a file and never replaces another, which is fs.ErrExist.
func renameNew(from, to string) error {
	err := renameByPlaceholder(from, to)
	if errors.Is(err, syscall.EXDEV) {
		return errOtherFileSystem
	}
	return err
}
