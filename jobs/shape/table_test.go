package shape

import (
	"errors"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// grid makes the headings and rows of a table whose cells are separated by "|".
func grid(lines ...string) (headings []Heading, rows []Row) {
	for _, name := range strings.Split(lines[0], "|") {
		headings = append(headings, Heading{Name: strings.TrimSpace(name)})
	}
	for _, line := range lines[1:] {
		var row Row
		for i, cell := range strings.Split(line, "|") {
			row = append(row, Field{Name: headings[i].Name, Value: strings.TrimSpace(cell)})
		}
		rows = append(rows, row)
	}
	return headings, rows
}

// readTable reads a table of its sample alone. The result has the readings' time and values, one a line, or the refusal.
func readTable(options Options, ignored *Collector, lines ...string) string {
	d := NewDecoder()
	d.Collect(ignored)
	headings, rows := grid(lines...)
	options.Defaults = Defaults{Source: "file", Kind: meteo.Observed, Station: "SN-DK", FetchedAt: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)}
	table, err := d.NewTable(headings, rows, options)
	if err != nil {
		return err.Error()
	}
	var out []string
	for _, row := range rows {
		all, err := table.Read(row)
		if err != nil {
			out = append(out, err.Error())
		}
		for i := range all {
			at := all[i].ObservedAt.Format("2006-01-02 15:04 ")
			out = append(out, at+string(all[i].Values.AppendJSON(nil)))
		}
	}
	return strings.Join(out, "\n")
}

func TestAColumnIsJudgedAsAWhole(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		options Options
		lines   []string
		want    string
	}{
		"a day above 12 in second place puts the month first everywhere": {
			Options{},
			[]string{"Date|Temp", "8/3/2026 12:00|20", "8/13/2026 12:00|21"},
			"2026-08-03 12:00 {\"temperature_c\":20}\n2026-08-13 12:00 {\"temperature_c\":21}",
		},
		"a day above 12 in first place puts the day first everywhere": {
			Options{},
			[]string{"Date|Temp", "3/8/2026 12:00|20", "13/8/2026 12:00|21"},
			"2026-08-03 12:00 {\"temperature_c\":20}\n2026-08-13 12:00 {\"temperature_c\":21}",
		},
		"a French heading puts the day first": {
			Options{}, []string{"Date|Humidité", "3/8/2026 12:00|80"}, "2026-08-03 12:00 {\"humidity_pct\":80}",
		},
		"decimal commas put the day first": {
			Options{}, []string{"Date|Temp", "3/8/2026 12:00|20,5"}, "2026-08-03 12:00 {\"temperature_c\":20.5}",
		},
		"equal figures need no order": {
			Options{}, []string{"Date|Temp", "8/8/2026 12:00|20"}, "2026-08-08 12:00 {\"temperature_c\":20}",
		},
		"without evidence the user is asked": {
			Options{},
			[]string{"Date|Temp", "3/8/2026 12:00|20"},
			`invalid_time: the column "Date" has dates such as "3/8/2026 12:00", in which the day or the month may be first: say --date-order dmy or --date-order mdy`,
		},
		"a contradiction is refused": {
			Options{},
			[]string{"Date|Temp", "13/8/2026|20", "8/14/2026|20"},
			`invalid_time: the column "Date" has dates with the day first ("13/8/2026") and with the month first ("8/14/2026"): correct it, or say which with --date-order`,
		},
		"what the user says wins": {
			Options{DateOrder: MonthFirst}, []string{"Date|Humidité", "3/8/2026 12:00|80"}, "2026-03-08 12:00 {\"humidity_pct\":80}",
		},
		"a zone of the user's is that of times without one": {
			Options{Zone: paris},
			[]string{"Time|Temp", "2026-08-03 12:00|20", "2026-08-03T12:00Z|21"},
			"2026-08-03 10:00 {\"temperature_c\":20}\n2026-08-03 12:00 {\"temperature_c\":21}",
		},
		"points elsewhere make a comma one of thousands": {
			Options{}, []string{"Time|Temp|Pressure (hPa)", "2026-08-03 12:00|20.5|1,013"}, "2026-08-03 12:00 {\"temperature_c\":20.5,\"pressure_hpa\":1013}",
		},
		"a point in the column makes a comma one of thousands": {
			Options{},
			[]string{"Time|Pressure (hPa)", "2026-08-03 12:00|1,013", "2026-08-03 13:00|1,012.6"},
			"2026-08-03 12:00 {\"pressure_hpa\":1013}\n2026-08-03 13:00 {\"pressure_hpa\":1012.6}",
		},
		"a French heading makes a comma decimal": {
			Options{}, []string{"Time|Pluie (mm)", "2026-08-03 12:00|1,013"}, "2026-08-03 12:00 {\"rain_mm\":1.013}",
		},
		"an open comma is asked for": {
			Options{},
			[]string{"Time|Rain", "2026-08-03 12:00|1,013"},
			`invalid_value: the column "Rain" has numbers such as "1,013", in which the comma may be decimal or stand between thousands: say --decimal , or --decimal .`,
		},
		"the user's sign wins": {
			Options{Decimal: '.'}, []string{"Time|Pluie", "2026-08-03 12:00|1,013"}, "2026-08-03 12:00 {\"rain_mm\":1013}",
		},
		"two signs in a column are refused": {
			Options{},
			[]string{"Time|Temp", "2026-08-03 12:00|20.5", "2026-08-03 13:00|20,5"},
			`invalid_value: the column "Temp" has numbers with decimal points and with decimal commas: correct it, or say which with --decimal`,
		},
		"a unit of the user's is that of the column": {
			Options{Units: []Assignment{{"wind_speed_ms", "km/h"}}}, []string{"Time|Wind", "2026-08-03 12:00|18"}, "2026-08-03 12:00 {\"wind_speed_ms\":5}",
		},
		"a column of the user's has the meaning of its field": {
			Options{Columns: []Assignment{{"Capteur 1", "temperature_c"}, {"Temp", ""}}},
			[]string{"Time|Capteur 1|Temp", "2026-08-03 12:00|18|99"},
			"2026-08-03 12:00 {\"temperature_c\":18}",
		},
	} {
		if got := readTable(c.options, nil, c.lines...); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestARowThatContradictsItsColumnIsRefusedAlone(t *testing.T) {
	d := NewDecoder()
	headings, rows := grid("Date|Temp|Humidité", "13/8/2026 12:00|20,5|80", "14/8/2026 12:00|20,5|80", "8/15/2026 12:00|20,5|80", "15/8/2026 12:00|20.5.1|80")
	table, err := d.NewTable(headings, rows[:1], Options{Defaults: Defaults{Source: "file", Kind: meteo.Observed, Station: "SN-DK"}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []meteo.Reason{"", "", meteo.InvalidTime, meteo.InvalidValue} {
		_, err := table.Read(rows[i])
		var refusal *meteo.Refusal
		if errors.As(err, &refusal); (want == "") != (err == nil) || want != "" && refusal.Reason != want {
			t.Errorf("row %d: %v, want %q", i+1, err, want)
		}
	}
}

func TestWhatIsIgnoredIsCounted(t *testing.T) {
	var ignored Collector
	got := readTable(Options{}, &ignored, "Time|Temp|Temperature|Moral|QFE", "2026-08-03 12:00|20|21|bon|1010", "2026-08-03 13:00|20|22||1011")
	if !strings.Contains(got, `13:00 {"temperature_c":20}`) {
		t.Errorf("got %s", got)
	}
	var list []string
	for _, i := range ignored.List() {
		list = append(list, strings.Join([]string{i.Name, i.Example, strings.Repeat("I", int(i.Rows)), i.Why}, " "))
	}
	want := []string{`Temperature "21" II ` + whySecond, `Moral "bon" I ` + whyUnknown, `QFE "1010" II ` + whyNoField}
	if strings.Join(list, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(list, "\n"), strings.Join(want, "\n"))
	}
}

func TestACollectorIsBounded(t *testing.T) {
	var c Collector
	for i := range 1000 {
		c.add(strings.Repeat("x", i+1), whyUnknown, 1.0)
	}
	list := c.List()
	if len(list) != mostIgnored || list[mostIgnored-1].Name != "others" || list[mostIgnored-1].Rows != 1000-mostIgnored+1 {
		t.Errorf("%d entries, the last is %+v", len(list), list[len(list)-1])
	}
	var none *Collector
	if none.add("x", "", nil); none.List() != nil {
		t.Error("a nil Collector gathers")
	}
}

func TestAUnitInACellCounts(t *testing.T) {
	const at = "2026-08-01 12:00 "
	for name, c := range map[string]struct {
		heading string
		cells   []string
		want    []string // parts of the lines
	}{
		"of temperature":                                   {"Temp", []string{"27.1 °C", "81°F", "80.6 F", "300.15 K"}, []string{`"temperature_c":27.1`, `"temperature_c":27.222222222`, `"temperature_c":27`, `"temperature_c":27`}},
		"of humidity":                                      {"Humidity", []string{"65 %", "65%", "65"}, []string{`"humidity_pct":65`, `"humidity_pct":65`, `"humidity_pct":65`}},
		"of pressure, with a comma of thousands":           {"Pressure", []string{"1,013 hPa", "1,012.3 hPa"}, []string{`"pressure_hpa":1013`, `"pressure_hpa":1012.3`}},
		"with a decimal comma":                             {"Pression", []string{"1 012,3 hPa", "1012,35 hPa"}, []string{`"pressure_hpa":1012.3`, `"pressure_hpa":1012.35`}},
		"of wind":                                          {"Wind speed", []string{"18 km/h", "10 kt", "5 m s-1"}, []string{`"wind_speed_ms":5`, `"wind_speed_ms":5.144444444`, `"wind_speed_ms":5`}},
		"of rain":                                          {"Rain", []string{"3.4 mm", "1 in"}, []string{`"rain_mm":3.4`, `"rain_mm":25.4`}},
		"of visibility":                                    {"Visibility", []string{"10 km", "800 m"}, []string{`"visibility_m":10000`, `"visibility_m":800`}},
		"degrees without their scale":                      {"Temp (°F)", []string{"80.6°"}, []string{`"temperature_c":27`}},
		"and leaves those that have none open":             {"Temp", []string{"80.6 °F", "27 °C", "82.4"}, []string{`"temperature_c":27`, `"temperature_c":27`, `invalid_value: "Temp" has no unit in "82.4", and other cells have another than the field's: add it, or say which with --unit`}},
		"but not where it is that of the field":            {"Temp", []string{"27 °C", "28"}, []string{`"temperature_c":27`, `"temperature_c":28`}},
		"and is refused when it contradicts the heading's": {"Temp (°C)", []string{"27 °C", "81 °F"}, []string{`"temperature_c":27`, `invalid_value: "Temp (°C)" has a value in another unit than its name or --unit states: "81 °F": correct one of them`}},
		"and is refused when it is of something else":      {"Temp", []string{"27 %", "27 hPa"}, []string{`invalid_value: "Temp" is not a number: "27 %"`, `invalid_value: "Temp" is not a number: "27 hPa"`}},
	} {
		lines := []string{"Time|" + c.heading}
		for _, cell := range c.cells {
			lines = append(lines, at+"|"+cell)
		}
		got := strings.Split(readTable(Options{}, nil, lines...), "\n")
		if len(got) != len(c.want) {
			t.Errorf("%s: got %q", name, got)
			continue
		}
		for i, want := range c.want {
			if !strings.HasSuffix(strings.TrimSuffix(got[i], "}"), want) {
				t.Errorf("%s: got %s, want %s", name, got[i], want)
			}
		}
	}
}

func TestTheUserSettlesCellsWithoutAUnit(t *testing.T) {
	fahrenheit := Options{Units: []Assignment{{"temperature_c", "°F"}}}
	got := readTable(fahrenheit, nil, "Time|Temp", "2026-08-01 12:00|80.6 °F", "2026-08-01 13:00|82.4")
	if want := "2026-08-01 12:00 {\"temperature_c\":27}\n2026-08-01 13:00 {\"temperature_c\":28}"; got != want {
		t.Errorf("got %s", got)
	}
}
