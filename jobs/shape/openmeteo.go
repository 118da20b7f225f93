package shape

import (
	"maps"
	"strings"
	"time"
)

// openMeteoBlocks are the parts of an answer of Open-Meteo, with the seconds that their amounts cover; 0: see the block's own interval.
var openMeteoBlocks = []struct {
	name    string
	seconds float64
}{{"current", 0}, {"current_weather", 0}, {"minutely_15", 900}, {"hourly", 3600}, {"daily", daySeconds}}

// isOpenMeteo recognises a block with its units beside it, {"latitude":...,"hourly_units":{...},"hourly":{...}}, or, in an answer that somebody
// has made shorter, with names that only Open-Meteo has.
func isOpenMeteo(row Row) bool {
	for _, block := range openMeteoBlocks {
		part := row.object(block.name)
		if part.has("time") && (row.object(block.name+"_units").has("time") || row.has("latitude", "longitude", "generationtime_ms")) {
			return true
		}
		if part.has("time") && row.has("latitude", "longitude") && (part.has("temperature_2m") || part.has("wind_speed_10m")) {
			return true
		}
	}
	return false
}

// openMeteoUnits are the units of an answer that states none, as those of current_weather did until 2023: the ones that a request without
// options gets.
var openMeteoUnits = map[dimension]string{
	temperature: "°C", speed: "km/h", depth: "mm", rate: "mm/h", share: "%", pressure: "hPa", angle: "°", distance: "m",
}

// openMeteoUsual returns the units of an answer's values where no block states one. One that was made shorter was asked for with options that
// nobody knows any more: its temperatures show what they are in, °C stands for mm as well, and speeds stay without a unit.
func openMeteoUsual(row Row) map[dimension]string {
	if row.has("generationtime_ms") {
		return openMeteoUnits
	}
	var steps []Row
	for _, block := range openMeteoBlocks {
		part, units := row.object(block.name), row.object(block.name+"_units")
		if len(units) > 0 {
			return openMeteoUnits
		}
		if of, ok := columnar(part); ok {
			steps = append(steps, of...)
		} else {
			steps = append(steps, part)
		}
	}
	usual := maps.Clone(openMeteoUnits)
	const open = "unit not stated"
	usual[speed] = open
	if shownUnit(steps, "temperature_2m") != inCelsius {
		usual[temperature], usual[depth], usual[rate] = open, open, open
	}
	return usual
}

// openMeteoUnit returns the unit of a member of a block: the one that the block states, else the one that another block does, else the usual.
func openMeteoUnit(row, own Row, usual map[dimension]string, name string) string {
	if unit, ok := own.get(name).(string); ok {
		return unit
	}
	dimension := dimensionOf(understand(name).meaning)
	for _, block := range openMeteoBlocks {
		for _, f := range row.object(block.name + "_units") {
			if unit, ok := f.Value.(string); ok && dimension != noDimension && dimensionOf(understand(f.Name).meaning) == dimension {
				return unit
			}
		}
	}
	return usual[dimension]
}

// openMeteoDaily are the names of daily values that are not understood by themselves.
var openMeteoDaily = map[string]string{
	"precipitation_sum": "rain", "wind_gusts_10m_max": "wind gust", "windgusts_10m_max": "wind gust",
}

// openMeteo reads an answer, or a saved download, of Open-Meteo. Its times are local ones of utc_offset_seconds. Precipitation is the sum of
// rain, showers and snow, which are passed over beside it.
func (d *Decoder) openMeteo(row Row) []Row {
	zone := zoneAfter(row.get("utc_offset_seconds"))
	place := d.renamed(row, names{
		"latitude": "latitude", "longitude": "longitude", "elevation": "elevation", "generationtime_ms": "", "utc_offset_seconds": "",
		"timezone": "", "timezone_abbreviation": "", "current": "", "hourly": "", "daily": "", "minutely_15": "", "current_units": "",
		"hourly_units": "", "daily_units": "", "minutely_15_units": "", "location_id": "", "current_weather": "", "current_weather_units": "",
	})
	place = place.with(Field{Name: "kind", Value: modelled})
	usual := openMeteoUsual(row)
	var rows []Row
	for _, b := range openMeteoBlocks {
		block, units := row.object(b.name), row.object(b.name+"_units")
		if block == nil {
			continue
		}
		steps, ok := columnar(block)
		if strings.HasPrefix(b.name, "current") {
			steps, ok = []Row{block}, true
		}
		if !ok {
			rows = append(rows, Row{{Name: b.name, Value: block}})
			continue
		}
		for _, step := range steps {
			rows = append(rows, d.openMeteoStep(row, step, units, usual, b.seconds, zone).with(place...))
		}
	}
	return rows
}

// openMeteoStep returns one time step.
func (d *Decoder) openMeteoStep(row, step, units Row, usual map[dimension]string, seconds float64, zone *time.Location) Row {
	total := step.get("precipitation") != nil
	out := make(Row, 0, len(step)+4)
	for _, f := range step {
		unit := openMeteoUnit(row, units, usual, f.Name)
		switch {
		case f.Name == "time":
			out = append(out, Field{Name: "timestamp", Value: openMeteoTime(f.Value, zone, seconds)})
		case f.Name == "interval":
			seconds, _ = number(f.Value)
		case total && (f.Name == "rain" || f.Name == "showers" || f.Name == "snowfall"):
		case seconds == daySeconds && openMeteoDaily[f.Name] != "":
			out = append(out, Field{Name: withUnit(openMeteoDaily[f.Name], unit), Value: f.Value})
		case f.Name == "weather_code" || f.Name == "weathercode" || f.Name == "is_day":
		default:
			out = append(out, Field{Name: withUnit(f.Name, unit), Value: f.Value})
		}
	}
	return append(out, Field{Name: "interval_s", Value: seconds})
}

// openMeteoTime returns the instant of a local time; that of a day is its end.
func openMeteoTime(value any, zone *time.Location, seconds float64) any {
	if s, ok := value.(string); ok && strings.Count(s, "-") == 2 {
		if t, dayOnly, ok := (timeStyle{}).parse(s, zone); ok {
			if dayOnly {
				t = t.Add(daySeconds * time.Second)
			}
			return t
		}
	}
	if x, ok := value.(float64); ok && seconds == daySeconds { // the local midnight that begins the day
		return sinceEpoch(x+daySeconds, 1)
	}
	return value
}
