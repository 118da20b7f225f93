package hdfs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/format/parquet"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
	"senmeteo/jobs/sink/hdfs"
)

// encode and decode wire the lake to Parquet as package main does.
func encode(w io.Writer, observations []meteo.Observation, _ map[string]string) error {
	out := parquet.NewWriter(w)
	for i := range observations {
		if err := out.Write(&observations[i]); err != nil {
			return err
		}
	}
	return out.Close()
}

func decode(r io.ReaderAt, size int64) iter.Seq2[*meteo.Observation, error] {
	return func(yield func(*meteo.Observation, error) bool) {
		reader, err := parquet.Format().NewReader(io.NewSectionReader(r, 0, size))
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { _ = reader.Close() }()
		decoder := shape.NewDecoder()
		for {
			row, err := reader.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			var observations []meteo.Observation
			if err == nil {
				observations, err = decoder.FromRow(row, shape.Defaults{})
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range observations {
				if !yield(&observations[i], nil) {
					return
				}
			}
		}
	}
}

func open(t testing.TB, root string) *hdfs.Lake {
	t.Helper()
	user := os.Getenv("HADOOP_USER_NAME")
	if user == "" {
		user = os.Getenv("USER")
	}
	if user == "" {
		user = "root"
	}
	l, err := hdfs.Open(hdfs.Config{Root: root, User: user, ClusterID: "cluster", TopicID: "topic", Encode: encode, Decode: decode})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// commit stores observations as the next batch of partition 0.
func commit(t testing.TB, l *hdfs.Lake, observations ...meteo.Observation) {
	t.Helper()
	next, err := l.Acquire(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Commit(context.Background(), flowtest.Batch(0, max(next, 0), observations...)); err != nil {
		t.Fatal(err)
	}
}

// parquetStore is a flowtest.Store: a lake of Parquet in a local folder.
type parquetStore struct{ folder string }

func (s parquetStore) Open(t testing.TB) flow.Sink { return open(t, "file://"+s.folder) }

func (s parquetStore) Stored(t testing.TB) flowtest.Stored {
	t.Helper()
	var out flowtest.Stored
	files, err := filepath.Glob(filepath.Join(s.folder, "clean", "date=*", "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for o, err := range decode(bytes.NewReader(data), int64(len(data))) {
			if err != nil {
				t.Fatal(err)
			}
			out.Rows = append(out.Rows, flowtest.RowOf(o))
		}
	}
	if out.Next, err = open(t, "file://"+s.folder).Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestALakeOfParquetKeepsTheContractOfSinks(t *testing.T) {
	flowtest.TestSink(t, flowtest.Harness{
		New: func(t testing.TB) flowtest.Store { return parquetStore{t.TempDir()} },

		Huge: 5000, // over four days
	})
}

func TestEveryFieldComesBackFromTheLake(t *testing.T) {
	l := open(t, "file://"+t.TempDir())
	full := flowtest.Observation(0, 0, 1)
	for v := range full.Values {
		full.Values[v] = 1.0 / 3
	}
	full.Values[meteo.Humidity], full.IntervalS = 100, 600
	before := meteo.NoValues()
	before[meteo.Humidity] = 101.5
	full.Original, full.Quality = &before, meteo.Suspect
	full.QC = []meteo.Failure{{Subject: "humidity_pct", Rule: "range"}, {Subject: "temperature_c", Rule: "step"}}
	forecast := flowtest.Observation(0, 1, 3)
	forecast.Kind, forecast.IssuedAt = meteo.Forecast, forecast.ObservedAt.Add(-6*time.Hour)
	forecast.ID = forecast.Identity.ID()
	bare := flowtest.Observation(0, 2, 1)
	bare.Latitude, bare.Longitude, bare.ElevationM = math.NaN(), math.NaN(), math.NaN()
	want := []meteo.Observation{full, forecast, bare}
	commit(t, l, want...)
	compare := func(when string) {
		t.Helper()
		var got []string
		err := l.Scan(t.Context(), time.Time{}, time.Time{}, func(o *meteo.Observation) error {
			got = append(got, string(o.AppendJSON(nil)))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if text := string(want[i].AppendJSON(nil)); i >= len(got) || got[i] != text {
				t.Errorf("%s the lake gives\n%v, want as row %d\n%s", when, got, i, text)
			}
		}
	}
	compare("before compaction")
	if _, err := l.Compact(t.Context(), full.ObservedAt.AddDate(0, 0, 2)); err != nil {
		t.Fatal(err)
	}
	compare("after compaction")
}

// many makes n observations of one day, spread over the stations of the 14 regions.
func many(n int) []meteo.Observation {
	out := make([]meteo.Observation, n)
	for i := range out {
		o := flowtest.Observation(int32(i%len(meteo.Stations)), 0, 1)
		o.ObservedAt = time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * (24 * time.Hour / time.Duration(n)).Truncate(time.Microsecond))
		o.FetchedAt = o.ObservedAt
		for v := range o.Values {
			o.Values[v] = float64((i*(v+3))%1000) / 10
		}
		o.ID = o.Identity.ID()
		out[i] = o
	}
	return out
}

// BenchmarkCommit stores batches of one day. With SENMETEO_TEST_HDFS set it does so in HDFS too.
func BenchmarkCommit(b *testing.B) {
	roots := map[string]func(b *testing.B) string{"local": func(b *testing.B) string { return "file://" + b.TempDir() }}
	if server := os.Getenv("SENMETEO_TEST_HDFS"); server != "" {
		roots["hdfs"] = func(b *testing.B) string {
			return server + "/bench/" + filepath.Base(b.TempDir()) + time.Now().Format("150405.000000")
		}
	}
	for name, root := range roots {
		for _, n := range []int{1_000, 10_000, 100_000, 200_000} {
			b.Run(fmt.Sprintf("%s/rows=%d", name, n), func(b *testing.B) {
				l, batch := open(b, root(b)), flowtest.Batch(0, 0, many(n)...)
				if _, err := l.Acquire(b.Context(), 0); err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					if _, err := l.Commit(b.Context(), batch); err != nil {
						b.Fatal(err)
					}
					batch.Start, batch.End = batch.End, batch.End+int64(n)
				}
				b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}

// BenchmarkCompact compacts a day of 1,000,000 rows in ten files.
func BenchmarkCompact(b *testing.B) {
	const files, rows = 10, 100_000
	for b.Loop() {
		b.StopTimer()
		l, all := open(b, "file://"+b.TempDir()), many(files*rows)
		for i := range files {
			commit(b, l, all[i*rows:(i+1)*rows]...)
		}
		b.StartTimer()
		report, err := l.Compact(context.Background(), all[0].ObservedAt.AddDate(0, 0, 1))
		if err != nil || report.RowsAfter != files*rows {
			b.Fatalf("Compact did %+v: %v", report, err)
		}
	}
}
