package parquet_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"runtime"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	pf "github.com/parquet-go/parquet-go/format"

	"senmeteo/jobs/format/formattest"
	"senmeteo/jobs/format/parquet"
)

// bomb is a codec that writes something else than the page it is given.
type bomb struct {
	compress.Codec
	kind pf.CompressionCodec
	page []byte
}

func (b bomb) String() string                        { return "bomb" }
func (b bomb) CompressionCodec() pf.CompressionCodec { return b.kind }
func (b bomb) Encode(dst, _ []byte) ([]byte, error)  { return append(dst[:0], b.page...), nil }

type record struct {
	City string  `parquet:"city"`
	Date string  `parquet:"date"`
	Temp float64 `parquet:"temp"`
}

// zeros are 256 MiB.
func zeros() io.Reader { return io.LimitReader(nothing{}, 256<<20) }

type nothing struct{}

func (nothing) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// squeezed compresses the zeros by a stream, which does not contain its length.
func squeezed(t *testing.T, w func(io.Writer) io.WriteCloser) []byte {
	t.Helper()
	var out bytes.Buffer
	to := w(&out)
	if _, err := io.Copy(to, zeros()); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestPagesThatUnpackToMoreThanTheyDeclareAreRefusedWithBoundedMemory(t *testing.T) {
	zstdStream := func(w io.Writer) io.WriteCloser {
		z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	for name, b := range map[string]bomb{
		"zstd":             {kind: pf.Zstd, page: squeezed(t, zstdStream)},
		"gzip":             {kind: pf.Gzip, page: squeezed(t, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })},
		"brotli":           {kind: pf.Brotli, page: squeezed(t, func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, 1) })},
		"snappy":           {kind: pf.Snappy, page: append(binary.AppendUvarint(nil, 1<<30), "xxxx"...)},
		"a damaged LZ4":    {kind: pf.Lz4Raw, page: []byte("\xff\xff\xff\xff\x00\x00\x00")},
		"an unknown codec": {kind: pf.LZO, page: []byte("x")},
	} {
		t.Run(name, func(t *testing.T) {
			var file bytes.Buffer
			w := parquetgo.NewGenericWriter[record](&file, parquetgo.Compression(b))
			if _, err := w.Write([]record{{"Dakar", "2026-03-01", 20}}); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			n, err := formattest.Drain(parquet.Format(), bytes.NewReader(file.Bytes()))
			runtime.ReadMemStats(&after)
			if err == nil || n > 0 {
				t.Errorf("it passed with %d records", n)
			}
			if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 64 {
				t.Errorf("it took %d MiB to see that: %v", took, err)
			}
			t.Log(err)
		})
	}
}

func TestPagesOfEveryCodecAreRead(t *testing.T) {
	for _, codec := range []compress.Codec{
		&parquetgo.Uncompressed, &parquetgo.Snappy, &parquetgo.Gzip, &parquetgo.Brotli, &parquetgo.Zstd, &parquetgo.Lz4Raw,
	} {
		for _, version := range []int{1, 2} {
			var file bytes.Buffer
			w := parquetgo.NewGenericWriter[record](&file, parquetgo.Compression(codec), parquetgo.DataPageVersion(version))
			for range 5000 {
				if _, err := w.Write([]record{{"Dakar", "2026-03-01", 20}}); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if n, err := formattest.Drain(parquet.Format(), bytes.NewReader(file.Bytes())); err != nil || n != 5000 {
				t.Errorf("%s, version %d: %d records, %v", codec, version, n, err)
			}
		}
	}
}
