package shape

import (
	"fmt"
	"strings"
	"testing"

	"senmeteo/jobs/meteo"
)

// describeLong returns what the rows of a table with one value a row hold, each with the key of its observation, and what was noted.
func describeLong(options Options, lines ...string) string {
	headings, rows := grid(lines...)
	var notes Collector
	l, ok := NewLong(headings, &options)
	if !ok {
		return "not one value a row"
	}
	l.Notes = &notes
	var out []string
	for _, row := range rows {
		v, ok := l.Value(row)
		said := fmt.Sprintf("%s: %s=%v", strings.ReplaceAll(l.Key(row), `"`, ""), v.Name, v.Value)
		if v.Unit != "" {
			said += " " + v.Unit
		}
		if v.Over != 0 {
			said += fmt.Sprintf(" over %d s", v.Over)
		}
		if !ok {
			said = "nothing"
		}
		out = append(out, said)
	}
	if n := reasons(&notes); n != "" {
		out = append(out, n)
	}
	return strings.Join(out, "\n")
}

func TestTheColumnsOfOneValueARowAreUnderstood(t *testing.T) {
	for name, c := range map[string]struct {
		options Options
		in      string
		want    string
	}{
		"the value first, of which the first counts":          {Options{}, "value|obsvalue|variable|time\n5|7|rain|1", "1|: rain=5"},
		"the element first":                                   {Options{}, "variable|time|value\nrain|1|5", "1|: rain=5"},
		"the interval first, of which the first counts":       {Options{}, "interval_s|interval (min)|time|variable|value\n3600|10|1|rain|5", "1|: rain=5 over 3600 s"},
		"the flag first":                                      {Options{}, "flag|time|variable|value\nm|1|rain|4\n|1|rain|4", "nothing\n1|: rain=4"},
		"a row that ends before its flag":                     {Options{}, "time|variable|value|flag\n1|rain|4", "1|: rain=4"},
		"the station as an element":                           {Options{}, "time|variable|value\n1|station_id|27", "1|: station_id=27"},
		"a unit":                                              {Options{}, "time|variable|value|unit\n1|wind speed|18|km/h\n1|temperature|27|\n1|humidity|80|-", "1|: wind speed=18 km/h\n1|: temperature=27\n1|: humidity=80"},
		"a unit in French, and two of which the first counts": {Options{}, "time|variable|value|Unité|units\n1|wind speed|18|km/h|m/s", "1|: wind speed=18 km/h"},
		"a unit beside that of the user":                      {Options{Units: []Assignment{{"wind_speed_ms", "kt"}}}, "time|variable|value|unit\n1|wind speed|18|km/h\n1|wind gust|20|km/h", "1|: wind speed=18\n1|: wind gust=20 km/h"},
		"an id for each row":                                  {Options{}, "id|station|time|variable|value|note\n7|Dakar|1|temperature|27|a\n8|Dakar|1|humidity|80|b", "Dakar|1|: temperature=27\nDakar|1|: humidity=80"},
		"an id that the user calls the station":               {Options{Columns: []Assignment{{"id", "station_id"}}}, "id|time|variable|value\nSN-DK|1|temperature|27", "SN-DK|1|: temperature=27"},
		"a station that the user passes over":                 {Options{Columns: []Assignment{{"station", ""}}}, "station|time|variable|value\nX|1|temperature|27", "1|: temperature=27"},
		"a value that the user calls the time":                {Options{Columns: []Assignment{{"value", "observed_at"}}}, "value|variable|obsvalue\n1|temperature|27", "1|: temperature=27"},
		"numbers of rows without a name":                      {Options{}, "|time|variable|value\n1|1|temperature|27\n2|1|humidity|80", "1|: temperature=27\n1|: humidity=80"},
		"times without a name":                                {Options{}, "|variable|value\n2026-08-01 12:00|temperature|27", "2026-08-01 12:00|: temperature=27"},
		"parts of dates":                                      {Options{}, "YY|MM|DD|HR|variable|value\n26|8|1|12|temperature|27", "26|8|1|12|: temperature=27"},
		"the time of the fetch":                               {Options{}, "time|fetched_at|variable|value\n1|2|temperature|27", "1|: temperature=27"},
		"a value of another kind":                             {Options{}, "time|visibility|qfe|variable|value\n1|2|3|temperature|27", "1|: temperature=27"},
		"two columns of values":                               {Options{}, "time|variable|value|valeur\n1|temperature|27|28", "1|: temperature=27"},
		"a value without a name":                              {Options{}, "time|variable|value\n1||27\n1||", "nothing\nnothing\nvalue \"27\" xI its row does not"},
		"a name beside a code":                                {Options{}, "time|parameter|parameter_name|value\n1|TA_2|Temperature|27\n1|884|Wind speed|5\n1|101|Humidity|27\n1|885|Mood|5", "1|: Temperature=27\n1|: Wind speed=5\n1|: element 101=27\n1|: element 885=5"},
		"a code that the user names":                          {Options{Columns: []Assignment{{"element 884", "pressure_hpa"}}}, "time|parameter|parameter_name|value\n1|884|Wind speed|1012", "1|: element 884=1012"},
		"another level":                                       {Options{}, "time|level|variable|value\n1|850|temperature|17\n1|0|temperature|27\n1|Surface|humidity|80", "nothing\n1|: temperature=27\n1|: humidity=80\ntemperature \"850\" xI it is not of"},
		"flags":                                               {Options{}, "time|flag|variable|value\n1|m|rain|4\n1|t|rain|\n1|E|rain|4", "nothing\n1|: rain=T\n1|: rain=4"},
		"only an element":                                     {Options{}, "time|variable\n1|rain", "not one value a row"},
		"only a value":                                        {Options{}, "time|value\n1|5", "not one value a row"},
	} {
		if got := describeLong(c.options, strings.Split(c.in, "\n")...); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestThePeriodOfAValueIsItsInterval(t *testing.T) {
	const unread = "period %q xI the period of the"
	for name, c := range map[string]struct{ names, element, period, want string }{
		"none":                      {"period", "rain", "", "1|: rain=5"},
		"0":                         {"period", "rain", "0", "1|: rain=5"},
		"1":                         {"period", "rain", "1", "1|: rain=5"},
		"a number without a unit":   {"period", "rain", "2", "nothing\n" + fmt.Sprintf(unread, "2")},
		"the hour of a duration":    {"period", "rain", "PT1H", "1|: rain=5 over 3600 s"},
		"days, hours and minutes":   {"period", "rain", "p1dt2h3m4s", "1|: rain=5 over 93784 s"},
		"a duration of nothing":     {"period", "rain", "PT0H", "nothing\n" + fmt.Sprintf(unread, "PT0H")},
		"a count of hours":          {"period", "rain", "24 h", "1|: rain=5 over 86400 s"},
		"a count of minutes":        {"period", "rain", "10 min", "1|: rain=5 over 600 s"},
		"a count of days":           {"Période", "rain", "3 jours", "1|: rain=5 over 259200 s"},
		"a day":                     {"period", "rain", "1d", "1|: rain=5 over 86400 s"},
		"a count of something":      {"period", "rain", "3 moons", "nothing\n" + fmt.Sprintf(unread, "3 moons")},
		"a word":                    {"period", "rain", "Journalière", "1|: rain=5 over 86400 s"},
		"another word":              {"period", "rain", "wet", "nothing\n" + fmt.Sprintf(unread, "wet")},
		"seconds":                   {"interval_s", "rain", "3600", "1|: rain=5 over 3600 s"},
		"minutes":                   {"interval (min)", "rain", "10", "1|: rain=5 over 600 s"},
		"one second":                {"interval_s", "rain", "1", "1|: rain=5 over 1 s"},
		"no seconds":                {"interval_s", "rain", "0", "nothing\ninterval_s \"0\" xI the period of the"},
		"fewer than none":           {"interval_s", "rain", "-5", "nothing\ninterval_s \"-5\" xI the period of the"},
		"a day of ClimSoft":         {"period", "5", "", "1|: element 5=5 over 86400 s"},
		"one day of ClimSoft":       {"period", "5", "1", "1|: element 5=5 over 86400 s"},
		"two days of ClimSoft":      {"period", "5", "2", "nothing\n" + fmt.Sprintf(unread, "2")},
		"hours of ClimSoft":         {"period", "5", "6 h", "1|: element 5=5 over 21600 s"},
		"a moment of ClimSoft":      {"period", "101", "2", "1|: element 101=5\n" + fmt.Sprintf(unread, "2")},
		"an hour of a moment":       {"period", "temperature", "60 min", "1|: temperature=5"},
		"more than that":            {"period", "temperature", "61 min", "1|: Mean temperature=5 over 3660 s"},
		"a day of the wind":         {"period", "wind speed", "daily", "1|: Mean wind of the period=5 over 86400 s"},
		"a day of the pressure":     {"period", "pressure", "daily", "nothing\n" + fmt.Sprintf(unread, "daily")},
		"a word beside a moment":    {"period", "pressure", "wet", "1|: pressure=5\n" + fmt.Sprintf(unread, "wet")},
		"a period of what is open":  {"period", "mood", "PT2H", "1|: mood=5 over 7200 s"},
		"a day of an extreme":       {"period", "tmax", "P1D", "1|: tmax=5 over 86400 s"},
		"an endless number of days": {"period", "rain", "999999999 d", "nothing\n" + fmt.Sprintf(unread, "999999999 d")},
	} {
		got := describeLong(Options{}, "time|variable|value|"+c.names, "1|"+c.element+"|5|"+c.period)
		if got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestAValueHasItsUnitInItsCellWhereRowsDiffer(t *testing.T) {
	headings, rows := grid("time|variable|value|unit", "1|wind speed|18|km/h", "1|wind speed|calm|km/h", "1|wind speed|5|", "1|wind speed|5|leagues", "1|mood|5|leagues", "1|station_id|5|leagues")
	rows[0][2].Value = 18.5
	var notes Collector
	l, _ := NewLong(headings, &Options{})
	l.Notes = &notes
	var got []any
	for _, row := range rows {
		v, _ := l.Value(row)
		value, ok := l.InCell(&v)
		got = append(got, value, ok)
	}
	if said := fmt.Sprint(got...); said != "18.5 km/htruecalmtrue5true <nil> false5 leaguestrue5 leaguestrue" {
		t.Error(said)
	}
	if said := reasons(&notes); said != `wind speed "5" xI its unit, "leagues", is` {
		t.Error(said)
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{{"km/h", "KM/H", true}, {"", "", true}, {"km/h", "m/s", false}, {"km/h", "", false}} {
		if v := (&LongValue{Unit: c.a}); v.SameUnit(c.b) != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, !c.want)
		}
	}
}

func TestTheRowOfAnObservationHasTheColumnsBesideItsValues(t *testing.T) {
	headings, rows := grid("id|station|time|variable|value|flag|mark", "7|Dakar|1|temperature|27||x", "7")
	l, _ := NewLong(headings, &Options{})
	if got := string(l.Begin(rows[0]).AppendJSON(nil)); got != `{"id":"7","station":"Dakar","time":"1","interval_s":null}` {
		t.Error(got)
	}
	if got := string(l.Begin(rows[1]).AppendJSON(nil)); got != `{"id":"7","station":null,"time":null,"interval_s":null}` {
		t.Error(got)
	}
	if got := l.Key(rows[1]); got != "" {
		t.Error(got)
	}
	var names []string
	for _, h := range l.Headings([]Heading{{Name: "temperature", Unit: "°F"}}) {
		names = append(names, h.Name+h.Unit)
	}
	if got := strings.Join(names, " "); got != "id station time interval_s temperature°F" {
		t.Error(got)
	}
}

func TestEachTextOfARowIsKeptOnceWithinBounds(t *testing.T) {
	l, _ := NewLong(nil, &Options{})
	for i := range 2 * mostSpellings {
		for range 2 {
			if s := fmt.Sprint(i); l.once(s) != s {
				t.Fatal(s)
			}
		}
	}
	if len(l.spellings) != mostSpellings {
		t.Error(len(l.spellings))
	}
}

func TestAUnitThatATableStatesBesideANameIsNotPassedOver(t *testing.T) {
	for name, c := range map[string]struct {
		heading Heading
		units   []Assignment
		cell    string
		want    string
		ignored string
	}{
		"another than the name's":                    {Heading{Name: "Temp (°C)", Unit: "°F"}, nil, "80.6", "{}", "Temp (°C) \"80.6\" xI its name states another"},
		"that of the name":                           {Heading{Name: "Temp (°F)", Unit: "F"}, nil, "80.6", `{"temperature_c":27}`, ""},
		"that of the field":                          {Heading{Name: "temperature_c", Unit: "K"}, nil, "300.15", "{}", "temperature_c \"300.15\" xI its name states another"},
		"one that is not known":                      {Heading{Name: "Temp (°C)", Unit: "leagues"}, nil, "27", "{}", "Temp (°C) \"27\" xI its unit, \"leagues\", is"},
		"one that the user corrects":                 {Heading{Name: "Temp (°C)", Unit: "°F"}, []Assignment{{"temperature_c", "F"}}, "80.6", `{"temperature_c":27}`, ""},
		"a rate of rain":                             {Heading{Name: "rain", Unit: "in/h"}, nil, "1", `{"rain_rate_mm_h":25.4}`, ""},
		"knots of ClimSoft":                          {Heading{Name: "element 111", Unit: "Knots"}, nil, "10", `{"wind_speed_ms":5.144444444}`, ""},
		"eighths of ClimSoft":                        {Heading{Name: "element 114", Unit: "Oktas"}, nil, "4", `{"cloud_cover_pct":50}`, ""},
		"a temperature of ClimSoft at the limit":     {Heading{Name: "element 101", Unit: "-"}, nil, "60", `{"temperature_c":60}`, ""},
		"no unit of ClimSoft":                        {Heading{Name: "element 101", Unit: "-"}, nil, "27", `{"temperature_c":27}`, ""},
		"°F of ClimSoft":                             {Heading{Name: "element 101", Unit: "Deg F"}, nil, "80.6", `{"temperature_c":27}`, ""},
		"tenths of °F of ClimSoft":                   {Heading{Name: "element 101", Unit: "Deg F"}, nil, "806", `{"temperature_c":27}`, ""},
		"leagues of ClimSoft":                        {Heading{Name: "element 110", Unit: "leagues"}, nil, "5", "{}", "element 110 \"5\" xI its unit, \"leagues\", is"},
		"leagues of ClimSoft that the user corrects": {Heading{Name: "element 110", Unit: "leagues"}, []Assignment{{"visibility_m", "km"}}, "5", `{"visibility_m":5000}`, ""},
		"the station's pressure of ClimSoft":         {Heading{Name: "element 106", Unit: "hPa"}, nil, "1000", "{}", "element 106 \"1000\" xI senmeteo has no field"},
	} {
		var ignored Collector
		d := NewDecoder()
		d.Collect(&ignored)
		headings := []Heading{{Name: "time"}, {Name: "station"}, c.heading, {Name: "wind direction"}}
		rows := []Row{{{Name: "time", Value: "2026-08-01 12:00"}, {Name: "station", Value: "SN-DK"}, {Name: c.heading.Name, Value: c.cell}, {Name: "wind direction", Value: "320"}}}
		table, err := d.NewTable(headings, rows, Options{Defaults: Defaults{Source: "file", Kind: meteo.Observed}, Units: c.units})
		if err != nil {
			t.Fatal(name, err)
		}
		all, err := table.Read(rows[0])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := strings.Replace(strings.Replace(string(all[0].Values.AppendJSON(nil)), `,"wind_direction_deg":320`, "", 1), `"wind_direction_deg":320,`, "", 1)
		if got = strings.Replace(got, `"wind_direction_deg":320`, "", 1); got != c.want || reasons(&ignored) != c.ignored {
			t.Errorf("%s: got %s, ignored %q", name, got, reasons(&ignored))
		}
	}
}

func TestATableIsLongWithAnElementAndAValue(t *testing.T) {
	for names, want := range map[string]bool{"variable|value": true, "value|time|variable": true, "variable": false, "value": false, "time|note": false} {
		if isLong(strings.Split(names, "|")) != want {
			t.Errorf("%s: %t", names, !want)
		}
	}
}
