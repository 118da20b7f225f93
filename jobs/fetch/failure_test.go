package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"senmeteo/jobs/fetch"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/source/file"
)

func TestWhatGoesWrongWithASourceHasItsClassAndSaysWhatToDo(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithTimeout(t.Context(), 0)
	defer cancelLate()
	open := func(err error) error { return &fs.PathError{Op: "open", Path: "a.csv", Err: err} }
	for name, c := range map[string]struct {
		ctx   context.Context
		err   error
		class flow.Class
		says  string
	}{
		"classified already":     {ended, flow.Fail(flow.Unavailable, "known"), flow.Unavailable, "known"},
		"the time is over":       {late, fmt.Errorf("x: %w", context.DeadlineExceeded), flow.TryLater, "--timeout"},
		"a signal":               {ended, fmt.Errorf("x: %w", context.Canceled), flow.Interrupted, "run it again"},
		"a file is missing":      {t.Context(), open(fs.ErrNotExist), flow.NoInput, "check the path"},
		"a file is not its kind": {t.Context(), &file.FormatError{Path: "a.csv", Err: errors.New("broken")}, flow.BadInput, "a.csv"},
		"no right to read":       {t.Context(), open(fs.ErrPermission), flow.NoInput, "right to read"},
		"no room for copies":     {t.Context(), fmt.Errorf("x: %w", syscall.ENOSPC), flow.CantWrite, "TMPDIR"},
		"a folder":               {t.Context(), open(syscall.EISDIR), flow.NoInput, "can be read"},
		"anything else":          {t.Context(), errors.New("x"), flow.Defect, "x"},
	} {
		got := fetch.Failure(c.ctx, c.err)
		if flow.ClassOf(got) != c.class || !strings.Contains(got.Error(), c.says) {
			t.Errorf("%s: %v (class %v)", name, got, flow.ClassOf(got))
		}
	}
}
