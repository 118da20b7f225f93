package synop

import (
	"testing"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/codetest"
	"senmeteo/jobs/source/scrape/wmo"
)

var near = time.Date(2026, 11, 23, 6, 10, 0, 0, time.UTC)

// Each expectation was worked out by hand from the code tables of WMO-No. 306.
func TestGroupsAreDecodedAfterTheManual(t *testing.T) {
	codetest.Table(t, map[string]codetest.Row{
		"all groups of section 1":            {"AAXX 23061 61641 11562 43505 10251 20198 30095 40123 52008 60052 70181 83201", "temperature_c=25.1 dew_point_c=19.8 humidity_pct=72 pressure_hpa=1012.3 wind_speed_ms=5 wind_direction_deg=350 rain_mm=5 cloud_cover_pct=50 visibility_m=12000 in 12h", ""},
		"nothing but what must be":           {"AAXX 23061 61641 4//// /////", "", ""},
		"everything missing":                 {"AAXX 23061 61641 4//// ///// 1//// 2//// 3//// 4//// 5//// 6//// 7//// 8//// 9////", "", ""},
		"groups that are only slashes":       {"AAXX 23061 61641 4//// ///// 10200 ///// 40123", "temperature_c=20 pressure_hpa=1012.3", ""},
		"negative temperatures":              {"AAXX 23061 61641 4//// ///// 11005 21123", "temperature_c=-0.5 dew_point_c=-12.3 humidity_pct=41", ""},
		"no degree at all":                   {"AAXX 23061 61641 4//// ///// 11000 21000", "temperature_c=0 dew_point_c=0 humidity_pct=100", ""},
		"a sign that is missing":             {"AAXX 23061 61641 4//// ///// 1/251", "", "1/251"},
		"a tenth that is missing":            {"AAXX 23061 61641 4//// ///// 1025/", "", "1025/"},
		"humidity instead of a dew point":    {"AAXX 23061 61641 4//// ///// 10251 29064", "temperature_c=25.1 humidity_pct=64", ""},
		"full humidity":                      {"AAXX 23061 61641 4//// ///// 29100", "humidity_pct=100", ""},
		"missing humidity":                   {"AAXX 23061 61641 4//// ///// 29///", "", ""},
		"a dew point above the temperature":  {"AAXX 23061 61641 4//// ///// 10200 20210", "temperature_c=20 dew_point_c=21", ""},
		"low pressure":                       {"AAXX 23061 61641 4//// ///// 49987", "pressure_hpa=998.7", ""},
		"pressure without its tenth":         {"AAXX 23061 61641 4//// ///// 4012/", "pressure_hpa=1012", ""},
		"a pressure level instead":           {"AAXX 23061 61641 4//// ///// 48512", "", ""},
		"station pressure is another thing":  {"AAXX 23061 61641 4//// ///// 30095", "", ""},
		"estimated wind in m/s":              {"AAXX 23060 61641 4//// /0912", "wind_speed_ms=12 wind_direction_deg=90", ""},
		"measured wind in knots":             {"AAXX 23064 61641 4//// /3610", "wind_speed_ms=5.14 wind_direction_deg=360", ""},
		"estimated wind in knots":            {"AAXX 23063 61641 4//// /0105", "wind_speed_ms=2.57 wind_direction_deg=10", ""},
		"a unit of wind that is missing":     {"AAXX 2306/ 61641 4//// /0105", "wind_direction_deg=10", "2306/"},
		"calm":                               {"AAXX 23061 61641 4//// /0000", "wind_speed_ms=0", ""},
		"calm and not calm":                  {"AAXX 23061 61641 4//// /0005", "", "/0005"},
		"variable wind":                      {"AAXX 23061 61641 4//// /9903", "wind_speed_ms=3", ""},
		"direction missing":                  {"AAXX 23061 61641 4//// ///03", "wind_speed_ms=3", ""},
		"speed missing":                      {"AAXX 23061 61641 4//// /18//", "wind_direction_deg=180", ""},
		"a wind of 98":                       {"AAXX 23064 61641 4//// /1898", "wind_speed_ms=50.42 wind_direction_deg=180", ""},
		"a wind of 99 units and more":        {"AAXX 23064 61641 4//// /1899 00105 10251", "temperature_c=25.1 wind_speed_ms=54.02 wind_direction_deg=180", ""},
		"clear sky":                          {"AAXX 23061 61641 4//// 0////", "cloud_cover_pct=0", ""},
		"overcast":                           {"AAXX 23061 61641 4//// 8////", "cloud_cover_pct=100", ""},
		"one okta":                           {"AAXX 23061 61641 4//// 1////", "cloud_cover_pct=12.5", ""},
		"a sky that can't be seen":           {"AAXX 23061 61641 4//// 9////", "", ""},
		"visibility below 100 m":             {"AAXX 23061 61641 4//00 /////", "visibility_m=100", ""},
		"visibility in steps of 100 m":       {"AAXX 23061 61641 4//37 /////", "visibility_m=3700", ""},
		"visibility of 5 km":                 {"AAXX 23061 61641 4//50 /////", "visibility_m=5000", ""},
		"visibility of 6 km":                 {"AAXX 23061 61641 4//56 /////", "visibility_m=6000", ""},
		"visibility of 30 km":                {"AAXX 23061 61641 4//80 /////", "visibility_m=30000", ""},
		"visibility of 70 km":                {"AAXX 23061 61641 4//88 /////", "visibility_m=70000", ""},
		"visibility above 70 km":             {"AAXX 23061 61641 4//89 /////", "visibility_m=70000", ""},
		"visibility by marks, 10 km":         {"AAXX 23061 61641 4//97 /////", "visibility_m=10000", ""},
		"rain of a trace":                    {"AAXX 23061 61641 1//// ///// 69901", "rain_mm=0 in 6h", ""},
		"rain of tenths":                     {"AAXX 23061 61641 1//// ///// 69974", "rain_mm=0.7 in 24h", ""},
		"rain of many mm":                    {"AAXX 23061 61641 1//// ///// 60454", "rain_mm=45 in 24h", ""},
		"rain of three hours":                {"AAXX 23091 61641 1//// ///// 60017", "rain_mm=1 in 3h", ""},
		"rain without its amount":            {"AAXX 23061 61641 1//// ///// 6///1", "", ""},
		"rain without its period":            {"AAXX 23061 61641 1//// ///// 6005/", "", "6005/"},
		"rain of another period":             {"AAXX 23061 61641 1//// ///// 60050", "", "60050"},
		"rain in section 3":                  {"AAXX 23061 61641 2//// ///// 333 60124", "rain_mm=12 in 24h", ""},
		"rain in both sections":              {"AAXX 23061 61641 0//// ///// 60031 333 60124", "rain_mm=3 in 6h", ""},
		"rain of 24 hours in tenths":         {"AAXX 23061 61641 2//// ///// 333 70123", "rain_mm=12.3 in 24h", ""},
		"rain of 24 hours, a trace":          {"AAXX 23061 61641 2//// ///// 333 79999", "rain_mm=0 in 24h", ""},
		"no rain at a main hour":             {"AAXX 23061 61641 3//// /////", "rain_mm=0 in 6h", ""},
		"no rain at another hour":            {"AAXX 23091 61641 3//// /////", "", ""},
		"rain that is not known":             {"AAXX 23061 61641 4//// /////", "", ""},
		"extremes are not a state":           {"AAXX 23091 61641 4//// ///// 333 10312 20187", "", ""},
		"the lowest of the night":            {"AAXX 23061 61641 4//// ///// 10251 333 10312 20187", "temperature_c=25.1 temperature_min_c=18.7 in 12h", ""},
		"the lowest above the temperature":   {"AAXX 23061 61641 4//// ///// 10251 333 20261", "temperature_c=25.1", "20261"},
		"the highest of the day":             {"AAXX 22181 61641 4//// ///// 10251 333 10312 20187", "temperature_c=25.1 temperature_max_c=31.2 in 12h", ""},
		"the highest beside rain of a half":  {"AAXX 22181 61641 1//// ///// 60012 333 10312", "rain_mm=1 temperature_max_c=31.2 in 12h", ""},
		"the highest beside rain of 6 hours": {"AAXX 22181 61641 1//// ///// 60011 333 10312", "rain_mm=1 in 6h", ""},
		"the highest beside a gust":          {"AAXX 22181 61641 4//// ///// 333 10312 91017", "wind_gust_ms=17", ""},
		"the highest after the radiation":    {"AAXX 22181 61641 4//// ///// 333 55087 10312", "", ""},
		"gusts":                              {"AAXX 23061 61641 4//// /1808 333 91017", "wind_speed_ms=8 wind_gust_ms=17 wind_direction_deg=180", ""},
		"gusts in knots of the period":       {"AAXX 23064 61641 4//// ///// 333 90710 91140", "wind_gust_ms=20.58", ""},
		"gusts of 99 units and more":         {"AAXX 23064 61641 4//// ///// 333 91199 00110 92000", "wind_gust_ms=56.59", ""},
		"gusts of two periods":               {"AAXX 23061 61641 4//// ///// 333 91012 91120", "wind_gust_ms=12", ""},
		"radiation is not rain":              {"AAXX 23061 61641 4//// ///// 333 55300 00123 20456 60011 82815", "", ""},
		"cloud layers are passed over":       {"AAXX 23061 61641 4//// ///// 333 58012 82815 85360", "", ""},
		"regional groups are passed over":    {"AAXX 23061 61641 2//// ///// 333 80000 60124 91030", "", ""},
		"section 2 is passed over":           {"AAXX 23061 61641 4//// ///// 10251 22200 04270 10201 333 91012", "temperature_c=25.1 wind_gust_ms=12", ""},
		"sections 4 and 5 are passed over":   {"AAXX 23061 61641 4//// ///// 10251 444 18121 555 60124 whatever", "temperature_c=25.1", ""},
		"a correction in the heading":        {"SNSG01 GOOY 230600 CCA AAXX 23061 61641 4//// ///// 10251=", "temperature_c=25.1 corrected", ""},
		"a correction after the station":     {"AAXX 23061 61641 COR 4//// ///// 10251=", "temperature_c=25.1 corrected", ""},
		"lines and several spaces":           {" AAXX  23061\n 61641 4////\r\n ///// 10251 =\n", "temperature_c=25.1", ""},
	}, func(report string) codetest.Decoded {
		d := decoded(Decode(report, near))
		if d.Station != "61641" {
			t.Errorf("%s: got %q", report, d.Station)
		}
		return d
	})
}

func TestReportsThatDoNotFollowTheCodeAreRefused(t *testing.T) {
	codetest.Refusals(t, map[string]any{
		"AAXX 23061 61641 43505 10251 20198 40123": "10251",
		"AAXX 23061 61641 11562 10251 20198 40123": "10251",
		"AAXX 23061 61641 1562 43505 10251":        "1562",
		"AAXX 23061 61641 11562 4350 10251":        "4350",
		"AAXX 23061 61641 80812 10251 20198":       "80812",
		"AAXX 23061 61641 4////":                   "",
		"AAXX 23061":                               "",
		"AAXX 23061 6164/ 4//// /////":             "6164/",
		"AAXX 32061 61641 4//// /////":             "32061",
		"AAXX 23241 61641 4//// /////":             "23241",
		"AAXX 23061 61641 NIL=":                    wmo.ErrNil,
		"AAXX 23061 61641 CCA NIL":                 wmo.ErrNil,
		"AAXX 23061 61641=":                        wmo.ErrNil,
		"AAXX 23061 61641 ///// ///// /////=":      wmo.ErrNil,
		"BBXX ABCD 23061 99147":                    wmo.ErrNoReport,
		"":                                         wmo.ErrNoReport,
		"Status: your quota is used up, sorry":     wmo.ErrNoReport,
	}, func(report string) error {
		_, err := Decode(report, near)
		return err
	})
}

func TestLinesOfOGIMETTellTheirTimeAndStation(t *testing.T) {
	r, err := DecodeLine("61679,2026,11,30,18,00,AAXX 30181 61679 42960 /2703 10351 20102=")
	if err != nil || r.WMO != "61679" || !r.ObservedAt.Equal(time.Date(2026, 11, 30, 18, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v, %v", r, err)
	}
	codetest.Refusals(t, map[string]any{
		"#Status: quota exceeded for this IP":                        wmo.ErrNoReport,
		"Station,Year,Month,Day,Hour,Minute,Report":                  wmo.ErrNoReport,
		"61679,2026,11,30,18,00,":                                    wmo.ErrNoReport,
		"61679,2026,11,30,18,00,AAXX 30181 61679 NIL=":               wmo.ErrNil,
		"61641,2026,11,30,18,00,AAXX 30181 61679 42960 /2703 10351=": "*",
		"61679,2026,11,30,06,00,AAXX 30181 61679 42960 /2703 10351=": "*",
		"61679,2026,13,30,06,00,AAXX 30181 61679 42960 /2703 10351=": "*",
	}, func(line string) error { return decodeLine(line).Err })
}

func FuzzDecode(f *testing.F) {
	f.Add("AAXX 23061 61641 11562 43505 10251 20198 30095 40123 52008 60052 70181 83201 333 10312 60124 70123 91017 91199 00110")
	f.Add("AAXX 23064 61641 COR 4//// /1899 00105 29064 22200 04270 333 55300 00123 80000 444 555")
	f.Add("AAXX 23061 61641 NIL=")
	bounds := codetest.Bounds{
		meteo.Temperature: {-99.9, 99.9}, meteo.DewPoint: {-99.9, 99.9}, meteo.Humidity: {0, 100}, meteo.Pressure: {900, 1099.9},
		meteo.WindSpeed: {0, 999}, meteo.WindGust: {0, 999}, meteo.WindDirection: {10, 360}, meteo.Rain: {0, 999.8},
		meteo.CloudCover: {0, 100}, meteo.Visibility: {50, 70000},
		meteo.TemperatureMax: {-99.9, 99.9}, meteo.TemperatureMin: {-99.9, 99.9},
	}
	f.Fuzz(func(t *testing.T, report string) {
		r, err := Decode(report, near)
		if !bounds.Check(t, &codetest.Decoded{Values: r.Values, Err: err}) {
			return
		}
		over := r.Values.Has(meteo.Rain) || r.Values.Has(meteo.TemperatureMax) || r.Values.Has(meteo.TemperatureMin)
		if len(r.WMO) != 5 || r.ObservedAt.Sub(near).Abs() > 46*24*time.Hour || over != (r.IntervalS > 0) {
			t.Fatalf("%q gives %+v", report, r)
		}
	})
}
