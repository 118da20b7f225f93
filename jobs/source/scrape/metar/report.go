package metar

import (
	"regexp"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/wmo"
)

// Report is what senmeteo keeps of a METAR.
type Report struct {
	ICAO       string    // location indicator CCCC
	ObservedAt time.Time // UTC
	Corrected  bool      // it replaces an earlier one of its time
	Automatic  bool      // no one has looked at it
	Values     meteo.Values
	Unread     []string // groups that were not understood, or not believed, and are left out
}

var (
	indicator  = regexp.MustCompile(`^[A-Z][A-Z0-9]{3}$`)
	timeGroup  = regexp.MustCompile(`^(\d{2})(\d{2})(\d{2})(?:Z|UTC|GMT)?$`)
	correction = regexp.MustCompile(`^(?:COR|CC[A-Z])$`)
	repetition = regexp.MustCompile(`^(?:RTD|RR[A-X])$`)
	validity   = regexp.MustCompile(`^\d{4}/\d{4}$`)
)

// Decode decodes a report, with or without the word METAR or SPECI before it and the equals sign after it. Its day
// of the month is the one nearest to near. The error is one of package wmo: ErrNoReport for a text that does not hold a
// report, ErrNil, or a *SyntaxError.
func Decode(text string, near time.Time) (Report, error) {
	text, _, _ = strings.Cut(text, "=")
	d := &decoder{}
	for _, group := range strings.Fields(strings.ToUpper(text)) {
		if group = strings.Trim(group, ".,;:"); group != "" { // as prose has them
			d.groups = append(d.groups, group)
		}
	}
	d.report.Values = meteo.NoValues()
	if err := d.header(near); err != nil {
		return Report{}, err
	}
	if err := d.body(); err != nil {
		return Report{}, err
	}
	if d.report.Values.Count() == 0 {
		return Report{}, &wmo.SyntaxError{Why: "none of its groups has a value"}
	}
	vs := &d.report.Values
	if humidity := wmo.RelativeHumidity(vs[meteo.Temperature], vs[meteo.DewPoint]); meteo.Known(humidity) {
		vs[meteo.Humidity] = humidity
	}
	return d.report, nil
}

// decoder walks over the groups of one report.
type decoder struct {
	report Report
	groups wmo.Groups
	oktas  float64 // of the fullest layer
	layers bool    // a layer was reported
	hidden bool    // the sky, or the amount of a layer, can't be read
	late   bool    // temperature or pressure, the last groups of an observation, have come
	closed bool    // a group that is not known came after them: it may begin a trend
}

// status reads a word that may precede or follow the location indicator and the time.
func (d *decoder) status(group string) bool {
	switch {
	case group == "AUTO":
		d.report.Automatic = true
	case correction.MatchString(group):
		d.report.Corrected = true
	default:
		return group == "METAR" || group == "SPECI" || repetition.MatchString(group)
	}
	return true
}

// header decodes the location indicator and the time.
func (d *decoder) header(near time.Time) error {
	skip := func() {
		for d.status(d.groups.Peek()) {
			d.groups.Next()
		}
	}
	skip()
	if d.report.ICAO = d.groups.Next(); !indicator.MatchString(d.report.ICAO) {
		return wmo.ErrNoReport
	}
	skip()
	group := d.groups.Next()
	m := timeGroup.FindStringSubmatch(group)
	switch {
	case group == "NIL", group == "CNL":
		return wmo.ErrNil
	case m == nil && group != "" && strings.ContainsAny(group, "0123456789"):
		return &wmo.SyntaxError{Group: group, Why: "it is not a day and time (YYGGggZ)"}
	case m == nil:
		return wmo.ErrNoReport
	case d.groups.Peek() == "Z":
		d.groups.Next()
	}
	at, ok := wmo.Near(near, wmo.Number(m[1]), wmo.Number(m[2]), wmo.Number(m[3]))
	if !ok {
		return &wmo.SyntaxError{Group: group, Why: "there is no such day and time"}
	}
	d.report.ObservedAt = at
	if validity.MatchString(d.groups.Peek()) {
		return &wmo.SyntaxError{Group: d.groups.Peek(), Why: "the period of a forecast (TAF) is not part of a METAR"}
	}
	return nil
}

// endsBody begins trends, forecasts and remarks, also where the next group has grown onto it, or a letter is wrong.
var endsBody = regexp.MustCompile(`^(?:NOSIG|BECM|TEMP|INTER|PROB|(?:FM|TL|AT)\d{4}|FCST|TREND|GRADU|RAPID|TAF|RMK)`)

// body decodes the groups up to a trend or remarks. Of several groups with the same meaning the first counts.
func (d *decoder) body() error {
	for group := d.groups.Next(); group != "" && !endsBody.MatchString(group); group = d.groups.Next() {
		if group == "NIL" || group == "CNL" {
			return wmo.ErrNil
		}
		if d.status(group) || d.read(d.rejoin(group)) {
			continue
		}
		if grown.MatchString(group) {
			if d.readGrown(group) {
				break
			}
			continue
		}
		d.unread(group)
	}
	if d.layers && !d.hidden {
		d.set(meteo.CloudCover, d.oktas*100/8)
	}
	return nil
}

// read decodes one group; it reports whether its form is known.
func (d *decoder) read(group string) bool {
	if !bare.MatchString(group) && d.temperature(group) || d.pressure(group) {
		d.late = true
		return true
	}
	if d.closed {
		return true
	}
	return d.wind(group) || d.visibility(group) || d.cloud(group) || passedOver.MatchString(group)
}

// unread notes a group that is left out. One after the temperature or pressure may begin a trend in an unusual way: no
// wind, visibility or cloud is read after it.
func (d *decoder) unread(group string) {
	d.report.Unread = append(d.report.Unread, group)
	d.closed = d.closed || d.late
	d.hidden = d.hidden || !d.late && unknownLayer.MatchString(group)
}

// set keeps a value, the first of its variable.
func (d *decoder) set(v meteo.Variable, x float64) {
	if meteo.Known(x) && !d.report.Values.Has(v) {
		d.report.Values[v] = x
	}
}
