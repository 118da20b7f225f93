package shape

import "testing"

func TestForecastsOfMETNorwayAreRead(t *testing.T) {
	const units = `"meta":{"units":{"air_temperature":"celsius","air_pressure_at_sea_level":"hPa","wind_speed":"m/s","cloud_area_fraction":"%"}}`
	bodies{
		"whose rain belongs to the step at its end": {
			`{"type":"Feature","geometry":{"type":"Point","coordinates":[-17.4,14.7,26]},"properties":{` + units + `,"timeseries":[{"time":"2026-08-01T12:00:00Z","data":{"instant":{"details":{"air_temperature":27,"air_pressure_at_sea_level":1012,"wind_speed":5,"cloud_area_fraction":40}},"next_1_hours":{"details":{"precipitation_amount":2}},"next_6_hours":{"details":{"precipitation_amount":9}}}},{"time":"2026-08-01T13:00:00Z","data":{"instant":{"details":{"air_temperature":28}},"next_1_hours":{"details":{"precipitation_amount":3}}}}]}}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"pressure_hpa":1012,"wind_speed_ms":5,"cloud_cover_pct":40} at 14.7 -17.4 26
SN-DK 2026-08-01 13:00 forecast of 3600 s {"temperature_c":28,"rain_mm":2} at 14.7 -17.4 26 issued 08-01 12:00
ignored: next_6_hours {"details":{"precipitation_amount":9}}
ignored: next_1_hours 3`,
		},
		"whose steps are further apart than an hour": {
			`{"type":"Feature","geometry":{"type":"Point","coordinates":[-17.4,14.7]},"properties":{` + units + `,"timeseries":[{"time":"2026-08-01T12:00:00Z","data":{"instant":{"details":{"air_temperature":27}},"next_1_hours":{"details":{"precipitation_amount":2}}}},{"time":"2026-08-01T18:00:00Z","data":{"instant":{"details":{"air_temperature":28}}}}]}}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27} at 14.7 -17.4 26
SN-DK 2026-08-01 18:00 forecast {"temperature_c":28} at 14.7 -17.4 26 issued 08-01 12:00
ignored: next_1_hours 2`,
		},
	}.test(t)
}

func TestAnswersOfPirateWeatherAreRead(t *testing.T) {
	bodies{
		"in the units of the United States": {
			`{"latitude":14.7,"longitude":-17.4,"currently":{"time":1785585600,"summary":"Clear","temperature":80.6,"dewPoint":71.6,"humidity":0.7,"pressure":1012,"windSpeed":10,"windBearing":320,"cloudCover":0.4,"visibility":10,"precipIntensity":0.1,"uvIndex":5},"daily":{"data":[]}}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"dew_point_c":22,"humidity_pct":70,"pressure_hpa":1012,"wind_speed_ms":4.4704,"wind_direction_deg":320,"rain_rate_mm_h":2.54,"cloud_cover_pct":40,"visibility_m":16093.44} at 14.7 -17.4 26
ignored: uvIndex 5
ignored: daily {"data":[]}`,
		},
		"in SI units, by the hour": {
			`{"latitude":14.7,"longitude":-17.4,"flags":{"units":"si"},"hourly":{"data":[{"time":1785585600,"temperature":27,"windSpeed":5,"visibility":10},{"time":1785589200,"temperature":28}]}}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"wind_speed_ms":5,"visibility_m":10000} at 14.7 -17.4 26
SN-DK 2026-08-01 13:00 forecast {"temperature_c":28} at 14.7 -17.4 26 issued 08-01 12:00`,
		},
		"in °C, of which there are several systems": {`{"latitude":14.7,"longitude":-17.4,"flags":{"units":"xx"},"currently":{"time":1785585600,"temperature":27,"windSpeed":5,"visibility":10,"precipIntensity":2}}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"rain_rate_mm_h":2} at 14.7 -17.4 26
ignored: wind speed (unit not stated) 5
ignored: visibility (unit not stated) 10`},
		"in units that nothing shows": {`{"latitude":14.7,"longitude":-17.4,"currently":{"time":1785585600,"temperature":48,"pressure":1012,"windSpeed":5,"precipIntensity":2}}`, `SN-DK 2026-08-01 12:00 model {"pressure_hpa":1012} at 14.7 -17.4 26
ignored: temperature (unit not stated) 48
ignored: wind speed (unit not stated) 5
ignored: rain rate (unit not stated) 2`},
	}.test(t)
}

func TestAnswersOfWeatherbitAreRead(t *testing.T) {
	bodies{
		"in °C": {
			`{"count":1,"data":[{"ts":1785585600,"lat":14.7,"lon":-17.4,"city_name":"Dakar","temp":27,"dewpt":22,"rh":70,"slp":1012,"pres":1010,"wind_spd":5,"gust":9,"wind_dir":320,"clouds":40,"vis":10,"precip":1}]}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"dew_point_c":22,"humidity_pct":70,"pressure_hpa":1012,"wind_speed_ms":5,"wind_gust_ms":9,"wind_direction_deg":320,"cloud_cover_pct":40,"visibility_m":10000} at 14.7 -17.4 26
ignored: pres 1010
ignored: precip 1`,
		},
		"in kelvins, around the hours": {`{"lat":14.7,"lon":-17.4,"timezone":"Africa/Dakar","data":[{"ts":1785585600,"temp":300.15,"rh":70,"wind_spd":5,"vis":10}]}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"humidity_pct":70,"wind_speed_ms":5,"visibility_m":10000} at 14.7 -17.4 26`},
		"in °F":                        {`{"lat":14.7,"lon":-17.4,"data":[{"ts":1785585600,"temp":80.6,"rh":70,"wind_spd":10,"vis":10}]}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"humidity_pct":70,"wind_speed_ms":4.4704,"visibility_m":16093.44} at 14.7 -17.4 26`},
		"48 degrees may be of both": {`{"lat":14.7,"lon":-17.4,"data":[{"ts":1785585600,"temp":48,"rh":70,"wind_spd":10,"vis":10}]}`, `SN-DK 2026-08-01 12:00 model {"humidity_pct":70} at 14.7 -17.4 26
ignored: temperature (unit not stated) 48
ignored: wind speed (unit not stated) 10
ignored: visibility (unit not stated) 10`},
		"150 degrees are °F": {`{"lat":14.7,"lon":-17.4,"data":[{"ts":1785585600,"temp":150,"rh":70,"wind_spd":10}]}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":65.555555556,"humidity_pct":70,"wind_speed_ms":4.4704} at 14.7 -17.4 26`},
	}.test(t)
}

func TestTheUnitOfAnAnswerIsShownByTemperaturesThatSenegalHas(t *testing.T) {
	for _, c := range []struct {
		of   []any
		want string
	}{
		{nil, unstated},
		{[]any{"hot"}, unstated},
		{[]any{44.9}, inCelsius},
		{[]any{44.9, 50.0}, inCelsius},
		{[]any{44.9, 50.1}, unstated},
		{[]any{45.0}, unstated},
		{[]any{50.0}, unstated},
		{[]any{50.1}, inFahrenheit},
		{[]any{45.0, 50.1}, inFahrenheit},
		{[]any{150.0}, inFahrenheit},
		{[]any{150.0, 150.1}, unstated},
		{[]any{150.1}, inKelvins},
		{[]any{150.1, 27.0}, unstated},
		{[]any{-5.0, "27"}, inCelsius},
	} {
		var steps []Row
		for _, x := range c.of {
			steps = append(steps, Row{{Name: "temp", Value: x}})
		}
		if got := shownUnit(append(steps, nil), "tempmax", "temp"); got != c.want {
			t.Errorf("%v: got %s, want %s", c.of, got, c.want)
		}
	}
}

func TestWhatNothingStatesTheUnitOfIsLeftOutUnlessTheUserSaysIt(t *testing.T) {
	for name, c := range map[string]struct {
		units         []Assignment
		want, ignored string
	}{
		"nobody":   {nil, `2026-08-01 12:00 {"temperature_c":27}`, `wind speed (unit not stated) "18" xI the file does not`},
		"the user": {[]Assignment{{"wind_speed_ms", "km/h"}}, `2026-08-01 12:00 {"temperature_c":27,"wind_speed_ms":5}`, ""},
	} {
		var ignored Collector
		got := readTable(Options{Units: c.units}, &ignored, "time|temperature|wind speed (unit not stated)", "2026-08-01 12:00|27|18")
		if got != c.want || reasons(&ignored) != c.ignored {
			t.Errorf("%s: got %s, ignored %s", name, got, reasons(&ignored))
		}
	}
	if c := understand("station (unit not stated)"); c.open || c.meaning != nothing {
		t.Errorf("a name has a unit: %+v", c)
	}
}

func TestAnswersOfWeatherstackAreRead(t *testing.T) {
	const place = `"location":{"name":"Dakar","country":"Senegal","lat":"14.7","lon":"-17.4","timezone_id":"Africa/Dakar","localtime":"2026-08-01 12:30","utc_offset":"0.0"}`
	bodies{
		"in metric units": {
			`{"request":{"unit":"m"},` + place + `,"current":{"observation_time":"12:00 PM","temperature":27,"wind_speed":18,"wind_degree":320,"pressure":1012,"humidity":70,"cloudcover":40,"visibility":10,"precip":1,"uv_index":5}}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"humidity_pct":70,"pressure_hpa":1012,"wind_speed_ms":5,"wind_direction_deg":320,"cloud_cover_pct":40,"visibility_m":10000} at 14.7 -17.4 26
ignored: precip 1
ignored: uv_index 5`,
		},
		"in °F":                                      {`{"request":{"unit":"f"},` + place + `,"current":{"observation_time":"12:00 PM","temperature":80.6,"wind_speed":10,"visibility":10}}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"wind_speed_ms":4.4704,"visibility_m":16093.44} at 14.7 -17.4 26`},
		"in kelvins":                                 {`{"request":{"unit":"s"},` + place + `,"current":{"observation_time":"12:00 PM","temperature":300.15,"wind_speed":18}}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"wind_speed_ms":5} at 14.7 -17.4 26`},
		"of the evening before":                      {`{"request":{"unit":"m"},` + place + `,"current":{"observation_time":"11:30 PM","temperature":27}}`, `SN-DK 2026-07-31 23:30 model {"temperature_c":27} at 14.7 -17.4 26`},
		"of half an hour after the clock":            {`{"request":{"unit":"m"},` + place + `,"current":{"observation_time":"01:00 PM","temperature":27}}`, `SN-DK 2026-08-01 13:00 forecast {"temperature_c":27} at 14.7 -17.4 26 issued 08-01 12:00`},
		"an hour after the clock":                    {`{"request":{"unit":"m"},` + place + `,"current":{"observation_time":"01:30 PM","temperature":27}}`, `SN-DK 2026-08-01 13:30 forecast {"temperature_c":27} at 14.7 -17.4 26 issued 08-01 12:00`},
		"more than an hour after it is of yesterday": {`{"request":{"unit":"m"},` + place + `,"current":{"observation_time":"01:31 PM","temperature":27}}`, `SN-DK 2026-07-31 13:31 model {"temperature_c":27} at 14.7 -17.4 26`},
		"with an offset":                             {`{"request":{"unit":"m"},"location":{"name":"Dakar","lat":"14.7","lon":"-17.4","localtime":"2026-08-01 00:30","utc_offset":"2.0"},"current":{"observation_time":"10:00 PM","temperature":27}}`, `SN-DK 2026-07-31 22:00 model {"temperature_c":27} at 14.7 -17.4 26`},
		"in units that it does not have":             {`{"request":{"unit":"x"},` + place + `,"current":{"observation_time":"12:00 PM","temperature":27}}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"at a time of day that is none":              {`{"request":{"unit":"m"},` + place + `,"current":{"observation_time":"soon","temperature":27}}`, `unknown_shape: no field has the name of something that senmeteo measures`},
	}.test(t)
}

func TestAnswersOfSynopticAreRead(t *testing.T) {
	const units = `"UNITS":{"air_temp":"Celsius","wind_speed":"m/s","pressure":"Pascals","precip_accum_one_hour":"Millimeters"}`
	bodies{
		"a series of a station of the WMO": {
			`{` + units + `,"STATION":[{"STATUS":"ACTIVE","LATITUDE":"14.7","STID":"GOOY","LONGITUDE":"-17.4","NAME":"Dakar","OBSERVATIONS":{"date_time":["2026-08-01T12:00:00Z","2026-08-01T13:00:00Z"],"air_temp_set_1":[27,28],"air_temp_set_2":[20,20],"wind_speed_set_1":[5,6],"relative_humidity_set_1":[70,71],"precip_accum_one_hour_set_1":[2,0],"pressure_set_1d":[101000,101000]}}]}`, `SN-DK 2026-08-01 12:00 observed of 3600 s {"temperature_c":27,"wind_speed_ms":5,"rain_mm":2} at 14.7 -17.4 26
SN-DK 2026-08-01 13:00 observed of 3600 s {"temperature_c":28,"wind_speed_ms":6,"rain_mm":0} at 14.7 -17.4 26
ignored: air_temp_set_2 [20,20]
ignored: relative_humidity_set_1 [70,71]
ignored: pressure_set_1d [101000,101000]`,
		},
		"a station of the network's own": {
			`{` + units + `,"STATION":[{"LATITUDE":"14.7","STID":"XY12","LONGITUDE":"-17.4","OBSERVATIONS":{"date_time":["2026-08-01T12:00:00Z"],"air_temp_set_1":[27]}}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27} at 14.7 -17.4 26`,
		},
	}.test(t)
}

func TestReportsOfAirfieldsAreReadFromGeoJSONToo(t *testing.T) {
	bodies{
		"a collection": {
			`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[-17.4,14.7]},"properties":{"data":"METAR","id":"GOOY","site":"Dakar","obsTime":"2026-08-01T12:00:00Z","temp":29,"visib":"1 1/2","clouds":[{"cover":"FEW"},{"cover":"BKN"},{"cover":"SCT"}]}},{"type":"Feature","properties":{"data":"METAR","id":"GOSS","obsTime":"2026-08-01T12:00:00Z","temp":30,"visib":"far","clouds":[{"cover":"VV"}]}}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29,"cloud_cover_pct":75,"visibility_m":2414.016} at 14.7 -17.4 26
SN-SL 2026-08-01 12:00 observed {"temperature_c":30}
ignored: visib "far"
ignored: clouds [{"cover":"VV"}]`,
		},
		"one": {`{"type":"Feature","properties":{"data":"METAR","id":"GOOY","obsTime":"2026-08-01T12:00:00Z","temp":29,"clouds":[]}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29}`},
	}.test(t)
}

func TestMilesAreWrittenWithFractionsAndBounds(t *testing.T) {
	for text, want := range map[string]any{
		"10": 10.0, "6+": 6.0, "P6": 6.0, "P6SM": 6.0, "1/2": 0.5, "M1/4": 0.25, "1 1/2": 1.5, "2 3/4 SM": 2.75, ">5": 5.0, "9.5": 9.5,
		"": nil, "far": nil, "1 2": nil, "1/0": nil, "3/2": nil, "2/2": nil, "1/x": nil, "x/2": nil, "x 1/2": nil, "1/2/3": nil,
	} {
		got, ok := milesOf(text)
		if got != want || ok != (want != nil) {
			t.Errorf("%q: got %v, %v, want %v", text, got, ok, want)
		}
	}
}

func TestARefusalOfAServiceIsReportedInItsWords(t *testing.T) {
	bodies{
		"a flag and a reason":             {`{"error":true,"reason":"No such place."}`, `unknown_shape: it is not weather but what a service answers when it has none: "No such place."`},
		"a code and a message":            {`{"cod":401,"message":"Invalid key"}`, `unknown_shape: it is not weather but what a service answers when it has none: "Invalid key"`},
		"an object":                       {`{"error":{"code":1006,"message":"No location found"}}`, `unknown_shape: it is not weather but what a service answers when it has none: "No location found"`},
		"an object in an object":          {`{"fault":{"errors":{"detail":"Too many calls"}}}`, `unknown_shape: it is not weather but what a service answers when it has none: "Too many calls"`},
		"a text":                          {`{"error":"Too many calls"}`, `unknown_shape: it is not weather but what a service answers when it has none: "Too many calls"`},
		"a list of texts":                 {`{"errors":["First","Second"]}`, `unknown_shape: it is not weather but what a service answers when it has none: "First"`},
		"a list of objects":               {`{"errors":[{"code":5},{"title":"Second"}]}`, `unknown_shape: record 1 of 2: no field has the name of something that senmeteo measures`},
		"a message alone is not an error": {`{"message":"hello"}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"a code alone says nothing":       {`{"code":5}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"an object that is too deep":      {`{"error":{"error":{"error":{"error":{"message":"deep"}}}}}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"an object just not too deep":     {`{"error":{"error":{"error":{"message":"deep"}}}}`, `unknown_shape: it is not weather but what a service answers when it has none: "deep"`},
		"arrays that do not fit": {`{"time":["2026-08-01T12:00Z","2026-08-01T13:00Z"],"temp":[27]}`, `invalid_time: it has no time
ignored: time ["2026-08-01T12:00Z","2026-08-01T13:00Z"]
ignored: temp [27]`},
	}.test(t)
}

func TestValuesOfTwoSystemsAndOfMongoAreRead(t *testing.T) {
	bodies{
		"both systems side by side": {`{"time":"2026-08-01T12:00Z","metric":{"temp":27,"pressure":1012,"wind":5,"mood":1},"imperial":{"temp":81,"rain":1,"inner":{"x":1}}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"pressure_hpa":1012,"rain_mm":25.4}
ignored: wind 5
ignored: mood 1
ignored: inner {"x":1}`},
		"the imperial system alone":         {`{"time":"2026-08-01T12:00Z","imperial":{"temp":80.6,"wind":10}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"wind_speed_ms":4.4704}`},
		"a wind with its unit":              {`{"time":"2026-08-01T12:00Z","metric":{"wind_kmh":18,"temp":27}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"wind_speed_ms":5}`},
		"a date of MongoDB":                 {`{"time":{"$date":"2026-08-01T12:00:00Z"},"temp":{"$numberDouble":"27.5"}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27.5}`},
		"a date of MongoDB in milliseconds": {`{"time":{"$date":{"$numberLong":"1785585600000"}},"temp":{"$numberInt":"27"}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a date of MongoDB that is none": {`{"time":{"$date":{"x":"1785585600000"}},"temp":27}`, `invalid_time: it has no time
ignored: time {"$date":{"x":"1785585600000"}}`},
		"a unit of each part": {`{"time":"2026-08-01T12:00Z","wind":{"speed":18,"speed_unit":"km/h","direction":320}}`, `SN-DK 2026-08-01 12:00 observed {"wind_speed_ms":5,"wind_direction_deg":320}`},
		"units of the parts":  {`{"time":"2026-08-01T12:00Z","wind":{"speed":18,"direction":320,"units":{"speed":"km/h"}}}`, `SN-DK 2026-08-01 12:00 observed {"wind_speed_ms":5,"wind_direction_deg":320}`},
		"days of hours": {`{"station":"Dakar","time":"00:00","2026-08-01":{"12:00":{"temp":27},"13:00":{"temp":28}}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28}`},
		"lists of places": {`{"Dakar":[{"time":"2026-08-01T12:00Z","temp":27}],"Thiès":[{"time":"2026-08-01T12:00Z","temp":30}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-TH 2026-08-01 12:00 observed {"temperature_c":30}`},
		"a list of one place": {`{"Thiès":[{"time":"2026-08-01T12:00Z","temp":30}]}`, `SN-TH 2026-08-01 12:00 observed {"temperature_c":30}`},
		"lists of which none is a place": {`{"first":[{"time":"2026-08-01T12:00Z","temp":27}],"second":[{"time":"2026-08-01T12:00Z","temp":30}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 12:00 observed {"temperature_c":30}`},
		"rows of InfluxDB":  {`{"columns":["time","temp"],"values":[["2026-08-01T12:00Z",27]]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"rows by that name": {`{"columns":["time","temp"],"rows":[["2026-08-01T12:00Z",27]]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
	}.test(t)
}

func TestTomorrowInTheUnitsOfTheUnitedStates(t *testing.T) {
	const place = `"location":{"lat":14.7,"lon":-17.4}`
	bodies{
		"by the temperature": {`{"data":{"time":"2026-08-01T12:00:00Z","values":{"temperature":80.6,"windSpeed":10}},` + place + `}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"wind_speed_ms":4.4704} at 14.7 -17.4 26`},
		"by the pressure":    {`{"data":{"time":"2026-08-01T12:00:00Z","values":{"temperature":50,"pressureSeaLevel":30,"windSpeed":10}},` + place + `}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":10,"pressure_hpa":1015.9167,"wind_speed_ms":4.4704} at 14.7 -17.4 26`},
		"60 degrees are °C":  {`{"data":{"time":"2026-08-01T12:00:00Z","values":{"temperature":60,"windSpeed":10}},` + place + `}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":60,"wind_speed_ms":10} at 14.7 -17.4 26`},
		"20 and 40 are neither": {`{"data":{"time":"2026-08-01T12:00:00Z","values":{"temperature":27,"pressureSeaLevel":40,"pressureSurfaceLevel":20,"windSpeed":10}},` + place + `}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"pressure_hpa":40,"wind_speed_ms":10} at 14.7 -17.4 26
ignored: pressureSurfaceLevel 20`},
	}.test(t)
}
