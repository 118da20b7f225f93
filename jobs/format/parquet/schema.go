package parquet

import (
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
)

// layout gives the schema: the columns of format.Columns with their types. Times are microseconds in UTC, text and
// values have dictionaries, qc and original are JSON text.
type layout struct {
	ID         string   `parquet:"id,optional"`
	Revision   *int64   `parquet:"revision,optional"`
	Schema     int32    `parquet:"schema"`
	StationID  string   `parquet:"station_id,dict"`
	Region     string   `parquet:"region,dict"`
	Latitude   *float64 `parquet:"latitude,optional,dict"`
	Longitude  *float64 `parquet:"longitude,optional,dict"`
	ElevationM *float64 `parquet:"elevation_m,optional,dict"`
	ObservedAt int64    `parquet:"observed_at,timestamp(microsecond)"`
	FetchedAt  *int64   `parquet:"fetched_at,optional,timestamp(microsecond)"`
	IssuedAt   *int64   `parquet:"issued_at,optional,timestamp(microsecond)"`
	Source     string   `parquet:"source,dict"`
	Kind       string   `parquet:"kind,dict"`
	ProviderID string   `parquet:"provider_id,optional,dict"`

	TemperatureC     *float64 `parquet:"temperature_c,optional,dict"`
	DewPointC        *float64 `parquet:"dew_point_c,optional,dict"`
	HumidityPct      *float64 `parquet:"humidity_pct,optional,dict"`
	PressureHPa      *float64 `parquet:"pressure_hpa,optional,dict"`
	WindSpeedMS      *float64 `parquet:"wind_speed_ms,optional,dict"`
	WindGustMS       *float64 `parquet:"wind_gust_ms,optional,dict"`
	WindDirectionDeg *float64 `parquet:"wind_direction_deg,optional,dict"`
	RainMM           *float64 `parquet:"rain_mm,optional,dict"`
	RainRateMMH      *float64 `parquet:"rain_rate_mm_h,optional,dict"`
	CloudCoverPct    *float64 `parquet:"cloud_cover_pct,optional,dict"`
	VisibilityM      *float64 `parquet:"visibility_m,optional,dict"`

	IntervalS *int64 `parquet:"interval_s,optional"`
	Quality   string `parquet:"quality,optional,dict"`
	QC        string `parquet:"qc,optional,dict"`
	Original  string `parquet:"original,optional,dict"`
}

// SchemaKey is the key of the file's metadata that holds meteo.SchemaVersion.
const SchemaKey = "senmeteo.schema"

// Schema returns the schema of senmeteo's files.
func Schema() *parquet.Schema { return parquet.NewSchema("observation", parquet.SchemaOf(layout{})) }

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
	a := appender{row: row}
	id := ""
	if !o.ID.IsZero() {
		id = o.ID.String()
	}
	a.optionalText(id)
	a.optional(o.Revision > 0, parquet.Int64Value(o.Revision))
	a.required(parquet.Int32Value(meteo.SchemaVersion))
	a.required(text(o.StationID))
	a.required(text(o.Region))
	a.number(o.Latitude)
	a.number(o.Longitude)
	a.number(o.ElevationM)
	a.required(parquet.Int64Value(o.ObservedAt.UnixMicro()))
	a.optional(!o.FetchedAt.IsZero(), parquet.Int64Value(o.FetchedAt.UnixMicro()))
	a.optional(!o.IssuedAt.IsZero(), parquet.Int64Value(o.IssuedAt.UnixMicro()))
	a.required(text(o.Source))
	a.required(text(string(o.Kind)))
	a.optionalText(o.ProviderID)
	for _, x := range o.Values {
		a.number(x)
	}
	a.optional(o.IntervalS > 0, parquet.Int64Value(o.IntervalS))
	a.optionalText(string(o.Quality))
	a.optionalText(format.FailuresText(o.QC))
	a.optionalText(format.OriginalText(o.Original))
	return a.row
}

func text(s string) parquet.Value { return parquet.ByteArrayValue([]byte(s)) }

// appender appends the cells of one row from the first column on.
type appender struct {
	row    parquet.Row
	column int
}

func (a *appender) required(v parquet.Value) {
	a.row = append(a.row, v.Level(0, 0, a.column))
	a.column++
}

func (a *appender) optional(known bool, v parquet.Value) {
	if known {
		a.row = append(a.row, v.Level(0, 1, a.column))
	} else {
		a.row = append(a.row, parquet.NullValue().Level(0, 0, a.column))
	}
	a.column++
}

func (a *appender) number(x float64) {
	// x + 0 makes 0 of -0, as in JSON.
	a.optional(meteo.Known(x), parquet.DoubleValue(x+0))
}

func (a *appender) optionalText(s string) { a.optional(s != "", text(s)) }
