// Package atomicfile replaces files in one step: a reader, also one after a crash or a power cut, finds the old content
// or the new one. A process that is killed while it writes leaves a hidden file, ".NAME" and a number, beside the target;
// errors name the target alone.
package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
)

// Write replaces the file at path with data and returns when that is on disk. The file has exactly the mode perm; a
// symbolic link at path is replaced, not followed.
func Write(path string, data []byte, perm fs.FileMode) error {
	f, err := create(path, renameio.WithStaticPermissions(perm))
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(ofTarget(err, path), f.Abandon())
	}
	return f.Commit()
}

// File is a file that gets its name when it is complete. The caller ends it with Commit or Abandon.
type File struct {
	*renameio.PendingFile
	path string
}

// Create starts a file that will replace the one at path. Its mode is 0666 before the umask, as that of [os.Create].
func Create(path string) (*File, error) {
	return create(path, renameio.WithPermissions(0o666))
}

func create(path string, mode renameio.Option) (*File, error) {
	// In the target's own folder: elsewhere renameio would have to probe first whether a rename is possible.
	pending, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), mode)
	if err != nil {
		return nil, ofTarget(err, path)
	}
	return &File{PendingFile: pending, path: path}, nil
}

// Commit gives the file its name and returns when content and name are on disk. When it fails before the name is
// given, what was written is removed and the old file stays.
func (f *File) Commit() error {
	if err := f.CloseAtomicallyReplace(); err != nil {
		return errors.Join(ofTarget(err, f.path), f.Abandon())
	}
	return syncFolder(filepath.Dir(f.path))
}

// Abandon removes what was written and leaves the old file. After Commit it does nothing.
func (f *File) Abandon() error { return f.Cleanup() }

// ofTarget returns an error about the hidden file as one about the target.
func ofTarget(err error, path string) error {
	var onPath *fs.PathError
	var onLink *os.LinkError
	switch {
	case errors.As(err, &onPath):
		return &fs.PathError{Op: onPath.Op, Path: path, Err: onPath.Err}
	case errors.As(err, &onLink):
		return &fs.PathError{Op: onLink.Op, Path: path, Err: onLink.Err}
	}
	return err
}

// syncFolder makes the names in a folder durable, where its file system can do that and this user may read it.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err == nil {
		err = errors.Join(f.Sync(), f.Close())
	}
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}
