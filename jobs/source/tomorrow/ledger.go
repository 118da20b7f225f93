package tomorrow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"senmeteo/jobs/atomicfile"
	"senmeteo/jobs/flow"
)

// Ledger is where runs with one key share the text of what was called. Change is atomic: change gets what the last
// one left, nil at first, and what it returns takes its place, or nothing does. It may be called more than once.
type Ledger interface {
	Change(ctx context.Context, change func(text []byte) ([]byte, error)) error
}

// LedgerName names the ledger of a key. The key can't be read from the name.
func LedgerName(key string) string {
	sum := sha256.Sum256([]byte("tomorrow budget " + key))
	return "tomorrow-" + hex.EncodeToString(sum[:6])
}

// FileLedger is a Ledger in a file, for the runs of one machine, or of several that share the folder. A lock beside
// the file lets one run at a time look and write.
type FileLedger struct{ Path string }

// FileLedgerIn is the ledger of a key in a folder.
func FileLedgerIn(dir, key string) *FileLedger {
	return &FileLedger{Path: filepath.Join(dir, LedgerName(key)+".json")}
}

// Change implements Ledger.
func (f *FileLedger) Change(ctx context.Context, change func([]byte) ([]byte, error)) (err error) {
	lock := flock.New(f.Path + ".lock")
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return flow.Fail(flow.CantWrite, "locking the budget of calls: %w: give this user a folder it may write to", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	text, err := os.ReadFile(f.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return flow.Fail(flow.CantWrite, "reading the budget of calls: %w: give this user the right to read it", err)
	}
	text, err = change(text)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	if err := atomicfile.Write(f.Path, text, 0o600); err != nil {
		return flow.Fail(flow.CantWrite, "writing the budget of calls: %w: give this user a folder it may write to", err)
	}
	return nil
}
