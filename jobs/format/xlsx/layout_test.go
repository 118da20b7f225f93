package xlsx

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"senmeteo/jobs/shape"
)

func TestTablesAreFoundWhereverTheyAre(t *testing.T) {
	at, temp := num(sDateTime, "46235.5"), num(0, "27.1")
	const reading = "SN-DK 2026-08-01 12:00 temperature_c=27.1"
	for name, c := range map[string]struct {
		sheets []sheetXML
		want   string
		notes  string
	}{
		"after titles, empty rows and empty columns": {
			sheets: []sheetXML{{name: "A", xml: rowsOf(words("Date : août, station Dakar"), nil, nil, words("", "", "Date", "Temp"), nil, []string{"", "", at, temp})}},
			want:   reading,
		},
		"below their units, a place and forty rows of notes": {
			sheets: []sheetXML{{name: "A", xml: rowsOf(append(slices.Repeat([][]string{words("une note")}, 36), words("Station :", "Thiès"), words("", "°F"), words("Date", "Temp"), []string{at, num(0, "80.78")})...)}},
			want:   "SN-TH 2026-08-01 12:00 temperature_c=27.1",
		},
		"above their units": {
			sheets: []sheetXML{{name: "A", xml: rowsOf(words("Date", "Temp"), words("", "°F"), []string{at, num(0, "80.78")})}},
			want:   reading,
		},
		"below the coordinates, in numbers": {
			sheets: []sheetXML{{name: "A", xml: rowsOf([]string{word("Latitude"), num(0, "14.79")}, []string{word("Longitude"), num(0, "-16.93")}, words("Date", "Temp"), []string{at, temp})}},
			want:   "SN-TH 2026-08-01 12:00 temperature_c=27.1",
		},
		"above a wider table": {
			sheets: []sheetXML{{name: "A", xml: rowsOf(words("Date", "Temp"), []string{at, temp}, words("Date", "Temp", "HR"), []string{num(sDateTime, "46235.75"), temp, num(0, "80")})}},
			want:   reading + "|SN-DK 2026-08-01 18:00 temperature_c=27.1 humidity_pct=80",
		},
		"in sheets that are named for their stations": {
			sheets: []sheetXML{{name: "Dakar", xml: rowsOf(words("Date", "Temp"), []string{at, temp})}, {name: "Thiès", xml: rowsOf(words("Date", "Temp"), []string{at, temp})}},
			want:   reading + "|SN-TH 2026-08-01 12:00 temperature_c=27.1",
		},
		"whose times have no name": {
			sheets: []sheetXML{{name: "A", xml: rowsOf(words("", "Temp", "HR"), []string{at, temp, num(0, "80")})}},
			want:   "SN-DK 2026-08-01 12:00 temperature_c=27.1 humidity_pct=80",
		},
		"of a logger": {
			sheets: []sheetXML{{name: "A", xml: rowsOf(words("TOA5", "poste", "CR1000"), words("TIMESTAMP", "RECORD", "AirTF_Avg"), words("TS", "RN", "Deg F"), words("", "", "Avg"), []string{at, num(0, "1"), num(0, "80.78")})}},
			want:   reading,
		},
		"in several sheets, of different columns": {
			sheets: []sheetXML{
				{name: "Lisez-moi", xml: rowsOf(words("Relevés"))},
				{name: "A", xml: rowsOf(words("Date", "Temp"), []string{at, temp})},
				{name: "B", xml: rowsOf(words("Humidité", "Station", "Horodatage"), []string{num(0, "80"), word("Thiès"), at})},
			},
			want:  reading + "|SN-TH 2026-08-01 12:00 humidity_pct=80",
			notes: `sheet "Lisez-moi": the sheet has no names`,
		},
		"beside hidden sheets": {
			sheets: []sheetXML{
				{name: "brouillon", state: "hidden", xml: rowsOf(words("Date", "Temp"), []string{at, num(0, "39")})},
				{name: "A", xml: rowsOf(words("Date", "Temp"), []string{at, temp})},
				{name: "vieux", state: "veryHidden", xml: rowsOf(words("Date", "Temp"), []string{at, num(0, "39")})},
			},
			want:  reading,
			notes: `sheet "brouillon": the sheet is hidden: show it|sheet "vieux": the sheet is hidden`,
		},
		"in rows and cells without references": {
			sheets: []sheetXML{{name: "A", xml: `<sheetData><row><c t="inlineStr"><is><t>Date</t></is></c><c t="inlineStr"><is><t>Temp</t></is></c></row>` +
				`<row>` + at + temp + `</row></sheetData>`}},
			want: reading,
		},
		"in hidden rows, which a filter leaves": {
			sheets: []sheetXML{{name: "A", xml: strings.Replace(rowsOf(words("Date", "Temp"), []string{at, temp}), `<row r="2"`, `<row r="2" hidden="1"`, 1)}},
			want:   reading,
		},
		"whose hidden column is after the visible one of its name": {
			sheets: []sheetXML{{name: "A", xml: `<cols><col min="2" max="2" hidden="1"/></cols>` + rowsOf(words("Date", "Temp", "Temp"), []string{at, num(0, "39"), temp})}},
			want:   reading,
			notes:  "Temp: another column with the same meaning",
		},
		"of shared texts, in runs, with spaces and how they are pronounced": {
			sheets: []sheetXML{{
				name: "A", xml: `<sheetData><row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row><row r="2">` + at + `<c t="s"><v>2</v></c></row></sheetData>`,
				texts: `<si><t>Date</t></si><si><r><rPr><b/></rPr><t xml:space="preserve">Temp_x000D_</t></r><r><t xml:space="preserve">érature </t></r><rPh sb="0" eb="1"><t>yomi</t></rPh></si><si><t xml:space="preserve"> 27,1 </t></si>`,
			}},
			want: reading,
		},
		"with dates that go on below": {
			sheets: []sheetXML{{name: "A", xml: rowsOf(words("Date", "Heure", "Temp"), []string{num(sDate, "46235"), num(0, "6"), temp}, []string{"", num(0, "12"), temp},
				[]string{"", num(0, "18"), temp}, []string{num(sDate, "46236"), num(0, "6"), temp}) + `<mergeCells count="1"><mergeCell ref="A2:A4"/></mergeCells>`}},
			want: "SN-DK 2026-08-01 06:00 temperature_c=27.1|" + reading + "|SN-DK 2026-08-01 18:00 temperature_c=27.1|SN-DK 2026-08-02 06:00 temperature_c=27.1",
		},
		"with names in two rows": {
			sheets: []sheetXML{{name: "A", xml: rowsOf(words("Date", "Température (°C)", "", "Vent", "", "Sol", ""), words("", "Max", "Min", "Vitesse (km/h)", "Direction", "Température", "Humidité"),
				[]string{num(sDate, "46235"), num(0, "35"), num(0, "24"), num(0, "36"), num(0, "90"), num(0, "40"), num(0, "5")}) +
				`<mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/><mergeCell ref="D1:E1"/><mergeCell ref="F1:G1"/></mergeCells>`}},
			want:  "SN-DK 2026-08-02 00:00 temperature_max_c=35 temperature_min_c=24 wind_speed_mean_ms=10",
			notes: "Sol Température: |Sol Humidité: |wind_direction_deg: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			lines, notes, err := readings(workbookOf(t, "", c.sheets...), shape.Options{})
			if err != nil {
				t.Fatal(err)
			}
			checkLines(t, "reading", lines, c.want)
			checkLines(t, "note", notes, c.notes)
		})
	}
}

func TestWhatIsRenamedIsRefusedWithWhatToDo(t *testing.T) {
	hidden := workbookOf(t, "", sheetXML{name: "secret", state: "hidden", xml: rowsOf(words("Date", "Temp"))})
	for name, c := range map[string]struct{ data, want string }{
		"a workbook of Excel 97":        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on", "save it as .xlsx without a password"},
		"a workbook of Excel 4":         {"\x09\x04\x06\x00\x00\x00\x10\x00", "save it as .xlsx"},
		"a page":                        {"\xef\xbb\xbf\r\n<HTML><body><table><tr><td>Date", "save it as .xlsx"},
		"XML of Excel 2003":             {`<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>`, "save it as .xlsx"},
		"a table of text":               {"Date;Temp\n2026-08-01;27,1\n", "name it .csv"},
		"a file of Parquet":             {"PAR1\x15\x00\x00", "name it .parquet"},
		"a table of LibreOffice":        {string(zipOf(t, map[string]string{"content.xml": "<x/>"})), "save it as .xlsx"},
		"a binary workbook":             {string(zipOf(t, map[string]string{"xl/workbook.bin": "x"})), "save it as .xlsx"},
		"a workbook that is cut off":    {string(hidden[:len(hidden)/2]), "cut off or damaged"},
		"a workbook of a hidden sheet":  {string(hidden), `hidden sheets are not read: "secret"`},
		"an archive of something else":  {string(zipOf(t, map[string]string{"a.txt": "x"})), "unpack it"},
		"a sheet whose part is missing": {string(zipOf(t, map[string]string{"xl/workbook.xml": `<workbook><sheets><sheet name="A" r:id="x"/></sheets></workbook>`})), "no sheet has"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := newReader(bytes.NewReader([]byte(c.data)))
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, %v", r, err)
			}
		})
	}
}
