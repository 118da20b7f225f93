package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Bounds of a file's footer. The library below allocates what a list or a text declares, before it reads it: a footer of
// 20 bytes could ask for hundreds of gigabytes. A file of a thousand row groups with 30 columns each has a footer of 2 MB.
const (
	maxFooter  = 8 << 20
	maxRecords = 1 << 18 // of all lists in a footer; one of the schema takes 88 bytes of memory
	maxNesting = 16
)

var errNotParquet = errors.New("it is not a Parquet file")

var errThrift = errors.New("the file is damaged: a list or a text in its footer or in the header of a page is longer than the rest")

// checkFooter reads the footer of a file and refuses one that does not hold what it declares.
func checkFooter(in io.ReaderAt, size int64) error {
	const tail = 8 // the length and the mark
	var end [tail]byte
	if size < tail {
		return errNotParquet
	}
	if _, err := in.ReadAt(end[:], size-tail); err != nil {
		return fmt.Errorf("reading the end of the Parquet file: %w", err)
	}
	if mark := string(end[4:]); mark != "PAR1" && mark != "PARE" {
		return errNotParquet
	}
	length := int64(binary.LittleEndian.Uint32(end[:]))
	switch {
	case length > size-tail:
		return errors.New("the file is damaged: its footer is longer than the file")
	case length > maxFooter:
		return fmt.Errorf("the footer of the Parquet file has more than %d MiB: write fewer and larger row groups", maxFooter>>20)
	}
	data := make([]byte, length)
	if _, err := in.ReadAt(data, size-tail-length); err != nil {
		return fmt.Errorf("reading the footer of the Parquet file: %w", err)
	}
	return checkThrift(data)
}

// checkThrift reads a structure in Thrift's compact protocol, from the first bytes of data, without keeping anything of it.
func checkThrift(data []byte) error {
	w := walker{rest: data, records: maxRecords}
	if !w.structure(0) {
		return errThrift
	}
	return nil
}

// walker reads over values in the compact protocol
// (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md). Its methods return whether the value is there.
type walker struct {
	rest    []byte
	records int // how many more may are in lists
}

// The types of values, as fields and lists name them.
const (
	kindStop   = 0
	kindTrue   = 1
	kindFalse  = 2
	kindByte   = 3
	kindInt16  = 4
	kindInt64  = 6
	kindDouble = 7
	kindBinary = 8
	kindList   = 9
	kindSet    = 10
	kindMap    = 11
	kindStruct = 12
)

func (w *walker) skip(n uint64) bool {
	if n > uint64(len(w.rest)) {
		return false
	}
	w.rest = w.rest[n:]
	return true
}

func (w *walker) octet() (byte, bool) {
	if len(w.rest) == 0 {
		return 0, false
	}
	b := w.rest[0]
	w.rest = w.rest[1:]
	return b, true
}

func (w *walker) number() (uint64, bool) {
	x, n := binary.Uvarint(w.rest)
	if n <= 0 {
		return 0, false
	}
	w.rest = w.rest[n:]
	return x, true
}

func (w *walker) structure(depth int) bool {
	for {
		header, ok := w.octet()
		if !ok || header&0x0f == kindStop {
			return ok
		}
		if header>>4 == 0 { // the field's number follows
			if _, ok := w.number(); !ok {
				return false
			}
		}
		if kind := header & 0x0f; kind != kindTrue && kind != kindFalse && !w.value(kind, depth) { // those are in the header
			return false
		}
	}
}

// value reads one of a field or a list.
func (w *walker) value(kind byte, depth int) bool {
	if depth > maxNesting {
		return false
	}
	switch {
	case kind == kindTrue || kind == kindFalse || kind == kindByte:
		return w.skip(1)
	case kind >= kindInt16 && kind <= kindInt64:
		_, ok := w.number()
		return ok
	case kind == kindDouble:
		return w.skip(8)
	case kind == kindBinary:
		n, ok := w.number()
		return ok && w.skip(n)
	case kind == kindList || kind == kindSet:
		return w.list(depth)
	case kind == kindMap:
		return w.mapping(depth)
	case kind == kindStruct:
		return w.structure(depth + 1)
	}
	return false
}

func (w *walker) list(depth int) bool {
	header, ok := w.octet()
	n := uint64(header >> 4)
	if ok && n == 15 {
		n, ok = w.number()
	}
	return ok && w.several(n, []byte{header & 0x0f}, depth)
}

func (w *walker) mapping(depth int) bool {
	n, ok := w.number()
	if !ok || n == 0 {
		return ok
	}
	kinds, ok := w.octet()
	return ok && w.several(n, []byte{kinds >> 4, kinds & 0x0f}, depth)
}

// several reads n values, or pairs of values.
func (w *walker) several(n uint64, kinds []byte, depth int) bool {
	if n > uint64(len(w.rest)) { // each takes a byte at least
		return false
	}
	if kinds[0] == kindStruct || len(kinds) > 1 {
		if n > uint64(w.records) {
			return false
		}
		w.records -= int(n)
	}
	for range n {
		for _, kind := range kinds {
			if !w.value(kind, depth+1) {
				return false
			}
		}
	}
	return true
}
