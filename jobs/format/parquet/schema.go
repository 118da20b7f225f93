package parquet

import (
	"strconv"

	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"senmeteo/jobs/meteo"
)

// SchemaKey is the key of the file's metadata that holds meteo.SchemaVersion.
const SchemaKey = "senmeteo.schema"

// createdBy names the program as readers expect it: "NAME version N".
var createdBy = "senmeteo version " + strconv.Itoa(meteo.SchemaVersion)

// required reports whether a column has no cell without a value. Readings and observations share a schema, and fetched_at has always been
// optional.
func required(f *meteo.Field) bool { return f.Required && !f.Checked && f.Name != "fetched_at" }

// schemaOf describes the columns of a file: times are microseconds in UTC, ids, quantiles, qc and original are text.
func schemaOf(fields []*meteo.Field) []format.SchemaElement {
	elements := []format.SchemaElement{{
		RepetitionType: thrift.New(format.Required), Name: "observation", NumChildren: thrift.New(int32(len(fields))),
	}}
	for _, f := range fields {
		e := elementOf(f.Type)
		e.Name, e.RepetitionType = f.Name, thrift.New(format.Optional)
		if required(f) {
			e.RepetitionType = thrift.New(format.Required)
		}
		elements = append(elements, e)
	}
	return elements
}

// elementOf is the type of a field's column, for readers of every age: the newer logical type, and what it was before.
func elementOf(t meteo.Type) format.SchemaElement {
	switch t {
	case meteo.TypeNumber:
		return format.SchemaElement{Type: thrift.New(format.Double)}
	case meteo.TypeWhole:
		return format.SchemaElement{
			Type: thrift.New(format.Int64), ConvertedType: thrift.New(deprecated.Int64),
			LogicalType: format.LogicalType{Value: &format.IntType{BitWidth: 64, IsSigned: true}},
		}
	case meteo.TypeSchema:
		return format.SchemaElement{
			Type: thrift.New(format.Int32), ConvertedType: thrift.New(deprecated.Int32),
			LogicalType: format.LogicalType{Value: &format.IntType{BitWidth: 32, IsSigned: true}},
		}
	case meteo.TypeTime:
		return format.SchemaElement{
			Type: thrift.New(format.Int64), ConvertedType: thrift.New(deprecated.TimestampMicros),
			LogicalType: format.LogicalType{Value: &format.TimestampType{IsAdjustedToUTC: true, Unit: format.TimeUnit{Value: &format.MicroSeconds{}}}},
		}
	}
	return format.SchemaElement{
		Type: thrift.New(format.ByteArray), ConvertedType: thrift.New(deprecated.UTF8), LogicalType: format.LogicalType{Value: &format.StringType{}},
	}
}
