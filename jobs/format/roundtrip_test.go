package format_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"senmeteo/jobs/format"
	"senmeteo/jobs/format/csv"
	"senmeteo/jobs/format/formattest"
	"senmeteo/jobs/format/json"
	"senmeteo/jobs/format/parquet"
	"senmeteo/jobs/format/xlsx"
	"senmeteo/jobs/format/xml"
	"senmeteo/jobs/format/yaml"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// chain is every format once, from CSV to JSON Lines.
func chain() []format.Format {
	return []format.Format{xlsx.Format(), xml.Format(), yaml.Format(), parquet.Format(), json.Format(), json.Lines()}
}

// convert reads one format and writes another, record by record.
func convert(from, to format.Format, in io.Reader, out io.Writer) (records int, err error) {
	r, err := from.NewReader(in)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	w, err := to.NewWriter(out)
	if err != nil {
		return 0, err
	}
	decoder := shape.NewDecoder()
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return records, w.Close()
		}
		if err != nil {
			return records, fmt.Errorf("%s: %w", r.Position(), err)
		}
		observations, err := decoder.FromRow(row, shape.Defaults{})
		if err != nil {
			return records, fmt.Errorf("%s: %w", r.Position(), err)
		}
		for i := range observations {
			if err := w.Write(&observations[i]); err != nil {
				return records, err
			}
			records++
		}
	}
}

func TestARoundTripThroughEveryFormatLosesNothing(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { roundTrip(t, formattest.Observations(300, seed)) })
	}
}

func TestARoundTripOf62496RowsLosesNothing(t *testing.T) {
	roundTrip(t, ordinary(62_496))
}

func roundTrip(t *testing.T, observations []meteo.Observation) {
	t.Helper()
	original := formattest.Write(t, csv.Format(), observations)
	var want bytes.Buffer
	if n, err := convert(csv.Format(), json.Lines(), bytes.NewReader(original), &want); n != len(observations) || err != nil {
		t.Fatalf("%d records of %d, %v", n, len(observations), err)
	}
	from, data := csv.Format(), original
	for _, to := range chain() {
		var out bytes.Buffer
		start := time.Now()
		if _, err := convert(from, to, bytes.NewReader(data), &out); err != nil {
			t.Fatalf("%s to %s: %v", from.Name, to.Name, err)
		}
		t.Logf("%s to %s: %d bytes, %s", from.Name, to.Name, out.Len(), time.Since(start).Round(time.Millisecond))
		from, data = to, out.Bytes()
	}
	if !bytes.Equal(data, want.Bytes()) {
		t.Fatal("what came back is not what CSV to JSON Lines gives")
	}
}

// ordinary makes observations as stations give them, every ten minutes.
func ordinary(n int) []meteo.Observation {
	rnd := rand.New(rand.NewPCG(1, 2))
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	all := make([]meteo.Observation, n)
	for i := range all {
		station := meteo.Stations[i%len(meteo.Stations)]
		o := meteo.Observation{Reading: meteo.NewReading(station, from.Add(time.Duration(i/len(meteo.Stations))*10*time.Minute), "generate", meteo.Observed)}
		o.FetchedAt = o.ObservedAt
		for v := range o.Values {
			o.Values[v] = float64(rnd.IntN(4000)) / 100
		}
		o.IntervalS, o.ID, o.Revision, o.Quality = 600, o.Identity.ID(), 1, meteo.Good
		all[i] = o
	}
	return all
}

func TestALargeFileIsConvertedInLittleMemory(t *testing.T) {
	const size, limit = 200 << 20, 50 << 20
	path := filepath.Join(t.TempDir(), "large.csv")
	rows := writeLarge(t, path, size)
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	peak := newPeakMeter(in)
	if n, err := convert(csv.Format(), json.Lines(), peak, io.Discard); n != rows || err != nil {
		t.Errorf("%d rows of %d, %v", n, rows, err)
	}
	t.Logf("%d rows, at most %d MiB of heap", rows, peak.most>>20)
	if peak.most > limit {
		t.Errorf("the heap took %d MiB", peak.most>>20)
	}
}

func TestEveryTextFormatIsReadAndWrittenInLittleMemory(t *testing.T) {
	const size, limit = 10 << 20, 50 << 20
	path := filepath.Join(t.TempDir(), "large.csv")
	rows := writeLarge(t, path, size)
	for _, f := range []format.Format{csv.Format(), json.Format(), json.Lines(), xml.Format(), yaml.Format()} {
		t.Run(f.Name, func(t *testing.T) {
			in, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = in.Close() }()
			out, piped := io.Pipe()
			go func() {
				_, err := convert(csv.Format(), f, in, piped)
				piped.CloseWithError(err) // io.EOF when nil
			}()
			peak := newPeakMeter(out)
			if n, err := convert(f, json.Lines(), peak, io.Discard); n != rows || err != nil {
				t.Errorf("%d rows of %d, %v", n, rows, err)
			}
			t.Logf("%d rows, at most %d MiB of heap", rows, peak.most>>20)
			if peak.most > limit {
				t.Errorf("the heap took %d MiB", peak.most>>20)
			}
		})
	}
}

func writeLarge(t *testing.T, path string, size int64) (rows int) {
	t.Helper()
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := csv.Format().NewWriter(out)
	if err != nil {
		t.Fatal(err)
	}
	some := ordinary(1000)
	for {
		for i := range some {
			if err := w.Write(&some[i]); err != nil {
				t.Fatal(err)
			}
		}
		rows += len(some)
		if info, err := out.Stat(); err != nil {
			t.Fatal(err)
		} else if info.Size() > size {
			break
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// peakMeter looks at the heap each time a part of the file is read.
type peakMeter struct {
	in    io.Reader
	reads int
	most  uint64
}

func newPeakMeter(in io.Reader) *peakMeter {
	runtime.GC()
	return &peakMeter{in: in}
}

func (p *peakMeter) Read(b []byte) (int, error) {
	if p.reads++; p.reads%100 == 0 {
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		p.most = max(p.most, memory.HeapInuse)
	}
	return p.in.Read(b)
}
