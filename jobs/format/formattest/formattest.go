// Package formattest is the conformance suite of the formats: what one writes it reads back, to the last
// digit and the last accent.
package formattest

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// Run checks that a format keeps its promises.
func Run(t *testing.T, f format.Format) {
	t.Helper()
	t.Run("observations come back as they were", func(t *testing.T) {
		for seed := range uint64(20) {
			want := Observations(50, seed)
			got := Read(t, f, bytes.NewReader(Write(t, f, want)))
			Equal(t, got, want)
		}
	})
	t.Run("equal observations give equal bytes", func(t *testing.T) {
		want := Observations(10, 1)
		if !bytes.Equal(Write(t, f, want), Write(t, f, want)) {
			t.Error("two files of the same observations differ")
		}
	})
	t.Run("a file of no observation reads as none", func(t *testing.T) {
		if got := Read(t, f, bytes.NewReader(Write(t, f, nil))); len(got) != 0 {
			t.Errorf("got %d observations", len(got))
		}
	})
	t.Run("a writer that fails is not silent", func(t *testing.T) {
		w, err := f.NewWriter(fullDisk{})
		for i := 0; err == nil && i < 2000; i++ {
			err = w.Write(&Observations(1, 1)[0])
		}
		if err == nil {
			err = w.Close()
		}
		if !errors.Is(err, errFull) {
			t.Errorf("got %v, want %v", err, errFull)
		}
	})
	t.Run("a reader that fails is not taken for the end", func(t *testing.T) {
		data := Write(t, f, Observations(500, 1))
		in := io.MultiReader(bytes.NewReader(data[:len(data)/2]), brokenDisk{})
		r, err := f.NewReader(in)
		for err == nil {
			_, err = r.Next()
		}
		if !errors.Is(err, errBroken) {
			t.Errorf("got %v, want %v", err, errBroken)
		}
		if r != nil && r.Close() != nil {
			t.Error("closing failed")
		}
	})
}

var (
	errFull   = errors.New("no space left")
	errBroken = errors.New("the disk is broken")
)

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

type brokenDisk struct{}

func (brokenDisk) Read([]byte) (int, error) { return 0, errBroken }

// Write returns the file of some observations.
func Write(t testing.TB, f format.Format, observations []meteo.Observation) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := f.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	for i := range observations {
		if err := w.Write(&observations[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Read returns the observations of a file that a Writer made; a refused record fails the test.
func Read(t testing.TB, f format.Format, in io.Reader) []meteo.Observation {
	t.Helper()
	return read(t, f, in, shape.Defaults{})
}

// ReadForeign returns the observations of a file of another producer, which is taken to be of Dakar and of
// kind observed where it does not say.
func ReadForeign(t testing.TB, f format.Format, in io.Reader) []meteo.Observation {
	t.Helper()
	return read(t, f, in, shape.Defaults{Station: "SN-DK", Source: "file", Kind: meteo.Observed})
}

func read(t testing.TB, f format.Format, in io.Reader, def shape.Defaults) []meteo.Observation {
	t.Helper()
	r, err := f.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	decoder := shape.NewDecoder()
	var all []meteo.Observation
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%s: %v", r.Position(), err)
		}
		some, err := decoder.FromRow(row, def)
		if err != nil {
			t.Fatalf("%s: %v\n%s", r.Position(), err, row.AppendJSON(nil))
		}
		all = append(all, some...)
	}
}

// Drain reads a file to its end, whatever is in it, and returns how many records it has and the error that
// ended it, nil at the end of the file. It is what fuzz tests call.
func Drain(f format.Format, in io.Reader) (records int, err error) {
	r, err := f.NewReader(in)
	if err != nil {
		return 0, err
	}
	decoder := shape.NewDecoder()
	for {
		row, err := r.Next()
		var bad *format.RecordError
		switch {
		case errors.Is(err, io.EOF):
			return records, r.Close()
		case err != nil && !errors.As(err, &bad):
			return records, errors.Join(err, r.Close())
		case err == nil:
			for _, part := range decoder.Split(row) {
				_, _ = decoder.FromRow(part, shape.Defaults{}) // a refusal is fine
			}
		}
		records++
	}
}

// Equal compares observations by their JSON, which is equal if and only if they are.
func Equal(t testing.TB, got, want []meteo.Observation) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d observations, want %d", len(got), len(want))
	}
	for i := range want {
		g, w := got[i].AppendJSON(nil), want[i].AppendJSON(nil)
		if !bytes.Equal(g, w) {
			t.Fatalf("observation %d:\ngot  %s\nwant %s", i, g, w)
		}
	}
}

// Observations makes n random observations and readings of every kind, with every field, odd numbers and times.
func Observations(n int, seed uint64) []meteo.Observation {
	rnd := rand.New(rand.NewPCG(seed, 7))
	all := make([]meteo.Observation, n)
	for i := range all {
		all[i] = observation(rnd)
	}
	return all
}

func observation(rnd *rand.Rand) meteo.Observation {
	pick := func(words ...string) string { return words[rnd.IntN(len(words))] }
	station := meteo.Stations[rnd.IntN(len(meteo.Stations))]
	o := meteo.Observation{Reading: meteo.NewReading(station, moment(rnd), pick("generate", "file", "a-1"), meteo.Observed)}
	o.StationID += pick("", "-02", "-1234")
	o.Region = pick(o.Region, o.Region, "Saint-Louis; «l'île»", `d"é`, "=1+1", "-", "12", "true", "a: b # c", "é & <b>", "null", " ", "N'Dïaye")
	if o.Region == " " || o.Region == "-" || o.Region == "null" {
		o.Region = station.Region
	}
	o.FetchedAt = moment(rnd)
	if rnd.IntN(2) == 0 {
		o.Kind, o.IssuedAt = meteo.Forecast, moment(rnd)
	}
	if rnd.IntN(2) == 0 {
		o.ProviderID = pick("61641", "14.625,-17.5", "GOOY", "=1", "Dakar; «Yoff»", "0061", "1e3")
	}
	for v := range o.Values {
		o.Values[v] = value(rnd)
	}
	o.Values[meteo.Temperature] = math.Round(rnd.Float64()*400) / 10
	for _, x := range []*float64{&o.Latitude, &o.Longitude, &o.ElevationM} {
		if rnd.IntN(5) == 0 {
			*x = math.NaN()
		}
	}
	if rnd.IntN(2) == 0 {
		o.IntervalS = rnd.Int64N(100000)
	}
	for v := range meteo.NumVariables {
		if q := (meteo.Quantile{Variable: meteo.Variable(v)}); rnd.IntN(30) == 0 {
			for i := range q.Values {
				for q.Values[i] = math.NaN(); !meteo.Known(q.Values[i]); {
					q.Values[i] = value(rnd)
				}
			}
			o.Quantiles, _ = o.Quantiles.With(q)
		}
	}
	if rnd.IntN(3) == 0 {
		return o // a reading
	}
	o.ID, o.Revision = o.Identity.ID(), 1+rnd.Int64N(1<<53-2)
	o.Quality = meteo.Quality(pick("good", "suspect", "bad"))
	for _, subject := range []string{"humidity_pct", "location", "temperature_c"} {
		for _, rule := range []meteo.Rule{"range", "step", "flat-line"} {
			if rnd.IntN(4) == 0 {
				o.QC = append(o.QC, meteo.Failure{Subject: subject, Rule: rule})
			}
		}
	}
	if rnd.IntN(3) == 0 {
		vs := meteo.NoValues()
		vs[rnd.IntN(len(vs))] = math.Round(rnd.NormFloat64()*1e4) / 100
		vs[meteo.Humidity] = 101.5
		o.Original = &vs
	}
	return o
}

// moment is a time of 1900 to 2199, to the minute or to the microsecond.
func moment(rnd *rand.Rand) time.Time {
	from := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	step := []time.Duration{time.Microsecond, time.Minute, time.Second, time.Millisecond}[rnd.IntN(4)]
	return from.AddDate(0, 0, rnd.IntN(300*365)).Add(time.Duration(rnd.Int64N(int64(24 * time.Hour))).Truncate(step))
}

// value is unknown, an ordinary number, or any finite number at all.
func value(rnd *rand.Rand) float64 {
	switch rnd.IntN(6) {
	case 0:
		return math.NaN()
	case 1:
		return []float64{0, -999, 1e21, 5e-324, math.MaxFloat64, -1.7976931348623157e308, 1e-7, 123456789012345680, 0.1 + 0.2}[rnd.IntN(9)]
	case 2:
		for {
			if x := math.Float64frombits(rnd.Uint64()); !math.IsNaN(x) && !math.IsInf(x, 0) {
				return x
			}
		}
	}
	return math.Round(rnd.NormFloat64()*1000) / 10
}
