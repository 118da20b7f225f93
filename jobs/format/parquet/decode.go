package parquet

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/plain"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"senmeteo/jobs/meteo"
)

// values are some of one column: of a column of numbers, or of whole numbers and times, or of texts.
type values struct {
	numbers []float64
	wholes  []int64
	texts   []string
}

func (v *values) reset() { v.numbers, v.wholes, v.texts = v.numbers[:0], v.wholes[:0], v.texts[:0] }

// buffers are what decoding a page takes.
type buffers struct {
	raw     []byte
	levels  []byte
	indexes []int32
	bytes   []byte
	offsets []uint32
}

// next reads the header of the next page of a column and unpacks its body. It returns what comes after it.
func (d *Decoder) next(rest []byte, codec format.CompressionCodec) (header format.PageHeader, body, after []byte, err error) {
	head := rest[:min(len(rest), maxHeader)]
	if err := checkThrift(head); err != nil {
		return header, nil, nil, err
	}
	var protocol thrift.CompactProtocol
	in := protocol.NewReaderFromBytes(head)
	if err := thrift.NewDecoder(in).Decode(&header); err != nil {
		return header, nil, nil, fmt.Errorf("decoding the header of a page: %w", err)
	}
	rest = rest[in.BytesRead():]
	size, declared := int(header.CompressedPageSize), int(header.UncompressedPageSize)
	if size < 0 || size > len(rest) || declared < 0 || declared > maxGroup {
		return header, nil, nil, errColumn
	}
	body, after = rest[:size], rest[size:]
	plain := 0 // bytes before what is packed
	if header.DataPageHeaderV2.Valid {
		v2 := &header.DataPageHeaderV2.V
		plain = int(v2.DefinitionLevelsByteLength)
		if v2.IsCompressed.Valid && !v2.IsCompressed.V {
			codec = format.Uncompressed
		}
	}
	if plain < 0 || plain > len(body) || plain > declared {
		return header, nil, nil, errColumn
	}
	d.raw = append(d.raw[:0], body[:plain]...)
	if d.raw, err = d.unpack(d.raw, body[plain:], codec, declared-plain); err != nil {
		return header, nil, nil, fmt.Errorf("unpacking a page: %w", err)
	}
	if len(d.raw) != declared {
		return header, nil, nil, errLarger
	}
	return header, slices.Clip(d.raw), after, nil // so that a length which is too large ends at the page, not in what was in the buffer before
}

// unpack appends what a page holds.
func (d *Decoder) unpack(dst, packed []byte, codec format.CompressionCodec, declared int) ([]byte, error) {
	switch codec {
	case format.Zstd:
		return d.zstd.DecodeAll(packed, dst)
	case format.Uncompressed:
		return append(dst, packed...), nil
	case format.Snappy: // whose length is its start
		if n, ok := binary.Uvarint(packed); ok <= 0 || n != uint64(declared) {
			return dst, errLarger
		}
		body, err := parquet.LookupCompressionCodec(codec).Decode(nil, packed)
		return append(dst, body...), err
	}
	return dst, fmt.Errorf("it is compressed by %s, which no file of senmeteo is", codec)
}

// dictionary reads the dictionary of a column.
func (d *Decoder) dictionary(t meteo.Type, body []byte) error {
	d.entries.reset()
	return d.decode(&d.entries, t, format.Plain, body, 0)
}

// data sets a field of the rows from a row on by the values of a page, and returns their number.
func (d *Decoder) data(header *format.PageHeader, body []byte, c *source, row int) (n int, err error) {
	var encoding format.Encoding
	levels := []byte(nil)
	switch {
	case header.DataPageHeader.Valid:
		n, encoding = int(header.DataPageHeader.V.NumValues), header.DataPageHeader.V.Encoding
		if c.optional {
			if len(body) < 4 || uint64(binary.LittleEndian.Uint32(body)) > uint64(len(body)-4) {
				return 0, errShort
			}
			size := int(binary.LittleEndian.Uint32(body))
			levels, body = body[4:4+size], body[4+size:]
		}
	case header.DataPageHeaderV2.Valid:
		v2 := &header.DataPageHeaderV2.V
		n, encoding = int(v2.NumValues), v2.Encoding
		levels, body = body[:v2.DefinitionLevelsByteLength], body[v2.DefinitionLevelsByteLength:]
	}
	if n < 0 || n > len(d.rows)-row {
		return 0, errColumn
	}
	rows := d.rows[row : row+n]
	present, err := d.present(rows, levels, c.optional)
	if err != nil || present == 0 {
		return n, err
	}
	d.found.reset()
	if encoding == format.RLEDictionary {
		err = d.lookUp(c.field.Type, body, present)
	} else {
		err = d.decode(&d.found, c.field.Type, encoding, body, present)
	}
	if err != nil {
		return n, err
	}
	return n, d.set(rows, c, present)
}

// present decodes which of the rows have a value, and returns how many do.
func (d *Decoder) present(rows []meteo.Observation, levels []byte, optional bool) (n int, err error) {
	if !optional {
		return len(rows), nil
	}
	if err := checkRuns(levels, 1, len(rows)); err != nil {
		return 0, err
	}
	if d.levels, err = (&rle.Encoding{BitWidth: 1}).DecodeLevels(d.levels, levels); err != nil {
		return 0, err
	}
	if len(d.levels) < len(rows) {
		return 0, errShort
	}
	d.levels = d.levels[:len(rows)]
	for _, level := range d.levels {
		if level > 1 { // a run's byte, which is taken as it is
			return 0, errColumn
		}
		n += int(level)
	}
	return n, nil
}

// decode appends values that are stored without a dictionary; of those that are stored as differences n at the most.
func (d *Decoder) decode(v *values, t meteo.Type, encoding format.Encoding, data []byte, n int) (err error) {
	if encoding == format.DeltaBinaryPacked || encoding == format.DeltaLengthByteArray {
		if err := checkDelta(data, n); err != nil {
			return err
		}
	}
	switch {
	case t == meteo.TypeNumber && encoding == format.Plain && len(data)%8 == 0:
		v.numbers, err = (&plain.Encoding{}).DecodeDouble(v.numbers, data)
	case t != meteo.TypeWhole && t != meteo.TypeTime:
		return d.decodeTexts(v, t, encoding, data)
	case encoding == format.Plain && len(data)%8 == 0:
		v.wholes, err = (&plain.Encoding{}).DecodeInt64(v.wholes, data)
	case encoding == format.DeltaBinaryPacked:
		v.wholes, err = (&delta.BinaryPackedEncoding{}).DecodeInt64(v.wholes, data)
	default:
		err = errEncoding(encoding)
	}
	return err
}

func errEncoding(encoding format.Encoding) error {
	return fmt.Errorf("a page is damaged, or encoded by %s, as no file of senmeteo is", encoding)
}

func (d *Decoder) decodeTexts(v *values, t meteo.Type, encoding format.Encoding, data []byte) (err error) {
	switch {
	case t == meteo.TypeNumber:
		return errEncoding(encoding)
	case encoding == format.Plain:
		d.bytes, d.offsets, err = (&plain.Encoding{}).DecodeByteArray(d.bytes[:0], data, d.offsets[:0])
	case encoding == format.DeltaLengthByteArray:
		d.bytes, d.offsets, err = (&delta.LengthByteArrayEncoding{}).DecodeByteArray(d.bytes[:0], data, d.offsets[:0])
	default:
		return errEncoding(encoding)
	}
	if err != nil {
		return err
	}
	for i := 1; i < len(d.offsets); i++ {
		text := d.bytes[d.offsets[i-1]:d.offsets[i]]
		if t == meteo.TypeID {
			v.texts = append(v.texts, string(text)) // no two are equal
		} else {
			v.texts = append(v.texts, d.intern(text))
		}
	}
	return nil
}

// mostTexts is how many texts are remembered; far more than there are stations, sources and rules.
const mostTexts = 10_000

// intern returns a text, the same memory for equal ones.
func (d *Decoder) intern(text []byte) string {
	if s, ok := d.texts[string(text)]; ok {
		return s
	}
	if len(d.texts) >= mostTexts {
		clear(d.texts)
	}
	s := string(text)
	d.texts[s] = s
	return s
}

// lookUp finds values by their places in the dictionary.
func (d *Decoder) lookUp(t meteo.Type, data []byte, n int) (err error) {
	if len(data) == 0 || data[0] > 32 {
		return errShort
	}
	if err := checkRuns(data[1:], int(data[0]), n); err != nil {
		return err
	}
	if d.indexes, err = (&rle.DictionaryEncoding{}).DecodeInt32(d.indexes, data); err != nil {
		return err
	}
	if len(d.indexes) < n {
		return errShort
	}
	indexes, e, v := d.indexes[:n], &d.entries, &d.found
	if high := slices.Max(indexes); slices.Min(indexes) < 0 || int(high) >= max(len(e.numbers), len(e.wholes), len(e.texts)) {
		return errShort
	}
	for _, i := range indexes {
		switch t {
		case meteo.TypeNumber:
			v.numbers = append(v.numbers, e.numbers[i])
		case meteo.TypeWhole, meteo.TypeTime:
			v.wholes = append(v.wholes, e.wholes[i])
		default:
			v.texts = append(v.texts, e.texts[i])
		}
	}
	return nil
}

// set sets a field of those rows that have a value.
func (d *Decoder) set(rows []meteo.Observation, c *source, n int) error {
	v := &d.found
	if max(len(v.numbers), len(v.wholes), len(v.texts)) < n {
		return errShort
	}
	at := 0
	for i := range rows {
		if c.optional && d.levels[i] == 0 {
			continue
		}
		o := &rows[i]
		switch c.field.Type {
		case meteo.TypeNumber:
			*c.field.Number(o) = v.numbers[at]
		case meteo.TypeWhole:
			*c.field.Whole(o) = v.wholes[at]
		case meteo.TypeTime:
			*c.field.Time(o) = time.UnixMicro(v.wholes[at]).UTC()
		default:
			if err := d.setText(o, c.field, v.texts[at]); err != nil {
				return err
			}
		}
		at++
	}
	return nil
}

func (d *Decoder) setText(o *meteo.Observation, f *meteo.Field, text string) (err error) {
	switch f.Type {
	case meteo.TypeText:
		*f.Text(o) = text
	case meteo.TypeID:
		var ok bool
		if o.ID, ok = meteo.ParseID(text); !ok {
			return fmt.Errorf("%.40q is not an id", text)
		}
	case meteo.TypeFailures:
		o.QC, err = d.failures(text)
	case meteo.TypeOriginal:
		o.Original, err = original(text)
	case meteo.TypeQuantiles:
		o.Quantiles, err = quantiles(text)
	}
	return err
}

var errObject = errors.New("a cell does not hold the object that the column is for")

// failures reads {"temperature_c":["range","step"]}. Rows with equal texts share them.
func (d *Decoder) failures(text string) ([]meteo.Failure, error) {
	if qc, ok := d.qc[text]; ok {
		return qc, nil
	}
	var rules map[string][]string
	if err := json.Unmarshal([]byte(text), &rules); err != nil {
		return nil, errObject
	}
	var qc []meteo.Failure
	for _, subject := range slices.Sorted(maps.Keys(rules)) {
		for _, rule := range rules[subject] {
			qc = append(qc, meteo.Failure{Subject: subject, Rule: meteo.Rule(rule)})
		}
	}
	if len(d.qc) >= mostTexts {
		clear(d.qc)
	}
	d.qc[text] = slices.Clip(qc)
	return d.qc[text], nil
}

// original reads {"humidity_pct":101.5}.
func original(text string) (*meteo.Values, error) {
	var members map[string]float64
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		return nil, errObject
	}
	vs := meteo.NoValues()
	for name, x := range members {
		v, ok := meteo.VariableByName(name)
		if !ok {
			return nil, errObject
		}
		vs[v] = x
	}
	return &vs, nil
}

// quantiles reads {"rain_mm":[0,0,0,0.2,1,4,9]}.
func quantiles(text string) (qs meteo.Quantiles, err error) {
	var members map[string][]float64
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		return nil, errObject
	}
	for name, list := range members {
		v, ok := meteo.VariableByName(name)
		q := meteo.Quantile{Variable: v}
		if !ok || copy(q.Values[:], list) != len(list) || len(list) != len(q.Values) {
			return nil, errObject
		}
		qs, _ = qs.With(q) // a map has no name twice
	}
	return qs, nil
}
