package shape

import (
	"math"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func TestTheSignsOfANumberProveItsDecimalSign(t *testing.T) {
	for text, want := range map[string]string{
		"25,3": "comma", "25.3": "point", "1.013,2": "comma", "1,013.2": "point", "1,013": "", "1013": "", "0,123": "comma", "-0,123": "comma", ",123": "comma",
		"1013,123": "comma", "+1,013": "", "1,01": "comma", "1,0134": "comma", "85,123 %": "", "85,12 %": "comma", "1.013": "open", "123,456": "", "123.456": "open", ".5": "point", "1234.567": "point", "0.123": "point", "1013.123": "point", "1.234.567": "", "1.234.567,8": "comma", "words": "", "": "",
		"\u22121,013": "", "\u22120,013": "comma",
	} {
		proved := signsOf(text)
		got := ""
		if proved.comma {
			got = "comma"
		}
		if proved.point {
			got += "point"
		}
		if proved.openPoint {
			got += "open"
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestANumberIsReadWithTheDecimalSignOfItsColumn(t *testing.T) {
	for text, want := range map[string][2]float64{ // with a point, with a comma; NaN: none
		"1,013":      {1013, 1.013},
		"1.013":      {1.013, 1013},
		"1,013.5":    {1013.5, math.NaN()},
		"1.013,5":    {math.NaN(), 1013.5},
		"25,3":       {math.NaN(), 25.3},
		"25":         {25, 25},
		" -25 % ":    {-25, -25},
		"1,234,567":  {1234567, math.NaN()},
		"12,34,567":  {math.NaN(), math.NaN()},
		"1234,567":   {math.NaN(), 1234.567},
		",567":       {math.NaN(), 0.567},
		".5":         {0.5, math.NaN()},
		"-1,013":     {-1013, -1.013},
		"1\u202f013": {1013, 1013},
		"words":      {math.NaN(), math.NaN()},
		"1.2.3":      {math.NaN(), math.NaN()},
	} {
		for i, decimal := range [...]byte{'.', ','} {
			got, ok := decimalNumber(text, decimal)
			if ok == math.IsNaN(want[i]) || ok && got != want[i] {
				t.Errorf("%q with %q: got %v, %v, want %v", text, decimal, got, ok, want[i])
			}
		}
	}
}

func TestThousandsAreInGroupsOfThree(t *testing.T) {
	for whole, want := range map[string]bool{"1,013": true, "12,013": true, "123,013": true, "1234,013": false, ",013": false, "1,13": false, "1,0134": false, "-1,013": true, "1,013,013": true, "1,013,01": false, "123": true, "12": true, "1": true, "": false, "1234": false} {
		if got := grouped(whole, ","); got != want {
			t.Errorf("%s: %v", whole, got)
		}
	}
}

func TestWordsForNotMeasuredAreAbsent(t *testing.T) {
	for _, value := range []any{nil, "", " ", "NA", "n/a", "#N/A", "null", "-", "---", "////", "?", "manquant", "No data", "\u2013", "-----", "\u00a0", math.NaN(), strings.Repeat(" ", 64), "Nan", "M", "*"} {
		if !absent(value) {
			t.Errorf("%q is a value", value)
		}
	}
	for _, value := range []any{"0", 0.0, "-1", "N", "Dakar", "mm", "Nadar", false, Row{}, strings.Repeat(" ", 65)} {
		if absent(value) {
			t.Errorf("%q is absent", value)
		}
	}
	if !sentinel(-999) || !sentinel(-9999) || sentinel(999) || sentinel(9999) || sentinel(-99) {
		t.Error("-999 and -9999 stand for missing values, and no other number by itself does")
	}
	for _, s := range []string{"#DIV/0!", "#REF!", "#N/A", "#NUL!"} {
		if isErrorCell(s) != (s != "#N/A") {
			t.Errorf("%s", s)
		}
	}
	if isErrorCell("#1") || isErrorCell("DIV/0!") || isErrorCell(5.0) || isErrorCell("#1234") {
		t.Error("other texts are not errors")
	}
}

func TestAnErrorOfASpreadsheetIsNamedAndNotRead(t *testing.T) {
	var ignored Collector
	got := readTable(Options{}, &ignored, "Time|Temp|Humidity", "2026-08-01 12:00|#DIV/0!|70")
	if got != `2026-08-01 12:00 {"humidity_pct":70}` || reasons(&ignored) != `Temp "#DIV/0!" xI the cell has an` {
		t.Errorf("got %s, ignored %s", got, reasons(&ignored))
	}
}

func TestWholeNumbersAreWhole(t *testing.T) {
	for _, c := range []struct {
		in   any
		want int64
		ok   bool
	}{
		{5.0, 5, true},
		{"5", 5, true},
		{0.0, 0, true},
		{float64(maxInteger), maxInteger, true},
		{float64(maxInteger + 1), 0, false},
		{-1.0, 0, false},
		{0.5, 0, false},
		{"words", 0, false},
		{math.Inf(1), 0, false},
		{nil, 0, false},
	} {
		if got, ok := whole(c.in); got != c.want || ok != c.ok {
			t.Errorf("%v: got %d, %v", c.in, got, ok)
		}
	}
}

func TestValuesInMessagesAreShort(t *testing.T) {
	for _, c := range []struct {
		in   any
		want string
	}{
		{strings.Repeat("x", 58), `"` + strings.Repeat("x", 58) + `"`},
		{strings.Repeat("x", 59), `"` + strings.Repeat("x", 56) + "..."},
		{time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC), "2026-08-01T12:00:00Z"},
		{27.5, "27.5"},
		{nil, "null"},
	} {
		if got := quote(c.in); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if got := quote(strings.Repeat("é", 40)); !strings.HasSuffix(got, "...") || strings.ContainsRune(got, '\ufffd') || len(got) > 60 {
		t.Errorf("a letter that is cut: %s", got)
	}
}

func TestTextIsOfWordsAndNumbers(t *testing.T) {
	for _, c := range []struct {
		in   any
		want string
		ok   bool
	}{{" a ", "a", true}, {61641.0, "61641", true}, {math.NaN(), "", false}, {math.Inf(-1), "", false}, {true, "", false}, {nil, "", false}} {
		if got, ok := text(c.in); got != c.want || ok != c.ok {
			t.Errorf("%v: got %q, %v", c.in, got, ok)
		}
	}
}

func TestUnitsAreConvertedExactly(t *testing.T) {
	for name, c := range map[string]struct {
		m    meaning
		unit string
		in   float64
		want float64
	}{
		"°F":                      {meaning(meteo.Temperature), "°F", 212, 100},
		"K":                       {meaning(meteo.Temperature), "K", 300.15, 27},
		"octas":                   {meaning(meteo.CloudCover), "octas", 3, 37.5},
		"percent":                 {meaning(meteo.Humidity), " % ", 70, 70},
		"Pa":                      {meaning(meteo.Pressure), "Pa", 101325, 1013.25},
		"kPa":                     {meaning(meteo.Pressure), "kPa", 101.325, 1013.25},
		"mmHg":                    {meaning(meteo.Pressure), "mmHg", 760, 1013.25024},
		"inHg":                    {meaning(meteo.Pressure), "inHg", 30, 1015.9167},
		"km/h":                    {meaning(meteo.WindSpeed), "km/h", 36, 10},
		"kt":                      {meaning(meteo.WindSpeed), "kt", 10, 5.144444444},
		"mph":                     {meaning(meteo.WindGust), "mph", 10, 4.4704},
		"cm":                      {meaning(meteo.Rain), "cm", 1.2, 12},
		"inches":                  {meaning(meteo.Rain), "inches", 2, 50.8},
		"cm/h":                    {meaning(meteo.RainRate), "cm/h", 1, 10},
		"in/h":                    {meaning(meteo.RainRate), "in/h", 1, 25.4},
		"km":                      {meaning(meteo.Visibility), "km", 16.1, 16100},
		"miles":                   {meaning(meteo.Visibility), "mi", 1, 1609.344},
		"feet":                    {elevation, "ft", 100, 30.48},
		"degrees":                 {latitude, "°", 14.7, 0},
		"degrees, spelt":          {longitude, "deg", -17.4, -17.4},
		"minutes":                 {interval, "min", 5, 300},
		"hours":                   {interval, "h", 2, 7200},
		"a unit of another thing": {meaning(meteo.Rain), "°C", 5, 0},
		"a unit of what has none": {placeName, "m", 5, 0},
	} {
		convert, ok := converter(c.m, c.unit)
		got := 0.0
		if ok {
			got = convert(c.in)
		}
		if got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	if got := tidy(16100.000000000002); got != 16100 {
		t.Errorf("got %v", got)
	}
	if got := tidy(1e6); got != 1e6 {
		t.Errorf("got %v", got)
	}
	if got := tidy(1234567.1234567891); got != 1234567.1234567891 {
		t.Errorf("a large number becomes %v", got)
	}
}

func TestAVisibilityWithoutAUnitIsReadWhenItsUnitShows(t *testing.T) {
	const whyless = "left out"
	for name, c := range map[string]struct {
		row  Row
		want any
	}{
		"too much for kilometres":          {Row{{"visibility", 101.0}}, 101.0},
		"100 may be kilometres":            {Row{{"visibility", 100.0}}, whyless},
		"a fraction is of kilometres":      {Row{{"visibility", 9.5}}, 9500.0},
		"0 is 0 in any unit":               {Row{{"visibility", 0.0}}, 0.0},
		"a sentinel is not named":          {Row{{"visibility", -999.0}}, nil},
		"names of producers of kilometres": {Row{{"visibility", 10.0}, {"windSpeed", 5.0}}, 10000.0},
		"a whole number alone":             {Row{{"visibility", 10.0}}, whyless},
		"a unit in the name":               {Row{{"visibility_km", 10.0}}, 10000.0},
	} {
		var ignored Collector
		d := NewDecoder()
		d.Collect(&ignored)
		all, err := d.FromRow(append(c.row, Field{"time", "2026-08-01 12:00"}, Field{"temp", 20.0}, Field{"city", "Dakar"}), defaults())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got any
		if all[0].Values.Has(meteo.Visibility) {
			got = all[0].Values[meteo.Visibility]
		} else if len(ignored.List()) > 0 {
			got = whyless
		}
		if got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"metres in a column":            {[]string{"Time|Visibility|T", "2026-08-01 12:00|10|27", "2026-08-01 13:00|800|27"}, `"visibility_m":10`},
		"100 in a column":               {[]string{"Time|Visibility|T", "2026-08-01 12:00|100|27"}, ""},
		"kilometres in a column":        {[]string{"Time|Visibility|T", "2026-08-01 12:00|9.5|27", "2026-08-01 13:00|10|27"}, `"visibility_m":9500`},
		"a fraction beside °F":          {[]string{"Time|Visibility|T (°F)", "2026-08-01 12:00|9.5|80.6"}, ""},
		"names written as windSpeed":    {[]string{"Time|visibility|windSpeed", "2026-08-01 12:00|10|5"}, `"visibility_m":10000`},
		"a negative one does not count": {[]string{"Time|Visibility|T", "2026-08-01 12:00|10|27", "2026-08-01 13:00|-9.5|27"}, ""},
		"0 alone":                       {[]string{"Time|Visibility|T", "2026-08-01 12:00|0|27"}, ""},
	} {
		got := readTable(Options{}, nil, c.lines...)
		if c.want == "" && strings.Contains(got, "visibility") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
