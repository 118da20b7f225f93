package shape

import (
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func TestATimeThatIsNotOneInstantInItsZoneIsRefused(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	const skipped, twice = "has a time that the clocks of Europe/Paris skip", "has a time that the clocks of Europe/Paris show twice"
	for at, want := range map[string]string{
		"2026-03-29 01:59:59":  "2026-03-29 00:59 ",
		"2026-03-29 02:00":     skipped,
		"2026-03-29 02:59:59":  skipped,
		"2026-03-29 03:00":     "2026-03-29 01:00 ",
		"2026-10-25 01:59:59":  "2026-10-24 23:59 ",
		"2026-10-25 02:00":     twice,
		"2026-10-25 02:59:59":  twice,
		"2026-10-25 03:00":     "2026-10-25 02:00 ",
		"2026-10-25T02:30:00Z": "2026-10-25 02:30 ",
		"2026-10-25":           "2026-10-25 22:00 ",
	} {
		if got := readTable(Options{Zone: paris}, nil, "Time|Temp", at+"|20"); !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", at, got, want)
		}
	}
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"2026-11-01 00:59:59": "2026-11-01 04:59 ",
		"2026-11-01 01:00":    "has a time that the clocks of America/New_York show twice",
		"2026-11-01 01:59:59": "has a time that the clocks of America/New_York show twice",
		"2026-11-01 02:00":    "2026-11-01 07:00 ",
	} {
		if got := readTable(Options{Zone: newYork}, nil, "Time|Temp", at+"|20"); !strings.Contains(got, want) {
			t.Errorf("%s in New York: got %s, want %s", at, got, want)
		}
	}
	if got := readTable(Options{Zone: time.FixedZone("", 3600)}, nil, "Time|Temp", "2026-03-29 02:30|20"); !strings.HasPrefix(got, "2026-03-29 01:30 ") {
		t.Errorf("in a zone without summer time: %s", got)
	}
}

func TestANumberThatLostTheFiguresOfItsTimeIsNotATime(t *testing.T) {
	for at, want := range map[string]bool{
		"1.78559E+12":              false,
		"1,78559E+12":              false,
		"1.78559e+09":              false,
		"1.78558560E+09":           false,
		"1.785585600E+09":          true,
		"1.785585600E+12":          true,
		"1.78558560E+12":           false,
		"1.785585600000000000e+09": true,
		"1.7855856E9":              true,
		"1.7855856E12":             true,
		"1785585600":               true,
		"2.02608011200E+11":        true,
		"2.0260801120E+11":         false,
		"2.0260801E+7":             true,
		"2.026081E+7":              false,
	} {
		if got := timesOf("timestamp|Temp", at+"|20"); strings.HasPrefix(got, "2026-08-0") != want {
			t.Errorf("%s: %s", at, got)
		}
	}
}

func TestADateOfNETIsAnInstant(t *testing.T) {
	for at, want := range map[string]string{
		"/Date(1785585600000)/":      "2026-08-01 12:00:00",
		"/Date(1785585600000+0200)/": "2026-08-01 12:00:00",
		"/Date(1785585600000-0330)/": "2026-08-01 12:00:00",
		"/Date(1785585600500)/":      "2026-08-01 12:00:00.5",
		"/Date(1785585600000+02)/":   "",
		"/Date(1785585600000+020x)/": "",
		"/Date(+0200)/":              "",
		"/Date()/":                   "",
		"/Date(12345678901234)/":     "",
		"/Date(-1)/":                 "",
		"Date(1785585600000)/":       "",
		"/Date(1785585600000)":       "",
	} {
		got, _, ok := ParseTime(at)
		said := ""
		if ok {
			said = got.Format("2006-01-02 15:04:05.999")
		}
		if said != want {
			t.Errorf("%s is %q, not %q", at, said, want)
		}
	}
}

func TestWhatCodesWriteForUnknownIsMissing(t *testing.T) {
	for name, c := range map[string]struct {
		m            meaning
		x, converted float64
		want         bool
	}{
		"a wind of no single direction":         {meaning(meteo.WindDirection), 990, 990, true},
		"another impossible direction":          {meaning(meteo.WindDirection), 991, 991, false},
		"9 eighths, a sky that can't be seen":   {meaning(meteo.CloudCover), 9, 112.5, true},
		"9 per cent":                            {meaning(meteo.CloudCover), 9, 9, false},
		"8 eighths":                             {meaning(meteo.CloudCover), 8, 100, false},
		"990 as a cloud cover":                  {meaning(meteo.CloudCover), 990, 990, false},
		"9 as a pressure":                       {meaning(meteo.Pressure), 9, 9, false},
		"a pressure of 0":                       {meaning(meteo.Pressure), 0, 0, true},
		"a temperature of 0":                    {meaning(meteo.Temperature), 0, 0, false},
		"a temperature of 0 K":                  {meaning(meteo.Temperature), 0, -273.15, true},
		"a small number that can't be either":   {meaning(meteo.Pressure), 0.1, 0.1, false},
		"990 hPa, which is a pressure":          {meaning(meteo.Pressure), 990, 990, false},
		"990 as an amount of rain that is none": {meaning(meteo.Rain), 990, 990, false},
	} {
		if got := c.m.standsForMissing(c.x, c.converted); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTheColumnAtTheHeightOfTheFieldCounts(t *testing.T) {
	for name, c := range map[string]struct {
		options Options
		lines   []string
		want    string
	}{
		"the wind at 10 m, whichever comes first": {Options{}, []string{"Time|wind_speed_2m (m/s)|wind_speed_10m (m/s)", "2026-08-01 12:00|3|5"}, `{"wind_speed_ms":5}`},
		"the wind at 10 m before it":              {Options{}, []string{"Time|wind_speed_10m|wind_speed_2m", "2026-08-01 12:00|5|3"}, `{"wind_speed_ms":5}`},
		"the gust and the direction at 10 m":      {Options{}, []string{"Time|gust 2m|gust 10m|wind direction 2m|wind direction 10m", "2026-08-01 12:00|3|5|20|30"}, `{"wind_gust_ms":5,"wind_direction_deg":30}`},
		"the temperature at 2 m":                  {Options{}, []string{"Time|temperature 10m|temperature 2m", "2026-08-01 12:00|26|27"}, `{"temperature_c":27}`},
		"the only wind at 2 m":                    {Options{}, []string{"Time|wind speed 2m|temperature 2m", "2026-08-01 12:00|3|27"}, `{"temperature_c":27,"wind_speed_ms":3}`},
		"beside one that states no height":        {Options{}, []string{"Time|wind speed 2m|wind speed", "2026-08-01 12:00|3|5"}, `{"wind_speed_ms":3}`},
		"as the user says": {
			Options{Columns: []Assignment{{"wind speed 2m", "wind_speed_ms"}}},
			[]string{"Time|wind speed 2m|wind speed 10m", "2026-08-01 12:00|3|5"},
			`{"wind_speed_ms":3}`,
		},
	} {
		var ignored Collector
		if got := readTable(c.options, &ignored, c.lines...); got != "2026-08-01 12:00 "+c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	var ignored Collector
	readTable(Options{}, &ignored, "Time|wind_speed_2m|wind_speed_10m", "2026-08-01 12:00|3|5")
	if got := reasons(&ignored); got != `wind_speed_2m "3" xI another column has the` {
		t.Errorf("ignored: %s", got)
	}
}

func TestLongitudesOfGridsAreCountedFromGreenwichBothWays(t *testing.T) {
	for longitude, want := range map[string]string{
		"342.51": "-17.49",
		"360":    "0",
		"180":    "180",
		"180.5":  "-179.5",
		"360.5":  "360.5",
		"-17.49": "-17.49",
	} {
		d := NewDecoder()
		o := nothingKnown
		c := cell{column: column{meaning: longitudeOf(t), convert: same}, name: "lon", value: longitude}
		if err := d.fill(&c, &o); err != nil {
			t.Fatal(err)
		}
		if got := string(meteo.AppendNumber(nil, o.Longitude)); got != want {
			t.Errorf("%s: %s, not %s", longitude, got, want)
		}
	}
	d := NewDecoder()
	o := nothingKnown
	if err := d.fill(&cell{column: column{meaning: longitudeOf(t), convert: same}, name: "lon", value: "west"}, &o); err == nil {
		t.Error("a word is a longitude")
	}
}

// longitudeOf is the meaning of a longitude, whose constant has the name of the test's values.
func longitudeOf(t *testing.T) meaning {
	t.Helper()
	return understand("longitude").meaning
}

func TestNamesAndUnitsOfStationsInTheRegionAreUnderstood(t *testing.T) {
	for heading, want := range map[string]string{
		"Température sous abri (°C)|27":            `{"temperature_c":27}`,
		"Température en °C et 1/10|27.1":           `{"temperature_c":27.1}`,
		"Dew Point Temp (°C)|22":                   `{"dew_point_c":22}`,
		"Relative(hPa)|1012":                       "",
		"Pressure Relative(hPa)|1012":              `{"pressure_hpa":1012}`,
		"Pression réduite au niveau de la mer|990": `{"pressure_hpa":990}`,
		"Pression (torr)|760":                      `{"pressure_hpa":1013.25024}`,
		"Stn Press (kPa)|101":                      "",
		"Vitesse du vent moyen 10 mn (m/s)|5":      `{"wind_speed_ms":5}`,
		"Vent moyen 10 min (km/h)|18":              `{"wind_speed_ms":5}`,
		"wind_speed_10min (m.s⁻¹)|5":               `{"wind_speed_ms":5}`,
		"Rafale maxi (m/s)|11":                     `{"wind_gust_ms":11}`,
		"Vent maximal instantané (m/s)|11":         `{"wind_gust_ms":11}`,
		"Wind Dir (10s deg)|32":                    `{"wind_direction_deg":320}`,
		"Rain 10min (mm)|4":                        `{"rain_mm":4}`,
		"Précipitations (l/m²)|4":                  `{"rain_mm":4}`,
		"Cloud cover (tenths)|4":                   `{"cloud_cover_pct":40}`,
		"Nébulosité (huitièmes)|4":                 `{"cloud_cover_pct":50}`,
		"Visibility (nautical miles)|5":            `{"visibility_m":9260}`,
	} {
		name, cell, _ := strings.Cut(heading, "|")
		got := readTable(Options{}, nil, "Time|"+name, "2026-08-01 12:00|"+cell)
		if values, ok := strings.CutPrefix(got, "2026-08-01 12:00 "); ok {
			got = values
		} else {
			got = ""
		}
		if got != want {
			t.Errorf("%s: %s, not %s", name, got, want)
		}
	}
	for word, seconds := range map[string]int64{"5min": 300, "10mn": 600, "15min": 900, "30mn": 1800} {
		if got := understand("Pluie " + word).over; got != seconds {
			t.Errorf("rain of %s covers %d s", word, got)
		}
	}
	for _, c := range [...]struct {
		name string
		want meaning
	}{{"Latitude (y)", latitude}, {"Longitude (x)", longitude}, {"WIGOS Station Identifier", stationID}, {"wsi", stationID}} {
		if got := understand(c.name).meaning; got != c.want {
			t.Errorf("%s means %d", c.name, got)
		}
	}
	if s, ok := meteo.FindStation("0-20000-0-61641"); !ok || s.ID != "SN-DK" {
		t.Errorf("the station of a WIGOS identifier: %v", s)
	}
}

func TestAnOffsetWestOfGreenwichIsReadInAHeading(t *testing.T) {
	for heading, want := range map[string]string{
		"Date Time, GMT-05:00": "2026-08-13 12:00",
		"Date Time, GMT+05:30": "2026-08-13 01:30",
		"Date Time: UTC":       "2026-08-13 07:00",
	} {
		if got := timesOf(heading+"|Temp", "2026-08-13 07:00|20"); got != want {
			t.Errorf("%s: %s, not %s", heading, got, want)
		}
	}
}

func TestAMarkAtAValueOfTheLCDIsNotAPartOfIt(t *testing.T) {
	for cell, want := range map[string]any{"77s": "77", "6.21V": "6.21", "77": "77", "T": "T", "s": "s", "VRB": "VRB", "0.05sV": "0.05"} {
		if got := withoutMark(cell, nil); got != want {
			t.Errorf("%s is %v, not %v", cell, got, want)
		}
	}
	if got := withoutMark(77.0, nil); got != 77.0 {
		t.Errorf("a number is %v", got)
	}
	got := readTable(Options{}, nil, "STATION|DATE|HourlyDryBulbTemperature|HourlyVisibility|HourlyWindDirection", "61641099999|2026-08-01T12:00:00|77s|5.00V|320", "61641099999|2026-08-01T13:00:00|80|6.21|330")
	if want := `2026-08-01 12:00 {"temperature_c":25,"wind_direction_deg":320,"visibility_m":8046.72}` + "\n" + `2026-08-01 13:00 {"temperature_c":26.666666667,"wind_direction_deg":330,"visibility_m":9994.02624}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTheNamesOfATableWithOneValueARowMayBeFrench(t *testing.T) {
	for names, want := range map[string]bool{
		"date,paramètre,valeur":      true,
		"date,PARAMETRE,VALEUR":      true,
		"date,élément,valeur":        true,
		"date,grandeur,valeur":       true,
		"date,code_parametre,valeur": true,
		"date,paramètre,température": false,
		"date,nom_paramètre,valeur":  false,
	} {
		if got := isLong(strings.Split(names, ",")); got != want {
			t.Errorf("%s: %v", names, got)
		}
	}
	if longRoleOf("nom_parametre") != titleRole {
		t.Error("nom_parametre is not the name of an element that has a code")
	}
}

func TestASpanOfTimesOfDayIsNotATimeOfDay(t *testing.T) {
	for clock, want := range map[string]bool{
		"12h-13h": false, "12H - 13H": false, "12h–13h": false, "06:00-07:00": false, "06:00 - 07:00": false, "06:00\u221207:00": false,
		"12:00": true, "12h": true, "12h30": true, "12:00+01:00": true, "12:00Z": true, "12:00 UTC": true, "12:00-01": true, "12:00 UTC-1": true,
	} {
		if got := timesOf("Date|Heure|Temp", "2026-08-01|"+clock+"|20"); strings.HasPrefix(got, "2026-08-01 1") != want {
			t.Errorf("%s: %s", clock, got)
		}
	}
	for text, want := range map[string]bool{"-12:00": false, "12:00": false, "": false, "12:00 UTC-01:00": false, "12:00-13:00": true, "12h-13": true} {
		if got := isSpan(text); got != want {
			t.Errorf("%q is a span: %v", text, got)
		}
	}
}

func TestAUnitMayBeAtTheEndOfAName(t *testing.T) {
	for heading, want := range map[string]string{
		"tempf|77":         `{"temperature_c":25}`,
		"tempc|27":         `{"temperature_c":27}`,
		"tempin|27":        "",
		"humidityin|50":    "",
		"tempinf|77":       "",
		"rainin|1":         `{"rain_mm":25.4}`,
		"temps|27":         "",
		"tf|77":            "",
		"windspeedmph|10":  `{"wind_speed_ms":4.4704}`,
		"windgustkmh|18":   `{"wind_gust_ms":5}`,
		"windspeedkph|18":  `{"wind_speed_ms":5}`,
		"windkts|10":       `{"wind_speed_ms":5.144444444}`,
		"windspeedkt|10":   `{"wind_speed_ms":5.144444444}`,
		"ventms|5":         `{"wind_speed_ms":5}`,
		"baromrelin|29.92": `{"pressure_hpa":1013.2075888}`,
		"baromin|29.92":    `{"pressure_hpa":1013.2075888}`,
		"baromabsin|29.92": "",
		"pressureinhg|30":  `{"pressure_hpa":1015.9167}`,
		"pressurehpa|1012": `{"pressure_hpa":1012}`,
		"pressuremb|1012":  `{"pressure_hpa":1012}`,
		"rainfallmm|4":     `{"rain_mm":4}`,
		"dailyrainin|1":    "",
		"visibilitykm|8":   `{"visibility_m":8000}`,
		"winddirdeg|320":   `{"wind_direction_deg":320}`,
		"humiditypct|70":   `{"humidity_pct":70}`,
		"humidityratio|9":  "",
		"altitudem|9":      "",
		"feelslikef|77":    "",
	} {
		name, cell, _ := strings.Cut(heading, "|")
		got, ok := strings.CutPrefix(readTable(Options{}, nil, "Time|"+name, "2026-08-01 12:00|"+cell), "2026-08-01 12:00 ")
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%s: %s, not %s", name, got, want)
		}
	}
	if c := understand("temp xf"); c.meaning != nothing {
		t.Error("a name of two words has its unit at the end")
	}
}
