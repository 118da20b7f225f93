package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"senmeteo/jobs/meteo"
)

// maxRows is how many rows of a row group a Decoder takes; a Writer makes half as many at the most.
const maxRows = 2 * rowGroup

// Decoder reads the files of a Writer of this version or an earlier one, column by column. Its buffers serve one file after
// the other.
type Decoder struct {
	zstd *zstd.Decoder
	rows []meteo.Observation // of a row group
	buffers
	entries, found values // the dictionary of a column, and the values of one of its pages
	texts          map[string]string
	qc             map[string][]meteo.Failure
}

// NewDecoder returns a Decoder.
func NewDecoder() (*Decoder, error) {
	unpack, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxGroup))
	if err != nil {
		return nil, fmt.Errorf("preparing to unpack Parquet: %w", err)
	}
	return &Decoder{zstd: unpack, texts: map[string]string{}, qc: map[string][]meteo.Failure{}}, nil
}

// Decode calls each with the observations of the content of a file, one row group at a time. Only the named fields are set, or
// all when none is named: a file need not have a column that has been optional since its first version. What each gets is valid
// until it returns; it may keep copies of observations. An error of each ends the reading and is returned.
func (d *Decoder) Decode(file []byte, each func([]meteo.Observation) error, names ...string) error {
	var metadata format.FileMetaData
	if err := guard(func() error { return readFooter(file, &metadata) }); err != nil {
		return err
	}
	columns, err := sourcesOf(&metadata, names)
	if err != nil {
		return err
	}
	for g := range metadata.RowGroups {
		if err := guard(func() error { return d.group(file, &metadata.RowGroups[g], columns) }); err != nil {
			return err
		}
		if err := each(d.rows); err != nil {
			return err
		}
	}
	return nil
}

// readFooter reads the metadata of a file.
func readFooter(file []byte, metadata *format.FileMetaData) error {
	in := bytes.NewReader(file)
	if err := checkFooter(in, in.Size()); err != nil {
		return err
	}
	const tail = 8 // the length and the mark
	end := len(file) - tail
	footer := file[end-int(binary.LittleEndian.Uint32(file[end:])) : end]
	var protocol thrift.CompactProtocol
	if err := thrift.NewDecoder(protocol.NewReaderFromBytes(footer)).Decode(metadata); err != nil {
		return fmt.Errorf("decoding the footer of the Parquet file: %w", err)
	}
	return nil
}

// source is a column of a file.
type source struct {
	field    *meteo.Field // that it is read into; nil: it is not read
	optional bool         // it may have cells without a value
}

// sourcesOf returns the columns of a file.
func sourcesOf(metadata *format.FileMetaData, names []string) ([]source, error) {
	elements := leaves(metadata.Schema)
	columns := make([]source, len(elements))
	found := map[*meteo.Field]bool{}
	for i := range elements {
		e := &elements[i]
		f := meteo.FieldByName(e.Name)
		if f == nil || f.Type == meteo.TypeSchema || len(names) > 0 && !slices.Contains(names, f.Name) {
			continue
		}
		if e.Type.V != elementOf(f.Type).Type.V || e.RepetitionType.V == format.Repeated {
			return nil, fmt.Errorf("its column %q is not of the type that senmeteo writes", f.Name)
		}
		columns[i] = source{field: f, optional: e.RepetitionType.V == format.Optional}
		found[f] = true
	}
	for i := range meteo.Fields {
		f := &meteo.Fields[i]
		wanted := slices.Contains(names, f.Name) || len(names) == 0 && required(f)
		if wanted && f.Type != meteo.TypeSchema && !found[f] {
			return nil, fmt.Errorf("it has no column %q", f.Name)
		}
	}
	return columns, nil
}

// unknown is an observation of which nothing is known.
var unknown = func() (o meteo.Observation) {
	for i := range meteo.Fields {
		if f := &meteo.Fields[i]; f.Type == meteo.TypeNumber {
			*f.Number(&o) = meteo.NoValues()[0]
		}
	}
	return o
}()

var errColumn = errors.New("the file is damaged: a column does not lie inside it, or has not as many values as there are rows")

// group reads the columns of a row group into d.rows.
func (d *Decoder) group(file []byte, group *format.RowGroup, columns []source) error {
	if group.NumRows < 0 || group.NumRows > maxRows || len(group.Columns) != len(columns) {
		return fmt.Errorf("a row group has %d rows in %d columns, which no file of senmeteo has", group.NumRows, len(group.Columns))
	}
	d.rows = slices.Grow(d.rows[:0], int(group.NumRows))[:group.NumRows]
	for i := range d.rows {
		d.rows[i] = unknown
	}
	for i := range columns {
		if c := &columns[i]; c.field == nil {
			continue
		} else if err := d.column(file, &group.Columns[i].MetaData, c); err != nil {
			return fmt.Errorf("reading the column %q: %w", c.field.Name, err)
		}
	}
	return nil
}

// column reads the pages of one column.
func (d *Decoder) column(file []byte, m *format.ColumnMetaData, c *source) error {
	at := m.DataPageOffset
	if m.DictionaryPageOffset > 0 {
		at = min(at, m.DictionaryPageOffset)
	}
	end := at + m.TotalCompressedSize
	if at < 0 || end < at || end > int64(len(file)) {
		return errColumn
	}
	rest, row := file[at:end], 0
	d.entries.reset()
	for len(rest) > 0 {
		header, body, after, err := d.next(rest, m.Codec)
		if err != nil {
			return err
		}
		rest = after
		switch header.Type {
		case format.DictionaryPage:
			err = d.dictionary(c.field.Type, body)
		case format.DataPage, format.DataPageV2:
			var n int
			n, err = d.data(&header, body, c, row)
			row += n
		}
		if err != nil {
			return err
		}
	}
	if row != len(d.rows) {
		return errColumn
	}
	return nil
}
