package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// The styles of the workbooks below, by the index that cells give.
const styles = `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts>
<numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="165" formatCode="[$-40C]d mmmm yyyy hh&quot;h&quot;mm"/>
<numFmt numFmtId="166" formatCode="0.0&quot;%&quot;"/><numFmt numFmtId="167" formatCode="0.0&quot; °F&quot;"/>
<numFmt numFmtId="168" formatCode="[Red]0.0%;[Blue]-0.0%"/><numFmt numFmtId="169" formatCode="#,##0.0,"/>
<numFmt numFmtId="170" formatCode="[h]:mm"/><numFmt numFmtId="171" formatCode="#,##0.00\ &quot;days&quot;"/></numFmts><cellXfs>
<xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="20"/><xf numFmtId="9"/><xf numFmtId="166"/><xf numFmtId="167"/>
<xf numFmtId="168"/><xf numFmtId="169"/><xf numFmtId="170"/><xf numFmtId="49"/><xf numFmtId="17"/><xf numFmtId="22"/><xf numFmtId="171"/>
</cellXfs></styleSheet>`

// Names for the indices.
const (
	sDate = 1 + iota
	sDateTime
	sClock
	sPercent
	sPercentSign
	sFahrenheit
	sColouredPercent
	sThousands
	sElapsed
	sText
	sMonth
	sShort
	sDays
)

// workbookOf makes a workbook of the XML of its sheets.
func workbookOf(t testing.TB, properties string, sheets ...sheetXML) []byte {
	t.Helper()
	list, links := "", `<Relationship Id="styles" Type="x/styles" Target="styles.xml"/><Relationship Id="texts" Type="x/sharedStrings" Target="/xl/sharedStrings.xml"/>`
	parts := map[string]string{"xl/styles.xml": styles}
	for i, s := range sheets {
		list += fmt.Sprintf(`<sheet name="%s" sheetId="%d" state="%s" r:id="s%d"/>`, s.name, i+1, s.state, i)
		links += fmt.Sprintf(`<Relationship Id="s%d" Type="x/worksheet" Target="worksheets/sheet%d.xml"/>`, i, i+1)
		parts[fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)] = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` + s.xml + `</worksheet>`
		if s.texts != "" {
			parts["xl/sharedStrings.xml"] = "<sst>" + s.texts + "</sst>"
		}
	}
	parts["xl/workbook.xml"] = `<workbook xmlns:r="r">` + properties + `<sheets>` + list + `</sheets></workbook>`
	parts["xl/_rels/workbook.xml.rels"] = `<Relationships>` + links + `</Relationships>`
	return zipOf(t, parts)
}

func zipOf(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, text := range parts {
		part, err := w.Create(name)
		if err == nil {
			_, err = io.WriteString(part, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type sheetXML struct{ name, state, xml, texts string }

// rowsOf makes the XML of rows whose cells are XML, or values of the cell function.
func rowsOf(rows ...[]string) string {
	var b strings.Builder
	for i, row := range rows {
		if row == nil {
			continue
		}
		fmt.Fprintf(&b, `<row r="%d">`, i+1)
		for column, cell := range row {
			b.WriteString(strings.Replace(cell, "<c", fmt.Sprintf(`<c r="%s%d"`, columnName(column), i+1), 1))
		}
		b.WriteString("</row>")
	}
	return "<sheetData>" + b.String() + "</sheetData>"
}

func words(texts ...string) []string {
	row := make([]string, len(texts))
	for i, s := range texts {
		if s != "" {
			row[i] = `<c t="inlineStr"><is><t>` + s + `</t></is></c>`
		}
	}
	return row
}

func word(s string) string { return words(s)[0] }

func num(style int, value string) string {
	return fmt.Sprintf(`<c s="%d"><v>%s</v></c>`, style, value)
}

// readings are those of a workbook, a line each, and what is ignored.
func readings(data []byte, options shape.Options) (lines, notes []string, err error) {
	r, err := newReader(bytes.NewReader(data))
	if err != nil {
		return nil, nil, err
	}
	decoder := shape.NewDecoder()
	var collector shape.Collector
	decoder.Collect(&collector)
	options.Defaults = shape.Defaults{Station: "SN-DK", Source: "file", Kind: "observed", FetchedAt: time.Date(2026, 8, 2, 0, 0, 0, 0, time.UTC)}
	tables, headings, rows, at := []int{}, map[int][]shape.Heading{}, map[int][]shape.Row{}, map[int][]string{}
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		table := r.(format.Tabular).Table()
		if len(rows[table]) == 0 {
			tables = append(tables, table)
			headings[table] = append([]shape.Heading(nil), r.(format.Tabular).Headings()...)
		}
		rows[table] = append(rows[table], append(shape.Row(nil), row...))
		at[table] = append(at[table], r.Position())
	}
	for _, table := range tables {
		judged, err := decoder.NewTable(headings[table], rows[table], options)
		if err != nil {
			return nil, nil, err
		}
		for i, row := range rows[table] {
			observations, err := judged.Read(row)
			if err != nil {
				lines = append(lines, at[table][i]+": "+err.Error())
			}
			for _, o := range observations {
				line := o.StationID + o.ObservedAt.Format(" 2006-01-02 15:04")
				for v, x := range o.Values {
					if x == x { // known
						line += fmt.Sprintf(" %s=%g", meteo.Variables[v].Name, x)
					}
				}
				lines = append(lines, line)
			}
		}
	}
	for _, i := range append(r.(format.Noting).Ignored(), collector.List()...) {
		notes = append(notes, fmt.Sprintf("%s: %s (%d, %s)", i.Name, i.Why, i.Rows, i.Example))
	}
	return lines, notes, r.Close()
}
