package shape

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// weewxUnits holds, by the value of usUnits, the units of weewx's systems US, METRIC and METRICWX ("Reference: units" of its documentation).
var weewxUnits = map[float64]map[string]string{
	1:  {"t": "(f)", "p": "(inHg)", "w": "(mph)", "r": "(inches)", "rr": "(in/h)"},
	16: {"t": "(c)", "p": "(mbar)", "w": "(km/h)", "r": "(cm)", "rr": "(cm/h)"},
	17: {"t": "(c)", "p": "(mbar)", "w": "(m/s)", "r": "(mm)", "rr": "(mm/h)"},
}

// weewx reads tables of weewx's archive, whose column usUnits states the system of units.
func weewx(t *foreign) (layout, bool, error) {
	if !t.has("datetime", "usunits") {
		return layout{}, false, nil
	}
	at, system := t.position("usunits"), t.numbers("usunits")
	if len(system) == 0 {
		return layout{}, false, nil
	}
	u, ok := weewxUnits[system[0]]
	if !ok {
		return layout{}, false, unknownUnits("usUnits", system[0])
	}
	l := t.arrange(map[string]knownColumn{
		"datetime": {name: "timestamp"}, "usunits": {}, "interval": {name: "interval (min)"},
		"outtemp": {name: "temperature " + u["t"]}, "dewpoint": {name: "dew_point " + u["t"]}, "outhumidity": {name: "humidity"},
		"barometer": {name: "pressure " + u["p"]}, "pressure": {why: whyNoField}, "altimeter": {why: whyNoField},
		"windspeed": {name: "wind_speed " + u["w"]}, "windgust": {name: "wind_gust " + u["w"]}, "winddir": {name: "wind_direction"},
		"windgustdir": {why: whyNoField}, "rain": {name: "rain " + u["r"]}, "rainrate": {name: "rain_rate " + u["rr"]},
		"intemp": {why: whyIndoor}, "inhumidity": {why: whyIndoor},
	})
	l.check = func(row Row) error {
		if x, ok := number(row[at].Value); !ok || x != system[0] {
			return meteo.Refuse(meteo.InvalidField, "usUnits is %s here and %g in the rows before: part the file by its units", quote(row[at].Value), system[0])
		}
		return nil
	}
	return l, true, nil
}

// hoboTime is the name that HOBOware gives the column of times.
var hoboTime = regexp.MustCompile(`^(?i:date time|date heure|time),? GMT\s*([+-]\d\d:\d\d)$`)

// hobo reads exports of Onset's HOBO loggers, whose names hold the unit, the zone and the number of the logger. Notes of the logger are rows without values.
func hobo(t *foreign) (layout, bool, error) {
	own := false
	l := layout{columns: make([]*knownColumn, len(t.headings))}
	var measured []int
	for i, h := range t.headings {
		name := plainHeading(h.Name)
		switch zone := hoboTime.FindStringSubmatch(name); {
		case zone != nil:
			own = true
			at, err := time.Parse("-07:00", zone[1])
			if err != nil {
				return layout{}, false, nil
			}
			l.columns[i] = &knownColumn{name: "timestamp", zone: at.Location()}
		case name == "#":
			l.columns[i] = &knownColumn{}
		case strings.Contains(h.Name, "LGR S/N"):
			own = true
			if understand(name).meaning < stationID {
				measured = append(measured, i)
				l.columns[i] = &knownColumn{name: name}
			} else if hoboNotes[strings.ToLower(name)] {
				l.columns[i] = &knownColumn{}
			}
		}
	}
	l.skip = func(row Row) bool {
		for _, i := range measured {
			if at(row, i) != nil {
				return false
			}
		}
		return true
	}
	return l, own && len(measured) > 0, nil
}

// hoboNotes are the columns of what happened to a HOBO logger.
var hoboNotes = map[string]bool{
	"host connected": true, "coupler attached": true, "coupler detached": true, "stopped": true, "end of file": true, "button up": true, "button down": true,
	"bad battery": true, "good battery": true, "new interval": true, "logged": true, "started": true,
}

// netatmo reads exports of Netatmo's stations: km/h, and modules in rooms, which measure carbon dioxide too.
func netatmo(t *foreign) (layout, bool, error) {
	zone := -1
	for i, h := range t.headings {
		if strings.HasPrefix(strings.ToLower(strings.ReplaceAll(h.Name, " ", "")), "timezone:") {
			zone = i
		}
	}
	if zone < 0 || !t.has("timestamp") {
		return layout{}, false, nil
	}
	columns := map[string]knownColumn{
		"windstrength": {name: "wind_speed (km/h)"}, "windangle": {name: "wind_direction"}, "guststrength": {name: "wind_gust (km/h)"}, "gustangle": {why: whyNoField},
		"rain": {name: "rain (mm)"}, "pressure": {name: "pressure (hPa)"},
	}
	if t.hasAny("co2", "noise") {
		columns["temperature"], columns["humidity"] = knownColumn{why: whyIndoor}, knownColumn{why: whyIndoor}
	}
	l := t.arrange(columns)
	l.columns[zone] = &knownColumn{}
	return l, true, nil
}

// weatherLink reads the text that Davis's WeatherLink exports. It states no units; °C and °F, and the units of pressure, show in the values, and with °F and
// inches of mercury the others are miles and inches too. What stays open is left out with a word, unless the user says the unit.
func weatherLink(t *foreign) (layout, bool, error) {
	if !t.has("date", "time") || !t.hasAny("temp out", "out temp") || !t.hasAny("hi speed", "wind speed", "out hum") || !t.hasAny("hi temp", "low temp") {
		return layout{}, false, nil
	}
	temps := append(t.numbers("temp out"), t.numbers("out temp")...)
	u := davisUnits(temps, t.numbers("bar"))
	column := func(field, unit string) knownColumn {
		if unit == "" {
			return knownColumn{name: field, why: whyNoUnit}
		}
		return knownColumn{name: field + " " + unit}
	}
	temperature := column("temperature", u.temperature)
	l := t.arrange(map[string]knownColumn{
		"time":     {name: "time", edit: halfDay},
		"temp out": temperature, "out temp": temperature,
		"hi temp": column("temperature_max", u.temperature), "low temp": column("temperature_min", u.temperature),
		"out hum": {name: "humidity"}, "dew pt.": column("dew_point", u.temperature), "dew pt": column("dew_point", u.temperature),
		"wind speed": column("wind_speed", u.wind), "hi speed": column("wind_gust", u.wind), "wind dir": {name: "wind_direction", edit: compass},
		"bar": column("pressure", u.pressure), "rain": column("rain", u.rain), "rain rate": column("rain_rate", u.rate),
		"arc. int.": {name: "interval (min)"}, "arc int": {name: "interval (min)"},
		"in temp": {why: whyIndoor}, "in hum": {why: whyIndoor}, "in dew": {why: whyIndoor},
	})
	return l, true, nil
}

// davisSystem holds the units of a table of WeatherLink, "" for those that do not show.
type davisSystem struct{ temperature, pressure, wind, rain, rate string }

// davisUnits concludes the units from the outdoor temperatures and the pressures.
func davisUnits(temperatures, pressures []float64) davisSystem {
	var u davisSystem
	switch low, high, ok := extremes(temperatures); {
	case !ok:
	case high < 50:
		u.temperature = "(c)"
	case low > 50:
		u.temperature = "(f)"
	}
	switch low, high, ok := extremes(pressures); {
	case !ok:
	case low > 25 && high < 32:
		u.pressure = "(inHg)"
	case low > 650 && high < 815:
		u.pressure = "(mmHg)"
	case low > 870 && high < 1085:
		u.pressure = "(hPa)"
	}
	switch {
	case u.temperature == "(f)" && u.pressure == "(inHg)":
		u.wind, u.rain, u.rate = "(mph)", "(inches)", "(in/h)"
	case u.temperature == "(c)" && u.pressure == "(hPa)":
		u.rain, u.rate = "(mm)", "(mm/h)"
	}
	return u
}

// halfDay brings the short forms of 12-hour clocks, "12:30a" and "1:00p", into the long ones.
func halfDay(value any, _ Row) any {
	s, ok := value.(string)
	if !ok {
		return value
	}
	s = strings.ToUpper(strings.TrimSpace(s))
	if bare := strings.TrimRight(s, "AP"); len(bare) == len(s)-1 {
		return strings.TrimSpace(bare) + " " + s[len(bare):] + "M"
	}
	return value
}

// extremes returns the lowest and highest of numbers; ok is false when there are none.
func extremes(all []float64) (low, high float64, ok bool) {
	if len(all) == 0 {
		return 0, 0, false
	}
	return slices.Min(all), slices.Max(all), true
}
