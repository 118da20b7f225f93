package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

var errLarger = errors.New("a page unpacks to more than it declares")

// unpacks tries whether a compressed page unpacks to no more than its header declares. The library below believes no header when it
// unpacks: it takes what comes, and of a damaged LZ4 page it never gets enough.
func unpacks(codec format.CompressionCodec, packed *io.SectionReader, declared int64) error {
	switch codec {
	case format.Uncompressed:
		if packed.Size() > declared {
			return errLarger
		}
		return nil
	case format.Snappy:
		var start [binary.MaxVarintLen64]byte
		n, err := packed.ReadAt(start[:], 0)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if size, ok := binary.Uvarint(start[:n]); ok <= 0 || size > uint64(declared) {
			return errLarger
		}
		return nil
	case format.Zstd:
		r, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxGroup))
		if err != nil {
			return fmt.Errorf("unpacking a page: %w", err)
		}
		defer r.Close()
		return drain(r, declared)
	case format.Gzip:
		r, err := gzip.NewReader(packed)
		if err != nil {
			return fmt.Errorf("unpacking a page: %w", err)
		}
		return errors.Join(drain(r, declared), r.Close())
	case format.Brotli:
		return drain(brotli.NewReader(packed), declared)
	case format.Lz4Raw:
		return unpacksLZ4(packed, declared)
	}
	return fmt.Errorf("it is compressed by %s, which is not supported: use zstd, snappy or gzip", codec)
}

// drain reads no more than is declared, and one byte to see whether there is more.
func drain(r io.Reader, declared int64) error {
	n, err := io.Copy(io.Discard, io.LimitReader(r, declared+1))
	switch {
	case err != nil:
		return fmt.Errorf("unpacking a page: %w", err)
	case n > declared:
		return errLarger
	}
	return nil
}

// unpacksLZ4 unpacks a block, which can't be read piece by piece. Both sizes are bounded as those of all pages are.
func unpacksLZ4(packed *io.SectionReader, declared int64) error {
	if declared > maxGroup || packed.Size() > maxGroup {
		return errLarger
	}
	block := make([]byte, packed.Size())
	if _, err := io.ReadFull(packed, block); err != nil {
		return fmt.Errorf("unpacking a page: %w", err)
	}
	if _, err := lz4.UncompressBlock(block, make([]byte, declared)); err != nil {
		return errLarger // the one error there is, beside a damaged block
	}
	return nil
}
