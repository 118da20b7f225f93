package shape

import "senmeteo/jobs/meteo"

// isOpenWeather recognises the answers of OpenWeather: the current weather ("coord", "main", "dt"), lists of it and of forecasts ("list") and
// One Call ("current", "hourly" or "data" beside "timezone_offset").
func isOpenWeather(row Row) bool {
	switch {
	case row.has("dt") && row.object("main").has("temp"):
		return true
	case len(row.list("list")) > 0:
		first := row.list("list")[0]
		return first.has("dt") && first.object("main").has("temp")
	case row.has("lat", "lon", "timezone_offset"):
		return row.object("current").has("dt") || len(row.list("hourly")) > 0 || len(row.list("data")) > 0 && row.list("data")[0].has("dt")
	}
	return false
}

// openWeatherUnits are the units of an answer, which does not name them: kelvins and m/s, °C and m/s, or °F and mph.
type openWeatherUnits struct{ temperature, speed string }

// unitsOfOpenWeather returns the units that the temperatures show.
func unitsOfOpenWeather(steps []Row) openWeatherUnits {
	var all []Row
	for _, step := range steps {
		if main := step.object("main"); main != nil {
			step = main
		}
		all = append(all, step)
	}
	units := openWeatherUnits{shownUnit(all, "temp"), " (m/s)"}
	switch units.temperature {
	case inFahrenheit:
		units.speed = " (mph)"
	case unstated:
		units.speed = unstated
	}
	return units
}

// openWeather reads an answer of OpenWeather. Pressures are at sea level, visibility is in metres and dt in seconds since 1970.
func (d *Decoder) openWeather(row Row) []Row {
	var steps []Row
	place := d.openWeatherPlace(row)
	switch {
	case row.object("main") != nil:
		steps = []Row{row}
	case len(row.list("list")) > 0:
		steps = row.list("list")
		place = append(place, d.openWeatherPlace(row.object("city"))...)
	default:
		if current := row.object("current"); current != nil {
			steps = append(steps, current)
		}
		steps = append(steps, append(row.list("hourly"), row.list("data")...)...)
		for _, name := range [...]string{"minutely", "daily", "alerts"} {
			if value := row.get(name); value != nil {
				d.ignored.add(name, whyNoField, value)
			}
		}
	}
	units := unitsOfOpenWeather(steps)
	seen := map[float64]bool{}
	var rows []Row
	for _, step := range steps {
		at, timed := number(step.get("dt"))
		if name, _ := text(step.get("name")); timed && name == "" && step.object("coord") == nil {
			if seen[at] { // the present repeats the hour that has begun
				continue
			}
			seen[at] = true
		}
		out := d.openWeatherStep(step, units)
		if row.object("main") == nil {
			out = append(out, d.openWeatherPlace(step)...)
		}
		rows = append(rows, append(out, place...))
	}
	return rows
}

// openWeatherPlace returns where an answer, its city or an element of a list is.
func (d *Decoder) openWeatherPlace(row Row) Row {
	var out Row
	if coord := row.object("coord"); coord != nil {
		row = coord.with(row...)
	}
	for _, f := range row {
		switch {
		case f.Name == "lat" || f.Name == "lon" || f.Name == "name" && !absent(f.Value):
			out = append(out, f)
		}
	}
	return out
}

// openWeatherStep returns one record.
func (d *Decoder) openWeatherStep(step Row, units openWeatherUnits) Row {
	flat := make(Row, 0, len(step)+12)
	for _, f := range step {
		part, nested := f.Value.(Row)
		switch {
		case f.Name == "main":
			flat = append(flat, part...)
		case nested && (f.Name == "wind" || f.Name == "clouds"):
			for _, inner := range part {
				flat = append(flat, Field{Name: f.Name + "_" + inner.Name, Value: inner.Value})
			}
		case nested && f.Name == "rain":
			if rain, ok := rainOver(part); ok {
				flat = append(flat, rain...)
			}
		default:
			flat = append(flat, f)
		}
	}
	out := d.renamed(flat, names{
		"dt": "timestamp", "temp": "temperature" + units.temperature, "dew_point": "dew point" + units.temperature,
		"pressure": meteo.Pressure.String(), "humidity": meteo.Humidity.String(), "visibility": meteo.Visibility.String(),
		"clouds": meteo.CloudCover.String(), "clouds_all": meteo.CloudCover.String(), "wind_speed": "wind speed" + units.speed,
		"wind_gust": "wind gust" + units.speed, "wind_deg": meteo.WindDirection.String(), "rain_mm": meteo.Rain.String(),
		"interval_s": "interval_s", "sea_level": "", "grnd_level": "", "coord": "", "base": "", "id": "", "name": "", "cod": "", "timezone": "",
		"dt_txt": "", "sys": "", "weather": "", "temp_min": "", "temp_max": "", "temp_kf": "", "pop": "", "sunrise": "", "sunset": "",
	})
	return out.with(Field{Name: "kind", Value: modelled})
}
