package shape

import (
	"fmt"
	"strings"
	"testing"

	"senmeteo/jobs/meteo"
)

func TestAMeasuredNameHasItsUnitBeforeOrAfterIt(t *testing.T) {
	for name, want := range map[string]string{ // the variable and the value 36; "" for a name that is not understood
		"m/s Wind Speed": "wind_speed_ms 36", "km/h Wind Speed": "wind_speed_ms 10", "km h-1 vent": "wind_speed_ms 10",
		"inch of mercury pressure": "", "a b c temperature": "", "bananas temperature": "",
		"Wind speed meters per second": "wind_speed_ms 36", "Rain mm": "rain_mm 36", "Rain mm/h": "rain_rate_mm_h 36", "Rain in/hr": "rain_rate_mm_h 914.4",
		"Temperature mm/h": "", "wind speed one two three four five six seven": "",
		"Temperature degrees C": "temperature_c 36", "T": "temperature_c 36", "Température extérieure": "temperature_c 36",
		"Humidity %": "humidity_pct 36", "Humidity (octas)": "humidity_pct 450",
	} {
		c := understand(name)
		got := ""
		if c.meaning < stationID {
			got = fmt.Sprint(meteo.Variable(c.meaning), " ", c.convert(36))
		}
		if got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func TestNamesOfTimesStateTheirForm(t *testing.T) {
	for name, want := range map[string]timeStyle{
		"Date (dd/mm/yyyy)":          {order: DayFirst},
		"Date (jj/mm/aaaa)":          {order: DayFirst},
		"Date (mm/dd/yyyy)":          {order: MonthFirst},
		"Date (yy/mm/dd)":            {order: ShortYearFirst},
		"Date (yyyy-mm-dd)":          {order: ShortYearFirst},
		"Date (dd/mm/yyyy hh:mm:ss)": {order: DayFirst},
		"Date (yyyydddd)":            {},
		"Date YYYYMMDD":              {order: ShortYearFirst},
		"Date (d/m)":                 {order: DayFirst},
		"Time (hh:mm)":               {},
		"Time (ms)":                  {epoch: true},
		"timestamp unix":             {epoch: true},
		"timestamp (h)":              {},
		"epoch":                      {epoch: true},
		"dt":                         {},
		"Time (hours)":               {},
	} {
		c := understand(name)
		if !isTimeOf(c.meaning) || c.times != want {
			t.Errorf("%q: %+v, want %+v (meaning %d)", name, c.times, want, c.meaning)
		}
	}
	for _, name := range []string{"Date (bananas)", "Date (d)", "Time of Dakar"} {
		if IsTime(name) {
			t.Errorf("%q is a time", name)
		}
	}
	for _, name := range []string{"Year", "Mois", "minute", "AM/PM", "timezone"} {
		if m := understand(name).meaning; IsTime(name) || !isPartOfTime(m) || !Known(name) {
			t.Errorf("%q: %d", name, m)
		}
	}
	for _, name := range []string{"elevation", "fetched_at", "provider", "hour"} {
		if isPartOfTime(understand(name).meaning) || !Known(name) {
			t.Errorf("%q is a part of a time", name)
		}
	}
}

func TestNamesThatAreTooLongMeanNothing(t *testing.T) {
	name := "Temp " + strings.Repeat(" ", 128-len("Temp ")-1)
	if !Measures(name + " ") {
		t.Errorf("%d bytes are not understood", len(name)+1)
	}
	if Measures(name + "  ") {
		t.Errorf("%d bytes are understood", len(name)+2)
	}
}

func TestANameIsUnderstoodInTheSameWayWhenItComesAgain(t *testing.T) {
	d := NewDecoder()
	for range 3 {
		if c := d.column("Vent (km/h)"); c.meaning != meaning(meteo.WindSpeed) || c.convert(36) != 10 {
			t.Errorf("meaning %d", c.meaning)
		}
	}
	for i := range maxNames + 5 {
		d.column(fmt.Sprint("column ", i))
	}
	if len(d.columns) != maxNames {
		t.Errorf("%d names are kept in mind", len(d.columns))
	}
	other := NewDecoder()
	if other.column(strings.Repeat("x", 128)); len(other.columns) != 1 {
		t.Error("a name of 128 bytes is not kept in mind")
	}
	if other.column(strings.Repeat("x", 129)); len(other.columns) != 1 {
		t.Error("a name of 129 bytes is kept in mind")
	}
}

func TestShortNamesArePartsOfATimeBesideAYear(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"beside a year":                          {[]string{"AA|MM|JJ|HH|mn|T", "2026|8|1|13|20|27"}, "2026-08-01 13:20"},
		"MM is the month, mm the minute":         {[]string{"Year|MM|DD|HH|mm|ss|T", "2026|8|1|13|20|30|27"}, "2026-08-01 13:20"},
		"a second one of a kind is not":          {[]string{"Year|Month|MM|DD|HH|T", "2026|8|9|1|13|27"}, "2026-08-01 13:00"},
		"not without a year":                     {[]string{"Time|DD|T", "2026-08-01 13:00|320|27"}, "2026-08-01 13:00"},
		"HR beside parts of a date":              {[]string{"YEAR|MO|DY|HR|T", "2026|8|1|13|27", "2026|8|1|14|28"}, "2026-08-01 13:00,2026-08-01 14:00"},
		"HR above 24 is the humidity":            {[]string{"Date|HR|T", "2026-08-01|80|27"}, "2026-08-02 00:00"},
		"HR with a fraction is the humidity":     {[]string{"Date|HR|T", "2026-08-01|13.5|27"}, "2026-08-02 00:00"},
		"HR beside times of day is the humidity": {[]string{"Date|HR|T", "2026-08-01 12:00|13|27"}, "2026-08-01 12:00"},
		"HR without a date is the humidity":      {[]string{"HR|T", "13|27"}, "invalid_time: it has no time"},
		"HR beside a note with a time":           {[]string{"Date|HR|RH|Note", "2026-08-01|13|80|2026-08-01 12:00"}, "2026-08-01 13:00"},
		"HR in rows that are too short":          {[]string{"Date|HR|RH|T", "2026-08-01|13|80|27", "2026-08-02"}, "2026-08-01 13:00,unknown_shape: no column has the name of something that senmeteo measures"},
		"HR of two ids of one day":               {[]string{"Date|Station ID|HR|T", "2026-08-01|SN-DK|13|27", "2026-08-01|SN-TH|13|27"}, `invalid_field: "HR" may be the hour or the relative humidity: say --column HR=hour or --column HR=humidity_pct`},
		"HR without cells is nothing":            {[]string{"Date|HR|T", "2026-08-01||27"}, "2026-08-02 00:00"},
		"HR of two stations of one day":          {[]string{"Date|Station|HR|T", "2026-08-01|Dakar|13|27", "2026-08-01|Thiès|13|27"}, `invalid_field: "HR" may be the hour or the relative humidity: say --column HR=hour or --column HR=humidity_pct`},
	} {
		if got := timesOf(c.lines...); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
	if got := readTable(Options{Columns: []Assignment{{"HR", "humidity_pct"}}}, nil, "Date|HR|T", "2026-08-01|13|27"); got != `2026-08-02 00:00 {"temperature_mean_c":27,"humidity_mean_pct":13}` {
		t.Errorf("the user's word: %s", got)
	}
	if got := readTable(Options{Columns: []Assignment{{"DD", "wind_direction_deg"}}}, nil, "Year|MM|JJ|DD|Hour|T", "2026|8|1|320|13|27"); got != `2026-08-01 13:00 {"temperature_c":27,"wind_direction_deg":320}` {
		t.Errorf("the user's word: %s", got)
	}
}

func TestWhatNamesMeanIsKeptInMindUpToABound(t *testing.T) {
	const name, other = "a name that nobody has", "another name that nobody has"
	before := understoodNames.Swap(0)
	defer understoodNames.Store(before)
	understand(name)
	if _, ok := understood.Load(name); !ok {
		t.Error("a name is not kept in mind")
	}
	understoodNames.Store(maxNames)
	understand(other)
	if _, ok := understood.Load(other); ok {
		t.Error("more names than the bound are kept in mind")
	}
}

func TestHRInARecordIsTheHourBesideADayAlone(t *testing.T) {
	for name, c := range map[string]struct {
		row  Row
		want string
	}{
		"a date":                          {Row{{"hr", 12.0}, {"date", "2026-08-01"}, {"rh", 80.0}}, "2026-08-01T12:00:00Z"},
		"a timestamp of a day":            {Row{{"timestamp", "2026-08-01"}, {"hr", 12.0}, {"rh", 80.0}}, "2026-08-01T12:00:00Z"},
		"a year":                          {Row{{"year", 2026.0}, {"month", 8.0}, {"day", 1.0}, {"hr", 12.0}, {"rh", 80.0}}, "2026-08-01T12:00:00Z"},
		"a date and an id that is a time": {Row{{"date", "2026-08-01"}, {"hr", 12.0}, {"rh", 80.0}, {"provider_id", "2026-08-01T06:00Z"}}, "2026-08-01T12:00:00Z"},
		"a date and an hour":              {Row{{"date", "2026-08-01"}, {"hour", 6.0}, {"hr", 12.0}}, "2026-08-01T06:00:00Z"},
		"a time":                          {Row{{"time", "2026-08-01 06:00"}, {"hr", 12.0}}, "2026-08-01T06:00:00Z"},
		"a date with a time":              {Row{{"date", "2026-08-01 06:00"}, {"hr", 12.0}}, "2026-08-01T06:00:00Z"},
	} {
		o, err := one(append(c.row, Field{"temp", 20.0}, Field{"city", "Dakar"}), defaults())
		if got := o.ObservedAt.Format("2006-01-02T15:04:05Z07:00"); err != nil || got != c.want {
			t.Errorf("%s: got %s, %v, want %s", name, got, err, c.want)
		}
	}
}
