package shape

import (
	"fmt"
	"testing"

	"senmeteo/jobs/meteo"
)

func TestTheBeginOfTheTimeThatARecordIsOfMakesItsInterval(t *testing.T) {
	const head = "date_debut|date_fin|rain"
	for name, c := range map[string]struct {
		head, row     string
		want, ignored string
	}{
		"ten days":                                 {head, "2026-08-01|2026-08-10|35", "2026-08-11 00:00 of 864000 s {\"rain_mm\":35}", ""},
		"one day":                                  {head, "2026-08-10|2026-08-10|35", "2026-08-11 00:00 of 86400 s {\"rain_mm\":35}", ""},
		"the day before the first":                 {head, "2026-08-11|2026-08-10|35", "2026-08-11 00:00 of 86400 s {\"rain_mm\":35}", "date_debut"},
		"a leap year":                              {head, "2024-01-01|2024-12-31|35", "2025-01-01 00:00 of 31622400 s {\"rain_mm\":35}", ""},
		"more than a year":                         {head, "2023-12-31|2024-12-31|35", "2025-01-01 00:00 of 86400 s {\"rain_mm\":35}", "date_debut"},
		"days in the order of the last":            {head, "01/08/2026|31/08/2026|35", "2026-09-01 00:00 of 2678400 s {\"rain_mm\":35}", ""},
		"a stated interval":                        {head + "|interval_s", "2026-08-01|2026-08-10|35|864000", "2026-08-11 00:00 of 864000 s {\"rain_mm\":35}", ""},
		"means":                                    {"start_date|date|temperature", "2026-08-01|2026-08-10|27", "2026-08-11 00:00 of 864000 s {\"temperature_mean_c\":27}", ""},
		"hours":                                    {head, "2026-08-01 12:00|2026-08-01 15:00|3", "2026-08-01 15:00 of 10800 s {\"rain_mm\":3}", ""},
		"no time at all":                           {head, "2026-08-01 15:00|2026-08-01 15:00|3", "2026-08-01 15:00 of 0 s {\"rain_mm\":3}", "date_debut"},
		"a day, and the hour at which it ends":     {head, "2026-08-01|2026-08-01 15:00|3", "2026-08-01 15:00 of 0 s {\"rain_mm\":3}", "date_debut"},
		"an hour, and the day at which it ends":    {head, "2026-08-01 15:00|2026-08-10|3", "2026-08-11 00:00 of 86400 s {\"rain_mm\":3}", "date_debut"},
		"words":                                    {head, "soon|2026-08-10|3", "2026-08-11 00:00 of 86400 s {\"rain_mm\":3}", "date_debut"},
		"the day on which a station was opened":    {"start_date|date|rain", "1950-01-01|2026-08-10|3", "2026-08-11 00:00 of 86400 s {\"rain_mm\":3}", "start_date"},
		"local days, of which one has 23 hours":    {head + "|tz", "2026-03-29|2026-03-29|3|Europe/Paris", "2026-03-29 23:00 of 86400 s {\"rain_mm\":3}", ""},
		"an instant with its zone, and one in UTC": {head, "2026-08-01T13:00:00+01:00|2026-08-01T15:00:00Z|3", "2026-08-01 15:00 of 10800 s {\"rain_mm\":3}", ""},
	} {
		var ignored Collector
		got := readPeriod(t, &ignored, c.head, c.row)
		names := ""
		for _, i := range ignored.List() {
			names += i.Name
		}
		if got != c.want || names != c.ignored {
			t.Errorf("%s: got %s, ignored %q", name, got, names)
		}
	}
}

func readPeriod(t *testing.T, ignored *Collector, head, line string) string {
	t.Helper()
	d := NewDecoder()
	d.Collect(ignored)
	headings, rows := grid(head, line)
	table, err := d.NewTable(headings, rows, Options{Defaults: Defaults{Source: "file", Kind: meteo.Observed, Station: "SN-DK"}})
	if err != nil {
		t.Fatal(err)
	}
	all, err := table.Read(rows[0])
	if err != nil || len(all) != 1 {
		return fmt.Sprint(len(all), " readings, ", err)
	}
	return fmt.Sprintf("%s of %d s %s", all[0].ObservedAt.Format("2006-01-02 15:04"), all[0].IntervalS, all[0].Values.AppendJSON(nil))
}
