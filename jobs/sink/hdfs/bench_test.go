package hdfs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
)

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

// roots are where lakes of benchmarks are: a folder, and HDFS where SENMETEO_TEST_HDFS is set.
func roots() map[string]func(b *testing.B) string {
	roots := map[string]func(b *testing.B) string{"local": func(b *testing.B) string { return "file://" + b.TempDir() }}
	if server := os.Getenv("SENMETEO_TEST_HDFS"); server != "" {
		roots["hdfs"] = func(b *testing.B) string {
			return server + "/bench/" + filepath.Base(b.TempDir()) + time.Now().Format("150405.000000")
		}
	}
	return roots
}

// BenchmarkCommit stores batches of one day.
func BenchmarkCommit(b *testing.B) {
	for name, root := range roots() {
		for _, n := range []int{1_000, 10_000, 100_000, 200_000} {
			b.Run(fmt.Sprintf("%s/rows=%d", name, n), func(b *testing.B) {
				l, batch := openLake(b, testConfig(root(b))), flowtest.Batch(0, 0, many(n)...)
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

// backfill makes a batch of days whose files are small: 25,000 readings of two stations, every ten minutes.
func backfill() []meteo.Observation {
	rows := many(25_000)
	for i := range rows {
		o := &rows[i]
		o.StationID, o.Region = meteo.Stations[i%2].ID, meteo.Stations[i%2].Region
		o.ObservedAt = time.Date(2024, 2, 1, 0, 10*(i/2), 0, 0, time.UTC)
		o.FetchedAt, o.ID = o.ObservedAt, o.Identity.ID()
	}
	return rows
}

// BenchmarkBackfill stores batches of many days.
func BenchmarkBackfill(b *testing.B) {
	for name, root := range roots() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			l, batch := openLake(b, testConfig(root(b))), flowtest.Batch(0, 0, backfill()...)
			n := int64(len(batch.Observations))
			if _, err := l.Acquire(b.Context(), 0); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := l.Commit(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
				batch.Start, batch.End = batch.End, batch.End+n
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkEncode encodes a batch of many days, and a compacted day.
func BenchmarkEncode(b *testing.B) {
	for name, rows := range map[string][]meteo.Observation{"batch of many days": backfill(), "day of all regions": many(2016)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var w writers
			size := 0
			for b.Loop() {
				contents, err := w.encodeBatch(&manifest{}, rows)
				if err != nil {
					b.Fatal(err)
				}
				size = 0
				for _, c := range contents {
					size += len(c.data)
				}
			}
			b.ReportMetric(float64(size)/float64(len(rows)), "B/row")
			b.ReportMetric(float64(len(rows))*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkCompact compacts a day of 1,000,000 rows in ten files.
func BenchmarkCompact(b *testing.B) {
	const files, rows = 10, 100_000
	for b.Loop() {
		b.StopTimer()
		l, next, all := openLake(b, testConfig("file://"+b.TempDir())), int64(0), many(files*rows)
		for i := range files {
			next = fill(b, l, 0, next, all[i*rows:(i+1)*rows])
		}
		b.StartTimer()
		report, err := l.Compact(context.Background(), all[0].ObservedAt.AddDate(0, 0, 1), false)
		if err != nil || report.RowsAfter != files*rows {
			b.Fatalf("Compact did %+v: %v", report, err)
		}
	}
}

// BenchmarkRevisions reads a day of 300,000 rows.
func BenchmarkRevisions(b *testing.B) {
	const rows = 300_000
	l := openLake(b, testConfig("file://"+b.TempDir()))
	fill(b, l, 0, 0, many(rows))
	for b.Loop() {
		n := 0
		if err := l.Revisions(b.Context(), flow.Selection{}, func(flow.Revision) error { n++; return nil }); err != nil || n != rows {
			b.Fatalf("%d revisions: %v", n, err)
		}
	}
}
