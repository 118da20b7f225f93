package metar

import (
	"testing"

	"senmeteo/jobs/source/scrape/codetest"
)

// The lines were written after oddities that users of other decoders have reported; each expectation was worked out by
// hand from WMO-No. 306, FM 15. want holds the values without the humidity, which only follows from the others.
func TestOddGroupsAreReadRightOrLeftOut(t *testing.T) {
	codetest.Table(t, map[string]codetest.Row{
		// Cloud: a layer that can't be read never makes the cover smaller.
		"a height of two slashes beside a thinner layer":  {"FEW018 BKN//CB 27/22", "temperature_c=27 dew_point_c=22 cloud_cover_pct=75", ""},
		"each layer with its genus":                       {"FEW025SC SCT040SC BKN090AC", "cloud_cover_pct=75", ""},
		"a height without a cover":                        {"SCT100 120 27/22", "temperature_c=27 dew_point_c=22 cloud_cover_pct=43.75", "120"},
		"a cover without a height":                        {"SCT BKN", "cloud_cover_pct=75", ""},
		"a type apart from its layer":                     {"SCT006 BKN009 FEW011 CB 10/09", "temperature_c=10 dew_point_c=9 cloud_cover_pct=75", ""},
		"a storm cloud without its cover after layers":    {"FEW010/// BKN038/// ///TCU", "cloud_cover_pct=75", ""},
		"a storm cloud without cover and height":          {"SCT020 //////CB", "cloud_cover_pct=43.75", ""},
		"a storm cloud alone":                             {"///TCU 27/22", "temperature_c=27 dew_point_c=22", ""},
		"a layer of which all is missing":                 {"FEW020 ////// 27/22", "temperature_c=27 dew_point_c=22", ""},
		"a height whose amount is missing":                {"FEW020 ///015 27/22", "temperature_c=27 dew_point_c=22", ""},
		"a height whose amount and type are missing":      {"///015/// 27/22", "temperature_c=27 dew_point_c=22", ""},
		"a height whose amount is missing, before no dew": {"///012 27///", "temperature_c=27", ""},
		"slashes before a layer":                          {"//FEW015", "cloud_cover_pct=18.75", ""},
		"layers grown together":                           {"FEW020SCT100", "cloud_cover_pct=43.75", ""},
		"layers grown together, one without height":       {"FEW018BKN//CB", "cloud_cover_pct=75", ""},
		"a letter O for a nought in a height":             {"BKNO20", "cloud_cover_pct=75", ""},
		"a word for the cover that is not known":          {"FEW020 BNK040 27/22", "temperature_c=27 dew_point_c=22", "BNK040"},
		"a layer grown together with weather that is not": {"FEW020 BKNXYZ Q1013", "pressure_hpa=1013", "BKNXYZ"},
		"the sky in words":                                {"1100 BR SKY OBS 24/23", "temperature_c=24 dew_point_c=23 visibility_m=1100", "SKY OBS"},
		"a layer below a sky that can't be seen":          {"0300 FEW001 VV002", "visibility_m=300", ""},
		"a slash before CLR":                              {"8000 /CLR M05/M08", "temperature_c=-5 dew_point_c=-8 visibility_m=8000", "/CLR"},
		"eighths of the sky in figures":                   {"FEW020 4SC040 27/22", "temperature_c=27 dew_point_c=22", "4SC040"},
		"in small letters":                                {"few020 27/22 q1013", "temperature_c=27 dew_point_c=22 pressure_hpa=1013 cloud_cover_pct=18.75", ""},

		// Wind.
		"wind after the sky":                         {"FEW029TCU SCT250 09008KT 7SM 32/25 A3008", "temperature_c=32 dew_point_c=25 pressure_hpa=1018.6 wind_speed_ms=4.12 wind_direction_deg=90 cloud_cover_pct=43.75 visibility_m=11265", ""},
		"a unit of wind that is misspelt":            {"25005KY 9999", "visibility_m=10000", "25005KY"},
		"a unit of wind that is missing":             {"25005 9999", "visibility_m=10000", "25005"},
		"a plural unit":                              {"25005KTS 9999", "wind_speed_ms=2.57 wind_direction_deg=250 visibility_m=10000", ""},
		"a calm of six noughts":                      {"000000KT 9999", "wind_speed_ms=0 visibility_m=10000", ""},
		"a calm of four noughts is not a visibility": {"0000KT 10SM", "wind_speed_ms=0 visibility_m=16093", ""},
		"a calm in m/s":                              {"00000MPS", "wind_speed_ms=0", ""},
		"a speed of three figures with a nought":     {"320012KT", "wind_speed_ms=6.17 wind_direction_deg=320", ""},
		"a figure too many":                          {"320120KT 9999", "visibility_m=10000", "320120KT"},
		"a figure too few":                           {"3212KT 9999", "visibility_m=10000", "3212KT"},
		"an estimate":                                {"E22006KT", "wind_speed_ms=3.09 wind_direction_deg=220", ""},
		"a space before the unit":                    {"32012 KT 9999", "wind_speed_ms=6.17 wind_direction_deg=320 visibility_m=10000", ""},
		"a space before the gust":                    {"32012 G25KT 9999", "wind_speed_ms=6.17 wind_gust_ms=12.86 wind_direction_deg=320 visibility_m=10000", ""},
		"a slash after the direction":                {"320/12KT", "wind_speed_ms=6.17 wind_direction_deg=320", ""},
		"a gust below the mean":                      {"32020G15KT", "wind_speed_ms=10.29 wind_direction_deg=320", "G15KT"},
		"a gust that is missing":                     {"32020G//KT", "wind_speed_ms=10.29 wind_direction_deg=320", ""},
		"a variable wind with gusts":                 {"VRB05G18KT 120V240", "wind_speed_ms=2.57 wind_gust_ms=9.26", ""},
		"gusts in m/s":                               {"24004G09MPS", "wind_speed_ms=4 wind_gust_ms=9 wind_direction_deg=240", ""},
		"more than 49 m/s":                           {"240P49MPS", "wind_speed_ms=49 wind_direction_deg=240", ""},
		"the sector grown onto the wind":             {"25008KT220V280 9999", "wind_speed_ms=4.12 wind_direction_deg=250 visibility_m=10000", ""},
		"a letter O in the wind":                     {"O8005KT 9999", "visibility_m=10000", "O8005KT"},
		"two winds":                                  {"32012KT 18025KT", "wind_speed_ms=6.17 wind_direction_deg=320", ""},

		// Visibility.
		"no variation of direction":                        {"9999NDV", "visibility_m=10000", ""},
		"a visibility that is not measured":                {"////NDV 27/22", "temperature_c=27 dew_point_c=22", ""},
		"only the visibility of one direction":             {"4000E -SHRA Q1013", "pressure_hpa=1013", "4000E"},
		"a least visibility of three figures":              {"2500 100NW", "visibility_m=2500", ""},
		"a least visibility without direction":             {"9999 3000 SHRA", "visibility_m=10000", ""},
		"a mile and a half without its space":              {"11/2SM HZ", "visibility_m=2414", ""},
		"two miles and a quarter without their space":      {"21/4SM", "visibility_m=3621", ""},
		"ten miles and a half":                             {"101/2SM", "visibility_m=16898", ""},
		"a sixteenth":                                      {"1/16SM R35L/1000V1200FT FZFG VV001", "visibility_m=101", ""},
		"sixteenths that may be a mile and one":            {"11/16SM HZ 27/22", "temperature_c=27 dew_point_c=22", "11/16SM"},
		"an improper fraction":                             {"5/4SM HZ 27/22", "temperature_c=27 dew_point_c=22", "5/4SM"},
		"less than a quarter of a mile":                    {"M1/4SM", "visibility_m=402", ""},
		"a space before SM":                                {"10 SM CLR", "visibility_m=16093", ""},
		"a mile and a half with each space":                {"1 1/2 SM BR", "visibility_m=2414", ""},
		"kilometres":                                       {"6KM HZ", "visibility_m=6000", ""},
		"kilometres with a space":                          {"6 KM HZ", "visibility_m=6000", ""},
		"more than ten kilometres":                         {"P10KM", "visibility_m=10000", ""},
		"ten thousand metres":                              {"10000 27/22", "temperature_c=27 dew_point_c=22 visibility_m=10000", ""},
		"commas and full stops":                            {"32012KT, 9999. FEW023; 27/22,", "temperature_c=27 dew_point_c=22 wind_speed_ms=6.17 wind_direction_deg=320 cloud_cover_pct=18.75 visibility_m=10000", ""},
		"CAVOK beside figures":                             {"CAVOK 9999 27/22", "temperature_c=27 dew_point_c=22 visibility_m=10000", ""},
		"a pressure without its letter is not visibility":  {"27/22 1013", "temperature_c=27 dew_point_c=22", "1013"},
		"four figures that no visibility has":              {"2992 27/22", "temperature_c=27 dew_point_c=22", "2992"},
		"runways are not visibility":                       {"0800 R36/0600 R18L///// R/SNOCLO R06/P2000 RWY03", "visibility_m=800", ""},
		"the range of a runway in feet":                    {"3/8SM R11/2600FT/N R16/1800FT/N FG", "visibility_m=604", ""},
		"the state of a runway":                            {"9999 27/22 Q1013 R24/CLRD70 8849//91", "temperature_c=27 dew_point_c=22 pressure_hpa=1013 visibility_m=10000", ""},
		"weather grown onto the visibility":                {"9999-RA FEW020", "cloud_cover_pct=18.75 visibility_m=10000", ""},
		"a layer grown onto the visibility":                {"9999FEW020 27/22", "temperature_c=27 dew_point_c=22 cloud_cover_pct=18.75 visibility_m=10000", ""},
		"rain of ten minutes and since nine, of Australia": {"9999 RF02.2/024.4", "visibility_m=10000", ""},

		// Temperature and dew point.
		"a dew point of slashes":             {"27/// Q1008", "temperature_c=27 pressure_hpa=1008", ""},
		"a dew point of one slash":           {"27// Q1008", "temperature_c=27 pressure_hpa=1008", ""},
		"a dew point of XX":                  {"27/XX Q1008", "temperature_c=27 pressure_hpa=1008", ""},
		"both as MM":                         {"MM/MM Q1008", "pressure_hpa=1008", ""},
		"a sign in place of M":               {"-02/-10", "temperature_c=-2 dew_point_c=-10", ""},
		"three figures":                      {"027/022", "temperature_c=27 dew_point_c=22", ""},
		"tenths without their point":         {"270/220 Q1008", "pressure_hpa=1008", "270/220"},
		"one figure":                         {"27/9", "temperature_c=27 dew_point_c=9", ""},
		"a space after the slash":            {"27/ 22 Q1008", "temperature_c=27 dew_point_c=22 pressure_hpa=1008", ""},
		"a space before the slash":           {"27 /22 Q1008", "temperature_c=27 dew_point_c=22 pressure_hpa=1008", ""},
		"the pressure grown on":              {"27/22Q1013", "temperature_c=27 dew_point_c=22 pressure_hpa=1013", ""},
		"a layer grown before":               {"FEW02027/22", "temperature_c=27 dew_point_c=22 cloud_cover_pct=18.75", ""},
		"spaces about the slash":             {"27 / M02 Q1013", "temperature_c=27 dew_point_c=-2 pressure_hpa=1013", ""},
		"half a mile whose unit was lost":    {"1/2 27/22", "temperature_c=27 dew_point_c=22", "1/2"},
		"tenths":                             {"27.4/22.1", "temperature_c=27.4 dew_point_c=22.1", ""},
		"a letter in it":                     {"2T/22 Q1008", "pressure_hpa=1008", "2T/22"},
		"a temperature that no place has":    {"72/68 Q1008", "pressure_hpa=1008", "72/68"},
		"the first of two":                   {"27/22 25/19", "temperature_c=27 dew_point_c=22", ""},
		"neither visibility nor temperature": {"//// 27/22", "temperature_c=27 dew_point_c=22", ""},

		// Pressure.
		"tenths of hPa":                      {"Q1013.2", "pressure_hpa=1013.2", ""},
		"hPa without its letter":             {"9999 27/22 1013HPA", "temperature_c=27 dew_point_c=22 pressure_hpa=1013 visibility_m=10000", ""},
		"both units, inches first":           {"A2992 Q1013", "pressure_hpa=1013.2", ""},
		"both units in one group":            {"Q1013/A2992", "pressure_hpa=1013", ""},
		"both units, the inches as a number": {"Q1013/29.92", "pressure_hpa=1013", ""},
		"the word QNH":                       {"QNH1013", "pressure_hpa=1013", ""},
		"the word QNH apart":                 {"QNH 1013", "pressure_hpa=1013", ""},
		"inches by the word QNH":             {"QNH2992INS", "pressure_hpa=1013.2", ""},
		"a point in the inches":              {"A29.92", "pressure_hpa=1013.2", ""},
		"a space after Q":                    {"9999 Q 1013", "pressure_hpa=1013 visibility_m=10000", ""},
		"a nought that was left out":         {"Q998", "pressure_hpa=998", ""},
		"a figure that was left out":         {"27/22 Q101", "temperature_c=27 dew_point_c=22", "Q101"},
		"inches under the letter of hPa":     {"27/22 Q2992", "temperature_c=27 dew_point_c=22", "Q2992"},
		"hPa under the letter of inches":     {"27/22 A1013", "temperature_c=27 dew_point_c=22", "A1013"},
		"at the aerodrome":                   {"27/22 QFE1010", "temperature_c=27 dew_point_c=22", ""},
		"at sea level before the remarks":    {"27/22 Q1013 SLP162 RMK WND DATA ESTMD", "temperature_c=27 dew_point_c=22 pressure_hpa=1013", ""},
		"missing in part":                    {"27/22 Q10//", "temperature_c=27 dew_point_c=22", "Q10//"},
		"NOSIG grown onto it":                {"27/22 Q1013NOSIG", "temperature_c=27 dew_point_c=22 pressure_hpa=1013", ""},
		"a letter in it that should not":     {"27/22 Q10I3 NOSIG", "temperature_c=27 dew_point_c=22", "Q10I3"},
		"a hundred and thirteen":             {"27/22 Q0113", "temperature_c=27 dew_point_c=22", "Q0113"},
		"of inches that no place has seen":   {"27/22 A9229", "temperature_c=27 dew_point_c=22", "A9229"},

		// Trends and remarks are not observations.
		"a trend from a time on":               {"27/22 Q1013 FM1230 09035G50KT 2000 TSRA BKN010CB", "temperature_c=27 dew_point_c=22 pressure_hpa=1013", ""},
		"a trend from a day and time on":       {"27/22 Q1013 FM291230 09035KT 2000", "temperature_c=27 dew_point_c=22 pressure_hpa=1013", ""},
		"a trend until a time":                 {"27/22 Q1013 TL1300 2000 BKN010", "temperature_c=27 dew_point_c=22 pressure_hpa=1013", ""},
		"a trend at a time":                    {"27/22 Q1013 AT1300 2000 BKN010", "temperature_c=27 dew_point_c=22 pressure_hpa=1013", ""},
		"a probability":                        {"27/22 Q1013 PROB40 TEMPO 2000 BKN010", "temperature_c=27 dew_point_c=22 pressure_hpa=1013", ""},
		"a nought in TEMPO":                    {"27/22 Q1002 TEMP0 SCT035CB", "temperature_c=27 dew_point_c=22 pressure_hpa=1002", ""},
		"TEMPO that was cut":                   {"27/22 Q1002 TEMP SCT035CB", "temperature_c=27 dew_point_c=22 pressure_hpa=1002", ""},
		"TEMPO written in another way":         {"27/22 Q1002 TMPO 27025KT 2000 SCT035CB", "temperature_c=27 dew_point_c=22 pressure_hpa=1002", "TMPO"},
		"intermittent":                         {"27/22 Q1002 INTER 2000 SCT035CB", "temperature_c=27 dew_point_c=22 pressure_hpa=1002", ""},
		"a trend run together":                 {"26/22 Q1001 BECMG TL002024005G11MPS TSRA", "temperature_c=26 dew_point_c=22 pressure_hpa=1001", ""},
		"a trend grown onto its word":          {"26/22 Q1001 TEMPO27025KT 3000", "temperature_c=26 dew_point_c=22 pressure_hpa=1001", ""},
		"a trend grown onto the pressure":      {"26/22 Q1001TEMPO 27025KT 3000", "temperature_c=26 dew_point_c=22 pressure_hpa=1001", ""},
		"wind shear before a trend":            {"22/19 Q1012 WS ALL RWY TEMPO VRB30G45KT 1500", "temperature_c=22 dew_point_c=19 pressure_hpa=1012", ""},
		"recent weather before the sky":        {"RERA FEW020 22/19 Q1012 RETS", "temperature_c=22 dew_point_c=19 pressure_hpa=1012 cloud_cover_pct=18.75", ""},
		"words about the runway":               {"M02/M08 Q1020 RWY 03 CLEAR AND DRY 51-100 PCT BA GOOD", "temperature_c=-2 dew_point_c=-8 pressure_hpa=1020", "03"},
		"words that are not known":             {"9999 27/22 Q1014 REY WET 3000 OVC001", "temperature_c=27 dew_point_c=22 pressure_hpa=1014 visibility_m=10000", "REY"},
		"a state of the sea":                   {"27/22 Q1014 W27/S4 WM01/H05 W///S3", "temperature_c=27 dew_point_c=22 pressure_hpa=1014", ""},
		"colours of a military aerodrome":      {"27/22 Q1014 BLU BLACKGRN", "temperature_c=27 dew_point_c=22 pressure_hpa=1014", ""},
		"a second report on the line":          {"27/22 Q1014 GOBD 230600Z 35010KT 3000 OVC001 25/19 Q1000", "temperature_c=27 dew_point_c=22 pressure_hpa=1014", "GOBD"},
		"a forecast on the line":               {"27/22 Q1014 TAF GOOY 230500Z 2306/2406 35010KT 3000", "temperature_c=27 dew_point_c=22 pressure_hpa=1014", ""},
		"remarks grown onto their word":        {"27/22 A2992 RMKAO2 T02720219 35010KT", "temperature_c=27 dew_point_c=22 pressure_hpa=1013.2", ""},
		"pressure before all else":             {"Q1013 32012KT 9999 FEW023 27/22", "temperature_c=27 dew_point_c=22 pressure_hpa=1013 wind_speed_ms=6.17 wind_direction_deg=320 cloud_cover_pct=18.75 visibility_m=10000", ""},
		"no sign and a mark for maintenance":   {"27/22 A2992 $", "temperature_c=27 dew_point_c=22 pressure_hpa=1013.2", ""},
		"everything about it is an automat's":  {"AUTO 24007KT 210V300 9999 -RA BKN/// 27/21 Q1013", "temperature_c=27 dew_point_c=21 pressure_hpa=1013 wind_speed_ms=3.6 wind_direction_deg=240 cloud_cover_pct=75 visibility_m=10000 automatic", ""},
		"a correction by an automat":           {"COR AUTO 10008KT 9999 NCD", "wind_speed_ms=4.12 wind_direction_deg=100 visibility_m=10000 automatic corrected", ""},
		"a report that was sent with a delay":  {"RRA 10008KT 9999", "wind_speed_ms=4.12 wind_direction_deg=100 visibility_m=10000", ""},
		"a lone Z that was torn from the time": {"Z 10008KT 9999", "wind_speed_ms=4.12 wind_direction_deg=100 visibility_m=10000", ""},
	}, func(report string) codetest.Decoded {
		return decodeLine("METAR GOOY 230600Z " + report + " Q////=")
	})
}

func TestHeadersOfManyForms(t *testing.T) {
	for _, header := range []string{
		"METAR GOOY 230600Z", "GOOY 230600", "SPECI GOOY 230600UTC", "METAR COR GOOY 230600Z", "METAR GOOY COR 230600Z",
		"AUTO GOOY 230600Z", "COR SPECI GOOY 230600Z", "METAR METAR GOOY 230600Z", "METAR GOOY 230600 Z", "metar gooy 230600z",
	} {
		r, err := Decode(header+" 32012KT 9999 27/22 Q1013", near)
		if err != nil || r.ICAO != "GOOY" || r.ObservedAt.Format("02T15:04") != "23T06:00" || len(r.Unread) > 0 || r.Values.Count() != 7 {
			t.Errorf("%s: got %+v, %v", header, r, err)
		}
	}
}
