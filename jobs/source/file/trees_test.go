package file_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"senmeteo/jobs/source/file"
)

// Each case is a file of objects and, by line, parts of the readings, or of the refusals, that come of it.
func TestObjectsInsideObjectsAreReadByWhatTheyState(t *testing.T) {
	const noon, one = `"observed_at":"2026-08-01T12:00:00Z"`, `"observed_at":"2026-08-01T13:00:00Z"`
	for name, c := range map[string]struct {
		file, data string
		want       []string // parts, with | between; a part after ! must be absent
	}{
		"Open-Meteo in the local time of its offset": {
			"a.json",
			`{"latitude":14.7,"longitude":-17.44,"utc_offset_seconds":7200,"current_units":{"time":"iso8601","interval":"seconds","temperature_2m":"°F","wind_speed_10m":"km/h"},"current":{"time":"2026-08-01T14:00","interval":900,"temperature_2m":80.6,"wind_speed_10m":18}}`,
			[]string{noon + `|"temperature_c":27,|"wind_speed_ms":5|!interval_s`},
		},
		"Open-Meteo's hours, and days that end in local time": {
			"a.json",
			`{"latitude":14.7,"longitude":-17.44,"utc_offset_seconds":0,"hourly_units":{"time":"iso8601","precipitation":"inch","rain":"inch"},"hourly":{"time":["2026-08-01T12:00","2026-08-01T13:00"],"precipitation":[0.1,0],"rain":[0.05,0]},"daily_units":{"time":"iso8601","temperature_2m_max":"°C"},"daily":{"time":["2026-08-01"],"temperature_2m_max":[31]}}`,
			[]string{noon + `|"rain_mm":2.54|"interval_s":3600`, one + `|"rain_mm":0`, `"observed_at":"2026-08-02T00:00:00Z"|"temperature_max_c":31|"interval_s":86400`},
		},
		"OpenWeather in °F": {
			"a.json",
			`{"coord":{"lon":-17.44,"lat":14.69},"main":{"temp":80.6,"pressure":1012},"visibility":150,"wind":{"speed":10,"deg":60},"dt":1785585600,"name":"Dakar"}`,
			[]string{noon + `|"temperature_c":27,|"wind_speed_ms":4.4704|"visibility_m":150`},
		},
		"the present of One Call does not leak into its hours": {
			"a.json",
			`{"lat":14.69,"lon":-17.44,"timezone_offset":0,"current":{"dt":1785585600,"temp":27,"wind_speed":9},"hourly":[{"dt":1785585600,"temp":27},{"dt":1785589200,"temp":28}]}`,
			[]string{noon + `|"wind_speed_ms":9`, one + `|"temperature_c":28|!wind_speed`},
		},
		"a present beside hours of anybody": {
			"a.json",
			`{"station":"Thiès","current":{"time":"2026-08-01T12:00:00Z","temperature":27,"humidity":80},"hours":[{"time":"2026-08-01T13:00:00Z","temperature":28}]}`,
			[]string{`"station_id":"SN-TH"|` + noon + `|"humidity_pct":80`, `"station_id":"SN-TH"|` + one + `|!humidity`},
		},
		"aviationweather.gov": {
			"a.json",
			`[{"icaoId":"GOOY","obsTime":1785585600,"temp":27,"dewp":22,"wdir":"VRB","wspd":10,"visib":"6+","altim":1013}]`,
			[]string{noon + `|"dew_point_c":22|"wind_speed_ms":5.144|"pressure_hpa":1013|!wind_direction`},
		},
		"weather.gov": {
			"a.json",
			`{"properties":{"station":"https://api.example/stations/GOOY","timestamp":"2026-08-01T12:00:00+00:00","temperature":{"value":27,"unitCode":"wmoUnit:degC"},"windSpeed":{"value":18,"unitCode":"wmoUnit:km_h-1"},"windDirection":{"value":320,"unitCode":"wmoUnit:degree_(angle)"}}}`,
			[]string{`"station_id":"SN-DK"|"wind_speed_ms":5,|"wind_direction_deg":320`},
		},
		"WeatherAPI": {
			"a.json",
			`{"location":{"name":"Dakar","lat":14.69,"lon":-17.44,"tz_id":"Africa/Dakar","localtime_epoch":1785585700},"current":{"last_updated_epoch":1785585600,"temp_c":27,"wind_kph":18,"vis_km":10}}`,
			[]string{noon + `|"wind_speed_ms":5|"visibility_m":10000`},
		},
		"Meteostat": {
			"a.json",
			`{"meta":{"station":"61641"},"data":[{"time":"2026-08-01 12:00:00","temp":27,"wspd":18,"prcp":1}]}`,
			[]string{`"station_id":"SN-DK"|` + noon + `|"wind_speed_ms":5|"interval_s":3600`},
		},
		"ThingSpeak": {
			"a.json",
			`{"channel":{"latitude":"14.69","longitude":"-17.44","field1":"Temp (°F)"},"feeds":[{"created_at":"2026-08-01T12:00:00Z","entry_id":1,"field1":"80.6"}]}`,
			[]string{noon + `|"temperature_c":27}`},
		},
		"an uplink of The Things Stack": {
			"a.json",
			`{"end_device_ids":{"device_id":"kaolack"},"uplink_message":{"decoded_payload":{"temperature":27,"humidity":80},"received_at":"2026-08-01T12:00:00Z"}}`,
			[]string{`"station_id":"SN-KL"|` + noon + `|"humidity_pct":80`},
		},
		"Weather Underground in its metric system": {
			"a.json",
			`{"observations":[{"stationID":"IDAKAR1","obsTimeUtc":"2026-08-01T12:00:00Z","obsTimeLocal":"2026-08-01 14:00:00","lat":14.69,"lon":-17.44,"humidity":70,"winddir":320,"metric":{"temp":27,"dewpt":21,"windSpeed":18,"windGust":36,"pressure":1012,"precipTotal":3,"elev":26}}]}`,
			[]string{`"station_id":"SN-DK"|` + noon + `|"temperature_c":27,|"humidity_pct":70|"wind_speed_ms":5,|"wind_gust_ms":10,|"pressure_hpa":1012|!rain`},
		},
		"Weather Underground in its imperial system": {
			"a.json",
			`{"observations":[{"stationID":"IDAKAR1","obsTimeUtc":"2026-08-01T12:00:00Z","lat":14.69,"lon":-17.44,"humidity":70,"imperial":{"temp":80.6,"windSpeed":10,"pressure":29.92}}]}`,
			[]string{noon + `|"temperature_c":27,|"wind_speed_ms":4.4704|"pressure_hpa":1013.2`},
		},
		"Netatmo's outdoor modules": {
			"a.json",
			`{"body":{"devices":[{"type":"NAMain","dashboard_data":{"time_utc":1785585600,"Temperature":22,"Humidity":40,"Pressure":1012,"CO2":600},"place":{"city":"Dakar","location":[-17.44,14.69],"altitude":26},"modules":[{"type":"NAModule1","dashboard_data":{"time_utc":1785585600,"Temperature":27,"Humidity":70}},{"type":"NAModule2","dashboard_data":{"time_utc":1785585600,"WindStrength":18,"WindAngle":320,"GustStrength":36}},{"type":"NAModule3","dashboard_data":{"time_utc":1785585600,"Rain":0,"sum_rain_1":1.5,"sum_rain_24":9}}]}]},"status":"ok"}`,
			[]string{`"station_id":"SN-DK"|` + noon + `|"temperature_c":27,|"humidity_pct":70|"wind_speed_ms":5,|"wind_direction_deg":320|"wind_gust_ms":10,|"pressure_hpa":1012|"rain_mm":1.5|"interval_s":3600`},
		},
		"Visual Crossing in °F": {
			"a.json",
			`{"resolvedAddress":"Dakar","latitude":14.69,"longitude":-17.44,"timezone":"Africa/Dakar","tzoffset":0,"days":[{"datetime":"2026-08-01","datetimeEpoch":1785542400,"tempmax":89.6,"tempmin":77,"temp":82.4,"hours":[{"datetime":"12:00:00","datetimeEpoch":1785585600,"temp":80.6,"humidity":70,"windspeed":10}]}]}`,
			[]string{`"observed_at":"2026-08-02T00:00:00Z"|"temperature_mean_c":28,|"temperature_max_c":32,|"temperature_min_c":25,|"interval_s":86400|!"temperature_c"`, noon + `|"temperature_c":27,|"wind_speed_ms":4.4704`},
		},
		"Visual Crossing in °C, whose wind may be of two units": {
			"a.json",
			`{"resolvedAddress":"Dakar","latitude":14.69,"longitude":-17.44,"days":[{"datetime":"2026-08-01","datetimeEpoch":1785542400,"tempmax":32,"hours":[{"datetime":"12:00:00","datetimeEpoch":1785585600,"temp":27,"windspeed":18}]}]}`,
			[]string{`"temperature_max_c":32`, noon + `|"temperature_c":27}|!wind_speed`},
		},
		"an uplink of ChirpStack": {
			"a.json",
			`{"deduplicationId":"a","time":"2026-08-01T12:00:00Z","deviceInfo":{"tenantName":"t","deviceName":"Kaolack","devEui":"00"},"fCnt":7,"object":{"temperature":27,"humidity":80},"rxInfo":[{"rssi":-90,"location":{"latitude":14.69,"longitude":-17.44}}]}`,
			[]string{`"station_id":"SN-KL"|` + noon + `|"temperature_c":27|"humidity_pct":80`},
		},
		"units of an object around the records": {
			"a.json",
			`{"city":"Dakar","units":{"temp":"°F","wind_speed":"km/h"},"records":[{"time":"2026-08-01T12:00:00Z","temp":80.6,"wind_speed":18}]}`,
			[]string{`"temperature_c":27,|"wind_speed_ms":5`},
		},
		"a system of units in one word": {
			"a.json",
			`{"city":"Dakar","units":"imperial","time":"2026-08-01T12:00:00Z","temperature":80.6,"wind_speed":10}`,
			[]string{`"temperature_c":27,|"wind_speed_ms":4.4704`},
		},
		"a unit beside its value": {
			"a.json",
			`[{"city":"Dakar","time":"2026-08-01T12:00:00Z","temperature":80.6,"temperature_unit":"F","wind":{"speed":18,"unit":"km/h"}}]`,
			[]string{`"temperature_c":27,|"wind_speed_ms":5`},
		},
		"nines that cannot be measured": {
			"a.json",
			`[{"city":"Dakar","time":"2026-08-01T12:00:00Z","temperature":-99.9,"humidity":99,"wind_direction":999,"pressure":999.9}]`,
			[]string{`"humidity_pct":99|"pressure_hpa":999.9|!temperature|!wind`},
		},
		"a midnight that is written as a date": {
			"a.json",
			`[{"city":"Dakar","time":"2026-08-01","temperature":"24 °C","rain":"T"},{"city":"Dakar","time":"2026-08-01 12:00","temperature":"80.6 °F"}]`,
			[]string{`"observed_at":"2026-08-01T00:00:00Z"|"temperature_c":24|"rain_mm":0`, noon + `|"temperature_c":27`},
		},
		"a unit in the text of a value": {
			"a.json",
			`[{"city":"Dakar","time":"2026-08-01T12:00:00Z","temperature":"80.6 °F","wind speed":"18 km/h"}]`,
			[]string{`"temperature_c":27,|"wind_speed_ms":5`},
		},
		"keys that are places": {
			"a.json",
			`{"Dakar":{"time":"2026-08-01T12:00:00Z","temp":27},"Thiès":{"time":"2026-08-01T12:00:00Z","temp":28}}`,
			[]string{`"station_id":"SN-DK"|"temperature_c":27`, `"station_id":"SN-TH"|"temperature_c":28`},
		},
		"columns of pandas": {
			"a.json",
			`{"time":{"0":"2026-08-01T12:00:00Z","1":"2026-08-01T13:00:00Z"},"city":{"0":"Dakar","1":"Thiès"},"temp":{"0":27,"1":28}}`,
			[]string{`"station_id":"SN-DK"|` + noon, `"station_id":"SN-TH"|` + one},
		},
		"NaN and Infinity, and the same words in text": {
			"a.json",
			`[{"name":"Dakar","time":"2026-08-01T12:00:00Z","temp":NaN,"humidity":70,"note":"a: NaN, \"NaN\""},{"city":"Dakar","time":"2026-08-01T13:00:00Z","temp":-Infinity},{"city":"Dakar","time":"2026-08-01T13:00:00Z","temp":28}]`,
			[]string{noon + `|"humidity_pct":70|!temperature`, `invalid_value|-Infinity`, one + `|"temperature_c":28`},
		},
		"members judged as a column": {
			"a.json",
			`[{"city":"Dakar","date":"08/01/2026","tmax":31},{"city":"Dakar","date":"08/13/2026","tmax":32}]`,
			[]string{`"observed_at":"2026-08-02T00:00:00Z"`, `"observed_at":"2026-08-14T00:00:00Z"`},
		},
		"values and units in attributes of XML": {
			"a.xml",
			`<current><city id="1" name="Dakar"><coord lon="-17.44" lat="14.69"/></city><temperature value="300.15" min="299" unit="kelvin"/><wind><speed value="18" unit="km/h"/><gusts/><direction value="60"/></wind><lastupdate value="2026-08-01T12:00:00"/></current>`,
			[]string{noon + `|"temperature_c":27,|"wind_speed_ms":5|"wind_direction_deg":60`},
		},
		"text, sections and namespaces of XML": {
			"a.xml",
			`<m:r xmlns:m="urn:m"><m:o><m:city><![CDATA[Dakar]]></m:city><m:time>2026-08-01T12:00:00Z</m:time><m:temperature><m:value>80.6</m:value><m:unit>F</m:unit></m:temperature></m:o></m:r>`,
			[]string{noon + `|"temperature_c":27}`},
		},
		"a key after the list of YAML": {
			"a.yaml",
			"records:\n- temp: 27\n  time: 2026-08-01T12:00:00Z\nstation: Kaolack\n",
			[]string{`"station_id":"SN-KL"|` + noon},
		},
		"anchors and merge keys of YAML": {
			"a.yaml",
			"%YAML 1.2\n---\ndefaults: &d {station: Kaolack}\nrecords:\n  - <<: *d\n    time: 2026-08-01T12:00:00Z\n    temp: 27\n  - {<<: [*d], time: 2026-08-01T13:00:00Z, temp: 1}\n",
			[]string{`"station_id":"SN-KL"|` + noon + `|"temperature_c":27`, one + `|"temperature_c":1`},
		},
		"scalars of YAML": {
			"a.yaml",
			"station: Dakar\ndate: 2026-08-01\ntime: 12:00\ntemp: .nan\nhumidity: '080'\nwind_speed: ~\n---\n- {station: Dakar, time: 2026-08-01 15:00:00 +02:00, temp: 0x1B}\n",
			[]string{noon + `|"humidity_pct":80|!temperature|!wind`, one + `|"temperature_c":27`},
		},
		"a key that comes twice in YAML": {
			"a.yaml",
			"- {station: Dakar, time: 2026-08-01T12:00:00Z, temp: 27, temp: 28}\n- {station: Dakar, time: 2026-08-01T12:00:00Z, temp: 28}\n",
			[]string{`invalid_field|twice`, `"temperature_c":28`},
		},
	} {
		t.Run(name, func(t *testing.T) { checkLines(t, c.file, c.data, options(), c.want) })
	}
	t.Run("WeatherLink, whose sensors of one time are one record of the default station", func(t *testing.T) {
		o := options()
		o.Station = "SN-DK"
		checkLines(t, "a.json",
			`{"station_id":99,"sensors":[{"lsid":1,"sensor_type":43,"data":[{"ts":1785585600,"tz_offset":0,"temp":80.6,"hum":70,"wind_speed_avg_last_10_min":10}]},{"lsid":2,"data":[{"ts":1785585600,"bar_sea_level":29.92}]}]}`,
			o, []string{`"station_id":"SN-DK"|` + noon + `|"temperature_c":27,|"humidity_pct":70|"wind_speed_ms":4.4704|"pressure_hpa":1013.2`})
	})
}

// checkLines reads a file and compares what comes of it, line by line, with parts that must be in the line, or after ! must be absent.
func checkLines(t *testing.T, name, data string, options file.Options, want []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := fetch(t, file.Source{Paths: []string{path}, Options: options})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(got), "\n")
	if len(lines) != len(want) {
		t.Fatalf("got %d lines, want %d\n%s", len(lines), len(want), got)
	}
	for i, line := range lines {
		for part := range strings.SplitSeq(want[i], "|") {
			absent, not := strings.CutPrefix(part, "!")
			if strings.Contains(line, absent) == not {
				t.Errorf("line %d, %s:\n%s", i+1, part, line)
			}
		}
	}
}
