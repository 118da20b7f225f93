package export

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/gaps"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// history is a store of one or several series.
type history []struct {
	query.Origin
	measured []query.Measured
}

func (h history) History(_ context.Context, from, to time.Time, visit func(*query.Origin, *query.Measured) error) error {
	for i := range h {
		for _, m := range h[i].measured {
			if m.At.Before(from) || m.At.After(to) {
				continue
			}
			if err := visit(&h[i].Origin, &m); err != nil {
				return err
			}
		}
	}
	return nil
}

func of(station string, measured ...query.Measured) history {
	return history{{query.Origin{StationID: station, Region: "Dakar", Source: "metar", Kind: meteo.Observed}, measured}}
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// at is an observation of these values.
func at(t time.Time, interval time.Duration, values map[meteo.Variable]float64) query.Measured {
	m := query.Measured{At: t, IntervalS: int64(interval / time.Second), Values: meteo.NoValues()}
	for v, x := range values {
		m.Values[v] = x
	}
	return m
}

// hours are hourly readings of a day: the temperature is the hour, rain is 0.1 mm in each, and there is a wind.
func hours(day time.Time, without ...int) []query.Measured {
	var all []query.Measured
	for h := range 24 {
		t := day.Add(time.Duration(h) * time.Hour)
		m := at(t, 0, map[meteo.Variable]float64{meteo.Temperature: float64(h), meteo.WindSpeed: 3})
		for _, w := range without {
			if w == h {
				m.Values = meteo.NoValues()
			}
		}
		all = append(all, m)
	}
	return all
}

func table(t *testing.T, h history, r Request) []Row {
	t.Helper()
	var rows []Row
	if err := Rows(t.Context(), h, r, func(row *Row) error { rows = append(rows, *row); return nil }); err != nil {
		t.Fatal(err)
	}
	return rows
}

func days(from, to time.Time) Request { return Request{Step: Day, From: from, To: to} }

func TestADayNeedsReadingsAtFiveSixthsOfItsTimes(t *testing.T) {
	begin := date(2026, 1, 31)
	for missing, want := range map[int]string{0: "11.5 1.000 23 0", 4: "13.5 0.833 23 4", 5: "NaN 0.792 NaN NaN"} {
		var without []int
		for h := range missing {
			without = append(without, h)
		}
		rows := table(t, of("SN-DK", hours(begin, without...)...), days(begin, begin.AddDate(0, 0, 1)))
		if len(rows) != 1 {
			t.Fatalf("%d rows", len(rows))
		}
		v := rows[0].Values
		if got := fmt.Sprintf("%g %.3f %g %g", v[TemperatureMean].X, v[TemperatureMean].Share, v[TemperatureMax].X, v[TemperatureMin].X); got != want {
			t.Errorf("without %d hours: %s, want %s", missing, got, want)
		}
	}
}

func TestTheIntervalOfTheSourceSaysHowManyReadingsADayHas(t *testing.T) {
	begin := date(2026, 1, 31)
	var all []query.Measured
	for h := 0; h < 24; h += 3 {
		all = append(all, at(begin.Add(time.Duration(h)*time.Hour), 0, map[meteo.Variable]float64{meteo.Temperature: 20}))
	}
	r := days(begin, begin.AddDate(0, 0, 1))
	if v := table(t, of("SN-DK", all...), r)[0].Values[TemperatureMean]; meteo.Known(v.X) || v.Share != 8.0/24 {
		t.Errorf("of an hourly source: %+v", v)
	}
	r.Expect = gaps.Expectations{"metar": 3 * time.Hour}
	if v := table(t, of("SN-DK", all[1:]...), r)[0].Values[TemperatureMean]; v != (Value{20, 7.0 / 8}) {
		t.Errorf("of a source of three hours: %+v", v)
	}
}

func TestRainIsOfTheTimeThatItsIntervalsCover(t *testing.T) {
	begin := date(2026, 8, 31)
	mm := func(h int, interval time.Duration, x float64) query.Measured {
		return at(begin.Add(time.Duration(h)*time.Hour), interval, map[meteo.Variable]float64{meteo.Rain: x})
	}
	const hour = time.Hour
	for name, c := range map[string]struct {
		rain []query.Measured
		want Value
	}{
		"the hours, of which the last ends with the day": {[]query.Measured{mm(0, 6*hour, 50), mm(6, 6*hour, 0.1), mm(12, 6*hour, 0.2), mm(18, 6*hour, 0), mm(24, 6*hour, 0.3), mm(30, 6*hour, 70)}, Value{0.6, 1}},
		"one is missing":                      {[]query.Measured{mm(6, 6*hour, 1), mm(12, 6*hour, 1), mm(24, 6*hour, 1)}, absent(0.75)},
		"a day's own value fills in":          {[]query.Measured{mm(6, 6*hour, 1), mm(24, 24*hour, 5)}, Value{5, 1}},
		"intervals that overlap count once":   {[]query.Measured{mm(6, 6*hour, 1), mm(12, 12*hour, 9), mm(12+6, 12*hour, 2), mm(24, 6*hour, 4)}, Value{7, 1}},
		"what began on the day before is out": {[]query.Measured{mm(6, 24*hour, 30), mm(24, 18*hour, 2)}, absent(0.75)},
		"an amount without an interval":       {[]query.Measured{mm(12, 0, 8)}, absent(0)},
	} {
		t.Run(name, func(t *testing.T) {
			all := append([]query.Measured{at(begin, 0, map[meteo.Variable]float64{meteo.Temperature: 1})}, c.rain...)
			if all[1].At.Equal(begin) {
				all = all[1:]
			}
			got := table(t, of("SN-DK", all...), days(begin, begin.AddDate(0, 0, 1)))[0].Values[Rain]
			if fmt.Sprintf("%.6f", got) != fmt.Sprintf("%.6f", c.want) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func TestValuesOfTheDayAreItsExtremesAndFillInItsMeans(t *testing.T) {
	begin := date(2026, 1, 31)
	whole := at(begin.AddDate(0, 0, 1), 24*time.Hour, map[meteo.Variable]float64{
		meteo.TemperatureMax: 30, meteo.TemperatureMin: 2, meteo.TemperatureMean: 18, meteo.HumidityMean: 40, meteo.WindGust: 12,
	})
	whole.OfDay = true
	v := table(t, of("SN-DK", append(hours(begin), whole)...), days(begin, begin.AddDate(0, 0, 1)))[0].Values
	want := Values{
		TemperatureMean: {11.5, 1}, TemperatureMax: {30, 1}, TemperatureMin: {0, 1}, DewPoint: absent(0), Humidity: {40, 1}, Pressure: absent(0),
		Wind: {3, 1}, Gust: {12, 1}, CloudCover: absent(0), Rain: absent(0),
	}
	if fmt.Sprint(v) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", v, want)
	}
	alone := table(t, of("SN-DK", whole), days(begin, begin.AddDate(0, 0, 1)))
	if len(alone) != 1 || alone[0].Values[TemperatureMean] != (Value{18, 1}) || alone[0].Values[TemperatureMin] != (Value{2, 1}) {
		t.Errorf("%+v", alone)
	}
}

func TestGustsRestOnTheReadingsOfTheWind(t *testing.T) {
	begin := date(2026, 1, 31)
	all := hours(begin)
	all[13].Values[meteo.WindGust], all[13].IntervalS = 17, 600
	if v := table(t, of("SN-DK", all...), days(begin, begin.AddDate(0, 0, 1)))[0].Values[Gust]; v != (Value{17, 1}) {
		t.Errorf("%+v", v)
	}
	if v := table(t, of("SN-DK", all[:15]...), days(begin, begin.AddDate(0, 0, 1)))[0].Values[Gust]; meteo.Known(v.X) || v.Share != 15.0/24 {
		t.Errorf("%+v", v)
	}
}

// month is daily values of temperature and rain, but for the days that are left out.
func month(begin time.Time, n int, without ...int) []query.Measured {
	var all []query.Measured
	for d := 1; d <= n; d++ {
		m := at(begin.AddDate(0, 0, d), 24*time.Hour, map[meteo.Variable]float64{meteo.TemperatureMean: float64(d), meteo.TemperatureMax: float64(d + 10), meteo.Rain: float64(d % 2)})
		m.OfDay = true
		left := false
		for _, w := range without {
			left = left || w == d
		}
		if !left {
			all = append(all, m)
		}
	}
	return all
}

func TestAMonthIsLeftOutByTheRulesOfTheWMO(t *testing.T) {
	begin := date(2024, 2, 1) // of a leap year
	for name, c := range map[string]struct {
		without []int
		want    string // mean temperature, rain and its days
	}{
		"every day":             {nil, "15.00 1.000, 15.0, 15"},
		"one day without":       {[]int{29}, "14.50 0.966, NaN, -1"},
		"ten days":              {[]int{1, 3, 5, 7, 9, 11, 13, 15, 17, 19}, "17.63 0.655, NaN, -1"},
		"eleven days":           {[]int{1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21}, "NaN 0.621, NaN, -1"},
		"four in a row":         {[]int{10, 11, 12, 13}, "15.56 0.862, NaN, -1"},
		"five in a row":         {[]int{10, 11, 12, 13, 14}, "NaN 0.828, NaN, -1"},
		"five at the end":       {[]int{25, 26, 27, 28, 29}, "NaN 0.828, NaN, -1"},
		"five at the beginning": {[]int{1, 2, 3, 4, 5}, "NaN 0.828, NaN, -1"},
		"four and one":          {[]int{10, 11, 12, 13, 15}, "15.58 0.828, NaN, -1"},
	} {
		t.Run(name, func(t *testing.T) {
			rows := table(t, of("SN-DK", month(begin, 29, c.without...)...), Request{Step: Month, From: begin.AddDate(0, 0, 7), To: begin.AddDate(0, 0, 8)})
			if len(rows) != 1 || rows[0].To != date(2024, 3, 1) {
				t.Fatalf("%+v", rows)
			}
			v := rows[0].Values
			if got := fmt.Sprintf("%.2f %.3f, %.1f, %d", v[TemperatureMean].X, v[TemperatureMean].Share, v[Rain].X, rows[0].RainDays); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestTenTenthsOfAMillimetreAreADayOfRain(t *testing.T) {
	begin := date(2024, 2, 1)
	all := month(begin, 29, 9)
	for h := range 24 {
		amount := 0.0
		if h < 10 {
			amount = 0.1
		}
		all = append(all, at(begin.AddDate(0, 0, 8).Add(time.Duration(h+1)*time.Hour), time.Hour, map[meteo.Variable]float64{meteo.Rain: amount}))
	}
	slices.SortFunc(all, func(a, b query.Measured) int { return a.At.Compare(b.At) })
	rows := table(t, of("SN-DK", all...), Request{Step: Month, From: begin, To: begin.AddDate(0, 1, 0)})
	if rows[0].RainDays != 15 {
		t.Errorf("%d days of rain", rows[0].RainDays)
	}
}

func TestDekadsEndWithTheMonth(t *testing.T) {
	begin := date(2026, 1, 1)
	rows := table(t, of("SN-DK", append(month(begin, 31, 2, 4, 6, 11, 13, 15, 17), month(date(2026, 2, 1), 28)...)...), Request{Step: Dekad, From: begin, To: date(2026, 3, 1)})
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%s %g %.1f", r.From.Format("0102"), r.To.Sub(r.From).Hours()/24, r.Values[TemperatureMax].X))
	}
	want := []string{"0101 10 16.1", "0111 10 NaN", "0121 11 36.0", "0201 10 15.5", "0211 10 25.5", "0221 8 34.5"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestStepsBeginAndEnd(t *testing.T) {
	when := time.Date(2024, 2, 29, 23, 59, 59, 999, time.UTC)
	for step, want := range map[Step][2]time.Time{
		ThreeHours: {date(2024, 2, 29).Add(21 * time.Hour), date(2024, 3, 1)},
		Day:        {date(2024, 2, 29), date(2024, 3, 1)},
		Dekad:      {date(2024, 2, 21), date(2024, 3, 1)},
		Month:      {date(2024, 2, 1), date(2024, 3, 1)},
	} {
		if begin := step.Begin(when); begin != want[0] || step.End(begin) != want[1] {
			t.Errorf("%s: %s to %s", step, begin, step.End(begin))
		}
	}
	if begin := Dekad.Begin(date(2026, 1, 31)); begin != date(2026, 1, 21) {
		t.Errorf("the 31st is of the dekad of %s", begin)
	}
	if _, err := ParseStep("week"); flow.ClassOf(err) != flow.Usage {
		t.Error(err)
	}
}

func TestThreeHoursAreTables(t *testing.T) {
	begin := date(2026, 1, 31)
	rows := table(t, of("SN-DK", hours(begin, 4)...), Request{Step: ThreeHours, From: begin.Add(time.Hour), To: begin.Add(7 * time.Hour)})
	if len(rows) != 3 || rows[0].Values[TemperatureMean] != (Value{1, 1}) || meteo.Known(rows[1].Values[TemperatureMean].X) || rows[2].From != begin.Add(6*time.Hour) {
		t.Errorf("%+v", rows)
	}
}

// A second computation of days, value by value, over a month change of a leap year.
func TestDaysAreThoseOfASecondComputation(t *testing.T) {
	begin := date(2024, 2, 27)
	for seed := range uint64(10) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		var all []query.Measured
		temperature, rain, slots, wet := map[string][]float64{}, map[string]float64{}, map[string]int{}, map[string]int{}
		for i := range 5 * 144 {
			when := begin.Add(time.Duration(i) * 10 * time.Minute)
			if rnd.IntN(100) < 12 {
				continue
			}
			x, mm := math.Round(rnd.Float64()*400)/10, float64(rnd.IntN(20))/10
			all = append(all, at(when, 10*time.Minute, map[meteo.Variable]float64{meteo.Temperature: x, meteo.Rain: mm}))
			day, before := when.Format(time.DateOnly), when.Add(-1).Format(time.DateOnly)
			temperature[day] = append(temperature[day], x)
			slots[day]++
			rain[before] += mm
			wet[before]++
		}
		h := of("SN-DK", all...)
		h[0].Source = "generate"
		for _, row := range table(t, h, days(begin, begin.AddDate(0, 0, 5))) {
			day := row.From.Format(time.DateOnly)
			total, top := 0.0, math.Inf(-1)
			for _, x := range temperature[day] {
				total, top = total+x, max(top, x)
			}
			want := Value{total / float64(slots[day]), float64(slots[day]) / 144}
			if slots[day] < 120 {
				want.X, top = math.NaN(), math.NaN()
			}
			amount := Value{math.NaN(), float64(wet[day]) / 144}
			if wet[day] == 144 {
				amount.X = rain[day]
			}
			got := fmt.Sprintf("%.6f %.6f %.6f", row.Values[TemperatureMean], row.Values[TemperatureMax].X, row.Values[Rain])
			if second := fmt.Sprintf("%.6f %.6f %.6f", want, top, amount); got != second {
				t.Errorf("seed %d, %s: %s, want %s", seed, day, got, second)
			}
		}
	}
}

func TestARegionIsTheMeanOfItsStations(t *testing.T) {
	begin := date(2026, 1, 1)
	h := append(of("SN-DK", month(begin, 31)...), of("SN-DK-0001", month(begin, 31, 1, 2, 3, 4, 5)...)...)
	h = append(h, of("SN-TH", month(begin, 31)...)...)
	h[2].Region = "Thiès"
	rows := table(t, h, Request{Step: Month, From: begin, To: begin.AddDate(0, 1, 0), ByRegion: true})
	if len(rows) != 2 || rows[0].Region != "Dakar" || rows[0].StationID != "" || rows[0].Stations != 2 || rows[1].Stations != 1 {
		t.Fatalf("%+v", rows)
	}
	if v := rows[0].Values[TemperatureMean]; v.X != 16 || math.Abs(v.Share-(1+26.0/31)/2) > 1e-12 {
		t.Errorf("%+v", v)
	}
	if meteo.Known(rows[0].Values[Humidity].X) || rows[0].RainDays != 16 {
		t.Errorf("%+v", rows[0])
	}
}

func TestOnlyDaysOfTheWindowAreRows(t *testing.T) {
	begin := date(2026, 1, 1)
	rows := table(t, of("SN-DK", month(begin, 4)...), days(begin.AddDate(0, 0, 1), begin.AddDate(0, 0, 9)))
	if len(rows) != 3 || rows[0].From != begin.AddDate(0, 0, 1) || rows[2].From != begin.AddDate(0, 0, 3) {
		t.Errorf("%+v", rows)
	}
}

func TestStationsAndSourcesAreChosen(t *testing.T) {
	begin := date(2026, 1, 1)
	h := append(of("SN-DK", month(begin, 1)...), of("SN-TH", month(begin, 1)...)...)
	r := days(begin, begin.AddDate(0, 0, 1))
	r.Stations = []string{"SN-TH"}
	if rows := table(t, h, r); len(rows) != 1 || rows[0].StationID != "SN-TH" {
		t.Errorf("%+v", rows)
	}
	r.Stations, r.Sources = nil, []string{"file"}
	if rows := table(t, h, r); len(rows) != 0 {
		t.Errorf("%+v", rows)
	}
	r.From = r.To
	if err := Rows(t.Context(), h, r, nil); flow.ClassOf(err) != flow.Usage {
		t.Error(err)
	}
}

func TestTheColumnsAreThoseOfTheElements(t *testing.T) {
	for e, d := range elements {
		share := strings.TrimSuffix(d.name, d.name[strings.LastIndex(d.name, "_"):]) + "_share_pct"
		if columns[firstValue+2*e] != d.name || columns[firstValue+2*e+1] != share {
			t.Errorf("%s has the columns %s", d.name, columns[firstValue+2*e:firstValue+2*e+2])
		}
	}
	if len(columns) != firstValue+2*NumElements+1 {
		t.Errorf("%d columns", len(columns))
	}
}

func TestFormatsHaveTheSameTable(t *testing.T) {
	begin := date(2026, 1, 1)
	h := of("SN-DK", append(month(begin, 31), month(date(2026, 2, 1), 28, 3)...)...)
	write := func(format string) []byte {
		var out bytes.Buffer
		if err := Write(t.Context(), h, Request{Step: Month, From: begin, To: date(2026, 3, 1)}, format, &out); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	lines, err := csv.NewReader(bytes.NewReader(write("csv"))).ReadAll()
	if err != nil || len(lines) != 3 {
		t.Fatalf("%v, %v", lines, err)
	}
	cell := func(line int, name string) string {
		for i, c := range lines[0] {
			if c == name {
				return lines[line][i]
			}
		}
		t.Fatalf("no column %s", name)
		return ""
	}
	if cell(1, "from") != "2026-01-01T00:00:00Z" || cell(1, "rain_mm") != "16" || cell(2, "rain_mm") != "" || cell(2, "rain_share_pct") != "96.4" || cell(2, "temperature_mean_c") != "14.93" {
		t.Errorf("%v", lines)
	}
	var objects []record
	if err := json.Unmarshal(write("json"), &objects); err != nil || len(objects) != 2 || *objects[0].RainMM != 16 || objects[1].RainMM != nil || objects[0].RainDays == nil {
		t.Errorf("%+v, %v", objects, err)
	}
	content := write("parquet")
	fromParquet, err := parquet.Read[record](bytes.NewReader(content), int64(len(content)))
	if err != nil || !reflect.DeepEqual(fromParquet, objects) {
		t.Errorf("%+v, want %+v, %v", fromParquet, objects, err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(write("xlsx")))
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := book.GetRows("Sheet1")
	if err != nil || len(sheet) != 3 || !reflect.DeepEqual(sheet[0], lines[0]) || sheet[1][4] != "2026-01-01 00:00" || sheet[1][7] != "16" {
		t.Errorf("%v, %v", sheet, err)
	}
	var empty, log bytes.Buffer
	r := Request{Step: Day, From: begin, To: begin.AddDate(0, 0, 1), Sources: []string{"metar"}, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	if err := Write(t.Context(), h, r, "csv", &empty); err != nil || log.Len() != 0 {
		t.Errorf("%s, %v", log.String(), err)
	}
	r.Sources[0] = "file"
	if err := Write(t.Context(), h, r, "csv", &empty); err != nil || !strings.Contains(log.String(), "the table is empty") {
		t.Errorf("%s, %v", log.String(), err)
	}
	empty.Reset()
	if err := Write(t.Context(), history{}, Request{Step: Day, From: begin, To: begin.AddDate(0, 0, 1)}, "json", &empty); err != nil || json.Unmarshal(empty.Bytes(), &objects) != nil || len(objects) != 0 {
		t.Errorf("an empty table: %q, %v", empty.String(), err)
	}
	if err := Write(t.Context(), h, Request{}, "pdf", &empty); flow.ClassOf(err) != flow.Usage {
		t.Error(err)
	}
}
