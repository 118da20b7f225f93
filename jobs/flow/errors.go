package flow

import (
	"context"
	"errors"
	"fmt"
)

// What a Sink's Commit may return beside a Failure.
var (
	// ErrRestart means that it is unknown whether the batch is stored: acquire the partition again.
	ErrRestart = errors.New("the outcome of a commit is unknown")
	// ErrFenced means that another writer has acquired the partition. Nothing is lost.
	ErrFenced = errors.New("another run of this job took over; nothing is lost: let one run finish before the next starts")
)

// Class is what a failure means to whoever started the program; each has its exit code.
type Class int

// The classes.
const (
	Defect      Class = iota // the program's own fault
	Negative                 // the answer is no
	Usage                    // wrong flags or configuration; nothing was touched
	BadInput                 // too much of the input is bad, or a file is not what it says
	NoInput                  // an input does not exist
	Unavailable              // a server can't be reached or refuses
	CantWrite                // an output can't be written
	TryLater                 // another writer has acquired a partition, or not now
	Nothing                  // nothing to do, where the user asked to be told
	Interrupted              // a signal came before the end
)

// Failure is an error with its Class. Its text is one line that says what to do next.
type Failure struct {
	Class Class
	Err   error
}

func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Fail makes a Failure; the format is fmt.Errorf's.
func Fail(class Class, format string, args ...any) error {
	return &Failure{Class: class, Err: fmt.Errorf(format, args...)}
}

// ClassOf returns the class of an error: Defect when nothing else is known.
func ClassOf(err error) Class {
	var f *Failure
	switch {
	case errors.As(err, &f):
		return f.Class
	case errors.Is(err, ErrFenced), errors.Is(err, ErrRestart):
		return TryLater
	case errors.Is(err, context.Canceled):
		return Interrupted
	case errors.Is(err, context.DeadlineExceeded):
		return Unavailable
	}
	return Defect
}
