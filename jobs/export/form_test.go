package export

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// written is a table in a form, by lines, and what was logged.
func written(t *testing.T, h history, r Request) (lines []string, log string) {
	t.Helper()
	var out, logged bytes.Buffer
	r.Logger = slog.New(slog.NewTextHandler(&logged, nil))
	if err := Write(t.Context(), h, r, "csv", &out); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), logged.String()
}

// everything is a value of a day of every element.
func everything(end time.Time) query.Measured {
	m := at(end, 24*time.Hour, map[meteo.Variable]float64{
		meteo.TemperatureMax: 31.25, meteo.TemperatureMin: 18.5, meteo.TemperatureMean: 24, meteo.DewPointMean: 15.125, meteo.HumidityMean: 62,
		meteo.WindSpeedMean: 4.5, meteo.WindGust: 12.3, meteo.Rain: 7.4,
	})
	m.OfDay = true
	return m
}

func TestClimsoftHasALineForEachValueOfADay(t *testing.T) {
	begin := date(2024, 2, 29)
	var all []query.Measured
	for h := range 24 {
		all = append(all, at(begin.Add(time.Duration(h)*time.Hour), 0, map[meteo.Variable]float64{meteo.Pressure: 1011.5, meteo.CloudCover: 75}))
	}
	got, _ := written(t, of("SN-DK", append(all, everything(date(2024, 3, 1)))...), Request{Form: Climsoft, Step: Day, From: begin, To: date(2024, 3, 1)})
	want := []string{
		"SN-DK,4,surface,2024-02-29 06:00:00,24.00,", "SN-DK,2,surface,2024-02-29 06:00:00,31.25,", "SN-DK,3,surface,2024-02-29 06:00:00,18.50,",
		"SN-DK,14,surface,2024-02-29 06:00:00,15.12,", "SN-DK,17,surface,2024-02-29 06:00:00,62.00,", "SN-DK,48,surface,2024-02-29 06:00:00,1011.50,",
		"SN-DK,56,surface,2024-02-29 06:00:00,4.50,", "SN-DK,58,surface,2024-02-29 06:00:00,12.30,", "SN-DK,44,surface,2024-02-29 06:00:00,7.50,",
		"SN-DK,5,surface,2024-02-29 06:00:00,7.40,",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestClimsoftHasMonthsAtTheirLastDayInItsUnits(t *testing.T) {
	begin := date(2024, 2, 1)
	var all []query.Measured
	for d := range 29 {
		for h := range 24 {
			all = append(all, at(begin.Add(time.Duration(d*24+h)*time.Hour), time.Hour, map[meteo.Variable]float64{
				meteo.Temperature: float64(h), meteo.Pressure: 1010, meteo.CloudCover: 50, meteo.WindSpeed: 10, meteo.Rain: 0.5, meteo.WindGust: 11,
			}))
		}
	}
	all = append(all, at(date(2024, 3, 1), time.Hour, map[meteo.Variable]float64{meteo.Rain: 0.5}))
	all[0].Values[meteo.Rain] = math.NaN() // of the hour before the month
	got, _ := written(t, of("SN-DK", all...), Request{Form: Climsoft, Step: Month, From: begin, To: date(2024, 3, 1)})
	want := []string{
		"SN-DK,203,surface,2024-02-29 06:00:00,11.50,", "SN-DK,201,surface,2024-02-29 06:00:00,23.00,", "SN-DK,202,surface,2024-02-29 06:00:00,0.00,",
		"SN-DK,297,surface,2024-02-29 06:00:00,19.44,", "SN-DK,294,surface,2024-02-29 06:00:00,4.00,", "SN-DK,208,surface,2024-02-29 06:00:00,348.00,",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestOtherToolsGetMeasurementsOfOneSource(t *testing.T) {
	end := date(2026, 1, 2)
	h := append(of("SN-DK", everything(end)), of("SN-DK", everything(end))...)
	h[1].Source, h[1].Kind = "open-meteo", meteo.Model
	r := Request{Form: Climsoft, Step: Day, From: date(2026, 1, 1), To: end}
	lines, log := written(t, h, r)
	if len(lines) != 8 || !strings.Contains(log, "values of models are left out") || !strings.Contains(log, "SN-DK") {
		t.Errorf("%d lines; %s", len(lines), log)
	}
	h[1].Kind = meteo.Observed
	var out bytes.Buffer
	if err := Write(t.Context(), h, r, "csv", &out); flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), "metar and open-meteo") || out.Len() > 0 {
		t.Errorf("two sources of a station: %v, and %d bytes", err, out.Len())
	}
	r.Sources = []string{"metar"}
	if lines, _ := written(t, h, r); len(lines) != 8 {
		t.Errorf("of one source: %d lines", len(lines))
	}
}

func TestAFormRefusesWhatItCantSay(t *testing.T) {
	begin := date(2026, 1, 1)
	list := StationList{"SN-DK": {}}
	for name, c := range map[string]struct {
		format string
		r      Request
	}{
		"climsoft as a workbook":   {"xlsx", Request{Form: Climsoft, Step: Day}},
		"climsoft of regions":      {"csv", Request{Form: Climsoft, Step: Day, ByRegion: true}},
		"climsoft of dekads":       {"csv", Request{Form: Climsoft, Step: Dekad}},
		"climsoft of three hours":  {"csv", Request{Form: Climsoft, Step: ThreeHours}},
		"daycli of months":         {"csv", Request{Form: Daycli, Step: Month, List: list}},
		"daycli without stations":  {"csv", Request{Form: Daycli, Step: Day}},
		"readings without a list":  {"csv", Request{Form: AWS, Step: Day}},
		"readings of regions":      {"csv", Request{Form: AWS, Step: Day, List: list, ByRegion: true}},
		"readings of an empty day": {"csv", Request{Form: AWS, Step: Day, List: list, To: begin}},
	} {
		c.r.From = begin
		if c.r.To.IsZero() {
			c.r.To = begin.AddDate(0, 0, 1)
		}
		if err := Write(t.Context(), history{}, c.r, c.format, &bytes.Buffer{}); flow.ClassOf(err) != flow.Usage {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ParseForm("bufr"); flow.ClassOf(err) != flow.Usage {
		t.Error(err)
	}
	if f, err := ParseForm("wis2-aws"); err != nil || f != AWS {
		t.Errorf("%s, %v", f, err)
	}
}

const wis2box = "\ufeffstation_name,wigos_station_identifier,traditional_station_identifier,facility_type,latitude,longitude,elevation,barometer_height,territory_name,wmo_region\n" +
	"Dakar-Yoff,0-20000-0-61641,61641,landFixed,14.73,-17.5,24,25.5,SEN,africa\n" +
	"Elsewhere,0-20000-0-10001,10001,landFixed,54,7,4,,DEU,europe\n"

func stationList(t *testing.T, text string) StationList {
	t.Helper()
	list, err := ReadStationList(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAStationListThatIsNotThereIsRefused(t *testing.T) {
	if list, err := OpenStationList(""); list != nil || err != nil {
		t.Errorf("without a path: %v, %v", list, err)
	}
	if _, err := OpenStationList(filepath.Join(t.TempDir(), "station_list.csv")); flow.ClassOf(err) != flow.Usage {
		t.Error(err)
	}
}

func TestTheStationListIsThatOfWis2box(t *testing.T) {
	list := stationList(t, wis2box)
	want := Listed{[4]string{"0", "20000", "0", "61641"}, "61", "641", "14.73", "-17.5", "24", "25.5"}
	if len(list) != 1 || list["SN-DK"] != want {
		t.Errorf("%+v, want %+v", list, want)
	}
	own := stationList(t, "station_id,wigos_station_identifier,latitude,longitude,elevation\nSN-DK-02,0-686-1-AGRI2,14.7,-17.4,9\n")
	if own["SN-DK-02"] != (Listed{WIGOS: [4]string{"0", "686", "1", "AGRI2"}, Latitude: "14.7", Longitude: "-17.4", Height: "9"}) {
		t.Errorf("by our own ids: %+v", own)
	}
	for name, bad := range map[string]string{
		"nothing":              "",
		"none of ours":         "wigos_station_identifier,traditional_station_identifier,latitude,longitude,elevation\n0-20000-0-10001,10001,1,1,1\n",
		"three parts":          "station_id,wigos_station_identifier,latitude,longitude,elevation\nSN-DK,0-20000-61641,1,1,1\n",
		"another series":       "station_id,wigos_station_identifier,latitude,longitude,elevation\nSN-DK,1-20000-0-61641,1,1,1\n",
		"17 letters":           "station_id,wigos_station_identifier,latitude,longitude,elevation\nSN-DK,0-20000-0-ABCDEFGHIJKLMNOPQ,1,1,1\n",
		"no latitude":          "station_id,wigos_station_identifier,longitude,elevation\nSN-DK,0-20000-0-61641,1,1\n",
		"a barometer's height": "station_id,wigos_station_identifier,latitude,longitude,elevation,barometer_height\nSN-DK,0-20000-0-61641,1,1,1,x\n",
		"lines of two lengths": "station_id,wigos_station_identifier\nSN-DK\n",
	} {
		if _, err := ReadStationList(strings.NewReader(bad)); flow.ClassOf(err) != flow.Usage {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRainOfTheHoursBeforeIsThatOfIntervalsThatCoverThem(t *testing.T) {
	begin := date(2026, 1, 31)
	var r rainfall
	add := func(minutes, length int, mm float64) {
		m := at(begin.Add(time.Duration(minutes)*time.Minute), time.Duration(length)*time.Minute, map[meteo.Variable]float64{meteo.Rain: mm})
		r.add(&m)
	}
	for i := range 18 { // of ten minutes, three hours in all
		add(10+i*10, 10, 0.1)
	}
	add(240, 60, 2)
	total := func(minutes int, span time.Duration) string {
		return fmt.Sprintf("%.1f", r.total(begin.Add(time.Duration(minutes)*time.Minute), span))
	}
	for want, got := range map[string]string{
		"2.0":  total(240, time.Hour),         // one interval
		"3.2":  total(240, 3*time.Hour),       // of two lengths
		"1.8":  total(180, 3*time.Hour),       // intervals after it do not count
		"0.6":  total(60, time.Hour),          // the first hour
		"NaN":  total(240, 30*time.Minute),    // an interval that is longer
		"3.8":  total(240, 4*time.Hour),       // all
		" NaN": " " + total(240, 6*time.Hour), // more than all
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := r.total(begin.Add(250*time.Minute), time.Hour); !math.IsNaN(got) {
		t.Errorf("after the last interval: %v", got)
	}
	r = slices.Delete(r, 5, 6)
	if got := total(180, 3*time.Hour); got != "NaN" {
		t.Errorf("with a hole: %s", got)
	}
	add(24*60+10, 10, 0)
	if r[0].end != begin.Add(20*time.Minute) {
		t.Errorf("the oldest that is kept ends at %s", r[0].end)
	}
}

const (
	python    = "../../.cache/venv/bin/python"
	templates = "testdata/csv2bufr-templates/"
)

// decoded encodes lines by csv2bufr, and returns what ecCodes has of each message.
func decoded(t *testing.T, template string, lines []string) []map[string]any {
	t.Helper()
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("csv2bufr and ecCodes are missing: python3 -m venv .cache/venv && .cache/venv/bin/pip install -r test/requirements.txt (%v)", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "testdata/bufr.py", templates+template)
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var all []map[string]any
	for line := range strings.Lines(string(out)) {
		var one map[string]any
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

// compare compares a message with what was measured; every other column is missing.
func compare(t *testing.T, when string, got map[string]any, want map[string]float64, texts map[string]string) {
	t.Helper()
	for column, value := range got {
		if text, ok := texts[column]; ok {
			if value != text {
				t.Errorf("%s: %s is %v, want %q", when, column, value, text)
			}
			continue
		}
		number, known := value.(float64)
		x, expected := want[column]
		if known != expected || known && math.Abs(number-x) > 1e-6*max(1, math.Abs(x)) {
			t.Errorf("%s: %s is %v, want %v (%t)", when, column, value, x, expected)
		}
	}
	for column := range want {
		if _, ok := got[column]; !ok {
			t.Errorf("%s: the template has no %s", when, column)
		}
	}
}

// dakar is what every message has of the station.
func dakar(more map[string]float64) map[string]float64 {
	all := map[string]float64{
		"wsi_series": 0, "wsi_issuer": 20000, "wsi_issue_number": 0, "wmo_block_number": 61, "wmo_station_number": 641,
		"latitude": 14.73, "longitude": -17.5, "station_height_above_msl": 24,
	}
	for column, x := range more {
		all[column] = x
	}
	return all
}

func TestReadingsAreTheSameAfterBUFR(t *testing.T) {
	begin := date(2024, 2, 29)
	var all []query.Measured
	for h := -24; h <= 24; h++ {
		all = append(all, at(begin.Add(time.Duration(h)*time.Hour), time.Hour, map[meteo.Variable]float64{
			meteo.Temperature: 20.1 + float64(h)/10, meteo.DewPoint: 12.3, meteo.Humidity: 61, meteo.Pressure: 1013.2, meteo.WindSpeed: 5.1,
			meteo.WindDirection: 320, meteo.Rain: 0.2, meteo.WindGust: 9.8, meteo.Visibility: 9000, meteo.CloudCover: 50,
		}))
	}
	all[30].Values = meteo.NoValues()
	all[30].Values[meteo.Temperature] = -1.7 // alone
	all[31].Values = meteo.NoValues()        // failed every check
	lines, _ := written(t, of("SN-DK", all...), Request{Form: AWS, From: begin, To: begin.AddDate(0, 0, 1), List: stationList(t, wis2box)})
	messages := decoded(t, "aws-template.json", lines)
	if len(messages) != 23 {
		t.Fatalf("%d messages", len(messages))
	}
	texts := map[string]string{"wsi_local": "61641"}
	for i, got := range messages {
		h := i
		if i > 6 {
			h++
		}
		common := map[string]float64{"barometer_height_above_msl": 25.5, "year": 2024, "month": 2, "day": 29, "hour": float64(h), "minute": 0}
		if h == 6 {
			common["air_temperature"] = 271.45
			compare(t, "alone", got, dakar(common), texts)
			continue
		}
		for column, x := range map[string]float64{
			"msl_pressure": 101320, "air_temperature": 293.25 + float64(h)/10, "dewpoint_temperature": 285.45, "relative_humidity": 61, "anemometer_height": 10,
			"time_period_of_wind": -10, "wind_direction": 320, "wind_speed": 5.1, "maximum_wind_gust_speed_1_hour": 9.8, "total_precipitation_1_hour": 0.2,
		} {
			common[column] = x
		}
		for hours, column := range map[int]string{3: "total_precipitation_3_hours", 6: "total_precipitation_6_hours", 12: "total_precipitation_12_hours", 24: "total_precipitation_24_hours"} {
			if hole := h - 7; h < 6 || hole >= hours { // the intervals that end at 06:00 and 07:00 are unknown
				common[column] = 0.2 * float64(hours)
			}
		}
		compare(t, fmt.Sprint(h, " h"), got, dakar(common), texts)
	}
}

func TestDaysAreTheSameAfterBUFR(t *testing.T) {
	h := of("SN-DK", everything(date(2024, 3, 1)), everything(date(2024, 3, 2)))
	h[0].measured[1].Values = meteo.NoValues()
	h[0].measured[1].Values[meteo.Rain] = 0
	other := of("SN-TH", everything(date(2024, 3, 1)))
	lines, log := written(t, append(h, other...), Request{Form: Daycli, Step: Day, From: date(2024, 2, 29), To: date(2024, 3, 2), List: stationList(t, wis2box)})
	messages := decoded(t, "daycli-template.json", lines)
	if len(messages) != 2 || !strings.Contains(log, "SN-TH") {
		t.Fatalf("%d messages; %s", len(messages), log)
	}
	texts := map[string]string{"wsi_local": "61641"}
	period := func(all map[string]float64, prefixes ...string) map[string]float64 {
		for _, p := range prefixes {
			all[p+"_day_offset"], all[p+"_hour"], all[p+"_minute"], all[p+"_second"] = 0, 0, 0, 1
		}
		return all
	}
	compare(t, "leap day", messages[0], period(dakar(map[string]float64{
		"year": 2024, "month": 2, "day": 29, "precipitation": 7.4, "maximum_temperature": 304.4, "minimum_temperature": 291.65, "average_temperature": 297.15,
	}), "precipitation", "maximum_temperature", "minimum_temperature", "average_temperature"), texts)
	compare(t, "rain alone", messages[1], period(dakar(map[string]float64{"year": 2024, "month": 3, "day": 1, "precipitation": 0}), "precipitation"), texts)
}

func TestTheColumnsAreThoseOfTheTemplates(t *testing.T) {
	for template, columns := range map[string][]string{"aws-template.json": awsColumns, "daycli-template.json": daycliColumns} {
		text, err := os.ReadFile(templates + template)
		if err != nil {
			t.Fatal(err)
		}
		var parsed struct{ Data []struct{ Value string } }
		if err := json.Unmarshal(text, &parsed); err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, d := range parsed.Data {
			if column, ok := strings.CutPrefix(d.Value, "data:"); ok {
				want = append(want, column)
			}
		}
		got := slices.Clone(columns)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", template, got, want)
		}
	}
}
