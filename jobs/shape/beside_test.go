package shape

import (
	"fmt"
	"strings"
	"testing"
)

func TestANameMeansWhatItsNeighboursLeaveOpen(t *testing.T) {
	const whole = `2026-08-02 00:00 {"temperature_mean_c":27}`
	for name, c := range map[string]struct {
		lines         []string
		want, ignored string
	}{
		"data is a date beside an hour":                       {[]string{"Data|Hour|T", "2026-08-01|6|27"}, `2026-08-01 06:00 {"temperature_c":27}`, ""},
		"data is anything beside a year":                      {[]string{"Data|YYYY|MM|DD|HH|T", "x|2026|08|01|6|27"}, `2026-08-01 06:00 {"temperature_c":27}`, "Data x"},
		"a total in the first column is not a record":         {[]string{"Rank|Date|T", "1|2026-08-01|27", "Total||28"}, whole, "Rank 1,Rank Total"},
		"a total in the place of the year is not a record":    {[]string{"Station|Year|Month|Day|T", "Dakar|2026|8|1|27", "Dakar|Total|||28"}, whole, "Year Total"},
		"a total in the place of the date is not a record":    {[]string{"Station|Date|T", "Dakar|2026-08-01|27", "Dakar|Total|28"}, whole, "Date Total"},
		"the word for a total in a note does not make it one": {[]string{"Date|T|Note", "2026-08-01|27|x", "|28|mean of both"}, whole + "\ninvalid_time: it has no time", "Note x"},
	} {
		var ignored Collector
		got := readTable(Options{}, &ignored, c.lines...)
		var examples []string
		for _, i := range ignored.List() {
			examples = append(examples, fmt.Sprint(i.Name, " ", strings.Trim(i.Example, `"`)))
		}
		if left := strings.Join(examples, ","); got != c.want || left != c.ignored {
			t.Errorf("%s: got %s, ignored %s; want %s, ignored %s", name, got, left, c.want, c.ignored)
		}
	}
}

func TestTheRecordsOfAFileEachSayTheirDate(t *testing.T) {
	got := readRecords(t, 1, Options{}, `{"hour":"06:00","date":"2026-08-01","temp":27}`, `{"hour":"12:00","temp":28}`)
	if want := "SN-DK 2026-08-01 06:00 observed {\"temperature_c\":27}\n" + `invalid_time: "hour" is not a time: "12:00"`; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOfTwoMembersOfOneNameOnlyAMeasurementIsNotedAsIgnored(t *testing.T) {
	var ignored Collector
	d := NewDecoder()
	d.Collect(&ignored)
	row := Row{{"time", "2026-08-01T12:00Z"}, {"temp", 20.0}, {"temp", 21.0}, {"station_id", "SN-DK"}, {"station_id", "SN-TH"}}
	records, err := d.NewRecords([]Row{row}, Options{Defaults: atNoon()})
	if err != nil {
		t.Fatal(err)
	}
	got := describeAll(records.Read(row))
	if want := `SN-DK 2026-08-01 12:00 observed {"temperature_c":20}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if all := ignored.List(); len(all) != 1 || all[0].Name != "temp" || all[0].Example != "21" {
		t.Errorf("ignored: %v", all)
	}
}

func TestTheNamesOfPlacesAreKeptInMindWithinBounds(t *testing.T) {
	d := NewDecoder()
	if d.station(strings.Repeat("x", maxName)); len(d.stations) != 1 {
		t.Errorf("a name of %d bytes is not kept in mind", maxName)
	}
	if d.station(strings.Repeat("x", maxName+1)); len(d.stations) != 1 {
		t.Errorf("a name of %d bytes is kept in mind", maxName+1)
	}
	for i := range maxNames + 5 {
		d.station(fmt.Sprint("village ", i))
	}
	if len(d.stations) != maxNames {
		t.Errorf("%d names are kept in mind", len(d.stations))
	}
	for range 2 {
		if s, ok := d.station("Thiès"); !ok || s.ID != "SN-TH" {
			t.Errorf("Thiès is %v, %v", s.ID, ok)
		}
	}
}
