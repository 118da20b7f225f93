package synop

import (
	"math"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/wmo"
)

// section0 decodes iRixhVV and Nddff with its 00fff, the groups of section 1 that every report has.
func (d *decoder) section0() error {
	group := d.next()
	if !fiveFigures.MatchString(group) || group[0] == '9' || group[1] == '0' || group[1] > '7' {
		return &wmo.SyntaxError{Group: group, Why: "it is no iRixhVV"}
	}
	d.dry = group[0] == '3'
	visibility, ok := visibilityOf(group[3:5])
	if !ok {
		return &wmo.SyntaxError{Group: group, Why: "code table 4377 has no visibility VV of 51 to 55"}
	}
	d.set(meteo.Visibility, visibility)

	group = d.next()
	if !fiveFigures.MatchString(group) {
		return &wmo.SyntaxError{Group: group, Why: "it is no Nddff"}
	}
	if oktas, ok := digits(group[0:1]); ok && oktas <= 8 { // 9: the sky can't be seen
		d.set(meteo.CloudCover, float64(oktas)*100/8)
	}
	speed, err := d.speed(group[3:5])
	if err != nil {
		return err
	}
	direction, known := digits(group[1:3])
	switch {
	case !known, direction == 99: // missing, or from all directions
	case direction > 36:
		return &wmo.SyntaxError{Group: group, Why: "code table 0877 has no direction dd of 37 to 98"}
	case direction == 0 && speed > 0:
		return nil // calm and not calm
	case direction > 0 && speed != 0:
		d.set(meteo.WindDirection, float64(direction*10))
	}
	d.set(meteo.WindSpeed, speed)
	return nil
}

// set keeps a value that is known.
func (d *decoder) set(v meteo.Variable, x float64) {
	if meteo.Known(x) {
		d.report.Values[v] = x
	}
}

// speed is ff in m/s, taking a following 00fff where ff is 99; NaN when figures or the unit are missing.
func (d *decoder) speed(ff string) (float64, error) {
	if ff == "99" {
		group := d.next()
		if !fiveFigures.MatchString(group) || group[:2] != "00" {
			return 0, &wmo.SyntaxError{Group: group, Why: "after a wind of 99 it is no 00fff"}
		}
		ff = group[2:]
	}
	n, ok := digits(ff)
	if !ok || d.unit == 0 {
		return math.NaN(), nil
	}
	return math.Round(float64(n)*d.unit*100) / 100, nil
}

// visibilityOf is VV of code table 4377 in metres; for "less than" and "more than" it is the bound.
func visibilityOf(figures string) (metres float64, ok bool) {
	coarse := [...]float64{50, 50, 200, 500, 1000, 2000, 4000, 10000, 20000, 50000} // 90 to 99
	code, known := digits(figures)
	switch {
	case !known:
		return math.NaN(), true
	case code == 0:
		return 100, true
	case code <= 50:
		return float64(code) * 100, true
	case code <= 55:
		return 0, false
	case code <= 80:
		return float64(code-50) * 1000, true
	case code <= 88:
		return float64(30+(code-80)*5) * 1000, true
	case code == 89:
		return 70000, true
	}
	return coarse[code-90], true
}

// section1 decodes the groups 1 to 9, each of which may be left out, in their order.
func (d *decoder) section1() error {
	last := byte('0')
	for group := d.peek(); group != "" && !isSection(group); group = d.peek() {
		d.next()
		if group == "/////" {
			continue
		}
		if !fiveFigures.MatchString(group) {
			return &wmo.SyntaxError{Group: group, Why: "it is not five figures"}
		}
		if group[0] <= last {
			return &wmo.SyntaxError{Group: group, Why: "it is out of order in section 1"}
		}
		last = group[0]
		if err := d.group1(group); err != nil {
			return err
		}
	}
	return nil
}

// isSection tells whether a group begins another section: 222Dsvs, 333, 444 or 555.
func isSection(group string) bool {
	return group == "333" || endsSection3(group) || len(group) == 5 && group[:3] == "222"
}

// group1 decodes one group of section 1.
func (d *decoder) group1(group string) error {
	switch group[0] {
	case '1':
		t, err := temperature(group)
		d.set(meteo.Temperature, t)
		return err
	case '2':
		if group[1] == '9' {
			if percent, ok := digits(group[2:]); ok && percent <= 100 {
				d.set(meteo.Humidity, float64(percent))
			} else if ok {
				return &wmo.SyntaxError{Group: group, Why: "a humidity is more than 100 %"}
			}
			return nil
		}
		t, err := temperature(group)
		d.set(meteo.DewPoint, t)
		return err
	case '4':
		d.set(meteo.Pressure, seaLevel(group[1:]))
	case '6':
		d.rain(group)
	}
	return nil // 3 pressure of the station, 5 its tendency, 7 weather, 8 clouds, 9 time: not kept
}

// temperature is snTTT in °C, NaN when missing.
func temperature(group string) (float64, error) {
	tenths, ok := digits(group[2:])
	switch {
	case !ok || group[1] == '/':
		return math.NaN(), nil
	case group[1] == '0':
		return float64(tenths) / 10, nil
	case group[1] == '1':
		return 0 - float64(tenths)/10, nil
	}
	return math.NaN(), &wmo.SyntaxError{Group: group, Why: "the sign of a temperature is neither 0 nor 1"}
}

// seaLevel is PPPP in hPa, NaN when missing. A first figure of 1 to 8 is the a3hhh of a high station, which tells
// the height of a pressure level. A missing tenth leaves whole hPa.
func seaLevel(figures string) float64 {
	if figures[3] == '/' {
		figures = figures[:3] + "0"
	}
	tenths, ok := digits(figures)
	switch {
	case ok && figures[0] == '0':
		return float64(10000+tenths) / 10
	case ok && figures[0] == '9':
		return float64(tenths) / 10
	}
	return math.NaN()
}
