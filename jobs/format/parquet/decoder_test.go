package parquet_test

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"

	parquetgo "github.com/parquet-go/parquet-go"

	"senmeteo/jobs/format/formattest"
	"senmeteo/jobs/format/parquet"
	"senmeteo/jobs/meteo"
)

func newDecoder(t testing.TB) *parquet.Decoder {
	t.Helper()
	d, err := parquet.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// decode reads the observations of a file.
func decode(t testing.TB, d *parquet.Decoder, file []byte, names ...string) []meteo.Observation {
	t.Helper()
	var all []meteo.Observation
	if err := d.Decode(file, func(rows []meteo.Observation) error { all = append(all, rows...); return nil }, names...); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestADecoderReadsWhatAWriterWrites(t *testing.T) {
	d := newDecoder(t)
	for i, n := range []int{0, 1, 7, 300, 1000} {
		rows := shaped(n, uint64(i))
		var out bytes.Buffer
		writeAll(t, newWriter(t, &out, parquet.Layout{MaxGroup: 300}), rows)
		formattest.Equal(t, decode(t, d, out.Bytes()), rows)
	}
}

// The file is one of the version whose rows a library wrote.
func TestADecoderReadsFilesOfEarlierVersions(t *testing.T) {
	file, err := os.ReadFile("testdata/earlier.parquet")
	if err != nil {
		t.Fatal(err)
	}
	want := formattest.Read(t, parquet.Format(), bytes.NewReader(file))
	formattest.Equal(t, decode(t, newDecoder(t), file), want)
}

func TestADecoderReadsFilesThatOtherProgramsRewrote(t *testing.T) {
	rows := formattest.Observations(300, 1)
	data := formattest.Write(t, parquet.Format(), rows)
	in, err := parquetgo.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for name, options := range map[string][]parquetgo.WriterOption{
		"pages of version 1":           {parquetgo.DataPageVersion(1), parquetgo.PageBufferSize(1 << 10)},
		"pages of version 2":           {parquetgo.DataPageVersion(2), parquetgo.PageBufferSize(1 << 10)},
		"pages of version 2, packed":   {parquetgo.DataPageVersion(2), parquetgo.Compression(&parquetgo.Zstd)},
		"Snappy":                       {parquetgo.Compression(&parquetgo.Snappy)},
		"no compression, small groups": {parquetgo.Compression(&parquetgo.Uncompressed), parquetgo.MaxRowsPerRowGroup(40)},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			w := parquetgo.NewWriter(&out, append(options, in.Schema())...)
			if _, err := parquetgo.CopyRows(w, parquetgo.NewReader(in)); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			formattest.Equal(t, decode(t, newDecoder(t), out.Bytes()), rows)
		})
	}
}

func TestADecoderSetsNoOtherFieldsThanTheNamedOnes(t *testing.T) {
	rows := formattest.Observations(20, 1)
	file := formattest.Write(t, parquet.Format(), rows)
	for i, o := range decode(t, newDecoder(t), file, "station_id", "revision") {
		if o.StationID != rows[i].StationID || o.Revision != rows[i].Revision || o.Source != "" || !o.ObservedAt.IsZero() || o.Values.Count() != 0 {
			t.Errorf("row %d is %+v", i, o)
		}
	}
	if err := newDecoder(t).Decode(file, func([]meteo.Observation) error { return nil }, "station_id", "price"); err != nil {
		t.Errorf("a name that is not that of a field: %v", err)
	}
}

func TestADecoderReturnsTheErrorOfWhoeverItCalls(t *testing.T) {
	file := formattest.Write(t, parquet.Format(), formattest.Observations(20, 1))
	enough := errors.New("enough")
	if err := newDecoder(t).Decode(file, func([]meteo.Observation) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("Decode returned %v", err)
	}
}

func TestADecoderRefusesFilesWithoutTheColumnsOfObservations(t *testing.T) {
	type row struct {
		Station string  `parquet:"station_id"`
		Temp    float64 `parquet:"temperature_c"`
	}
	type texts struct {
		Temp string `parquet:"temperature_c"`
	}
	var few, other bytes.Buffer
	if err := errors.Join(parquetgo.Write(&few, []row{{"SN-DK", 1}}), parquetgo.Write(&other, []texts{{"warm"}})); err != nil {
		t.Fatal(err)
	}
	for want, file := range map[string][]byte{`no column "region"`: few.Bytes(), `"temperature_c" is not of the type`: other.Bytes(), "not a Parquet file": []byte("Date,Temp\n")} {
		err := newDecoder(t).Decode(file, func([]meteo.Observation) error { return nil })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Decode returned %v, want it to name %s", err, want)
		}
	}
}

func TestADecoderSurvivesDamage(t *testing.T) {
	file := formattest.Write(t, parquet.Format(), formattest.Observations(40, 1))
	d := newDecoder(t)
	for at := 4; at < len(file); at += 23 {
		data := bytes.Clone(file)
		data[at] ^= 0x55
		_ = d.Decode(data, func([]meteo.Observation) error { return nil }) // an error, or other values: no panic
	}
}

// A few bytes of a page may declare any number of values.
func TestADecoderBoundsWhatAPageDeclares(t *testing.T) {
	rows := formattest.Observations(40, 1)
	file := formattest.Write(t, parquet.Format(), rows)
	in, err := parquetgo.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer // without compression, so that a byte of a page can be changed
	w := parquetgo.NewWriter(&out, in.Schema(), parquetgo.Compression(&parquetgo.Uncompressed), parquetgo.DataPageVersion(1))
	if _, err := parquetgo.CopyRows(w, parquetgo.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	huge := []byte{0xfe, 0xff, 0xff, 0xff, 0x0f} // 2^31-1 equal values, as a run; or as a number 2^32-2
	d := newDecoder(t)
	refused := 0
	for at := 4; at+len(huge) < out.Len(); at += 3 {
		data := bytes.Clone(out.Bytes())
		copy(data[at:], huge)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if d.Decode(data, func([]meteo.Observation) error { return nil }) != nil {
			refused++
		}
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
			t.Fatalf("with %x at byte %d it took %d MiB", huge, at, took>>20)
		}
	}
	if refused == 0 {
		t.Error("no file was refused")
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add(formattest.Write(f, parquet.Format(), formattest.Observations(3, 1)))
	f.Fuzz(func(t *testing.T, file []byte) {
		_ = newDecoder(t).Decode(file, func([]meteo.Observation) error { return nil })
	})
}
