package shape

import (
	"strings"
	"testing"
)

// cut makes the rows of a table of text.
func cut(text string) [][]string {
	var rows [][]string
	for line := range strings.SplitSeq(text, "\n") {
		rows = append(rows, strings.Split(line, "|"))
	}
	return rows
}

// describeHeader returns the names with their units and processes, what is said of every row, and how many rows come before the data.
func describeHeader(h Header) string {
	var out []string
	for _, g := range h.Headings {
		name := g.Name
		if g.Unit != "" {
			name += " in " + g.Unit
		}
		if g.Process != "" {
			name += " as " + g.Process
		}
		if g.Zone != nil {
			name += " at " + atNoon().FetchedAt.In(g.Zone).Format("-07:00")
		}
		out = append(out, name)
	}
	text := strings.Join(out, ",")
	for _, f := range h.Fixed {
		text += "; " + f.Name + "=" + f.Value.(string)
	}
	text += "; " + strings.Repeat("I", h.Rows)
	if !h.Complete {
		text += " incomplete"
	}
	return text
}

func TestTheNamesOfATableAreFoundAmongItsFirstRows(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"in the first row": {"Time|Temp\n2026-08-01 12:00|27", `Time,Temp; I`},
		"below one name of a group that is not at the margin":   {"|Température (°C)|\nTime|Max|Min\n2026-08-01 12:00|27|20", `Time,Température Max (°C),Température Min (°C); II`},
		"below groups with units":                               {"|Vent (km/h)|Pluie (mm)\nTime|moyen|total\n2026-08-01 12:00|27|20", `Time,Vent moyen (km/h),Pluie (mm) total; II`},
		"below a title":                                         {"Weather of Dakar|\nTime|Temp\n2026-08-01 12:00|27", `Time,Temp; II`},
		"below the place":                                       {"Station: Thiès|\nAltitude: 76|\nTime|Temp\n2026-08-01 12:00|27", `Time,Temp; region=Thiès; elevation_m=76; III`},
		"below the place in two cells":                          {"Station:|Thiès\nLatitude|14.8\n# Longitude|-16.9\nTime|Temp\n2026-08-01 12:00|27", `Time,Temp; region=Thiès; latitude=14.8; longitude=-16.9; IIII`},
		"below a row of names and a row of values":              {"Station|Latitude|Longitude|Elevation\nThiès|14.8|-16.9|76\nTime|Temp|RH|Wind\n2026-08-01 12:00|27|70|5", `Time,Temp,RH,Wind; region=Thiès; latitude=14.8; longitude=-16.9; elevation_m=76; III`},
		"below a place that is not known":                       {"Station: Touba|\nLatitude: north|\nTime|Temp\n2026-08-01 12:00|27", `Time,Temp; III`},
		"below a place that the table has":                      {"Station: Thiès|\nStation ID: SN-TH|\nTime|Temp|Station\n2026-08-01 12:00|27|Dakar", `Time,Temp,Station; III`},
		"below a place twice":                                   {"Station: Thiès|\nVille: Kaolack|\nTime|Temp\n2026-08-01 12:00|27", `Time,Temp; region=Thiès; III`},
		"below an offset of its own row":                        {"latitude|longitude|utc_offset_seconds\n14.8|-16.9|3600\nTime|Temp|RH\n2026-08-01 12:00|27|70", `Time at +01:00,Temp at +01:00,RH at +01:00; latitude=14.8; longitude=-16.9; III`},
		"below an offset of a day":                              {"latitude|longitude|utc_offset_seconds\n14.8|-16.9|86400\nTime|Temp|RH\n2026-08-01 12:00|27|70", `Time,Temp,RH; latitude=14.8; longitude=-16.9; III`},
		"below an offset of a day back":                         {"latitude|longitude|utc_offset_seconds\n14.8|-16.9|-86400\nTime|Temp|RH\n2026-08-01 12:00|27|70", `Time,Temp,RH; latitude=14.8; longitude=-16.9; III`},
		"above their units":                                     {"Time|Temp|Wind\n|(°F)|[km/h]\n2026-08-01 12:00|80.6|18", `Time,Temp in °F,Wind in km/h; II`},
		"above units for some":                                  {"Time|Temp|Wind\nUTC|°F\n2026-08-01 12:00|80.6|18", `Time in UTC,Temp in °F,Wind; II`},
		"above how they were formed":                            {"Time|Temp|Wind\n|Avg|Max\n2026-08-01 12:00|27|5", `Time,Temp as Avg,Wind as Max; II`},
		"above a line":                                          {"Time|Temp\n----|----\n2026-08-01 12:00|27", `Time,Temp; II`},
		"above the names in French":                             {"Time|Temp\nHeure|Température\n2026-08-01 12:00|27", `Time,Temp; II`},
		"above one of the names again":                          {"Time|Temp|Note\n|Température|\n2026-08-01 12:00|27|x", `Time,Temp,Note; II`},
		"above a row of something else":                         {"Time|Temp|Note\n|Vent|\n2026-08-01 12:00|27|x", `Time,Temp,Note; I`},
		"in groups of one column":                               {"Time|Wind|Wind|Temp\n|speed|direction|\n2026-08-01 12:00|5|320|27", `Time,Wind speed,Wind direction,Temp; II`},
		"in groups that reach":                                  {"Time|Wind||Temp\n|speed|direction|\n2026-08-01 12:00|5|320|27", `Time,Wind speed,direction,Temp; II`},
		"in groups that add nothing":                            {"When|Wind||Air\nTime|Wind speed|Wind direction|Temp\n2026-08-01 12:00|5|320|27", `Time,Wind speed,Wind direction,Temp; II`},
		"beside an index of times":                              {"|Temp|Wind\n2026-08-01 12:00|27|5", `,Temp,Wind; I`},
		"as a comment":                                          {"# Time|Temp\n2026-08-01 12:00|27", `Time,Temp; I`},
		"with parts of a date":                                  {"Year|Month|Day|Temp\n2026|8|1|27", `Year,Month,Day,Temp; I`},
		"not among values":                                      {"2026-08-01 12:00|27\n2026-08-01 13:00|28", `none`},
		"not in a row of one name":                              {"Temp|Mood\n27|good", `none`},
		"above a record and longer names of another table":      {"Time|Temp\n2026-08-01 12:00|27\nTime|Temp|Wind\n2026-08-02 12:00|28|5", `Time,Temp; I`},
		"above a record of numbers and longer names":            {"Year|Day|Temp\n2026|213|27 °C\nTime|Temp|Wind|RH\n2026-08-02 12:00|28|5|70", `Year,Day,Temp; I`},
		"above units, a record and longer names":                {"Time|Temp\n|°F\n2026-08-01 12:00|80\nTime|Temp|Wind\n2026-08-02 12:00|28|5", `Time,Temp in °F; II`},
		"above a record without values and longer names":        {"Time|Temp\n2026-08-01 12:00|\nTime|Temp|Wind\n2026-08-02 12:00|28|5", `Time,Temp; I`},
		"in groups above a record and longer names":             {"Time|Wind|Wind\n|speed|direction\n2026-08-01 12:00|5|320\nTime|Temp|Wind|RH\n2026-08-02 12:00|28|5|70", `Time,Wind speed,Wind direction; II`},
		"above an index of times and longer names":              {"|Temp|Wind\n2026-08-01 12:00|27|5\nTime|Temp|Wind|RH\n2026-08-02 12:00|28|5|70", `,Temp,Wind; I`},
		"of elements and values above a record and other names": {"time|variable|value\n1785585600|temp|27\nTime|Temp|Wind\n2026-08-02 12:00|28|5", `time,variable,value; I`},
		"of elements and values, without a time":                {"station|variable|value\nDakar|temp|27\nTime|Temp|Wind\n2026-08-02 12:00|28|5", `Time,Temp,Wind; III`},
		"in the fuller of two rows":                             {"Time|Temp\nTime|Temp|Wind\n2026-08-01 12:00|27|5", `Time,Temp,Wind; II`},
		"in the row with a time and a value":                    {"Station|Ville|Région|Altitude\nTime|Temp|a|b\n2026-08-01 12:00|27|5|6", `Time,Temp,a,b; II`},
		"of numbers as text":                                    {"1|2\n3|4", `none`},
		"in a title with two names":                             {"Temp|Wind\nTime|Temp|Wind\n2026-08-01 12:00|27|5", `Time,Temp,Wind; II`},
		"beside an index of times in groups":                    {"|Wind|Wind\n|speed|gusts\n2026-08-01 12:00|5|9", `,Wind speed,Wind gusts; II`},
		"beside a column without a name":                        {"Temp||Wind\n2026-08-01 12:00|x|5", `Temp,,Wind; I incomplete`},
		"in groups of which some add nothing":                   {"Air|Wind|Wind\nTime|speed|gusts\n2026-08-01 12:00|5|9", `Time,Wind speed,Wind gusts; II`},
		"in two groups":                                         {"Wind|Wind|\nspeed|gusts|Time\n5|9|2026-08-01 12:00", `Wind speed,Wind gusts,Time; II`},
		"in one group":                                          {"Wind||\nspeed|Time|Temp\n5|2026-08-01 12:00|27", `speed,Time,Temp; II`},
		"above two other names":                                 {"Time|Temp|Note\nVent|Humidité|x\n2026-08-01 12:00|27|y", `Time,Temp,Note; II`},
		"above more units than names":                           {"Time|Temp\n|°C|x\n2026-08-01 12:00|27", `Time,Temp in °C; II`},
		"above fewer units than names":                          {"Time|Temp|Wind\n|°C\n2026-08-01 12:00|27|5", `Time,Temp in °C,Wind; II`},
		"above fewer forms than names":                          {"Time|Temp|Wind\n|Avg\n2026-08-01 12:00|27|5", `Time,Temp as Avg,Wind; II`},
		"above a name beyond the names":                         {"Time|Temp\n|°C\n||Vent\n2026-08-01 12:00|27", `Time,Temp in °C; II`},
		"above a longer row of names":                           {"Time|Temp\n|Température|x\n2026-08-01 12:00|27", `Time,Temp; I`},
		"below two names and their values":                      {"Latitude|Longitude\n14.8|-16.9\nTime|Temp|RH\n2026-08-01 12:00|27|70", `Time,Temp,RH; latitude=14.8; longitude=-16.9; III`},
		"below more names than values":                          {"Station|Latitude|Longitude\nThiès|14.8\nTime|Temp|RH|Wind\n2026-08-01 12:00|27|70|5", `Time,Temp,RH,Wind; region=Thiès; latitude=14.8; III`},
		"below a latitude beside ids":                           {"Latitude: 14.8|\nTime|Temp|Station ID\n2026-08-01 12:00|27|SN-TH", `Time,Temp,Station ID; latitude=14.8; II`},
	} {
		h, ok := FindHeader(cut(c.in))
		got := "none"
		if ok {
			got = describeHeader(h)
		}
		if got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestNamesBelowTheFirstRowsAreNotLookedFor(t *testing.T) {
	rows := strings.Repeat("a title|\n", HeaderRows)
	if h, ok := FindHeader(cut(rows[len("a title|\n"):] + "Time|Temp\n")); !ok || h.Rows != HeaderRows {
		t.Errorf("the last row that is looked at: %v, %d rows", ok, h.Rows)
	}
	if _, ok := FindHeader(cut(rows + "Time|Temp\n")); ok {
		t.Error("one more is looked at")
	}
}

func TestARowWithoutCellsIsBelowNoNames(t *testing.T) {
	h, ok := FindHeader([][]string{{"", "Temp", "Wind"}, {}, {"2026-08-01 12:00", "27", "5"}})
	if !ok || h.Complete {
		t.Errorf("found: %v, complete: %v", ok, h.Complete)
	}
}

func TestTheHeadOfATOA5FileIsFourRows(t *testing.T) {
	const head = "TOA5|Thiès|CR1000\nTIMESTAMP|RECORD|AirTC|Wind\nTS|RN|Deg C\n||Avg|Smp"
	h, ok := FindHeader(cut(head))
	if got, want := describeHeader(h), "TIMESTAMP in TS,RECORD in RN,AirTC in Deg C as Avg,Wind as Smp; region=Thiès; IIII"; !ok || got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !h.Complete || h.known != 4 {
		t.Errorf("complete: %v, %d names", h.Complete, h.known)
	}
	if h, ok := campbellHeader(append([][]string{{"TOA5", "Thiès"}}, cut(head)[1:]...)); !ok || len(h.Fixed) != 1 {
		t.Errorf("a first row of two cells: %v, %v", h.Fixed, ok)
	}
	for name, rows := range map[string][][]string{
		"three rows":          cut(head)[:3],
		"no name of a logger": append([][]string{{"TOA5"}}, cut(head)[1:]...),
		"another format":      append([][]string{{"TOB1", "Thiès"}}, cut(head)[1:]...),
	} {
		if _, ok := campbellHeader(rows); ok {
			t.Errorf("%s pass", name)
		}
	}
}

func TestOfTwoWaysToCutAFileTheOneWithMoreNamesIsBetter(t *testing.T) {
	two, _ := FindHeader(cut("Time|Temp"))
	three, _ := FindHeader(cut("Time|Temp|Wind"))
	timeless, _ := FindHeader(cut("Temp|Wind|RH|Station"))
	for name, c := range map[string]struct {
		h, other *Header
		want     bool
	}{
		"three names to two":            {&three, &two, true},
		"two names to three":            {&two, &three, false},
		"equal ones":                    {&two, &two, false},
		"a time to more without one":    {&two, &timeless, true},
		"more without a time to a time": {&timeless, &two, false},
	} {
		if got := c.h.Better(c.other); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAnIndexCountsTheRowsOrHasTheirTimes(t *testing.T) {
	for name, c := range map[string]struct {
		cells string
		times bool
		want  bool
	}{
		"from 0":              {"0,1,2", false, true},
		"from 1":              {"1,2,3", false, true},
		"from 2":              {"2,3,4", false, false},
		"with a gap":          {"0,1,3", false, false},
		"backwards":           {"1,0,-1", false, false},
		"words":               {"a,b", false, false},
		"a word at the end":   {"0,1,b", false, false},
		"times":               {"2026-08-01 12:00,2026-08-01 13:00", true, true},
		"times elsewhere too": {"2026-08-01 12:00,2026-08-01 13:00", false, false},
		"a time and a word":   {"2026-08-01 12:00,b", true, false},
	} {
		var rows [][]string
		for cell := range strings.SplitSeq(c.cells, ",") {
			rows = append(rows, []string{cell})
		}
		if got := IsIndex(rows, c.times); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestDataAreToldFromNames(t *testing.T) {
	for cell, want := range map[string]bool{
		"27": true, "-27": true, "+27": true, ".5": true, "27,5": true, "2026-08-01": true, "12:00": true, "9h30": true, "1 013": true,
		"Temp": false, "°C": false, "(°C)": false, "2m temperature": false, "9": true, "0": true, "10m wind": false, "#": false, "* 5": false, ":": false,
	} {
		if got := isData(cell); got != want {
			t.Errorf("%q: %v", cell, got)
		}
	}
}

func TestARecordHasATimeAndAValueBelowTheirNames(t *testing.T) {
	for _, c := range []struct {
		names, row string
		want       bool
	}{
		{"Mois|value", "1|5", true},
		{"Mois|Temp", "1|5", true},
		{"Mois|Temp", "1|dry", false},
		{"Mois|Temp", "1", false},
		{"Mois|station_id", "1|61641", false},
		{"Mois|note", "1|5", false},
	} {
		r := nameRow{names: strings.Split(c.names, "|")}
		if got := r.isAbove(strings.Split(c.row, "|")); got != c.want {
			t.Errorf("%s above %s: %t", c.names, c.row, got)
		}
	}
}
