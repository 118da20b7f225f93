package shape

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// isMetNorway recognises a forecast of MET Norway (Locationforecast): GeoJSON with a time series.
func isMetNorway(row Row) bool {
	series := row.object("properties").list("timeseries")
	return len(series) > 0 && series[0].object("data").object("instant").object("details") != nil
}

// metNorway reads the steps of a forecast of MET Norway, whose units are in properties.meta. Rain is of the hour after a step, and therefore
// belongs to the step that is an hour later.
func (d *Decoder) metNorway(row Row) []Row {
	properties := row.object("properties")
	units := properties.object("meta").object("units")
	place, _ := coordinates(row.object("geometry"))
	var rows []Row
	rain := Row{}
	for _, step := range properties.list("timeseries") {
		data := step.object("data")
		at, _, ok := ParseTime(step.get("time"))
		out := Row{{Name: "timestamp", Value: step.get("time")}, {Name: "kind", Value: modelled}}
		for _, f := range data.object("instant").object("details") {
			unit, _ := units.get(f.Name).(string)
			name := cmp.Or(map[string]string{
				"air_pressure_at_sea_level": "sea level pressure", "air_temperature": "temperature", "cloud_area_fraction": "cloud cover",
				"wind_from_direction": "wind direction", "wind_speed_of_gust": "wind gust", "dew_point_temperature": "dew point",
			}[f.Name], f.Name)
			out = append(out, Field{Name: withUnit(name, unit), Value: f.Value})
		}
		switch from, amount := rain.get("from"), rain.get("amount"); {
		case amount == nil:
		case ok && from == at.Add(-time.Hour):
			out = append(out, Field{Name: "rain (mm)", Value: amount}, Field{Name: "interval_s", Value: 3600.0})
		default: // of an hour that ends at none of the steps
			d.ignored.add("next_1_hours", whyNoField, amount)
		}
		rain = Row{{Name: "from", Value: at}, {Name: "amount", Value: data.object("next_1_hours").object("details").get("precipitation_amount")}}
		rows = append(rows, out.with(place...))
		if longer := data.get("next_6_hours"); longer != nil {
			d.ignored.add("next_6_hours", whyNoField, longer)
		}
	}
	if amount := rain.get("amount"); amount != nil { // of the hour after the last step
		d.ignored.add("next_1_hours", whyNoField, amount)
	}
	return rows
}

// isDarkSky recognises an answer of Pirate Weather, or an old one of Dark Sky.
func isDarkSky(row Row) bool {
	hours := row.object("hourly").list("data")
	return row.has("latitude", "longitude") && (row.object("currently").has("time") || len(hours) > 0 && hours[0].has("time"))
}

// darkSkyUnits are what flags.units may be: units of temperature, wind, visibility, pressure and the intensity of rain.
var darkSkyUnits = map[string][5]string{
	"us": {" (°F)", " (mph)", " (mi)", " (hPa)", " (in/h)"}, "si": {" (°C)", " (m/s)", " (km)", " (hPa)", " (mm/h)"},
	"ca": {" (°C)", " (km/h)", " (km)", " (hPa)", " (mm/h)"}, "uk": {" (°C)", " (mph)", " (mi)", " (hPa)", " (mm/h)"},
	"uk2": {" (°C)", " (mph)", " (mi)", " (hPa)", " (mm/h)"},
}

// unitsOfDarkSky returns the units that flags.units states, else those that the temperatures show: °F is of the United States alone, and with °C
// the wind and the visibility have several.
func unitsOfDarkSky(row Row, steps []Row) [5]string {
	system, _ := text(row.object("flags").get("units"))
	if units, ok := darkSkyUnits[system]; ok {
		return units
	}
	switch shownUnit(steps, "temperature") {
	case inFahrenheit:
		return darkSkyUnits["us"]
	case inCelsius:
		return [5]string{inCelsius, unstated, unstated, " (hPa)", " (mm/h)"}
	}
	return [5]string{unstated, unstated, unstated, " (hPa)", unstated}
}

// darkSky reads the present and the hours of Pirate Weather and Dark Sky, whose humidity and cloud cover are fractions.
func (d *Decoder) darkSky(row Row) []Row {
	steps := append([]Row{row.object("currently")}, row.object("hourly").list("data")...)
	units := unitsOfDarkSky(row, steps)
	place := Row{
		{Name: "latitude", Value: row.get("latitude")}, {Name: "longitude", Value: row.get("longitude")}, {Name: "kind", Value: modelled},
	}
	var rows []Row
	for _, step := range steps {
		if step == nil {
			continue
		}
		out := d.renamed(step, names{
			"time": "epoch", "temperature": "temperature" + units[0], "dewPoint": "dew point" + units[0], "humidity": "humidity (%)",
			"pressure": "pressure" + units[3], "windSpeed": "wind speed" + units[1], "windGust": "wind gust" + units[1],
			"windBearing": "wind direction (°)", "cloudCover": "cloud cover (%)", "visibility": "visibility" + units[2],
			"precipIntensity": "rain rate" + units[4], "summary": "", "icon": "", "precipType": "",
		})
		for i, f := range out {
			if x, ok := number(f.Value); ok && strings.HasSuffix(f.Name, " (%)") {
				out[i].Value = tidy(x * 100)
			}
		}
		rows = append(rows, out.with(place...))
	}
	if daily := row.get("daily"); daily != nil {
		d.ignored.add("daily", whyOfDay, daily)
	}
	return rows
}

// isWeatherbit recognises an answer of Weatherbit.
func isWeatherbit(row Row) bool {
	data := row.list("data")
	return len(data) > 0 && data[0].has("ts") && namesAny(data[0], "wind_spd") && namesAny(data[0], "rh")
}

// weatherbit reads records of Weatherbit, whose ts is in seconds since 1970 in UTC. Units show in the temperatures: kelvins (with m/s), °F (with
// mph and miles) or °C (with m/s and km), see shownUnit. "pres" is the pressure of the station, and "precip" an amount or a rate, by the kind of the answer.
func (d *Decoder) weatherbit(row Row) []Row {
	steps := row.list("data")
	temperature, speed, distance := shownUnit(steps, "temp"), " (m/s)", " (km)"
	switch temperature {
	case inFahrenheit:
		speed, distance = " (mph)", " (mi)"
	case unstated:
		speed, distance = unstated, unstated
	}
	place := d.renamed(row, names{
		"lat": "latitude", "lon": "longitude", "data": "", "count": "", "city_name": "", "timezone": "", "country_code": "", "state_code": "",
		"sources": "", "station_id": "", "city_id": "",
	})
	var rows []Row
	for _, step := range steps {
		out := d.renamed(step, names{
			"ts": "epoch", "lat": "latitude", "lon": "longitude", "temp": "temperature" + temperature, "dewpt": "dew point" + temperature,
			"rh": "humidity (%)", "slp": "sea level pressure (hPa)", "wind_spd": "wind speed" + speed, "wind_gust_spd": "wind gust" + speed,
			"gust": "wind gust" + speed, "wind_dir": "wind direction (°)", "clouds": "cloud cover (%)", "vis": "visibility" + distance,
			"datetime": "", "ob_time": "", "timestamp_utc": "", "timestamp_local": "", "city_name": "", "country_code": "", "state_code": "",
			"timezone": "", "station": "", "sources": "", "weather": "", "sunrise": "", "sunset": "", "pod": "", "wind_cdir": "",
			"wind_cdir_full": "",
		})
		out = append(out, Field{Name: "kind", Value: modelled})
		rows = append(rows, d.completed(out, place))
	}
	return rows
}

// isWeatherstack recognises an answer of weatherstack.
func isWeatherstack(row Row) bool {
	return row.object("request").has("unit") && row.object("location").has("localtime") && row.object("current").has("observation_time")
}

// weatherstackUnits are those of the values of request.unit: metric, scientific and Fahrenheit.
var weatherstackUnits = map[string][4]string{
	"m": {" (°C)", " (km/h)", " (km)", " (mm)"}, "s": {" (K)", " (km/h)", " (km)", " (mm)"}, "f": {" (°F)", " (mph)", " (mi)", " (in)"},
}

// weatherstack reads the present of weatherstack. The time of its observation is a time of day in UTC; the day is that of the last one before the
// local time of the answer.
func (d *Decoder) weatherstack(row Row) []Row {
	location, current := row.object("location"), row.object("current")
	said, _ := text(row.object("request").get("unit"))
	units, ok := weatherstackUnits[said]
	local, _, timed := ParseTime(location.get("localtime"))
	offset, stated := number(location.get("utc_offset"))
	since, _, isClock := timeStyle{}.readClock(current.get("observation_time"))
	if !ok || !timed || !stated || !isClock {
		return []Row{{{Name: "request", Value: row.object("request")}}}
	}
	now := local.Add(-time.Duration(offset * float64(time.Hour)))
	at := now.Truncate(24 * time.Hour).Add(since)
	if at.After(now.Add(time.Hour)) {
		at = at.AddDate(0, 0, -1)
	}
	out := d.renamed(current, names{
		"temperature": "temperature" + units[0], "wind_speed": "wind speed" + units[1], "wind_degree": "wind direction (°)",
		"pressure": "pressure (hPa)", "humidity": "humidity (%)", "cloudcover": "cloud cover (%)", "visibility": "visibility" + units[2],
		"observation_time": "", "wind_dir": "", "is_day": "", "weather_icons": "", "weather_descriptions": "", "weather_code": "",
	})
	place := d.renamed(location, names{
		"name": "station", "lat": "latitude", "lon": "longitude", "country": "", "region": "", "timezone_id": "", "localtime": "",
		"localtime_epoch": "", "utc_offset": "",
	})
	return []Row{out.with(place...).with(Field{Name: "timestamp", Value: at}, Field{Name: "kind", Value: modelled})}
}

// isSynoptic recognises time series and latest values of Synoptic Data (MesoWest).
func isSynoptic(row Row) bool {
	stations := row.list("STATION")
	return len(stations) > 0 && stations[0].has("STID") && stations[0].object("OBSERVATIONS") != nil
}

// setSuffix is that of the names of Synoptic's sets of values; d marks derived ones.
var setSuffix = regexp.MustCompile(`_(?:set|value)_1d?$`)

// synopticNames are Synoptic's names for what senmeteo keeps. Its units are in UNITS.
var synopticNames = map[string]string{
	"air_temp": "temperature", "dew_point_temperature": "dew point", "relative_humidity": "humidity", "sea_level_pressure": "sea level pressure",
	"wind_speed": "wind speed", "wind_direction": "wind direction", "wind_gust": "wind gust", "visibility": "visibility",
	"date_time": "timestamp", "precip_accum_one_hour": "rain",
}

// synoptic reads the observations of stations of Synoptic Data, of which the first set of values of each variable counts.
func (d *Decoder) synoptic(row Row) []Row {
	units := row.object("UNITS")
	var rows []Row
	for _, station := range row.list("STATION") {
		known := names{
			"STID": "", "LATITUDE": "latitude", "LONGITUDE": "longitude", "NAME": "", "ELEVATION": "", "ID": "", "MNET_ID": "", "STATE": "",
			"COUNTRY": "", "TIMEZONE": "", "STATUS": "", "OBSERVATIONS": "", "SENSOR_VARIABLES": "", "PERIOD_OF_RECORD": "", "UNITS": "",
			"QC_FLAGGED": "", "RESTRICTED": "",
		}
		if id, _ := text(station.get("STID")); isKnownStation(id) { // others are codes of the network itself
			known["STID"] = "station"
		}
		place := d.renamed(station, known)
		var block Row
		for _, f := range station.object("OBSERVATIONS") {
			bare := setSuffix.ReplaceAllString(f.Name, "")
			unit, _ := units.get(bare).(string)
			name, known := synopticNames[bare]
			switch {
			case !known:
				d.ignored.add(f.Name, whyNoField, f.Value)
			case dimensionOf(understand(name).meaning) != noDimension && unit == "":
				d.ignored.add(f.Name, whyNoUnit, f.Value)
			case block.get(withUnit(name, unit)) == nil:
				block = append(block, Field{Name: withUnit(name, unit), Value: f.Value})
			}
		}
		steps, ok := columnar(block)
		if !ok {
			steps = []Row{block}
		}
		for _, step := range steps {
			rows = append(rows, step.with(place...).with(Field{Name: "interval_s", Value: 3600.0}))
		}
	}
	return rows
}

func isKnownStation(name string) bool {
	_, ok := meteo.FindStation(strings.TrimSpace(name))
	return ok
}
