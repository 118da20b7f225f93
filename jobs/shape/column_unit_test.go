package shape

import (
	"strings"
	"testing"
)

func TestTheUnitThatNothingStatesIsThatInWhichTheColumnIsWeather(t *testing.T) {
	for name, c := range map[string]struct{ heading, cells, want string }{
		"kelvins":                             {"T", "300.25 301.5", `"temperature_c":27.1`},
		"degrees Fahrenheit":                  {"T", "80.6 71.6 84.2", `"temperature_c":27`},
		"degrees Fahrenheit of two rows":      {"T", "80.6 71.6", "nothing"},
		"degrees Celsius with a hot spike":    {"T", "27 28 85", `"temperature_c":27`},
		"kelvins without decimals, or tenths": {"T", "300 301", "nothing"},
		"the dew point in Fahrenheit":         {"dew point", "71.6 69.8 73.4", `"dew_point_c":22`},
		"pascals":                             {"pressure", "101250 101190", `"pressure_hpa":1012.5`},
		"tenths of hectopascals":              {"pressure", "10125 10119", `"pressure_hpa":1012.5`},
		"kilopascals":                         {"pressure", "101.25 101.19", `"pressure_hpa":1012.5`},
		"inches of mercury":                   {"pressure", "29.92 29.9", `"pressure_hpa":1013.207`},
		"millimetres of mercury":              {"pressure", "760 759", `"pressure_hpa":1013.25`},
		"a pressure in no unit":               {"pressure", "5 6", "nothing"},
		"a humidity in parts of one":          {"humidity", "0.8 0.75", `"humidity_pct":80`},
		"a humidity of one":                   {"humidity", "1 1", "nothing"},
		"a dry humidity":                      {"humidity", "1 12", `"humidity_pct":1`},
		"a cover in parts of one":             {"cloud cover", "0.5 0.75", `"cloud_cover_pct":50`},
		"a cover that may be in eighths":      {"nébulosité", "4 8", "nothing"},
		"a cover of per cents":                {"nébulosité", "8 40", `"cloud_cover_pct":8`},
		"a clear sky":                         {"nébulosité", "0 0", `"cloud_cover_pct":0`},
		"directions in tens of degrees":       {"dd", "32 31 30 2 4", "nothing"},
		"directions of the north-east":        {"dd", "32 31 40 2 4", `"wind_direction_deg":32`},
	} {
		t.Run(name, func(t *testing.T) {
			rows := []string{"time|" + c.heading + "|rafales"}
			for i, cell := range strings.Fields(c.cells) {
				rows = append(rows, "2026-08-01 1"+string(rune('0'+i))+":00|"+cell+"|7")
			}
			var ignored Collector
			got := readTable(Options{}, &ignored, rows...)
			if c.want == "nothing" {
				if first, _, _ := strings.Cut(got, "\n"); !strings.HasSuffix(first, `{"wind_gust_ms":7}`) || !strings.Contains(reasons(&ignored), "the file does not") {
					t.Errorf("got %s, ignored %s", got, reasons(&ignored))
				}
			} else if first, _, _ := strings.Cut(got, "\n"); !strings.Contains(first, "{"+c.want) && !strings.Contains(first, ","+c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestWordsInThePlaceOfNumbersAreReadForWhatTheyMean(t *testing.T) {
	for name, c := range map[string]struct{ heading, cell, want string }{
		"a calm":                              {"wind speed", "calme", `"wind_speed_ms":0`},
		"eighths":                             {"nébulosité", "4/8", `"cloud_cover_pct":50`},
		"at least":                            {"visibility (m)", ">10000", `"visibility_m":10000`},
		"or more":                             {"visibility (km)", "10+", `"visibility_m":10000`},
		"a letter of the hemisphere":          {"lat", "14.69N", `"temperature_c":27`},
		"degrees and minutes":                 {"lat", "14°41'24\"N", `"temperature_c":27`},
		"a bound that is not a trace":         {"rain", "<5", `"temperature_c":27}`},
		"a word for none":                     {"rain", "néant", `"temperature_c":27}`},
		"figures that are left out":           {"humidity", "--.-", `"temperature_c":27}`},
		"a word of French services":           {"humidity", "mq", `"temperature_c":27}`},
		"the highest number of a byte":        {"humidity", "255", `"temperature_c":27}`},
		"the word of a logger":                {"humidity", "-6999", `"temperature_c":27}`},
		"less than none":                      {"rain", "-1", `"temperature_c":27}`},
		"a thousand beside decimal commas":    {"température maximale|pressure", "27,5|1.013", `"pressure_hpa":1013`},
		"a thousand beside thousands":         {"pressure", "1.012,5", `"pressure_hpa":1012.5`},
		"three decimals beside decimal point": {"pressure", "1012.125", `"pressure_hpa":1012.125`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := readTable(Options{}, nil, "time|T|"+c.heading, "2026-08-01 12:00|27|"+c.cell); !strings.Contains(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestADateThatATimeOfDayIsGivenByProgramsIsNotItsDay(t *testing.T) {
	for _, clock := range []string{"30/12/1899 14:30:00", "1900-01-01 14:30", "1970-01-01T14:30:00"} {
		if got := readTable(Options{}, nil, "Date|Heure|T", "13/08/2026|"+clock+"|27"); !strings.HasPrefix(got, "2026-08-13 14:30 ") {
			t.Errorf("%s: got %s", clock, got)
		}
	}
}
