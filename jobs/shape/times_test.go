package shape

import (
	"math"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// describeWritten returns what a text says of a time before the order of its figures is settled.
func describeWritten(w written, ok bool) string {
	if !ok {
		return "none"
	}
	out := map[dateForm]string{noDate: "-", settled: "ymd", ordinal: "ordinal", open: "open"}[w.form]
	for _, n := range w.figures {
		out += " " + string('0'+rune(n/1000%10)) + string('0'+rune(n/100%10)) + string('0'+rune(n/10%10)) + string('0'+rune(n%10))
	}
	out = strings.ReplaceAll(out, " 00", " ")
	if w.short {
		out += " short"
	}
	if w.dayFirst {
		out += " day first"
	}
	if w.hasClock {
		out += " " + w.clock.String()
	}
	if w.zone != nil {
		out += " " + time.Date(2026, 8, 1, 0, 0, 0, 0, w.zone).Format("-07:00")
	}
	return out
}

func TestATimeIsReadAsPeopleWriteIt(t *testing.T) {
	for text, want := range map[string]string{
		"2026-08-01":                           "ymd 2026 08 01",
		"2026/8/1":                             "ymd 2026 08 01",
		"2026.08.01 7h":                        "ymd 2026 08 01 day first 7h0m0s",
		"2026-213":                             "ordinal 2026 0213 00",
		"2026-213 06:00":                       "ordinal 2026 0213 00 6h0m0s",
		"2026-Aug-01":                          "ymd 2026 08 01",
		"2026 August 1":                        "ymd 2026 08 01",
		"2026 août 1":                          "ymd 2026 08 01 day first",
		"2026-Smarch-01":                       "none",
		"2026-Aug-":                            "none",
		"2026-Aug-001":                         "none",
		"2026-08/01":                           "none",
		"2026-08":                              "none",
		"2026-08-":                             "none",
		"2026-08-001":                          "none",
		"2026-0008-01":                         "none",
		"2026":                                 "none",
		"20260801":                             "ymd 2026 08 01",
		"20260801T1330":                        "ymd 2026 08 01 13h30m0s",
		"20260801T133015":                      "ymd 2026 08 01 13h30m15s",
		"20260801T133015.5Z":                   "ymd 2026 08 01 13h30m15.5s +00:00",
		"20260801T13301":                       "none",
		"01/08/2026":                           "open 01 08 2026",
		"1/8/26":                               "open 01 08 26 short",
		"1.8.26":                               "open 01 08 26 short day first",
		"1 8 2026":                             "open 01 08 2026",
		"1 8 26":                               "none",
		"1/8/026":                              "none",
		"1/8":                                  "none",
		"1/8-2026":                             "none",
		"1/008/2026":                           "none",
		"001/8/2026":                           "none",
		"1x8x2026":                             "none",
		"1er août 2026":                        "ymd 2026 08 01 day first",
		"1st of August 2026":                   "ymd 2026 08 01",
		"2nd Aug 2026":                         "ymd 2026 08 02",
		"1 de août 2026":                       "ymd 2026 08 01 day first",
		"1-Aug-26":                             "ymd 2026 08 01",
		"1-Aug-69":                             "ymd 1969 08 01",
		"1-Aug-68":                             "ymd 2068 08 01",
		"1-Aug-2026 13:00":                     "ymd 2026 08 01 13h0m0s",
		"1-Aug-226":                            "none",
		"1-Smarch-2026":                        "none",
		"Aug 1, 2026":                          "ymd 2026 08 01",
		"August 1st, 2026 1:05 PM":             "ymd 2026 08 01 13h5m0s",
		"Aug-1-2026":                           "ymd 2026 08 01",
		"Aug 001, 2026":                        "none",
		"Aug x":                                "none",
		"Smarch 1, 2026":                       "none",
		"Sept. 5, 2026":                        "ymd 2026 09 05",
		"Sat, 01 Aug 2026 13:00 GMT":           "ymd 2026 08 01 13h0m0s +00:00",
		"samedi 1 août 2026":                   "ymd 2026 08 01 day first",
		"Someday 1 August 2026":                "none",
		"2026-08-01 13:00":                     "ymd 2026 08 01 13h0m0s",
		"2026-08-01T13:00:05,25":               "ymd 2026 08 01 13h0m5.25s",
		"2026-08-01 13:00:05.":                 "none",
		"2026-08-01 13:00:05.5":                "ymd 2026 08 01 13h0m5.5s",
		"12":                                   "none",
		"123:00 01/08/2026":                    "none",
		"2026-08-01 13:00:5":                   "none",
		"2026-08-01 13:0":                      "none",
		"2026-08-01 13:":                       "none",
		"2026-08-01 13h":                       "ymd 2026 08 01 day first 13h0m0s",
		"2026-08-01 13h5":                      "none",
		"2026-08-01 13 h 05":                   "ymd 2026 08 01 day first 13h5m0s",
		"2026-08-01 13h05m30s":                 "ymd 2026 08 01 day first 13h5m30s",
		"2026-08-01 13h05min":                  "ymd 2026 08 01 day first 13h5m0s",
		"2026-08-01 13h05mn":                   "ymd 2026 08 01 day first 13h5m0s",
		"2026-08-01 13h05'":                    "ymd 2026 08 01 day first 13h5m0s",
		"2026-08-01 13.05":                     "ymd 2026 08 01 13h5m0s",
		"2026-08-01 à 13h05":                   "ymd 2026 08 01 day first 13h5m0s",
		"2026-08-01 at 13:05":                  "ymd 2026 08 01 13h5m0s",
		"2026-08-01, 13:05":                    "ymd 2026 08 01 13h5m0s",
		"2026-08-01 - 13:05":                   "ymd 2026 08 01 13h5m0s",
		"2026-08-01_13:05":                     "ymd 2026 08 01 13h5m0s",
		"2026-08-01 13":                        "ymd 2026 08 01 13h0m0s",
		"2026-08-01 1330":                      "ymd 2026 08 01 13h30m0s",
		"2026-08-01 123":                       "none",
		"2026-08-01 24:00":                     "ymd 2026 08 01 24h0m0s",
		"2026-08-01 24:01":                     "none",
		"2026-08-01 24:00:01":                  "none",
		"2026-08-01 24:00:00.5":                "none",
		"2026-08-01 25:00":                     "none",
		"2026-08-01 12:60":                     "none",
		"2026-08-01 12:59:60":                  "none",
		"2026-08-01 12:59:59":                  "ymd 2026 08 01 12h59m59s",
		"2026-08-01 12:00 AM":                  "ymd 2026 08 01 0s",
		"2026-08-01 12:00 pm":                  "ymd 2026 08 01 12h0m0s",
		"2026-08-01 1:00 p.m.":                 "ymd 2026 08 01 13h0m0s",
		"2026-08-01 11:59PM":                   "ymd 2026 08 01 23h59m0s",
		"2026-08-01 11 a. m.":                  "ymd 2026 08 01 11h0m0s",
		"2026-08-01 13:00 PM":                  "ymd 2026 08 01 13h0m0s",
		"2026-08-01 13:00 AM":                  "none",
		"2026-08-01 24:00 PM":                  "none",
		"2026-08-01 1:00 pmx":                  "none",
		"2026-08-01 13:00 +01:00":              "ymd 2026 08 01 13h0m0s +01:00",
		"2026-08-01 13:00 -0230 (GMT)":         "ymd 2026 08 01 13h0m0s -02:30",
		"2026-08-01 13:00 +0000 UTC":           "ymd 2026 08 01 13h0m0s +00:00",
		"2026-08-01 13:00 +0000 EST":           "none",
		"2026-08-01 13:00 x":                   "none",
		"13:00 01/08/2026":                     "open 01 08 2026 13h0m0s",
		"7h30 le 1 août 2026":                  "ymd 2026 08 01 day first 7h30m0s",
		"13:00 UTC, Sat 01/08/2026":            "open 01 08 2026 13h0m0s +00:00",
		"13:00":                                "none",
		"13:00 01/08/2026 x":                   "none",
		"13:00 25/08":                          "none",
		"1234567890123":                        "none",
		"":                                     "none",
		strings.Repeat(" ", 70) + "2026-08-01": "ymd 2026 08 01",
		strings.Repeat(" ", 71) + "2026-08-01": "none",
	} {
		if got := describeWritten(scanTime(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestATimeOfDayIsReadInTheFormOfItsColumn(t *testing.T) {
	for name, c := range map[string]struct {
		form clockForm
		in   any
		want string
	}{
		"text":                          {clockFree, "12:10", "12h10m0s"},
		"text with a zone":              {clockFree, "12:10 +01:00", "12h10m0s +01:00"},
		"text of a zone nobody knows":   {clockFree, "12:10 EST", "none"},
		"the longest text":              {clockFree, "12:10" + strings.Repeat(" ", 74) + "Z", "12h10m0s +00:00"},
		"text that is too long":         {clockFree, "12:10" + strings.Repeat(" ", 75) + "Z", "none"},
		"a typed cell":                  {clockFree, ExcelTime(0.5, false), "12h0m0s"},
		"an hour":                       {clockFree, 24.0, "24h0m0s"},
		"an hour that is none":          {clockFree, 25.0, "none"},
		"midnight":                      {clockFree, 0.0, "0s"},
		"a fraction of a day":           {clockFree, 0.25, "6h0m0s"},
		"hours and minutes":             {clockFree, 930.0, "9h30m0s"},
		"the first with minutes":        {clockFree, 100.0, "1h0m0s"},
		"the last before":               {clockFree, 99.0, "none"},
		"the last with minutes":         {clockFree, 2400.0, "24h0m0s"},
		"one more":                      {clockFree, 2401.0, "none"},
		"minutes that are none":         {clockFree, 960.0, "none"},
		"a number with a fraction":      {clockFree, 100.5, "none"},
		"a negative number":             {clockFree, -1.0, "none"},
		"another type":                  {clockFree, true, "none"},
		"three digits":                  {clockFree, "930", "9h30m0s"},
		"four digits":                   {clockFree, "0030", "30m0s"},
		"five digits":                   {clockFree, "93000", "none"},
		"six digits":                    {clockFree, "093000", "9h30m0s"},
		"two digits":                    {clockFree, "12", "12h0m0s"},
		"a decimal comma":               {clockFree, "0,25", "6h0m0s"},
		"hours alone":                   {clockHours, 24.0, "24h0m0s"},
		"hours alone, one more":         {clockHours, 25.0, "none"},
		"hours alone, negative":         {clockHours, -1.0, "none"},
		"hours alone, with a fraction":  {clockHours, 12.5, "none"},
		"fractions":                     {clockFraction, 1.0, "24h0m0s"},
		"fractions from 0":              {clockFraction, 0.0, "0s"},
		"fractions above 1":             {clockFraction, 1.01, "none"},
		"fractions below 0":             {clockFraction, -0.01, "none"},
		"decimal hours":                 {clockDecimal, 6.75, "6h45m0s"},
		"decimal hours at the end":      {clockDecimal, 24.0, "24h0m0s"},
		"decimal hours past the end":    {clockDecimal, 24.25, "none"},
		"decimal hours from 0":          {clockDecimal, 0.0, "0s"},
		"decimal hours below 0":         {clockDecimal, -0.25, "none"},
		"minutes without their hour":    {clockHHMM, 30.0, "30m0s"},
		"digits of hours and minutes":   {clockHHMM, "0930", "9h30m0s"},
		"digits of a column of seconds": {clockHHMMSS, 93015.0, "9h30m15s"},
		"seconds that are none":         {clockHHMMSS, 93060.0, "none"},
		"59 seconds":                    {clockHHMMSS, 95959.0, "9h59m59s"},
		"hours above 24 with seconds":   {clockHHMMSS, 240001.0, "none"},
		"24 hours with seconds":         {clockHHMMSS, 240000.0, "24h0m0s"},
		"0 with seconds":                {clockHHMMSS, 0.0, "0s"},
		"a negative with seconds":       {clockHHMMSS, -1.0, "none"},
		"a fraction with seconds":       {clockHHMMSS, 93015.5, "none"},
	} {
		since, zone, ok := timeStyle{clock: c.form}.readClock(c.in)
		got := since.String()
		if zone != nil {
			got += time.Date(2026, 8, 1, 0, 0, 0, 0, zone).Format(" -07:00")
		}
		if !ok {
			got = "none"
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestTheNumbersOfAColumnOfTimesOfDayAreOfOneForm(t *testing.T) {
	for name, c := range map[string]struct {
		cells []any
		want  clockForm
	}{
		"no numbers":                            {[]any{"12:00", nil}, clockFree},
		"hours":                                 {[]any{0.0, 24.0}, clockHours},
		"hours as text":                         {[]any{"0", "23"}, clockHours},
		"hours with leading zeros":              {[]any{"0000", "0012"}, clockHHMM},
		"three digits of hours":                 {[]any{"000", "012"}, clockFree},
		"fractions":                             {[]any{0.0, 0.5, 1.0}, clockFraction},
		"quarters":                              {[]any{6.25, 24.0}, clockDecimal},
		"a half hour past midnight":             {[]any{0.5, 1.5}, clockDecimal},
		"hours with minutes":                    {[]any{30.0, 930.0, 2400.0}, clockHHMM},
		"hours beside both":                     {[]any{12.0, 930.0}, clockFree},
		"hours beside both, from 1":             {[]any{1.0, 930.0}, clockFree},
		"0 is either":                           {[]any{0.0, 930.0}, clockHHMM},
		"24 is an hour":                         {[]any{24.0, 930.0}, clockFree},
		"25 are minutes":                        {[]any{25.0, 12.0, 930.0}, clockHHMM},
		"59 are minutes":                        {[]any{59.0, 12.0, 930.0}, clockHHMM},
		"four digits, whatever the hour":        {[]any{"0012", "0930"}, clockHHMM},
		"with seconds":                          {[]any{0.0, 240000.0}, clockHHMMSS},
		"from 2401 with seconds":                {[]any{2401.0}, clockHHMMSS},
		"day numbers":                           {[]any{46235.5}, -1},
		"seconds since 1970":                    {[]any{1785585600.0}, clockFree},
		"more than 240000":                      {[]any{240001.0}, clockFree},
		"61 is none":                            {[]any{61.0}, -1},
		"a third of an hour":                    {[]any{12.3}, -1},
		"quarters above 24":                     {[]any{24.25}, -1},
		"60 minutes":                            {[]any{60.0, 930.0}, -1},
		"noon beside midnight":                  {[]any{12.0, 2400.0}, clockFree},
		"2400 beside what is not a time of day": {[]any{61.0, 2400.0}, -1},
		"sixty minutes":                         {[]any{12.0, 960.0}, -1},
	} {
		got, err := judgeClock(Heading{Name: "Time"}, c.cells)
		if err != nil {
			got = -1
		}
		if got != c.want {
			t.Errorf("%s: got %d, %v, want %d", name, got, err, c.want)
		}
	}
}

func TestTheOrderOfADateIsThatOfItsColumn(t *testing.T) {
	for name, c := range map[string]struct {
		cells []any
		e     evidence
		want  DateOrder
	}{
		"a day of 12 is open":                  {[]any{"12/11/2026"}, evidence{}, -1},
		"a day of 13 comes first":              {[]any{"13/12/2026"}, evidence{}, DayFirst},
		"a day of 13 comes second":             {[]any{"12/13/2026"}, evidence{}, MonthFirst},
		"neither is a month":                   {[]any{"13/13/2026"}, evidence{}, DayFirst},
		"equal figures":                        {[]any{"5/5/2026"}, evidence{}, DayFirst},
		"a first figure of 31 may be a day":    {[]any{"31/12/26"}, evidence{}, DayFirst},
		"a first figure of 32 is a year":       {[]any{"32/12/26"}, evidence{}, ShortYearFirst},
		"a long year does not come first":      {[]any{"32/12/2026"}, evidence{}, DayFirst},
		"the first stays while the last runs":  {[]any{"26/01/01", "26/01/02"}, evidence{}, ShortYearFirst},
		"the first stays and so does the last": {[]any{"11/01/12", "11/02/12"}, evidence{}, -1},
		"the first runs":                       {[]any{"10/01/11", "11/01/12"}, evidence{}, -1},
		"a second figure of 13":                {[]any{"10/13/11", "10/14/12"}, evidence{}, MonthFirst},
		"a French sign":                        {[]any{"1.8.2026"}, evidence{}, DayFirst},
		"a French table":                       {[]any{"1/8/2026"}, evidence{french: true}, DayFirst},
		"decimal commas":                       {[]any{"1/8/2026"}, evidence{decimalComma: true, american: true}, DayFirst},
		"units of the United States":           {[]any{"1/8/2026"}, evidence{american: true}, MonthFirst},
		"a day of 13 beside a month of 12":     {[]any{"13/12/2026", "1/2/2026"}, evidence{american: true}, DayFirst},
		"both orders":                          {[]any{"13/8/2026", "8/13/2026"}, evidence{french: true}, -1},
		"no dates":                             {[]any{"soon", 5.0}, evidence{}, DayFirst},
	} {
		got, err := judgeOrder(Heading{Name: "Date"}, c.cells, c.e)
		if err != nil {
			got = -1
		}
		if got != c.want {
			t.Errorf("%s: got %d, %v, want %d", name, got, err, c.want)
		}
	}
}

func TestNumbersAreTimesByTheirSize(t *testing.T) {
	const none = ""
	for name, c := range map[string]struct {
		in   any
		want string
	}{
		"before the first day number":     {32873.0, none},
		"the first day number":            {32874.0, "1990-01-01T00:00:00Z"},
		"the last day number":             {73050.5, "2099-12-31T12:00:00Z"},
		"after the last day number":       {73051.0, none},
		"before the first second":         {473385599.0, none},
		"the first second":                {473385600.0, "1985-01-01T00:00:00Z"},
		"the last second":                 {1999999999.0, "2033-05-18T03:33:19Z"},
		"after the last second":           {2000000000.0, none},
		"milliseconds":                    {1785585600250.0, "2026-08-01T12:00:00.25Z"},
		"the first day of the calendar":   {19000101.0, "1900-01-01T00:00:00Z"},
		"the day before":                  {19000100.0, none},
		"the last day of the calendar":    {20991231.0, "2099-12-31T00:00:00Z"},
		"the day after":                   {20991232.0, none},
		"digits with an hour":             {2026080112.0, "2026-08-01T12:00:00Z"},
		"digits with hour 24":             {2026080124.0, "2026-08-02T00:00:00Z"},
		"digits with hour 25":             {2026080125.0, none},
		"digits with minutes":             {202608011259.0, "2026-08-01T12:59:00Z"},
		"digits with 60 minutes":          {202608011260.0, none},
		"digits with seconds":             {20260801125959.0, "2026-08-01T12:59:59Z"},
		"digits with 60 seconds":          {20260801125960.0, none},
		"digits past hour 24":             {202608012401.0, none},
		"digits past hour 24 by a second": {20260801240001.0, none},
		"digits of the last second":       {20991231235959.0, "2099-12-31T23:59:59Z"},
		"digits of 2100":                  {21000101000000.0, none},
		"digits of a day that is none":    {20260230.0, none},
		"digits with a fraction":          {20260801.5, none},
		"six digits as text":              {"260801", none},
		"six digits with a point":         {"46235.5", "2026-08-01T12:00:00Z"},
		"five digits as text":             {"46235", none},
		"seven digits as text":            {"46235.0", "2026-08-01T00:00:00Z"},
		"another type":                    {true, none},
		"a day of a year":                 {"2026-366", none},
		"the last day of a year":          {"2026-365", "2026-12-31T00:00:00Z"},
		"the 0th day of a year":           {"2026-000", none},
		"the last day of a leap year":     {"2024-366", "2024-12-31T00:00:00Z"},
		"a time of day alone":             {"12:00:00", none},
	} {
		got, _, ok := ParseTime(c.in)
		text := got.Format(time.RFC3339Nano)
		if !ok {
			text = none
		}
		if text != c.want {
			t.Errorf("%s: got %q, want %q", name, text, c.want)
		}
	}
}

func TestSecondsOfAColumnThatIsOfThemMayBeOfAnyTime(t *testing.T) {
	for x, want := range map[float64]string{
		1e8 - 1: "", 1e8: "1973-03-03T09:46:40Z", 46235: "", 20260801: "", 1e11 - 1: "5138-11-16T09:46:39Z", 1e11: "1973-03-03T09:46:40Z",
		4102444800: "2100-01-01T00:00:00Z",
	} {
		s, ok := timeStyle{epoch: true}.read(x)
		got := s.t.Format(time.RFC3339)
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%.0f: got %q, want %q", x, got, want)
		}
	}
}

func TestAShortYearComesFirstWhereItsColumnSaysSo(t *testing.T) {
	for text, want := range map[string]string{"26/08/01": "2026-08-01", "01/08/2026": "2026-08-01"} {
		at, _, ok := timeStyle{order: ShortYearFirst}.parse(text, nil)
		if got := at.Format("2006-01-02"); !ok || got != want {
			t.Errorf("%s: %s, %v", text, got, ok)
		}
	}
	if at, _, ok := (timeStyle{order: MonthFirst}).parse("8/1/26", nil); !ok || at.Format("2006-01-02") != "2026-08-01" {
		t.Errorf("the month first: %s, %v", at, ok)
	}
}

func TestDayNumbersOfSpreadsheetsAreRoundedAsTheyWereMeant(t *testing.T) {
	for name, c := range map[string]struct {
		serial   float64
		from1904 bool
		want     string
	}{
		"a day":                         {46235, false, "2026-08-01T00:00:00"},
		"a day since 1904":              {44773, true, "2026-08-01T00:00:00"},
		"half a day":                    {46235.5, false, "2026-08-01T12:00:00"},
		"15 digits of ten past twelve":  {46235.5069444444, false, "2026-08-01T12:10:00"},
		"15 digits of one millisecond":  {46235 + 1.0/86400e3, false, "2026-08-01T00:00:00.001"},
		"half a millisecond":            {46235 + 0.5/86400e3, false, "2026-08-01T00:00:00.0005"},
		"10 µs from a full millisecond": {1 + 10.0/86400e6, false, "1899-12-31T00:00:00"},
		"11 µs from a full millisecond": {1 + 11.0/86400e6, false, "1899-12-31T00:00:00.000011"},
		"the last day":                  {MaxExcelTime - 1, false, "9999-12-31T00:00:00"},
	} {
		if got := ExcelTime(c.serial, c.from1904).Format("2006-01-02T15:04:05.999999999"); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	if at := sinceEpoch(1785585600.25, 1); at.Format(time.RFC3339Nano) != "2026-08-01T12:00:00.25Z" {
		t.Errorf("a quarter of a second: %s", at)
	}
	if at := sinceEpoch(1785585600123456, 1e6); at.Nanosecond() != 123456000 || math.Abs(float64(at.Unix()-1785585600)) > 0 {
		t.Errorf("microseconds: %s", at)
	}
}

func TestThePartsOfATimeAreChecked(t *testing.T) {
	const day = "2026-08-01 "
	for name, c := range map[string]struct {
		row  Row
		want string
	}{
		"a year of two digits":           {Row{{"year", 26.0}, {"month", 8.0}, {"day", 1.0}, {"hour", 6.0}}, "2026-08-01 06:00:00"},
		"99 is a year of two digits":     {Row{{"year", 99.0}, {"month", 8.0}, {"day", 1.0}, {"hour", 6.0}}, "1999-08-01 06:00:00"},
		"a year of three digits":         {Row{{"year", 100.0}, {"month", 8.0}, {"day", 1.0}, {"hour", 6.0}}, "0100-08-01 06:00:00"},
		"a year above 9999":              {Row{{"year", 10000.0}, {"month", 8.0}, {"day", 1.0}, {"hour", 6.0}}, `invalid_time: "year" is not a time: 10000`},
		"a year that is a word":          {Row{{"year", "soon"}, {"month", 8.0}, {"day", 1.0}}, `invalid_time: "year" is not a time: "soon"`},
		"month 13":                       {Row{{"year", 2026.0}, {"month", 13.0}, {"day", 1.0}}, `invalid_time: "month" is not a time: 13`},
		"month 0":                        {Row{{"year", 2026.0}, {"month", 0.0}, {"day", 1.0}}, `invalid_time: there is no such day: year 2026, month or day 0, 1`},
		"day 32":                         {Row{{"year", 2026.0}, {"month", 8.0}, {"day", 32.0}}, `invalid_time: "day" is not a date: 32`},
		"day 31":                         {Row{{"year", 2026.0}, {"month", 8.0}, {"day", 31.0}, {"hour", 6.0}}, "2026-08-31 06:00:00"},
		"day 366 of the year":            {Row{{"year", 2026.0}, {"doy", 366.0}}, `invalid_time: there is no such day: year 2026, month or day 366, 0`},
		"day 366 of a leap year":         {Row{{"year", 2024.0}, {"doy", 366.0}, {"hour", 6.0}}, "2024-12-31 06:00:00"},
		"day 367 of the year":            {Row{{"year", 2024.0}, {"doy", 367.0}}, `invalid_time: "doy" is not a time: 367`},
		"a year beside a full time":      {Row{{"year", 2026.0}, {"time", day + "06:00"}}, "2026-08-01 06:00:00"},
		"a year beside a full date":      {Row{{"year", 2026.0}, {"month", 8.0}, {"date", day + "06:00"}}, "2026-08-01 06:00:00"},
		"59 minutes and seconds":         {Row{{"date", day}, {"hour", 6.0}, {"minute", 59.0}, {"second", 59.0}}, "2026-08-01 06:59:59"},
		"60 minutes":                     {Row{{"date", day}, {"hour", 6.0}, {"minute", 60.0}}, `invalid_time: "minute" is not a time: 60`},
		"60 seconds":                     {Row{{"date", day}, {"hour", 6.0}, {"second", 60.0}}, `invalid_time: "second" is not a time: 60`},
		"a half of the day":              {Row{{"date", day}, {"time", "12:30"}, {"AM/PM", "PM"}}, "2026-08-01 12:30:00"},
		"a half of the day at noon":      {Row{{"date", day}, {"time", "12:30"}, {"AM/PM", "AM"}}, "2026-08-01 00:30:00"},
		"a half of an hour past 12":      {Row{{"date", day}, {"time", "13:00"}, {"AM/PM", "AM"}}, "2026-08-01 13:00:00"},
		"a half that is none":            {Row{{"date", day}, {"time", "1:30"}, {"AM/PM", "XM"}}, `invalid_time: "AM/PM" is not a time: "XM"`},
		"a date that is none":            {Row{{"date", "soon"}, {"time", "12:30"}}, `invalid_time: "date" is not a date: "soon"`},
		"a time of day that is none":     {Row{{"date", day}, {"time", "soon"}}, `invalid_time: "time" is not a time: "soon"`},
		"a time that is none":            {Row{{"timestamp", "soon"}}, `invalid_time: "timestamp" is not a time: "soon"`},
		"a time of day without a day":    {Row{{"time", "12:30"}}, `invalid_time: "time" is not a time: "12:30"`},
		"a timestamp that is a day":      {Row{{"timestamp", day}, {"time", "12:30"}}, "2026-08-01 12:30:00"},
		"a timestamp beside a date":      {Row{{"timestamp", day + "06:00"}, {"date", "2026-08-02"}, {"hour", 7.0}}, "2026-08-01 06:00:00"},
		"a date at midnight and an hour": {Row{{"date", day + "00:00"}, {"hour", 7.0}}, "2026-08-01 07:00:00"},
		"a zone in the time of day":      {Row{{"date", day}, {"time", "13:00 +01:00"}}, "2026-08-01 12:00:00"},
		"a zone in both":                 {Row{{"date", day + "00:00Z"}, {"time", "13:00 +01:00"}}, "2026-08-01 13:00:00"},
		"a zone in the name of the hour": {Row{{"date", day}, {"Heure (UTC+1)", "13:00"}}, "2026-08-01 12:00:00"},
		"a zone in the name of the date": {Row{{"date (UTC+1)", day}, {"time", "13:00"}}, "2026-08-01 12:00:00"},
		"a shared zone in the name":      {Row{{"time (EST)", day + "13:00"}}, `invalid_time: "time (EST)" names its zone by letters that several zones share: use an offset such as UTC+01:00, or --timezone`},
		"a shared zone settled beside":   {Row{{"time (EST)", day + "13:00"}, {"utc_offset", "-05:00"}}, "2026-08-01 18:00:00"},
		"a zone beside one in the name":  {Row{{"time (UTC+1)", day + "13:00"}, {"utc_offset", "-05:00"}}, "2026-08-01 12:00:00"},
		"a second zone":                  {Row{{"time", day + "13:00"}, {"timezone_abbreviation", "EST"}, {"utc_offset", "-05:00"}}, "2026-08-01 18:00:00"},
		"a year out of the calendar":     {Row{{"time", "9999-12-31T23:59:59-01:00"}}, `invalid_time: "time" is not a time: "9999-12-31T23:59:59-01:00"`},
		"a day whose end is out of it":   {Row{{"date", "9999-12-31"}}, `invalid_time: "date" is not a time: "9999-12-31"`},
		"no time":                        {Row{}, "invalid_time: it has no time"},
		"a time of fetch":                {Row{{"fetched_at", day + "06:00"}}, "invalid_time: it has no time"},
		"a time of fetch that is none":   {Row{{"fetched_at", "soon"}, {"time", day + "06:00"}}, `invalid_time: "fetched_at" is not a time: "soon"`},
	} {
		o, err := one(append(c.row, Field{"temp", 20.0}, Field{"city", "Dakar"}), defaults())
		got := o.ObservedAt.Format("2006-01-02 15:04:05")
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestTypedMidnightsAreDaysAndNotTimesOfDay(t *testing.T) {
	midnight := time.Date(2026, 8, 1, 0, 0, 0, 0, NoZone)
	row := Row{{"Date", midnight}, {"Time", midnight}, {"Temp", 24.0}}
	for count, want := range map[int]string{2: "2026-08-02T00:00:00Z", 3: "2026-08-01T00:00:00Z"} {
		cells := row
		if count == 2 {
			cells = Row{row[0], row[2]}
		}
		headings := make([]Heading, len(cells))
		for i := range cells {
			headings[i].Name = cells[i].Name
		}
		table, err := NewDecoder().NewTable(headings, []Row{cells}, Options{Defaults: Defaults{Source: "file", Kind: meteo.Observed, Station: "SN-DK"}})
		if err != nil {
			t.Fatal(err)
		}
		if all, err := table.Read(cells); err != nil || all[0].ObservedAt.Format(time.RFC3339) != want {
			t.Errorf("%d columns: %v, %v, want %s", count, all, err, want)
		}
	}
}
