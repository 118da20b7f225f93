package hdfs

import (
	"context"
	"time"
)

// fileSystem is what the lake needs of a file system: the one of HDFS, or a folder. Names are slash-separated and relative to <root>/clean. Errors
// are fs.ErrNotExist and so on where they apply. Methods may be called at the same time.
type fileSystem interface {
	// ReadDir lists a folder, sorted by name.
	ReadDir(ctx context.Context, name string) ([]fileInfo, error)
	ReadFile(ctx context.Context, name string) ([]byte, error)
	// WriteFile creates a file that is durable when it returns nil.
	WriteFile(ctx context.Context, name string, data []byte) error
	// Mkdir creates a folder and those above it, as far as they do not exist.
	Mkdir(ctx context.Context, name string) error
	// Rename moves a file or a folder as one step that is durable when it returns nil. It refuses to move a folder
	// onto one that is not empty, whoever else does the same at the same time; files are replaced. The folder above
	// the new name must exist.
	Rename(ctx context.Context, from, to string) error
	// Remove removes a file, or a folder with all that is in it; it may be gone already.
	Remove(ctx context.Context, name string) error
	Close() error
}

// fileInfo is one entry of a folder.
type fileInfo struct {
	Name    string
	Folder  bool
	Size    int64
	ModTime time.Time // of a folder: when something was last put in, taken out or renamed
}
