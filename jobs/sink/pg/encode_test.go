package pg_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"testing"
	"testing/iotest"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/sink/pg"
)

// byLibrary returns a row as pgx writes it.
func byLibrary(t testing.TB, o *meteo.Observation, number, series, place int32) []byte {
	t.Helper()
	fields := []struct {
		oid   uint32
		value any
	}{
		{pgtype.Int4OID, number},
		{pgtype.Int4OID, series},
		{pgtype.Int4OID, place},
		{pgtype.TimestamptzOID, o.ObservedAt},
		{pgtype.TimestamptzOID, o.FetchedAt},
		{pgtype.Int8OID, o.Revision},
		{pgtype.UUIDOID, [16]byte(o.ID)},
	}
	add := func(oid uint32, known bool, value any) {
		if !known {
			value = nil
		}
		fields = append(fields, struct {
			oid   uint32
			value any
		}{oid, value})
	}
	for _, x := range o.Values {
		add(pgtype.Float8OID, meteo.Known(x), x)
	}
	add(pgtype.Int8OID, o.IntervalS > 0, o.IntervalS)
	add(pgtype.QCharOID, o.Quality != meteo.Good, map[meteo.Quality]byte{meteo.Suspect: 's', meteo.Bad: 'b'}[o.Quality])
	add(pgtype.JSONBOID, len(o.QC) > 0, meteo.AppendFailures(nil, o.QC))
	var original []byte
	if o.Original != nil {
		original = o.Original.AppendJSON(nil)
	}
	add(pgtype.JSONBOID, o.Original != nil, original)
	add(pgtype.JSONBOID, len(o.Quantiles) > 0, o.Quantiles.AppendJSON(nil))

	types := pgtype.NewMap()
	out := binary.BigEndian.AppendUint16(nil, uint16(len(fields)))
	for _, f := range fields {
		at := len(out)
		out = append(out, 0, 0, 0, 0)
		encoded, err := types.Encode(f.oid, pgtype.BinaryFormatCode, f.value, out)
		if err != nil {
			t.Fatal(err)
		}
		if encoded == nil {
			binary.BigEndian.PutUint32(out[at:], math.MaxUint32)
			continue
		}
		out = encoded
		binary.BigEndian.PutUint32(out[at:], uint32(len(out)-at-4))
	}
	return out
}

func FuzzARowIsEncodedAsTheLibraryDoes(f *testing.F) {
	f.Add(int64(0), int64(-1), int64(1), 21.5, 0.0, uint32(1), int64(600), uint8(0), "range")
	f.Add(int64(-62135596800000000), int64(253402300799999999), int64(math.MaxInt64), math.MaxFloat64, math.NaN(), uint32(math.MaxUint32), int64(0), uint8(2), `"é"`)
	f.Fuzz(func(t *testing.T, observed, fetched, revision int64, x, y float64, present uint32, interval int64, verdict uint8, rule string) {
		const longAgo, late = -100_000_000_000_000_000, 100_000_000_000_000_000 // within what PostgreSQL can keep
		observed, fetched = max(min(observed, late), longAgo), max(min(fetched, late), longAgo)
		o := flowtest.Observation(1, 1, revision)
		o.ObservedAt, o.FetchedAt = time.UnixMicro(observed).UTC(), time.UnixMicro(fetched).UTC()
		o.ID, o.IntervalS = o.Identity.ID(), interval
		o.Quality = []meteo.Quality{meteo.Good, meteo.Suspect, meteo.Bad}[verdict%3]
		before := meteo.NoValues()
		for v := range o.Values {
			o.Values[v] = math.NaN()
			if present>>v&1 != 0 {
				o.Values[v] = x + float64(v)
				before[v] = y
			}
		}
		if present&1 != 0 && !math.IsInf(y, 0) {
			o.Original = &before
			o.Quantiles = meteo.Quantiles{{Variable: meteo.Rain, Values: [...]float64{y, 0, y, 1, 2, 3, y}}}
		}
		if rule != "" {
			o.QC = []meteo.Failure{{Subject: "location", Rule: meteo.Rule(rule)}, {Subject: "rain_mm", Rule: "a"}, {Subject: "rain_mm", Rule: meteo.Rule(rule)}}
		}
		want := byLibrary(t, &o, 1, 7, -9)
		if got := pg.EncodedRow(&o, 1, 7, -9); !bytes.Equal(got, want) {
			t.Errorf("got  %x\nwant %x", got, want)
		}
	})
}

func TestACopyIsOneStreamHoweverItIsRead(t *testing.T) {
	var all []meteo.Observation
	want := []byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	for n := range 700 { // more than are encoded at a time
		o := flowtest.Observation(1, n, 1)
		all = append(all, o)
		want = append(want, byLibrary(t, &o, int32(n), 7, 9)...)
	}
	want = append(want, 0xff, 0xff)
	b := flowtest.Batch(1, 0, all...)
	for name, read := range map[string]func(io.Reader) io.Reader{
		"whole":         func(r io.Reader) io.Reader { return r },
		"byte by byte":  iotest.OneByteReader,
		"half a buffer": iotest.HalfReader,
	} {
		got, err := io.ReadAll(read(pg.CopyOf(b, 7, 9)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes and %v, want %d bytes", name, len(got), err, len(want))
		}
	}
}

func BenchmarkEncoding(b *testing.B) {
	var all []meteo.Observation
	for n := range 20_000 {
		o := flowtest.Observation(1, n, 1)
		for v := range 11 {
			o.Values[v] = float64(n + v)
		}
		all = append(all, o)
	}
	batch := flowtest.Batch(1, 0, all...)
	b.ReportAllocs()
	for b.Loop() {
		n, err := io.Copy(io.Discard, pg.CopyOf(batch, 7, 9))
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(n)
	}
}
