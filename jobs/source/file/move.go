package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"senmeteo/jobs/flow"
)

// Rejected is the folder below Source.MoveTo for files that are not what they say.
const Rejected = "rejected"

// mover moves files into a folder and never over another file.
type mover struct {
	folder string
	rename func(from, to string) error // renameNew
}

func newMover(folder string) (*mover, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, flow.Fail(flow.CantWrite, "making the folder of --move-to %s: %w: name one that this user may write to", folder, withoutPaths(err))
	}
	return &mover{folder: folder, rename: renameNew}, nil
}

// holds reports whether a file lies where files are moved to.
func (m *mover) holds(path string) bool {
	if m == nil {
		return false
	}
	folder := filepath.Dir(path)
	return sameFolder(folder, m.folder) || sameFolder(folder, filepath.Join(m.folder, Rejected))
}

// errOther says that another file has come under the name of one that was read.
var errOther = errors.New("another file has come under its name")

// move moves a file that was read in a state and returns where it is now. When its name is taken, it gets a number: a.csv.gz
// becomes a-2.csv.gz. The error is errOther when the file of that name is another one meanwhile, which stays for the next look.
func (m *mover) move(path string, read state, refused bool) (string, error) {
	folder := m.folder
	if refused {
		folder = filepath.Join(folder, Rejected)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return "", err
		}
	}
	for n := 1; ; n++ {
		to := filepath.Join(folder, numbered(filepath.Base(path), n))
		err := m.rename(path, to)
		switch {
		case errors.Is(err, fs.ErrExist):
			continue
		case errors.Is(err, errOtherFileSystem):
			if err = moveByCopy(path, to, read); errors.Is(err, fs.ErrExist) {
				continue
			}
		case err == nil:
			err = m.check(path, to, read)
		}
		return to, err
	}
}

// check looks whether it was the right file that was moved, and brings another back. Whoever replaces a file at this very moment loses
// nothing so.
func (m *mover) check(path, to string, read state) error {
	now, err := stateOf(to)
	if err != nil || now.same(read) {
		return err
	}
	for n := 1; ; n++ {
		back := filepath.Join(filepath.Dir(path), numbered(filepath.Base(path), n))
		if err := m.rename(to, back); !errors.Is(err, fs.ErrExist) {
			return errors.Join(errOther, err)
		}
	}
}

// errOtherFileSystem says that a file can't be moved by giving it another name.
var errOtherFileSystem = errors.New("it is on another file system")

// renameByPlaceholder renames a file where the system knows no call that never replaces another: it takes the new name first. After a
// crash in between an empty file is left.
func renameByPlaceholder(from, to string) error {
	if err := takeName(to); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}

// takeName makes an empty file of a name that is free.
func takeName(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return f.Close()
}

// moveByCopy copies a file under a name that is hidden, until it is whole and on disk, and removes it then.
func moveByCopy(path, to string, read state) (err error) {
	if err := takeName(to); err != nil { // so that no other run takes it
		return err
	}
	part := filepath.Join(filepath.Dir(to), "."+filepath.Base(to)+".part")
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(to), ignoreMissing(os.Remove(part)))
		}
	}()
	if err := copyFile(path, part); err != nil {
		return err
	}
	if err := os.Rename(part, to); err != nil {
		return err
	}
	now, err := stateOf(path)
	if err == nil && !now.same(read) {
		err = errOther
	}
	if err != nil {
		return err
	}
	return os.Remove(path)
}

// copyFile copies a file with its time and puts it on disk.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		return err
	}
	n, err := io.Copy(out, in)
	if err == nil && n != info.Size() {
		err = fmt.Errorf("copied %d of %d bytes", n, info.Size())
	}
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}

// numbered puts a number into a name, before its extensions; 1 is none.
func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	stem, rest := name, ""
	if dot := strings.IndexByte(name, '.'); dot > 0 {
		stem, rest = name[:dot], name[dot:]
	}
	return fmt.Sprintf("%s-%d%s", stem, n, rest)
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// withoutPaths is an error of the system without the paths that its text repeats.
func withoutPaths(err error) error {
	var onPath *fs.PathError
	var onLink *os.LinkError
	switch {
	case errors.As(err, &onPath):
		return onPath.Err
	case errors.As(err, &onLink):
		return onLink.Err
	}
	return err
}
