package shape

import (
	"slices"
	"strings"
)

// climsoftElements are the elements of ClimSoft's table obselement that senmeteo has fields for, by their codes (its tables climat_parameters, of CLIMAT
// reports, and tdcf_indicators, of BUFR, in the files of its database).
var climsoftElements = map[string]string{
	"2": "temperature_max (c)", "3": "temperature_min (c)", "4": "temperature_mean (c)", "5": "rain (mm)",
	"101": "temperature (c)", "103": "dew_point (c)", "105": "humidity", "106": "pressure_station", "107": "pressure (hPa)", "110": "visibility (m)",
	"111": "wind_speed (m/s)", "112": "wind_direction", "114": "cloud_cover",
}

// climsoft reads the observations of ClimSoft that Long has put together. Its table observationinitial holds them as they were keyed, most in tenths, and
// observationfinal in units. The temperatures and pressures show which it is: in Senegal no middle one is above 60 °C or 1,200 hPa. Of keyed values those
// whose scale differs between services are left out, and so is rain in whole numbers that nothing shows the scale of.
func climsoft(t *foreign) (layout, bool, error) {
	columns := map[string]knownColumn{}
	for code, field := range climsoftElements {
		if t.has("element " + code) {
			columns["element "+code] = climsoftColumn(field, t.headings[t.position("element "+code)].Unit)
		}
	}
	if len(columns) == 0 {
		return layout{}, false, nil
	}
	switch keyed, final := t.climsoftScale(); {
	case keyed:
		for _, code := range [...]string{"2", "3", "4", "5", "101", "103", "106", "107"} {
			if c, ok := columns["element "+code]; ok {
				c.edit = scaled(10)
				columns["element "+code] = c
			}
		}
		for _, code := range [...]string{"110", "111"} {
			if c, ok := columns["element "+code]; ok {
				c.why = whyNoUnit
				columns["element "+code] = c
			}
		}
	case !final:
		amounts := t.numbers("element 5")
		if slices.ContainsFunc(amounts, func(x float64) bool { return x > 0 }) && !slices.ContainsFunc(amounts, func(x float64) bool { return x != float64(int64(x)) }) {
			columns["element 5"] = knownColumn{name: columns["element 5"].name, why: whyNoUnit}
		}
	}
	return t.arrange(columns), true, nil
}

// climsoftColumn returns the column of an element, in the unit that the table states where it does.
func climsoftColumn(field, unit string) knownColumn {
	bare, _, _ := strings.Cut(field, " (")
	switch {
	case unitWord(unit) == "" || !Measures(field):
		return knownColumn{name: field}
	case !Measures(bare + " (" + unit + ")"):
		return knownColumn{name: field, why: whyUnit}
	}
	return knownColumn{name: bare + " (" + unit + ")"}
}

// climsoftScale reports whether values are as they were keyed, or in units; neither is when nothing shows.
func (t *foreign) climsoftScale() (keyed, final bool) {
	for _, code := range [...]string{"2", "3", "4", "101", "103", "107"} {
		values := t.numbers("element " + code)
		if len(values) == 0 {
			continue
		}
		slices.Sort(values)
		limit := 60.0
		if code == "107" {
			limit = 1200
		}
		middle := values[len(values)/2]
		if convert, ok := converter(understand(climsoftElements[code]).meaning, t.headings[t.position("element "+code)].Unit); ok {
			middle = convert(middle)
		}
		if middle > limit {
			keyed = true
		} else {
			final = true
		}
	}
	return keyed, final && !keyed
}
