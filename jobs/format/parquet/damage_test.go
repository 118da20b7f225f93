package parquet

import (
	"encoding/binary"
	"runtime"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"senmeteo/jobs/meteo"
)

func dataPage(values int, encoding format.Encoding) *format.PageHeader {
	return &format.PageHeader{Type: format.DataPage, DataPageHeader: thrift.New(format.DataPageHeader{NumValues: int32(values), Encoding: encoding})}
}

// One run may say of all rows that they have 255 values each.
func TestALevelAboveOneIsRefusedBeforeItIsBelieved(t *testing.T) {
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	d.rows = make([]meteo.Observation, maxRows)
	d.entries.numbers = []float64{1}
	levels := append(binary.AppendUvarint(nil, uint64(maxRows)<<1), 255)
	body := append(binary.LittleEndian.AppendUint32(nil, uint32(len(levels))), levels...)
	body = append(body, 1) // the width of the indexes
	for range 255 {
		body = append(binary.AppendUvarint(body, uint64(maxRows)<<1), 0)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = d.data(dataPage(maxRows, format.RLEDictionary), body, &source{field: meteo.FieldByName("temperature_c"), optional: true}, 0)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; err == nil || took > 16<<20 {
		t.Errorf("a page of %d bytes took %d MiB (%v), want an error", len(body), took>>20, err)
	}
}

func TestATextThatIsLongerThanItsPageDoesNotReadThePageBefore(t *testing.T) {
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	read := func(page []byte, texts int) error {
		d.rows = make([]meteo.Observation, texts)
		return guard(func() error {
			e, err := newEncoder()
			if err != nil {
				return err
			}
			header := dataPage(texts, format.Plain)
			header.UncompressedPageSize = int32(len(page))
			if err := e.append(new(format.ColumnMetaData), page, header); err != nil {
				return err
			}
			h, body, _, err := d.next(e.out.Bytes(), format.Uncompressed)
			if err != nil {
				return err
			}
			_, err = d.data(&h, body, &source{field: meteo.FieldByName("station_id")}, 0)
			return err
		})
	}
	if err := read(appendText(appendText(nil, "SN-DK"), "a text of another file, and longer"), 2); err != nil {
		t.Fatal(err)
	}
	damaged := appendText(appendText(nil, "SN-DK"), "SN-TH")
	damaged[9] = 12
	if err := read(damaged, 2); err == nil {
		t.Errorf("it read %q, want an error", d.rows[1].StationID)
	}
}
