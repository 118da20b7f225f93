package file_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"senmeteo/jobs/source/file"
)

// Each case is a file of objects and, by line, parts of the readings, or of the refusals, that come of it.
func TestUnitsAndPlacesOfObjectsAreThoseThatTheyState(t *testing.T) {
	const noon, one = `"observed_at":"2026-08-01T12:00:00Z"`, `"observed_at":"2026-08-01T13:00:00Z"`
	for name, c := range map[string]struct {
		file, data string
		want       []string // parts, with | between; a part after ! must be absent
	}{
		"values with units in an object of their own": {
			"a.json",
			`{"time":"2026-08-01T12:00Z","station":"Dakar","wind":{"speed":{"value":18,"unit":"km/h"},"direction":{"value":320,"unit":"deg"}}}`,
			[]string{noon + `|"wind_speed_ms":5,|"wind_direction_deg":320`},
		},
		"a unit beside the value in an object": {
			"a.json",
			`{"time":"2026-08-01T12:00Z","station":"Dakar","wind":{"speed":18,"speed_unit":"km/h","direction":320}}`,
			[]string{noon + `|"wind_speed_ms":5,|"wind_direction_deg":320`},
		},
		"the units of an object in it": {
			"a.json",
			`{"time":"2026-08-01T12:00Z","station":"Dakar","wind":{"units":{"speed":"km/h"},"speed":18}}`,
			[]string{noon + `|"wind_speed_ms":5`},
		},
		"one unit for an object": {
			"a.json",
			`{"time":"2026-08-01T12:00Z","station":"Dakar","wind":{"unit":"km/h","speed":18,"direction":320,"gust":36}}`,
			[]string{noon + `|"wind_speed_ms":5,|"wind_gust_ms":10,|"wind_direction_deg":320`},
		},
		"an object whose members repeat its name": {
			"a.json",
			`{"time":"2026-08-01T12:00Z","station":"Dakar","wind":{"wind_speed":{"value":"18","unit":"km/h"}}}`,
			[]string{noon + `|"wind_speed_ms":5`},
		},
		"both systems of units, in objects": {
			"a.json",
			`{"time":"2026-08-01T12:00Z","station":"Dakar","metric":{"temp":27,"windSpeed":18},"imperial":{"temp":81,"windSpeed":10}}`,
			[]string{noon + `|"temperature_c":27,|"wind_speed_ms":4.4704`},
		},
		"a metric system, in which the wind may be in two units": {
			"a.json",
			`{"time":"2026-08-01T12:00Z","station":"Dakar","metric":{"temp":27,"windSpeed":18}}`,
			[]string{noon + `|"temperature_c":27|!wind_speed`},
		},
		"inches of mercury by the name": {
			"a.json",
			`{"time":"2026-08-01T12:00Z","station":"Dakar","pressure_in":29.92}`,
			[]string{noon + `|"pressure_hpa":1013.2`},
		},
		"lists by the name of their station": {
			"a.json",
			`{"Dakar":[{"time":"2026-08-01T12:00Z","temp":27}],"GOSS":[{"time":"2026-08-01T12:00Z","temp":26}]}`,
			[]string{`"station_id":"SN-DK"`, `"station_id":"SN-SL"`},
		},
		"lists by the name of their station, one of which is not known": {
			"a.json",
			`{"Dakar":[{"time":"2026-08-01T12:00Z","temp":27}],"Touba":[{"time":"2026-08-01T12:00Z","temp":26}]}`,
			[]string{`"station_id":"SN-DK"`, `unknown_station|Touba`},
		},
		"lists whose names are not places": {
			"a.json",
			`{"city":"Dakar","past":[{"time":"2026-08-01T12:00Z","temp":27}],"later":[{"time":"2026-08-01T13:00Z","temp":26}]}`,
			[]string{noon, one},
		},
		"the day and the hour as keys": {
			"a.json",
			`{"city":"Dakar","data":{"2026-08-01":{"12:00":{"temp":27},"13:00":{"temp":28}}}}`,
			[]string{noon + `|"temperature_c":27`, one + `|"temperature_c":28`},
		},
		"the day as the key": {
			"a.json",
			`{"city":"Dakar","2026-08-01":{"tmax":31},"2026-08-02":{"tmax":32}}`,
			[]string{`"observed_at":"2026-08-02T00:00:00Z"|"temperature_max_c":31`, `"observed_at":"2026-08-03T00:00:00Z"|"temperature_max_c":32`},
		},
		"MongoDB's dates and numbers": {
			"a.json",
			`[{"time":{"$date":"2026-08-01T12:00:00Z"},"city":"Dakar","temp":{"$numberDouble":"27.5"}},{"time":{"$date":{"$numberLong":"1785589200000"}},"city":"Dakar","temp":28}]`,
			[]string{noon + `|"temperature_c":27.5`, one + `|"temperature_c":28`},
		},
		"InfluxDB's series": {
			"a.json",
			`{"results":[{"series":[{"name":"weather","tags":{"station":"Dakar"},"columns":["time","temp"],"values":[["2026-08-01T12:00:00Z",27],["2026-08-01T13:00:00Z",28]]}]}]}`,
			[]string{noon + `|"station_id":"SN-DK"`, one},
		},
		"the names of columns in the first of the arrays": {
			"a.json", `[["time","station","temp"],["2026-08-01T12:00Z","Dakar",27],["2026-08-01T13:00Z","Dakar"]]`,
			[]string{noon + `|"temperature_c":27`, `unknown_shape|not an object`},
		},
		"columns with a list of their units": {
			"a.json", `{"station":"Dakar","columns":["time","temp"],"units":["","F"],"data":[["2026-08-01T12:00Z",80.6]]}`,
			[]string{noon + `|"temperature_c":27`},
		},
		"the place as an array, in either order": {
			"a.json",
			`[{"time":"2026-08-01T12:00Z","location":[14.69,-17.44],"temp":27},{"time":"2026-08-01T13:00Z","coordinates":[-17.44,14.69,20],"temp":27}]`,
			[]string{noon + `|"latitude":14.69,"longitude":-17.44`, one + `|"latitude":14.69,"longitude":-17.44`},
		},
		"a gateway's ts": {
			"a.jsonl", `{"ts":1785585600000,"station":"Dakar","values":{"temp":27}}` + "\n" + `{"ts":25.5,"time":"2026-08-01T13:00Z","station":"Dakar","temp":27}`,
			[]string{noon, one},
		},
		"values by their value_type": {
			"a.json", `{"time":"2026-08-01T12:00Z","station":"Dakar","sensordatavalues":[{"value_type":"temperature","value":"27"},{"value_type":"humidity","value":"70"}]}`,
			[]string{noon + `|"temperature_c":27|"humidity_pct":70`},
		},
		"an array as a line": {
			"a.jsonl", `[{"time":"2026-08-01T12:00Z","station":"Dakar","temp":27},{"time":"2026-08-01T13:00Z","station":"Dakar","temp":28},7]` + "\n" + `[{"a":1},`,
			[]string{noon, one, `not an object`, `invalid_json`},
		},
		"nan as C prints it": {
			"a.jsonl", `{"time":"2026-08-01T12:00Z","station":"Dakar","temp":27,"humidity":nan,"pressure":-NaN}`,
			[]string{noon + `|"temperature_c":27|!humidity|!pressure`},
		},
		"inf as C prints it": {
			"a.json", `[{"time":"2026-08-01T12:00Z","station":"Dakar","temp":inf},{"time":"2026-08-01T13:00Z","station":"Dakar","temp":27,"note":"infinite nan"}]`,
			[]string{`invalid_value|Infinity`, one},
		},
		"text of Windows in JSON":      {"a.json", "[{\"time\":\"2026-08-01T12:00Z\",\"station\":\"Thi\xe8s\",\"temp\":27}]", []string{noon + `|SN-TH`}},
		"text of DOS in JSON Lines":    {"a.jsonl", "{\"time\":\"2026-08-01T12:00Z\",\"station\":\"Thi\x8as\",\"temp\":27}", []string{noon + `|SN-TH`}},
		"text of two encodings":        {"a.jsonl", "{\"time\":\"2026-08-01T12:00Z\",\"station\":\"Thi\xe8s\",\"note\":\"é\",\"temp\":27}", []string{`invalid_json|UTF-8`}},
		"text of Windows in YAML":      {"a.yaml", "- {time: 2026-08-01T12:00Z, station: Thi\xe8s, temp: 27}", []string{noon + `|SN-TH`}},
		"text of Windows in XML":       {"a.xml", "<r><o><time>2026-08-01T12:00Z</time><station>Thi\xe8s</station><temp>27</temp></o></r>", []string{noon + `|SN-TH`}},
		"letters that HTML has in XML": {"a.xml", "<r><o><time>2026-08-01T12:00Z</time><station>Thi&egrave;s</station><temp>27</temp></o></r>", []string{noon + `|SN-TH`}},
		"numbers of YAML with underscores": {
			"a.yaml", "- {time: 2026-08-01T12:00Z, station: Dakar, temp: 2_7, pressure: 1_012.5}",
			[]string{noon + `|"temperature_c":27|"pressure_hpa":1012.5`},
		},
		"directives of YAML": {
			"a.yaml", "%TAG !e! tag:example.org,2026:\n%YAML 1.2\n---\n- {time: 2026-08-01T12:00Z, station: Dakar, temp: !e!celsius 27}\n...\n%YAML 1.1\n---\n- {time: 2026-08-01T13:00Z, station: Dakar, temp: 28}\n",
			[]string{noon + `|"temperature_c":27`, one + `|"temperature_c":28`},
		},
		"points of the compass in words": {
			"a.json", `[{"time":"2026-08-01T12:00Z","station":"Dakar","wind_dir":"Northwest","temp":27},{"time":"2026-08-01T13:00Z","station":"Dakar","wind_dir":"ouest-sud-ouest","temp":27}]`,
			[]string{noon + `|"wind_direction_deg":315`, one + `|"wind_direction_deg":247.5`},
		},
		"a table of units around the records of XML": {
			"a.xml", "<r><units><temp>F</temp><wind_speed>kt</wind_speed></units><o><time>2026-08-01T12:00Z</time><station>Dakar</station><temp>80.6</temp><wind_speed>10</wind_speed></o></r>",
			[]string{noon + `|"temperature_c":27|"wind_speed_ms":5.144`},
		},
		"a system of units around the records of XML": {
			"a.xml", `<r units="imperial"><o><time>2026-08-01T12:00Z</time><station>Dakar</station><temp>80.6</temp></o></r>`,
			[]string{noon + `|"temperature_c":27`},
		},
		"a record of XML with its own system of units": {
			"a.xml", `<r units="metric"><o units="imperial"><time>2026-08-01T12:00Z</time><station>Dakar</station><temp>80.6</temp></o></r>`,
			[]string{noon + `|"temperature_c":27`},
		},
		"parts in an element of XML": {
			"a.xml", `<r><o><time>2026-08-01T12:00Z</time><station>Dakar</station><wind unit="km/h" speed="18" direction="320"/></o><o><time>2026-08-01T13:00Z</time><station>Dakar</station><wind><speed unit="km/h">18</speed><direction>320</direction></wind></o></r>`,
			[]string{noon + `|"wind_speed_ms":5,|"wind_direction_deg":320`, one + `|"wind_speed_ms":5,|"wind_direction_deg":320`},
		},
		"names in attributes of XML": {
			"a.xml", `<r><row><field name="time">2026-08-01 12:00</field><field name="station">Dakar</field><field name="temp" unit="F">80.6</field></row></r>`,
			[]string{noon + `|"station_id":"SN-DK"|"temperature_c":27`},
		},
		"names in children of XML": {
			"a.xml", `<r><o><time>2026-08-01T12:00Z</time><station>Dakar</station><param><name>temperature</name><value>27</value></param></o></r>`,
			[]string{noon + `|"temperature_c":27`},
		},
		"the National Weather Service's XML": {
			"a.xml", `<current_observation><station_id>GOOY</station_id><observation_time>Last Updated on Aug 1 2026, 12:00 pm GMT</observation_time><observation_time_rfc822>Sat, 01 Aug 2026 12:00:00 +0000</observation_time_rfc822><temp_f>80</temp_f><temp_c>27.0</temp_c><wind_dir>Northwest</wind_dir><wind_degrees>320</wind_degrees><wind_kt>10</wind_kt></current_observation>`,
			[]string{noon + `|"temperature_c":27|"wind_direction_deg":320|"wind_speed_ms":5.144`},
		},
		"arrays of different lengths": {
			"a.json", `{"city":"Dakar","hourly":{"time":["2026-08-01T12:00Z","2026-08-01T13:00Z"],"temp":[27]}}`,
			[]string{`unknown_shape|"time" has 2 values, "temp" has 1`},
		},
		"an error of a service":            {"a.json", `{"error":true,"reason":"the limit of the day is exceeded"}`, []string{`unknown_shape|the limit of the day is exceeded`}},
		"an error with a code":             {"a.json", `{"cod":401,"message":"the key is invalid"}`, []string{`unknown_shape|the key is invalid`}},
		"an error in an object":            {"a.json", `{"error":{"code":1006,"message":"no such place"}}`, []string{`unknown_shape|no such place`}},
		"an error in a list":               {"a.json", `{"errors":[{"title":"no such place"}]}`, []string{`unknown_shape|no such place`}},
		"a record that has only a message": {"a.json", `{"message":"hello"}`, []string{`unknown_shape|no field has the name`}},
	} {
		t.Run(name, func(t *testing.T) { checkLines(t, c.file, c.data, options(), c.want) })
	}
}

// The answers have the shapes that the services document; the values are made up.
func TestAnswersOfFurtherServicesAreRecognised(t *testing.T) {
	const noon, one = `"observed_at":"2026-08-01T12:00:00Z"`, `"observed_at":"2026-08-01T13:00:00Z"`
	for name, c := range map[string]struct {
		data string
		want []string
	}{
		"Open-Meteo before it stated the units of the present": {
			`{"latitude":14.7,"longitude":-17.44,"generationtime_ms":0.2,"utc_offset_seconds":0,"current_weather":{"time":"2026-08-01T12:00","temperature":27,"windspeed":18,"winddirection":320,"weathercode":3}}`,
			[]string{noon + `|"kind":"forecast"|"wind_speed_ms":5,|"temperature_c":27`},
		},
		"Open-Meteo's present in the unit that its hours state": {
			`{"latitude":14.7,"longitude":-17.44,"generationtime_ms":0.2,"utc_offset_seconds":0,"current_weather":{"time":"2026-08-01T12:00","windspeed":10},"hourly_units":{"time":"iso8601","windspeed_10m":"kn"},"hourly":{"time":["2026-08-01T13:00"],"windspeed_10m":[20]}}`,
			[]string{noon + `|"wind_speed_ms":5.144`, one + `|"wind_speed_ms":10.288`},
		},
		"Tomorrow.io in °F and inches of mercury": {
			`{"data":{"time":"2026-08-01T12:00:00Z","values":{"temperature":80.6,"windSpeed":10,"pressureSeaLevel":29.92}},"location":{"lat":14.69,"lon":-17.44}}`,
			[]string{noon + `|"temperature_c":27,|"wind_speed_ms":4.4704|"pressure_hpa":1013.2`},
		},
		"aviationweather.gov's GeoJSON": {
			`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"data":"METAR","id":"GOOY","site":"Dakar/Yoff","obsTime":"2026-08-01T12:00:00Z","temp":27,"dewp":22,"wspd":10,"wdir":320,"visib":"1 1/2","altim":1013},"geometry":{"type":"Point","coordinates":[-17.49,14.73]}}]}`,
			[]string{noon + `|"station_id":"SN-DK"|"dew_point_c":22|"wind_speed_ms":5.144|"visibility_m":2414.016|"pressure_hpa":1013`},
		},
		"aviationweather.gov's clouds and fractions of a mile": {
			`[{"icaoId":"GOOY","obsTime":1785585600,"temp":27,"visib":"M1/4","clouds":[{"cover":"FEW","base":2000},{"cover":"BKN","base":9000}]},{"icaoId":"GOOY","obsTime":1785589200,"temp":27,"visib":"far","clouds":[{"cover":"FEW"},{"cover":"OVX"}]}]`,
			[]string{noon + `|"visibility_m":402.336|"cloud_cover_pct":75`, one + `|!visibility|!cloud_cover`},
		},
		"MET Norway, whose rain is of the hour to come": {
			`{"type":"Feature","geometry":{"type":"Point","coordinates":[-17.44,14.69,20]},"properties":{"meta":{"units":{"air_temperature":"celsius","wind_speed":"m/s","precipitation_amount":"mm"}},"timeseries":[{"time":"2026-08-01T12:00:00Z","data":{"instant":{"details":{"air_temperature":27,"air_pressure_at_sea_level":1012,"wind_speed":5}},"next_1_hours":{"details":{"precipitation_amount":0.3}}}},{"time":"2026-08-01T13:00:00Z","data":{"instant":{"details":{"air_temperature":28}}}}]}}`,
			[]string{noon + `|"kind":"forecast"|"pressure_hpa":1012|"wind_speed_ms":5|!rain`, one + `|"rain_mm":0.3|"interval_s":3600`},
		},
		"Dark Sky's fractions": {
			`{"latitude":14.69,"longitude":-17.44,"timezone":"Africa/Dakar","currently":{"time":1785585600,"temperature":27,"humidity":0.7,"cloudCover":0.44,"windSpeed":18,"windBearing":320},"flags":{"units":"ca"}}`,
			[]string{noon + `|"kind":"forecast"|"humidity_pct":70|"cloud_cover_pct":44|"wind_speed_ms":5,|"wind_direction_deg":320`},
		},
		"Dark Sky's usual units": {
			`{"latitude":14.69,"longitude":-17.44,"hourly":{"data":[{"time":1785585600,"temperature":80.6,"windSpeed":10}]}}`,
			[]string{noon + `|"temperature_c":27|"wind_speed_ms":4.4704`},
		},
		"Dark Sky in units that are not known": {
			`{"latitude":14.69,"longitude":-17.44,"currently":{"time":1785585600,"temperature":27,"humidity":0.7,"windSpeed":10},"flags":{"units":"xx"}}`,
			[]string{noon + `|"temperature_c":27,"humidity_pct":70|!wind_speed`},
		},
		"Weatherbit": {
			`{"count":1,"data":[{"city_name":"Dakar","datetime":"2026-08-01:12","ts":1785585600,"lat":14.69,"lon":-17.44,"temp":27,"rh":70,"pres":1010,"slp":1012,"wind_spd":5,"vis":16,"precip":1}]}`,
			[]string{noon + `|"pressure_hpa":1012|"wind_speed_ms":5|"visibility_m":16000|!rain`},
		},
		"weatherstack, whose time is of the day": {
			`{"request":{"type":"City","query":"Dakar","unit":"m"},"location":{"name":"Dakar","lat":"14.67","lon":"-17.43","localtime":"2026-08-01 14:05","utc_offset":"2.0"},"current":{"observation_time":"12:00 PM","temperature":27,"wind_speed":18,"visibility":10}}`,
			[]string{noon + `|"wind_speed_ms":5,|"visibility_m":10000`},
		},
		"weatherstack after midnight": {
			`{"request":{"unit":"f"},"location":{"name":"Dakar","localtime":"2026-08-02 00:05","utc_offset":"0.0"},"current":{"observation_time":"11:55 PM","temperature":77}}`,
			[]string{`"observed_at":"2026-08-01T23:55:00Z"|"temperature_c":25`},
		},
		"Synoptic": {
			`{"UNITS":{"air_temp":"Celsius","sea_level_pressure":"Pascals"},"STATION":[{"STID":"GOOY","LATITUDE":"14.73","LONGITUDE":"-17.5","OBSERVATIONS":{"date_time":["2026-08-01T12:00:00Z"],"air_temp_set_1":[27],"sea_level_pressure_set_1d":[101200],"wind_speed_set_1":[5]}}]}`,
			[]string{noon + `|"station_id":"SN-DK"|"temperature_c":27|"pressure_hpa":1012|!wind_speed`},
		},
	} {
		t.Run(name, func(t *testing.T) { checkLines(t, "a.json", c.data, options(), c.want) })
	}
}

// A document that can't be read is refused with what its service says, or what to do.
func TestDocumentsWithoutRecordsSayWhy(t *testing.T) {
	for name, c := range map[string]struct{ file, data, want string }{
		"an error of XML":                     {"a.xml", `<ClientError><cod>401</cod><message>the key is invalid</message></ClientError>`, "the key is invalid"},
		"a list of errors":                    {"a.xml", `<response><errors><error>no time was given</error></errors></response>`, "no time was given"},
		"a web page as XML":                   {"a.xml", `<!DOCTYPE html><html><body><p>502</body></html>`, "web page"},
		"a web page as JSON":                  {"a.json", `<html><body>502</body></html>`, "web page"},
		"units after the records of XML":      {"a.xml", `<r><o><time>2026-08-01T12:00Z</time><station>Dakar</station><temp>81</temp></o><units><temp>F</temp></units></r>`, "put it before them"},
		"XML that has nothing to be measured": {"a.xml", `<r><a>1</a></r>`, "no element has names"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			if err := os.WriteFile(path, []byte(c.data), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := fetch(t, file.Source{Paths: []string{path}, Options: options()}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
