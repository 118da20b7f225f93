package file_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"testing"
	"time"

	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"senmeteo/jobs/format"
	"senmeteo/jobs/format/csv"
	"senmeteo/jobs/format/parquet"
	"senmeteo/jobs/format/xlsx"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
	"senmeteo/jobs/source/file"
)

// tableRow is a row of the tables below, as a producer of typed files has it.
type tableRow struct {
	Date    int32   `parquet:"Date,date"`
	Hour    int64   `parquet:"Heure"`
	Station string  `parquet:"Station"`
	Temp    float64 `parquet:"Temp"`
	Hum     uint8   `parquet:"Hum"`
}

// readAll returns the readings of a file, or the first refusal.
func readAll(f format.Format, data []byte) (lines []string, err error) {
	r, err := file.Open(file.Stdin, file.Options{Formats: []format.Format{f}, Format: f.Name, Stdin: bytes.NewReader(data), Options: shape.Options{
		Defaults: shape.Defaults{Source: "file", Kind: meteo.Observed, FetchedAt: time.Unix(0, 0)},
	}})
	if err != nil {
		return nil, err
	}
	for {
		record, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return lines, r.Close()
		case err != nil:
			return nil, errors.Join(err, r.Close())
		case record.Refusal != nil:
			lines = append(lines, "refused: "+string(record.Refusal.Reason))
		}
		for i := range record.Observations {
			lines = append(lines, string(record.Observations[i].AppendJSON(nil)))
		}
	}
}

// FuzzTheSameTableInTypedAndUntypedFormats feeds a table as CSV, as a workbook and as Parquet. The readings are equal, unless text alone
// leaves open what types settle, which is then refused.
func FuzzTheSameTableInTypedAndUntypedFormats(f *testing.F) {
	f.Add(int32(20666), int64(0), int64(27100), uint8(80), uint8(1))
	f.Add(int32(20666), int64(23), int64(-1013), uint8(200), uint8(4))
	f.Add(int32(-25000), int64(24), int64(1013000), uint8(0), uint8(2))
	f.Add(int32(30), int64(99), int64(1), uint8(255), uint8(3))
	f.Fuzz(func(t *testing.T, day int32, hour, temp int64, hum, count uint8) {
		if day < -25_000 || day > 100_000 || temp < -1e12 || temp > 1e12 { // the days that every format has, and 15 digits
			return
		}
		rows := make([]tableRow, count%8+1)
		for i := range rows {
			rows[i] = tableRow{day + int32(i), hour, "Dakar", float64(temp+int64(i)*7) / 1000, hum}
		}
		want, err := readAll(csv.Format(), asCSV(rows))
		typed := map[string][]byte{"xlsx": asWorkbook(t, rows), "parquet": asParquet(t, rows)}
		for name, one := range map[string]format.Format{"xlsx": xlsx.Format(), "parquet": parquet.Format()} {
			got, typedErr := readAll(one, typed[name])
			if err != nil { // only the untyped table is ambiguous, or both are refused
				continue
			}
			if typedErr != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s gives %v\n%s\nand CSV\n%s", name, typedErr, got, want)
			}
		}
	})
}

func dateOf(row tableRow) time.Time { return time.Unix(int64(row.Date)*86400, 0).UTC() }

func asCSV(rows []tableRow) []byte {
	out := []byte("Date,Heure,Station,Temp,Hum\n")
	for _, row := range rows {
		out = fmt.Appendf(out, "%s,%d,%s,%s,%d\n", dateOf(row).Format(time.DateOnly), row.Hour, row.Station, strconv.FormatFloat(row.Temp, 'f', -1, 64), row.Hum)
	}
	return out
}

func asWorkbook(t *testing.T, rows []tableRow) []byte {
	t.Helper()
	book := excelize.NewFile()
	form := "dd/mm/yyyy"
	style, err := book.NewStyle(&excelize.Style{CustomNumFmt: &form})
	errs := []error{err, book.SetSheetRow("Sheet1", "A1", &[]any{"Date", "Heure", "Station", "Temp", "Hum"})}
	for i, row := range rows {
		line := strconv.Itoa(i + 2)
		serial := int64(row.Date) + 25569 // the day number of 1 January 1970
		errs = append(errs, book.SetSheetRow("Sheet1", "A"+line, &[]any{serial, row.Hour, row.Station, row.Temp, row.Hum}),
			book.SetCellStyle("Sheet1", "A"+line, "A"+line, style))
	}
	var out bytes.Buffer
	if err := errors.Join(append(errs, book.Write(&out))...); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asParquet(t *testing.T, rows []tableRow) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := parquetgo.Write(&out, rows); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
