package parquet

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/parquet-go/parquet-go/format"

	"senmeteo/jobs/meteo"
)

// longestBound is how many bytes the bounds of texts in a footer may have; longer ones are in the index of pages alone.
const longestBound = 64

// bounds returns the least and the greatest cell of a column of a row group, as plain pages have them; nil where all are null.
func (c *cells) bounds() (low, high []byte) {
	switch {
	case len(c.numbers) > 0:
		least := slices.Min(c.numbers)
		if least == 0 {
			least = math.Copysign(0, -1) // as the format asks, for readers that tell the zeros apart
		}
		return eightBytes(math.Float64bits(least)), eightBytes(math.Float64bits(slices.Max(c.numbers)))
	case c.field.Type == meteo.TypeSchema && len(c.wholes) > 0:
		version := binary.LittleEndian.AppendUint32(nil, meteo.SchemaVersion)
		return version, version
	case len(c.wholes) > 0:
		return eightBytes(uint64(slices.Min(c.wholes))), eightBytes(uint64(slices.Max(c.wholes)))
	case len(c.ids) > 0:
		return c.boundsOfIDs()
	case len(c.entries) > 0:
		return []byte(slices.Min(c.entries)), []byte(slices.Max(c.entries))
	}
	return nil, nil
}

func eightBytes(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }

func (c *cells) boundsOfIDs() (low, high []byte) {
	low, high = c.ids[:idLength], c.ids[:idLength]
	for id := range slices.Chunk(c.ids, idLength) {
		if string(id) < string(low) {
			low = id
		}
		if string(id) > string(high) {
			high = id
		}
	}
	return slices.Clone(low), slices.Clone(high)
}

// describe sets what readers pass over a column of a row group by: in the footer its number of nulls, and its bounds where a
// query may ask for them; in the index of pages both for the one page that it is.
func (c *cells) describe(m *format.ColumnMetaData) format.ColumnIndex {
	low, high := c.bounds()
	m.Statistics.NullCount = int64(c.nulls)
	switch c.field.Type {
	case meteo.TypeID, meteo.TypeFailures, meteo.TypeOriginal, meteo.TypeQuantiles:
	default:
		if max(len(low), len(high)) <= longestBound {
			m.Statistics.MinValue, m.Statistics.MaxValue = low, high
		}
	}
	return format.ColumnIndex{
		NullPages: []bool{low == nil}, MinValues: [][]byte{low}, MaxValues: [][]byte{high},
		BoundaryOrder: format.Ascending, NullCounts: []int64{int64(c.nulls)},
	}
}

// writeIndex writes the index of pages: the bounds of all, then where they are. The footer points to both.
func (w *Writer) writeIndex() error {
	indexes := w.indexes
	for g := range w.file.RowGroups {
		columns := w.file.RowGroups[g].Columns
		for i := range columns {
			if err := w.writePart(&indexes[i], &columns[i].ColumnIndexOffset, &columns[i].ColumnIndexLength); err != nil {
				return err
			}
		}
		indexes = indexes[len(columns):]
	}
	for g := range w.file.RowGroups {
		columns := w.file.RowGroups[g].Columns
		for i := range columns {
			if err := w.writePart(placeOf(&columns[i].MetaData), &columns[i].OffsetIndexOffset, &columns[i].OffsetIndexLength); err != nil {
				return err
			}
		}
	}
	return nil
}

// writePart writes a part of the index, and notes where it is.
func (w *Writer) writePart(part any, offset *int64, length *int32) error {
	data, err := w.encoder.thrift(part)
	if err != nil {
		return fmt.Errorf("encoding the index of Parquet: %w", err)
	}
	*offset, *length = w.offset, int32(len(data))
	return w.write(data)
}

// placeOf is where the data page of a column is.
func placeOf(m *format.ColumnMetaData) *format.OffsetIndex {
	size := m.TotalCompressedSize
	if m.DictionaryPageOffset > 0 {
		size -= m.DataPageOffset - m.DictionaryPageOffset
	}
	return &format.OffsetIndex{PageLocations: []format.PageLocation{{Offset: m.DataPageOffset, CompressedPageSize: int32(size)}}}
}
