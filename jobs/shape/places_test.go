package shape

import "testing"

func TestARefusedPlaceIsNamedAsTheRecordNamesIt(t *testing.T) {
	for name, c := range map[string]struct {
		row  Row
		want string
	}{
		"an id and a name of another region":         {Row{{"station_id", "SN-DK"}, {"name", "Kolda"}}, `unknown_station: its id is that of SN-DK in the region of Dakar, and a name beside it is in that of Kolda: correct the wrong one, or leave it out with --column`},
		"an id and a name of its region":             {Row{{"station_id", "SN-DK"}, {"name", "Dakar"}}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":20}`},
		"an id and a name that nobody knows":         {Row{{"station_id", "SN-DK"}, {"name", "my roof"}}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":20}`},
		"two regions":                                {Row{{"region", "Dakar"}, {"city", "Thiès"}}, `unknown_station: "Dakar" is in the region of Dakar, and another name beside it in that of Thiès: leave out the wrong one`},
		"a name of anything":                         {Row{{"name", "sensor 3"}}, `unknown_station: "sensor 3" is not a station, region or capital of Senegal that is known, and it gives no coordinates: give its station_id`},
		"a town before a name":                       {Row{{"city", "Touba"}, {"name", "sensor 3"}}, `unknown_station: "Touba" is not a station, region or capital of Senegal that is known, and it gives no coordinates: give its station_id`},
		"a name before a town":                       {Row{{"name", "sensor 3"}, {"city", "Touba"}}, `unknown_station: "Touba" is not a station, region or capital of Senegal that is known, and it gives no coordinates: give its station_id`},
		"coordinates far from stations":              {Row{{"lat", 14.85}, {"lon", -15.88}}, `unknown_station: it is at latitude 14.85, longitude -15.88, 45 km from the nearest station, Diourbel (SN-DB), more than 25 km: give its station_id, such as SN-DB-09`},
		"a town far from stations":                   {Row{{"city", "Touba"}, {"lat", 14.85}, {"lon", -15.88}}, `unknown_station: "Touba" is at latitude 14.85, longitude -15.88, 45 km from the nearest station, Diourbel (SN-DB), more than 10 km: give its station_id, such as SN-DB-09`},
		"a longitude without its sign":               {Row{{"lat", 14.69}, {"lon", 17.44}}, `unknown_station: longitude 17.44 is east of Greenwich: degrees west are negative`},
		"coordinates that are exchanged":             {Row{{"lat", -17.44}, {"lon", 14.69}}, `unknown_station: latitude -17.44 and longitude 14.69 look exchanged: name the columns for what they hold with --column`},
		"coordinates of elsewhere":                   {Row{{"lat", 48.8}, {"lon", 2.3}}, `unknown_station: it is at latitude 48.8, longitude 2.3, which is not in Senegal`},
		"a named place of elsewhere":                 {Row{{"city", "Paris"}, {"lat", 48.8}, {"lon", 2.3}}, `unknown_station: "Paris" is at latitude 48.8, longitude 2.3, which is not in Senegal`},
		"ids that are not known":                     {Row{{"station_id", "7"}, {"wmo", "8"}}, `unknown_station: "station_id" "7" is not a station of Senegal that is known: use ids such as SN-DK, or WMO numbers`},
		"a town in a region":                         {Row{{"region", "Saint-Louis"}, {"city", "Richard-Toll"}}, `unknown_station: "Richard-Toll" is not a station that is known, and "Saint-Louis" is its region: give its station_id, such as SN-SL-09`},
		"a place at another region's":                {Row{{"city", "Dakar"}, {"lat", 12.88}, {"lon", -14.97}}, `unknown_station: it names Dakar (SN-DK), but latitude 12.88, longitude -14.97 is Kolda (SN-KD): correct the wrong one, or leave out the coordinates with --column`},
		"an id at another region's":                  {Row{{"station_id", "SN-DK"}, {"lat", 14.15}, {"lon", -16.07}}, `unknown_station: it names Dakar (SN-DK), but latitude 14.15, longitude -16.07 is Kaolack (SN-KL): correct the wrong one, or leave out the coordinates with --column`},
		"a town of the region it names":              {Row{{"region", "Dakar"}, {"lat", 14.7167}, {"lon", -17.1833}}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":20} at 14.7167 -17.1833 26`},
		"a far end of its region":                    {Row{{"region", "Tambacounda"}, {"lat", 14.9}, {"lon", -12.46}}, `SN-TC 2026-08-01 12:00 observed {"temperature_c":20} at 14.9 -12.46 49`},
		"zeros beside a name":                        {Row{{"city", "Dakar"}, {"lat", 0.0}, {"lon", 0.0}}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":20}`},
		"a longitude without its sign beside a name": {Row{{"city", "Dakar"}, {"lat", 14.69}, {"lon", 17.44}}, `SN-DK 2026-08-01 12:00 observed {"temperature_c":20}`},
		"a known region and no place":                {Row{{"region", "Thiès"}}, `SN-TH 2026-08-01 12:00 observed {"temperature_c":20}`},
	} {
		got := describeAll(NewDecoder().FromRow(append(c.row, Field{"temp", 20.0}, Field{"time", "2026-08-01 12:00"}), defaults()))
		if got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestARecordKeepsWhatIsSaidOfItsOrigin(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"by itself":                     {`{"time":"2026-08-01T12:00Z","temp":27,"source":"Météo Thiès","provider_id":7}`, "meteo-thies 7"},
		"a source without a name":       {`{"time":"2026-08-01T12:00Z","temp":27,"source":"!!"}`, "file "},
		"around it":                     {`{"source":"anacim","data":[{"time":"2026-08-01T12:00Z","temp":27}]}`, "anacim "},
		"around one with its own place": {`{"source":"anacim","station":"Thiès","data":[{"time":"2026-08-01T12:00Z","temp":27,"lat":14.7,"lon":-17.4}]}`, "anacim "},
		"around one with its own zone":  {`{"source":"anacim","timezone":"UTC","data":[{"time":"2026-08-01T12:00","temp":27,"tz":"UTC"}]}`, "anacim "},
		"around one with its own time":  {`{"source":"anacim","time":"2026-08-01T11:00Z","data":[{"time":"2026-08-01T12:00Z","temp":27}]}`, "anacim "},
	} {
		all, err := NewDecoder().FromJSON([]byte(c.in), atNoon())
		if err != nil || len(all) != 1 {
			t.Errorf("%s: %v, %v", name, all, err)
			continue
		}
		if got := all[0].Source + " " + all[0].ProviderID; got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestWhatARecordSaysItselfIsNotReplaced(t *testing.T) {
	bodies{
		"a zone as an object":                   {`{"timezone":"Europe/Paris","data":[{"time":"2026-08-01T12:00","temp":27,"tz":{"offset":0}}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"an empty zone":                         {`{"timezone":"Europe/Paris","data":[{"time":"2026-08-01T12:00","temp":27,"tz":{}}]}`, `SN-DK 2026-08-01 10:00 observed {"temperature_c":27}`},
		"a place in an object":                  {`{"station":"Thiès","data":[{"time":"2026-08-01T12:00Z","temp":27,"location":{"lat":14.7,"lon":-17.4}}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27} at 14.7 -17.4 26`},
		"the first of two members of one name":  {`{"time":"2026-08-01T12:00Z","values":{"temp":27},"data":{"temp":28}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a station beside lists of one":         {`{"Dakar":{"time":"2026-08-01T12:00Z","temp":27},"history":[{"time":"2026-08-01T11:00Z","temp":26}]}`, "SN-DK 2026-08-01 12:00 observed {\"temperature_c\":27}\nSN-DK 2026-08-01 11:00 observed {\"temperature_c\":26}"},
		"lists of which one place is not known": {`{"Dakar":[{"time":"2026-08-01T12:00Z","temp":27}],"Ngor":[{"time":"2026-08-01T12:00Z","temp":27}]}`, `unknown_station: record 2 of 2: "Ngor" is not a station, region or capital of Senegal that is known, and it gives no coordinates: give its station_id`},
		"a text of a report":                    {`{"properties":{"timestamp":"2026-08-01T12:00:00Z","textDescription":"Thiès","temperature":{"unitCode":"wmoUnit:degC","value":29}}}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":29}`},
		"units of another block":                {`{"latitude":14.7,"longitude":-17.4,"generationtime_ms":1,"current_units":{"time":"iso8601","temperature_2m":"°F"},"current":{"time":"2026-08-01T12:00","temperature_2m":80.6},"daily":{"time":["2026-07-30"],"temperature_2m_max":[87.8]}}`, "SN-DK 2026-08-01 12:00 model {\"temperature_c\":27} at 14.7 -17.4 26\nSN-DK 2026-07-31 00:00 model of 86400 s {\"temperature_max_c\":31} at 14.7 -17.4 26"},
		"eight members of a pair":               {`{"time":"2026-08-01T12:00Z","readings":[{"name":"temperature","value":27,"a":1,"b":1,"c":1,"d":1,"e":1,"f":1}]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"nine members of a pair":                {`{"time":"2026-08-01T12:00Z","readings":[{"name":"temperature","value":27,"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1}]}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"arrays of different lengths":           {`{"date":["2026-08-01","2026-08-02"],"hour":[12]}`, `unknown_shape: its arrays have different lengths: "date" has 2 values, "hour" has 1`},
		"arrays of one length":                  {`{"date":["2026-08-01"],"hour":[12]}`, `unknown_shape: no field has the name of something that senmeteo measures`},
		"an empty note before columns":          {`{"note":{},"time":["2026-08-01T12:00Z"],"temp":[27]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"an empty array before columns":         {`{"note":[],"time":["2026-08-01T12:00Z"],"temp":[27]}`, `SN-DK 2026-08-01 12:00 observed {"temperature_c":27}`},
		"a local time after midnight":           {`{"request":{"unit":"m"},"location":{"name":"Dakar","lat":"14.7","lon":"-17.4","localtime":"2026-07-31 22:30","utc_offset":"-2.0"},"current":{"observation_time":"12:15 AM","temperature":27}}`, `SN-DK 2026-08-01 00:15 model {"temperature_c":27} at 14.7 -17.4 26`},
	}.test(t)
}

func TestWhatIsIgnoredInARecordHasItsReason(t *testing.T) {
	var ignored Collector
	d := NewDecoder()
	d.Collect(&ignored)
	if _, err := d.FromRow(Row{{"time", "2026-08-01 12:00"}, {"temp", 27.0}, {"qfe", 1010.0}, {"mood", 1.0}}, atNoon()); err != nil {
		t.Fatal(err)
	}
	if list := ignored.List(); len(list) != 2 || list[0].Why != whyNoField || list[1].Why != whyUnknown {
		t.Errorf("got %+v", list)
	}
	if got, want := readRecords(t, 1, Options{}, `{"time":"2026-08-01 12:00","values":{"temp":27,"wind":5},"data":{"temp":28,"wind":5,"time":"2026-08-01 13:00"}}`),
		"SN-DK 2026-08-01 12:00 observed {\"temperature_c\":27,\"wind_speed_ms\":5}\nignored: temp 28 x1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCellsThatComeAfterTheSampleAreRead(t *testing.T) {
	d := NewDecoder()
	headings, rows := grid("Time|Temp|T", "2026-08-01 12:00|27|", "2026-08-01 13:00||28")
	table, err := d.NewTable(headings, rows[:1], Options{Defaults: atNoon()})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := describeAll(table.Read(rows[1])), `SN-DK 2026-08-01 13:00 observed {"temperature_c":28}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	headings, rows = grid("|Temp", "|27", "2026-08-01 13:00|28")
	if table, err = d.NewTable(headings, rows[:1], Options{Defaults: atNoon()}); err != nil {
		t.Fatal(err)
	}
	if got, want := describeAll(table.Read(rows[1])), "invalid_time: it has no time"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, why := visibilityUnit(nil, evidence{}); why != whyNoUnit {
		t.Errorf("a visibility without cells: %q", why)
	}
	if at(Row{{"a", 1.0}}, 0) != 1.0 || at(Row{{"a", 1.0}}, 1) != nil || at(Row{{"a", 1.0}}, -1) != nil || at(Row{{"a", "NA"}}, 0) != nil {
		t.Error("the cells of a row")
	}
}
