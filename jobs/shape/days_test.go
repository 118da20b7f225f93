package shape

import (
	"strings"
	"testing"
)

func TestADateThatIsWrittenOnceIsThatOfTheRowsBelowIt(t *testing.T) {
	const ok1, ok2 = "2026-08-01 06:00,2026-08-01 12:00", "2026-08-01 06:00,2026-08-01 12:00,2026-08-02 06:00"
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"below one date":                           {[]string{"Date|Hour|T", "2026-08-01|6|27", "|12|28"}, ok1},
		"below two dates":                          {[]string{"Date|Hour|T", "2026-08-01|6|27", "|12|28", "2026-08-02|6|27"}, ok2},
		"with the hour first":                      {[]string{"Hour|Date|T", "6|2026-08-01|27", "12||28"}, ok1},
		"beside a note about dates":                {[]string{"Date|Hour|T|Note", "2026-08-01|6|27|x", "|12|28|"}, ok1},
		"not when the time does not go on":         {[]string{"Date|Hour|T", "2026-08-01|12|27", "|12|28"}, "2026-08-01 12:00,invalid_time: \"Hour\" is not a time: \"12\""},
		"not when the time goes back":              {[]string{"Date|Hour|T", "2026-08-01|12|27", "|6|28"}, "2026-08-01 12:00,invalid_time: \"Hour\" is not a time: \"6\""},
		"not without a time of day":                {[]string{"Date|Hour|T", "2026-08-01|6|27", "||28"}, "2026-08-01 06:00,invalid_time: it has no time"},
		"not above the first date":                 {[]string{"Date|Hour|T", "|6|27", "2026-08-01|12|28"}, "invalid_time: \"Hour\" is not a time: \"6\",2026-08-01 12:00"},
		"not beside a second date":                 {[]string{"Date|Jour|Hour|T", "2026-08-01|2026-08-01|6|27", "||12|28"}, "2026-08-01 06:00,invalid_time: \"Hour\" is not a time: \"12\""},
		"not beside a second hour":                 {[]string{"Date|Hour|Time|T", "2026-08-01|6|06:00|27", "|12|12:00|28"}, "2026-08-01 06:00,invalid_time: \"Hour\" is not a time: \"12\""},
		"not beside a second hour after the first": {[]string{"Hour|Date|Time|T", "6|2026-08-01|06:00|27", "12||12:00|28"}, "2026-08-01 06:00,invalid_time: \"Hour\" is not a time: \"12\""},
		"not beside a timestamp":                   {[]string{"Date|Hour|Timestamp|T", "2026-08-01|6||27", "|12||28"}, "2026-08-01 06:00,invalid_time: \"Hour\" is not a time: \"12\""},
	} {
		if got := timesOf(c.lines...); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
	headings, rows := grid("Date|Hour|T", "2026-08-01|6|27", "2026-08-01|12|28", "|18|29")
	table, err := NewDecoder().NewTable(headings, rows[:2], Options{Defaults: atNoon()})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, true, false} {
		if _, err := table.Read(rows[i]); (err == nil) != want {
			t.Errorf("row %d of a table whose sample has all dates: %v", i+1, err)
		}
	}
	headings, rows = grid("Date|Hour|T", "2026-08-01|6|27", "|12|28", "|9|29", "|15|29", "2026-08-02|3|29")
	if table, err = NewDecoder().NewTable(headings, rows[:2], Options{Defaults: atNoon()}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, true, false, false, true} {
		if _, err := table.Read(rows[i]); (err == nil) != want {
			t.Errorf("row %d: %v", i+1, err)
		}
	}
}

func TestDaysThatComeSeveralTimesLackSomething(t *testing.T) {
	const refused = "invalid_time: most days come several times"
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"one day twice":                {[]string{"Date|T", "2026-08-01|27", "2026-08-01|28"}, refused},
		"two days, one of them twice":  {[]string{"Date|T", "2026-08-01|27", "2026-08-01|28", "2026-08-02|28"}, "2026-08-02 00:00"},
		"two days, both of them twice": {[]string{"Date|T", "2026-08-01|27", "2026-08-01|28", "2026-08-02|28", "2026-08-02|29"}, refused},
		"one day twice with the same":  {[]string{"Date|T", "2026-08-01|27", "2026-08-01|27"}, "2026-08-02 00:00"},
		"one day at two places":        {[]string{"Date|Station|T", "2026-08-01|Dakar|27", "2026-08-01|Thiès|28"}, "2026-08-02 00:00"},
		"one day at two ids":           {[]string{"Date|Station ID|T", "2026-08-01|SN-DK|27", "2026-08-01|SN-TH|28"}, "2026-08-02 00:00"},
		"one day":                      {[]string{"Date|T", "2026-08-01|27"}, "2026-08-02 00:00"},
		"one day with an hour":         {[]string{"Date|Hour|T", "2026-08-01|6|27", "2026-08-01|12|28"}, "2026-08-01 06:00"},
		"one day beside a zone":        {[]string{"Date|tz|T", "2026-08-01|UTC|27", "2026-08-01|UTC|28"}, refused},
		"one day beside an issue":      {[]string{"Date|issued_at|T", "2026-08-01|2026-08-03T00:00Z|27", "2026-08-01|2026-08-03T00:00Z|28"}, refused},
		"one day beside a fetch":       {[]string{"Date|fetched_at|T", "2026-08-01|2026-08-03T00:00Z|27", "2026-08-01|2026-08-03T00:00Z|28"}, refused},
		"times":                        {[]string{"Time|T", "2026-08-01 06:00|27", "2026-08-01 06:00|28"}, "2026-08-01 06:00"},
		"rows without a day":           {[]string{"Date|T", "2026-08-01|27", "|28", "|29"}, "2026-08-02 00:00"},
		"no row with a day":            {[]string{"Date|T", "|28", "|29"}, "invalid_time: it has no time"},
		"a year":                       {[]string{"Year|DOY|T", "2026|213|27", "2026|213|28"}, "2026-08-02 00:00"},
		"without a day":                {[]string{"T|RH", "27|70", "28|71"}, "invalid_time: it has no time"},
		"a column that is not read":    {[]string{"Date|T|Mood", "2026-08-01|27|a", "2026-08-01|27|b"}, "2026-08-02 00:00"},
	} {
		if got := timesOf(c.lines...); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestDatesThatRunShowTheirOrder(t *testing.T) {
	for name, c := range map[string]struct {
		cells string
		want  bool // the day is first
	}{
		"three days":                          {"01/08/2026;02/08/2026;03/08/2026", true},
		"two days":                            {"01/08/2026;02/08/2026", false},
		"three days, newest first":            {"03/08/2026;02/08/2026;01/08/2026", true},
		"days that go up and down":            {"01/08/2026;02/08/2026;01/08/2026", false},
		"a day that is left out":              {"01/08/2026;02/08/2026;04/08/2026", false},
		"one day several times":               {"01/08/2026;01/08/2026;02/08/2026;03/08/2026", true},
		"an hour over midnight":               {"01/08/2026 23:00;02/08/2026 00:00", true},
		"three hours over midnight":           {"01/08/2026 21:00;02/08/2026 00:00", true},
		"four hours over midnight":            {"01/08/2026 20:00;02/08/2026 00:00", false},
		"hours of one day":                    {"01/08/2026 20:00;01/08/2026 21:00", false},
		"a day that a month is too short for": {"31/06/2026", false},
	} {
		f := dateFigures{firsts: map[int]bool{}, thirds: map[int]bool{}}
		for cell := range strings.SplitSeq(c.cells, ";") {
			f.note(cell)
		}
		if got := f.runs(DayFirst); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTextOfDayNumbersAndOfDottedTimesIsOfOneForm(t *testing.T) {
	for cells, want := range map[string]bool{"46235": true, "46235,5;46236": true, "32874": true, "32873": false, "73050,9": true, "73051": false, "46235;x": false, "": false} {
		var all []any
		for cell := range strings.SplitSeq(cells, ";") {
			if cell != "" {
				all = append(all, cell)
			}
		}
		if got := allSerials(all); got != want {
			t.Errorf("%q: day numbers %v", cells, got)
		}
	}
	if allSerials([]any{46235.0}) {
		t.Error("a typed number is text")
	}
	for cells, want := range map[string]bool{
		"12.30": true, "12,30": true, "9.05;12.00": true, "12.00": false, "12.25": false, "12.50": false, "12.59": true, "12.60": false, "12.5": false, "12.305": false,
		"112.30": false, "x.30": false, "12.x0": false, "12": false, "12.30;noon": false,
	} {
		var all []any
		for cell := range strings.SplitSeq(cells, ";") {
			all = append(all, cell)
		}
		if got := allDotted(all); got != want {
			t.Errorf("%q: dotted %v", cells, got)
		}
	}
}

func TestUnitsMayBeAboveTheNames(t *testing.T) {
	for in, want := range map[string]string{
		"|°F|km/h\nTime|Temp|Wind\n2026-08-01 12:00|80.6|18":          "Time,Temp in °F,Wind in km/h; II",
		"|(°F)|\nTime|Temp|Wind\n2026-08-01 12:00|80.6|18":            "Time,Temp in °F,Wind; II",
		"|°F|bananas\nTime|Temp|Wind\n2026-08-01 12:00|80.6|18":       "Time,Temp,Wind; II",
		"x|°F||more\nTime|Temp|Wind\n2026-08-01 12:00|80.6|18":        "Time in x,Temp in °F,Wind; II",
		"|°F|km/h\nTime|Temp|Wind\n|°C|m/s\n2026-08-01 12:00|80.6|18": "Time,Temp in °F,Wind in km/h; III",
	} {
		h, ok := FindHeader(cut(in))
		if got := describeHeader(h); !ok || got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func TestElementsOfErrorsAreKnownByTheirNames(t *testing.T) {
	for name, want := range map[string]bool{"error": true, "ServiceError": true, "ExceptionReport": false, "ServiceException": true, "errors": true, "Fault": true, "default": false, "terrors": false} {
		if IsError(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func TestOnlyDatesAreThoseOfTheRowsAboveThem(t *testing.T) {
	got := readTable(Options{}, nil, "Hour|T|Date|RH", "6|27|2026-08-01|70", "12||2026-08-01|71")
	if want := "2026-08-01 06:00 {\"temperature_c\":27,\"humidity_pct\":70}\n2026-08-01 12:00 {\"humidity_pct\":71}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDayNumbersInTextAreRoundedAsTheirLastFigureWas(t *testing.T) {
	for text, want := range map[string]string{
		"46235": "2026-08-01 00:00:00", "46235.5": "2026-08-01 12:00:00", "46235,541666667": "2026-08-01 13:00:00", "46235.54167": "2026-08-01 13:00:00", "46235.5069": "2026-08-01 12:10:00", "46235.506": "2026-08-01 12:08:38.4", "46235.5061": "2026-08-01 12:08:47.04", "46235.5062": "2026-08-01 12:09:00",
		"46235.50694": "2026-08-01 12:10:00", "46235.500012": "2026-08-01 12:00:01", "46235.5000116": "2026-08-01 12:00:01", "46235.25": "2026-08-01 06:00:00", "32873": "none", "32874": "1990-01-01 00:00:00",
		"73050": "2099-12-31 00:00:00", "73051": "none", "x": "none",
	} {
		s, ok := readSerial(text)
		got := s.t.Format("2006-01-02 15:04:05.999999")
		if !ok {
			got = "none"
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if s, _ := readSerial("46235"); s.hasClock {
		t.Error("a whole day has a time of day")
	}
}
