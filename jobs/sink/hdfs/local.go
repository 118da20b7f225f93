package hdfs

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// localFiles is a folder of this machine. POSIX rename refuses a folder that is not empty (ENOTEMPTY), which
// makes it the compare-and-set that the commit needs.
type localFiles struct {
	root string
}

func (l localFiles) path(name string) string { return filepath.Join(l.root, filepath.FromSlash(name)) }

func (l localFiles) ReadDir(_ context.Context, name string) ([]fileInfo, error) {
	entries, err := os.ReadDir(l.path(name))
	if err != nil {
		return nil, err
	}
	out := make([]fileInfo, 0, len(entries))
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // moved away meanwhile
		}
		if err != nil {
			return nil, err
		}
		out = append(out, fileInfo{Name: e.Name(), Folder: e.IsDir(), Size: info.Size(), ModTime: info.ModTime()})
	}
	return out, nil
}

func (l localFiles) ReadFile(_ context.Context, name string) ([]byte, error) {
	return os.ReadFile(l.path(name))
}

func (l localFiles) WriteFile(ctx context.Context, name string, data []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f, err := os.OpenFile(l.path(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (l localFiles) Mkdir(_ context.Context, name string) error {
	folder := l.path(name)
	top := folder // the uppermost that does not exist yet
	for ; ; top = filepath.Dir(top) {
		if _, err := os.Stat(filepath.Dir(top)); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if _, err := os.Stat(folder); err == nil {
		return nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for dir := filepath.Dir(folder); len(dir) >= len(filepath.Dir(top)); dir = filepath.Dir(dir) {
		if err := syncFolder(dir); err != nil {
			return err
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return nil
}

func (l localFiles) Rename(ctx context.Context, from, to string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	source, target := l.path(from), l.path(to)
	if info, err := os.Stat(source); err == nil && info.IsDir() {
		if err := syncFolder(source); err != nil { // what the folder holds comes with it
			return err
		}
	}
	if err := os.Rename(source, target); err != nil {
		return err
	}
	if err := syncFolder(filepath.Dir(target)); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(source))
}

func (l localFiles) Remove(_ context.Context, name string) error { return os.RemoveAll(l.path(name)) }

func (l localFiles) Close() error { return nil }

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

var _ fileSystem = localFiles{}
