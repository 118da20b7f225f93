package xlsx

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"senmeteo/jobs/format/formattest"
	"senmeteo/jobs/meteo"
)

func TestConformance(t *testing.T) { formattest.Run(t, Format()) }

// sheetsOf makes a workbook of sheets, each a list of rows.
func sheetsOf(t *testing.T, sheets map[string][][]any, names ...string) []byte {
	t.Helper()
	book := excelize.NewFile()
	for i, name := range names {
		if i == 0 {
			must(t, book.SetSheetName("Sheet1", name))
		} else if _, err := book.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for line, row := range sheets[name] {
			must(t, book.SetSheetRow(name, fmt.Sprintf("A%d", line+1), &row))
		}
	}
	var out bytes.Buffer
	must(t, book.Write(&out))
	return out.Bytes()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestEverySheetOfMeasurementsIsReadAndNoOther(t *testing.T) {
	data := sheetsOf(t, map[string][][]any{
		"Lisez-moi": {{"Relevés de mars"}},
		"Stations":  {{"Station", "Latitude", "Longitude"}, {"Thiès", 14.7, -17}},
		"Thiès":     {{}, {"Date/heure", "Température (°C)", "Région"}, {46082.25, 20.5, "Thiès"}, {}, {46082.5, 25.5, "Thiès"}},
		"Moyennes":  {{"Région", "Température"}, {"Thiès", 23}},
		"Kolda":     {{"Région", "T (°C)", "Date", "Heure"}, {"Kolda", "25,5", "01/03/2026", 0.75}},
	}, "Lisez-moi", "Stations", "Thiès", "Moyennes", "Kolda")
	got := formattest.ReadForeign(t, Format(), bytes.NewReader(data))
	var seen []string
	for _, o := range got {
		seen = append(seen, fmt.Sprint(o.Region, o.ObservedAt.Format(" 02 15:04 "), o.Values[meteo.Temperature]))
	}
	if want := "Thiès 01 06:00 20.5, Thiès 01 12:00 25.5, Kolda 01 18:00 25.5"; strings.Join(seen, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(seen, ", "), want)
	}
}

func TestATableLongerThanASheetGoesOnInTheNext(t *testing.T) {
	var out bytes.Buffer
	w, err := newWriter(&out)
	must(t, err)
	w.(*writer).maxRows = 11 // a line of names and ten rows, instead of a million
	want := formattest.Observations(25, 1)
	for i := range want {
		must(t, w.Write(&want[i]))
	}
	must(t, w.Close())
	book, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
	must(t, err)
	if sheets := book.GetSheetList(); strings.Join(sheets, ",") != "Observations,Observations 2,Observations 3" {
		t.Errorf("the sheets are %q", sheets)
	}
	formattest.Equal(t, formattest.Read(t, Format(), &out), want)
}

func TestCellsHaveTheTypesThatASpreadsheetCalculatesWith(t *testing.T) {
	o := formattest.Observations(1, 1)
	o[0].ObservedAt = o[0].ObservedAt.Truncate(1e9 * 60)
	o[0].Values[meteo.Temperature] = 25.3
	book, err := excelize.OpenReader(bytes.NewReader(formattest.Write(t, Format(), o)))
	must(t, err)
	for cell, want := range map[string]excelize.CellType{"I2": excelize.CellTypeUnset, "O2": excelize.CellTypeUnset, "D2": excelize.CellTypeInlineString} {
		if got, err := book.GetCellType(sheetName, cell); err != nil || got != want {
			t.Errorf("%s has type %v, want %v, %v", cell, got, want, err)
		}
	}
	shown, err := book.GetCellValue(sheetName, "I2")
	if want := o[0].ObservedAt.Format("2006-01-02 15:04:05"); err != nil || shown != want {
		t.Errorf("a person sees %q, want %q, %v", shown, want, err)
	}
}

func TestHostileAndBrokenWorkbooksAreRefusedWithBoundedMemory(t *testing.T) {
	good := sheetsOf(t, map[string][][]any{"A": {{"Date", "Temp"}, {46082, 20}}}, "A")
	for name, data := range map[string][]byte{
		"nothing":               {},
		"a table":               []byte("Date,Temp\n2026-03-01,20\n"),
		"an old workbook":       []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on"),
		"cut off":               good[:len(good)/2],
		"another archive":       archive(t, map[string]int64{"a.txt": 10}),
		"a bomb of styles":      archive(t, map[string]int64{"xl/styles.xml": 1 << 30}),
		"a bomb in many parts":  archive(t, map[string]int64{"xl/a.xml": 20 << 20, "xl/b.xml": 20 << 20}),
		"a bomb of a sheet":     archive(t, map[string]int64{"xl/worksheets/sheet1.xml": 5 << 30}),
		"a sheet of no records": sheetsOf(t, map[string][][]any{"A": {{"Nom", "Prix"}, {"riz", 300}}}, "A"),
	} {
		t.Run(name, func(t *testing.T) {
			if n, err := formattest.Drain(Format(), bytes.NewReader(data)); err == nil {
				t.Errorf("it passed with %d records", n)
			} else {
				t.Log(err)
			}
		})
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	if memory.HeapSys > 300<<20 {
		t.Errorf("the heap took %d MiB", memory.HeapSys>>20)
	}
}

// archive makes a zip whose parts are blanks of the given sizes, and does not store those above 100 MiB: their size
// is only declared, as a bomb's would be.
func archive(t *testing.T, parts map[string]int64) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, size := range parts {
		stored := min(size, 100<<20)
		var packed bytes.Buffer
		deflate, err := flate.NewWriter(&packed, 1)
		must(t, err)
		_, err = io.Copy(deflate, io.LimitReader(blanks{}, stored))
		must(t, err)
		must(t, deflate.Close())
		part, err := w.CreateRaw(&zip.FileHeader{
			Name: name, Method: zip.Deflate, UncompressedSize64: uint64(size), CompressedSize64: uint64(packed.Len()),
		})
		must(t, err)
		_, err = part.Write(packed.Bytes())
		must(t, err)
	}
	must(t, w.Close())
	return out.Bytes()
}

// The archive is as it should be, and a part in it is not: its rows must not end where the fault is.
func TestADamagedSheetIsRefusedAndNotCutShort(t *testing.T) {
	good := sheetsOf(t, map[string][][]any{"A": {{"Date", "Temp", "City"}, {46082, 20, "Dakar"}, {46083, 21, "Dakar"}}}, "A")
	const sheet = "xl/worksheets/sheet1.xml"
	for name, damage := range map[string]struct {
		part string
		by   func(string) string
	}{
		"a sheet that breaks off":        {sheet, func(s string) string { return s[:strings.Index(s, `<row r="3"`)] }},
		"a cell that breaks off":         {sheet, func(s string) string { return s[:strings.Index(s, "46083")+2] }},
		"a tag that is shut by another":  {sheet, func(s string) string { return strings.Replace(s, "46083</v>", "46083</x>", 1) }},
		"an entity that is none":         {sheet, func(s string) string { return strings.Replace(s, "46083", "&huh;46083", 1) }},
		"a byte that is not text":        {sheet, func(s string) string { return strings.Replace(s, "46083", "\x0146083", 1) }},
		"a text that is not UTF-8":       {"xl/sharedStrings.xml", func(s string) string { return strings.Replace(s, "Dakar", "Dak\xe4r", 1) }},
		"texts that break off":           {"xl/sharedStrings.xml", func(s string) string { return s[:strings.Index(s, "Dakar")] }},
		"elements that are nested a lot": {sheet, func(s string) string { return strings.Replace(s, "<row", strings.Repeat("<a>", 1000)+"<row", 1) }},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := formattest.Drain(Format(), bytes.NewReader(changed(t, good, damage.part, damage.by)))
			if err == nil || !strings.Contains(err.Error(), damage.part) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%d records and the error %v", n, err)
			}
		})
	}
	// What is wrong after the cells is of no interest.
	behind := changed(t, good, sheet, func(s string) string { return strings.Replace(s, "</worksheet>", "<huh></worksheet>", 1) })
	if n, err := formattest.Drain(Format(), bytes.NewReader(behind)); n != 2 || err != nil {
		t.Errorf("%d records, %v", n, err)
	}
}

// changed is a workbook with one part changed.
func changed(t *testing.T, book []byte, part string, change func(string) string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	must(t, err)
	text, err := fs.ReadFile(in, part)
	must(t, err)
	if change(string(text)) == string(text) {
		t.Fatal("nothing is changed")
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range in.File {
		if f.Name == part {
			continue
		}
		must(t, w.Copy(f))
	}
	to, err := w.Create(part)
	must(t, err)
	_, err = io.WriteString(to, change(string(text)))
	must(t, err)
	must(t, w.Close())
	return out.Bytes()
}

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// A part that unpacks to more than it declares must not be unpacked whole.
func TestAPartThatLiesAboutItsSizeIsRefused(t *testing.T) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	var packed bytes.Buffer
	deflate, err := flate.NewWriter(&packed, 9)
	must(t, err)
	_, err = io.Copy(deflate, io.LimitReader(blanks{}, 1<<30))
	must(t, err)
	must(t, deflate.Close())
	part, err := w.CreateRaw(&zip.FileHeader{Name: "xl/workbook.xml", Method: zip.Deflate, UncompressedSize64: 10, CompressedSize64: uint64(packed.Len())})
	must(t, err)
	_, err = part.Write(packed.Bytes())
	must(t, err)
	must(t, w.Close())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := formattest.Drain(Format(), &out); err == nil {
		t.Error("it passed")
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 100<<20 {
		t.Errorf("it took %d MiB", took>>20)
	}
}

func FuzzReader(f *testing.F) {
	book := excelize.NewFile() // small, unlike one of our own, of which the fuzzer would change the styles only
	for cell, value := range map[string]any{"A1": "Date", "B1": "Temp", "C1": "City", "A2": 46082.5, "B2": 20, "C2": "Dakar"} {
		if err := book.SetCellValue("Sheet1", cell, value); err != nil {
			f.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = formattest.Drain(Format(), bytes.NewReader(data)) })
}
