package shape

import "time"

// isMeteostat recognises an answer of Meteostat's JSON API.
func isMeteostat(row Row) bool {
	data := row.list("data")
	if row.object("meta") == nil || len(data) == 0 {
		return false
	}
	return (data[0].has("time") || data[0].has("date")) && namesAny(data[0], "rhum", "prcp", "wspd", "pres", "tavg", "dwpt")
}

// namesAny reports whether a row has one of some members, be its value present or not.
func namesAny(row Row, members ...string) bool {
	for _, f := range row {
		for _, name := range members {
			if f.Name == name {
				return true
			}
		}
	}
	return false
}

// meteostat reads hours and days of Meteostat, whose wind is in km/h; hours are UTC.
func (d *Decoder) meteostat(row Row) []Row {
	said := Row{}
	if station, ok := text(row.object("meta").get("station")); ok {
		said = append(said, Field{Name: "station", Value: station})
	}
	var rows []Row
	for _, step := range row.list("data") {
		out := d.renamed(step, names{
			"time": "timestamp", "date": "date", "temp": "temperature (°C)", "tavg": "temperature mean (°C)", "tmin": "temperature min (°C)",
			"tmax": "temperature max (°C)", "dwpt": "dew point (°C)", "rhum": "humidity (%)", "prcp": "rain (mm)", "wdir": "wind direction (°)",
			"wspd": "wind speed (km/h)", "wpgt": "wind gust (km/h)", "pres": "pressure (hPa)", "time_local": "",
		})
		if step.has("time") && step.has("prcp") {
			out = append(out, Field{Name: "interval_s", Value: 3600.0})
		}
		rows = append(rows, d.completed(out, said))
	}
	return rows
}

// isWeatherAPI recognises an answer of WeatherAPI.com.
func isWeatherAPI(row Row) bool {
	location := row.object("location")
	return location.has("tz_id") && (row.object("current").has("temp_c") || len(row.object("forecast").list("forecastday")) > 0)
}

// weatherAPI reads the present and the hours of WeatherAPI.com, in their metric members. Its days have no hours of their own and are not kept.
func (d *Decoder) weatherAPI(row Row) []Row {
	place := d.renamed(row.object("location"), names{
		"name": "station", "lat": "latitude", "lon": "longitude", "region": "", "country": "", "tz_id": "", "localtime": "", "localtime_epoch": "",
	})
	steps, intervals := []Row{}, []float64{}
	if current := row.object("current"); current != nil {
		steps, intervals = append(steps, current), append(intervals, 0)
	}
	for _, day := range row.object("forecast").list("forecastday") {
		for _, hour := range day.list("hour") {
			steps, intervals = append(steps, hour), append(intervals, 3600)
		}
		if day.has("day") {
			d.ignored.add("day", whyOfDay, day.get("day"))
		}
	}
	var rows []Row
	for i, step := range steps {
		known := names{
			"last_updated_epoch": "timestamp", "time_epoch": "timestamp", "temp_c": "temperature (°C)", "humidity": "humidity (%)",
			"wind_kph": "wind speed (km/h)", "wind_degree": "wind direction (°)", "gust_kph": "wind gust (km/h)", "pressure_mb": "pressure (hPa)",
			"cloud": "cloud cover (%)", "vis_km": "visibility (km)", "dewpoint_c": "dew point (°C)", "last_updated": "", "time": "", "temp_f": "",
			"wind_mph": "", "gust_mph": "", "pressure_in": "", "vis_miles": "", "dewpoint_f": "", "precip_in": "", "wind_dir": "", "is_day": "",
		}
		if intervals[i] > 0 {
			known["precip_mm"] = "rain (mm)"
		}
		out := d.renamed(step, known)
		out = append(out, Field{Name: "interval_s", Value: intervals[i]}, Field{Name: "kind", Value: modelled})
		rows = append(rows, out.with(place...))
	}
	return rows
}

// isVisualCrossing recognises an answer of Visual Crossing's timeline.
func isVisualCrossing(row Row) bool {
	days := row.list("days")
	return row.has("resolvedAddress") && len(days) > 0 && days[0].has("datetimeEpoch")
}

// visualCrossing reads the days, the hours and the present of Visual Crossing. The answer does not name its units: °F stands for the group
// us; with °C wind and visibility may be in km and km/h (metric) or in miles and mph (uk), so that they are left out; K stands for base.
func (d *Decoder) visualCrossing(row Row) []Row {
	temperature, speed, distance, rain := shownUnit(row.list("days"), "temp", "tempmax", "tempmin"), unstated, unstated, " (mm)"
	switch temperature {
	case inKelvins:
		speed, distance = " (m/s)", " (km)"
	case inFahrenheit:
		speed, distance, rain = " (mph)", " (mi)", " (in)"
	case unstated:
		rain = unstated
	}
	known := names{
		"datetimeEpoch": "timestamp", "temp": "temperature" + temperature, "tempmax": "temperature max" + temperature,
		"tempmin": "temperature min" + temperature, "dew": "dew point" + temperature, "humidity": "humidity (%)", "precip": "rain" + rain,
		"winddir": "wind direction (°)", "pressure": "pressure (hPa)", "cloudcover": "cloud cover (%)", "datetime": "", "hours": "", "conditions": "",
		"description": "", "icon": "", "stations": "", "source": "", "windspeed": "wind speed" + speed, "windgust": "wind gust" + speed,
		"visibility": "visibility" + distance,
	}
	place := d.renamed(row, names{
		"latitude": "latitude", "longitude": "longitude", "resolvedAddress": "", "address": "", "queryCost": "", "timezone": "", "tzoffset": "",
		"days": "", "currentConditions": "", "alerts": "", "stations": "", "description": "",
	})
	place = place.with(Field{Name: "kind", Value: modelled})
	var rows []Row
	if current := row.object("currentConditions"); current != nil {
		now := d.renamed(current, known)
		rows = append(rows, now.with(place...))
	}
	for _, day := range row.list("days") {
		if epoch, ok := number(day.get("datetimeEpoch")); ok {
			end := Field{Name: "timestamp", Value: sinceEpoch(epoch, 1).Add(daySeconds * time.Second)}
			whole := d.renamed(day, daily(known))
			d.ignoreMeans(day)
			rows = append(rows, whole.with(end, Field{Name: "interval_s", Value: float64(daySeconds)}).with(place...))
		}
		for _, hour := range day.list("hours") {
			out := d.renamed(hour, known)
			rows = append(rows, out.with(Field{Name: "interval_s", Value: 3600.0}).with(place...))
		}
	}
	return rows
}

// meansOfDays are what Visual Crossing gives of a whole day in names of moments, without a field of ours.
var meansOfDays = [...]string{"winddir", "pressure", "cloudcover", "windspeed", "visibility"}

// ignoreMeans notes the values of a day that have no field.
func (d *Decoder) ignoreMeans(day Row) {
	for _, name := range meansOfDays {
		if value := day.get(name); value != nil {
			d.ignored.add(name, whyOfDay, value)
		}
	}
}

// daily returns the names of a record of Visual Crossing when it is of a day: its momentary names hold means there.
func daily(known names) names {
	of := names{}
	for member, name := range known {
		of[member] = name
	}
	unit := known["temp"][len("temperature"):]
	of["temp"], of["dew"], of["humidity"] = "temperature mean"+unit, "dew point mean"+unit, "humidity mean"
	of["datetimeEpoch"] = ""
	for _, name := range meansOfDays {
		of[name] = ""
	}
	return of
}
