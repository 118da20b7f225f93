package shape

import (
	"slices"
	"strings"
)

// isAmerican reports whether the values of a column of temperatures, of one of pressures, or of both show the units of the United States.
func (t *foreign) isAmerican(temperatures, pressures string) bool {
	u := davisUnits(t.numbers(temperatures), t.numbers(pressures))
	return u.temperature == "(f)" || u.pressure == "(inHg)"
}

// statesUnits reports whether a cell of a column of the sample has a unit: "10.0 mph".
func (t *foreign) statesUnits(name string) bool {
	i := t.position(name)
	return slices.ContainsFunc(t.sample, func(row Row) bool {
		s, ok := at(row, i).(string)
		return ok && strings.ContainsAny(s, "abcdefghijklmnopqrstuvwxyz")
	})
}

// meteoFrance reads the SYNOP reports that Météo-France offers as CSV: kelvins, pascals, "mq" for what is missing.
func meteoFrance(t *foreign) (layout, bool, error) {
	if !t.has("numer_sta", "date", "pmer", "ff", "t") {
		return layout{}, false, nil
	}
	columns := map[string]knownColumn{
		"numer_sta": {name: "station_id"}, "date": {name: "timestamp"}, "t": {name: "temperature (K)"}, "td": {name: "dew_point (K)"}, "u": {name: "humidity"},
		"pmer": {name: "pressure (Pa)"}, "pres": {why: whyNoField}, "ff": {name: "wind_speed (m/s)"}, "dd": {name: "wind_direction"},
		"raf10": {name: "wind_gust (m/s)"}, "rafper": {name: "wind_gust (m/s)"}, "vv": {name: "visibility (m)"}, "n": {name: "cloud_cover"},
	}
	l := layout{}
	for _, rain := range [...]struct {
		name    string
		seconds int64
	}{{"rr1", 3600}, {"rr3", 3 * 3600}, {"rr6", 6 * 3600}, {"rr12", 12 * 3600}, {"rr24", daySeconds}} {
		columns[rain.name] = knownColumn{why: whyPart}
		if l.interval == 0 && len(t.numbers(rain.name)) > 0 {
			columns[rain.name], l.interval = knownColumn{name: "rain (mm)"}, rain.seconds
		}
	}
	l.columns = t.arrange(columns).columns
	return l, true, nil
}

// iem reads the METARs that the Iowa Environmental Mesonet offers as CSV: °F, knots, inches, statute miles, M for missing and T for a trace.
func iem(t *foreign) (layout, bool, error) {
	if !t.has("valid") || !t.hasAny("tmpf", "tmpc") || !t.hasAny("sknt", "drct", "dwpf", "dwpc", "relh") {
		return layout{}, false, nil
	}
	l := t.arrange(map[string]knownColumn{
		"valid": {name: "timestamp"}, "valid(utc)": {name: "timestamp"}, "tmpf": {name: "temperature (f)"}, "tmpc": {name: "temperature (c)"}, "dwpf": {name: "dew_point (f)"},
		"dwpc": {name: "dew_point (c)"}, "relh": {name: "humidity"}, "drct": {name: "wind_direction"}, "sknt": {name: "wind_speed (kt)"}, "gust": {name: "wind_gust (kt)"},
		"p01i": {name: "rain (inches)"}, "p01m": {name: "rain (mm)"}, "mslp": {name: "pressure (hPa)"}, "alti": {name: "pressure (inHg)"}, "vsby": {name: "visibility (miles)"},
		"metar": {}, "feel": {why: whyNoField},
	})
	l.interval = 3600
	return l, true, nil
}

// ghcnHourly reads GHCNh of NOAA/NCEI: a value with six columns about it. Codes 3 and 7 say that a check found the value wrong.
func ghcnHourly(t *foreign) (layout, bool, error) {
	if !t.has("station_id", "temperature", "temperature_quality_code") {
		return layout{}, false, nil
	}
	columns := map[string]knownColumn{"station_id": {name: "station_id", edit: wmoOfGHCN}, "altimeter": {why: whyNoField}, "station_level_pressure": {why: whyNoField}}
	for name, field := range map[string]string{
		"temperature": "temperature (c)", "dew_point_temperature": "dew_point (c)", "relative_humidity": "humidity", "sea_level_pressure": "pressure (hPa)",
		"wind_speed": "wind_speed (m/s)", "wind_gust": "wind_gust (m/s)", "wind_direction": "wind_direction", "precipitation": "rain (mm)", "visibility": "visibility (km)",
	} {
		code := t.position(name + "_quality_code")
		columns[name] = knownColumn{name: field, edit: func(value any, row Row) any {
			if x, ok := number(at(row, code)); ok && (x == 3 || x == 7) {
				return nil
			}
			return value
		}}
	}
	for _, h := range t.headings {
		name := strings.ToLower(h.Name)
		for _, about := range [...]string{"_measurement_code", "_quality_code", "_report_type", "_source_code", "_source_station_id", "_report_type_code"} {
			if strings.HasSuffix(name, about) {
				columns[name] = knownColumn{}
			}
		}
	}
	return t.arrange(columns), true, nil
}

// lcd reads the Local Climatological Data of NOAA/NCEI, hours in the units of the United States in the older version and in metric ones in the newer.
func lcd(t *foreign) (layout, bool, error) {
	if !t.has("station", "date", "hourlydrybulbtemperature") {
		return layout{}, false, nil
	}
	speed, amount := "(m/s)", "(mm)"
	distance := "(km)"
	if t.unmarked().isAmerican("hourlydrybulbtemperature", "hourlysealevelpressure") {
		speed, amount, distance = "(mph)", "(inches)", "(miles)"
	}
	columns := map[string]knownColumn{
		"station": {name: "station", edit: wmoOfGHCN}, "date": {name: "timestamp"}, "hourlydrybulbtemperature": {name: "temperature"}, "hourlydewpointtemperature": {name: "dew_point"},
		"hourlyrelativehumidity": {name: "humidity"}, "hourlysealevelpressure": {name: "pressure"}, "hourlywindspeed": {name: "wind_speed " + speed},
		"hourlywindgustspeed": {name: "wind_gust " + speed}, "hourlywinddirection": {name: "wind_direction"}, "hourlyprecipitation": {name: "rain " + amount},
		"hourlyvisibility": {name: "visibility " + distance},
	}
	if speed == "(mph)" {
		columns["hourlydrybulbtemperature"], columns["hourlydewpointtemperature"] = knownColumn{name: "temperature (f)"}, knownColumn{name: "dew_point (f)"}
	}
	for _, name := range [...]string{
		"hourlydrybulbtemperature", "hourlydewpointtemperature", "hourlyrelativehumidity", "hourlysealevelpressure", "hourlywindspeed", "hourlywindgustspeed",
		"hourlywinddirection", "hourlyprecipitation", "hourlyvisibility",
	} {
		c := columns[name]
		c.edit = withoutMark
		columns[name] = c
	}
	l := t.arrange(columns)
	l.interval = 3600
	return l, true, nil
}

// unmarked is the table with the marks taken from the values of its sample.
func (t *foreign) unmarked() *foreign {
	bare := *t
	bare.sample = make([]Row, len(t.sample))
	for i, row := range t.sample {
		bare.sample[i] = slices.Clone(row)
		for j := range row {
			bare.sample[i][j].Value = withoutMark(row[j].Value, row)
		}
	}
	return &bare
}

// withoutMark takes the mark from a value of the LCD: s for a suspect one, V for a visibility that varies (its documentation). T is a trace.
func withoutMark(value any, _ Row) any {
	if s, ok := value.(string); ok {
		if figures := strings.TrimRight(s, "sV"); len(figures) > 0 && isDigit(figures[len(figures)-1]) {
			return figures
		}
	}
	return value
}

// openWeatherBulk reads the history that OpenWeather sells in bulk. Its lowest and highest temperatures are those within the town, and not those of a time.
func openWeatherBulk(t *foreign) (layout, bool, error) {
	if !t.has("dt", "dt_iso", "temp", "wind_speed") {
		return layout{}, false, nil
	}
	speed := "(m/s)"
	if t.isAmerican("temp", "pressure") {
		if _, high, _ := extremes(t.numbers("temp")); high < 200 {
			speed = "(mph)"
		}
	}
	l := t.arrange(map[string]knownColumn{
		"dt": {name: "timestamp"}, "dt_iso": {}, "timezone": {}, "city_name": {name: "city"}, "temp_min": {why: whySpread}, "temp_max": {why: whySpread},
		"wind_speed": {name: "wind_speed " + speed}, "wind_gust": {name: "wind_gust " + speed}, "wind_deg": {name: "wind_direction"}, "clouds_all": {name: "cloud_cover"},
		"rain_1h": {name: "rain (mm)"}, "visibility": {name: "visibility (m)"}, "grnd_level": {why: whyNoField}, "sea_level": {why: whyNoField},
	})
	l.interval = 3600
	return l, true, nil
}

// visualCrossing reads the tables of Visual Crossing, whose units are those of one of four groups that the table does not name: °F shows that of the United States.
func visualCrossing(t *foreign) (layout, bool, error) {
	if !t.has("datetime", "temp", "feelslike", "windspeed", "sealevelpressure") {
		return layout{}, false, nil
	}
	if t.isAmerican("temp", "sealevelpressure") {
		return t.arrange(map[string]knownColumn{
			"temp": {name: "temperature (f)"}, "tempmax": {name: "temperature_max (f)"}, "tempmin": {name: "temperature_min (f)"}, "dew": {name: "dew_point (f)"},
			"windspeed": {name: "wind_speed (mph)"}, "windgust": {name: "wind_gust (mph)"}, "precip": {name: "rain (inches)"}, "visibility": {name: "visibility (miles)"},
		}), true, nil
	}
	return t.arrange(map[string]knownColumn{
		"windspeed": {name: "wind_speed", why: whyNoUnit}, "windgust": {name: "wind_gust", why: whyNoUnit}, "visibility": {name: "visibility", why: whyNoUnit},
	}), true, nil
}

// wunderground reads the tables of Weather Underground's personal stations, of their pages, where units are in the cells, and of its API.
func wunderground(t *foreign) (layout, bool, error) {
	switch {
	case t.has("time", "temperature", "wind", "speed", "gust"):
		column := func(field, name string) knownColumn {
			american := t.isAmerican("temperature", "pressure")
			switch {
			case t.statesUnits(name):
				return knownColumn{name: field}
			case american:
				return knownColumn{name: field + " (mph)"}
			}
			return knownColumn{name: field, why: whyNoUnit}
		}
		return t.arrange(map[string]knownColumn{
			"wind": {name: "wind_direction", edit: compass}, "speed": column("wind_speed", "speed"), "gust": column("wind_gust", "gust"),
			"precip. rate.": {name: "rain_rate", edit: perHour}, "precip. accum.": {why: whySinceMidnight}, "uv": {why: whyNoField}, "solar": {why: whyNoField},
		}), true, nil
	case t.has("temperaturec", "windspeedkmh", "dateutc"):
		return t.arrange(map[string]knownColumn{
			"time": {}, "dateutc": {name: "timestamp"}, "temperaturec": {name: "temperature (c)"}, "dewpointc": {name: "dew_point (c)"}, "pressurehpa": {name: "pressure (hPa)"},
			"winddirection": {}, "winddirectiondegrees": {name: "wind_direction"}, "windspeedkmh": {name: "wind_speed (km/h)"}, "windspeedgustkmh": {name: "wind_gust (km/h)"},
			"hourlyprecipmm": {name: "rain_1h (mm)"}, "dailyrainmm": {why: whySinceMidnight},
		}), true, nil
	case t.has("obstimeutc", "tempavg"):
		speed := knownColumn{name: "wind_speed", why: whyNoUnit}
		gust := knownColumn{name: "wind_gust", why: whyNoUnit}
		if t.isAmerican("tempavg", "pressuremax") {
			speed, gust = knownColumn{name: "wind_speed (mph)"}, knownColumn{name: "wind_gust (mph)"}
		}
		return t.arrange(map[string]knownColumn{
			"obstimeutc": {name: "timestamp"}, "obstimelocal": {}, "epoch": {}, "tempavg": {name: "temperature"}, "temphigh": {why: whyNoField}, "templow": {why: whyNoField},
			"dewptavg": {name: "dew_point"}, "humidityavg": {name: "humidity"}, "windspeedavg": speed, "windgusthigh": gust, "winddiravg": {name: "wind_direction"},
			"pressuremax": {name: "pressure"}, "preciptotal": {why: whySinceMidnight},
		}), true, nil
	}
	return layout{}, false, nil
}

// perHour adds to the unit of a rate that it is of an hour: "0.01 in".
func perHour(value any, _ Row) any {
	if s, ok := value.(string); ok && (strings.HasSuffix(s, "in") || strings.HasSuffix(s, "mm")) {
		return s + "/h"
	}
	return value
}
