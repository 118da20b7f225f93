package parquet_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	parquetgo "github.com/parquet-go/parquet-go"
	thrift "github.com/parquet-go/parquet-go/format"

	"senmeteo/jobs/format/formattest"
	"senmeteo/jobs/format/parquet"
	"senmeteo/jobs/meteo"
)

// newWriter starts a file of a layout.
func newWriter(t testing.TB, out *bytes.Buffer, layout parquet.Layout) *parquet.Writer {
	t.Helper()
	w, err := parquet.NewWriter(out, layout, nil)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// writeAll writes and completes a file.
func writeAll(t testing.TB, w *parquet.Writer, rows []meteo.Observation) {
	t.Helper()
	for i := range rows {
		if err := w.Write(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// shaped are observations whose columns have dictionaries of many sizes, runs, gaps of every kind, and texts of many lengths.
func shaped(n int, seed uint64) []meteo.Observation {
	rnd := rand.New(rand.NewPCG(seed, 3))
	rows := formattest.Observations(n, seed)
	distinct := 1 + rnd.IntN(3*n+1)
	gaps := rnd.Float64()
	for i := range rows {
		o := &rows[i]
		for v := range o.Values {
			o.Values[v] = math.NaN()
			if v == 0 || rnd.Float64() > gaps { // a record without any is refused
				o.Values[v] = float64(rnd.IntN(distinct)-distinct/2) / 10
			}
		}
		o.IntervalS = int64(1 + rnd.IntN(distinct))
		o.ProviderID = strings.Repeat("é", rnd.IntN(128))
	}
	return rows
}

// A general library reads every file back.
func TestFilesOfEverySizeAndShapeAreReadBack(t *testing.T) {
	var out bytes.Buffer
	w := newWriter(t, &out, parquet.Layout{MaxGroup: 300})
	for i, n := range []int{0, 1, 2, 7, 8, 9, 31, 32, 33, 127, 128, 129, 255, 256, 257, 299, 300, 301, 1000} {
		rows := shaped(n, uint64(i))
		out.Reset()
		w.Reset(&out, nil)
		writeAll(t, w, rows)
		if got := formattest.Read(t, parquet.Format(), bytes.NewReader(out.Bytes())); len(got) != n {
			t.Fatalf("of %d rows %d are read back", n, len(got))
		} else {
			formattest.Equal(t, got, rows)
		}
	}
}

func FuzzWriter(f *testing.F) {
	f.Add(uint64(1), uint16(10), uint16(3))
	f.Fuzz(func(t *testing.T, seed uint64, n, group uint16) {
		rows := shaped(int(n)%2000, seed)
		var out bytes.Buffer
		writeAll(t, newWriter(t, &out, parquet.Layout{MaxGroup: int(group)}), rows)
		formattest.Equal(t, formattest.Read(t, parquet.Format(), &out), rows)
	})
}

func TestAWriterWritesOneFileAfterTheOther(t *testing.T) {
	first, second := formattest.Observations(500, 1), formattest.Observations(20, 2)
	var alone, out bytes.Buffer
	writeAll(t, newWriter(t, &alone, parquet.Layout{}), second)
	w := newWriter(t, &out, parquet.Layout{})
	for i := range first { // and is not completed
		if err := w.Write(&first[i]); err != nil {
			t.Fatal(err)
		}
	}
	out.Reset()
	w.Reset(&out, nil)
	writeAll(t, w, second)
	if !bytes.Equal(out.Bytes(), alone.Bytes()) {
		t.Error("the second file is not the one that a writer of its own makes")
	}
}

func TestTheFooterHasTheBoundsOfColumns(t *testing.T) {
	rows := formattest.Observations(3, 1)
	for i, x := range []float64{-1.5, 0, 30} {
		rows[i].Values = meteo.NoValues()
		rows[i].Values[meteo.Temperature], rows[i].Values[meteo.Rain] = x, 0
		rows[i].StationID, rows[i].IntervalS = []string{"SN-TH", "SN-DK", "SN-ZG"}[i], int64(600*i)
	}
	var out bytes.Buffer
	writeAll(t, newWriter(t, &out, parquet.Layout{}), rows)
	file, err := parquetgo.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	double := func(x float64) []byte { return parquetgo.DoubleValue(x).Bytes() }
	want := map[string]thrift.Statistics{
		"station_id":    {MinValue: []byte("SN-DK"), MaxValue: []byte("SN-ZG")},
		"temperature_c": {MinValue: double(-1.5), MaxValue: double(30)},
		"rain_mm":       {MinValue: double(math.Copysign(0, -1)), MaxValue: double(0)},
		"interval_s":    {MinValue: parquetgo.Int64Value(600).Bytes(), MaxValue: parquetgo.Int64Value(1200).Bytes(), NullCount: 1},
		"dew_point_c":   {NullCount: 3},
	}
	for _, c := range file.Metadata().RowGroups[0].Columns {
		name := c.MetaData.PathInSchema[0]
		if w, ok := want[name]; ok {
			if got := c.MetaData.Statistics; fmt.Sprint(got) != fmt.Sprint(w) {
				t.Errorf("%s has %v, want %v", name, got, w)
			}
			delete(want, name)
		}
	}
	if len(want) > 0 {
		t.Errorf("there are no columns %v", want)
	}
}

// failing takes so many bytes, and then no more.
type failing struct{ left int }

var errNoMore = errors.New("no more")

func (f *failing) Write(p []byte) (int, error) {
	n := min(f.left, len(p))
	f.left -= n
	if n < len(p) {
		return n, errNoMore
	}
	return n, nil
}

func TestAWriterSaysWhenItsOutputFails(t *testing.T) {
	rows := formattest.Observations(100, 1)
	var whole bytes.Buffer
	writeAll(t, newWriter(t, &whole, parquet.Layout{}), rows)
	for at := 0; at < whole.Len(); at += 97 {
		w, err := parquet.NewWriter(&failing{at}, parquet.Layout{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			if err := w.Write(&rows[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); !errors.Is(err, errNoMore) {
			t.Errorf("after %d bytes Close returned %v", at, err)
		}
	}
}
