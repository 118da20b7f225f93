package synop

import (
	"math"
	"regexp"
	"strings"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/wmo"
)

// damaged is a group of five in which a character is wrong: its place in the report is still its own.
var damaged = regexp.MustCompile(`^\S{5}$`)

// positive is a temperature in the place of Nddff, which is missing then: few stations have a dew point alone.
var positive = regexp.MustCompile(`^1[01][0-9]{3}$`)

// section0 decodes iRixhVV and Nddff with its 00fff, the groups of section 1 that every report has.
func (d *decoder) section0() error {
	group := d.groups.Next()
	switch {
	case fiveFigures.MatchString(group):
		if group[0] == '9' || group[1] == '0' || group[1] > '7' {
			return &wmo.SyntaxError{Group: group, Why: "it is not iRixhVV"}
		}
		d.rainPlace = group[0]
		visibility, ok := visibilityOf(group[3:5])
		if !ok { // code table 4377 has no 51 to 55
			d.unread(group)
		}
		d.set(meteo.Visibility, visibility)
	case damaged.MatchString(group) && !isSection(group):
		d.unread(group)
	default:
		return &wmo.SyntaxError{Group: group, Why: "it is not iRixhVV"}
	}

	group = d.groups.Next()
	switch {
	case positive.MatchString(group) && strings.HasPrefix(d.groups.Peek(), "2"):
		return &wmo.SyntaxError{Group: group, Why: "it may be a temperature, and iRixhVV or Nddff missing"}
	case fiveFigures.MatchString(group):
		d.wind(group)
	case damaged.MatchString(group) && !isSection(group):
		d.unread(group)
	default:
		return &wmo.SyntaxError{Group: group, Why: "it is not Nddff"}
	}
	return nil
}

// wind decodes Nddff with its 00fff.
func (d *decoder) wind(group string) {
	speed, ok := d.speed(group[3:5])
	direction, known := digits(group[1:3])
	switch {
	case !ok, known && direction > 36 && direction != 99: // code table 0877 has no such direction
		d.unread(group)
		return
	case known && direction == 0 && speed > 0: // calm and not calm
		d.unread(group)
	default:
		if known && direction > 0 && direction != 99 && speed != 0 { // 99: from all directions
			d.set(meteo.WindDirection, float64(direction*10))
		}
		d.set(meteo.WindSpeed, speed)
	}
	if oktas, ok := digits(group[0:1]); ok && oktas <= 8 { // 9: the sky can't be seen
		d.set(meteo.CloudCover, float64(oktas)*100/8)
	}
}

// set keeps a value that is known.
func (d *decoder) set(v meteo.Variable, x float64) {
	if meteo.Known(x) {
		d.report.Values[v] = x
	}
}

// speed is ff in m/s, with the following 00fff where ff is 99; NaN when figures or the unit are missing. ok is false for a
// 99 without its 00fff.
func (d *decoder) speed(ff string) (x float64, ok bool) {
	if ff == "99" {
		group := d.groups.Peek()
		if !fiveFigures.MatchString(group) || group[:2] != "00" {
			return math.NaN(), false
		}
		ff = d.groups.Next()[2:]
	}
	n, known := digits(ff)
	if !known || d.unit == 0 {
		return math.NaN(), true
	}
	return math.Round(float64(n)*d.unit*100) / 100, true
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
		return math.NaN(), false
	case code <= 80:
		return float64(code-50) * 1000, true
	case code <= 88:
		return float64(30+(code-80)*5) * 1000, true
	case code == 89:
		return 70000, true
	}
	return coarse[code-90], true
}

// fives are the groups of five in a text without spaces: one, or several that have grown together.
func fives(text string) []string {
	if len(text) == 5 || len(text)%5 != 0 || strings.Trim(text, "0123456789/") != "" {
		return []string{text}
	}
	var groups []string
	for ; text != ""; text = text[5:] {
		groups = append(groups, text[:5])
	}
	return groups
}

// section1 decodes the groups 1 to 9, each of which may be left out. Their figures ascend. Two of the first five that have
// changed places are read all the same. A lower figure after the rain, weather or clouds, or a second temperature, may
// belong to section 3, whose 333 is missing: no further group of section 1 is read.
func (d *decoder) section1() {
	var seen [10]string
	last := byte('0')
	for text := d.groups.Peek(); text != "" && !isSection(text); text = d.groups.Peek() {
		d.groups.Next()
		for _, group := range fives(text) {
			if group == "/////" {
				continue
			}
			if !fiveFigures.MatchString(group) || group[0] < '1' {
				d.unread(group)
				continue
			}
			n := group[0] - '0'
			lateRain := n == 6 && d.rainPlace == '1' && seen[n] == "" // that section 1 is said to have
			switch {
			case seen[n] == group: // repeated
			case group[0] < last && last > '5' && !lateRain:
				d.unread(group)
				d.skipSection()
				return
			case seen[n] != "":
				d.contradict(group)
				if n <= 2 { // perhaps an extreme
					d.skipSection()
					return
				}
			default:
				seen[n] = group
				d.group1(group)
				last = max(last, group[0])
			}
		}
	}
}

// skipSection moves to the next section.
func (d *decoder) skipSection() {
	for text := d.groups.Peek(); text != "" && !isSection(text); text = d.groups.Peek() {
		d.groups.Next()
	}
}

// contradict drops the value of a group that comes twice with different figures. Of rain the first period counts.
func (d *decoder) contradict(group string) {
	vs := &d.report.Values
	switch group[0] {
	case '1':
		vs[meteo.Temperature] = math.NaN()
	case '2':
		vs[meteo.DewPoint], vs[meteo.Humidity] = math.NaN(), math.NaN()
	case '4':
		vs[meteo.Pressure] = math.NaN()
	case '6':
		return
	}
	d.unread(group)
}

// isSection reports whether a group begins another section: 222Dsvs, 333, 444 or 555.
func isSection(group string) bool {
	return group == "333" || group == "222" || endsSection3(group) || len(group) == 5 && group[:3] == "222"
}

// group1 decodes one group of section 1.
func (d *decoder) group1(group string) {
	switch group[0] {
	case '1':
		d.temperature(group, meteo.Temperature)
	case '2':
		if group[1] != '9' {
			d.temperature(group, meteo.DewPoint)
		} else if percent, ok := digits(group[2:]); ok && percent <= 100 {
			d.set(meteo.Humidity, float64(percent))
		} else if ok {
			d.unread(group)
		}
	case '4':
		d.set(meteo.Pressure, seaLevel(group[1:]))
	case '6':
		d.rain(group)
	}
	// 3 pressure of the station, 5 its tendency, 7 weather, 8 clouds, 9 time: not kept
}

// hottest is more than any thermometer of a station has shown, in tenths of °C.
const hottest = 600

// temperature keeps snTTT in °C. A sign that is neither 0 nor 1 makes the group one that is not understood.
func (d *decoder) temperature(group string, as meteo.Variable) {
	tenths, ok := digits(group[2:])
	switch {
	case !ok || group[1] == '/':
		if strings.Trim(group[2:], "/") != "" { // half of it is there
			d.unread(group)
		}
	case tenths > hottest:
		d.unread(group)
	case group[1] == '0':
		d.set(as, float64(tenths)/10)
	case group[1] == '1':
		d.set(as, 0-float64(tenths)/10)
	default:
		d.unread(group)
	}
}

// seaLevel is PPPP in hPa, NaN when missing. A first figure of 1 to 8 is the a3hhh of a high station, which reports
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
