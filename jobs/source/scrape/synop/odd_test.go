package synop

import (
	"testing"

	"senmeteo/jobs/source/scrape/codetest"
)

// The reports were written after oddities that users of other decoders have reported, and by what West African stations
// send; each expectation was worked out by hand from the code tables of WMO-No. 306.
func TestOddGroupsAreReadRightOrLeftOut(t *testing.T) {
	codetest.Table(t, map[string]codetest.Row{
		// Damage in section 1 costs the group alone.
		"a letter in a group":                         {"4//// ///// 1O251 20198", "dew_point_c=19.8", "1O251"},
		"a group of four":                             {"4//// ///// 1025 20198", "dew_point_c=19.8", "1025"},
		"two groups grown together":                   {"4//// ///// 1025120198", "temperature_c=25.1 dew_point_c=19.8", ""},
		"a figure too many":                           {"4//// ///// 102510 20198", "dew_point_c=19.8", "102510"},
		"a group that a space has cut":                {"4//// ///// 102 51 20198", "dew_point_c=19.8", "102 51"},
		"a letter in the visibility":                  {"1I562 43505 10251", "temperature_c=25.1 wind_speed_ms=5 wind_direction_deg=350 cloud_cover_pct=50", "1I562"},
		"a letter in the wind":                        {"41562 435O5 10251", "temperature_c=25.1 visibility_m=12000", "435O5"},
		"a visibility code of 53":                     {"4//53 43505", "wind_speed_ms=5 wind_direction_deg=350 cloud_cover_pct=50", "4//53"},
		"a direction of 37":                           {"41562 43705 10251", "temperature_c=25.1 visibility_m=12000", "43705"},
		"a calm that blows":                           {"4//// 40005 10251", "temperature_c=25.1 cloud_cover_pct=50", "40005"},
		"a wind of 99 without its 00fff":              {"4//// 41899 10251", "temperature_c=25.1", "41899"},
		"a sign of 3":                                 {"4//// ///// 13251 20198", "dew_point_c=19.8", "13251"},
		"a dew point with a sign of 2":                {"4//// ///// 10251 22198", "temperature_c=25.1", "22198"},
		"a humidity of 101":                           {"4//// ///// 10251 29101", "temperature_c=25.1", "29101"},
		"a temperature that no place has":             {"4//// ///// 10685 20198", "dew_point_c=19.8", "10685"},
		"a correction between the groups":             {"4//// CCA ///// 10251 COR 20198", "temperature_c=25.1 dew_point_c=19.8 corrected", ""},
		"a group twice":                               {"4//// ///// 10251 10251", "temperature_c=25.1", ""},
		"a group twice with other figures":            {"4//// 43505 10251 10261 20198", "wind_speed_ms=5 wind_direction_deg=350 cloud_cover_pct=50", "10261"},
		"extremes whose 333 is missing at once":       {"4//// ///// 10251 10312 20187", "", "10312"},
		"a pressure twice with other figures":         {"4//// ///// 10251 40123 40132", "temperature_c=25.1", "40132"},
		"rain of two periods in section 1":            {"1//// ///// 60031 60124", "rain_mm=3 in 6h", ""},
		"dew point before temperature":                {"4//// ///// 20198 10251 40123", "temperature_c=25.1 dew_point_c=19.8 pressure_hpa=1012.3", ""},
		"pressure at sea level before the station's":  {"4//// ///// 10251 40123 30095", "temperature_c=25.1 pressure_hpa=1012.3", ""},
		"rain after the clouds, where iR expects it":  {"1//// ///// 10251 83201 60031", "temperature_c=25.1 rain_mm=3 in 6h", ""},
		"rain after the clouds that may be section 3": {"2//// ///// 10251 83201 60031", "temperature_c=25.1", "60031"},
		"extremes whose 333 is missing":               {"4//// ///// 10251 83201 10312 20187 60124", "temperature_c=25.1", "10312"},
		"a group of noughts":                          {"4//// ///// 10251 00000 40123", "temperature_c=25.1 pressure_hpa=1012.3", "00000"},
		"slashes in the place of groups":              {"4//// ///// ///// ///// 30095 40123", "pressure_hpa=1012.3", ""},
		"one slash":                                   {"4//// ///// / 40123", "pressure_hpa=1012.3", "/"},
		"words":                                       {"4//// ///// 10251 QSL? 40123", "temperature_c=25.1 pressure_hpa=1012.3", "QSL?"},
		"in small letters":                            {"4//// ///// 10251 nil", "temperature_c=25.1", "NIL"},

		// Rain and its places.
		"rain of a period that is not coded":              {"1//// ///// 40123 60050", "pressure_hpa=1012.3", "60050"},
		"no rain, and a report that there was some":       {"3//// ///// 60071", "rain_mm=7 in 6h", ""},
		"rain of 988 mm":                                  {"1//// ///// 69884", "rain_mm=988 in 24h", ""},
		"rain of one hour":                                {"1//// ///// 60025", "rain_mm=2 in 1h", ""},
		"rain of nine and fifteen hours":                  {"1//// ///// 60028 60029", "rain_mm=2 in 9h", ""},
		"rain in section 3 after sunshine, by iR":         {"2//// ///// 333 20221 55087 60187", "rain_mm=18 in 3h", ""},
		"rain after sunshine and its radiation, by iR":    {"2//// ///// 333 55087 00123 20456 60321 60187 82815", "rain_mm=18 in 3h", ""},
		"radiation where iR has no rain in section 3":     {"3//// ///// 333 55055 00010 20003 30002 50001 60004 60035 70500", "rain_mm=50 in 24h", ""},
		"radiation where iR has rain in section 1 alone":  {"1//// ///// 60071 333 55055 60004 60035", "rain_mm=7 in 6h", ""},
		"rain where no radiation is":                      {"0//// ///// 60004 333 20167 30/// 55066 56990 59006 60007 81630", "rain_mm=0 in 24h", ""},
		"rain of section 3 before its sunshine":           {"2//// ///// 333 60124 55087 60187", "rain_mm=12 in 24h", ""},
		"rain after a group that may be sunshine":         {"/1562 ///// 333 5S087 60187", "visibility_m=12000", "5S087"},
		"rain after sunshine, and iR missing":             {"/1562 ///// 333 55087 60187", "visibility_m=12000", ""},
		"rain of a day after radiation":                   {"4//// ///// 333 55300 60187 70123", "rain_mm=12.3 in 24h", ""},
		"sunshine of the last hour":                       {"2//// ///// 333 55310 60011", "rain_mm=1 in 6h", ""},
		"evaporation and change of temperature no matter": {"2//// ///// 333 50451 54112 58012 60011", "rain_mm=1 in 6h", ""},

		// Section 3 by its own rules.
		"a letter in section 3":                       {"41562 43505 10251 333 0E017 20221", "temperature_c=25.1 wind_speed_ms=5 wind_direction_deg=350 cloud_cover_pct=50 visibility_m=12000", "0E017"},
		"text in section 3":                           {"4//// ///// 10251 333 hello 91017", "temperature_c=25.1 wind_gust_ms=17", "HELLO"},
		"the dew point of section 3 is the minimum":   {"4//// ///// 10251 333 10312 20187", "temperature_c=25.1", ""},
		"the state of the ground":                     {"4//// ///// 10251 333 20145 30010 4/000", "temperature_c=25.1", ""},
		"regional groups of Africa":                   {"4//// ///// 10251 333 01//2 10312", "temperature_c=25.1", ""},
		"layers and special groups":                   {"4//// ///// 333 81815 83360 85077 90710 91106 93100", "wind_gust_ms=6", ""},
		"a gust of 99 and no 00fff":                   {"4//// ///// 10251 333 91099", "temperature_c=25.1", "91099"},
		"a gust that is missing":                      {"4//// ///// 10251 333 910// 91122", "temperature_c=25.1 wind_gust_ms=22", ""},
		"groups of section 3 that have grown":         {"4//// ///// 333 103122018791017", "wind_gust_ms=17", ""},
		"a 333 with nothing after it":                 {"4//// ///// 10251 333", "temperature_c=25.1", ""},
		"section 4":                                   {"4//// ///// 10251 333 10278 444 21053 18031", "temperature_c=25.1", ""},
		"section 5 right after section 1":             {"4//// ///// 10251 555 3//32 84619 60005", "temperature_c=25.1", ""},
		"section 2 of a coast":                        {"4//// ///// 10251 222// 04270 333 91017", "temperature_c=25.1 wind_gust_ms=17", ""},
		"section 2 without its course":                {"4//// ///// 10251 222 04270 20502 333 91017", "temperature_c=25.1 wind_gust_ms=17", ""},
		"figures of cloud and pressure in the tropic": {"4//// ///// 10301 20248 30104 40131 58009 70511 82971", "temperature_c=30.1 dew_point_c=24.8 pressure_hpa=1013.1", ""},
		"whole hPa":                                   {"4//// ///// 10301 4013/", "temperature_c=30.1 pressure_hpa=1013", ""},
		"a pressure level of a mountain":              {"4//// ///// 10301 47512 48512 45512 41512", "temperature_c=30.1", "48512 45512 41512"},
	}, func(report string) codetest.Decoded {
		return decoded(Decode("AAXX 23071 61641 "+report+"==", near))
	})
}

func TestAUnitOfWindThatIsNotCodedLeavesTheSpeedUnknown(t *testing.T) {
	r, err := Decode("AAXX 23067 61641 4//// 43505 10251=", near)
	if err != nil || codetest.Show(&r.Values, 0, nil) != "temperature_c=25.1 wind_direction_deg=350 cloud_cover_pct=50" || len(r.Unread) != 1 {
		t.Errorf("got %+v, %v", r, err)
	}
}
