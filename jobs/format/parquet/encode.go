package parquet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	thriftformat "github.com/parquet-go/parquet-go/format"

	"senmeteo/jobs/meteo"
)

// encoder makes the pages of columns, one after the other. Its buffers are used again.
type encoder struct {
	zstd    *zstd.Encoder
	headers *thrift.Encoder // to out

	out        bytes.Buffer // the pages of a column as the file has them
	dictionary []byte       // the values of the dictionary page
	page       []byte       // the levels and values of the data page
	packed     []byte       // both, compressed
	scratch    []byte
	indexes    []int32
	seen       map[uint64]int32 // the index of each number in the dictionary
}

func newEncoder() (*encoder, error) {
	e := &encoder{seen: map[uint64]int32{}}
	var err error
	if e.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false), zstd.WithAllLitEntropyCompression(true)); err != nil {
		return nil, fmt.Errorf("preparing the compression of Parquet: %w", err)
	}
	e.headers = thrift.NewEncoder((&thrift.CompactProtocol{}).NewWriter(&e.out))
	return e, nil
}

// chunk encodes a column of a row group that begins at an offset of the file. The bytes are valid until the next call.
func (e *encoder) chunk(c *cells, rows int, offset int64) (thriftformat.ColumnChunk, []byte, error) {
	if err := e.encodeLevels(c); err != nil {
		return thriftformat.ColumnChunk{}, nil, err
	}
	encoding, entries, err := e.encodeValues(c)
	if err != nil {
		return thriftformat.ColumnChunk{}, nil, err
	}
	m := thriftformat.ColumnMetaData{
		Type: elementOf(c.field.Type).Type.V, Encoding: []thriftformat.Encoding{encoding, thriftformat.RLE},
		PathInSchema: []string{c.field.Name}, NumValues: int64(rows), DataPageOffset: offset, Codec: thriftformat.Zstd,
	}
	dictionary, page := e.compress()
	e.out.Reset()
	if entries > 0 {
		m.Encoding = append(m.Encoding, thriftformat.Plain)
		m.DictionaryPageOffset = offset
		err = e.append(&m, dictionary, &thriftformat.PageHeader{
			Type: thriftformat.DictionaryPage, UncompressedPageSize: int32(len(e.dictionary)),
			DictionaryPageHeader: thrift.New(thriftformat.DictionaryPageHeader{NumValues: int32(entries), Encoding: thriftformat.Plain}),
		})
		if err != nil {
			return thriftformat.ColumnChunk{}, nil, err
		}
		m.DataPageOffset += int64(e.out.Len())
	}
	err = e.append(&m, page, &thriftformat.PageHeader{
		Type: thriftformat.DataPage, UncompressedPageSize: int32(len(e.page)),
		DataPageHeader: thrift.New(thriftformat.DataPageHeader{
			NumValues: int32(rows), Encoding: encoding, DefinitionLevelEncoding: thriftformat.RLE, RepetitionLevelEncoding: thriftformat.RLE,
		}),
	})
	m.TotalCompressedSize = int64(e.out.Len())
	return thriftformat.ColumnChunk{MetaData: m}, e.out.Bytes(), err
}

// thrift encodes a part of a file. The bytes are valid until the next call.
func (e *encoder) thrift(part any) ([]byte, error) {
	e.out.Reset()
	err := e.headers.Encode(part)
	return e.out.Bytes(), err
}

// append puts a page of the column into out.
func (e *encoder) append(m *thriftformat.ColumnMetaData, data []byte, header *thriftformat.PageHeader) error {
	header.CompressedPageSize = int32(len(data))
	before := e.out.Len()
	if err := e.headers.Encode(header); err != nil {
		return err
	}
	m.TotalUncompressedSize += int64(e.out.Len()-before) + int64(header.UncompressedPageSize)
	e.out.Write(data)
	return nil
}

// compress returns the two pages as the file has them.
func (e *encoder) compress() (dictionary, page []byte) {
	e.packed = e.packed[:0]
	if len(e.dictionary) > 0 {
		e.packed = e.zstd.EncodeAll(e.dictionary, e.packed)
	}
	n := len(e.packed)
	e.packed = e.zstd.EncodeAll(e.page, e.packed)
	return e.packed[:n], e.packed[n:]
}

// encodeLevels begins the data page with which cells of a column that may be null have a value.
func (e *encoder) encodeLevels(c *cells) (err error) {
	e.page = e.page[:0]
	if required(c.field) {
		return nil
	}
	if e.scratch, err = (&rle.Encoding{BitWidth: 1}).EncodeLevels(e.scratch, c.present); err != nil {
		return err
	}
	e.page = binary.LittleEndian.AppendUint32(e.page, uint32(len(e.scratch)))
	e.page = append(e.page, e.scratch...)
	return nil
}

// encodeValues completes the data page, and makes a dictionary of the returned number of entries.
func (e *encoder) encodeValues(c *cells) (encoding thriftformat.Encoding, entries int, err error) {
	e.dictionary = e.dictionary[:0]
	switch c.field.Type {
	case meteo.TypeNumber:
		return e.encodeNumbers(c.numbers)
	case meteo.TypeWhole, meteo.TypeTime:
		return e.encodeWholes(c.wholes)
	case meteo.TypeSchema:
		return e.encodeSchema(c.wholes)
	case meteo.TypeID:
		return e.encodeIDs(c.ids)
	}
	return e.encodeTexts(c)
}

// encodeWholes stores whole numbers, or times, as differences.
func (e *encoder) encodeWholes(wholes []int64) (thriftformat.Encoding, int, error) {
	if len(wholes) == 0 {
		return thriftformat.Plain, 0, nil
	}
	var err error
	e.scratch, err = (&delta.BinaryPackedEncoding{}).EncodeInt64(e.scratch, wholes)
	e.page = append(e.page, e.scratch...)
	return thriftformat.DeltaBinaryPacked, 0, err
}

// encodeSchema stores the one number that all cells have.
func (e *encoder) encodeSchema(wholes []int64) (thriftformat.Encoding, int, error) {
	e.indexes = append(e.indexes[:0], make([]int32, len(wholes))...)
	e.dictionary = binary.LittleEndian.AppendUint32(e.dictionary, meteo.SchemaVersion)
	return e.encodeIndexes(1)
}

// encodeIDs stores ids, of which no two are equal, as texts without their lengths between them.
func (e *encoder) encodeIDs(ids []byte) (thriftformat.Encoding, int, error) {
	if len(ids) == 0 {
		return thriftformat.Plain, 0, nil
	}
	e.indexes = e.indexes[:0]
	for range len(ids) / idLength {
		e.indexes = append(e.indexes, int32(idLength))
	}
	var err error
	e.scratch, err = (&delta.BinaryPackedEncoding{}).EncodeInt32(e.scratch, e.indexes)
	e.page = append(append(e.page, e.scratch...), ids...)
	return thriftformat.DeltaLengthByteArray, 0, err
}

// encodeIndexes stores the places of values in a dictionary of n entries.
func (e *encoder) encodeIndexes(n int) (thriftformat.Encoding, int, error) {
	var err error
	e.scratch, err = (&rle.DictionaryEncoding{}).EncodeInt32(e.scratch, e.indexes)
	e.page = append(e.page, e.scratch...)
	return thriftformat.RLEDictionary, n, err
}

// isSmaller reports whether values of a width in bytes are smaller by a dictionary.
func isSmaller(entries, values, width int) bool {
	return entries*width+values*bits.Len(uint(entries-1))/8 < values*width
}

func (e *encoder) encodeNumbers(numbers []float64) (thriftformat.Encoding, int, error) {
	clear(e.seen)
	e.indexes = e.indexes[:0]
	for _, x := range numbers {
		b := math.Float64bits(x)
		i, ok := e.seen[b]
		if !ok {
			i = int32(len(e.seen))
			e.seen[b] = i
			e.dictionary = binary.LittleEndian.AppendUint64(e.dictionary, b)
		}
		e.indexes = append(e.indexes, i)
	}
	if n := len(e.seen); n > 0 && isSmaller(n, len(numbers), 8) {
		return e.encodeIndexes(n)
	}
	e.dictionary = e.dictionary[:0]
	for _, x := range numbers {
		e.page = binary.LittleEndian.AppendUint64(e.page, math.Float64bits(x))
	}
	return thriftformat.Plain, 0, nil
}

func (e *encoder) encodeTexts(c *cells) (thriftformat.Encoding, int, error) {
	for _, s := range c.entries {
		e.dictionary = appendText(e.dictionary, s)
	}
	if n := len(c.entries); n > 0 && len(e.dictionary)+len(c.texts)*bits.Len(uint(n-1))/8 < c.size+4*len(c.texts) {
		e.indexes = append(e.indexes[:0], c.texts...)
		return e.encodeIndexes(n)
	}
	e.dictionary = e.dictionary[:0]
	for _, i := range c.texts {
		e.page = appendText(e.page, c.entries[i])
	}
	return thriftformat.Plain, 0, nil
}

// appendText appends a text as plain pages have it: its length and its bytes.
func appendText(dst []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(s))), s...)
}
