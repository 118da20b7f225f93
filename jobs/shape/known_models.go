package shape

import (
	"slices"
	"strings"

	"senmeteo/jobs/meteo"
)

// openMeteo reads the tables that Open-Meteo offers for download. Its hours are of the hour before.
func openMeteo(t *foreign) (layout, bool, error) {
	if !t.has("time") {
		return layout{}, false, nil
	}
	own, total := false, false
	for _, h := range t.headings {
		name, unit, _ := strings.Cut(h.Name, " (")
		own = own || unit != "" && (strings.Contains(name, "_2m") || strings.Contains(name, "_10m") || strings.HasPrefix(name, "precipitation") || name == "pressure_msl" || name == "cloud_cover")
		total = total || strings.HasPrefix(name, "precipitation")
	}
	if !own {
		return layout{}, false, nil
	}
	if ids := t.numbers("location_id"); len(ids) > 0 && slices.Max(ids) != slices.Min(ids) {
		return layout{}, false, meteo.Refuse(meteo.UnknownShape, "the table is of several places (location_id): download each place by itself")
	}
	l := layout{columns: make([]*knownColumn, len(t.headings))}
	if spacing := t.spacing("time"); spacing == 3600 || spacing == 900 {
		l.interval = spacing
	}
	for i, h := range t.headings {
		name, unit, _ := strings.Cut(h.Name, " (")
		field := map[string]string{"precipitation_sum": "rain", "rain_sum": "rain", "rain": "rain", "precipitation": "rain", "wind_gusts_10m_max": "wind_gust"}[name]
		switch {
		case total && (name == "rain" || name == "rain_sum"):
			l.columns[i] = &knownColumn{why: whyPart}
		case field != "":
			l.columns[i] = &knownColumn{name: field + " (" + unit}
		case strings.HasSuffix(name, "_dominant") || strings.HasSuffix(name, "_10m_max"):
			l.columns[i] = &knownColumn{why: whyNoField}
		}
	}
	return l, true, nil
}

// meteostat reads the hourly and daily tables of Meteostat: wind in km/h, rain of the hour or the day.
func meteostat(t *foreign) (layout, bool, error) {
	if !t.has("wdir", "wspd", "pres") || !t.hasAny("rhum", "tavg", "coco", "tsun", "wpgt") {
		return layout{}, false, nil
	}
	columns := map[string]knownColumn{
		"temp": {name: "temperature (c)"}, "dwpt": {name: "dew_point (c)"}, "rhum": {name: "humidity"},
		"tavg": {name: "temperature_mean (c)"}, "tmin": {name: "temperature_min (c)"}, "tmax": {name: "temperature_max (c)"},
		"prcp": {name: "rain (mm)"}, "wdir": {name: "wind_direction"}, "wspd": {name: "wind_speed (km/h)"}, "wpgt": {name: "wind_gust (km/h)"},
		"pres": {name: "pressure (hPa)"}, "cldc": {name: "cloud_cover (oktas)"},
		"snow": {why: whyNoField}, "snwd": {why: whyNoField}, "tsun": {why: whyNoField}, "coco": {why: whyNoField},
	}
	for _, h := range t.headings {
		if name := strings.ToLower(h.Name); strings.HasSuffix(name, "_source") {
			columns[name] = knownColumn{}
		}
	}
	l := t.arrange(columns)
	if t.hasAny("rhum", "temp", "coco") {
		l.interval = 3600
	}
	return l, true, nil
}
