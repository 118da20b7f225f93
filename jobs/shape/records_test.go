package shape

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"senmeteo/jobs/meteo"
)

// readRecords reads the JSON objects of some lines as the records of one file, of which the first ones are its sample.
func readRecords(t *testing.T, sample int, options Options, lines ...string) string {
	t.Helper()
	var ignored Collector
	d := NewDecoder()
	d.Collect(&ignored)
	rows := make([]Row, len(lines))
	for i, line := range lines {
		tree, err := ParseJSON([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		rows[i] = tree.(Row)
	}
	options.Defaults = atNoon()
	records, err := d.NewRecords(rows[:sample], options)
	if err != nil {
		return err.Error()
	}
	var out []string
	for _, row := range rows {
		all, err := records.Read(row)
		out = append(out, describeAll(all, err))
	}
	for _, i := range ignored.List() {
		out = append(out, fmt.Sprintf("ignored: %s %s x%d", i.Name, i.Example, i.Rows))
	}
	return strings.Join(out, "\n")
}

func TestTheRecordsOfAFileAreJudgedTogether(t *testing.T) {
	for name, c := range map[string]struct {
		sample int
		lines  []string
		want   string
	}{
		"a day above 12 puts the day first in all": {2, []string{`{"date":"3/8/2026 12:00","temp":27}`, `{"date":"13/8/2026 12:00","temp":28}`}, `SN-DK 2026-08-03 12:00 observed {"temperature_c":27}
SN-DK 2026-08-13 12:00 observed {"temperature_c":28}`},
		"a day that may be a month is asked for": {1, []string{`{"date":"3/8/2026 12:00","temp":27}`}, `invalid_time: the column "date" has dates such as "3/8/2026 12:00", in which the day or the month may be first: say --date-order dmy or --date-order mdy`},
		"members in another order": {2, []string{`{"time":"2026-08-01 12:00","temp":27,"wind":5}`, `{"wind":6,"temp":28,"time":"2026-08-01 13:00"}`}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27,"wind_speed_ms":5}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28,"wind_speed_ms":6}`},
		"members of containers": {1, []string{`{"time":"2026-08-01 12:00","values":{"temp":27},"location":{"lat":14.7,"lon":-17.4}}`}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27} at 14.7 -17.4 26`},
		"a member that comes later": {1, []string{`{"time":"2026-08-01 12:00","temp":27}`, `{"time":"2026-08-01 13:00","temp":28,"wind":5,"mood":"good"}`}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28,"wind_speed_ms":5}
ignored: mood "good" x1`},
		"a later member that is ambiguous": {1, []string{`{"time":"2026-08-01 12:00","temp":27}`, `{"date":"3/8/2026","temp":28}`}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
invalid_time: the column "date" has dates such as "3/8/2026", in which the day or the month may be first: say --date-order dmy or --date-order mdy`},
		"two names of one thing in two records": {2, []string{`{"time":"2026-08-01 12:00","temp":27}`, `{"time":"2026-08-01 13:00","temperature":28}`}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28}`},
		"two names of one thing in one record": {2, []string{`{"time":"2026-08-01 12:00","temp":27,"temperature":26}`, `{"time":"2026-08-01 13:00","temperature":28}`}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
no_values: it has none of the values that senmeteo keeps
ignored: temperature 26 x2`},
		"a second name that is null beside the first": {2, []string{`{"time":"2026-08-01 12:00","temp":27,"temperature":null}`, `{"time":"2026-08-01 13:00","temp":null,"temperature":28}`}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28}`},
		"signs of two countries that show themselves": {2, []string{`{"time":"2026-08-01 12:00","temp":"27.5"}`, `{"time":"2026-08-01 13:00","temp":"28,5"}`}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27.5}
SN-DK 2026-08-01 13:00 observed {"temperature_c":28.5}`},
		"signs of two countries and one that is open": {3, []string{`{"time":"2026-08-01 12:00","pressure":"1012.5"}`, `{"time":"2026-08-01 13:00","pressure":"1012,5"}`, `{"time":"2026-08-01 14:00","pressure":"1,013"}`}, `invalid_value: the column "pressure" has numbers with decimal points and with decimal commas: correct it, or say which with --decimal`},
		"a comma that the file shows to be decimal": {2, []string{`{"time":"2026-08-01 12:00","rain":"0,5"}`, `{"time":"2026-08-01 13:00","rain":"1,013"}`}, `SN-DK 2026-08-01 12:00 observed {"rain_mm":0.5}
SN-DK 2026-08-01 13:00 observed {"rain_mm":1.013}`},
		"a record that measures nothing": {1, []string{`{"time":"2026-08-01 12:00","temp":27}`, `{"time":"2026-08-01 13:00"}`}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
unknown_shape: no field has the name of something that senmeteo measures`},
		"our own records among others": {2, []string{`{"time":"2026-08-01 12:00","temp":27}`, `{"schema":1,"station_id":"SN-TH","observed_at":"2026-08-01T12:00:00Z","temperature_c":30}`}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-TH 2026-08-01 12:00 observed {"temperature_c":30} at NaN NaN NaN`},
		"bodies of Tomorrow.io among others": {2, []string{`{"time":"2026-08-01 12:00","temp":27}`, `{"data":{"time":"2026-08-01T12:00:00Z","values":{"temperature":30}},"location":{"lat":14.7,"lon":-17.4}}`}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}
SN-DK 2026-08-01 12:00 model {"temperature_c":30} at 14.7 -17.4 26`},
		"of two members of one name the first present": {1, []string{`{"time":"2026-08-01 12:00","values":{"temp":null},"data":{"temp":27}}`}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
	} {
		if got := readRecords(t, c.sample, Options{}, c.lines...); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestAFileOfEverNewMembersIsRefused(t *testing.T) {
	d := NewDecoder()
	first := Row{{"time", "2026-08-01 12:00"}, {"temp", 27.0}}
	records, err := d.NewRecords([]Row{first}, Options{Defaults: atNoon()})
	if err != nil {
		t.Fatal(err)
	}
	full := append(Row{}, first...)
	for i := range maxMembers - len(first) {
		full = append(full, Field{fmt.Sprint("x", i), 1.0})
	}
	if _, err := records.Read(full); err != nil {
		t.Errorf("%d members: %v", maxMembers, err)
	}
	_, err = records.Read(append(full, Field{"y", 1.0}))
	var refusal *meteo.Refusal
	if !errors.As(err, &refusal) || refusal.Reason != meteo.UnknownShape {
		t.Errorf("one more: %v", err)
	}
	if _, err := records.Read(first); err != nil {
		t.Errorf("the next record: %v", err)
	}
	// a sample with more members than are kept in mind
	records, err = d.NewRecords([]Row{append(full, Field{"y", 1.0}, Field{"z", 1.0})}, Options{Defaults: atNoon()})
	if err != nil || len(records.names) != maxMembers {
		t.Errorf("%d names of the sample, %v", len(records.names), err)
	}
}
