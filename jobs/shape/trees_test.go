package shape

import (
	"strings"
	"testing"
)

func TestValuesInSeveralPartsAreOneField(t *testing.T) {
	bodies{
		"a value with its unit":         {`{"time":"2026-08-01T12:00Z","temperature":{"value":80.6,"unit":"F"},"humidity":{"val":70}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"humidity_pct":70}`},
		"a value in two systems":        {`{"time":"2026-08-01T12:00Z","temperature":{"Metric":{"Value":27,"Unit":"C"},"Imperial":{"Value":81,"Unit":"F"}}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a unit in a member of its own": {`{"time":"2026-08-01T12:00Z","temperature":80.6,"temperature_unit":"F","windSpeed":18,"windSpeedUnit":"km/h"}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"wind_speed_ms":5}`},
		"units in an object":            {`{"time":"2026-08-01T12:00Z","temperature":80.6,"units":{"temperature":"F"}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a system of units by its name": {`{"time":"2026-08-01T12:00Z","units":"imperial","temperature":80.6,"wind_speed":10,"pressure":30,"rain":1,"rain_rate":1}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"pressure_hpa":1015.9167,"wind_speed_ms":4.4704,"rain_mm":25.4,"rain_rate_mm_h":25.4}`},
		"the metric system":             {`{"time":"2026-08-01T12:00Z","units":"metric","temperature":27,"wind_speed":10}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"wind_speed_ms":10}`},
		"units of the block beside":     {`{"hourly_units":{"temperature":"F"},"hourly":{"time":["2026-08-01T12:00Z"],"temperature":[80.6]}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"parts of the wind":             {`{"time":"2026-08-01T12:00Z","wind":{"speed":5,"direction":320,"gust":9}}`, `SN-DK 2026-08-01 12:00 observed {"wind_speed_ms":5,"wind_gust_ms":9,"wind_direction_deg":320}`},
		"parts of the wind with a unit": {`{"time":"2026-08-01T12:00Z","wind":{"speed":18,"gust":36,"unit":"km/h","quality":"good"}}`, `SN-DK 2026-08-01 12:00 observed {"wind_speed_ms":5,"wind_gust_ms":10}
ignored: wind.quality "good"`},
		"rain over an hour":                       {`{"time":"2026-08-01T12:00Z","rain":{"1h":0.4,"3h":2}}`, `SN-DK 2026-08-01 12:00 observed of 3600 s {"rain_mm":0.4}`},
		"rain over the shortest of several times": {`{"time":"2026-08-01T12:00Z","rain":{"3h":2,"1h":0.4}}`, `SN-DK 2026-08-01 12:00 observed of 3600 s {"rain_mm":0.4}`},
		"snow over an hour is not rain": {`{"time":"2026-08-01T12:00Z","temp":27,"snow":{"1h":2}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
ignored: snow {"1h":2}`},
		"rain over three hours": {`{"time":"2026-08-01T12:00Z","rain":{"3h":2}}`, `SN-DK 2026-08-01 12:00 observed of 10800 s {"rain_mm":2}`},
		"rain over a day":       {`{"time":"2026-08-01T12:00Z","rain":{"24h":2}}`, `SN-DK 2026-08-01 12:00 observed of 86400 s {"rain_mm":2}`},
		"rain over an unknown time": {`{"time":"2026-08-01T12:00Z","temp":27,"rain":{"5h":2}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
ignored: rain {"5h":2}`},
		"pairs of names and values": {`{"time":"2026-08-01T12:00Z","readings":[{"name":"temperature","value":80.6,"unit":"F"},{"name":"humidity","value":70},{"name":"mood","value":1}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"humidity_pct":70}
ignored: mood 1`},
		"pairs of which none is weather": {`{"time":"2026-08-01T12:00Z","temp":27,"readings":[{"name":"mood","value":1}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
ignored: readings [{"name":"mood","value":1}]`},
		"pairs by a better name":           {`{"time":"2026-08-01T12:00Z","readings":[{"type":"sensor","parameter":"temperature","value":27}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"elements with a time are records": {`{"readings":[{"name":"temperature","value":27,"time":"2026-08-01T12:00Z"}]}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"a point of GeoJSON":               {`{"type":"Feature","geometry":{"type":"Point","coordinates":[-17.4,14.7,40]},"properties":{"time":"2026-08-01T12:00Z","temperature":27}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27} at 14.7 -17.4 40`},
		"a point without an elevation":     {`{"type":"Feature","geometry":{"type":"Point","coordinates":[-17.4,14.7]},"properties":{"time":"2026-08-01T12:00Z","temperature":27}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27} at 14.7 -17.4 26`},
		"a line of GeoJSON":                {`{"type":"Feature","geometry":{"type":"LineString","coordinates":[-17.4,14.7]},"properties":{"time":"2026-08-01T12:00Z","temperature":27}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a point of one number":            {`{"type":"Feature","geometry":{"type":"Point","coordinates":[-17.4]},"properties":{"time":"2026-08-01T12:00Z","temperature":27}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"attributes of XML":                {`{"time":"2026-08-01T12:00Z","temperature":{"#text":"80.6","@unit":"degF"}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a unit that does not belong":      {`{"time":"2026-08-01T12:00Z","temperature":{"value":27,"unit":"bananas"}}`, `unknown_shape: no field has the name of something that senmeteo measures`},
	}.test(t)
}

func TestRecordsAreFoundInsideObjects(t *testing.T) {
	bodies{
		"in an array with the place around": {`{"station":"Thiès","source":"anacim","data":[{"time":"2026-08-01T12:00Z","temp":27},{"time":"2026-08-01T13:00Z","temp":28}]}`, `SN-TH 2026-08-01 12:00 observed {"temperature_c":27}
SN-TH 2026-08-01 13:00 observed {"temperature_c":28}`},
		"a record keeps its own place":               {`{"station":"Thiès","data":[{"time":"2026-08-01T12:00Z","temp":27,"station":"Kaolack"}]}`, `SN-KL 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a record of an unknown name gets the place": {`{"station":"Thiès","data":[{"time":"2026-08-01T12:00Z","temp":27,"name":"sensor 3"}]}`, `SN-TH 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a record keeps its own coordinates":         {`{"station":"Thiès","data":[{"time":"2026-08-01T12:00Z","temp":27,"lat":14.7,"lon":-17.4}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27} at 14.7 -17.4 26`},
		"a day around hours": {`{"date":"2026-08-01","hours":[{"time":"12:00","temp":27},{"time":"13:00","temp":28}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28}`},
		"an hour around days": {`{"hour":"12:00","days":[{"date":"2026-08-01","temp":27}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a time around records": {`{"timestamp":"2026-08-01T12:00Z","stations":[{"station":"Dakar","temp":27},{"station":"Thiès","temp":30}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-TH 2026-08-01 12:00 observed {"temperature_c":30}`},
		"a time around a record with its own": {`{"timestamp":"2026-08-01T12:00Z","readings":[{"time":"2026-08-01T11:00Z","temp":27}]}`, `SN-DK 2026-08-01 11:00 observed {"temperature_c":27}`},
		"keys that are places": {`{"Dakar":{"time":"2026-08-01T12:00Z","temp":27},"Thiès":{"time":"2026-08-01T12:00Z","temp":30}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-TH 2026-08-01 12:00 observed {"temperature_c":30}`},
		"keys of which one place is not known": {`{"Dakar":{"time":"2026-08-01T12:00Z","temp":27},"Ngor":{"time":"2026-08-01T12:00Z","temp":30}}`, `unknown_station: record 2 of 2: "Ngor" is not a station, region or capital of Senegal that is known, and it gives no coordinates: give its station_id`},
		"a key that is not a place":            {`{"station":"Thiès","sensor":{"time":"2026-08-01T12:00Z","temp":27}}`, `SN-TH 2026-08-01 12:00 observed {"temperature_c":27}`},
		"keys that are times": {`{"2026-08-01T12:00Z":{"temp":27},"2026-08-01T13:00Z":{"temp":28}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28}`},
		"a record around records": {`{"time":"2026-08-01T12:00Z","temp":27,"station":"Thiès","history":[{"time":"2026-08-01T11:00Z","temp":26}]}`, `SN-TH 2026-08-01 12:00 observed {"temperature_c":27}
SN-TH 2026-08-01 11:00 observed {"temperature_c":26}`},
		"a record around an object of records": {`{"time":"2026-08-01T12:00Z","temp":27,"earlier":{"time":"2026-08-01T11:00Z","temp":26},"about":{"x":1}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 11:00 observed {"temperature_c":26}
ignored: about {"x":1}`},
		"beside records, what is none": {`{"data":[{"time":"2026-08-01T12:00Z","temp":27}],"links":["a"],"paging":{"next":"x"}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
ignored: links ["a"]`},
		"an element that is not an object": {`{"data":[{"time":"2026-08-01T12:00Z","temp":27},7]}`, `unknown_shape: record 2 of 2: no field has the name of something that senmeteo measures`},
		"an element that measures nothing": {`{"data":[{"time":"2026-08-01T12:00Z","temp":27},{"time":"2026-08-01T13:00Z"}]}`, `unknown_shape: record 2 of 2: no field has the name of something that senmeteo measures`},
		"one of a single record":           {`{"data":[{"time":"2026-08-01T12:00Z"}]}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"current conditions":               {`{"location":{"lat":14.7,"lon":-17.4},"current":{"time":"2026-08-01T12:00Z","temp":27}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27} at 14.7 -17.4 26`},
		"an array of arrays":               {`{"data":[[{"time":"2026-08-01T12:00Z","temp":27}]]}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"units around records":             {`{"units":{"temp":"F"},"data":[{"time":"2026-08-01T12:00Z","temp":80.6,"values":{"wind":5}}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"wind_speed_ms":5}`},
		"a system of units around records": {`{"units":"us","data":[{"time":"2026-08-01T12:00Z","temp":80.6,"values":{"wind":10}}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"wind_speed_ms":4.4704}`},
		"units of one branch alone": {`{"a":{"units":{"temp":"F"},"data":[{"time":"2026-08-01T12:00Z","temp":80.6}]},"b":{"data":[{"time":"2026-08-01T13:00Z","temp":28}]}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28}`},
		"a zone around records": {`{"timezone":"Europe/Paris","data":[{"time":"2026-08-01T14:00","temp":27},{"time":"2026-08-01T14:00","temp":27,"tz":"UTC"}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 14:00 observed {"temperature_c":27}`},
		"a zone as an object":                    {`{"timezone":{"name":"Paris","offset":7200},"data":[{"time":"2026-08-01T14:00","temp":27}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a zone as an object in the record":      {`{"time":"2026-08-01T14:00","temp":27,"timezone":{"offset":7200}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a zone as an object that says nothing":  {`{"time":"2026-08-01T14:00","temp":27,"timezone":{"dst":true}}`, `invalid_time: "timezone" is not a time zone of one meaning: "{}": use a name such as Africa/Dakar, an offset such as +01:00, or --timezone`},
		"a zone as an object nobody understands": {`{"time":"2026-08-01T14:00","temp":27,"timezone":{"name":"EST","area":"x"}}`, `invalid_time: "timezone" is not a time zone of one meaning: "EST": use a name such as Africa/Dakar, an offset such as +01:00, or --timezone`},
		"metadata with a place":                  {`{"meta":{"station":"Thiès","lat":14.8,"lon":-16.9,"name":"logger","id":5,"timezone":"+01:00"},"data":[{"time":"2026-08-01T13:00","temp":27}]}`, `SN-TH 2026-08-01 12:00 observed {"temperature_c":27} at 14.8 -16.9 76`},
		"metadata in the record":                 {`{"time":"2026-08-01T12:00Z","temp":27,"meta":{"city":"Thiès"}}`, `SN-TH 2026-08-01 12:00 observed {"temperature_c":27}`},
		"metadata of a town that is not known":   {`{"time":"2026-08-01T12:00Z","temp":27,"info":{"city":"Touba"}}`, `unknown_station: "Touba" is not a station, region or capital of Senegal that is known, and it gives no coordinates: give its station_id`},
		"metadata of an id that is not known":    {`{"time":"2026-08-01T12:00Z","temp":27,"info":{"station_id":"7"}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"deeper than records are":                {`{"one":{"two":{"three":{"four":{"five":{"six":{"seven":{"eight":{"time":"2026-08-01T12:00Z","temp":27}}}}}}}}}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"as deep as records are":                 {`{"one":{"two":{"three":{"four":{"five":{"six":{"time":"2026-08-01T12:00Z","temp":27}}}}}}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a nested thing nobody knows": {`{"time":"2026-08-01T12:00Z","temp":27,"owner":{"tel":"x"},"tags":["a"],"none":[],"nothing":{}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
ignored: owner {"tel":"x"}
ignored: tags ["a"]`},
		"a unit that says nothing else": {`{"time":"2026-08-01T12:00Z","temp":80.6,"temp_unit":"F"}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
	}.test(t)
}

func TestColumnsOfAnObjectAreRows(t *testing.T) {
	bodies{
		"arrays beside each other": {`{"station":"Thiès","time":["2026-08-01T12:00Z","2026-08-01T13:00Z"],"temp":[27,28],"note":["a","b"],"tags":["one"]}`, `SN-TH 2026-08-01 12:00 observed {"temperature_c":27}
SN-TH 2026-08-01 13:00 observed {"temperature_c":28}
ignored: note "a"`},
		"arrays of different lengths": {`{"time":["2026-08-01T12:00Z","2026-08-01T13:00Z"],"temp":[27]}`, `invalid_time: it has no time
ignored: time ["2026-08-01T12:00Z","2026-08-01T13:00Z"]
ignored: temp [27]`},
		"objects whose keys are numbers": {`{"time":{"0":"2026-08-01T12:00Z","1":"2026-08-01T13:00Z"},"temp":{"1":28,"0":27}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28}`},
		"objects of which a number is left out": {`{"time":{"0":"2026-08-01T12:00Z","2":"2026-08-01T13:00Z"},"temp":{"0":27,"2":28}}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"names and rows": {`{"columns":["time","temp"],"data":[["2026-08-01T12:00Z",27],["2026-08-01T13:00Z",28]]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28}`},
		"a row that is too short":    {`{"columns":["time","temp"],"data":[["2026-08-01T12:00Z"]]}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"a row that is not an array": {`{"columns":["time","temp"],"data":[7]}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"a name that is not text":    {`{"columns":["time",5],"data":[["2026-08-01T12:00Z",27]]}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"no rows":                    {`{"columns":["time","temp"],"data":[]}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"no names":                   {`{"columns":[],"data":[["2026-08-01T12:00Z",27]]}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"a time without values":      {`{"time":["2026-08-01T12:00Z"],"note":["a"]}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"values without a time": {`{"timestamp":"2026-08-01T12:00Z","temp":[27]}`, `no_values: it has none of the values that senmeteo keeps
ignored: temp [27]`},
		"dates and hours": {`{"date":["2026-08-01"],"hour":[12],"temp":[27]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"days":            {`{"date":["2026-07-31"],"tmax":[31]}`, `SN-DK 2026-08-01 00:00 observed of 86400 s {"temperature_max_c":31}`},
		"empty arrays":    {`{"time":[],"temp":[]}`, `invalid_time: it has no time`},
		"arrays of arrays": {`{"time":["2026-08-01T12:00Z"],"temp":[[27]]}`, `invalid_time: it has no time
ignored: time ["2026-08-01T12:00Z"]
ignored: temp [[27]]`},
		"a note of another length before": {`{"note":["a","b"],"time":["2026-08-01T12:00Z"],"temp":[27]}`, `invalid_time: it has no time
ignored: note ["a","b"]
ignored: time ["2026-08-01T12:00Z"]
ignored: temp [27]`},
	}.test(t)
}

func TestABoundOnDepthKeepsHostileTreesFromBeingSearched(t *testing.T) {
	deep := strings.Repeat(`{"location":`, 6) + `{"lat":14.7,"lon":-17.4}` + strings.Repeat("}", 6)
	bodies{
		"a place that is nested too deep is not one": {`{"time":"2026-08-01T12:00Z","temp":27,"x":` + deep + `}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
ignored: x {"location":{"location":{"location":{"location":{"locatio...`},
		"a place that is nested in a place is one": {`{"time":"2026-08-01T12:00Z","temp":27,"location":{"coord":{"lat":14.7,"lon":-17.4}}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27} at 14.7 -17.4 26`},
	}.test(t)
}
