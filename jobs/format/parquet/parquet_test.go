package parquet_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	parquetgo "github.com/parquet-go/parquet-go"

	"senmeteo/jobs/format"
	"senmeteo/jobs/format/formattest"
	"senmeteo/jobs/format/parquet"
	"senmeteo/jobs/shape"
)

func TestConformance(t *testing.T) { formattest.Run(t, parquet.Format()) }

func TestTheFileSaysWhatItIs(t *testing.T) {
	data := formattest.Write(t, parquet.Format(), formattest.Observations(1000, 1))
	file, err := parquetgo.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if version, ok := file.Lookup(parquet.SchemaKey); !ok || version != "1" {
		t.Errorf("%s is %q", parquet.SchemaKey, version)
	}
	var names []string
	for _, path := range file.Schema().Columns() {
		names = append(names, strings.Join(path, "."))
	}
	if want := strings.Join(format.Columns(), " "); strings.Join(names, " ") != want {
		t.Errorf("the columns are\n%s, want\n%s", strings.Join(names, " "), want)
	}
	for _, column := range file.Metadata().RowGroups[0].Columns {
		if codec := column.MetaData.Codec.String(); codec != "ZSTD" {
			t.Errorf("%v is compressed by %s", column.MetaData.PathInSchema, codec)
		}
	}
}

func TestRowsOfALargeTableAreGrouped(t *testing.T) {
	var out bytes.Buffer
	w, err := parquet.NewWriter(&out, parquet.Layout{Sorted: true, MaxGroup: 100}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := formattest.Observations(250, 1)
	for i := range want {
		if err := w.Write(&want[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := parquetgo.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	groups := file.RowGroups()
	if len(groups) != 3 || len(groups[0].SortingColumns()) != 2 {
		t.Errorf("%d row groups, sorted by %v", len(groups), groups[0].SortingColumns())
	}
	formattest.Equal(t, formattest.Read(t, parquet.Format(), &out), want)
}

func TestOfAFileOnlyTheNamedColumnsAreRead(t *testing.T) {
	want := formattest.Observations(300, 1) // more than are read in one go
	data := formattest.Write(t, parquet.Format(), want)
	r, err := parquet.NewReader(bytes.NewReader(data), "source", "station_id")
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		row, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if len(row) != 2 || row[0] != (shape.Field{Name: "station_id", Value: want[i].StationID}) || row[1] != (shape.Field{Name: "source", Value: want[i].Source}) {
			t.Fatalf("row %d is %v", i, row)
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last row it says %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := parquet.NewReader(bytes.NewReader(data), "station_id", "price"); err == nil || !strings.Contains(err.Error(), `"price"`) {
		t.Errorf("a file without one of the columns: %v", err)
	}
}

func TestAFileOnDiskIsReadInPlace(t *testing.T) {
	want := formattest.Observations(20, 1)
	path := filepath.Join(t.TempDir(), "o.parquet")
	if err := os.WriteFile(path, formattest.Write(t, parquet.Format(), want), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "does not exist"))
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	formattest.Equal(t, formattest.Read(t, parquet.Format(), file), want)
}

func TestFilesThatCannotBeReadAreRefusedWithAMessage(t *testing.T) {
	good := formattest.Write(t, parquet.Format(), formattest.Observations(3, 1))
	var other bytes.Buffer
	w := parquetgo.NewGenericWriter[struct{ Name, Price string }](&other)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"nothing":            {},
		"a table":            []byte("Date,Temp\n2026-03-01,20\n"),
		"only the marks":     []byte("PAR1PAR1"),
		"cut off":            good[:len(good)/2],
		"without its start":  good[len(good)/2:],
		"a length that lies": append(append([]byte{}, good[:len(good)-8]...), "\xff\xff\xff\x7fPAR1"...),
		"other columns":      other.Bytes(),
	} {
		t.Run(name, func(t *testing.T) {
			if n, err := formattest.Drain(parquet.Format(), bytes.NewReader(data)); err == nil {
				t.Errorf("it passed with %d records", n)
			} else {
				t.Log(err)
			}
		})
	}
}

// The bounds of footers leave room for what people write.
func TestAFileOfAThousandRowGroupsIsRead(t *testing.T) {
	columns := parquetgo.Group{"Date": parquetgo.String(), "City": parquetgo.String(), "Temp": parquetgo.Leaf(parquetgo.DoubleType)}
	for i := range 27 {
		columns["more"+strconv.Itoa(i)] = parquetgo.Optional(parquetgo.Leaf(parquetgo.DoubleType))
	}
	schema := parquetgo.NewSchema("weather", columns)
	row := schema.Deconstruct(nil, map[string]any{"Date": "2026-03-01T12:00:00Z", "City": "Dakar", "Temp": 20.0})
	var out bytes.Buffer
	w := parquetgo.NewWriter(&out, schema)
	for range 1000 {
		if _, err := w.WriteRows([]parquetgo.Row{row}); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil { // ends the row group
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := formattest.Drain(parquet.Format(), &out); n != 1000 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
}

// What a footer declares is allocated by the library before it is read.
func TestAFooterThatDeclaresGigabytesIsRefusedWithBoundedMemory(t *testing.T) {
	footer := func(thrift string) []byte {
		data := append([]byte("PAR1"), thrift...)
		data = binary.LittleEndian.AppendUint32(data, uint32(len(thrift)))
		return append(data, "PAR1"...)
	}
	const two31 = "\xff\xff\xff\xff\x07" // the largest length, as a number
	long := footer("")
	binary.LittleEndian.PutUint32(long[4:], 1<<31-1)
	for name, data := range map[string][]byte{
		"a schema of 2^31 elements":      footer("\x15\x02\x19\xfc" + two31),
		"2^31 row groups":                footer("\x15\x02\x19\x1c\x48\x01a\x00\x16\x00\x19\xfc" + two31),
		"a name of 2 GB":                 footer("\x15\x02\x19\x1c\x48" + two31),
		"ten million empty row groups":   footer("\x15\x02\x19\x1c\x48\x01a\x00\x16\x00\x19\xfc\x80\xad\xe2\x04" + strings.Repeat("\x00", 8<<20-100)),
		"a million empty schema entries": footer("\x15\x02\x19\xfc\xc0\x84\x3d" + strings.Repeat("\x00", 1_000_000) + "\x00"),
		"lists in lists in lists":        footer("\x99" + strings.Repeat("\x19", 1000)),
		"a footer longer than the file":  long,
		"a footer of 100 MB":             footer(strings.Repeat("\x00", 100<<20)),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if _, err := formattest.Drain(parquet.Format(), bytes.NewReader(data)); err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("it passed, or the error has several lines: %v", err)
			}
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > 32<<20+uint64(len(data)) {
				t.Errorf("it took %d MiB", took>>20)
			}
		})
	}
}

func TestADamagedFileNeverEndsTheProgram(t *testing.T) {
	good := formattest.Write(t, parquet.Format(), formattest.Observations(20, 1))
	for at := 4; at < len(good); at += 41 {
		data := bytes.Clone(good)
		data[at] ^= 0x55
		_, _ = formattest.Drain(parquet.Format(), bytes.NewReader(data)) // an error, or other values: no panic
	}
}

func FuzzReader(f *testing.F) {
	// Small, unlike a file of our own, of which the fuzzer would change the list of columns only.
	type row struct {
		Date string  `parquet:"Date"`
		City string  `parquet:"City,dict"`
		Temp float64 `parquet:"Temp,optional"`
	}
	var out bytes.Buffer
	if err := parquetgo.Write(&out, []row{{"2026-03-01T12:00:00Z", "Dakar", 20}, {"2026-03-01T13:00:00Z", "Dakar", 21.5}}, parquetgo.Compression(&parquetgo.Snappy)); err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = formattest.Drain(parquet.Format(), bytes.NewReader(data)) })
}
