package pg

import (
	"encoding/binary"
	"io"
	"math"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// dataColumns are the columns of meteo.observation_data in the order in which appendRow writes them.
var dataColumns = func() []string {
	names := []string{"series_id", "place_id", "observed_at", "fetched_at", "revision", "id"}
	for v := range meteo.Variables {
		names = append(names, meteo.Variables[v].Name)
	}
	return append(names, "interval_s", "quality", "qc", "original", "quantiles")
}()

// row is one observation of a batch on its way to meteo.observation_data: its index in the batch, and its key.
type row struct {
	at            int
	series, place int32
	observedAt    int64 // microsecondsOf
}

const (
	copyHeader  = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" // signature, flags, length of an extension
	copyTrailer = "\xff\xff"
	copyChunk   = 32 << 10 // bytes that are encoded at a time
)

// copyReader reads as the binary COPY of rows, each after its number. It encodes them as they are read, since all of a batch takes
// megabytes.
type copyReader struct {
	b      *flow.Batch
	rows   []row
	number int32 // of the first row
	buf    []byte
	unread []byte
	begun  bool
	ended  bool
}

// Read implements io.Reader.
func (c *copyReader) Read(p []byte) (int, error) {
	if len(c.unread) == 0 {
		if c.ended {
			return 0, io.EOF
		}
		c.fill()
	}
	n := copy(p, c.unread)
	c.unread = c.unread[n:]
	return n, nil
}

// fill encodes the next rows.
func (c *copyReader) fill() {
	c.buf = c.buf[:0]
	if !c.begun {
		c.buf = append(c.buf, copyHeader...)
		c.begun = true
	}
	for len(c.rows) > 0 && len(c.buf) < copyChunk {
		c.buf = binary.BigEndian.AppendUint16(c.buf, uint16(1+len(dataColumns)))
		c.buf = append4(c.buf, c.number)
		c.buf = appendRow(c.buf, &c.b.Observations[c.rows[0].at], &c.rows[0])
		c.number++
		c.rows = c.rows[1:]
	}
	if len(c.rows) == 0 {
		c.buf = append(c.buf, copyTrailer...)
		c.ended = true
	}
	c.unread = c.buf
}

// appendRow appends the fields of dataColumns, each as its length and its bytes.
func appendRow(dst []byte, o *meteo.Observation, r *row) []byte {
	dst = append4(dst, r.series)
	dst = append4(dst, r.place)
	dst = append8(dst, r.observedAt)
	dst = append8(dst, microsecondsOf(o.FetchedAt))
	dst = append8(dst, o.Revision)
	dst = append(binary.BigEndian.AppendUint32(dst, uint32(len(o.ID))), o.ID[:]...)
	for _, x := range o.Values {
		if meteo.Known(x) {
			dst = append8(dst, int64(math.Float64bits(x)))
		} else {
			dst = append(dst, null...)
		}
	}
	if o.IntervalS > 0 {
		dst = append8(dst, o.IntervalS)
	} else {
		dst = append(dst, null...)
	}
	if o.Quality == meteo.Good {
		dst = append(dst, null...)
	} else {
		dst = append(dst, 0, 0, 0, 1, letterOf(o.Quality))
	}
	if len(o.QC) > 0 {
		at := len(dst)
		dst = endJSON(meteo.AppendFailures(beginJSON(dst), o.QC), at)
	} else {
		dst = append(dst, null...)
	}
	if o.Original != nil {
		at := len(dst)
		dst = endJSON(o.Original.AppendJSON(beginJSON(dst)), at)
	} else {
		dst = append(dst, null...)
	}
	if len(o.Quantiles) > 0 {
		at := len(dst)
		return endJSON(o.Quantiles.AppendJSON(beginJSON(dst)), at)
	}
	return append(dst, null...)
}

// null is the length of a field that is null.
const null = "\xff\xff\xff\xff"

func append4(dst []byte, x int32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, 0, 0, 0, 4), uint32(x))
}

func append8(dst []byte, x int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, 0, 0, 0, 8), uint64(x))
}

// beginJSON begins a field of type jsonb: its length, which endJSON sets, and the version of the form.
func beginJSON(dst []byte) []byte { return append(dst, 0, 0, 0, 0, 1) }

func endJSON(dst []byte, at int) []byte {
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

// letterOf returns what the column quality holds of a verdict that is not good. Its check refuses what is not a verdict.
func letterOf(q meteo.Quality) byte {
	switch q {
	case meteo.Suspect:
		return 's'
	case meteo.Bad:
		return 'b'
	}
	return '?'
}

// epoch is what PostgreSQL counts its microseconds from.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

// microsecondsOf returns a time as PostgreSQL keeps it.
func microsecondsOf(t time.Time) int64 { return t.UnixMicro() - epoch }

// timeOf is the opposite of microsecondsOf.
func timeOf(microseconds int64) time.Time { return time.UnixMicro(microseconds + epoch).UTC() }
