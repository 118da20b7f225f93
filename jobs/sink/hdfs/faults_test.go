package hdfs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// mode is what happens at one change of the file system.
type mode string

const (
	diesBefore   mode = "the process dies before it"
	diesAfter    mode = "the process dies after it"
	diesHalfway  mode = "the process dies in the middle of a file"
	losesRequest mode = "its request is lost"
	losesAnswer  mode = "its answer is lost"
	comesLate    mode = "it is executed while the next call is on its way"
	lies         mode = "half of a file is written without an error"
	calls        mode = "the test does something before it"
)

var modes = []mode{diesBefore, diesAfter, diesHalfway, losesRequest, losesAnswer, comesLate, lies}

// appliesTo reports whether a mode makes sense for a change: only files have a middle.
func (m mode) appliesTo(change string) bool {
	return m != diesHalfway && m != lies || strings.HasPrefix(change, "writing")
}

var errDead = errors.New("the process is dead")

// faultyFiles lets one change of a file system go wrong: writing, making, renaming, removing.
type faultyFiles struct {
	fileSystem

	mu      sync.Mutex
	changes int // so far
	at      int // the change that meets the fault, 1 the next; 0 none
	mode    mode
	dead    bool
	late    func() // a change that is still on its way
	before  func() // called before the change that meets the fault
	after   func() // called after each change
}

// arm lets the n-th change from now on meet a fault.
func (f *faultyFiles) arm(n int, m mode) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at, f.mode = f.changes+n, m
}

func (f *faultyFiles) read() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.arrive()
	if f.dead {
		return errDead
	}
	return nil
}

// arrive executes the change that is on its way.
func (f *faultyFiles) arrive() {
	if f.late != nil {
		f.late()
		f.late = nil
	}
}

// change does one change, or what the fault makes of it.
func (f *faultyFiles) change(do, half func() error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.arrive()
	if f.dead {
		return errDead
	}
	f.changes++
	if f.changes != f.at {
		err := do()
		if f.after != nil {
			f.after()
		}
		return err
	}
	switch f.mode {
	case calls:
		f.before()
		return do()
	case diesBefore:
		f.dead = true
		return errDead
	case diesAfter:
		_ = do()
		f.dead = true
		return errDead
	case diesHalfway:
		_ = half()
		f.dead = true
		return errDead
	case lies:
		return half()
	case losesRequest:
	case losesAnswer:
		_ = do()
	case comesLate:
		f.late = func() { _ = do() }
	}
	return fmt.Errorf("%w (%w)", errUnknown, errTransient)
}

func (f *faultyFiles) ReadDir(ctx context.Context, name string) ([]fileInfo, error) {
	if err := f.read(); err != nil {
		return nil, err
	}
	return f.fileSystem.ReadDir(ctx, name)
}

func (f *faultyFiles) ReadFile(ctx context.Context, name string) ([]byte, error) {
	if err := f.read(); err != nil {
		return nil, err
	}
	return f.fileSystem.ReadFile(ctx, name)
}

func (f *faultyFiles) WriteFile(ctx context.Context, name string, data []byte) error {
	return f.change(
		func() error { return f.fileSystem.WriteFile(ctx, name, data) },
		func() error { return f.fileSystem.WriteFile(ctx, name, data[:len(data)/2]) })
}

func (f *faultyFiles) Mkdir(ctx context.Context, name string) error {
	return f.change(func() error { return f.fileSystem.Mkdir(ctx, name) }, func() error { return nil })
}

func (f *faultyFiles) Rename(ctx context.Context, from, to string) error {
	return f.change(func() error { return f.fileSystem.Rename(ctx, from, to) }, func() error { return nil })
}

func (f *faultyFiles) Remove(ctx context.Context, name string) error {
	return f.change(func() error { return f.fileSystem.Remove(ctx, name) }, func() error { return nil })
}

// faulty wraps the file system of a lake.
func faulty(t testing.TB, l *Lake) *faultyFiles {
	t.Helper()
	f := &faultyFiles{fileSystem: l.files}
	l.files = f
	return f
}
