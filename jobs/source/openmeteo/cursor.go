package openmeteo

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"senmeteo/jobs/atomicfile"
	"senmeteo/jobs/flow"
)

// FileCursor is a Cursor in a file, for one task at a time and one run at a time.
type FileCursor struct{ Path string }

// cursorFile is what the file holds.
type cursorFile struct {
	Task string    `json:"task"`
	Next time.Time `json:"next"`
}

// Load reads the file; one that does not exist or is of another task gives the zero time.
func (c *FileCursor) Load(_ context.Context, task string) (time.Time, error) {
	text, err := os.ReadFile(c.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, flow.Fail(flow.Usage, "reading the cursor: %w", err)
	}
	var kept cursorFile
	if err := json.Unmarshal(text, &kept); err != nil {
		return time.Time{}, flow.Fail(flow.BadInput, "reading the cursor %s: %w: delete it to read the window from its begin", c.Path, err)
	}
	if kept.Task != task {
		return time.Time{}, nil
	}
	return kept.Next, nil
}

// Save replaces the file as a whole.
func (c *FileCursor) Save(_ context.Context, task string, next time.Time) error {
	text, err := json.Marshal(cursorFile{Task: task, Next: next.UTC()})
	if err == nil {
		err = atomicfile.Write(c.Path, text, 0o600)
	}
	if err != nil {
		return flow.Fail(flow.CantWrite, "writing the cursor: %w: the window is read again from where it stood", err)
	}
	return nil
}
