package metar

import (
	"math"
	"regexp"
	"strings"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/wmo"
)

var windGroup = regexp.MustCompile(`^(\d{3}|VRB|///)(?:P?(\d{2,3})|//)(?:GP?(\d{2,3})|G//)?(KT|MPS|KMH)$`)

// units are those of wind, in m/s.
var units = map[string]float64{"KT": wmo.Knot, "MPS": 1, "KMH": 1 / 3.6}

// wind decodes dddffGff with its unit. P, "more than", leaves the bound. A direction that is no multiple of ten up to
// 360 makes the group one that can't be trusted.
func (d *decoder) wind(group string) bool {
	m := windGroup.FindStringSubmatch(group)
	if m == nil || d.report.Values.Has(meteo.WindSpeed) {
		return m != nil
	}
	speed := speedOf(m[2], units[m[4]])
	if direction := m[1]; direction != "VRB" && direction != "///" {
		degrees := number(direction)
		calm := degrees == 0 && speed == 0
		switch {
		case degrees > 360, degrees%10 != 0, degrees == 0 && !calm:
			return true
		case speed != 0:
			d.set(meteo.WindDirection, float64(degrees))
		}
	}
	d.set(meteo.WindSpeed, speed)
	d.set(meteo.WindGust, speedOf(m[3], units[m[4]]))
	return true
}

// speedOf is digits of a unit in m/s to the centimetre, NaN when there are none.
func speedOf(digits string, unit float64) float64 {
	if digits == "" {
		return math.NaN()
	}
	return math.Round(float64(number(digits))*unit*100) / 100
}

var (
	metres       = regexp.MustCompile(`^(\d{4})(?:NDV)?$`)
	kilometres   = regexp.MustCompile(`^(\d{1,2})KM$`)
	miles        = regexp.MustCompile(`^[MP]?(\d{1,2})(?:/(\d{1,2}))?SM$`)
	wholeMiles   = regexp.MustCompile(`^\d$`)
	brokenMiles  = regexp.MustCompile(`^\d/\d{1,2}SM$`)
	statuteMiles = 1609.344 // metres
)

// visibility decodes the prevailing visibility in metres, kilometres or statute miles; the least one, which names
// its direction, is passed over. 9999 is 10 km or more, 0000 less than 50 m: the bound is kept.
func (d *decoder) visibility(group string) bool {
	if group == "CAVOK" {
		d.set(meteo.Visibility, 10000)
		return true
	}
	if m := metres.FindStringSubmatch(group); m != nil {
		x := float64(number(m[1]))
		switch x {
		case 0:
			x = 50
		case 9999:
			x = 10000
		}
		d.set(meteo.Visibility, x)
		return true
	}
	if m := kilometres.FindStringSubmatch(group); m != nil {
		d.set(meteo.Visibility, float64(number(m[1]))*1000)
		return true
	}
	whole := 0.0
	if wholeMiles.MatchString(group) && brokenMiles.MatchString(d.peek()) { // "1 1/2SM"
		whole, group = float64(number(group)), d.next()
	}
	m := miles.FindStringSubmatch(group)
	if m == nil {
		return false
	}
	part := float64(number(m[1]))
	if m[2] != "" {
		below := float64(number(m[2]))
		if below == 0 {
			return true
		}
		part /= below
	}
	d.set(meteo.Visibility, math.Round((whole+part)*statuteMiles))
	return true
}

var layer = regexp.MustCompile(`^(FEW|SCT|BKN|OVC)(?:\d{3}|///)(?:CB|TCU|///)?$`)

// oktas are the middles of what the words for layers stand for: 1 to 2, 3 to 4, 5 to 7 and 8 eighths of the sky.
var oktas = map[string]float64{"FEW": 1.5, "SCT": 3.5, "BKN": 6, "OVC": 8}

// cloud decodes one layer; the fullest counts. SKC is a clear sky; NSC, NCD, CLR and CAVOK say only that there is no
// cloud that matters to aircraft, or that an instrument sees.
func (d *decoder) cloud(group string) bool {
	if group == "SKC" {
		d.layers = true
		return true
	}
	if strings.HasPrefix(group, "VV") {
		d.obscured = true
		return true
	}
	m := layer.FindStringSubmatch(group)
	if m == nil {
		return false
	}
	d.layers = true
	d.oktas = max(d.oktas, oktas[m[1]])
	return true
}

var temperatures = regexp.MustCompile(`^(M?\d{2}|//)/(M?\d{2}|//)?$`)

// temperature decodes temperature and dew point in whole °C; M is minus.
func (d *decoder) temperature(group string) bool {
	m := temperatures.FindStringSubmatch(group)
	if m == nil {
		return false
	}
	d.set(meteo.Temperature, degrees(m[1]))
	d.set(meteo.DewPoint, degrees(m[2]))
	return true
}

// degrees is a number of °C, NaN when missing.
func degrees(text string) float64 {
	figures, below := strings.CutPrefix(text, "M")
	switch {
	case figures == "" || figures == "//":
		return math.NaN()
	case below:
		return 0 - float64(number(figures)) // and not -0
	}
	return float64(number(figures))
}

var pressures = regexp.MustCompile(`^([QA])(\d{4})$`)

// inchOfMercury is a hundredth of an inch of mercury in hPa.
const inchOfMercury = 0.3386389

// pressure decodes the QNH in hPa, or in hundredths of inches of mercury. QNH is reduced to mean sea level in the
// standard atmosphere: in air that is 20 degrees warmer, at 178 m (Kédougou), that is 1 to 2 hPa too much.
func (d *decoder) pressure(group string) bool {
	m := pressures.FindStringSubmatch(group)
	if m == nil {
		return false
	}
	x := float64(number(m[2]))
	if m[1] == "A" {
		x = math.Round(x*inchOfMercury*10) / 10
	}
	d.set(meteo.Pressure, x)
	return true
}
