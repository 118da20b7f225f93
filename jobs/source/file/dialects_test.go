package file_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"senmeteo/jobs/shape"
	"senmeteo/jobs/source/file"
)

// What people's programs and spreadsheets make of a table of text.
func TestTablesOfTextAreReadInTheFormThatTheyHave(t *testing.T) {
	const noon, one = "SN-DK 2026-08-01T12:00:00Z temperature_c:27.1,humidity_pct:80\n", "SN-DK 2026-08-01T13:00:00Z temperature_c:27.9,humidity_pct:79\n"
	const names, plain = "Date;Région;Température;Humidité\n", "01/08/2026 12:00;Dakar;27,1;80\n01/08/2026 13:00;Dakar;27,9;79\n"
	in := func(encoding *charmap.Charmap, s string) string {
		encoded, err := encoding.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	for name, c := range map[string]struct{ data, want string }{
		"carriage returns alone":                        {strings.ReplaceAll(names+plain, "\n", "\r"), noon + one},
		"carriage returns alone, in the Mac's encoding": {in(charmap.Macintosh, strings.ReplaceAll(names+plain, "\n", "\r")), noon + one},
		"code page 850":                                 {in(charmap.CodePage850, names+plain), noon + one},
		"names that were encoded twice":                 {"Date;RÃ©gion;TempÃ©rature;HumiditÃ©\n" + plain, noon + one},
		"a title with words of names in it":             {"Température, humidité et vent\n\n" + names + plain, noon + one},
		"a title of several cells of such words":        {"Température;Humidité;mois d'août\n" + names + plain, noon + one},
		"thirty lines of notes":                         {strings.Repeat("# une remarque; deux\n", 30) + names + plain, noon + one},
		"the place above the names":                     {"Station : Dakar;;\nDate;Température;Humidité\n01/08/2026 12:00;27,1;80\n01/08/2026 13:00;27,9;79\n", noon + one},
		"units below the names":                         {"Date;Ville;T;HR;Vent\n;;°F;%;km/h\n2026-08-01 12:00;Dakar;80.6;80;18\n", "SN-DK 2026-08-01T12:00:00Z temperature_c:27,humidity_pct:80,wind_speed_ms:5\n"},
		"units before the names":                        {"Timestamps,degree_C Air Temperature,m/s Gust Speed,Name\n2026-08-01 12:00:00,27.1,4.7,Dakar\n", "SN-DK 2026-08-01T12:00:00Z temperature_c:27.1,wind_gust_ms:4.7\n"},
		"groups above the names":                        {";;Vent;;Température;\nDate;Ville;Vitesse;Direction;Max;Min\n2026-08-01 12:00;Dakar;5;NNO;31;24\n", "SN-DK 2026-08-01T12:00:00Z wind_speed_ms:5,wind_direction_deg:337.5,temperature_max_c:31,temperature_min_c:24\n"},
		"a rule and the names once more":                {names + "----;----;----;----\n" + plain + names + "01/08/2026 14:00;Dakar;28,1;78\n", noon + one + "SN-DK 2026-08-01T14:00:00Z temperature_c:28.1,humidity_pct:78\n"},
		"another table below":                           {names + plain + "\nDate;Ville;Pression\n01/08/2026 14:00;Dakar;1012,5\n", noon + one + "SN-DK 2026-08-01T14:00:00Z pressure_hpa:1012.5\n"},
		"a wider table below":                           {"Date;Ville;Humidité;T\n01/08/2026 12:00;Dakar;80;27,1\nDate;Ville;Humidité;T;Vent\n01/08/2026 13:00;Dakar;79;27,9;5\n", noon + "SN-DK 2026-08-01T13:00:00Z temperature_c:27.9,humidity_pct:79,wind_speed_ms:5\n"},
		"a nameless column of times":                    {",temperature,humidity,region\n2026-08-01 12:00:00,27.1,80,Dakar\n2026-08-01 13:00:00,27.9,79,Dakar\n", noon + one},
		"a nameless column of numbers":                  {",time,temperature,humidity,region\n0,2026-08-01 12:00:00,27.1,80,Dakar\n1,2026-08-01 13:00:00,27.9,79,Dakar\n", noon + one},
		"the numbers of R's rows":                       {"\"time\",\"temperature\",\"humidity\",\"region\"\n\"1\",\"2026-08-01 12:00:00\",27.1,80,\"Dakar\"\n\"2\",\"2026-08-01 13:00:00\",27.9,79,\"Dakar\"\n", noon + one},
		"last cells left out":                           {"Date;Région;Température;Humidité;Rafales;Remarques\n" + plain + "01/08/2026 14:00;Dakar;28,1;78;12;grain\n", noon + one + "SN-DK 2026-08-01T14:00:00Z temperature_c:28.1,humidity_pct:78,wind_gust_ms:12\n"},
		"a last line that is cut off":                   {names + plain + "01/08/2026 14:00;Dakar;28,1", noon + one + "unknown_shape\n"},
		"a number that is cut off":                      {names + plain + "01/08/2026 14:00;Dakar;2\n", noon + one + "unknown_shape\n"},
		"a cut line where empty cells are written":      {"Date;Région;Température;Humidité;Note\n01/08/2026 12:00;Dakar;27,1;80;\n01/08/2026 13:00;Dakar;27,9;7\n", noon + "unknown_shape\n"},
		"more cells than names":                         {names + plain + "01/08/2026 14:00;Dakar;28;1;78\n", noon + one + "unknown_shape\n"},
		"a quote that is not closed":                    {"Date;Région;Température;Humidité;Note\n01/08/2026 12:00;Dakar;27,1;80;\"grain\n01/08/2026 13:00;Dakar;27,9;79;fin\n", noon + one},
		"blanks before quotes":                          {"Date, Région, \"Température\", Humidité\n2026-08-01 12:00, \"Dakar\", \"27.1\", 80\n", noon},
		"names in a second language and units below":    {"Date;Ville;Température\n;;Temperature\n;;°F\n2026-08-01 12:00;Dakar;80.6\n", "SN-DK 2026-08-01T12:00:00Z temperature_c:27\n"},
		"decimal commas between commas":                 {"Date,Ville,Température\n2026-08-01 12:00,Dakar,27,1\n", "unknown_shape\n"},
		"lines that are quoted as a whole":              {"\"time,region,temperature,humidity\"\n\"2026-08-01 12:00,\"\"Dakar\"\",27.1,80\"\n", noon},
		"single quotes":                                 {"'time','region','temperature','humidity'\n'2026-08-01 12:00','Dakar','27.1','80'\n", noon},
		"apostrophes and formulas of texts":             {"time;region;temperature;humidity\n'2026-08-01 12:00;=\"Dakar\";'27,1;“80”\n", noon},
		"blanks between the cells":                      {"Date        Heure  Ville  T     HR\n2026-08-01  12:00  Dakar  27.1  80\n2026-08-01  13:00  Dakar  27.9  79\n", noon + one},
		"single blanks between the cells":               {"Date Heure Ville T HR\n2026-08-01 12:00 Dakar 27.1 80\n2026-08-01 13:00 Dakar 27.9 79\n", noon + one},
		"a cell that is left out among blanks":          {"Date        Heure  Ville  T     HR\n" + strings.Repeat("2026-08-01  12:00  Dakar  27.1  80\n", 90) + "2026-08-01  13:00  Dakar  79\n", strings.Repeat(noon, 90) + "unknown_shape\n"},
		"zero bytes at the end and in a line":           {names + "01/08/2026 12:00;Dakar;27,1;80\n01/08/2026 13:00;Dakar;27\x00\x00;79\n\x00\x00\x00\x00", noon + "invalid_value\n"},
		"the end of a text of DOS":                      {names + "01/08/2026 12:00;Dakar;27,1;80\r\n\x1a", noon},
		"notes below the lines":                         {names + "01/08/2026 12:00;Dakar;27,1;80\n\nSource : le poste\n(1 ligne)\n// fin\n", noon},
		"sums and means below the lines":                {names + "01/08/2026 12:00;Dakar;27,1;80\nMoyenne;;27,1;80\nTotal 1ère décade;;27,1;80\n", noon},
		"units above the names":                         {";;°F;%\nDate;Région;Température;Humidité\n01/08/2026 12:00;Dakar;80,78;80\n", noon},
		"letters that were lost":                        {"Date;R?gion;Temp?rature (?C);Humidit\ufffd (%)\n01/08/2026 12:00;Dakar;27,1;80\n13/08/2026 12:00;Dakar;27,1;80\n", noon + "SN-DK 2026-08-13T12:00:00Z temperature_c:27.1,humidity_pct:80\n"},
		"dates that come once a day":                    {"Date;Heure;Région;T\n13/08/2026;01:00;Dakar;27\n;02:00;Dakar;28\n14/08/2026;01:00;Dakar;29\n", "SN-DK 2026-08-13T01:00:00Z temperature_c:27\nSN-DK 2026-08-13T02:00:00Z temperature_c:28\nSN-DK 2026-08-14T01:00:00Z temperature_c:29\n"},
		"a day whose date was lost":                     {"Date;Heure;Région;T\n13/08/2026;01:00;Dakar;27\n;02:00;Dakar;28\n14/08/2026;00:00;Dakar;29\n" + strings.Repeat("15/08/2026;03:00;Dakar;29\n", 1000) + ";01:00;Dakar;30\n", "SN-DK 2026-08-13T01:00:00Z temperature_c:27\nSN-DK 2026-08-13T02:00:00Z temperature_c:28\nSN-DK 2026-08-14T00:00:00Z temperature_c:29\n" + strings.Repeat("SN-DK 2026-08-15T03:00:00Z temperature_c:29\n", 1000) + "invalid_time\n"},
		"Portuguese":                                    {"Data;Hora;Cidade;Temperatura;Umidade\n2026-08-01;12:00;Dakar;27,1;80\n", noon},
		"German":                                        {"Datum;Uhrzeit;Station;Lufttemperatur;Luftfeuchte\n2026-08-01;12:00;Dakar;27,1;80\n", noon},
		"Spanish":                                       {"Fecha;Hora;Estación;Temperatura;Humedad\n2026-08-01;12:00;Dakar;27,1;80\n", noon},
		"a note between the lines":                      {names + "01/08/2026 12:00;Dakar;27,1;80\n# capteur changé\n01/08/2026 13:00;Dakar;27,9;79\n", noon + one},
	} {
		t.Run(name, func(t *testing.T) { wantMeasured(t, c.data, c.want) })
	}
}

// wantMeasured reads a table of text and compares what is measured.
func wantMeasured(t *testing.T, data, want string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "table.csv")
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := fetch(t, file.Source{Paths: []string{path}, Options: options()})
	if err != nil {
		t.Fatal(err)
	}
	if got = measured(t, got); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTablesThatCantBeReadRowByRowAreRefusedWithTheReason(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"observations of ClimSoft, far apart":     {farApart(), "sort the file by station and time"},
		"several places of Open-Meteo":            {"location_id,latitude,longitude\n0,14.7,-17.4\n1,16.0,-16.5\n\nlocation_id,time,temperature_2m (°C)\n0,2026-08-01T12:00,27\n1,2026-08-01T12:00,28\n", "several places"},
		"days without their times of day":         {"Date,Rang,T\n2026-08-01,1,27\n2026-08-01,2,28\n2026-08-02,1,27\n2026-08-02,2,28\n", "--column"},
		"hours of NASA POWER in local solar time": {"-BEGIN HEADER-\nDates (month/day/year): 08/01/2026 through 08/01/2026 in LST\n-END HEADER-\nYEAR,MO,DY,HR,T2M\n2026,8,1,12,27.1\n", "local solar time"},
		"a system of units that is not weewx":     {"dateTime,usUnits,outTemp\n1785585600,3,27\n", "usUnits"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "table.csv")
			if err := os.WriteFile(path, []byte(c.data), 0o600); err != nil {
				t.Fatal(err)
			}
			o := options()
			o.Station = "SN-DK"
			if got, err := fetch(t, file.Source{Paths: []string{path}, Options: o}); err == nil || got != "" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, %v; want an error about %q", got, err, c.want)
			}
		})
	}
}

// farApart returns a table of ClimSoft that is sorted by element, longer than what is put together.
func farApart() string {
	var b strings.Builder
	b.WriteString("recordedFrom,describedBy,obsDatetime,obsLevel,obsValue\n")
	for _, element := range []string{"101", "103"} {
		for at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2024; at = at.Add(time.Hour) {
			b.WriteString("61641," + element + "," + at.Format(time.DateTime) + ",surface,27.1\n")
		}
	}
	return b.String()
}

func TestTheRowsOfOneObservationArePutTogether(t *testing.T) {
	const names = "recordedFrom,describedBy,obsDatetime,obsLevel,obsValue,flag,period\n"
	for name, c := range map[string]struct{ data, want string }{
		"by station and time": {
			names + "61641,101,2026-08-01 06:00:00,surface,27.1,,\n61641,103,2026-08-01 06:00:00,surface,23.1,,\n61641,107,2026-08-01 06:00:00,surface,1012.5,,\n61641,101,2026-08-01 09:00:00,surface,28.1,,\n",
			"SN-DK 2026-08-01T06:00:00Z temperature_c:27.1,dew_point_c:23.1,pressure_hpa:1012.5\nSN-DK 2026-08-01T09:00:00Z temperature_c:28.1\n",
		},
		"by element": {
			names + "61641,101,2026-08-01 06:00:00,surface,27.1,,\n61641,101,2026-08-01 09:00:00,surface,28.1,,\n61641,105,2026-08-01 06:00:00,surface,80,,\n61641,105,2026-08-01 09:00:00,surface,75,,\n",
			"SN-DK 2026-08-01T06:00:00Z temperature_c:27.1,humidity_pct:80\nSN-DK 2026-08-01T09:00:00Z temperature_c:28.1,humidity_pct:75\n",
		},
		"of days, with a trace and a missing value": {
			names + "61641,2,2026-08-01 06:00:00,surface,33.1,,1\n61641,3,2026-08-01 06:00:00,surface,,M,1\n61641,5,2026-08-01 06:00:00,surface,0,T,1\n",
			"SN-DK 2026-08-01T06:00:00Z rain_mm:0,temperature_max_c:33.1,interval_s:86400\n",
		},
		"with other levels, codes that are not known, and a value twice": {
			names + "61641,101,2026-08-01 06:00:00,surface,27.1,,\n61641,101,2026-08-01 06:00:00,850,17.1,,\n61641,999,2026-08-01 06:00:00,surface,5,,\n61641,101,2026-08-01 06:00:00,surface,29.9,,\n",
			"SN-DK 2026-08-01T06:00:00Z temperature_c:27.1\n",
		},
		"beside lines that can't be read": {
			"station,time,variable,value\nDakar,2026-08-01 06:00,temperature,27,1\nDakar,2026-08-01 06:00,humidity,80\nDakar,2026-08-01 06:00,dew point,23,1\nDakar,2026-08-01 06:00,pressure,1012.5\n",
			"unknown_shape\nunknown_shape\nSN-DK 2026-08-01T06:00:00Z humidity_pct:80,pressure_hpa:1012.5\n",
		},
		"of two tables with other columns": {
			"station,time,variable,value\nDakar,2026-08-01 06:00,temperature,27.1\nDakar,2026-08-01 06:00,humidity,80\nvalue,time,station,variable\n28.1,2026-08-01 09:00,Dakar,temperature\n",
			"SN-DK 2026-08-01T06:00:00Z temperature_c:27.1,humidity_pct:80\nSN-DK 2026-08-01T09:00:00Z temperature_c:28.1\n",
		},
		"with their units": {
			"station,time,variable,value,unit\nDakar,2026-08-01 06:00,wind speed,18,km/h\nDakar,2026-08-01 06:00,temperature,80.6,°F\n",
			"SN-DK 2026-08-01T06:00:00Z temperature_c:27,wind_speed_ms:5\n",
		},
		"with several units of an element": {
			"station,time,variable,value,unit\nDakar,2026-08-01 06:00,wind speed,18,km/h\nDakar,2026-08-01 06:00,humidity,80,%\nThiès,2026-08-01 06:00,wind speed,5,m/s\nSN-SL,2026-08-01 06:00,wind speed,5,leagues\nSN-SL,2026-08-01 06:00,humidity,70,%\n",
			"SN-DK 2026-08-01T06:00:00Z humidity_pct:80,wind_speed_ms:5\nSN-TH 2026-08-01T06:00:00Z wind_speed_ms:5\nSN-SL 2026-08-01T06:00:00Z humidity_pct:70\n",
		},
		"with a unit that is not known": {
			"station,time,variable,value,unit\nDakar,2026-08-01 06:00,wind speed,18,leagues\nDakar,2026-08-01 06:00,humidity,80,%\n",
			"SN-DK 2026-08-01T06:00:00Z humidity_pct:80\n",
		},
		"with an id for each": {
			"id,station,time,variable,value\n1,Dakar,2026-08-01 06:00,temperature,27.1\n2,Dakar,2026-08-01 06:00,humidity,80\n",
			"SN-DK 2026-08-01T06:00:00Z temperature_c:27.1,humidity_pct:80\n",
		},
		"over periods, of which an observation has one": {
			"station,time,variable,value,period\nDakar,2026-08-01 06:00,rain,4,PT1H\nDakar,2026-08-01 06:00,wind gust,9,PT1H\nDakar,2026-08-01 06:00,tmax,33,P1D\nDakar,2026-08-01 06:00,temperature,27.1,10 min\n",
			"SN-DK 2026-08-01T06:00:00Z temperature_c:27.1,wind_gust_ms:9,rain_mm:4,interval_s:3600\n",
		},
		"of several days, in ClimSoft": {
			names + "61641,5,2026-08-01 06:00:00,surface,40.5,C,3\n61641,2,2026-08-01 06:00:00,surface,33.1,,\n",
			"SN-DK 2026-08-01T06:00:00Z temperature_max_c:33.1,interval_s:86400\n",
		},
		"by names": {
			"station,time,variable,value\nDakar,2026-08-01 06:00,temperature,27.1\nDakar,2026-08-01 06:00,humidity,80\n",
			"SN-DK 2026-08-01T06:00:00Z temperature_c:27.1,humidity_pct:80\n",
		},
	} {
		t.Run(name, func(t *testing.T) { wantMeasured(t, c.data, c.want) })
	}
}

func TestEachSheetOfOneValueARowIsReadByItsOwnNames(t *testing.T) {
	workbook := func(second ...[]any) string {
		path := filepath.Join(t.TempDir(), "sheets.xlsx")
		f := excelize.NewFile()
		if _, err := f.NewSheet("B"); err != nil {
			t.Fatal(err)
		}
		for sheet, rows := range map[string][][]any{
			"Sheet1": {{"station", "time", "variable", "value"}, {"Dakar", "2026-08-01 06:00", "temperature", 27.1}, {"Dakar", "2026-08-01 06:00", "humidity", 80}},
			"B":      second,
		} {
			for i := range rows {
				if err := f.SetSheetRow(sheet, fmt.Sprint("A", i+1), &rows[i]); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := errors.Join(f.SaveAs(path), f.Close()); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const first = "SN-DK 2026-08-01T06:00:00Z temperature_c:27.1,humidity_pct:80\n"
	for name, c := range map[string]struct{ path, want, failure string }{
		"in another order":   {workbook([]any{"variable", "value", "time", "station"}, []any{"dew point", 23, "2026-08-01 06:00", "Dakar"}), first + "SN-DK 2026-08-01T06:00:00Z dew_point_c:23\n", ""},
		"with an element":    {workbook([]any{"time", "variable", "value", "note", "station"}, []any{"2026-08-01 06:00", "dew point", 23, "-", "Dakar"}, []any{"2026-08-01 06:00", "pressure", 1012, "-", "Dakar"}), first + "SN-DK 2026-08-01T06:00:00Z dew_point_c:23,pressure_hpa:1012\n", ""},
		"with values beside": {workbook([]any{"time", "temperature"}, []any{"2026-08-01 06:00", 28}), first, "a file of its own"},
	} {
		got, err := fetch(t, file.Source{Paths: []string{c.path}, Options: options()})
		if c.failure == "" && err != nil || c.failure != "" && (err == nil || !strings.Contains(err.Error(), c.failure)) {
			t.Errorf("%s: %v", name, err)
		}
		if got = measured(t, got); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestRefusedRowsOfALongTableWaitAtTheirPlacesAndWithinBounds(t *testing.T) {
	long := strings.Repeat("x", shape.SampleBytes/4)
	path := filepath.Join(t.TempDir(), "table.csv")
	data := "station,time,variable,value\n" + strings.Repeat("Dakar,2026-08-01 06:00,temperature,27,"+long+"\n", 9) + "Dakar,2026-08-01 06:00,humidity,80\n"
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := file.Open(path, options())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for line := 2; line < 11; line++ {
		record, err := r.Next()
		if want := fmt.Sprintf("line %d", line); err != nil || record.Refusal == nil || r.Position() != want {
			t.Fatalf("%v, %v at %s, want a refusal at %s", record.Refusal, err, r.Position(), want)
		}
	}
	if _, err := r.Next(); err != nil || len(r.Ignored()) == 0 || r.Ignored()[0].Name != "humidity" {
		t.Errorf("%v, %v: more of the file was read than may wait", err, r.Ignored())
	}
}

func TestALongTableThatIsSortedIsPutTogetherAsItComes(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(farApart()), "\n")
	rows := lines[1:]
	slices.SortStableFunc(rows, func(a, b string) int { return strings.Compare(strings.Split(a, ",")[2], strings.Split(b, ",")[2]) })
	path := filepath.Join(t.TempDir(), "table.csv")
	late := "61641,105,2020-01-01 00:00:00,surface,80"
	if err := os.WriteFile(path, []byte(lines[0]+"\n"+strings.Join(append(rows, late), "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := fetch(t, file.Source{Paths: []string{path}, Options: options()})
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(got, `"temperature_c":27.1,"dew_point_c":27.1`); n != len(rows)/2 || !strings.Contains(got, "unknown_shape") {
		t.Errorf("got %d readings of %d, and the row that came late among %d bytes", n, len(rows)/2, len(got))
	}
}
