package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// padding is how the producer names itself whose pages have eight zero bytes after their values. The library below refuses them in
// columns of INT96 and fixed lengths, and prints a warning of its own for texts.
const padding = "fastparquet"

// withoutPadding returns a column whose pages are read up to their last value, where the library below would go on.
func (r *reader) withoutPadding(chunk parquet.ColumnChunk, metadata *format.ColumnMetaData) parquet.ColumnChunk {
	if kind := chunk.Type().Kind(); metadata.DictionaryPageOffset > 0 || len(metadata.PathInSchema) != 1 || kind != parquet.ByteArray && kind != parquet.Int96 && kind != parquet.FixedLenByteArray {
		return chunk
	}
	return &paddedChunk{ColumnChunk: chunk, file: r.file, metadata: metadata}
}

// paddedChunk is a column of one row group.
type paddedChunk struct {
	parquet.ColumnChunk
	file     io.ReaderAt
	metadata *format.ColumnMetaData
}

// Pages implements parquet.ColumnChunk.
func (c *paddedChunk) Pages() parquet.Pages {
	at := c.metadata.DataPageOffset
	return &paddedPages{chunk: c, at: at, end: at + c.metadata.TotalCompressedSize}
}

// paddedPages reads the pages of a column one after the other.
type paddedPages struct {
	chunk   *paddedChunk
	at, end int64
}

// SeekToRow implements parquet.Pages for the first row, which is where reading begins.
func (p *paddedPages) SeekToRow(row int64) error {
	if row != 0 {
		return errors.New("the pages are read from the first on")
	}
	p.at = p.chunk.metadata.DataPageOffset
	return nil
}

// Close implements parquet.Pages.
func (p *paddedPages) Close() error { return nil }

// ReadPage implements parquet.Pages. checkPages has compared sizes with the bounds.
func (p *paddedPages) ReadPage() (parquet.Page, error) {
	if p.at >= p.end {
		return nil, io.EOF
	}
	var protocol thrift.CompactProtocol
	var header format.PageHeader
	data := make([]byte, min(p.end-p.at, maxHeader))
	if _, err := p.chunk.file.ReadAt(data, p.at); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	reader := protocol.NewReaderFromBytes(data)
	if err := thrift.NewDecoder(reader).Decode(&header); err != nil {
		return nil, fmt.Errorf("decoding the header of a page: %w", err)
	}
	p.at += int64(reader.BytesRead())
	packed := make([]byte, header.CompressedPageSize)
	if _, err := p.chunk.file.ReadAt(packed, p.at); err != nil {
		return nil, fmt.Errorf("reading a page: %w", err)
	}
	p.at += int64(header.CompressedPageSize)
	return p.page(&header, packed)
}

func (p *paddedPages) page(header *format.PageHeader, packed []byte) (parquet.Page, error) {
	unpack := func(data []byte) ([]byte, error) {
		if p.chunk.metadata.Codec == format.Uncompressed {
			return data, nil
		}
		return parquet.LookupCompressionCodec(p.chunk.metadata.Codec).Decode(make([]byte, 0, header.UncompressedPageSize), data)
	}
	optional := p.isOptional()
	var levels, values []byte
	var count int32
	var encoded format.Encoding
	var err error
	switch {
	case header.DataPageHeader.Valid:
		count, encoded = header.DataPageHeader.V.NumValues, header.DataPageHeader.V.Encoding
		if values, err = unpack(packed); err == nil && optional {
			if len(values) < 4 || uint64(binary.LittleEndian.Uint32(values)) > uint64(len(values)-4) {
				return nil, errShort
			}
			size := binary.LittleEndian.Uint32(values)
			levels, values = values[4:4+size], values[4+size:]
		}
	case header.DataPageHeaderV2.Valid:
		v2 := &header.DataPageHeaderV2.V
		count, encoded = v2.NumValues, v2.Encoding
		levels, values = packed[:v2.DefinitionLevelsByteLength], packed[v2.DefinitionLevelsByteLength:]
		if !v2.IsCompressed.Valid || v2.IsCompressed.V {
			values, err = unpack(values)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("unpacking a page: %w", err)
	}
	if encoded != format.Plain {
		return nil, fmt.Errorf("a page is encoded by %s, which is not supported beside padding", encoded)
	}
	return p.decode(int(count), optional, levels, values)
}

var errShort = errors.New("the file is damaged: a page has fewer values than it declares")

// isOptional reports whether the cells of the column may be null.
func (p *paddedPages) isOptional() bool {
	file, ok := p.chunk.ColumnChunk.(*parquet.FileColumnChunk)
	return ok && file.Node().Optional()
}

// decode reads the values of a page.
func (p *paddedPages) decode(count int, optional bool, levels, data []byte) (parquet.Page, error) {
	var present []byte
	if optional {
		var err error
		if present, err = (&rle.Encoding{BitWidth: 1}).DecodeLevels(nil, levels); err != nil {
			return nil, fmt.Errorf("decoding which values of a page are null: %w", err)
		}
		if len(present) < count {
			return nil, errShort
		}
	}
	column, kind := p.chunk.Column(), p.chunk.Type()
	page := &paddedPage{Page: parquet.ByteArrayType.NewPage(column, 0, encoding.ByteArrayValues(nil, []uint32{0})), values: make([]parquet.Value, count)}
	for i := range page.values {
		if optional && present[i] == 0 {
			page.values[i] = parquet.NullValue().Level(0, 0, column)
			continue
		}
		size := kind.Length()
		switch kind.Kind() {
		case parquet.Int96:
			size = 12
		case parquet.ByteArray:
			if len(data) < 4 {
				return nil, errShort
			}
			size, data = int(binary.LittleEndian.Uint32(data)), data[4:]
		}
		if size < 0 || size > len(data) {
			return nil, errShort
		}
		level := 0
		if optional {
			level = 1
		}
		page.values[i] = valueOfBytes(kind.Kind(), data[:size]).Level(0, level, column)
		data = data[size:]
	}
	return page, nil
}

func valueOfBytes(kind parquet.Kind, data []byte) parquet.Value {
	switch kind {
	case parquet.Int96:
		return parquet.Int96Value(deprecated.Int96{binary.LittleEndian.Uint32(data), binary.LittleEndian.Uint32(data[4:]), binary.LittleEndian.Uint32(data[8:])})
	case parquet.FixedLenByteArray:
		return parquet.FixedLenByteArrayValue(data)
	}
	return parquet.ByteArrayValue(data)
}

// paddedPage is a page of values that are read.
type paddedPage struct {
	parquet.Page
	values []parquet.Value
}

// NumRows implements parquet.Page.
func (p *paddedPage) NumRows() int64 { return int64(len(p.values)) }

// NumValues implements parquet.Page.
func (p *paddedPage) NumValues() int64 { return int64(len(p.values)) }

// Values implements parquet.Page.
func (p *paddedPage) Values() parquet.ValueReader { return &paddedValues{p.values} }

// paddedValues gives values in their order.
type paddedValues struct{ rest []parquet.Value }

// ReadValues implements parquet.ValueReader.
func (v *paddedValues) ReadValues(into []parquet.Value) (int, error) {
	n := copy(into, v.rest)
	if v.rest = v.rest[n:]; len(v.rest) == 0 {
		return n, io.EOF
	}
	return n, nil
}
