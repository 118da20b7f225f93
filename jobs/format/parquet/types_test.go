package parquet_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	parquetformat "github.com/parquet-go/parquet-go/format"

	"senmeteo/jobs/format"
	"senmeteo/jobs/format/parquet"
	"senmeteo/jobs/shape"
)

// rowsOf are the rows of a file, a line each, and what it notes.
func rowsOf(t *testing.T, data []byte) (lines, notes []string) {
	t.Helper()
	r, err := parquet.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		headings := r.(format.Tabular).Headings()
		line := ""
		for i, f := range row {
			if f.Name != headings[i].Name {
				t.Errorf("the field %d is %q, its heading %q", i, f.Name, headings[i].Name)
			}
			if at, ok := f.Value.(time.Time); ok {
				f.Value = at.Format("2006-01-02 15:04:05.999999")
				if at.Location() != shape.NoZone {
					f.Value = f.Value.(string) + "Z"
				}
			}
			line += fmt.Sprintf(" %s=%v", f.Name, f.Value)
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	for _, i := range r.(format.Noting).Ignored() {
		notes = append(notes, i.Name+": "+i.Why)
	}
	return lines, notes
}

func TestCellsAreReadByTheTypesOfTheirColumns(t *testing.T) {
	at := time.Date(2026, 8, 1, 12, 30, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		columns parquetgo.Group
		row     map[string]any
		want    string
	}{
		"times that are UTC":        {parquetgo.Group{"time": parquetgo.TimestampAdjusted(parquetgo.Millisecond, true)}, map[string]any{"time": at.UnixMilli()}, "time=2026-08-01 12:30:00Z"},
		"times without a zone":      {parquetgo.Group{"time": parquetgo.TimestampAdjusted(parquetgo.Nanosecond, false)}, map[string]any{"time": at.UnixNano()}, "time=2026-08-01 12:30:00"},
		"days":                      {parquetgo.Group{"date": parquetgo.Date()}, map[string]any{"date": int32(at.Unix() / 86400)}, "date=2026-08-01"},
		"times of day":              {parquetgo.Group{"date": parquetgo.Date(), "heure": parquetgo.Time(parquetgo.Microsecond)}, map[string]any{"date": int32(at.Unix() / 86400), "heure": int64(45000_000_000)}, "date=2026-08-01 heure=12:30:00"},
		"unsigned numbers":          {parquetgo.Group{"time": parquetgo.String(), "humidity": parquetgo.Uint(8), "pressure": parquetgo.Uint(32)}, map[string]any{"time": "t", "humidity": uint32(200), "pressure": uint32(math.MaxUint32)}, "humidity=200 pressure=4.294967295e+09 time=t"},
		"decimals":                  {parquetgo.Group{"time": parquetgo.String(), "temperature": parquetgo.Decimal(2, 9, parquetgo.Int32Type)}, map[string]any{"time": "t", "temperature": int32(-2710)}, "temperature=-27.1 time=t"},
		"parts of a record":         {parquetgo.Group{"time": parquetgo.String(), "location": parquetgo.Group{"lat": parquetgo.Leaf(parquetgo.DoubleType)}}, map[string]any{"time": "t", "location": map[string]any{"lat": 14.7}}, "lat=14.7 time=t"},
		"the main part of a record": {parquetgo.Group{"time": parquetgo.String(), "main": parquetgo.Group{"temp": parquetgo.Leaf(parquetgo.DoubleType)}}, map[string]any{"time": "t", "main": map[string]any{"temp": 27.1}}, "temp=27.1 time=t"},
		"things of a thing":         {parquetgo.Group{"time": parquetgo.String(), "soil": parquetgo.Group{"temperature": parquetgo.Leaf(parquetgo.DoubleType)}}, map[string]any{"time": "t", "soil": map[string]any{"temperature": 30.0}}, "soil temperature=30 time=t"},
		"a value and its unit":      {parquetgo.Group{"time": parquetgo.String(), "temperature": parquetgo.Group{"value": parquetgo.Leaf(parquetgo.DoubleType)}}, map[string]any{"time": "t", "temperature": map[string]any{"value": 27.1}}, "temperature=27.1 time=t"},
		"an index of times":         {parquetgo.Group{"temperature": parquetgo.Leaf(parquetgo.DoubleType), "__index_level_0__": parquetgo.TimestampAdjusted(parquetgo.Nanosecond, false)}, map[string]any{"temperature": 27.1, "__index_level_0__": at.UnixNano()}, "datetime=2026-08-01 12:30:00 temperature=27.1"},
		"an index beside":           {parquetgo.Group{"time": parquetgo.String(), "__index_level_0__": parquetgo.TimestampAdjusted(parquetgo.Nanosecond, false)}, map[string]any{"time": "t", "__index_level_0__": at.UnixNano()}, "__index_level_0__=2026-08-01 12:30:00 time=t"},
	} {
		t.Run(name, func(t *testing.T) {
			c.columns["station"], c.row["station"] = parquetgo.Optional(parquetgo.String()), "Dakar"
			schema := parquetgo.NewSchema("weather", c.columns)
			var out bytes.Buffer
			w := parquetgo.NewWriter(&out, schema)
			if _, err := w.WriteRows([]parquetgo.Row{schema.Deconstruct(nil, c.row)}); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			lines, _ := rowsOf(t, out.Bytes())
			if got := strings.Join(strings.Fields(strings.Replace(strings.Join(lines, "|"), "station=Dakar", "", 1)), " "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestColumnsOfListsAreNamed(t *testing.T) {
	type row struct {
		Time string    `parquet:"time"`
		Temp float64   `parquet:"temp"`
		Wind []float64 `parquet:"wind"`
	}
	var out bytes.Buffer
	if err := parquetgo.Write(&out, []row{{"2026-08-01T12:00:00Z", 27.1, []float64{1, 2}}}); err != nil {
		t.Fatal(err)
	}
	lines, notes := rowsOf(t, out.Bytes())
	if strings.Join(lines, "|") != "time=2026-08-01T12:00:00Z temp=27.1" || len(notes) != 1 || !strings.HasPrefix(notes[0], "wind: it is a list") {
		t.Errorf("%q, %q", lines, notes)
	}
}

// handmade is a file of one row group whose columns have one page each, as the bytes of its values.
type handmade struct {
	producer string
	rows     int64
	columns  []handmadeColumn
}

type handmadeColumn struct {
	element parquetformat.SchemaElement
	page    []byte
}

func (h handmade) bytes(t *testing.T) []byte {
	t.Helper()
	var protocol thrift.CompactProtocol
	encode := func(value any) []byte {
		data, err := thrift.Marshal(&protocol, value)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	out := []byte("PAR1")
	root := parquetformat.SchemaElement{Name: "schema"}
	root.NumChildren.V, root.NumChildren.Valid = int32(len(h.columns)), true
	schema := []parquetformat.SchemaElement{root}
	group := parquetformat.RowGroup{NumRows: h.rows}
	for _, c := range h.columns {
		at := int64(len(out))
		if h.rows > 0 {
			header := parquetformat.PageHeader{Type: parquetformat.DataPage, UncompressedPageSize: int32(len(c.page)), CompressedPageSize: int32(len(c.page))}
			header.DataPageHeader.V, header.DataPageHeader.Valid = parquetformat.DataPageHeader{NumValues: int32(h.rows)}, true
			out = append(append(out, encode(header)...), c.page...)
		}
		size := int64(len(out)) - at
		schema = append(schema, c.element)
		group.Columns = append(group.Columns, parquetformat.ColumnChunk{MetaData: parquetformat.ColumnMetaData{
			Type: c.element.Type.V, PathInSchema: []string{c.element.Name}, NumValues: h.rows, DataPageOffset: at, TotalCompressedSize: size, TotalUncompressedSize: size,
		}})
	}
	footer := encode(parquetformat.FileMetaData{Version: 1, Schema: schema, NumRows: h.rows, CreatedBy: h.producer, RowGroups: []parquetformat.RowGroup{group}})
	out = binary.LittleEndian.AppendUint32(append(out, footer...), uint32(len(footer)))
	return append(out, "PAR1"...)
}

// element makes a column of a schema.
func element(name string, kind parquetformat.Type, length int32, logical any) parquetformat.SchemaElement {
	e := parquetformat.SchemaElement{Name: name}
	e.Type.V, e.Type.Valid = kind, true
	e.RepetitionType.V, e.RepetitionType.Valid = parquetformat.Required, true
	if length > 0 {
		e.TypeLength.V, e.TypeLength.Valid = length, true
	}
	switch logical := logical.(type) {
	case *parquetformat.Float16Type:
		e.LogicalType.Value = logical
	case *parquetformat.StringType:
		e.LogicalType.Value = logical
	}
	return e
}

func TestPagesWithBytesAfterTheirValuesAreRead(t *testing.T) {
	int96 := binary.LittleEndian.AppendUint64(nil, uint64(12*time.Hour))
	int96 = binary.LittleEndian.AppendUint32(int96, 2461254) // 1 August 2026
	padding := make([]byte, 8)
	file := handmade{producer: "fastparquet-python version 2026.1.0 (build 0)", rows: 1, columns: []handmadeColumn{
		{element("time", parquetformat.Int96, 0, nil), append(int96, padding...)},
		{element("station", parquetformat.ByteArray, 0, &parquetformat.StringType{}), append([]byte("\x05\x00\x00\x00Dakar"), padding...)},
		{element("temperature", parquetformat.FixedLenByteArray, 2, &parquetformat.Float16Type{}), append([]byte{0xc6, 0x4e}, padding...)},
	}}
	lines, _ := rowsOf(t, file.bytes(t))
	if got, want := strings.Join(lines, "|"), "time=2026-08-01 12:00:00Z station=Dakar temperature=27.1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	file.columns[1].page = []byte("\x50\x00\x00\x00Dakar")
	if n, err := drain(file.bytes(t)); err == nil {
		t.Errorf("a text longer than its page passed in %d rows", n)
	}
}

func drain(data []byte) (n int, err error) {
	r, err := parquet.NewReader(bytes.NewReader(data))
	for ; err == nil; n++ {
		_, err = r.Next()
	}
	if errors.Is(err, io.EOF) {
		return n, nil
	}
	return n, err
}

func TestARowGroupOfNoRowsIsNotDamaged(t *testing.T) {
	file := handmade{producer: "x", columns: []handmadeColumn{
		{element("time", parquetformat.ByteArray, 0, &parquetformat.StringType{}), nil},
		{element("temperature", parquetformat.Double, 0, nil), nil},
	}}
	if lines, notes := rowsOf(t, file.bytes(t)); len(lines)+len(notes) > 0 {
		t.Errorf("%q, %q", lines, notes)
	}
}
