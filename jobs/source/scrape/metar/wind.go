package metar

import (
	"math"
	"regexp"
	"strings"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/wmo"
)

var (
	windGroup = regexp.MustCompile(`^E?(\d{3}|VRB|///)/?(?:P?(\d{2,3})|//)(?:G(?:P?(\d{2,3})|//))?(KT|MPS|KMH)S?$`)
	calm      = regexp.MustCompile(`^0{4,7}(?:KT|MPS|KMH)S?$`)
)

// units are those of wind, in m/s.
var units = map[string]float64{"KT": wmo.Knot, "MPS": 1, "KMH": 1 / 3.6}

// wind decodes dddffGff with its unit. P, "more than", leaves the bound; E marks an estimate. A group is not believed
// when its direction is not a multiple of ten up to 360, or when it has hundreds of units without a gust to match: more
// often a figure too many than a hurricane.
func (d *decoder) wind(group string) bool {
	if calm.MatchString(group) {
		d.set(meteo.WindSpeed, 0)
		return true
	}
	m := windGroup.FindStringSubmatch(group)
	if m == nil || d.report.Values.Has(meteo.WindSpeed) {
		return m != nil
	}
	unit := units[m[4]]
	speed, gust := speedOf(m[2], unit), speedOf(m[3], unit)
	if hundreds := len(m[2]) == 3 && m[2][0] != '0'; hundreds && !(gust > speed) {
		d.unread(group)
		return true
	}
	if direction := m[1]; direction != "VRB" && direction != "///" {
		degrees := wmo.Number(direction)
		switch {
		case degrees > 360, degrees%10 != 0, degrees == 0 && speed != 0:
			d.unread(group)
			return true
		case speed != 0:
			d.set(meteo.WindDirection, float64(degrees))
		}
	}
	d.set(meteo.WindSpeed, speed)
	if gust < speed {
		d.unread(group[strings.IndexByte(group, 'G'):])
		return true
	}
	d.set(meteo.WindGust, gust)
	return true
}

// speedOf is digits of a unit in m/s to the centimetre, NaN when there are none.
func speedOf(digits string, unit float64) float64 {
	if digits == "" {
		return math.NaN()
	}
	return math.Round(float64(wmo.Number(digits))*unit*100) / 100
}
