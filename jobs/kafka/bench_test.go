package kafka

import (
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// BenchmarkStream drains benchRecords readings from the raw topic, all of them new, and then rebuilds the memory of as many
// ids for one more. It reports records a second and the largest resident set of the process, in MiB.
//
//	go test -bench Stream -benchtime 1x -run '^$' ./jobs/kafka
func BenchmarkStream(b *testing.B) {
	for range b.N {
		c := newCluster(b)
		for start := 0; start < benchRecords; start += 20_000 {
			records := make([]*kgo.Record, 20_000)
			for i := range records {
				records[i] = fullReading(start + i)
			}
			c.write(c.names.Raw(), records...)
		}
		debug.FreeOSMemory()
		if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // forget the peak so far
			b.Fatal(err)
		}
		b.ResetTimer()
		began := time.Now()
		rep, err := c.tryStream(c.ctx(), flow.Config{BatchRecords: 5000}, nil)
		if err != nil || rep.Written != benchRecords {
			b.Fatalf("%v, %s", err, rep.JSON())
		}
		b.ReportMetric(benchRecords/time.Since(began).Seconds(), "records/s")
		b.StopTimer()

		c.write(c.names.Raw(), fullReading(benchRecords), fullReading(benchRecords+1), fullReading(benchRecords+2), fullReading(benchRecords+3))
		began = time.Now()
		c.stream()
		b.ReportMetric(time.Since(began).Seconds(), "s/rebuild")
		b.ReportMetric(peakMiB(b), "MiB")
	}
}

const benchRecords = 500_000

// fullReading is the n-th reading of a series of all stations with every variable.
func fullReading(n int) *kgo.Record {
	s := meteo.Stations[n%len(meteo.Stations)]
	o := meteo.Observation{Reading: meteo.NewReading(s, time.Date(2024, 1, 1, 0, n/len(meteo.Stations), 0, 0, time.UTC), "generate", meteo.Observed)}
	o.FetchedAt = o.ObservedAt
	copy(o.Values[:], []float64{25.3, 18.2, 64.7, 1012.4, 4.2, 7.9, 315, 0, 0, 12, 20_000})
	o.IntervalS = 600
	return &kgo.Record{Key: []byte(s.ID), Value: o.AppendJSON(nil), Partition: Partition(s.ID, testPartitions)}
}

var peak = regexp.MustCompile(`VmHWM:\s*(\d+) kB`)

func peakMiB(b *testing.B) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", os.Getpid()))
	if err != nil {
		b.Fatal(err)
	}
	m := peak.FindSubmatch(text)
	if m == nil {
		b.Fatalf("no VmHWM in %q", text)
	}
	kib, _ := strconv.ParseFloat(string(m[1]), 64) // digits
	return kib / 1024
}
