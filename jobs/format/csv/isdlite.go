package csv

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// isdLiteLine is a line of ISD-Lite: year, month, day, hour and eight whole numbers.
var isdLiteLine = regexp.MustCompile(`^(\d{4}) +(\d{1,2}) +(\d{1,2}) +(\d{1,2})((?: +-?\d+){8}) *$`)

// isISDLite reports whether a file begins with lines of ISD-Lite.
func isISDLite(start []byte) bool {
	for range 2 {
		line, rest, found := bytes.Cut(start, []byte("\n"))
		if !isdLiteLine.Match(bytes.TrimRight(line, "\r")) {
			return false
		}
		if start = rest; !found || len(rest) == 0 {
			break
		}
	}
	return true
}

// isdLiteNames are the columns that an ISD-Lite line gives.
var isdLiteNames = [...]string{"observed_at", "temperature_c", "dew_point_c", "pressure_hpa", "wind_direction_deg", "wind_speed_ms", "cloud_cover_pct", "rain_mm", "interval_s"}

// isdLite reads the hourly files of NOAA/NCEI's ISD-Lite, which have no names of columns: whole numbers, most of them tenths, -9999 for what is missing
// (isd-lite-format). They do not name their station.
type isdLite struct {
	lines  *bufio.Reader
	budget *format.Budget
	row    shape.Row
	line   int
}

// Next implements format.Reader.
func (r *isdLite) Next() (shape.Row, error) {
	for {
		r.budget.Refill()
		text, err := r.lines.ReadString('\n')
		if text = strings.TrimRight(text, "\r\n"); err != nil && (text == "" || !errors.Is(err, io.EOF)) {
			return nil, err
		}
		r.line++
		if strings.TrimSpace(text) == "" {
			continue
		}
		if row, ok := r.record(text); ok {
			return row, nil
		}
		return nil, &format.RecordError{Raw: []byte(text), Refusal: meteo.Refuse(meteo.UnknownShape, "it is not a line of ISD-Lite: year, month, day, hour and eight whole numbers")}
	}
}

func (r *isdLite) record(line string) (shape.Row, bool) {
	parts := isdLiteLine.FindStringSubmatch(line)
	if parts == nil {
		return nil, false
	}
	var date [4]int
	for i := range date {
		date[i], _ = strconv.Atoi(parts[i+1]) // they are digits
	}
	at := time.Date(date[0], time.Month(date[1]), date[2], date[3], 0, 0, 0, time.UTC)
	if int(at.Month()) != date[1] || at.Day() != date[2] || at.Hour() != date[3] {
		return nil, false
	}
	var v [8]float64
	for i, field := range strings.Fields(parts[5]) {
		v[i], _ = strconv.ParseFloat(field, 64)
	}
	r.row = append(r.row[:0], shape.Field{Name: "observed_at", Value: at})
	r.add("temperature_c", v[0], 10, true)
	r.add("dew_point_c", v[1], 10, true)
	r.add("pressure_hpa", v[2], 10, true)
	r.add("wind_direction_deg", v[3], 1, v[3] <= 360)
	r.add("wind_speed_ms", v[4], 10, true)
	r.add("cloud_cover_pct", v[5]*100, 8, v[5] >= 0 && v[5] <= 8) // oktas; 9 and more are codes
	rain, hours := v[6], 1.0
	if rain == isdLiteMissing {
		rain, hours = v[7], 6
	}
	if rain == -1 { // a trace
		rain = 0
	}
	r.add("rain_mm", rain, 10, true)
	r.add("interval_s", hours*3600, 1, rain != isdLiteMissing)
	return r.row, true
}

const isdLiteMissing = -9999

func (r *isdLite) add(name string, x, divisor float64, known bool) {
	f := shape.Field{Name: name}
	if known && x != isdLiteMissing {
		f.Value = x / divisor
	}
	r.row = append(r.row, f)
}

// Table implements format.Tabular.
func (r *isdLite) Table() int { return 1 }

// Headings implements format.Tabular.
func (r *isdLite) Headings() []shape.Heading {
	headings := make([]shape.Heading, len(isdLiteNames))
	for i, name := range isdLiteNames {
		headings[i].Name = name
	}
	return headings
}

// Position implements format.Reader.
func (r *isdLite) Position() string { return fmt.Sprintf("line %d", r.line) }

// Close implements format.Reader.
func (r *isdLite) Close() error { return nil }
