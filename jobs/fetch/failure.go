package fetch

import (
	"context"
	"errors"
	"io/fs"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
	"senmeteo/jobs/source/file"
)

// Failure classes what can go wrong with a source or a file, so that its exit code and its text fit.
func Failure(ctx context.Context, err error) error {
	var known *flow.Failure
	var format *file.FormatError
	var system *fs.PathError
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil:
		return flow.Fail(flow.TryLater, "the time allowed (--timeout) is over; nothing is lost, run it again")
	case errors.Is(err, context.Canceled):
		return flow.Fail(flow.Interrupted, "stopped by a signal before the end; nothing is lost, run it again")
	case errors.Is(err, fs.ErrNotExist):
		return flow.Fail(flow.NoInput, "%w: check the path", err)
	case errors.As(err, &format):
		return flow.Fail(flow.BadInput, "%w", err)
	case errors.Is(err, fs.ErrPermission):
		return flow.Fail(flow.NoInput, "%w: give this user the right to read it", err)
	case output.IsFull(err):
		return flow.Fail(flow.CantWrite, "%w: make room for temporary files, or set TMPDIR to another place, then run it again", err)
	case errors.As(err, &system):
		return flow.Fail(flow.NoInput, "%w: check that it is a file that can be read", err)
	}
	return err
}
