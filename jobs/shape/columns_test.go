package shape

import (
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func TestColumnsThatAreNotReadAreNamedWithAReason(t *testing.T) {
	sheets{
		"a unit that is not known": {"Time|Temp|Wind\n|bananas|m/s\n2026-08-01 12:00|27|5", `SN-DK 2026-08-01 12:00 observed {"wind_speed_ms":5}
ignored: Temp "27": its unit, "bananas", is not known: say another name of it with --unit`},
		"a unit in a form that names state": {"Time|Rain|Temp\n|mm/h|°C\n2026-08-01 12:00|2|27", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"rain_rate_mm_h":2}`},
		"a unit that says nothing":          {"Time|Temp|Wind\n|-|m/s\n2026-08-01 12:00|27|5", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"wind_speed_ms":5}`},
		"an index of times": {"|Temp|Wind\n2026-08-01 12:00|27|5\n2026-08-01 13:00|28|6", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"wind_speed_ms":5}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28,"wind_speed_ms":6}`},
		"an index of times beside a time": {"|Time|Temp\n2026-08-01 11:00|2026-08-01 12:00|27", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
ignored: column 1 (without a name) "2026-08-01 11:00": the name says nothing that senmeteo measures: name its field with --column`},
		"an index of rows from 0": {"|Time|Temp\n0|2026-08-01 12:00|27\n1|2026-08-01 13:00|28", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28}`},
		"an index of rows from 1": {"|Time|Temp\n1|2026-08-01 12:00|27\n2|2026-08-01 13:00|28", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28}`},
		"an index from 2": {"|Time|Temp\n2|2026-08-01 12:00|27\n3|2026-08-01 13:00|28", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28}
ignored: column 1 (without a name) "2": the name says nothing that senmeteo measures: name its field with --column`},
		"numbers that do not count": {"|Time|Temp\n0|2026-08-01 12:00|27\n5|2026-08-01 13:00|28", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28}
ignored: column 1 (without a name) "0": the name says nothing that senmeteo measures: name its field with --column`},
		"a count in another column": {"Time||Temp\n2026-08-01 12:00|0|27\n2026-08-01 13:00|1|28", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28}
ignored: column 2 (without a name) "0": the name says nothing that senmeteo measures: name its field with --column`},
		"an index with a word": {"|Temp|Wind\n2026-08-01 12:00|27|5\nsoon|28|6", `invalid_time: it has no time
invalid_time: it has no time
ignored: column 1 (without a name) "2026-08-01 12:00": the name says nothing that senmeteo measures: name its field with --column`},
		"a column without a name and cells": {"Time|Temp|\n2026-08-01 12:00|27|", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a zone without a time": {"timezone|Temp|Wind\nUTC|27|5", `invalid_time: it has no time
ignored: timezone "UTC": there is no time beside it`},
		"a zone beside a time": {"timezone|Time|Temp\n+01:00|2026-08-01 13:00|27", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a zone beside a year": {"timezone|Year|DOY|Hour|Temp\n+01:00|2026|213|13|27", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a second column of one thing": {"Time|Temp|T\n2026-08-01 12:00|27|28", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
ignored: T "28": another column with the same meaning comes before it: name the one that counts with --column`},
		"a second column beside an empty one": {"Time|Temp|T\n2026-08-01 12:00||28", `SN-DK 2026-08-01 12:00 observed {"temperature_c":28}`},
		"a surface pressure": {"Time|Temp|QFE\n2026-08-01 12:00|27|1010", `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
ignored: QFE "1010": senmeteo has no field for it`},
		"two names of a place": {"Time|Temp|Region|Station\n2026-08-01 12:00|27|Saint-Louis|Podor", `SN-SL-01 2026-08-01 12:00 observed {"temperature_c":27} at 16.65 -14.97 7`},
		"a compass": {"Time|Wind dir\n2026-08-01 12:00|SSO\n2026-08-01 13:00|320\n2026-08-01 14:00|oso\n2026-08-01 15:00|calm\n2026-08-01 16:00|Up", `SN-DK 2026-08-01 12:00 observed {"wind_direction_deg":202.5}
SN-DK 2026-08-01 13:00 observed {"wind_direction_deg":320}
SN-DK 2026-08-01 14:00 observed {"wind_direction_deg":247.5}
no_values: it has none of the values that senmeteo keeps
invalid_value: "Wind dir" is not a number: "Up"`},
	}.test(t)
}

func TestARowMayBeLongerOrShorterThanTheNames(t *testing.T) {
	for _, names := range []string{"Time|Temp", "schema|station_id|observed_at|temperature_c|source|kind"} {
		headings, _ := grid(names)
		d := NewDecoder()
		row := Row{{"Time", "2026-08-01 12:00"}, {"Temp", "27"}, {"", "9"}}
		if len(headings) > 2 {
			row = Row{{"schema", "1"}, {"station_id", "SN-DK"}, {"observed_at", "2026-08-01 12:00"}, {"temperature_c", "27"}, {"source", "a"}, {"kind", "observed"}, {"", "9"}}
		}
		table, err := d.NewTable(headings, []Row{row, row[:1], {}}, Options{Defaults: atNoon()})
		if err != nil {
			t.Fatal(err)
		}
		if all, err := table.Read(row); err != nil || len(all) != 1 || all[0].Values[meteo.Temperature] != 27 {
			t.Errorf("%s: %v, %v", names, all, err)
		}
		if _, err := table.Read(row[:1]); err == nil {
			t.Errorf("%s: a row of one cell passes", names)
		}
	}
}

func TestOurOwnTableMayHaveOtherColumns(t *testing.T) {
	var ignored Collector
	got := readTable(Options{}, &ignored, "schema|station_id|observed_at|temperature_c|mood", "1|SN-DK|2026-08-01T12:00:00Z|27|good", "|SN-DK|2026-08-01T12:00:00Z|27|")
	want := "2026-08-01 12:00 {\"temperature_c\":27}\n2026-08-01 12:00 {\"temperature_c\":27}"
	if got != want || reasons(&ignored) != `mood "good" xI the name says nothing` {
		t.Errorf("got %s, ignored %s", got, reasons(&ignored))
	}
}

func TestTheEvidenceOfATableIsThatOfAllOfItsColumns(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want evidence
	}{
		"nothing":               {"A|B\n1|2", evidence{}},
		"a date":                {"Date|Temp\n2026-08-01|27", evidence{dates: true}},
		"a year":                {"Year|Temp\n2026|27", evidence{dates: true}},
		"an hour is not a date": {"Hour|Temp\n12|27", evidence{}},
		"commas":                {"Temp|B\n27,5|2", evidence{decimalComma: true}},
		"points":                {"Temp|B\n27.5|2", evidence{decimalPoint: true}},
		"points with a unit":    {"Temp|B\n27.5 °C|2", evidence{decimalPoint: true}},
		"commas elsewhere":      {"A|Temp\n27,5|2", evidence{}},
		"camels":                {"windSpeed|B\n5|2", evidence{camel: true}},
		"camels elsewhere":      {"myField|B\n5|2", evidence{}},
		"French":                {"Pluie|B\n5|2", evidence{french: true}},
		"French accents":        {"Été|B\n5|2", evidence{french: true}},
		"American":              {"Temp (°F)|B\n5|2", evidence{american: true}},
		"American alone":        {"F|B\n5|2", evidence{}},
		"English and French":    {"Temperatures|Date|Station\n5|2026-08-01|Dakar", evidence{dates: true}},
	} {
		headings, sample := grid(strings.Split(c.in, "\n")...)
		table := &Table{decoder: NewDecoder()}
		columns, err := table.settleAll(headings, sample)
		if err != nil {
			t.Fatal(err)
		}
		if got := evidenceOf(headings, sample, columns); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestTypedDaysAreDaysWhenAllOfThemAre(t *testing.T) {
	day := time.Date(2026, 8, 1, 0, 0, 0, 0, NoZone)
	for name, c := range map[string]struct {
		cells []any
		want  bool
	}{
		"no typed cells": {[]any{"2026-08-01"}, false},
		"midnights":      {[]any{day, day.AddDate(0, 0, 1)}, true},
		"an hour":        {[]any{day, day.Add(time.Hour)}, false},
		"a minute":       {[]any{day.Add(time.Minute)}, false},
		"a second":       {[]any{day.Add(time.Second)}, false},
		"a microsecond":  {[]any{day.Add(time.Microsecond)}, false},
	} {
		if got := allDays(c.cells); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTheSpacingOfATableIsThatOfAllOfItsRows(t *testing.T) {
	for in, want := range map[string]int64{
		"Time\n2026-08-01 12:00\n2026-08-01 13:00\n2026-08-01 14:00": 3600,
		"Time\n2026-08-01 12:00\n2026-08-01 13:00\n2026-08-01 15:00": 0,
		"Time\n2026-08-01 13:00\n2026-08-01 12:00":                   0,
		"Time\n2026-08-01 12:00\n2026-08-01 12:00":                   0,
		"Time\n2026-08-01 12:00":                                     0,
		"Time\n2026-08-01 12:00\nsoon":                               0,
		"Time\n2026-08-01 12:00\n2026-08-01 12:00\n2026-08-01 13:00": 0,
		"Date\n2026-08-01":                                           0,
	} {
		headings, sample := grid(strings.Split(in, "\n")...)
		table := &foreign{headings: headings, sample: sample, index: map[string]int{strings.ToLower(headings[0].Name): 0}}
		if got := table.spacing("time"); got != want {
			t.Errorf("%q: got %d, want %d", in, got, want)
		}
	}
}

func TestAFileNotesWhatItsReaderLeftOut(t *testing.T) {
	var c Collector
	c.Note("sheet 2", "it is hidden", 3.0)
	if list := c.List(); len(list) != 1 || list[0] != (Ignored{Name: "sheet 2", Why: "it is hidden", Rows: 1, Example: "3"}) {
		t.Errorf("got %+v", list)
	}
}
