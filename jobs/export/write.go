package export

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// record is a row as files have it: in CSV and workbooks a column for each field, in the same order. A value that is absent is
// an empty cell, or null. Shares are percentages.
type record struct {
	StationID string    `json:"station_id,omitempty" parquet:"station_id,optional"`
	Region    string    `json:"region" parquet:"region"`
	Source    string    `json:"source" parquet:"source"`
	Kind      string    `json:"kind" parquet:"kind"`
	From      time.Time `json:"from" parquet:"from,timestamp(microsecond)"`
	To        time.Time `json:"to" parquet:"to,timestamp(microsecond)"` // the first moment after it
	Stations  *int64    `json:"stations,omitempty" parquet:"stations,optional"`

	TemperatureMeanC   *float64 `json:"temperature_mean_c" parquet:"temperature_mean_c,optional"`
	TemperatureMeanPct float64  `json:"temperature_mean_share_pct" parquet:"temperature_mean_share_pct"`
	TemperatureMaxC    *float64 `json:"temperature_max_c" parquet:"temperature_max_c,optional"`
	TemperatureMaxPct  float64  `json:"temperature_max_share_pct" parquet:"temperature_max_share_pct"`
	TemperatureMinC    *float64 `json:"temperature_min_c" parquet:"temperature_min_c,optional"`
	TemperatureMinPct  float64  `json:"temperature_min_share_pct" parquet:"temperature_min_share_pct"`
	DewPointMeanC      *float64 `json:"dew_point_mean_c" parquet:"dew_point_mean_c,optional"`
	DewPointPct        float64  `json:"dew_point_mean_share_pct" parquet:"dew_point_mean_share_pct"`
	HumidityMeanPct    *float64 `json:"humidity_mean_pct" parquet:"humidity_mean_pct,optional"`
	HumidityPct        float64  `json:"humidity_mean_share_pct" parquet:"humidity_mean_share_pct"`
	PressureMeanHPa    *float64 `json:"pressure_mean_hpa" parquet:"pressure_mean_hpa,optional"`
	PressurePct        float64  `json:"pressure_mean_share_pct" parquet:"pressure_mean_share_pct"`
	WindSpeedMeanMS    *float64 `json:"wind_speed_mean_ms" parquet:"wind_speed_mean_ms,optional"`
	WindSpeedPct       float64  `json:"wind_speed_mean_share_pct" parquet:"wind_speed_mean_share_pct"`
	WindGustMaxMS      *float64 `json:"wind_gust_max_ms" parquet:"wind_gust_max_ms,optional"`
	WindGustPct        float64  `json:"wind_gust_max_share_pct" parquet:"wind_gust_max_share_pct"`
	CloudCoverMeanPct  *float64 `json:"cloud_cover_mean_pct" parquet:"cloud_cover_mean_pct,optional"`
	CloudCoverPct      float64  `json:"cloud_cover_mean_share_pct" parquet:"cloud_cover_mean_share_pct"`
	RainMM             *float64 `json:"rain_mm" parquet:"rain_mm,optional"`
	RainPct            float64  `json:"rain_share_pct" parquet:"rain_share_pct"`
	RainDays           *int64   `json:"rain_days,omitempty" parquet:"rain_days,optional"` // of a dekad or month
}

// firstValue is the field of the first element's value; its share is the next.
const firstValue = 7

// columns are the names of record's fields.
var columns = func() []string {
	var names []string
	for f := range reflect.TypeFor[record]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}()

func (row *Row) record() record {
	r := record{StationID: row.StationID, Region: row.Region, Source: row.Source, Kind: string(row.Kind), From: row.From, To: row.To}
	if row.Stations > 0 {
		n := int64(row.Stations)
		r.Stations = &n
	}
	if row.RainDays >= 0 {
		n := int64(row.RainDays)
		r.RainDays = &n
	}
	fields := reflect.ValueOf(&r).Elem()
	for e, v := range row.Values {
		if meteo.Known(v.X) {
			x := rounded(v.X)
			fields.Field(firstValue + 2*e).Set(reflect.ValueOf(&x))
		}
		fields.Field(firstValue + 2*e + 1).SetFloat(math.Round(v.Share*1000) / 10)
	}
	return r
}

// rounded is a value in hundredths, so that sums of tenths are tenths.
func rounded(x float64) float64 { return math.Round(x*100) / 100 }

// Writer writes rows in one format. Close ends the table; the underlying file is the caller's.
type Writer interface {
	Write(row *Row) error
	Close() error
}

// Formats lists the formats for people.
const Formats = "csv, json, xlsx, parquet"

// NewWriter returns the writer of a format: csv, json (an array of objects), xlsx or parquet.
func NewWriter(format string, out io.Writer) (Writer, error) {
	switch format {
	case "csv":
		w := &csvWriter{csv.NewWriter(out)}
		return w, w.out.Write(columns)
	case "json":
		return &jsonWriter{out: bufio.NewWriter(out), before: "["}, nil
	case "xlsx":
		return newWorkbook(out)
	case "parquet":
		return &parquetWriter{parquet.NewGenericWriter[record](out, parquet.Compression(&parquet.Zstd))}, nil
	}
	return nil, flow.Fail(flow.Usage, "tables are written as %s, not as %q", Formats, format)
}

type csvWriter struct{ out *csv.Writer }

func (w *csvWriter) Write(row *Row) error {
	var cells []string
	for _, v := range row.cells() {
		switch v := v.(type) {
		case nil:
			cells = append(cells, "")
		case float64:
			cells = append(cells, strconv.FormatFloat(v, 'f', -1, 64))
		case time.Time:
			cells = append(cells, v.Format(time.RFC3339))
		default:
			cells = append(cells, fmt.Sprint(v))
		}
	}
	return w.out.Write(cells)
}

func (w *csvWriter) Close() error {
	w.out.Flush()
	return w.out.Error()
}

// cells returns the columns of a row: text, float64, int64, time.Time, or nil.
func (row *Row) cells() []any {
	r := row.record()
	fields := reflect.ValueOf(r)
	cells := make([]any, fields.NumField())
	for i := range cells {
		f := fields.Field(i)
		if f.Kind() == reflect.Pointer {
			if f.IsNil() {
				continue
			}
			f = f.Elem()
		}
		cells[i] = f.Interface()
	}
	return cells
}

type jsonWriter struct {
	out    *bufio.Writer
	before string
}

func (w *jsonWriter) Write(row *Row) error {
	text, err := json.Marshal(row.record())
	if err != nil {
		return err
	}
	_, _ = w.out.WriteString(w.before + "\n") // the error is that of Flush
	_, err = w.out.Write(text)
	w.before = ","
	return err
}

func (w *jsonWriter) Close() error {
	if w.before == "[" {
		_, _ = w.out.WriteString("[")
	}
	_, _ = w.out.WriteString("\n]\n")
	return w.out.Flush()
}

type parquetWriter struct {
	out *parquet.GenericWriter[record]
}

func (w *parquetWriter) Write(row *Row) error {
	_, err := w.out.Write([]record{row.record()})
	return err
}

func (w *parquetWriter) Close() error { return w.out.Close() }

// workbook is one sheet: a bold line of names that stays in view, numbers as numbers, times as dates.
type workbook struct {
	out    io.Writer
	book   *excelize.File
	stream *excelize.StreamWriter
	date   int // style
	line   int
}

func newWorkbook(out io.Writer) (*workbook, error) {
	w := &workbook{out: out, book: excelize.NewFile(), line: 1}
	form := "yyyy-mm-dd hh:mm"
	bold, err := w.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	if w.date, err = w.book.NewStyle(&excelize.Style{CustomNumFmt: &form}); err != nil {
		return nil, err
	}
	if w.stream, err = w.book.NewStreamWriter(w.book.GetSheetName(0)); err != nil {
		return nil, err
	}
	if err := w.stream.SetColWidth(1, len(columns), 16); err != nil {
		return nil, err
	}
	if err := w.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	var names []any
	for _, name := range columns {
		names = append(names, excelize.Cell{StyleID: bold, Value: name})
	}
	return w, w.stream.SetRow("A1", names)
}

func (w *workbook) Write(row *Row) error {
	if w.line++; w.line > excelize.TotalRows {
		return flow.Fail(flow.Usage, "the table has more rows than a sheet of a workbook: write it as csv or parquet, or in parts by --from and --to")
	}
	cells := row.cells()
	for i, v := range cells {
		if at, ok := v.(time.Time); ok {
			cells[i] = excelize.Cell{StyleID: w.date, Value: at}
		}
	}
	return w.stream.SetRow("A"+strconv.Itoa(w.line), cells)
}

func (w *workbook) Close() error {
	if err := w.stream.Flush(); err != nil {
		return err
	}
	if err := w.book.Write(w.out); err != nil {
		return err
	}
	return w.book.Close()
}
