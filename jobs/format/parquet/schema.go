package parquet

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
)

// SchemaKey is the key of the file's metadata that holds meteo.SchemaVersion.
const SchemaKey = "senmeteo.schema"

// Schema returns the schema of senmeteo's files: the columns of format.Columns with their types. Times are microseconds in
// UTC, text and numbers have dictionaries, qc and original are JSON text.
func Schema() *parquet.Schema { return parquet.NewSchema("observation", parquet.SchemaOf(layout)) }

// layout is a structure with a field for each column, which is how the library below is given an order of columns.
var layout = func() any {
	columns := make([]reflect.StructField, len(meteo.Fields))
	for i := range meteo.Fields {
		f := &meteo.Fields[i]
		t, options := columnType(f)
		if !required(f) {
			t, options = reflect.PointerTo(t), ",optional"+options
		}
		columns[i] = reflect.StructField{
			Name: fmt.Sprintf("Column%d", i), Type: t, Tag: reflect.StructTag(fmt.Sprintf("parquet:%q", f.Name+options)),
		}
	}
	return reflect.Zero(reflect.StructOf(columns)).Interface()
}()

// columnType is the type of a field's column, and what its tag says of it.
func columnType(f *meteo.Field) (reflect.Type, string) {
	switch f.Type {
	case meteo.TypeWhole:
		return reflect.TypeFor[int64](), ""
	case meteo.TypeNumber:
		return reflect.TypeFor[float64](), ",dict"
	case meteo.TypeTime:
		return reflect.TypeFor[int64](), ",timestamp(microsecond)"
	case meteo.TypeSchema:
		return reflect.TypeFor[int32](), ""
	case meteo.TypeID:
		return reflect.TypeFor[string](), ""
	}
	return reflect.TypeFor[string](), ",dict"
}

// required reports whether a column has no cell without a value. Readings and observations share a schema, and fetched_at has always been
// optional.
func required(f *meteo.Field) bool { return f.Required && !f.Checked && f.Name != "fetched_at" }

// RowGroup is the most rows of one row group: about 10 MB compressed, which a writer holds in memory.
const RowGroup = 1 << 17

// Options are those of every senmeteo file: zstd, pages of version 1 for older readers, and the version of the
// schema in the metadata. Later options win, so that a caller may add its own, such as an order:
//
//	parquet.SortingWriterConfig(parquet.SortingColumns(parquet.Ascending("station_id"), parquet.Ascending("observed_at")))
//
// only declares the order; the caller writes the rows in it.
func Options() []parquet.WriterOption {
	return []parquet.WriterOption{
		Schema(),
		parquet.Compression(&zstd.Codec{Level: zstd.SpeedDefault}),
		parquet.DataPageVersion(1),
		parquet.DictionaryMaxBytes(1 << 20),
		parquet.MaxRowsPerRowGroup(RowGroup),
		parquet.KeyValueMetadata(SchemaKey, strconv.Itoa(meteo.SchemaVersion)),
		parquet.CreatedBy("senmeteo", strconv.Itoa(meteo.SchemaVersion), ""),
	}
}

// AppendRow appends the cells of an observation's row of Schema.
func AppendRow(row parquet.Row, o *meteo.Observation) parquet.Row {
	for i := range meteo.Fields {
		f := &meteo.Fields[i]
		v, known := cell(f, o)
		switch {
		case required(f):
			v = v.Level(0, 0, i)
		case known:
			v = v.Level(0, 1, i)
		default:
			v = parquet.NullValue().Level(0, 0, i)
		}
		row = append(row, v)
	}
	return row
}

// cell is the value of a field and whether it is known.
func cell(f *meteo.Field, o *meteo.Observation) (v parquet.Value, known bool) {
	switch f.Type {
	case meteo.TypeText:
		return text(*f.Text(o))
	case meteo.TypeWhole:
		n := *f.Whole(o)
		return parquet.Int64Value(n), n > 0
	case meteo.TypeNumber:
		x := *f.Number(o)
		return parquet.DoubleValue(x + 0), meteo.Known(x) // x + 0 makes 0 of -0, as in JSON
	case meteo.TypeTime:
		t := *f.Time(o)
		return parquet.Int64Value(t.UnixMicro()), !t.IsZero()
	case meteo.TypeID:
		if o.ID.IsZero() {
			return v, false
		}
		return text(o.ID.String())
	case meteo.TypeSchema:
		return parquet.Int32Value(meteo.SchemaVersion), true
	case meteo.TypeFailures:
		return text(format.FailuresText(o.QC))
	case meteo.TypeOriginal:
		return text(format.OriginalText(o.Original))
	}
	return v, false
}

func text(s string) (v parquet.Value, known bool) { return parquet.ByteArrayValue([]byte(s)), s != "" }
