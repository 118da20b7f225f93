package parquet

import (
	"encoding/binary"
	"errors"
)

// The library below makes as many values as the bytes of a page declare: a few bytes may declare two thousand million. These
// functions refuse pages that declare more than the rows that they are for.

var errMore = errors.New("the file is damaged: a page declares more values than it has")

// fillUp is how many values more than needed a last run may have: it is filled up to eight, by some writers to more.
const fillUp = 512

// checkRuns reads over runs of values of a width in bits, for n values
// (https://parquet.apache.org/docs/file-format/data-pages/encodings/#run-length-encoding--bit-packing-hybrid-rle--3).
func checkRuns(data []byte, width, n int) error {
	total := uint64(0)
	for len(data) > 0 {
		header, size := binary.Uvarint(data)
		if size <= 0 {
			return errMore
		}
		data = data[size:]
		count, bytes := header>>1, uint64(width+7)/8
		if header&1 == 1 { // groups of eight
			if count > uint64(len(data)) && width > 0 || count > maxRows {
				return errMore
			}
			count, bytes = count*8, count*uint64(width)
		}
		if total += count; count > maxRows || total > uint64(n+fillUp) {
			return errMore
		}
		data = data[min(bytes, uint64(len(data))):]
	}
	return nil
}

// checkDelta reads the header of values that are stored as differences, for n values.
func checkDelta(data []byte, n int) error {
	for range 2 { // the size of a block, and its parts
		_, size := binary.Uvarint(data)
		if size <= 0 {
			return errMore
		}
		data = data[size:]
	}
	if total, size := binary.Uvarint(data); size <= 0 || total > uint64(n) {
		return errMore
	}
	return nil
}
