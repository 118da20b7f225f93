package parquet

import (
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	thriftformat "github.com/parquet-go/parquet-go/format"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
)

const (
	rowGroup  = 1 << 17  // rows of a row group at the most
	textGroup = 16 << 20 // bytes of the texts of a row group at the most
)

// Layout is what the files of a Writer have in common.
type Layout struct {
	Sorted   bool // declares that the rows are in the order of station_id and observed_at, in which the caller writes them
	MaxGroup int  // rows of a row group at the most; 0: 131,072
}

// Writer writes observations into a Parquet file. It holds at most one row group in memory, and can be used for one file
// after the other, which saves most of what a small file costs.
//
// Texts and numbers have dictionaries where that makes them smaller; whole numbers and times are stored as differences, ids
// without their lengths between them. Pages are of version 1, which every reader knows, and compressed by zstd. A column of a row group is one page, of which the file has the bounds, for readers of either index.
type Writer struct {
	out     io.Writer
	offset  int64
	columns []cells
	rows    int // of the row group that is being filled
	texts   int // bytes of its texts
	maxRows int
	file    thriftformat.FileMetaData
	indexes []thriftformat.ColumnIndex // of the columns of the row groups
	encoder *encoder
	sorting []thriftformat.SortingColumn
}

// NewWriter starts a file. The metadata come into its footer, beside SchemaKey.
func NewWriter(out io.Writer, layout Layout, metadata map[string]string) (*Writer, error) {
	encoder, err := newEncoder()
	if err != nil {
		return nil, err
	}
	w := &Writer{encoder: encoder, maxRows: layout.MaxGroup}
	if w.maxRows == 0 {
		w.maxRows = rowGroup
	}
	var fields []*meteo.Field
	for i := range meteo.Fields {
		fields = append(fields, &meteo.Fields[i])
		w.columns = append(w.columns, cells{field: &meteo.Fields[i], index: map[string]int32{}})
	}
	w.file.Version, w.file.CreatedBy, w.file.Schema = 2, createdBy, schemaOf(fields)
	for range fields {
		w.file.ColumnOrders = append(w.file.ColumnOrders, thriftformat.ColumnOrder{Value: &thriftformat.TypeDefinedOrder{}})
	}
	if layout.Sorted {
		w.sorting = sortingOf(fields)
	}
	w.Reset(out, metadata)
	return w, nil
}

func sortingOf(fields []*meteo.Field) []thriftformat.SortingColumn {
	var columns []thriftformat.SortingColumn
	for i, f := range fields {
		if f.Name == "station_id" || f.Name == "observed_at" { // in this order among the fields
			columns = append(columns, thriftformat.SortingColumn{ColumnIdx: int32(i)})
		}
	}
	return columns
}

func newWriter(out io.Writer) (format.Writer, error) { return NewWriter(out, Layout{}, nil) }

// Reset starts another file of the same layout, whether the last was closed or not.
func (w *Writer) Reset(out io.Writer, metadata map[string]string) {
	w.out, w.offset = out, 0
	w.file.NumRows, w.file.RowGroups = 0, w.file.RowGroups[:0]
	w.indexes = w.indexes[:0]
	w.file.KeyValueMetadata = append(w.file.KeyValueMetadata[:0], thriftformat.KeyValue{Key: SchemaKey, Value: strconv.Itoa(meteo.SchemaVersion)})
	for _, k := range slices.Sorted(maps.Keys(metadata)) {
		w.file.KeyValueMetadata = append(w.file.KeyValueMetadata, thriftformat.KeyValue{Key: k, Value: metadata[k]})
	}
	w.clear()
}

func (w *Writer) clear() {
	w.rows, w.texts = 0, 0
	for i := range w.columns {
		w.columns[i].reset()
	}
}

// Write implements format.Writer.
func (w *Writer) Write(o *meteo.Observation) error {
	before := 0
	for i := range w.columns {
		before += w.columns[i].size
		w.columns[i].add(o)
		w.texts += w.columns[i].size
	}
	w.texts -= before
	if w.rows++; w.rows < w.maxRows && w.texts < textGroup {
		return nil
	}
	return w.flush()
}

// flush writes a row group.
func (w *Writer) flush() error {
	if err := w.begin(); err != nil || w.rows == 0 {
		return err
	}
	group := thriftformat.RowGroup{NumRows: int64(w.rows), SortingColumns: w.sorting, FileOffset: w.offset, Ordinal: int16(len(w.file.RowGroups))}
	for i := range w.columns {
		chunk, data, err := w.encoder.chunk(&w.columns[i], w.rows, w.offset)
		if err != nil {
			return fmt.Errorf("encoding the column %s of Parquet: %w", w.columns[i].field.Name, err)
		}
		if err := w.write(data); err != nil {
			return err
		}
		w.indexes = append(w.indexes, w.columns[i].describe(&chunk.MetaData))
		group.Columns = append(group.Columns, chunk)
		group.TotalByteSize += chunk.MetaData.TotalUncompressedSize
		group.TotalCompressedSize += chunk.MetaData.TotalCompressedSize
	}
	w.file.NumRows += group.NumRows
	w.file.RowGroups = append(w.file.RowGroups, group)
	w.clear()
	return nil
}

// mark is how a file begins and ends.
const mark = "PAR1"

func (w *Writer) begin() error {
	if w.offset > 0 {
		return nil
	}
	return w.write([]byte(mark))
}

func (w *Writer) write(data []byte) error {
	n, err := w.out.Write(data)
	w.offset += int64(n)
	if err != nil {
		return fmt.Errorf("writing Parquet: %w", err)
	}
	return nil
}

// Close implements format.Writer.
func (w *Writer) Close() error {
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.writeIndex(); err != nil {
		return err
	}
	footer, err := w.encoder.thrift(&w.file)
	if err != nil {
		return fmt.Errorf("encoding the footer of the Parquet file: %w", err)
	}
	footer = binary.LittleEndian.AppendUint32(footer, uint32(len(footer)))
	return w.write(append(footer, mark...))
}
