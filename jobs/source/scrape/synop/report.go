package synop

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/wmo"
)

// Report is what senmeteo keeps of a SYNOP.
type Report struct {
	WMO        string    // station number IIiii
	ObservedAt time.Time // the hour of the report, UTC
	Corrected  bool      // it replaces an earlier one of its hour
	Values     meteo.Values
	IntervalS  int64 // seconds that the rain covers; 0 without rain
}

// DecodeLine decodes one line of OGIMET, "61641,2026,11,23,06,00,AAXX 23061 61641 ...=". The error is one of
// package wmo: ErrNoReport for a line that is no report, ErrNil, or a *SyntaxError.
func DecodeLine(line string) (Report, error) {
	fields := strings.SplitN(strings.TrimSpace(line), ",", 7)
	if len(fields) < 7 || !strings.Contains(fields[6], "AAXX") {
		return Report{}, wmo.ErrNoReport
	}
	at, err := time.Parse("2006,01,02,15,04", strings.Join(fields[1:6], ","))
	if err != nil {
		return Report{}, &wmo.SyntaxError{Group: strings.Join(fields[1:6], ","), Why: "it is no time"}
	}
	r, err := Decode(fields[6], at)
	if err != nil {
		return r, err
	}
	if r.WMO != fields[0] || r.ObservedAt.Sub(at).Abs() > time.Hour {
		return Report{}, &wmo.SyntaxError{Group: r.WMO, Why: fmt.Sprintf("the line is about %.10s at %s, its report is not", fields[0], at.Format(time.RFC3339))}
	}
	return r, nil
}

// Decode decodes a report that begins with AAXX, or with a bulletin's heading. Its day of the month is the one
// nearest to near. For errors see DecodeLine.
func Decode(text string, near time.Time) (Report, error) {
	d, err := open(text)
	if err != nil {
		return Report{}, err
	}
	if err := d.station(near); err != nil {
		return Report{}, err
	}
	if err := d.section0(); err != nil {
		return Report{}, err
	}
	if err := d.section1(); err != nil {
		return Report{}, err
	}
	if err := d.section3(); err != nil {
		return Report{}, err
	}
	d.conclude()
	return d.report, nil
}

// decoder walks over the groups of one report.
type decoder struct {
	report Report
	groups []string
	unit   float64 // m/s of the unit of wind; 0 unknown
	dry    bool    // rain is left out because none fell
}

// correction is the mark of a corrected bulletin.
var correction = regexp.MustCompile(`^(COR|CC[A-X])$`)

// open splits a report and finds its begin.
func open(text string) (*decoder, error) {
	text, _, _ = strings.Cut(text, "=")
	d := &decoder{groups: strings.Fields(text)}
	d.report.Values = meteo.NoValues()
	for len(d.groups) > 0 {
		switch group := d.next(); {
		case group == "AAXX":
			return d, nil
		case correction.MatchString(group):
			d.report.Corrected = true
		}
	}
	return nil, wmo.ErrNoReport
}

// next takes the next group, "" at the end.
func (d *decoder) next() string {
	if len(d.groups) == 0 {
		return ""
	}
	group := d.groups[0]
	d.groups = d.groups[1:]
	return group
}

// peek looks at the next group, "" at the end.
func (d *decoder) peek() string {
	if len(d.groups) == 0 {
		return ""
	}
	return d.groups[0]
}

var (
	fiveFigures  = regexp.MustCompile(`^[0-9/]{5}$`)
	timeGroup    = regexp.MustCompile(`^[0-9]{4}[0134/]$`)
	stationGroup = regexp.MustCompile(`^[0-9]{5}$`)
)

// station decodes YYGGiw and IIiii.
func (d *decoder) station(near time.Time) error {
	group := d.next()
	if !timeGroup.MatchString(group) {
		return &wmo.SyntaxError{Group: group, Why: "it is no day, hour and unit of wind (YYGGiw)"}
	}
	at, ok := wmo.Near(near, number(group[0:2]), number(group[2:4]), 0)
	if !ok {
		return &wmo.SyntaxError{Group: group, Why: "it is no day and hour"}
	}
	d.report.ObservedAt = at
	switch group[4] {
	case '0', '1':
		d.unit = 1
	case '3', '4':
		d.unit = wmo.Knot
	}
	if group = d.next(); !stationGroup.MatchString(group) {
		return &wmo.SyntaxError{Group: group, Why: "it is no station number (IIiii)"}
	}
	d.report.WMO = group
	for correction.MatchString(d.peek()) {
		d.report.Corrected = true
		d.next()
	}
	if d.peek() == "NIL" {
		return wmo.ErrNil
	}
	return nil
}

// number reads digits that a pattern has passed.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// digits reads figures; ok is false when one is missing.
func digits(s string) (n int, ok bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil
}
