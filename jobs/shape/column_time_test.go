package shape

import (
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func TestTimesOfTablesAreJoinedFromTheirColumns(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  string // times of the readings, or the refusal
	}{
		"hours of 0 to 23":                       {[]string{"Date|Hour|Temp", "2026-08-01|0|20", "2026-08-01|23|20"}, "2026-08-01 00:00,2026-08-01 23:00"},
		"hour 24 is the end of the day":          {[]string{"Date|Heure|Temp", "01/08/2026|24|20", "31/08/2026|24:00|20"}, "2026-08-02 00:00,2026-09-01 00:00"},
		"hours with a decimal zero":              {[]string{"Date|Hour|Temp", "2026-08-01|6.0|20", "2026-08-01|18.0|20"}, "2026-08-01 06:00,2026-08-01 18:00"},
		"half hours":                             {[]string{"Date|Hour|Temp", "2026-08-01|6.5|20", "2026-08-01|18.75|20"}, "2026-08-01 06:30,2026-08-01 18:45"},
		"hours and minutes as digits":            {[]string{"Date|Time|Temp", "20260801|0930|20", "20260801|1200|20"}, "2026-08-01 09:30,2026-08-01 12:00"},
		"without their zeros":                    {[]string{"Date|Time|Temp", "2026-08-01|0|20", "2026-08-01|30|20", "2026-08-01|1330|20"}, "2026-08-01 00:00,2026-08-01 00:30,2026-08-01 13:30"},
		"hours beside hours and minutes":         {[]string{"Date|Time|Temp", "2026-08-01|12|20", "2026-08-01|930|20"}, "2026-08-01 12:00,2026-08-01 09:30"},
		"and seconds":                            {[]string{"Date|Time|Temp", "2026-08-01|93000|20", "2026-08-01|133000|20"}, "2026-08-01 09:30,2026-08-01 13:30"},
		"fractions of a day":                     {[]string{"Date|Time|Temp", "2026-08-01|0.25|20", "2026-08-01|0.5|20"}, "2026-08-01 06:00,2026-08-01 12:00"},
		"numbers that are not hours":             {[]string{"Date|Time|Temp", "2026-08-01|61|20", "2026-08-01|88|20"}, `invalid_time: the numbers of the column "Time", such as 88, are not hours and not hours with minutes: write them as 12:30`},
		"twelve hours":                           {[]string{"Date|Time|Temp", "2026-08-01|12:30 AM|20", "2026-08-01|1:30\u202fPM|20", "2026-08-01|12 p.m.|20"}, "2026-08-01 00:30,2026-08-01 13:30,2026-08-01 12:00"},
		"AM and PM in their own column":          {[]string{"Date|Time|AM/PM|Temp", "2026-08-01|1:30|PM|20", "2026-08-01|12:30|am|20"}, "2026-08-01 13:30,2026-08-01 00:30"},
		"year, month, day and hour":              {[]string{"Year|Month|Day|Hour|Temp", "2026|8|1|13|20"}, "2026-08-01 13:00"},
		"year, month, day, hour and minute":      {[]string{"YYYY|MM|DD|hh|mm|Temp", "2026|8|1|13|20|20"}, "2026-08-01 13:20"},
		"a buoy's short names":                   {[]string{"#YY|MM|DD|hh|mm|Temp", "26|08|01|13|20|20"}, "2026-08-01 13:20"},
		"French short names":                     {[]string{"AN|MOIS|JOUR|HEURE|T", "2026|août|1|13|20"}, "2026-08-01 13:00"},
		"a year and a day of the year":           {[]string{"Year|DOY|Hour|Temp", "2026|213|13|20"}, "2026-08-01 13:00"},
		"a year, a month and a time":             {[]string{"Year|Month|Hour|Temp", "2026|8|13|20"}, "invalid_time: it has a year, but no month or no day"},
		"a day that is none":                     {[]string{"Year|Month|Day|Hour|Temp", "2026|2|30|13|20"}, "invalid_time: there is no such day: year 2026, month or day 2, 30"},
		"a day alone":                            {[]string{"Day|Temp", "15|20"}, `invalid_time: "Day" is not a date: "15"`},
		"digits of date and time":                {[]string{"Date|Temp", "202608011330|20", "2026080113|20", "20260801133000|20", "20260801 1330|20"}, "2026-08-01 13:30,2026-08-01 13:00,2026-08-01 13:30,2026-08-01 13:30"},
		"six digits are not a time":              {[]string{"Date|Temp", "260801|20"}, `invalid_time: "Date" is not a date: "260801"`},
		"a number is not a time by its size":     {[]string{"Date|Temp", "1200|20"}, `invalid_time: "Date" is not a date: "1200"`},
		"names of months":                        {[]string{"Date|Temp", "1 août 2026 13:00|20", "01-Aug-2026 13:00|20", "Aug 1, 2026 1:00 PM|20", "samedi 1er août 2026 à 13h00|20", "Sat, 01 Aug 2026 13:00:00 GMT|20"}, "2026-08-01 13:00,2026-08-01 13:00,2026-08-01 13:00,2026-08-01 13:00,2026-08-01 13:00"},
		"the time before the date":               {[]string{"Date|Temp", "13:00 13/08/2026|20", "13:00 UTC 13/08/2026|20"}, "2026-08-13 13:00,2026-08-13 13:00"},
		"points put the day first":               {[]string{"Date|Temp", "1.8.2026 13:00|20"}, "2026-08-01 13:00"},
		"the heading states the order":           {[]string{"Date (mm/dd/yyyy)|Temp", "8/1/2026 13:00|20"}, "2026-08-01 13:00"},
		"a French heading states the order":      {[]string{"Date (jj/mm/aaaa)|Temp", "1/8/2026 13:00|20"}, "2026-08-01 13:00"},
		"units of the United States":             {[]string{"Date|Temp (°F)", "8/1/2026 1:00 PM|68"}, "2026-08-01 13:00"},
		"one figure of a day is as good as two":  {[]string{"Date|Humidité", "1/12/2025 12:00|20", "01/12/2025 12:00|20"}, "2025-12-01 12:00,2025-12-01 12:00"},
		"one figure is as open as two":           {[]string{"Date|Temp", "1/12/2025 12:00|20"}, `invalid_time: the column "Date" has dates such as "1/12/2025 12:00", in which the day or the month may be first: say --date-order dmy or --date-order mdy`},
		"years of two digits in front":           {[]string{"Date|Temp", "26/08/01 13:00|20", "26/08/02 13:00|20"}, "2026-08-01 13:00,2026-08-02 13:00"},
		"a zone in the heading":                  {[]string{"Time (UTC+1)|Temp", "2026-08-01 13:00|20"}, "2026-08-01 12:00"},
		"a zone by its name in the heading":      {[]string{"time [Europe/Paris]|Temp", "2026-08-01 13:00|20"}, "2026-08-01 11:00"},
		"a zone of the hour":                     {[]string{"Date|Heure (TU)|Temp", "2026-08-01|13|20"}, "2026-08-01 13:00"},
		"a zone of several meanings":             {[]string{"Time (EST)|Temp", "2026-08-01 13:00|20"}, `invalid_time: the column "Time (EST)" names its zone by letters that several zones share: say which with --timezone`},
		"local time beside UTC":                  {[]string{"Local time|Time (UTC)|Temp", "2026-08-01 15:00|2026-08-01 13:00|20"}, "2026-08-01 13:00"},
		"a column of zones":                      {[]string{"Time|timezone|Temp", "2026-08-01 13:00|Europe/Paris|20", "2026-08-01 13:00|WAT|20"}, "2026-08-01 11:00,2026-08-01 12:00"},
		"a column of offsets":                    {[]string{"Date|Hour|utc_offset|Temp", "2026-08-01|13|+02:00|20", "2026-08-01|13|-1|20", "2026-08-01|13|7200|20"}, "2026-08-01 11:00,2026-08-01 14:00,2026-08-01 11:00"},
		"a zone nobody knows":                    {[]string{"Time|tz|Temp", "2026-08-01 13:00|EST|20"}, `invalid_time: "tz" is not a time zone of one meaning: "EST": use a name such as Africa/Dakar, an offset such as +01:00, or --timezone`},
		"zones in the cells":                     {[]string{"Time|Temp", "2026-08-01 13:00 CET|20", "2026-08-01T13:00+0200|20", "2026-08-01 13:00 UTC+1|20", "2026-08-01T13:00:00+02:00[Europe/Paris]|20"}, "2026-08-01 12:00,2026-08-01 11:00,2026-08-01 12:00,2026-08-01 11:00"},
		"a zone in a cell that is open":          {[]string{"Time|Temp", "2026-08-01 13:00 CST|20"}, `invalid_time: "Time" is not a time: "2026-08-01 13:00 CST"`},
		"HR is the hour beside a humidity":       {[]string{"Date|HR|RH|Temp", "2026-08-01|13|80|20"}, "2026-08-01 13:00"},
		"HR is the hour when a day has several":  {[]string{"Date|HR|Temp", "2026-08-01|13|20", "2026-08-01|14|20"}, "2026-08-01 13:00,2026-08-01 14:00"},
		"HR is the humidity beside an hour":      {[]string{"Date|Heure|HR", "2026-08-01|13|20", "2026-08-01|14|20"}, "2026-08-01 13:00,2026-08-01 14:00"},
		"HR of which nothing is sure is refused": {[]string{"Date|HR|Temp", "2026-08-01|13|20"}, `invalid_field: "HR" may be the hour or the relative humidity: say --column HR=hour or --column HR=humidity_pct`},
		"seconds since 1970":                     {[]string{"timestamp|Temp", "1785589200|20", "1785589200000|20"}, "2026-08-01 13:00,2026-08-01 13:00"},
		"seconds since 1970 beyond doubt":        {[]string{"epoch|Temp", "2200000000|20"}, "2039-09-18 23:06"},
	} {
		if got := timesOf(c.lines...); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func timesOf(lines ...string) string {
	got := readTable(Options{}, nil, lines...)
	out := ""
	for line := range strings.SplitSeq(got, "\n") {
		if _, err := time.Parse("2006-01-02 15:04", line[:min(16, len(line))]); err == nil {
			line = line[:16]
		}
		if out != "" {
			out += ","
		}
		out += line
	}
	return out
}

func TestTypedCellsWithoutAZoneAreInTheZoneThatIsStated(t *testing.T) {
	d := NewDecoder()
	headings := []Heading{{Name: "Date"}, {Name: "Time"}, {Name: "tz"}, {Name: "Temp"}}
	row := Row{{"Date", ExcelTime(46235, false)}, {"Time", ExcelTime(0.5, false)}, {"tz", "Europe/Paris"}, {"Temp", 20.0}}
	options := Options{Defaults: defaults()}
	options.Station = "SN-DK"
	table, err := d.NewTable(headings, []Row{row}, options)
	if err != nil {
		t.Fatal(err)
	}
	all, err := table.Read(row)
	if err != nil || all[0].ObservedAt.Format(time.RFC3339) != "2026-08-01T10:00:00Z" {
		t.Errorf("got %v, %v", all, err)
	}
}

func TestASingleRecordFollowsWhatItStates(t *testing.T) {
	for name, c := range map[string]struct {
		row  Row
		want string
	}{
		"hours and minutes as a number": {Row{{"date", "2026-08-01"}, {"time", 930.0}}, "2026-08-01T09:30:00Z"},
		"an hour as a number":           {Row{{"date", 20260801.0}, {"hour", 12.0}}, "2026-08-01T12:00:00Z"},
		"an offset in seconds":          {Row{{"time", "2026-08-01T12:00"}, {"utc_offset_seconds", 7200.0}}, "2026-08-01T10:00:00Z"},
		"an offset beside an instant":   {Row{{"dt", 1785585600.0}, {"timezone", 3600.0}}, "2026-08-01T12:00:00Z"},
		"a zone in the name":            {Row{{"time_cet", "2026-08-01T12:00"}}, "2026-08-01T11:00:00Z"},
		"parts":                         {Row{{"year", 2026.0}, {"month", 8.0}, {"day", 1.0}, {"hour", 12.0}, {"minute", 5.0}}, "2026-08-01T12:05:00Z"},
		"HR beside a humidity":          {Row{{"date", "2026-08-01"}, {"hr", 12.0}, {"rh", 80.0}}, "2026-08-01T12:00:00Z"},
	} {
		o, err := one(append(c.row, Field{"temp", 20.0}, Field{"city", "Dakar"}), defaults())
		if got := o.ObservedAt.Format(time.RFC3339); err != nil || got != c.want {
			t.Errorf("%s: got %s, %v, want %s", name, got, err, c.want)
		}
	}
	for name, row := range map[string]Row{
		"an open HR":        {{"date", "2026-08-01"}, {"hr", 12.0}},
		"a number of hours": {{"date", "2026-08-01"}, {"time", 61.0}},
		"a small number":    {{"date", 1200.0}},
	} {
		if o, err := one(append(row, Field{"temp", 20.0}, Field{"city", "Dakar"}), defaults()); err == nil {
			t.Errorf("%s has become %v", name, o.ObservedAt)
		}
	}
}

func TestADateAmongTimesIsItsMidnight(t *testing.T) {
	const days = "2026-08-02 00:00 {\"temperature_max_c\":30}\n2026-08-03 00:00 {\"temperature_max_c\":31}"
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"as text":                       {[]string{"Time|Tmax", "2026-08-01|30", "2026-08-01 06:00|31"}, "2026-08-01 00:00 {\"temperature_max_c\":30}\n2026-08-01 06:00 {\"temperature_max_c\":31}"},
		"with the day first":            {[]string{"Date|Tmax", "13/08/2026 18:00|30", "14/08/2026|31"}, "2026-08-13 18:00 {\"temperature_max_c\":30}\n2026-08-14 00:00 {\"temperature_max_c\":31}"},
		"as digits":                     {[]string{"Time|Tmax", "20260801|30", "2026080106|31"}, "2026-08-01 00:00 {\"temperature_max_c\":30}\n2026-08-01 06:00 {\"temperature_max_c\":31}"},
		"but not among days":            {[]string{"Time|Tmax", "2026-08-01|30", "2026-08-02|31"}, days},
		"nor beside an empty hour":      {[]string{"Date|Hour|Tmax", "2026-08-01||30", "2026-08-02||31"}, days},
		"and beside hours of their own": {[]string{"Date|Hour|Temp", "2026-08-01|6|30", "2026-08-01 12:00||31"}, "2026-08-01 06:00 {\"temperature_c\":30}\n2026-08-01 12:00 {\"temperature_c\":31}"},
	} {
		if got := readTable(Options{}, nil, c.lines...); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestATypedDateAmongTimesIsItsMidnight(t *testing.T) {
	midnight := time.Date(2026, 8, 1, 0, 0, 0, 0, NoZone)
	headings := []Heading{{Name: "Time"}, {Name: "Temp"}}
	for name, other := range map[string]any{"among typed times": midnight.Add(6 * time.Hour), "among times in text": "2026-08-01 06:00"} {
		rows := []Row{{{"Time", midnight}, {"Temp", 24.0}}, {{"Time", other}, {"Temp", 25.0}}}
		table, err := NewDecoder().NewTable(headings, rows, Options{Defaults: Defaults{Source: "file", Kind: meteo.Observed, Station: "SN-DK"}})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []time.Time{midnight, midnight.Add(6 * time.Hour)} {
			all, err := table.Read(rows[i])
			if err != nil || len(all) != 1 || !all[0].ObservedAt.Equal(want) {
				t.Errorf("%s: %v, %v; want %s", name, all, err, want)
			}
		}
	}
}

func TestTimesOfAColumnAreReadAsTheColumnShows(t *testing.T) {
	for name, c := range map[string]struct{ heading, cells, want string }{
		"day numbers beside hours":                  {"Date|Heure", "46235|12", "2026-08-01 12:00"},
		"day numbers with rounded times of day":     {"Date", "46235,541666667", "2026-08-01 13:00"},
		"a year with its days":                      {"Year|Day|HHMM", "2026|213|30", "2026-08-01 00:30"},
		"points before minutes":                     {"Date|Heure", "13/08/2026|12.30", "2026-08-13 12:30"},
		"fractions of hours":                        {"Date|Heure", "2026-08-13|12.5", "2026-08-13 12:30"},
		"days that follow each other":               {"time", "01/08/2026;02/08/2026;03/08/2026", "2026-08-02 00:00"},
		"days that follow each other, newest first": {"time", "08/03/2026;08/02/2026;08/01/2026", "2026-08-04 00:00"},
		"hours over midnight":                       {"time", "01/08/2026 23:00;02/08/2026 00:00", "2026-08-01 23:00"},
		"two days that may be months":               {"time", "01/08/2026 12:00;02/08/2026 12:00", "invalid_time"},
		"a date in figures and the hour":            {"YYYYMMDD|HHMM", "20260801|0930", "2026-08-01 09:30"},
		"the end of an interval":                    {"Date début|Date fin", "13/08/2026 11:00|13/08/2026 12:00", "2026-08-13 12:00"},
	} {
		t.Run(name, func(t *testing.T) {
			rows := []string{c.heading + "|T"}
			for _, cell := range strings.Split(c.cells, ";") {
				rows = append(rows, cell+"|27")
			}
			if got := readTable(Options{}, nil, rows...); !strings.HasPrefix(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestTheZoneOfTheUserWinsOverTheHeadingAndNotOverTheOffsetOfATime(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]string{
		"time (UTC)|T;2026-08-01 14:00|27":                 "2026-08-01 12:00",
		"time|T;2026-08-01 14:00|27":                       "2026-08-01 12:00",
		"time|timezone|T;2026-08-01 14:00|Africa/Lagos|27": "2026-08-01 13:00",
		"time|T;2026-08-01T14:00:00+01:00|27":              "2026-08-01 13:00",
		"Heure EST|T;2026-08-01 14:00|27":                  "2026-08-01 12:00",
	} {
		if got := readTable(Options{Zone: paris}, nil, strings.Split(table, ";")...); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s, want %s", table, got, want)
		}
	}
}
