package score_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/score"
	"senmeteo/jobs/source/file"
	"senmeteo/jobs/source/generate"
)

var noon = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

// records is a file of readings.
type records struct {
	all []file.Record
	end error
}

func (r *records) Next() (file.Record, error) {
	if len(r.all) == 0 {
		return file.Record{}, r.end
	}
	first := r.all[0]
	r.all = r.all[1:]
	return first, nil
}

// add adds a reading of good weather, changed by change.
func (r *records) add(station string, at time.Time, change func(*meteo.Observation)) {
	o := meteo.Observation{Reading: meteo.NewReading(meteo.Station{ID: station, Latitude: 14.69, Longitude: -17.44}, at, "file", meteo.Observed)}
	o.FetchedAt = at
	minutes := at.Sub(noon).Minutes()
	o.Values[meteo.Temperature] = 27 + math.Round(10*math.Sin(minutes/200))/10
	o.Values[meteo.Pressure] = 1012 + math.Round(10*math.Sin(minutes/300))/10
	o.Values[meteo.WindSpeed] = 4
	if change != nil {
		change(&o)
	}
	r.all = append(r.all, file.Record{Observations: []meteo.Observation{o}})
}

// tenMinutes is the time of a step.
func tenMinutes(i int) time.Time { return noon.Add(time.Duration(i) * 10 * time.Minute) }

// good is half a day of Dakar.
func good(but map[int]func(*meteo.Observation)) *records {
	r := &records{end: io.EOF}
	for i := range 72 {
		r.add("SN-DK", tenMinutes(i), but[i])
	}
	return r
}

func set(v meteo.Variable, x float64) func(*meteo.Observation) {
	return func(o *meteo.Observation) { o.Values[v] = x }
}

// line is a line of the truth about Dakar.
func line(d generate.Defect, i int, variable string, value, right float64) generate.Truth {
	return generate.Truth{Defect: d, StationID: "SN-DK", ObservedAt: tenMinutes(i), Source: "file", Variable: variable, Value: &value, TrueValue: &right, Expect: d.Expect()}
}

func of(t *testing.T, r *records, truth ...generate.Truth) *score.Score {
	t.Helper()
	s, err := score.Of(t.Context(), r, score.Config{Truth: truth, Unsaid: noon.AddDate(1, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// row returns the row of a defect and variable; "" is that of all.
func row(t *testing.T, s *score.Score, d generate.Defect, variable string) score.Row {
	t.Helper()
	for _, r := range s.Defects {
		if r.Defect == d && r.Variable == variable {
			return r
		}
	}
	t.Fatalf("there is no row of %s and %q in %+v", d, variable, s.Defects)
	return score.Row{}
}

func TestAFlagIsRightOnTheWrongValueAndFalseOnAGoodOne(t *testing.T) {
	r := good(map[int]func(*meteo.Observation){10: set(meteo.Temperature, 70), 20: set(meteo.Temperature, 71), 30: set(meteo.Temperature, 72)})
	s := of(t, r, line(generate.OutOfRange, 10, "temperature_c", 70, 27), line(generate.OutOfRange, 20, "temperature_c", 71, 27),
		line(generate.OutOfRange, 40, "temperature_c", 27, 27))
	got := row(t, s, generate.OutOfRange, "temperature_c")
	if got.Cases != 3 || got.Found != 2 || got.Alarms != 3 || got.Right != 2 || got.Recall.String() != "0.666" || got.Precision.String() != "0.666" {
		t.Errorf("%+v", got)
	}
	if len(s.Defects) != 1 {
		t.Errorf("a defect of one variable has %d rows", len(s.Defects))
	}
	if s.FalseAlarms.Values != 1 || s.FalseAlarms.ByRule[0].Values != 1 || s.FalseAlarms.ByRule[0].Variable != "temperature_c" {
		t.Errorf("%+v", s.FalseAlarms)
	}
	// 72 readings of ten minutes are 0.0164 of a month.
	if s.StationMonths != 0.016 || math.Abs(s.FalseAlarms.PerStationMonth-60.875) > 0.001 || s.FalseAlarms.ByMonth[0].Month != "2026-08" {
		t.Errorf("%v station-months, %+v", s.StationMonths, s.FalseAlarms)
	}
}

func TestAFlagBesideAWrongValueCountsNeitherWay(t *testing.T) {
	r := good(map[int]func(*meteo.Observation){10: func(o *meteo.Observation) {
		o.Values[meteo.WindSpeed], o.Values[meteo.WindGust] = 14.4, 6 // km/h, which contradicts the gust
	}})
	s := of(t, r, line(generate.UnitMixUp, 10, "wind_speed_ms", 14.4, 4))
	if got := row(t, s, generate.UnitMixUp, "wind_speed_ms"); got.Found != 1 || got.Alarms != 1 || got.Right != 1 {
		t.Errorf("%+v", got)
	}
	if s.FalseAlarms.Values != 0 {
		t.Errorf("the flag on the gust is false: %+v", s.FalseAlarms)
	}
}

func TestTheDewPointFollowsTheTemperatureAndTheHumidity(t *testing.T) {
	missing := set(meteo.DewPoint, math.NaN())
	r := &records{end: io.EOF}
	for i := range 72 {
		r.add("SN-DK", tenMinutes(i), func(o *meteo.Observation) {
			o.Values[meteo.DewPoint] = 18
			switch i {
			case 10, 20, 30, 40:
				missing(o)
			case 50:
				o.Values[meteo.DewPoint] = 60
			}
		})
	}
	s := of(
		t, r, line(generate.Missing, 10, "dew_point_c", 0, 18), line(generate.OutOfRange, 20, "humidity_pct", -5, 60), line(generate.Spike, 30, "temperature_c", 40, 27),
		line(generate.OutOfRange, 40, "pressure_hpa", 400, 1012), line(generate.OutOfRange, 50, "temperature_c", 70, 27), line(generate.OutOfRange, 11, "dew_point_c", 60, 18),
	)
	if got := row(t, s, generate.Missing, "dew_point_c"); got.Alarms != 4 || got.Right != 3 {
		t.Errorf("a dew point is missing where temperature or humidity is wrong: %+v", got)
	}
	if got := row(t, s, generate.OutOfRange, "dew_point_c"); got.Alarms != 1 || got.Right != 1 {
		t.Errorf("a dew point is wrong where the temperature is: %+v", got)
	}
}

func TestAnEpisodeIsFoundByOneFlagAndMayCrossMidnight(t *testing.T) {
	// From noon, 60 to 71 are after 22:00; the second episode begins after a pause.
	but := map[int]func(*meteo.Observation){}
	var truth []generate.Truth
	for i := 60; i < 90; i++ {
		x := 1012.0
		if i >= 80 {
			x = 900
		}
		but[i] = set(meteo.Pressure, x)
		truth = append(truth, line(generate.Drift, i, "pressure_hpa", x, x-float64(i-60)/5))
	}
	for i := 120; i < 125; i++ {
		truth = append(truth, line(generate.Drift, i, "pressure_hpa", 1013, 1012))
	}
	r := &records{end: io.EOF}
	for i := range 144 {
		r.add("SN-DK", tenMinutes(i), but[i])
	}
	got := row(t, of(t, r, truth...), generate.Drift, "pressure_hpa")
	if got.Cases != 2 || got.Found != 1 || got.Readings != 35 || got.ReadingsFlagged != 10 || got.Large != 15 || got.LargeFlagged != 10 {
		t.Errorf("%+v", got)
	}
}

func TestRecordsAreJudgedByWhatBecameOfThem(t *testing.T) {
	r := &records{end: io.EOF}
	for i := range 72 {
		at := tenMinutes(i)
		switch i {
		case 10: // missing
			r.add("SN-DK", at, set(meteo.WindSpeed, math.NaN()))
		case 20: // broken
			r.all = append(r.all, file.Record{Raw: []byte("{"), Refusal: meteo.Refuse(meteo.InvalidJSON, "cut off")})
		case 30: // future
			r.add("SN-DK", at, func(o *meteo.Observation) { o.ObservedAt = at.AddDate(73, 0, 0) })
		case 40: // late: after the next
		case 41:
			r.add("SN-DK", at, nil)
			r.add("SN-DK", tenMinutes(40), nil)
		case 50: // twice
			r.add("SN-DK", at, nil)
			r.add("SN-DK", at, nil)
		case 60: // corrected
			r.add("SN-DK", at, nil)
			r.add("SN-DK", at, func(o *meteo.Observation) {
				o.Values[meteo.Pressure]++
				o.FetchedAt = at.Add(time.Minute)
			})
		default:
			r.add("SN-DK", at, nil)
		}
	}
	truth := []generate.Truth{
		line(generate.Missing, 10, "wind_speed_ms", 0, 4), line(generate.Missing, 11, "wind_speed_ms", 0, 4),
		line(generate.BrokenJSON, 20, "", 0, 0), line(generate.BrokenJSON, 21, "", 0, 0),
		line(generate.Future, 30, "", 0, 0), line(generate.Future, 31, "", 0, 0),
		line(generate.Late, 40, "", 0, 0), line(generate.Late, 20, "", 0, 0),
		line(generate.Duplicate, 50, "", 0, 0), line(generate.Duplicate, 51, "", 0, 0),
		line(generate.Correction, 60, "pressure_hpa", 0, 0), line(generate.Correction, 61, "wind_gust_ms", 0, 0),
	}
	s := of(t, r, truth...)
	for d, variable := range map[generate.Defect]string{
		generate.Missing: "wind_speed_ms", generate.BrokenJSON: "", generate.Future: "", generate.Late: "", generate.Duplicate: "", generate.Correction: "",
	} {
		if got := row(t, s, d, variable); got.Cases != 2 || got.Found != 1 || got.Alarms != 1 || got.Right != 1 {
			t.Errorf("%s: %+v", d, got)
		}
	}
	if s.Records != 74 || s.Observations != 70 || s.Duplicates != 1 || s.Refused != 2 || s.FalseAlarms.Values != 0 {
		t.Errorf("%+v", s)
	}
	// Without the truth about them, the same are alarms that are not right.
	r = &records{end: io.EOF}
	for i := range 72 {
		r.add("SN-DK", tenMinutes(i), nil)
		if i == 50 {
			r.add("SN-DK", tenMinutes(i), nil)
		}
	}
	if got := row(t, of(t, r, line(generate.Duplicate, 51, "", 0, 0)), generate.Duplicate, ""); got.Found != 0 || got.Alarms != 1 || got.Right != 0 {
		t.Errorf("%+v", got)
	}
}

func TestAFileOfStationAfterStationIsSortedAndOneInOrderOfArrivalIsNot(t *testing.T) {
	r := &records{end: io.EOF}
	for _, station := range []string{"S24", "S100"} {
		for i := range 300 {
			r.add(station, tenMinutes(i), func(o *meteo.Observation) {
				o.Latitude, o.Longitude, o.FetchedAt = 1.3, 103.8, noon.AddDate(1, 0, 0)
			})
		}
	}
	s := of(t, r, generate.Truth{Defect: generate.Late, StationID: "S24", ObservedAt: noon, Source: "file", Expect: generate.ExpectKeep})
	if got := row(t, s, generate.Late, ""); got.Alarms != 0 || got.Found != 1 {
		t.Errorf("%+v", got)
	}
	if s.Stations != 2 || s.Observations != 600 || s.FalseAlarms.Values != 0 {
		t.Errorf("%+v", s)
	}
}

func TestTheRulesOfReviewAreScored(t *testing.T) {
	r := good(map[int]func(*meteo.Observation){10: set(meteo.Temperature, 30.8), 30: set(meteo.WindSpeed, 14.4)})
	s := of(t, r, line(generate.Spike, 10, "temperature_c", 30.8, 27.5), line(generate.WindUnit, 30, "wind_speed_ms", 14.4, 4))
	if got := row(t, s, generate.Spike, "temperature_c"); got.Found != 1 || got.Right != 1 || got.Alarms != 1 {
		t.Errorf("%+v", got)
	}
	if got := row(t, s, generate.WindUnit, "wind_speed_ms"); got.Found != 1 || got.Right != 1 || got.Alarms != 1 {
		t.Errorf("%+v", got)
	}
	if s.FalseAlarms.Values != 0 {
		t.Errorf("%+v", s.FalseAlarms)
	}
	// A value stays the same from 20 on; the truth says so of half of them.
	but, truth := map[int]func(*meteo.Observation){}, []generate.Truth{}
	for i := 20; i < 60; i++ {
		but[i] = set(meteo.Pressure, 1012.2)
		if i >= 40 {
			truth = append(truth, line(generate.Stuck, i, "pressure_hpa", 1012.2, 1012.5))
		}
	}
	s = of(t, good(but), truth...)
	if got := row(t, s, generate.Stuck, "pressure_hpa"); got.Cases != 1 || got.Found != 1 || got.ReadingsFlagged != 20 || got.Right != 20 || got.Alarms < 39 {
		t.Errorf("%+v", got)
	}
}

func TestADefectOfAnotherProgramIsScoredByWhatItExpects(t *testing.T) {
	r := good(map[int]func(*meteo.Observation){10: set(meteo.Pressure, 400)})
	l := line("leak", 10, "pressure_hpa", 400, 1012)
	l.Expect = generate.ExpectFlag
	if got := row(t, of(t, r, l), "leak", "pressure_hpa"); got.Found != 1 || got.Cases != 1 {
		t.Errorf("%+v", got)
	}
}

func TestAScoreIsPrintedAsATableAndAsJSON(t *testing.T) {
	r := good(map[int]func(*meteo.Observation){10: set(meteo.Pressure, 400)})
	s := of(t, r, line(generate.OutOfRange, 10, "pressure_hpa", 400, 1012), line(generate.Stuck, 20, "temperature_c", 27, 27), line(generate.OutOfRange, 11, "temperature_c", 70, 27))
	var table, text bytes.Buffer
	if err := errors.Join(s.Print(&table, false), s.Print(&text, true)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"72 records of 1 stations, 0.0 station-months: 72 observations, 0 duplicates, 0 refused\n",
		"out_of_range  pressure_hpa   1      1      1.000   1       1      1.000",
		"out_of_range  temperature_c  1      0      0.000   0       0      -",
		"out_of_range  all            2      1      0.500",
		"stuck         temperature_c  1      0      0.000   0       0      -          0.000 of 1",
		"2026-08       0       0.0             0.000",
	} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, table.String())
		}
	}
	if !strings.Contains(text.String(), `{"defect":"out_of_range","variable":"temperature_c","cases":1,"found":0,"recall":0.000,"alarms":0,"right":0,"precision":null}`) ||
		strings.Count(text.String(), "\n") != 1 {
		t.Errorf("the JSON is %s", text.String())
	}
}

func TestWhatEndsTheReadingEndsTheScore(t *testing.T) {
	broken := errors.New("a disk that breaks")
	if _, err := score.Of(t.Context(), &records{end: broken}, score.Config{}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := score.Of(ctx, good(nil), score.Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	s := of(t, &records{end: io.EOF})
	if s.Records != 0 || s.StationMonths != 0 || s.FalseAlarms.PerStationMonth != 0 {
		t.Errorf("an empty file: %+v", s)
	}
}
