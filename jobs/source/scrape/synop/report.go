package synop

import (
	"fmt"
	"regexp"
	"slices"
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
	IntervalS  int64    // seconds that the rain covers; 0 without rain
	Unread     []string // groups that were not understood, or contradict others, and are left out
}

// DecodeLine decodes one line of OGIMET, "61641,2026,11,23,06,00,AAXX 23061 61641 ...=". The error is one of
// package wmo: ErrNoReport for a line that is not a report, ErrNil, or a *SyntaxError.
func DecodeLine(line string) (Report, error) {
	fields := strings.SplitN(strings.TrimSpace(line), ",", 7)
	if len(fields) < 7 || !strings.Contains(fields[6], "AAXX") {
		return Report{}, wmo.ErrNoReport
	}
	at, err := time.Parse("2006,01,02,15,04", strings.Join(fields[1:6], ","))
	if err != nil {
		return Report{}, &wmo.SyntaxError{Group: strings.Join(fields[1:6], ","), Why: "it is not a time"}
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
	d.section1()
	d.section3()
	d.conclude()
	return d.report, nil
}

// decoder walks over the groups of one report.
type decoder struct {
	report    Report
	groups    wmo.Groups
	unit      float64 // m/s of the unit of wind; 0 unknown
	rainPlace byte    // iR (code table 1819): which section has rain, or why none has; '/' unknown
}

// unread notes a group that is left out.
func (d *decoder) unread(group string) { d.report.Unread = append(d.report.Unread, group) }

// correction is the mark of a corrected bulletin.
var correction = regexp.MustCompile(`^(COR|CC[A-X])$`)

// open splits a report and finds its begin.
func open(text string) (*decoder, error) {
	text, _, _ = strings.Cut(text, "=")
	d := &decoder{groups: strings.Fields(strings.ToUpper(text)), rainPlace: '/'}
	d.groups = slices.DeleteFunc(d.groups, func(group string) bool { // wherever it was put
		marked := correction.MatchString(group)
		d.report.Corrected = d.report.Corrected || marked
		return marked
	})
	d.report.Values = meteo.NoValues()
	for len(d.groups) > 0 {
		if d.groups.Next() == "AAXX" {
			return d, nil
		}
	}
	return nil, wmo.ErrNoReport
}

var (
	fiveFigures  = regexp.MustCompile(`^[0-9/]{5}$`)
	timeGroup    = regexp.MustCompile(`^[0-9]{4}[0-9/]$`)
	nothing      = regexp.MustCompile(`^[/ ]*$`)
	stationGroup = regexp.MustCompile(`^[0-9]{5}$`)
)

// station decodes YYGGiw and IIiii.
func (d *decoder) station(near time.Time) error {
	group := d.groups.Next()
	if !timeGroup.MatchString(group) {
		return &wmo.SyntaxError{Group: group, Why: "it is not a day, hour and unit of wind (YYGGiw)"}
	}
	at, ok := wmo.Near(near, wmo.Number(group[0:2]), wmo.Number(group[2:4]), 0)
	if !ok {
		return &wmo.SyntaxError{Group: group, Why: "there is no such day and hour"}
	}
	d.report.ObservedAt = at
	switch group[4] {
	case '0', '1':
		d.unit = 1
	case '3', '4':
		d.unit = wmo.Knot
	default: // also a solidus: whatever the wind's speed, it has no unit
		d.unread(group)
	}
	if group = d.groups.Next(); !stationGroup.MatchString(group) {
		return &wmo.SyntaxError{Group: group, Why: "it is not a station number (IIiii)"}
	}
	d.report.WMO = group
	if d.groups.Peek() == "NIL" || nothing.MatchString(strings.Join(d.groups, " ")) {
		return wmo.ErrNil
	}
	return nil
}

// digits reads figures; ok is false when one is missing.
func digits(s string) (n int, ok bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil
}
