package output

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"senmeteo/jobs/flow"
)

// CantWrite is the failure of a path that can't be written, without the system's own mention of the path.
func CantWrite(path string, err error) error {
	var known *flow.Failure
	var onPath *fs.PathError
	var onLink *os.LinkError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &onPath):
		err = onPath.Err
	case errors.As(err, &onLink):
		err = onLink.Err
	}
	advice := "choose another place"
	if IsFull(err) {
		advice = "make room or choose another place"
	}
	return flow.Fail(flow.CantWrite, "writing %s: %w: %s, then run it again", path, err, advice)
}

// Stdout is the failure of standard output.
func Stdout(err error) error {
	return flow.Fail(flow.CantWrite, "writing to standard output: %w", err)
}

// toStdout is standard output with errors that are those of Stdout.
type toStdout struct{ io.Writer }

func (s toStdout) Write(p []byte) (int, error) {
	n, err := s.Writer.Write(p)
	if err != nil {
		err = Stdout(err)
	}
	return n, err
}

// IsFull reports whether an error says that a disk or a quota is full.
func IsFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
