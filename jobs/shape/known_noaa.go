package shape

import (
	"regexp"
	"strings"
)

// gsod reads the Global Surface Summary of the Day of NOAA/NCEI: °F, knots, miles and inches, and a row of nines for what is missing (its readme.txt).
func gsod(t *foreign) (layout, bool, error) {
	if !t.has("station", "date", "temp", "dewp", "wdsp", "mxspd", "prcp") {
		return layout{}, false, nil
	}
	flags := t.position("prcp_attributes")
	columns := map[string]knownColumn{
		"station": {name: "station"},
		"temp":    {name: "temperature_mean (f)", edit: missing(9999.9)},
		"dewp":    {name: "dew_point_mean (f)", edit: missing(9999.9)},
		"slp":     {name: "pressure (hPa)", edit: missing(9999.9)},
		"stp":     {why: whyNoField, edit: missing(999.9, 9999.9)},
		"visib":   {name: "visibility (miles)", edit: missing(999.9)},
		"wdsp":    {name: "wind_speed_mean (knots)", edit: missing(999.9)},
		"mxspd":   {why: whyNoField, edit: missing(999.9)},
		"gust":    {name: "wind_gust (knots)", edit: missing(999.9)},
		"max":     {name: "temperature_max (f)", edit: missing(9999.9)},
		"min":     {name: "temperature_min (f)", edit: missing(9999.9)},
		"sndp":    {why: whyNoField, edit: missing(999.9)},
		"prcp": {name: "rain (inches)", edit: func(value any, row Row) any {
			// I: nothing was reported, and 0.00 says nothing.
			if flag, _ := at(row, flags).(string); strings.TrimSpace(flag) == "I" {
				return nil
			}
			return missing(99.99)(value, row)
		}},
		"frshtt": {},
	}
	for _, name := range [...]string{"temp", "dewp", "slp", "stp", "visib", "wdsp", "max", "min", "prcp"} {
		columns[name+"_attributes"] = knownColumn{}
	}
	return t.arrange(columns), true, nil
}

// ghcnID is the id of a station in GHCN-Daily: the country, the network, and eight characters of the network's own.
var ghcnID = regexp.MustCompile(`^[A-Z]{2}[A-Z0-9][A-Z0-9-]{8}$`)

// wmoOfGHCN brings the id of a station of the WMO's network in GHCN-Daily, SGM00061641, into its number.
func wmoOfGHCN(value any, _ Row) any {
	if s, _ := text(value); len(s) == 11 && s[2] == 'M' && strings.HasPrefix(s[3:], "000") {
		return s[6:]
	}
	return value
}

// ghcnDaily reads the CSV of GHCN-Daily of NOAA/NCEI. The same columns come in tenths of °C and mm, in °C and mm, and in °F and inches, and only the values
// show which: in Senegal no day is above 55 °C or 140 °F.
func ghcnDaily(t *foreign) (layout, bool, error) {
	if !t.has("station", "date") || !t.hasAny("tmax", "tmin", "tavg", "prcp") || len(t.sample) == 0 {
		return layout{}, false, nil
	}
	if id, _ := text(at(t.sample[0], t.position("station"))); !ghcnID.MatchString(id) {
		return layout{}, false, nil
	}
	most := 0.0
	for _, name := range [...]string{"tmax", "tmin", "tavg"} {
		for _, x := range t.numbers(name) {
			if x != 9999 {
				most = max(most, x)
			}
		}
	}
	celsius, millimetres, speed, divisor := "(c)", "(mm)", "(m/s)", 1.0
	switch {
	case most > 140:
		divisor = 10
	case most > 55:
		celsius, millimetres, speed = "(f)", "(inches)", "(mph)"
	}
	column := func(field, unit, name string) knownColumn {
		flags := t.position(name + "_attributes")
		return knownColumn{name: field + " " + unit, edit: func(value any, row Row) any {
			// The second flag says which check of NOAA's the value has failed.
			if flag, _ := at(row, flags).(string); strings.Count(flag, ",") >= 2 && strings.TrimSpace(strings.Split(flag, ",")[1]) != "" {
				return nil
			}
			if value = missing(9999)(value, row); divisor != 1 {
				return scaled(divisor)(value, row)
			}
			return value
		}}
	}
	columns := map[string]knownColumn{
		"station": {name: "station", edit: wmoOfGHCN},
		"tmax":    column("temperature_max", celsius, "tmax"),
		"tmin":    column("temperature_min", celsius, "tmin"),
		"tavg":    column("temperature_mean", celsius, "tavg"),
		"awnd":    column("wind_speed_mean", speed, "awnd"),
		"prcp":    column("rain", millimetres, "prcp"),
	}
	if most == 0 {
		for _, name := range [...]string{"awnd", "prcp"} {
			columns[name] = knownColumn{why: whyNoUnit}
		}
	}
	for _, h := range t.headings {
		if name := strings.ToLower(h.Name); strings.HasSuffix(name, "_attributes") {
			columns[name] = knownColumn{}
		}
	}
	return t.arrange(columns), true, nil
}

// aviationWeather reads the METARs that aviationweather.gov gives as CSV (its data API and its cache files).
func aviationWeather(t *foreign) (layout, bool, error) {
	if !t.has("raw_text", "station_id", "observation_time") || !t.hasAny("altim_in_hg", "temp_c") {
		return layout{}, false, nil
	}
	atLeast := func(value any, _ Row) any {
		s, ok := value.(string)
		if !ok {
			return value
		}
		return strings.TrimSuffix(strings.TrimSpace(s), "+")
	}
	columns := map[string]knownColumn{
		"raw_text":                      {},
		"observation_time":              {name: "observed_at"},
		"temp_c":                        {name: "temperature (c)"},
		"dewpoint_c":                    {name: "dew_point (c)"},
		"wind_dir_degrees":              {name: "wind_direction", edit: compass},
		"wind_speed_kt":                 {name: "wind_speed (kt)"},
		"wind_gust_kt":                  {name: "wind_gust (kt)"},
		"visibility_statute_mi":         {name: "visibility (miles)", edit: atLeast},
		"altim_in_hg":                   {name: "pressure (inHg)"},
		"sea_level_pressure_mb":         {name: "pressure (mb)"},
		"elevation_m":                   {name: "elevation (m)"},
		"three_hr_pressure_tendency_mb": {why: whyNoField},
	}
	for _, name := range [...]string{
		"maxt_c", "mint_c", "maxt24hr_c", "mint24hr_c", "precip_in", "pcp3hr_in", "pcp6hr_in", "pcp24hr_in", "snow_in", "vert_vis_ft",
		"sky_cover", "cloud_base_ft_agl", "wx_string",
	} {
		columns[name] = knownColumn{why: whyNoField}
	}
	for _, name := range [...]string{
		"flight_category", "metar_type", "corrected", "auto", "auto_station", "maintenance_indicator_on", "no_signal", "lightning_sensor_off",
		"freezing_rain_sensor_off", "present_weather_sensor_off",
	} {
		columns[name] = knownColumn{}
	}
	return t.arrange(columns), true, nil
}
