package parquet

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Bounds of what the pages of a file may unpack to. The library below allocates what a header declares, so
// that a file of a few bytes could ask for gigabytes.
const (
	maxGroup  = 128 << 20 // of the largest pages of the columns of a row group, which are in memory together
	maxValues = 1 << 24   // of one page
	maxHeader = 256 << 10 // of one page
)

// checkPages reads the header of every page of the columns that are read and refuses files whose pages are not inside
// the file, do not add up to their columns or are larger than the bounds.
func checkPages(in io.ReaderAt, size int64, metadata *format.FileMetaData, isRead func(column int) bool) error {
	rows := int64(0)
	for g := range metadata.RowGroups {
		group := &metadata.RowGroups[g]
		total := int64(0)
		for c := range group.Columns {
			chunk := &group.Columns[c].MetaData
			if !isRead(c) || group.NumRows == 0 && chunk.NumValues == 0 {
				continue
			}
			w := pageWalker{in: in, codec: chunk.Codec, at: chunk.DataPageOffset}
			if first := chunk.DictionaryPageOffset; first > 0 {
				w.at = min(w.at, first)
			}
			if w.end = w.at + chunk.TotalCompressedSize; w.at < 0 || w.end < w.at || w.end > size {
				return errors.New("the file is damaged: a column does not lie inside it")
			}
			if err := w.walk(); err != nil {
				return fmt.Errorf("the pages of column %q: %w", chunk.PathInSchema, err)
			}
			if w.values != chunk.NumValues || w.values < group.NumRows {
				return fmt.Errorf("the file is damaged: column %q has %d values for %d rows", chunk.PathInSchema, w.values, group.NumRows)
			}
			total += w.largest
		}
		if total > maxGroup {
			return fmt.Errorf("the pages of a row group unpack to more than %d MiB: write smaller pages", maxGroup>>20)
		}
		if group.NumRows < 0 {
			return errors.New("the file is damaged: a row group has a negative number of rows")
		}
		rows += group.NumRows
	}
	if rows != metadata.NumRows {
		return fmt.Errorf("the file is damaged: its row groups have %d rows of %d", rows, metadata.NumRows)
	}
	return nil
}

// pageWalker walks over the pages of one column.
type pageWalker struct {
	in      io.ReaderAt
	codec   format.CompressionCodec
	at, end int64
	largest int64 // unpacked bytes of the largest page
	values  int64 // of all data pages
}

func (w *pageWalker) walk() error {
	var protocol thrift.CompactProtocol
	buffer := make([]byte, 1<<10)
	for w.at < w.end {
		n, err := w.in.ReadAt(buffer[:min(int64(len(buffer)), w.end-w.at)], w.at)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		reader := protocol.NewReaderFromBytes(buffer[:n])
		var header format.PageHeader
		if err = checkThrift(buffer[:n]); err == nil {
			err = thrift.NewDecoder(reader).Decode(&header)
		}
		if err != nil {
			if int64(n) == w.end-w.at || n >= maxHeader {
				return fmt.Errorf("decoding a header: %w", err)
			}
			buffer = make([]byte, 4*len(buffer)) // it may have been cut off
			continue
		}
		w.at += int64(reader.BytesRead())
		if err := w.page(&header); err != nil {
			return err
		}
		w.at += int64(header.CompressedPageSize)
	}
	return nil
}

// page checks one page; w.at is after its header.
func (w *pageWalker) page(header *format.PageHeader) error {
	values, levels, plain := int32(-1), int64(0), false
	switch {
	case header.Type == format.DataPage && header.DataPageHeader.Valid:
		values = header.DataPageHeader.V.NumValues
		w.values += int64(values)
	case header.Type == format.DataPageV2 && header.DataPageHeaderV2.Valid:
		v2 := &header.DataPageHeaderV2.V
		values, levels = v2.NumValues, int64(v2.DefinitionLevelsByteLength)+int64(v2.RepetitionLevelsByteLength)
		w.values += int64(values)
		plain = v2.IsCompressed.Valid && !v2.IsCompressed.V
	case header.Type == format.DictionaryPage && header.DictionaryPageHeader.Valid:
		values = header.DictionaryPageHeader.V.NumValues
	}
	packed, unpacked := int64(header.CompressedPageSize), int64(header.UncompressedPageSize)
	switch {
	case values < 0:
		return errors.New("a page is of an unknown kind")
	case values > maxValues:
		return fmt.Errorf("a page of %d values is too large: write smaller pages", values)
	case packed < 0 || unpacked < 0 || levels < 0 || levels > packed || w.at+packed > w.end:
		return errors.New("a page is larger than its column")
	}
	w.largest = max(w.largest, unpacked)
	if plain || packed == levels {
		return nil
	}
	return unpacks(w.codec, io.NewSectionReader(w.in, w.at+levels, packed-levels), unpacked)
}
