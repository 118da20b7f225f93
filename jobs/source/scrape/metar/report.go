package metar

import (
	"regexp"
	"strconv"
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
}

var (
	indicator  = regexp.MustCompile(`^[A-Z][A-Z0-9]{3}$`)
	timeGroup  = regexp.MustCompile(`^(\d{2})(\d{2})(\d{2})Z$`)
	correction = regexp.MustCompile(`^(COR|CC[A-Z])$`)
)

// Decode decodes a report, with or without the word METAR or SPECI before it and the equals sign behind it. Its day
// of the month is the one nearest to near. The error is one of package wmo: ErrNoReport for a text that is none,
// ErrNil, or a *SyntaxError.
func Decode(text string, near time.Time) (Report, error) {
	text, _, _ = strings.Cut(text, "=")
	d := &decoder{groups: strings.Fields(text)}
	d.report.Values = meteo.NoValues()
	for word := d.peek(); word == "METAR" || word == "SPECI" || correction.MatchString(word); word = d.peek() {
		d.report.Corrected = d.report.Corrected || correction.MatchString(word)
		d.next()
	}
	if d.report.ICAO = d.next(); !indicator.MatchString(d.report.ICAO) {
		return Report{}, wmo.ErrNoReport
	}
	group := d.next()
	m := timeGroup.FindStringSubmatch(group)
	switch {
	case m == nil && group == "NIL":
		return Report{}, wmo.ErrNil
	case m == nil:
		return Report{}, wmo.ErrNoReport
	}
	at, ok := wmo.Near(near, number(m[1]), number(m[2]), number(m[3]))
	if !ok {
		return Report{}, &wmo.SyntaxError{Group: group, Why: "it is no day and time"}
	}
	d.report.ObservedAt = at
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
	report   Report
	groups   []string
	oktas    float64 // of the fullest layer
	layers   bool    // a layer was told
	obscured bool    // the sky can't be seen
}

// next takes the next group, "" at the end.
func (d *decoder) next() string {
	group := d.peek()
	if group != "" {
		d.groups = d.groups[1:]
	}
	return group
}

// peek looks at the next group, "" at the end.
func (d *decoder) peek() string {
	if len(d.groups) == 0 {
		return ""
	}
	return d.groups[0]
}

// endsBody are the words that begin a trend or remarks.
var endsBody = map[string]bool{"NOSIG": true, "BECMG": true, "TEMPO": true, "INTER": true, "FCST": true, "TREND": true, "RMK": true}

// body decodes the groups up to a trend or remarks. Of several groups with the same meaning the first counts.
func (d *decoder) body() error {
	for group := d.next(); group != "" && !endsBody[group]; group = d.next() {
		switch {
		case group == "NIL":
			return wmo.ErrNil
		case group == "AUTO":
			d.report.Automatic = true
		case correction.MatchString(group):
			d.report.Corrected = true
		case d.wind(group), d.visibility(group), d.cloud(group), d.temperature(group), d.pressure(group):
		}
	}
	if d.layers && !d.obscured {
		d.set(meteo.CloudCover, d.oktas*100/8)
	}
	return nil
}

// set keeps a value, the first of its variable.
func (d *decoder) set(v meteo.Variable, x float64) {
	if meteo.Known(x) && !d.report.Values.Has(v) {
		d.report.Values[v] = x
	}
}

// number reads digits that a pattern has passed.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}
