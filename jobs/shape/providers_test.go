package shape

import "testing"

func TestAnswersOfOpenMeteoAreRead(t *testing.T) {
	bodies{
		"the present in local time": {
			`{"latitude":14.7,"longitude":-17.4,"elevation":30,"utc_offset_seconds":3600,"timezone":"Africa/Lagos","current_units":{"time":"iso8601","interval":"seconds","temperature_2m":"°C","precipitation":"mm"},"current":{"time":"2026-08-01T13:15","interval":900,"temperature_2m":29.5,"precipitation":0.4}}`, `SN-DK 2026-08-01 12:15 model of 900 s {"temperature_c":29.5,"rain_mm":0.4} at 14.7 -17.4 30`,
		},
		"hours before and after the fetch": {
			`{"latitude":14.7,"longitude":-17.4,"elevation":30,"hourly_units":{"time":"iso8601","temperature_2m":"°F","wind_speed_10m":"km/h"},"hourly":{"time":["2026-08-01T12:00","2026-08-01T13:00"],"temperature_2m":[86,77],"wind_speed_10m":[18,null]}}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":30,"wind_speed_ms":5} at 14.7 -17.4 30
SN-DK 2026-08-01 13:00 forecast {"temperature_c":25} at 14.7 -17.4 30 issued 08-01 12:00`,
		},
		"rain and showers are a part of the precipitation": {
			`{"latitude":14.7,"longitude":-17.4,"hourly_units":{"time":"iso8601","precipitation":"mm","rain":"mm","showers":"mm","snowfall":"cm","weather_code":"wmo code","is_day":""},"hourly":{"time":["2026-08-01T12:00"],"precipitation":[3],"rain":[2],"showers":[1],"snowfall":[0],"weather_code":[61],"is_day":[1]}}`, `SN-DK 2026-08-01 12:00 model of 3600 s {"rain_mm":3} at 14.7 -17.4 26`,
		},
		"rain alone is the rain": {
			`{"latitude":14.7,"longitude":-17.4,"hourly_units":{"time":"iso8601","rain":"inch"},"hourly":{"time":["2026-08-01T12:00"],"rain":[1]}}`, `SN-DK 2026-08-01 12:00 model of 3600 s {"rain_mm":25.4} at 14.7 -17.4 26`,
		},
		"quarters of an hour in seconds since 1970": {
			`{"latitude":14.7,"longitude":-17.4,"minutely_15_units":{"time":"unixtime","rain":"mm"},"minutely_15":{"time":[1785585600],"rain":[1]}}`, `SN-DK 2026-08-01 12:00 model of 900 s {"rain_mm":1} at 14.7 -17.4 26`,
		},
		"days end at the local midnight": {
			`{"latitude":14.7,"longitude":-17.4,"utc_offset_seconds":-3600,"daily_units":{"time":"iso8601","temperature_2m_max":"°C","precipitation_sum":"mm","wind_gusts_10m_max":"km/h"},"daily":{"time":["2026-07-30"],"temperature_2m_max":[31],"precipitation_sum":[5],"wind_gusts_10m_max":[36]}}`, `SN-DK 2026-07-31 01:00 model of 86400 s {"wind_gust_ms":10,"rain_mm":5,"temperature_max_c":31} at 14.7 -17.4 26`,
		},
		"days in seconds since 1970 are those of their beginning": {
			`{"latitude":14.7,"longitude":-17.4,"daily_units":{"time":"unixtime","temperature_2m_max":"°C"},"daily":{"time":[1785369600],"temperature_2m_max":[31]}}`, `SN-DK 2026-07-31 00:00 model of 86400 s {"temperature_max_c":31} at 14.7 -17.4 26`,
		},
		"a block whose columns are of different lengths is refused": {
			`{"latitude":14.7,"longitude":-17.4,"hourly_units":{"time":"iso8601","temperature_2m":"°C"},"hourly":{"time":["2026-08-01T12:00"],"temperature_2m":[29,30]}}`, `unknown_shape: no field has the name of something that senmeteo measures`,
		},
		"a block without units has those that are usual": {
			`{"latitude":14.7,"longitude":-17.4,"hourly_units":{"time":"iso8601","temperature_2m":"°C"},"hourly":{"time":["2026-08-01T12:00"],"temperature_2m":[29]},"daily":{"time":["2026-07-30"],"temperature_2m_max":[31]}}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":29} at 14.7 -17.4 26
SN-DK 2026-07-31 00:00 model of 86400 s {"temperature_max_c":31} at 14.7 -17.4 26`,
		},
		"an offset of more than a day is none": {
			`{"latitude":14.7,"longitude":-17.4,"utc_offset_seconds":86401,"hourly_units":{"time":"iso8601","temperature_2m":"°C"},"hourly":{"time":["2026-08-01T12:00"],"temperature_2m":[29]}}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":29} at 14.7 -17.4 26`,
		},
		"an offset of a day is one": {
			`{"latitude":14.7,"longitude":-17.4,"utc_offset_seconds":86400,"hourly_units":{"time":"iso8601","temperature_2m":"°C"},"hourly":{"time":["2026-08-01T12:00"],"temperature_2m":[29]}}`, `SN-DK 2026-07-31 12:00 model {"temperature_c":29} at 14.7 -17.4 26`,
		},
		"and so is one of a day back": {
			`{"latitude":14.7,"longitude":-17.4,"utc_offset_seconds":-86400,"hourly_units":{"time":"iso8601","temperature_2m":"°C"},"hourly":{"time":["2026-07-30T12:00"],"temperature_2m":[29]}}`, `SN-DK 2026-07-31 12:00 model {"temperature_c":29} at 14.7 -17.4 26`,
		},
		"but not one of more than a day back": {
			`{"latitude":14.7,"longitude":-17.4,"utc_offset_seconds":-86401,"hourly_units":{"time":"iso8601","temperature_2m":"°C"},"hourly":{"time":["2026-07-30T12:00"],"temperature_2m":[29]}}`, `SN-DK 2026-07-30 12:00 model {"temperature_c":29} at 14.7 -17.4 26`,
		},
	}.test(t)
}

// What is left of an answer without the units and without the time that it took may have been asked for in any units.
func TestAnswersOfOpenMeteoThatWereMadeShorterAreReadAsFarAsTheyShowTheirUnits(t *testing.T) {
	bodies{
		"°C stands for mm, and speeds have no unit": {
			`{"latitude":14.7,"longitude":-17.4,"hourly":{"time":["2026-08-01T12:00"],"temperature_2m":[27.1],"wind_speed_10m":[18],"precipitation":[2],"relative_humidity_2m":[70]}}`, `SN-DK 2026-08-01 12:00 model of 3600 s {"temperature_c":27.1,"humidity_pct":70,"rain_mm":2} at 14.7 -17.4 26
ignored: wind_speed_10m (unit not stated) 18`,
		},
		"without °C amounts have none either": {
			`{"latitude":14.7,"longitude":-17.4,"hourly":{"time":["2026-08-01T12:00"],"temperature_2m":[81],"wind_speed_10m":[18],"precipitation":[2],"relative_humidity_2m":[70]}}`, `SN-DK 2026-08-01 12:00 model {"humidity_pct":70} at 14.7 -17.4 26
ignored: temperature_2m (unit not stated) 81
ignored: wind_speed_10m (unit not stated) 18
ignored: precipitation (unit not stated) 2`,
		},
		"a wind alone has none": {
			`{"latitude":14.7,"longitude":-17.4,"current":{"time":"2026-08-01T12:00","wind_speed_10m":18,"relative_humidity_2m":70}}`, `SN-DK 2026-08-01 12:00 model {"humidity_pct":70} at 14.7 -17.4 26
ignored: wind_speed_10m (unit not stated) 18`,
		},
		"one block states units for the others": {
			`{"latitude":14.7,"longitude":-17.4,"hourly_units":{"time":"iso8601"},"hourly":{"time":["2026-08-01T12:00"],"wind_speed_10m":[18]}}`, `SN-DK 2026-08-01 12:00 model {"wind_speed_ms":5} at 14.7 -17.4 26`,
		},
	}.test(t)
}

func TestAnswersOfOpenWeatherAreRead(t *testing.T) {
	bodies{
		"the present in kelvins": {
			`{"coord":{"lon":-17.4,"lat":14.7},"weather":[{"main":"Rain"}],"main":{"temp":300.15,"feels_like":303,"pressure":1012,"humidity":80,"temp_min":299,"temp_max":301},"visibility":10000,"wind":{"speed":5.1,"deg":320,"gust":9},"rain":{"1h":0.5},"clouds":{"all":75},"dt":1785585600,"timezone":3600,"id":2253354,"name":"Dakar","cod":200}`, `SN-DK 2026-08-01 12:00 model of 3600 s {"temperature_c":27,"humidity_pct":80,"pressure_hpa":1012,"wind_speed_ms":5.1,"wind_gust_ms":9,"wind_direction_deg":320,"rain_mm":0.5,"cloud_cover_pct":75,"visibility_m":10000} at 14.7 -17.4 26
ignored: feels_like 303`,
		},
		"the present in °C": {`{"coord":{"lon":-17.4,"lat":14.7},"main":{"temp":27},"wind":{"speed":5},"dt":1785585600}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"wind_speed_ms":5} at 14.7 -17.4 26`},
		"the present in °F": {`{"coord":{"lon":-17.4,"lat":14.7},"main":{"temp":80.6},"wind":{"speed":10},"dt":1785585600}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"wind_speed_ms":4.4704} at 14.7 -17.4 26`},
		"55 degrees are °F": {`{"coord":{"lon":-17.4,"lat":14.7},"main":{"temp":55},"wind":{"speed":10},"dt":1785585600}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":12.777777778,"wind_speed_ms":4.4704} at 14.7 -17.4 26`},
		"48 degrees are open": {`{"coord":{"lon":-17.4,"lat":14.7},"main":{"temp":48,"humidity":10},"wind":{"speed":10},"dt":1785585600}`, `SN-DK 2026-08-01 12:00 model {"humidity_pct":10} at 14.7 -17.4 26
ignored: temperature (unit not stated) 48
ignored: wind speed (unit not stated) 10`},
		"150 degrees are °F": {`{"coord":{"lon":-17.4,"lat":14.7},"main":{"temp":150},"dt":1785585600}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":65.555555556} at 14.7 -17.4 26`},
		"a forecast in steps of three hours": {
			`{"cod":"200","message":0,"cnt":2,"list":[{"dt":1785585600,"main":{"temp":300.15},"rain":{"3h":2},"pop":0.4,"dt_txt":"2026-08-01 12:00:00"},{"dt":1785596400,"main":{"temp":299.15}}],"city":{"id":2253354,"name":"Dakar","coord":{"lat":14.7,"lon":-17.4}}}`, `SN-DK 2026-08-01 12:00 model of 10800 s {"temperature_c":27,"rain_mm":2} at 14.7 -17.4 26
SN-DK 2026-08-01 15:00 forecast {"temperature_c":26} at 14.7 -17.4 26 issued 08-01 12:00`,
		},
		"several places of one time": {
			`{"cnt":2,"list":[{"coord":{"lon":-17.4,"lat":14.7},"dt":1785585600,"main":{"temp":27},"name":"Dakar"},{"coord":{"lon":-16.9,"lat":14.8},"dt":1785585600,"main":{"temp":30},"name":"Thiès"}]}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27} at 14.7 -17.4 26
SN-TH 2026-08-01 12:00 model {"temperature_c":30} at 14.8 -16.9 76`,
		},
		"one call, whose present repeats an hour": {
			`{"lat":14.7,"lon":-17.4,"timezone":"Africa/Dakar","timezone_offset":0,"current":{"dt":1785585600,"temp":27,"dew_point":22,"clouds":40,"wind_speed":5,"wind_deg":320,"wind_gust":8,"sunrise":1785565600},"hourly":[{"dt":1785585600,"temp":28},{"dt":1785589200,"temp":29,"pop":0}],"daily":[{"dt":1785585600}],"minutely":[{"dt":1785585600}],"alerts":[{"event":"x"}]}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27,"dew_point_c":22,"wind_speed_ms":5,"wind_gust_ms":8,"wind_direction_deg":320,"cloud_cover_pct":40} at 14.7 -17.4 26
SN-DK 2026-08-01 13:00 forecast {"temperature_c":29} at 14.7 -17.4 26 issued 08-01 12:00
ignored: minutely [{"dt":1785585600}]
ignored: daily [{"dt":1785585600}]
ignored: alerts [{"event":"x"}]`,
		},
		"one call for a past time": {
			`{"lat":14.7,"lon":-17.4,"timezone":"Africa/Dakar","timezone_offset":0,"data":[{"dt":1785585600,"temp":300.15,"rain":{"1h":1}}]}`, `SN-DK 2026-08-01 12:00 model of 3600 s {"temperature_c":27,"rain_mm":1} at 14.7 -17.4 26`,
		},
		"one call with hours alone": {
			`{"lat":14.7,"lon":-17.4,"timezone":"Africa/Dakar","timezone_offset":0,"hourly":[{"dt":1785585600,"temp":300.15,"rain":{"5h":1}}]}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27} at 14.7 -17.4 26`,
		},
		"a place without a name": {`{"coord":{"lon":-17.4,"lat":14.7},"main":{"temp":27},"dt":1785585600,"name":""}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27} at 14.7 -17.4 26`},
	}.test(t)
}

func TestMETARsOfAviationWeatherAreRead(t *testing.T) {
	bodies{
		"an element of a list": {
			`[{"metar_id":1,"icaoId":"GOOY","receiptTime":"2026-08-01 12:05:00","obsTime":1785585600,"reportTime":"2026-08-01 12:00:00","temp":29,"dewp":24,"wdir":320,"wspd":10,"wgst":20,"visib":"6+","altim":1012,"slp":1013,"qcField":4,"metarType":"METAR","rawOb":"GOOY 011200Z","lat":14.7,"lon":-17.4,"elev":26,"name":"Dakar/Yoff","clouds":[{"cover":"BKN","base":1500}]}]`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29,"dew_point_c":24,"pressure_hpa":1013,"wind_speed_ms":5.144444444,"wind_gust_ms":10.288888889,"wind_direction_deg":320,"cloud_cover_pct":75,"visibility_m":9656.064} at 14.7 -17.4 26`,
		},
		"a wind of no one direction":             {`{"icaoId":"GOOY","obsTime":1785585600,"temp":29,"wdir":"VRB","wspd":2,"visib":3,"altim":1012}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29,"pressure_hpa":1012,"wind_speed_ms":1.028888889,"visibility_m":4828.032}`},
		"a report without a time of observation": {`{"icaoId":"GOOY","reportTime":"2026-08-01 12:00:00","temp":29}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29}`},
		"a forecast of an airfield is not one": {`{"icaoId":"GOOY","obsTime":1785585600,"rawTAF":"TAF GOOY","temp":29}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29}
ignored: rawTAF "TAF GOOY"`},
	}.test(t)
}

func TestObservationsOfTheWeatherServiceOfTheUnitedStatesAreRead(t *testing.T) {
	bodies{
		"one": {
			`{"type":"Feature","geometry":{"type":"Point","coordinates":[-17.4,14.7]},"properties":{"station":"https://api.weather.gov/stations/GOOY","timestamp":"2026-08-01T12:00:00+00:00","temperature":{"unitCode":"wmoUnit:degC","value":29},"windSpeed":{"unitCode":"wmoUnit:km_h-1","value":18},"windDirection":{"unitCode":"wmoUnit:degree_(angle)","value":320},"barometricPressure":{"unitCode":"wmoUnit:Pa","value":101200},"seaLevelPressure":{"unitCode":"wmoUnit:Pa","value":101300},"visibility":{"unitCode":"wmoUnit:m","value":10000},"precipitationLastHour":{"unitCode":"wmoUnit:mm","value":2},"relativeHumidity":{"unitCode":"wmoUnit:percent","value":70},"textDescription":"Clear","presentWeather":[]}}`, `SN-DK 2026-08-01 12:00 observed of 3600 s {"temperature_c":29,"humidity_pct":70,"pressure_hpa":1013,"wind_speed_ms":5,"wind_direction_deg":320,"rain_mm":2,"visibility_m":10000} at 14.7 -17.4 26
ignored: barometricPressure 101200`,
		},
		"a collection": {
			`{"type":"FeatureCollection","features":[{"properties":{"stationId":"GOOY","timestamp":"2026-08-01T12:00:00+00:00","temperature":{"unitCode":"wmoUnit:degC","value":29},"precipitationLastHour":{"unitCode":"wmoUnit:mm","value":null}}},{"geometry":{"type":"Point","coordinates":[-17.4,14.7,20]},"properties":{"timestamp":"2026-08-01T11:00:00+00:00","temperature":{"unitCode":"wmoUnit:degC","value":28}}}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29}
SN-DK 2026-08-01 11:00 observed {"temperature_c":28} at 14.7 -17.4 20`,
		},
	}.test(t)
}

func TestAnswersOfWeatherLinkAreRead(t *testing.T) {
	bodies{
		"the sensors of one time are one reading": {
			`{"station_id":1234,"sensors":[{"lsid":1,"data":[{"ts":1785585600,"tz_offset":0,"temp":80.6,"hum":70,"wind_speed_avg_last_10_min":10,"rainfall_mm":2,"arch_int":900,"rainfall_in":0.08}]},{"lsid":2,"data":[{"ts":1785585600,"bar_sea_level":30}]},{"lsid":3,"data":[{"ts":1785585600,"battery":3.1}]}]}`, `SN-DK 2026-08-01 12:00 observed of 900 s {"temperature_c":27,"humidity_pct":70,"pressure_hpa":1015.9167,"wind_speed_ms":4.4704,"rain_mm":2}
ignored: battery 3.1`,
		},
		"those of two times are two": {
			`{"sensors":[{"data":[{"ts":1785585600,"temp_out":80.6},{"ts":1785586500,"temp_out":82.4}]}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 12:15 observed {"temperature_c":28}`,
		},
		"an answer without times is of no station of Davis's": {`{"sensors":[{"data":[{"temp":80.6}]}]}`, `invalid_time: it has no time`},
	}.test(t)
}

func TestObservationsOfPersonalStationsAreRead(t *testing.T) {
	bodies{
		"metric": {
			`{"observations":[{"stationID":"IDAKAR1","obsTimeUtc":"2026-08-01T12:00:00Z","obsTimeLocal":"2026-08-01 12:00:00","neighborhood":"Ngor","lat":14.7,"lon":-17.4,"humidity":70,"winddir":320,"uv":5,"metric":{"temp":29,"dewpt":22,"heatIndex":31,"windChill":29,"windSpeed":18,"windGust":36,"pressure":1012,"precipRate":0,"elev":30}}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29,"dew_point_c":22,"humidity_pct":70,"pressure_hpa":1012,"wind_speed_ms":5,"wind_gust_ms":10,"wind_direction_deg":320} at 14.7 -17.4 30
ignored: uv 5
ignored: precipRate 0`,
		},
		"imperial history": {
			`{"observations":[{"stationID":"IDAKAR1","obsTimeUtc":"2026-08-01T12:00:00Z","lat":14.7,"lon":-17.4,"humidityAvg":70,"winddirAvg":320,"imperial":{"tempAvg":80.6,"windspeedAvg":10,"windgustHigh":20,"elev":100}}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"humidity_pct":70,"wind_speed_ms":4.4704,"wind_gust_ms":8.9408,"wind_direction_deg":320} at 14.7 -17.4 30.48`,
		},
		"observations without an id are of someone else": {`{"observations":[{"obsTimeUtc":"2026-08-01T12:00:00Z","temp":20}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":20}`},
	}.test(t)
}

func TestStationsOfNetatmoAreReadOutdoors(t *testing.T) {
	bodies{
		"with all of their modules": {
			`{"body":{"devices":[{"type":"NAMain","place":{"altitude":30,"city":"Dakar","location":[-17.4,14.7]},"dashboard_data":{"time_utc":1785585600,"Temperature":24,"CO2":600,"Pressure":1012},"modules":[{"type":"NAModule2","dashboard_data":{"time_utc":1785585500,"WindStrength":18,"WindAngle":320,"GustStrength":36,"GustAngle":300}},{"type":"NAModule1","dashboard_data":{"time_utc":1785585540,"Temperature":29,"Humidity":70,"min_temp":24}},{"type":"NAModule3","dashboard_data":{"time_utc":1785585560,"Rain":0,"sum_rain_1":2}},{"type":"NAModule4","dashboard_data":{"time_utc":1785585560,"Temperature":23}}]}]}}`, `SN-DK 2026-08-01 11:59 observed of 3600 s {"temperature_c":29,"humidity_pct":70,"pressure_hpa":1012,"wind_speed_ms":5,"wind_gust_ms":10,"wind_direction_deg":320,"rain_mm":2} at 14.7 -17.4 30
ignored: GustAngle 300
ignored: min_temp 24
ignored: Rain 0
ignored: Temperature 24
ignored: CO2 600`,
		},
		"without any": {`{"body":{"devices":[{"place":{"location":[-17.4]},"dashboard_data":{"time_utc":1785585600,"Temperature":24,"Pressure":1012}}]}}`, `SN-DK 2026-08-01 12:00 observed {"pressure_hpa":1012}
ignored: Temperature 24`},
		"with modules alone": {`{"body":{"devices":[{"modules":[{"type":"NAModule1","dashboard_data":{"time_utc":1785585540,"Temperature":29}}]}]}}`, `SN-DK 2026-08-01 11:59 observed {"temperature_c":29}`},
	}.test(t)
}

func TestAnswersOfMeteostatAreRead(t *testing.T) {
	bodies{
		"hours": {
			`{"meta":{"station":"61641"},"data":[{"time":"2026-08-01 12:00:00","time_local":"2026-08-01 12:00:00","temp":29,"dwpt":22,"rhum":70,"prcp":2,"wdir":320,"wspd":18,"wpgt":36,"pres":1012,"coco":3}]}`, `SN-DK 2026-08-01 12:00 observed of 3600 s {"temperature_c":29,"dew_point_c":22,"humidity_pct":70,"pressure_hpa":1012,"wind_speed_ms":5,"wind_gust_ms":10,"wind_direction_deg":320,"rain_mm":2}
ignored: coco 3`,
		},
		"hours without rain": {`{"meta":{"station":"61641"},"data":[{"time":"2026-08-01 12:00:00","temp":29,"rhum":null,"wpgt":36}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29,"wind_gust_ms":10}`},
		"days":               {`{"meta":{},"data":[{"date":"2026-07-31","tavg":27,"tmin":24,"tmax":31,"prcp":2}]}`, `SN-DK 2026-08-01 00:00 observed of 86400 s {"rain_mm":2,"temperature_max_c":31,"temperature_min_c":24,"temperature_mean_c":27}`},
		"records of the same name but of someone else": {`{"meta":{"station":"61641"},"data":[{"time":"2026-08-01 12:00:00","temp":29}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29}`},
	}.test(t)
}

func TestAnswersOfWeatherAPIAreRead(t *testing.T) {
	bodies{
		"the present and hours": {
			`{"location":{"name":"Dakar","region":"Dakar","country":"Senegal","lat":14.7,"lon":-17.4,"tz_id":"Africa/Dakar","localtime":"2026-08-01 12:00"},"current":{"last_updated_epoch":1785585600,"temp_c":29,"temp_f":84,"humidity":70,"wind_kph":18,"wind_degree":320,"gust_kph":36,"pressure_mb":1012,"precip_mm":0.1,"cloud":40,"vis_km":10,"uv":5},"forecast":{"forecastday":[{"date":"2026-08-01","day":{"maxtemp_c":31},"hour":[{"time_epoch":1785589200,"temp_c":30,"precip_mm":1.5}]}]}}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":29,"humidity_pct":70,"pressure_hpa":1012,"wind_speed_ms":5,"wind_gust_ms":10,"wind_direction_deg":320,"cloud_cover_pct":40,"visibility_m":10000} at 14.7 -17.4 26
SN-DK 2026-08-01 13:00 forecast of 3600 s {"temperature_c":30,"rain_mm":1.5} at 14.7 -17.4 26 issued 08-01 12:00
ignored: day {"maxtemp_c":31}
ignored: precip_mm 0.1
ignored: uv 5`,
		},
		"hours alone": {
			`{"location":{"name":"Dakar","lat":14.7,"lon":-17.4,"tz_id":"Africa/Dakar"},"forecast":{"forecastday":[{"hour":[{"time_epoch":1785585600,"temp_c":30}]}]}}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":30} at 14.7 -17.4 26`,
		},
	}.test(t)
}

func TestAnswersOfVisualCrossingAreRead(t *testing.T) {
	bodies{
		"of the group us": {
			`{"latitude":14.7,"longitude":-17.4,"resolvedAddress":"Dakar","timezone":"Africa/Dakar","tzoffset":0,"days":[{"datetime":"2026-07-31","datetimeEpoch":1785456000,"tempmax":88,"tempmin":75.2,"temp":80.6,"dew":71.6,"humidity":70,"precip":1,"windspeed":10,"pressure":1012,"hours":[{"datetime":"12:00:00","datetimeEpoch":1785499200,"temp":86,"windspeed":10,"windgust":20,"visibility":10,"precip":0.5}]}],"currentConditions":{"datetimeEpoch":1785585600,"temp":86,"uvindex":5}}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":30} at 14.7 -17.4 26
SN-DK 2026-08-01 00:00 model of 86400 s {"rain_mm":25.4,"temperature_max_c":31.111111111,"temperature_min_c":24,"temperature_mean_c":27,"dew_point_mean_c":22,"humidity_mean_pct":70} at 14.7 -17.4 26
SN-DK 2026-07-31 12:00 model of 3600 s {"temperature_c":30,"wind_speed_ms":4.4704,"wind_gust_ms":8.9408,"rain_mm":12.7,"visibility_m":16093.44} at 14.7 -17.4 26
ignored: uvindex 5
ignored: pressure 1012
ignored: windspeed 10`,
		},
		"of the group metric or uk": {
			`{"latitude":14.7,"longitude":-17.4,"resolvedAddress":"Dakar","days":[{"datetimeEpoch":1785456000,"tempmax":33,"temp":27,"windspeed":10,"visibility":10,"precip":1,"hours":[{"datetimeEpoch":1785585600,"temp":27,"windspeed":10,"visibility":10}]}]}`, `SN-DK 2026-08-01 00:00 model of 86400 s {"rain_mm":1,"temperature_max_c":33,"temperature_mean_c":27} at 14.7 -17.4 26
SN-DK 2026-08-01 12:00 model {"temperature_c":27} at 14.7 -17.4 26
ignored: windspeed 10
ignored: visibility 10
ignored: wind speed (unit not stated) 10
ignored: visibility (unit not stated) 10`,
		},
		"of a group that nothing shows": {
			`{"latitude":14.7,"longitude":-17.4,"resolvedAddress":"Dakar","days":[{"datetimeEpoch":1785456000,"tempmax":48,"humidity":70,"precip":1}]}`, `SN-DK 2026-08-01 00:00 model of 86400 s {"humidity_mean_pct":70} at 14.7 -17.4 26
ignored: temperature max (unit not stated) 48
ignored: rain (unit not stated) 1`,
		},
		"of the group base": {
			`{"latitude":14.7,"longitude":-17.4,"resolvedAddress":"Dakar","days":[{"datetimeEpoch":1785456000,"tempmax":304.15,"hours":[{"datetimeEpoch":1785589200,"temp":300.15,"windspeed":10,"visibility":10}]}]}`, `SN-DK 2026-08-01 00:00 model of 86400 s {"temperature_max_c":31} at 14.7 -17.4 26
SN-DK 2026-08-01 13:00 forecast {"temperature_c":27,"wind_speed_ms":10,"visibility_m":10000} at 14.7 -17.4 26 issued 08-01 12:00`,
		},
		"150 degrees are °F": {
			`{"latitude":14.7,"longitude":-17.4,"resolvedAddress":"Dakar","days":[{"datetimeEpoch":1785456000,"tempmax":150,"temp":80.6}]}`, `SN-DK 2026-08-01 00:00 model of 86400 s {"temperature_max_c":65.555555556,"temperature_mean_c":27} at 14.7 -17.4 26`,
		},
		"a day without seconds since 1970 has its hours": {
			`{"latitude":14.7,"longitude":-17.4,"resolvedAddress":"Dakar","days":[{"datetimeEpoch":"soon","temp":27,"hours":[{"datetimeEpoch":1785585600,"temp":27}]}]}`, `SN-DK 2026-08-01 12:00 model {"temperature_c":27} at 14.7 -17.4 26`,
		},
	}.test(t)
}

func TestFeedsOfThingSpeakAreRead(t *testing.T) {
	bodies{
		"with the names of their channel": {
			`{"channel":{"id":1,"name":"Dakar","latitude":"14.7","longitude":"-17.4","elevation":"0","field1":"Temperature","field2":"Humidity","last_entry_id":2},"feeds":[{"created_at":"2026-08-01T12:00:00Z","entry_id":1,"field1":"29","field2":"70","field3":"1"},{"created_at":"2026-08-01T12:15:00Z","entry_id":2,"field1":"30","latitude":"14.75","longitude":"-17.5"}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29,"humidity_pct":70} at 14.7 -17.4 0
SN-DK 2026-08-01 12:15 observed {"temperature_c":30} at 14.75 -17.5 26
ignored: field3 "1"`,
		},
		"a channel at 0, 0 has no place": {
			`{"channel":{"name":"my balcony","latitude":"0.0","longitude":"0.0","field1":"Temperature"},"feeds":[{"created_at":"2026-08-01T12:00:00Z","field1":"29"}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29}`,
		},
	}.test(t)
}

func TestUplinksOfSensorsAreRead(t *testing.T) {
	bodies{
		"of The Things Stack": {
			`{"end_device_ids":{"device_id":"dakar"},"received_at":"2026-08-01T12:00:05Z","uplink_message":{"f_port":1,"decoded_payload":{"temperature":29.1,"humidity":70},"locations":{"user":{"latitude":14.7,"longitude":-17.4,"altitude":30,"source":"SOURCE_REGISTRY"}},"received_at":"2026-08-01T12:00:00Z"}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29.1,"humidity_pct":70} at 14.7 -17.4 30`,
		},
		"of The Things Stack, with the time around": {
			`{"end_device_ids":{"device_id":"roof-1"},"received_at":"2026-08-01T12:00:05Z","uplink_message":{"decoded_payload":{"temperature":29.1}}}`, `SN-DK 2026-08-01 12:00:05 observed {"temperature_c":29.1}`,
		},
		"of its storage": {
			`{"result":{"end_device_ids":{"device_id":"dakar"},"received_at":"2026-08-01T12:00:05Z","uplink_message":{"decoded_payload":{"temperature":29.1}}}}`, `SN-DK 2026-08-01 12:00:05 observed {"temperature_c":29.1}`,
		},
		"of ChirpStack": {
			`{"time":"2026-08-01T12:00:00Z","deviceInfo":{"deviceName":"Thiès"},"object":{"temperature":29.1,"wind":{"speed":5}}}`, `SN-TH 2026-08-01 12:00 observed {"temperature_c":29.1,"wind_speed_ms":5}`,
		},
		"without a payload": {`{"time":"2026-08-01T12:00:00Z","deviceInfo":{"deviceName":"Thiès"},"object":{}}`, `unknown_shape: no field has the name of something that senmeteo measures`},
	}.test(t)
}
