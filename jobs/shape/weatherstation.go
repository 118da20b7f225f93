package shape

// isWeatherLink recognises an answer of WeatherLink v2.
func isWeatherLink(row Row) bool {
	for _, sensor := range row.list("sensors") {
		for _, data := range sensor.list("data") {
			if data.has("ts") {
				return true
			}
		}
	}
	return false
}

// weatherLinkNames are the members of WeatherLink's records, which are in °F, mph, inches and inches of mercury whatever its user sees.
var weatherLinkNames = names{
	"ts": "timestamp", "tz_offset": "", "temp_out": "temperature (°F)", "temp": "temperature (°F)", "temp_avg": "", "hum_out": "humidity (%)",
	"hum": "humidity (%)", "dew_point": "dew point (°F)", "dew_point_out": "dew point (°F)", "bar": "pressure (inHg)",
	"bar_sea_level": "pressure (inHg)", "wind_speed": "wind speed (mph)", "wind_speed_avg": "wind speed (mph)",
	"wind_speed_avg_last_10_min": "wind speed (mph)", "wind_dir": "wind direction (°)", "wind_dir_scalar_avg_last_10_min": "wind direction (°)",
	"wind_gust_10_min": "wind gust (mph)", "wind_speed_hi_last_10_min": "wind gust (mph)", "wind_speed_hi": "wind gust (mph)",
	"rain_rate_mm": "rain rate (mm/h)", "rain_rate_last_mm": "rain rate (mm/h)", "rainfall_mm": "rain (mm)", "arch_int": "interval_s",
	"rain_rate_in": "", "rain_rate_last_in": "", "rainfall_in": "", "rain_rate_clicks": "", "rain_rate_last_clicks": "", "rainfall_clicks": "",
}

// weatherLink reads an answer of WeatherLink v2. What the sensors of a station say of one time is one record; the station's number is
// WeatherLink's own, so that the place is the default station.
func (d *Decoder) weatherLink(row Row) []Row {
	var rows []Row
	byTime := map[float64]int{}
	for _, sensor := range row.list("sensors") {
		for _, data := range sensor.list("data") {
			record := d.renamed(data, weatherLinkNames)
			if !d.namesVariable(record, 0) {
				continue
			}
			at, _ := number(data.get("ts"))
			if i, ok := byTime[at]; ok {
				rows[i] = append(rows[i], record...)
				continue
			}
			byTime[at] = len(rows)
			rows = append(rows, record)
		}
	}
	return rows
}

// undergroundUnits are the unit systems of the observations of personal stations at Weather Underground, each by the member that has it. Of
// several the first counts.
var undergroundUnits = [...]struct{ member, temperature, speed, pressure, height string }{
	{"metric_si", " (°C)", " (m/s)", " (hPa)", " (m)"},
	{"metric", " (°C)", " (km/h)", " (hPa)", " (m)"},
	{"uk_hybrid", " (°C)", " (mph)", " (hPa)", " (ft)"},
	{"imperial", " (°F)", " (mph)", " (inHg)", " (ft)"},
}

// isUnderground recognises the observations of personal stations at Weather Underground.
func isUnderground(row Row) bool {
	observations := row.list("observations")
	return len(observations) > 0 && observations[0].has("obsTimeUtc") && observations[0].has("stationID")
}

// underground reads observations of personal stations. Their codes are Weather Underground's own, so that the coordinates are the place.
func (d *Decoder) underground(row Row) []Row {
	var rows []Row
	for _, o := range row.list("observations") {
		out := d.renamed(o, names{
			"obsTimeUtc": "timestamp", "lat": "latitude", "lon": "longitude", "humidity": "humidity (%)", "winddir": "wind direction (°)",
			"humidityAvg": "humidity (%)", "winddirAvg": "wind direction (°)", "stationID": "", "obsTimeLocal": "", "epoch": "", "metric": "",
			"metric_si": "", "uk_hybrid": "", "imperial": "", "softwareType": "", "country": "", "qcStatus": "", "realtimeFrequency": "",
			"neighborhood": "", "tz": "",
		})
		for _, u := range undergroundUnits {
			out = append(out, d.renamed(o.object(u.member), names{
				"temp": "temperature" + u.temperature, "tempAvg": "temperature" + u.temperature, "dewpt": "dew point" + u.temperature,
				"dewptAvg": "dew point" + u.temperature, "windSpeed": "wind speed" + u.speed, "windspeedAvg": "wind speed" + u.speed,
				"windGust": "wind gust" + u.speed, "windgustHigh": "wind gust" + u.speed, "pressure": "pressure" + u.pressure,
				"pressureMax": "", "elev": "elevation" + u.height, "heatIndex": "", "windChill": "",
			})...)
		}
		rows = append(rows, out)
	}
	return rows
}

// isNetatmo recognises an answer of getstationsdata.
func isNetatmo(row Row) bool {
	devices := row.object("body").list("devices")
	return len(devices) > 0 && (devices[0].has("dashboard_data") || devices[0].has("modules"))
}

// netatmo reads the outdoor modules of each station: NAModule1 has the temperature and the humidity, NAModule2 the wind in km/h, NAModule3
// the rain. The station itself is indoors, but for its pressure at sea level.
func (d *Decoder) netatmo(row Row) []Row {
	var rows []Row
	for _, device := range row.object("body").list("devices") {
		var out Row
		for _, module := range device.list("modules") {
			data := module.object("dashboard_data")
			switch module.get("type") {
			case "NAModule1":
				out = append(d.renamed(data, names{"time_utc": "timestamp", "Temperature": "temperature (°C)", "Humidity": "humidity (%)"}), out...)
			case "NAModule2":
				out = append(out, d.renamed(data, names{
					"time_utc": "timestamp", "WindStrength": "wind speed (km/h)", "WindAngle": "wind direction (°)", "GustStrength": "wind gust (km/h)",
				})...)
			case "NAModule3":
				out = append(out, d.renamed(data, names{"time_utc": "timestamp", "sum_rain_1": "rain (mm)"})...)
				out = append(out, Field{Name: "interval_s", Value: 3600.0})
			}
		}
		out = append(out, d.renamed(device.object("dashboard_data"), names{"time_utc": "timestamp", "Pressure": "pressure (hPa)"})...)
		place := device.object("place")
		if location, _ := place.get("location").([]any); len(location) == 2 {
			out = append(out, Field{Name: "longitude", Value: location[0]}, Field{Name: "latitude", Value: location[1]},
				Field{Name: "elevation", Value: place.get("altitude")})
		}
		rows = append(rows, out)
	}
	return rows
}
