package shape

import (
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// sheets is a table of tables of text, with the rows above and below their names, and of what is read from them as in bodies.
type sheets map[string]struct{ in, want string }

func (cases sheets) test(t *testing.T) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := readSheet(c.in, Options{}); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// readSheet reads a table whose cells are separated by "|", with all that is in its file.
func readSheet(in string, options Options) string {
	var rows [][]string
	for line := range strings.SplitSeq(in, "\n") {
		rows = append(rows, strings.Split(line, "|"))
	}
	h, ok := FindHeader(rows)
	if !ok { // the first row has the names, as for the readers of files
		h = Header{Headings: headingsOf(rows[0]), Rows: 1}
	}
	var sample []Row
	for _, cells := range rows[h.Rows:] {
		row := make(Row, len(h.Headings))
		for i := range h.Headings {
			row[i].Name = h.Headings[i].Name
			if i < len(cells) {
				row[i].Value = cells[i]
			}
		}
		sample = append(sample, append(row, h.Fixed...))
	}
	headings := h.Headings
	for _, f := range h.Fixed {
		headings = append(headings, Heading{Name: f.Name})
	}
	var ignored Collector
	d := NewDecoder()
	d.Collect(&ignored)
	options.Defaults = atNoon()
	table, err := d.NewTable(headings, sample, options)
	if err != nil {
		return err.Error()
	}
	var out []string
	for _, row := range sample {
		all, err := table.Read(row)
		out = append(out, describeAll(all, err))
	}
	for _, i := range ignored.List() {
		out = append(out, "ignored: "+i.Name+" "+i.Example+": "+i.Why)
	}
	return strings.Join(out, "\n")
}

func TestArchivesOfWeewxAreReadInTheirUnits(t *testing.T) {
	sheets{
		"US": {`dateTime|usUnits|interval|outTemp|dewpoint|outHumidity|barometer|windSpeed|windGust|windDir|rain|rainRate|inTemp|pressure|windGustDir
1785585600|1|5|80.6|71.6|70|30|10|20|320|1|2|75|29.9|310`, `SN-DK 2026-08-01 12:00 observed of 300 s {"temperature_c":27,"dew_point_c":22,"humidity_pct":70,"pressure_hpa":1015.9167,"wind_speed_ms":4.4704,"wind_gust_ms":8.9408,"wind_direction_deg":320,"rain_mm":25.4,"rain_rate_mm_h":50.8}
ignored: inTemp "75": it was measured indoors
ignored: pressure "29.9": senmeteo has no field for it
ignored: windGustDir "310": senmeteo has no field for it`},
		"METRIC": {`dateTime|usUnits|interval|outTemp|barometer|windSpeed|rain|rainRate
1785585600|16|5|27|1012|18|0.2|0.4`, `SN-DK 2026-08-01 12:00 observed of 300 s {"temperature_c":27,"pressure_hpa":1012,"wind_speed_ms":5,"rain_mm":2,"rain_rate_mm_h":4}`},
		"METRICWX": {`dateTime|usUnits|interval|outTemp|barometer|windSpeed|rain|rainRate
1785585600|17|5|27|1012|5|2|4`, `SN-DK 2026-08-01 12:00 observed of 300 s {"temperature_c":27,"pressure_hpa":1012,"wind_speed_ms":5,"rain_mm":2,"rain_rate_mm_h":4}`},
		"a system that there is not": {`dateTime|usUnits|outTemp
1785585600|2|27`, `invalid_field: usUnits 2 is not a system of units that senmeteo knows`},
		"a change of the system is refused": {`dateTime|usUnits|outTemp
1785585600|17|27
1785585900|1|80.6
1785586200||80.6`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
invalid_field: usUnits is "1" here and 17 in the rows before: part the file by its units
invalid_field: usUnits is "" here and 17 in the rows before: part the file by its units`},
		"no system at all": {`dateTime|usUnits|outTemp
1785585600||27`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
	}.test(t)
}

func TestExportsOfHOBOLoggersAreRead(t *testing.T) {
	sheets{
		"with their zone and without their notes": {`#|Date Time, GMT+01:00|Temp, °F (LGR S/N: 10, SEN S/N: 11)|RH, % (LGR S/N: 10, SEN S/N: 12)|Host Connected (LGR S/N: 10)|Batt, V (LGR S/N: 10)
1|08/13/26 01:00:00 PM|80.6|70||3.1
2|08/13/26 01:05:00 PM|||Logged|`, `SN-DK 2026-08-13 12:00 observed {"temperature_c":27,"humidity_pct":70}

ignored: Batt, V (LGR S/N: 10) "3.1": the name says nothing that senmeteo measures: name its field with --column`},
		"without a value beside an id": {"Date Time, GMT+00:00|Temp, °C (LGR S/N: 10)|Station ID (LGR S/N: 10)\n2026-08-13 13:00:00|27|SN-TH\n2026-08-13 13:05:00||SN-TH", `SN-DK 2026-08-13 13:00 observed {"temperature_c":27}

ignored: Station ID (LGR S/N: 10) "SN-TH": the name says nothing that senmeteo measures: name its field with --column`},
		"in French": {`#|Date Heure, GMT+00:00|Temp, °C (LGR S/N: 10)
1|13/08/26 13:00:00|27`, `SN-DK 2026-08-13 13:00 observed {"temperature_c":27}`},
		"an offset that no zone has leaves the table to its names": {`#|Date Time, GMT+99:00|Temp, °C (LGR S/N: 10)
1|2026-08-13 13:00:00|27`, `unknown_shape: no column has the name of something that senmeteo measures
ignored: # "1": the name says nothing that senmeteo measures: name its field with --column
ignored: Date Time, GMT+99:00 "2026-08-13 13:00:00": the name says nothing that senmeteo measures: name its field with --column
ignored: Temp, °C (LGR S/N: 10) "27": the name says nothing that senmeteo measures: name its field with --column`},
		"a zone alone does not make a HOBO of a table": {`Date Time, GMT+01:00|Temp
2026-08-13 13:00:00|27`, `SN-DK 2026-08-13 12:00 observed {"temperature_c":27}`},
	}.test(t)
}

func TestExportsOfNetatmoAreRead(t *testing.T) {
	sheets{
		"of the wind": {`Timestamp|Timezone : Africa/Dakar|WindAngle|WindStrength|GustAngle|GustStrength
1785585600|2026/08/01 12:00:00|320|18|310|36`, `SN-DK 2026-08-01 12:00 observed {"wind_speed_ms":5,"wind_gust_ms":10,"wind_direction_deg":320}
ignored: GustAngle "310": senmeteo has no field for it`},
		"of an outdoor module": {`Timestamp|Timezone : Africa/Dakar|Temperature|Humidity
1785585600|2026/08/01 12:00:00|27|70`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"humidity_pct":70}`},
		"of a room": {`Timestamp|Timezone : Africa/Dakar|Temperature|Humidity|CO2|Noise|Pressure
1785585600|2026/08/01 12:00:00|24|50|600|40|1012`, `SN-DK 2026-08-01 12:00 observed {"pressure_hpa":1012}
ignored: Temperature "24": it was measured indoors
ignored: Humidity "50": it was measured indoors
ignored: CO2 "600": the name says nothing that senmeteo measures: name its field with --column
ignored: Noise "40": the name says nothing that senmeteo measures: name its field with --column`},
		"with the zone first": {"Timezone : Africa/Dakar|Timestamp|WindStrength|WindAngle\n2026/08/01 12:00:00|1785585600|18|320", `SN-DK 2026-08-01 12:00 observed {"wind_speed_ms":5,"wind_direction_deg":320}`},
		"without a time": {`Timezone : Africa/Dakar|Temperature|Humidity
2026/08/01 12:00:00|27|70`, `invalid_time: it has no time
ignored: Timezone : Africa/Dakar "2026/08/01 12:00:00": the name says nothing that senmeteo measures: name its field with --column`},
	}.test(t)
}

func TestTextsOfDavisWeatherLinkAreReadWhenTheirUnitsShow(t *testing.T) {
	const names = "Date|Time|Temp Out|Hi Temp|Low Temp|Out Hum|Dew Pt.|Wind Speed|Wind Dir|Hi Speed|Bar|Rain|Rain Rate|In Temp|Arc. Int.\n"
	sheets{
		"°F and inches of mercury": {names + `13/08/26|1:00p|80.6|82.4|78.8|70|71.6|10|WSW|20|30|1|2|75|30`, `SN-DK 2026-08-13 13:00 observed of 1800 s {"temperature_c":27,"dew_point_c":22,"humidity_pct":70,"pressure_hpa":1015.9167,"wind_speed_ms":4.4704,"wind_gust_ms":8.9408,"wind_direction_deg":247.5,"rain_mm":25.4,"rain_rate_mm_h":50.8,"temperature_max_c":28,"temperature_min_c":26}
ignored: In Temp "75": it was measured indoors`},
		"°C and hectopascals": {names + `13/08/26|12:30a|27|28|26|70|22|10|---|20|1012|1|2|24|30`, `SN-DK 2026-08-13 00:30 observed of 1800 s {"temperature_c":27,"dew_point_c":22,"humidity_pct":70,"pressure_hpa":1012,"rain_mm":1,"rain_rate_mm_h":2,"temperature_max_c":28,"temperature_min_c":26}
ignored: Wind Speed "10": the file does not state its unit: say it with --unit
ignored: Hi Speed "20": the file does not state its unit: say it with --unit
ignored: In Temp "24": it was measured indoors`},
		"°C and mm of mercury": {names + `13/08/26|13:00|27|28|26|70|22|10|VRB|20|760|1|2|24|30`, `SN-DK 2026-08-13 13:00 observed of 1800 s {"temperature_c":27,"dew_point_c":22,"humidity_pct":70,"pressure_hpa":1013.25024,"temperature_max_c":28,"temperature_min_c":26}
ignored: Wind Speed "10": the file does not state its unit: say it with --unit
ignored: Hi Speed "20": the file does not state its unit: say it with --unit
ignored: Rain "1": the file does not state its unit: say it with --unit
ignored: Rain Rate "2": the file does not state its unit: say it with --unit
ignored: In Temp "24": it was measured indoors`},
		"nothing shows": {names + `13/08/26|1:00p|50|28|26|70|22|10|N|20|850|1|2|24|30`, `SN-DK 2026-08-13 13:00 observed {"humidity_pct":70,"wind_direction_deg":0}
ignored: Temp Out "50": the file does not state its unit: say it with --unit
ignored: Hi Temp "28": the file does not state its unit: say it with --unit
ignored: Low Temp "26": the file does not state its unit: say it with --unit
ignored: Dew Pt. "22": the file does not state its unit: say it with --unit
ignored: Wind Speed "10": the file does not state its unit: say it with --unit
ignored: Hi Speed "20": the file does not state its unit: say it with --unit
ignored: Bar "850": the file does not state its unit: say it with --unit
ignored: Rain "1": the file does not state its unit: say it with --unit
ignored: Rain Rate "2": the file does not state its unit: say it with --unit
ignored: In Temp "24": it was measured indoors`},
		"no temperature outdoors": {names + `13/08/26|1:00p|---|28|26|70|22|10|N|20|1012|1|2|24|30`, `SN-DK 2026-08-13 13:00 observed {"humidity_pct":70,"pressure_hpa":1012,"wind_direction_deg":0}
ignored: Hi Temp "28": the file does not state its unit: say it with --unit
ignored: Low Temp "26": the file does not state its unit: say it with --unit
ignored: Dew Pt. "22": the file does not state its unit: say it with --unit
ignored: Wind Speed "10": the file does not state its unit: say it with --unit
ignored: Hi Speed "20": the file does not state its unit: say it with --unit
ignored: Rain "1": the file does not state its unit: say it with --unit
ignored: Rain Rate "2": the file does not state its unit: say it with --unit
ignored: In Temp "24": it was measured indoors`},
		"no pressure": {names + `13/08/26|1:00p|80.6|82.4|80|70|71.6|10|N|20|---|1|2|24|30`, `SN-DK 2026-08-13 13:00 observed of 1800 s {"temperature_c":27,"dew_point_c":22,"humidity_pct":70,"wind_direction_deg":0,"temperature_max_c":28,"temperature_min_c":26.666666667}
ignored: Wind Speed "10": the file does not state its unit: say it with --unit
ignored: Hi Speed "20": the file does not state its unit: say it with --unit
ignored: Rain "1": the file does not state its unit: say it with --unit
ignored: Rain Rate "2": the file does not state its unit: say it with --unit
ignored: In Temp "24": it was measured indoors`},
		"both scales of degrees": {names + "13/08/26|1:00p|45|28|26|70|22|10|N|20|1012|1|2|24|30\n13/08/26|1:30p|60|28|26|70|22|10|N|20|1013|1|2|24|30", `SN-DK 2026-08-13 13:00 observed {"humidity_pct":70,"pressure_hpa":1012,"wind_direction_deg":0}
SN-DK 2026-08-13 13:30 observed {"humidity_pct":70,"pressure_hpa":1013,"wind_direction_deg":0}
ignored: Temp Out "45": the file does not state its unit: say it with --unit
ignored: Hi Temp "28": the file does not state its unit: say it with --unit
ignored: Low Temp "26": the file does not state its unit: say it with --unit
ignored: Dew Pt. "22": the file does not state its unit: say it with --unit
ignored: Wind Speed "10": the file does not state its unit: say it with --unit
ignored: Hi Speed "20": the file does not state its unit: say it with --unit
ignored: Rain "1": the file does not state its unit: say it with --unit
ignored: Rain Rate "2": the file does not state its unit: say it with --unit
ignored: In Temp "24": it was measured indoors`},
		"with the older names": {"Date|Time|Out Temp|Hi Temp|Low Temp|Out Hum|Dew Pt|Arc Int\n13/08/26|1:00 p|27|28|26|70|22|30", `SN-DK 2026-08-13 13:00 observed of 1800 s {"temperature_c":27,"dew_point_c":22,"humidity_pct":70,"temperature_max_c":28,"temperature_min_c":26}`},
	}.test(t)
}

func TestUnitsOfDavisShowInValuesThatOnlyOneOfThemCanHave(t *testing.T) {
	for name, c := range map[string]struct {
		temperatures, pressures []float64
		want                    davisSystem
	}{
		"nothing":                        {nil, nil, davisSystem{}},
		"just below 50 degrees":          {[]float64{49.9, 20}, nil, davisSystem{temperature: "(c)"}},
		"just above 50 degrees":          {[]float64{90, 50.1}, nil, davisSystem{temperature: "(f)"}},
		"50 degrees may be either":       {[]float64{50}, nil, davisSystem{}},
		"25 inches are not a pressure":   {nil, []float64{25}, davisSystem{}},
		"nor are 32":                     {nil, []float64{30, 32}, davisSystem{}},
		"what is between them is one":    {nil, []float64{25.1, 31.9}, davisSystem{pressure: "(inHg)"}},
		"650 mm are not a pressure":      {nil, []float64{650, 760}, davisSystem{}},
		"nor are 815":                    {nil, []float64{760, 815}, davisSystem{}},
		"what is between those is one":   {nil, []float64{650.1, 814.9}, davisSystem{pressure: "(mmHg)"}},
		"870 hPa are not a pressure":     {nil, []float64{870, 1012}, davisSystem{}},
		"nor are 1085":                   {nil, []float64{1012, 1085}, davisSystem{}},
		"what is between them in hPa is": {nil, []float64{1084.9, 870.1}, davisSystem{pressure: "(hPa)"}},
		"°F with inches of mercury":      {[]float64{80}, []float64{30}, davisSystem{"(f)", "(inHg)", "(mph)", "(inches)", "(in/h)"}},
		"°C with hectopascals":           {[]float64{27}, []float64{1012}, davisSystem{temperature: "(c)", pressure: "(hPa)", rain: "(mm)", rate: "(mm/h)"}},
		"°F with hectopascals":           {[]float64{80}, []float64{1012}, davisSystem{temperature: "(f)", pressure: "(hPa)"}},
		"°C with inches of mercury":      {[]float64{27}, []float64{30}, davisSystem{temperature: "(c)", pressure: "(inHg)"}},
	} {
		if got := davisUnits(c.temperatures, c.pressures); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestAUnitOfTheUsersSettlesWhatDavisLeavesOpen(t *testing.T) {
	got := readSheet("Date|Time|Temp Out|Hi Temp|Low Temp|Wind Speed\n13/08/26|1:00p|27|28|26|18", Options{Units: []Assignment{{"wind_speed_ms", "km/h"}}})
	if want := `SN-DK 2026-08-13 13:00 observed {"temperature_c":27,"wind_speed_ms":5,"temperature_max_c":28,"temperature_min_c":26}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDailySummariesOfNOAAAreRead(t *testing.T) {
	const names = "STATION|DATE|LATITUDE|LONGITUDE|NAME|TEMP|TEMP_ATTRIBUTES|DEWP|SLP|STP|VISIB|WDSP|MXSPD|GUST|MAX|MIN|PRCP|PRCP_ATTRIBUTES|SNDP|FRSHTT\n"
	sheets{
		"a full day": {names + `61641099999|2026-08-01|14.73|-17.5|DAKAR/YOFF, SG|80.6|24|71.6|1012.5|910.2|6.2|10|15|20|88|75.2|1|G|999.9|010000`, `SN-DK 2026-08-02 00:00 observed of 86400 s {"wind_gust_ms":10.288888889,"rain_mm":25.4,"temperature_max_c":31.111111111,"temperature_min_c":24,"temperature_mean_c":27,"dew_point_mean_c":22,"wind_speed_mean_ms":5.144444444} at 14.73 -17.5 26
ignored: STP "910.2": senmeteo has no field for it
ignored: MXSPD "15": senmeteo has no field for it
ignored: pressure_hpa 1012.5: the value is of a whole day, for which senmeteo has no field
ignored: visibility_m 9977.9328: the value is of a whole day, for which senmeteo has no field`},
		"nines are missing values": {names + `61641099999|2026-08-01|14.73|-17.5|DAKAR/YOFF, SG|80.6|24|9999.9|9999.9|999.9|999.9|999.9|999.9|999.9|9999.9|9999.9|99.99|G|999.9|010000`, `SN-DK 2026-08-02 00:00 observed of 86400 s {"temperature_mean_c":27} at 14.73 -17.5 26`},
		"no rain was reported": {names + `61641099999|2026-08-01|14.73|-17.5|DAKAR/YOFF, SG|80.6|24|71.6|1012.5|910.2|6.2|10|15|20|88|75.2|0.00|I|999.9|000000`, `SN-DK 2026-08-02 00:00 observed of 86400 s {"wind_gust_ms":10.288888889,"temperature_max_c":31.111111111,"temperature_min_c":24,"temperature_mean_c":27,"dew_point_mean_c":22,"wind_speed_mean_ms":5.144444444} at 14.73 -17.5 26
ignored: STP "910.2": senmeteo has no field for it
ignored: MXSPD "15": senmeteo has no field for it
ignored: pressure_hpa 1012.5: the value is of a whole day, for which senmeteo has no field
ignored: visibility_m 9977.9328: the value is of a whole day, for which senmeteo has no field`},
		"a station that is not of the WMO": {names + `99999912345|2026-08-01|14.73|-17.5|x|80.6|24|71.6|1012.5|910.2|6.2|10|15|20|88|75.2|1|G|999.9|010000`, `SN-DK 2026-08-02 00:00 observed of 86400 s {"wind_gust_ms":10.288888889,"rain_mm":25.4,"temperature_max_c":31.111111111,"temperature_min_c":24,"temperature_mean_c":27,"dew_point_mean_c":22,"wind_speed_mean_ms":5.144444444} at 14.73 -17.5 26
ignored: STP "910.2": senmeteo has no field for it
ignored: MXSPD "15": senmeteo has no field for it
ignored: pressure_hpa 1012.5: the value is of a whole day, for which senmeteo has no field
ignored: visibility_m 9977.9328: the value is of a whole day, for which senmeteo has no field`},
	}.test(t)
}

func TestDailyDataOfGHCNAreReadInTheUnitThatShows(t *testing.T) {
	sheets{
		"in °C and mm":       {"STATION|DATE|TMAX|TMIN|TAVG|PRCP|AWND\nSGM00061641|2026-08-01|31|24|27|5|4", `SN-DK 2026-08-02 00:00 observed of 86400 s {"rain_mm":5,"temperature_max_c":31,"temperature_min_c":24,"temperature_mean_c":27,"wind_speed_mean_ms":4}`},
		"in tenths":          {"STATION|DATE|TMAX|TMIN|TAVG|PRCP|AWND\nSGM00061641|2026-08-01|310|241|270|52|40", `SN-DK 2026-08-02 00:00 observed of 86400 s {"rain_mm":5.2,"temperature_max_c":31,"temperature_min_c":24.1,"temperature_mean_c":27,"wind_speed_mean_ms":4}`},
		"in °F and inches":   {"STATION|DATE|TMAX|TMIN|TAVG|PRCP|AWND\nSGM00061641|2026-08-01|87.8|75.2|80.6|1|10", `SN-DK 2026-08-02 00:00 observed of 86400 s {"rain_mm":25.4,"temperature_max_c":31,"temperature_min_c":24,"temperature_mean_c":27,"wind_speed_mean_ms":4.4704}`},
		"55 degrees are °C":  {"STATION|DATE|TMAX\nSGM00061641|2026-08-01|55", `SN-DK 2026-08-02 00:00 observed of 86400 s {"temperature_max_c":55}`},
		"140 degrees are °F": {"STATION|DATE|TMAX\nSGM00061641|2026-08-01|140", `SN-DK 2026-08-02 00:00 observed of 86400 s {"temperature_max_c":60}`},
		"rain alone has no unit": {"STATION|DATE|PRCP|AWND\nSGM00061641|2026-08-01|5|4", `unknown_shape: no column has the name of something that senmeteo measures
ignored: PRCP "5": the file does not state its unit: say it with --unit
ignored: AWND "4": the file does not state its unit: say it with --unit`},
		"9999 does not count": {"STATION|DATE|TMAX|PRCP\nSGM00061641|2026-08-01|9999|5\nSGM00061641|2026-08-02|31|9999", `SN-DK 2026-08-02 00:00 observed of 86400 s {"rain_mm":5}
SN-DK 2026-08-03 00:00 observed of 86400 s {"temperature_max_c":31}`},
		"a value that failed a check": {"STATION|DATE|TMAX|TMAX_ATTRIBUTES|TMIN|TMIN_ATTRIBUTES|PRCP\nSGM00061641|2026-08-01|31|,X,S|24|,,S|5\nSGM00061641|2026-08-02|31|H|24|,X|5", `SN-DK 2026-08-02 00:00 observed of 86400 s {"rain_mm":5,"temperature_min_c":24}
SN-DK 2026-08-03 00:00 observed of 86400 s {"rain_mm":5,"temperature_max_c":31,"temperature_min_c":24}`},
		"a station of another network": {"STATION|DATE|TMAX\nSGX00061641|2026-08-01|31", `unknown_station: "SGX00061641" is not a station, region or capital of Senegal that is known, and it gives no coordinates: give its station_id`},
		"an id of another data set":    {"STATION|DATE|TMAX\nSN-DK|2026-08-01|31", `SN-DK 2026-08-02 00:00 observed of 86400 s {"temperature_max_c":31}`},
		"a number in tenths that is none": {"STATION|DATE|TMAX|TMIN\nSGM00061641|2026-08-01|310|-9999\nSGM00061641|2026-08-02|310|cold", `SN-DK 2026-08-02 00:00 observed of 86400 s {"temperature_max_c":31}
invalid_value: "TMIN" is not a number: "cold"`},
	}.test(t)
}

func TestMETARsInTablesAreRead(t *testing.T) {
	sheets{
		"of aviationweather.gov": {`raw_text|station_id|observation_time|latitude|longitude|temp_c|dewpoint_c|wind_dir_degrees|wind_speed_kt|wind_gust_kt|visibility_statute_mi|altim_in_hg|flight_category|sky_cover|elevation_m
GOOY 011200Z|GOOY|2026-08-01T12:00:00Z|14.7|-17.4|29|24|VRB|10|20|6+|29.9|VFR|FEW|26`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29,"dew_point_c":24,"pressure_hpa":1012.530311,"wind_speed_ms":5.144444444,"wind_gust_ms":10.288888889,"visibility_m":9656.064} at 14.7 -17.4 26
ignored: sky_cover "FEW": senmeteo has no field for it`},
	}.test(t)
}

func TestDownloadsOfOpenMeteoAreRead(t *testing.T) {
	sheets{
		"hours": {`time|temperature_2m (°C)|rain (mm)|precipitation (mm)|wind_gusts_10m (km/h)|cloud_cover (%)
2026-08-01T12:00|29|1|2|36|40
2026-08-01T13:00|30|0|0|18|50`, `SN-DK 2026-08-01 12:00 observed of 3600 s {"temperature_c":29,"wind_gust_ms":10,"rain_mm":2,"cloud_cover_pct":40}
SN-DK 2026-08-01 13:00 observed of 3600 s {"temperature_c":30,"wind_gust_ms":5,"rain_mm":0,"cloud_cover_pct":50}
ignored: rain (mm) "1": it is a part of the precipitation beside it`},
		"quarters of an hour": {`time|temperature_2m (°C)|rain (inch)
2026-08-01T12:00|29|1
2026-08-01T12:15|30|0`, `SN-DK 2026-08-01 12:00 observed of 900 s {"temperature_c":29,"rain_mm":25.4}
SN-DK 2026-08-01 12:15 observed of 900 s {"temperature_c":30,"rain_mm":0}`},
		"days": {`time|temperature_2m_max (°C)|precipitation_sum (mm)|rain_sum (mm)|wind_gusts_10m_max (km/h)|wind_speed_10m_max (km/h)|wind_direction_10m_dominant (°)
2026-08-01|31|2|2|36|18|320
2026-08-02|30|0|0|18|9|300`, `SN-DK 2026-08-02 00:00 observed of 86400 s {"wind_gust_ms":10,"rain_mm":2,"temperature_max_c":31}
SN-DK 2026-08-03 00:00 observed of 86400 s {"wind_gust_ms":5,"rain_mm":0,"temperature_max_c":30}
ignored: rain_sum (mm) "2": it is a part of the precipitation beside it
ignored: wind_speed_10m_max (km/h) "18": senmeteo has no field for it
ignored: wind_direction_10m_dominant (°) "320": senmeteo has no field for it`},
		"steps of three hours do not say what their rain covers": {`time|temperature_2m (°C)|rain (mm)
2026-08-01T12:00|29|1
2026-08-01T15:00|30|2`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29,"rain_mm":1}
SN-DK 2026-08-01 15:00 observed {"temperature_c":30,"rain_mm":2}`},
		"of several places": {`location_id|time|temperature_2m (°C)
0|2026-08-01T12:00|29
1|2026-08-01T12:00|30`, `unknown_shape: the table is of several places (location_id): download each place by itself`},
		"of one place": {`location_id|time|temperature_2m (°C)
0|2026-08-01T12:00|29`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29}
ignored: location_id "0": the name says nothing that senmeteo measures: name its field with --column`},
		"with its place above": {`latitude|longitude|elevation|utc_offset_seconds|timezone|timezone_abbreviation
14.7|-17.4|30|3600|Africa/Lagos|WAT
time|pressure_msl (hPa)|temperature_2m (°C)
2026-08-01T13:00|1012|29`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29,"pressure_hpa":1012} at 14.7 -17.4 30`},
		"other names with units are of someone else": {"time|Rain (mm)|Temp (°C)\n2026-08-01T12:00|1|27\n2026-08-01T13:00|0|28", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"rain_mm":1}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28,"rain_mm":0}`},
		"names without their units are of someone else": {`time|temperature_2m|rain
2026-08-01T12:00|29|1
2026-08-01T13:00|30|0`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29,"rain_mm":1}
SN-DK 2026-08-01 13:00 observed {"temperature_c":30,"rain_mm":0}`},
	}.test(t)
}

func TestTablesOfMeteostatAreRead(t *testing.T) {
	sheets{
		"hours": {`time|temp|dwpt|rhum|prcp|wdir|wspd|wpgt|pres|tsun|coco|cldc|temp_source
2026-08-01 12:00:00|29|22|70|2|320|18|36|1012|60|3|4|isd`, `SN-DK 2026-08-01 12:00 observed of 3600 s {"temperature_c":29,"dew_point_c":22,"humidity_pct":70,"pressure_hpa":1012,"wind_speed_ms":5,"wind_gust_ms":10,"wind_direction_deg":320,"rain_mm":2,"cloud_cover_pct":50}
ignored: tsun "60": senmeteo has no field for it
ignored: coco "3": senmeteo has no field for it`},
		"days": {`date|tavg|tmin|tmax|prcp|wdir|wspd|wpgt|pres|tsun
2026-08-01|27|24|31|2|320|18|36|1012|60`, `SN-DK 2026-08-02 00:00 observed of 86400 s {"wind_gust_ms":10,"rain_mm":2,"temperature_max_c":31,"temperature_min_c":24,"temperature_mean_c":27,"wind_speed_mean_ms":5}
ignored: tsun "60": senmeteo has no field for it
ignored: pressure_hpa 1012: the value is of a whole day, for which senmeteo has no field
ignored: wind_direction_deg 320: the value is of a whole day, for which senmeteo has no field`},
	}.test(t)
}

func TestTablesOfCampbellsLoggersAreRead(t *testing.T) {
	const (
		logger = `TOA5|Dakar|CR1000|123|CR1000.Std.32|CPU:x.CR1|456|Table1` + "\n"
		names  = `TIMESTAMP|RECORD|AirTC_Avg|RH|WS_ms_S_WVT|WindDir_D1_WVT|WindDir_SD1_WVT|Rain_mm_Tot|AirTC_Max|AirTC_TMx|BattV_Min|PTemp_C|WS_ms_Max|BP_mbar_Avg|AirTC_Std` + "\n"
		units  = `TS|RN|Deg C|%|meters/second|Deg|Deg|mm|Deg C||Volts|Deg C|meters/second|mbar|Deg C` + "\n"
		forms  = `||Avg|Smp|WVc|WVc|WVc|Tot|Max|TMx|Min|Smp|Max|Avg|Std` + "\n"
	)
	sheets{
		"quarters of an hour": {logger + names + units + forms + `2026-08-01 12:00:00|1|27|70|5|320|10|2|28|2026-08-01 11:50:00|12|30|9|1012|0.5
2026-08-01 12:15:00|2|28|71|6|310|10|0|29|2026-08-01 12:01:00|12|30|8|1012|0.5`, `SN-DK 2026-08-01 12:00 observed of 900 s {"temperature_c":27,"humidity_pct":70,"wind_speed_ms":5,"wind_gust_ms":9,"wind_direction_deg":320,"rain_mm":2,"temperature_max_c":28}
SN-DK 2026-08-01 12:15 observed of 900 s {"temperature_c":28,"humidity_pct":71,"wind_speed_ms":6,"wind_gust_ms":8,"wind_direction_deg":310,"rain_mm":0,"temperature_max_c":29}
ignored: WindDir_SD1_WVT "10": it is a deviation or a time, and not a value of the weather
ignored: AirTC_TMx "2026-08-01 11:50:00": it is a deviation or a time, and not a value of the weather
ignored: BattV_Min "12": senmeteo has no field for it
ignored: PTemp_C "30": senmeteo has no field for it
ignored: BP_mbar_Avg "1012": senmeteo has no field for it
ignored: AirTC_Std "0.5": it is a deviation or a time, and not a value of the weather`},
		"days, whose averages are means": {logger + "TIMESTAMP|RECORD|AirTC_Avg|RH_Avg|TdC_Avg|WS_ms_Avg|BP_mbar_Avg|AirTC_Min\nTS|RN|Deg C|%|Deg C|meters/second|mbar|Deg C\n||Avg|Avg|Avg|Avg|Avg|Min\n" + `2026-08-01 00:00:00|1|27|70|22|5|1012|24
2026-08-02 00:00:00|2|28|71|22|6|1012|25`, `SN-DK 2026-08-01 00:00 observed of 86400 s {"temperature_min_c":24,"temperature_mean_c":27,"dew_point_mean_c":22,"humidity_mean_pct":70,"wind_speed_mean_ms":5}
SN-DK 2026-08-02 00:00 observed of 86400 s {"temperature_min_c":25,"temperature_mean_c":28,"dew_point_mean_c":22,"humidity_mean_pct":71,"wind_speed_mean_ms":6}
ignored: BP_mbar_Avg "1012": senmeteo has no field for it`},
		"without rows below the names": {"TIMESTAMP|RECORD|AirTF_Avg|Rain_in_Tot|WSpd_kph\n2026-08-01 12:00:00|1|80.6|1|18", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"wind_speed_ms":5,"rain_mm":25.4}`},
		"averages of six hours are means": {"TIMESTAMP|RECORD|AirTC_Avg|WVT\n2026-08-01 00:00:00|1|27|5\n2026-08-01 06:00:00|2|28|6", `SN-DK 2026-08-01 00:00 observed of 21600 s {"temperature_mean_c":27}
SN-DK 2026-08-01 06:00 observed of 21600 s {"temperature_mean_c":28}
ignored: WVT "5": the name says nothing that senmeteo measures: name its field with --column`},
		"averages of five hours are not": {"TIMESTAMP|RECORD|AirTC_Avg|Avg\n2026-08-01 00:00:00|1|27|5\n2026-08-01 05:00:00|2|28|6", `SN-DK 2026-08-01 00:00 observed {"temperature_c":27}
SN-DK 2026-08-01 05:00 observed {"temperature_c":28}
ignored: Avg "5": the name says nothing that senmeteo measures: name its field with --column`},
		"a unit that is not known": {logger + "TIMESTAMP|RECORD|AirTC_Avg|RH\nTS|RN|bananas|%\n||Avg|Smp\n2026-08-01 12:00:00|1|27|70", `SN-DK 2026-08-01 12:00 observed {"humidity_pct":70}
ignored: AirTC_Avg "27": its unit, "bananas", is not known: say another name of it with --unit`},
		"a station that is none of Senegal": {"TOA5|Paris|CR1000\nTIMESTAMP|RECORD|AirTC_Avg\nTS|RN|Deg C\n||Avg\n2026-08-01 12:00:00|1|27", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a maximum of what has none": {logger + "TIMESTAMP|RECORD|RH_Max|AirTC_Min|RH\nTS|RN|%|Deg C|%\n||Max|Min|Smp\n2026-08-01 12:00:00|1|90|24|70", `SN-DK 2026-08-01 12:00 observed {"humidity_pct":70,"temperature_min_c":24}
ignored: RH_Max "90": senmeteo has no field for it`},
		"fewer cells below than names": {logger + "TIMESTAMP|RECORD|AirTC_Avg|RH\nTS|RN|Deg C\n||Avg\n2026-08-01 12:00:00|1|27|70", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"humidity_pct":70}`},
	}.test(t)
}

func TestTheZoneOfALayoutIsThatOfItsTimes(t *testing.T) {
	l, ok, err := hobo(&foreign{headings: []Heading{{Name: "Date Time, GMT-02:30"}, {Name: "Temp, °C (LGR S/N: 1)"}}})
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, offset := time.Date(2026, 8, 1, 0, 0, 0, 0, l.columns[0].zone).Zone(); offset != -9000 {
		t.Errorf("the offset is %d s", offset)
	}
	if m := understand(l.columns[1].name).meaning; m != meaning(meteo.Temperature) {
		t.Errorf("the second column is %v", m)
	}
}
