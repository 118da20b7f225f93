package format

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrMarkup is what readers of other formats say of a file that begins with "<".
var ErrMarkup = errors.New("it begins as XML or a web page: say --format xml, or look at it for the reason of the service that gave it")

// errTooLong is wrapped in the error of a Budget that is used up.
var errTooLong = errors.New("a record is too long")

// Budget is an io.Reader that fails when more than MaxRecord bytes are read without a call of Refill
// in between, and so bounds what a parser on top of it can gather for one record.
type Budget struct {
	in   io.Reader
	left int
	last byte
}

// NewBudget returns a filled Budget over in.
func NewBudget(in io.Reader) *Budget { return &Budget{in: in, left: MaxRecord} }

// Refill is called before each record.
func (b *Budget) Refill() { b.left = MaxRecord }

// Read reads from in.
func (b *Budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("%w: more than %d bytes; a quote, bracket or tag may never be closed", errTooLong, MaxRecord)
	}
	n, err := b.in.Read(p[:min(len(p), b.left)])
	if b.left -= n; n > 0 {
		b.last = p[n-1]
	}
	return n, err
}

// EndsLine reports whether the last byte that was read ends a line.
func (b *Budget) EndsLine() bool { return b.last == '\n' }

// RandomAccess gives access to any part of in, for formats that need it: in itself when it is a file or memory that nothing
// was read of, otherwise a temporary copy. done removes the copy.
func RandomAccess(in io.Reader) (at io.ReaderAt, size int64, done func() error, err error) {
	if file, ok := in.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			return file, info.Size(), func() error { return nil }, nil
		}
	}
	if memory, ok := in.(interface {
		io.ReaderAt
		Size() int64
	}); ok {
		return memory, memory.Size(), func() error { return nil }, nil
	}
	spool, err := os.CreateTemp("", "senmeteo-*")
	if err != nil {
		return nil, 0, nil, fmt.Errorf("putting the input aside: %w", err)
	}
	done = func() error { return errors.Join(spool.Close(), os.Remove(spool.Name())) }
	if size, err = io.Copy(spool, in); err != nil {
		return nil, 0, nil, errors.Join(fmt.Errorf("putting the input aside: %w", err), done())
	}
	return spool, size, done, nil
}
