package metar

import (
	"testing"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/codetest"
	"senmeteo/jobs/source/scrape/wmo"
)

var near = time.Date(2026, 11, 23, 6, 10, 0, 0, time.UTC)

// Each expectation was worked out by hand from WMO-No. 306, FM 15.
func TestGroupsAreDecodedAfterTheManual(t *testing.T) {
	codetest.Table(t, map[string]codetest.Row{
		"a whole report":                          {"METAR GOOY 230600Z 01008KT 9999 FEW020 SCT100 25/19 Q1013 NOSIG=", "temperature_c=25 dew_point_c=19 humidity_pct=69 pressure_hpa=1013 wind_speed_ms=4.12 wind_direction_deg=10 cloud_cover_pct=43.75 visibility_m=10000", ""},
		"no word before it":                       {"GOOY 230600Z 25/19", "temperature_c=25 dew_point_c=19 humidity_pct=69", ""},
		"a special report":                        {"SPECI GOOY 230600Z Q1013", "pressure_hpa=1013", ""},
		"a correction before the aerodrome":       {"METAR COR GOOY 230600Z Q1013", "pressure_hpa=1013 corrected", ""},
		"a correction before the word":            {"COR METAR GOOY 230600Z Q1013", "pressure_hpa=1013 corrected", ""},
		"a correction after the time":             {"METAR GOOY 230600Z COR Q1013", "pressure_hpa=1013 corrected", ""},
		"a numbered correction":                   {"METAR GOOY 230600Z CCA Q1013", "pressure_hpa=1013 corrected", ""},
		"an automatic report":                     {"METAR GOOY 230600Z AUTO Q1013", "pressure_hpa=1013 automatic", ""},
		"an automatic report that sees little":    {"METAR GOOY 230600Z AUTO /////KT //// // ////// 25/19 Q1013", "temperature_c=25 dew_point_c=19 humidity_pct=69 pressure_hpa=1013 automatic", ""},
		"wind in m/s":                             {"GOOY 230600Z 36005MPS", "wind_speed_ms=5 wind_direction_deg=360", ""},
		"wind in km/h":                            {"GOOY 230600Z 09036KMH", "wind_speed_ms=10 wind_direction_deg=90", ""},
		"wind with gusts":                         {"GOOY 230600Z 27015G27KT", "wind_speed_ms=7.72 wind_gust_ms=13.89 wind_direction_deg=270", ""},
		"wind of a hundred knots":                 {"GOOY 230600Z 270100G120KT", "wind_speed_ms=51.44 wind_gust_ms=61.73 wind_direction_deg=270", ""},
		"wind of more than 99 knots":              {"GOOY 230600Z 270P99KT", "wind_speed_ms=50.93 wind_direction_deg=270", ""},
		"gusts of more than 99 knots":             {"GOOY 230600Z 27060GP99KT", "wind_speed_ms=30.87 wind_gust_ms=50.93 wind_direction_deg=270", ""},
		"variable wind":                           {"GOOY 230600Z VRB02KT", "wind_speed_ms=1.03", ""},
		"wind between two directions":             {"GOOY 230600Z 02008KT 340V050", "wind_speed_ms=4.12 wind_direction_deg=20", ""},
		"calm":                                    {"GOOY 230600Z 00000KT", "wind_speed_ms=0", ""},
		"a direction that is missing":             {"GOOY 230600Z ///08KT", "wind_speed_ms=4.12", ""},
		"a speed that is missing":                 {"GOOY 230600Z 020//KT Q1013", "pressure_hpa=1013 wind_direction_deg=20", ""},
		"a direction that is none":                {"GOOY 230600Z 37008KT Q1013", "pressure_hpa=1013", "37008KT"},
		"a direction that is not rounded":         {"GOOY 230600Z 02308KT Q1013", "pressure_hpa=1013", "02308KT"},
		"a north that is not written 360":         {"GOOY 230600Z 00008KT Q1013", "pressure_hpa=1013", "00008KT"},
		"visibility and the least one":            {"GOOY 230600Z 4000 1500SW", "visibility_m=4000", ""},
		"visibility without directions":           {"GOOY 230600Z 3000NDV", "visibility_m=3000", ""},
		"visibility below 50 m":                   {"GOOY 230600Z 0000 FG", "visibility_m=50", ""},
		"visibility that is missing":              {"GOOY 230600Z //// Q1013", "pressure_hpa=1013", ""},
		"CAVOK":                                   {"GOOY 230600Z CAVOK", "visibility_m=10000", ""},
		"runway visual range is another thing":    {"GOOY 230600Z 0800 R36/0600V1000U R18L/P1500N FG", "visibility_m=800", ""},
		"visibility in miles":                     {"GOOY 230600Z 10SM", "visibility_m=16093", ""},
		"visibility of half a mile":               {"GOOY 230600Z 1/2SM", "visibility_m=805", ""},
		"visibility of one and a half miles":      {"GOOY 230600Z 1 1/2SM", "visibility_m=2414", ""},
		"visibility of more than six miles":       {"GOOY 230600Z P6SM", "visibility_m=9656", ""},
		"visibility below a quarter of a mile":    {"GOOY 230600Z M1/4SM", "visibility_m=402", ""},
		"visibility in kilometres":                {"GOOY 230600Z 15KM", "visibility_m=15000", ""},
		"one layer":                               {"GOOY 230600Z FEW020", "cloud_cover_pct=18.75", ""},
		"storm clouds":                            {"GOOY 230600Z SCT010 BKN030CB FEW033TCU", "cloud_cover_pct=75", ""},
		"overcast":                                {"GOOY 230600Z OVC///", "cloud_cover_pct=100", ""},
		"a layer whose type is missing":           {"GOOY 230600Z BKN010///", "cloud_cover_pct=75", ""},
		"a clear sky":                             {"GOOY 230600Z SKC", "cloud_cover_pct=0", ""},
		"no significant cloud may be some cloud":  {"GOOY 230600Z NSC Q1013", "pressure_hpa=1013", ""},
		"no cloud detected may be some cloud":     {"GOOY 230600Z NCD CLR Q1013", "pressure_hpa=1013", ""},
		"a sky that can't be seen":                {"GOOY 230600Z 0300 FG VV001", "visibility_m=300", ""},
		"a sky that can't be seen at all":         {"GOOY 230600Z 0300 FG VV///", "visibility_m=300", ""},
		"negative temperatures":                   {"GOOY 230600Z M05/M10", "temperature_c=-5 dew_point_c=-10 humidity_pct=68", ""},
		"minus zero":                              {"GOOY 230600Z 01/M00", "temperature_c=1 dew_point_c=0 humidity_pct=93", ""},
		"a dew point that is missing":             {"GOOY 230600Z 25///", "temperature_c=25", ""},
		"a dew point that is left out":            {"GOOY 230600Z 25/", "temperature_c=25", ""},
		"a temperature that is missing":           {"GOOY 230600Z ///19", "dew_point_c=19", ""},
		"both missing":                            {"GOOY 230600Z ///// Q1013", "pressure_hpa=1013", ""},
		"pressure in inches":                      {"GOOY 230600Z A2992", "pressure_hpa=1013.2", ""},
		"pressure in both units":                  {"GOOY 230600Z Q1009 A2980", "pressure_hpa=1009", ""},
		"low pressure":                            {"GOOY 230600Z Q0998", "pressure_hpa=998", ""},
		"pressure that is missing":                {"GOOY 230600Z 25/19 Q////", "temperature_c=25 dew_point_c=19 humidity_pct=69", ""},
		"weather is passed over":                  {"GOOY 230600Z -TSRA +SHRA VCFG BR HZ DU BLSA RERA WS R36 W15/S4 Q1013", "pressure_hpa=1013", ""},
		"a trend is a forecast":                   {"GOOY 230600Z Q1013 TEMPO 27025G40KT 0800 +TSRA OVC010CB", "pressure_hpa=1013", ""},
		"a change is a forecast":                  {"GOOY 230600Z Q1013 BECMG FM0700 TL0800 CAVOK", "pressure_hpa=1013", ""},
		"remarks are passed over":                 {"GOOY 230600Z Q1013 RMK 27025KT A2992 T02500190", "pressure_hpa=1013", ""},
		"a group that is damaged spoils no other": {"GOOY 230600Z 0I008KT 9999 25/I9 Q1013", "pressure_hpa=1013 visibility_m=10000", "0I008KT 25/I9"},
		"dust of the dry season":                  {"METAR GOTT 230600Z 06012KT 1500 DU SKC 19/M02 Q1015 NOSIG", "temperature_c=19 dew_point_c=-2 humidity_pct=24 pressure_hpa=1015 wind_speed_ms=6.17 wind_direction_deg=60 cloud_cover_pct=0 visibility_m=1500", ""},
		"lines and several spaces":                {" METAR  GOOY\n230600Z\r\n Q1013 = GOBD 230600Z Q1000", "pressure_hpa=1013", ""},
	}, func(report string) codetest.Decoded {
		d := decodeLine(report)
		if d.Head != "GOOY 2026-11-23T06:00Z" && d.Head != "GOTT 2026-11-23T06:00Z" {
			t.Errorf("%s: got %s", report, d.Head)
		}
		return d
	})
}

func TestTextsWithoutAReportAreToldApart(t *testing.T) {
	codetest.Refusals(t, map[string]any{
		"METAR GOOY 230600Z NIL=":         wmo.ErrNil,
		"METAR GOOY NIL":                  wmo.ErrNil,
		"":                                wmo.ErrNoReport,
		"METAR":                           wmo.ErrNoReport,
		"<html>Not Found</html>":          wmo.ErrNoReport,
		"GOOY 2306Z 01008KT":              "*",
		"METAR GOOY 230600Z CNL":          wmo.ErrNil,
		"GOOY 230500Z 2306/2412 01008KT":  "*",
		"TAF GOOY 230500Z 2306/2412 9999": wmo.ErrNoReport,
		"GOOY 320600Z 25/19":              "*",
		"GOOY 232400Z 25/19":              "*",
		"GOOY 230660Z 25/19":              "*",
		"GOOY 230600Z":                    "*",
		"GOOY 230600Z NOSIG":              "*",
	}, func(text string) error { return decodeLine(text).Err })
}

func TestTheMonthIsTheNearestOne(t *testing.T) {
	r, err := Decode("METAR GOOY 302330Z 25/19", time.Date(2026, 12, 1, 0, 5, 0, 0, time.UTC))
	if err != nil || !r.ObservedAt.Equal(time.Date(2026, 11, 30, 23, 30, 0, 0, time.UTC)) {
		t.Errorf("got %s, %v", r.ObservedAt, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("METAR COR GOOY 230600Z AUTO 27015G27KT 240V300 4000 1500SW R36/0600 +TSRA BKN030CB SCT100 25/19 Q1013 A2992 NOSIG=")
	f.Add("SPECI GOOY 230600Z VRB02MPS 1 1/2SM SKC M05/M10 Q//// RMK X")
	f.Add("GOOY 230600Z NIL")
	f.Add("A000 010000 00000000 0SM")
	bounds := codetest.Bounds{
		meteo.Temperature: {-60, 60}, meteo.DewPoint: {-120, 60}, meteo.Humidity: {0, 100}, meteo.Pressure: {870, 1085},
		meteo.WindSpeed: {0, 999}, meteo.WindGust: {0, 999}, meteo.WindDirection: {10, 360},
		meteo.CloudCover: {0, 100}, meteo.Visibility: {0, 180000},
	}
	f.Fuzz(func(t *testing.T, report string) {
		r, err := Decode(report, near)
		if bounds.Check(t, &codetest.Decoded{Values: r.Values, Err: err}) && (len(r.ICAO) != 4 || r.ObservedAt.Sub(near).Abs() > 46*24*time.Hour) {
			t.Fatalf("%q gives %+v", report, r)
		}
	})
}
