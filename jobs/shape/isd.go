package shape

import (
	"strconv"
	"strings"
)

// ISD is a table of NOAA/NCEI's Integrated Surface Database as CSV ("global-hourly"), whose cells hold several values each, with codes of their quality and
// commas between them (isd-format-document).
type ISD struct {
	headings []Heading
	from     []int // the cell of each of the first headings
	coded    []isdValue
	at       []int // the cell of each of coded
	row      Row
}

// isdValue is one value of a cell.
type isdValue struct {
	column    string  // that has it
	field     string  // that it is, with its unit
	part      int     // of the cell
	quality   int     // the part that is the code of its quality
	scale     float64 // by which it is divided
	missing   float64 // stands for no value
	parts     int     // that the cell has
	direction bool    // a part before the speed, which a calm leaves without meaning
}

// isdValues are the parts that senmeteo has fields for. Total cloud cover (GF1) has codes beside eighths, and is left out.
var isdValues = [...]isdValue{
	{column: "tmp", field: "temperature (c)", quality: 1, scale: 10, missing: 9999, parts: 2},
	{column: "dew", field: "dew_point (c)", quality: 1, scale: 10, missing: 9999, parts: 2},
	{column: "slp", field: "pressure (hPa)", quality: 1, scale: 10, missing: 99999, parts: 2},
	{column: "vis", field: "visibility (m)", quality: 1, scale: 1, missing: 999999, parts: 4},
	{column: "wnd", field: "wind_direction", quality: 1, scale: 1, missing: 999, parts: 5, direction: true},
	{column: "wnd", field: "wind_speed (m/s)", part: 3, quality: 4, scale: 10, missing: 9999, parts: 5},
	{column: "oc1", field: "wind_gust (m/s)", quality: 1, scale: 10, missing: 9999, parts: 2},
	{column: "aa1", field: "rain (mm)", part: 1, quality: 3, scale: 10, missing: 9999, parts: 4},
	{column: "aa1", field: "interval (h)", quality: 3, scale: 1, missing: 99, parts: 4},
}

// isdDropped are columns that are about the report.
var isdDropped = wordSet("source report_type call_sign quality_control rem eqd")

// NewISD returns how to read a table, where it is one of the Integrated Surface Database.
func NewISD(headings []Heading) (*ISD, bool) {
	t := &foreign{headings: headings, index: map[string]int{}}
	for i, h := range headings {
		t.index[strings.ToLower(strings.TrimSpace(h.Name))] = i
	}
	if !t.has("station", "date", "report_type", "tmp", "wnd") {
		return nil, false
	}
	isd := &ISD{}
	taken := map[string]bool{}
	for _, v := range isdValues {
		taken[v.column] = true
		if i := t.position(v.column); i >= 0 {
			isd.coded, isd.at = append(isd.coded, v), append(isd.at, i)
		}
	}
	for i, h := range headings {
		name := strings.ToLower(strings.TrimSpace(h.Name))
		if taken[name] || isdDropped[name] {
			continue
		}
		if name == "date" {
			h.Name = "timestamp"
		}
		isd.headings, isd.from = append(isd.headings, h), append(isd.from, i)
	}
	for _, v := range isd.coded {
		isd.headings = append(isd.headings, Heading{Name: v.field})
	}
	return isd, true
}

// Headings returns those of the rows that Row returns.
func (t *ISD) Headings() []Heading { return t.headings }

// Row brings a row into one value a cell. It is good until the next call.
func (t *ISD) Row(row Row) Row {
	t.row = t.row[:0]
	for i, from := range t.from {
		t.row = append(t.row, Field{Name: t.headings[i].Name, Value: at(row, from)})
	}
	for i, v := range t.coded {
		f := Field{Name: v.field}
		if x, ok := v.read(at(row, t.at[i])); ok {
			f.Value = x
		}
		t.row = append(t.row, f)
	}
	return t.row
}

// read returns the value of a cell; ok is false where it has none, or one that a check of NOAA's found wrong (codes 3 and 7).
func (v *isdValue) read(cell any) (x float64, ok bool) {
	s, _ := text(cell)
	parts := strings.Split(s, ",")
	if len(parts) != v.parts || parts[v.quality] == "3" || parts[v.quality] == "7" {
		return 0, false
	}
	x, err := strconv.ParseFloat(parts[v.part], 64)
	if err != nil || x == v.missing || v.direction && parts[2] == "C" {
		return 0, false
	}
	return tidy(x / v.scale), true
}
