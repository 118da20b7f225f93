package web

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// every returns points that are a step apart and end at noon.
func every(step time.Duration, values ...float64) []query.Point {
	points := make([]query.Point, len(values))
	for i, x := range values {
		points[i] = query.Point{At: noon.Add(-time.Duration(len(values)-1-i) * step), Value: x, IntervalS: int64(step / time.Second)}
	}
	return points
}

func layerOf(t testing.TB, v meteo.Variable) layer {
	t.Helper()
	l, ok := layerByName(v.String())
	if !ok {
		t.Fatalf("%s is not on the map", v)
	}
	return l
}

func drawn(t testing.TB, v meteo.Variable, hours int, lines ...query.Line) chart {
	t.Helper()
	l, _ := localeByCode("en")
	return drawChart(l, layerOf(t, v), lines, query.Line{Source: "metar", Kind: meteo.Observed}, noon.Add(-time.Duration(hours)*time.Hour), noon)
}

func TestALineBreaksWhereDataIsMissingAndNowhereElse(t *testing.T) {
	nan := math.NaN()
	hourly := every(time.Hour, 20, 21, 22, 23, 24, 25, 26, 27)
	without := func(gone ...int) []query.Point {
		var out []query.Point
		for i, p := range hourly {
			keep := true
			for _, g := range gone {
				keep = keep && i != g
			}
			if keep {
				out = append(out, p)
			}
		}
		return out
	}
	failed := every(time.Hour, 20, 21, 55, 23, 24)
	failed[2].Failed = []meteo.Rule{"range"}
	for name, c := range map[string]struct {
		points        []query.Point
		pieces, marks int
	}{
		"a whole line":                       {hourly, 1, 0},
		"one report left out is bridged":     {without(3), 1, 0},
		"two reports left out are a gap":     {without(3, 4), 2, 0},
		"a report without the value":         {every(time.Hour, 20, 21, nan, 23), 2, 0},
		"a failed value is marked":           {failed, 2, 1},
		"a value on its own":                 {every(time.Hour, 20), 1, 0},
		"a value between two without any":    {every(time.Hour, nan, 20, nan), 1, 0},
		"an hour that is late is not a gap":  {every(50*time.Minute, 20, 21, 22, 21), 1, 0},
		"a whole line of one value, no more": {every(time.Hour, 30, 30, 30), 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := drawn(t, meteo.Temperature, 24, query.Line{Source: "metar", Kind: meteo.Observed, Points: c.points})
			if got.Problem != "" || len(got.Lines) != 1 {
				t.Fatalf("there is no line: %q", got.Problem)
			}
			if pieces := strings.Count(got.Lines[0].Path, "M"); pieces != c.pieces {
				t.Errorf("%d pieces, want %d: %s", pieces, c.pieces, got.Lines[0].Path)
			}
			if len(got.Marks) != c.marks {
				t.Errorf("%d marks, want %d", len(got.Marks), c.marks)
			}
		})
	}
}

func TestAFailedValueDoesNotStretchTheAxis(t *testing.T) {
	points := every(time.Hour, 20, 24, 999, 22)
	points[2].Failed = []meteo.Rule{"range"}
	got := drawn(t, meteo.Temperature, 24, query.Line{Source: "metar", Kind: meteo.Observed, Points: points})
	if first := got.YTicks[0].Label; first != "20" {
		t.Errorf("the axis begins at %s, want 20", first)
	}
	if last := got.YTicks[len(got.YTicks)-1].Label; last != "24" {
		t.Errorf("the axis ends at %s, want 24", last)
	}
	if got.Marks[0].Y != 0 {
		t.Errorf("the failed value is at %v %%, want at the upper edge", got.Marks[0].Y)
	}
	if want := "Lowest 20.0\u00a0°C (Fri\u00a014, 09:03), highest 24.0\u00a0°C (Fri\u00a014, 10:03)"; got.Summary != want {
		t.Errorf("the summary is %q, want %q", got.Summary, want)
	}
}

func TestTheSourceOfTheNewestObservationIsTheFirstLine(t *testing.T) {
	other := query.Line{Source: "bulletin", Kind: meteo.Observed, Points: every(time.Hour, 1, 2)}
	main := query.Line{Source: "metar", Kind: meteo.Observed, Points: every(time.Hour, 3, 4)}
	got := drawn(t, meteo.Temperature, 24, other, main)
	if got.Lines[0].Name != "METAR, observed" || got.Lines[1].Name != "bulletin, observed" {
		t.Errorf("the lines are %q and %q", got.Lines[0].Name, got.Lines[1].Name)
	}
}

func TestRainIsSummedByTheHourAndLongAmountsAreSpread(t *testing.T) {
	day := noon.Truncate(24 * time.Hour)
	at := func(hour, minute int) time.Time {
		return day.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	}
	line := query.Line{Source: "metar", Kind: meteo.Observed, Points: []query.Point{
		{At: at(0, 0), Value: 12, IntervalS: 6 * 3600}, // 18 to 0 h: 2 mm an hour
		{At: at(3, 10), Value: 1.5, IntervalS: 600},
		{At: at(3, 20), Value: 0.5, IntervalS: 600},
		{At: at(4, 0), Value: 2, IntervalS: 600}, // still the hour from 3 to 4
		{At: at(4, 10), Value: 0, IntervalS: 600},
		{At: at(5, 10), Value: 300, IntervalS: 600, Failed: []meteo.Rule{"range"}},
	}}
	got := drawn(t, meteo.Rain, 24, line)
	if len(got.Bars) != 2 {
		t.Fatalf("%d bars, want 2: the evening and the hour from 3 to 4", len(got.Bars))
	}
	evening, hour := got.Bars[0], got.Bars[1]
	if math.Abs(evening.Width-6*hour.Width) > 0.1 {
		t.Errorf("the bar of 6 hours is %v wide, that of one is %v", evening.Width, hour.Width)
	}
	if math.Abs(evening.Height*2-hour.Height) > 0.1 {
		t.Errorf("2 mm an hour are %v high, 4 mm are %v", evening.Height, hour.Height)
	}
	if got.Readings[1].When != "Fri\u00a014, 03:00–04:00" || got.Readings[1].What != "4.0\u00a0mm" {
		t.Errorf("the hour reads %v", got.Readings[1])
	}
	if got.Summary != "Total: 16.0\u00a0mm" || len(got.Marks) != 1 {
		t.Errorf("the summary is %q with %d marks", got.Summary, len(got.Marks))
	}
}

func TestAChartWithoutValuesSaysSo(t *testing.T) {
	for name, lines := range map[string][]query.Line{
		"no line":                  nil,
		"a line without any value": {{Source: "metar", Kind: meteo.Observed, Points: every(time.Hour, math.NaN())}},
	} {
		for _, v := range []meteo.Variable{meteo.Temperature, meteo.Rain} {
			if got := drawn(t, v, 24, lines...); got.Problem != english.ChartEmpty {
				t.Errorf("%s of %s: %q, want %q", name, v, got.Problem, english.ChartEmpty)
			}
		}
	}
}

func TestWhateverIsDrawnStaysInTheChart(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	inside := func(what string, x float64) {
		t.Helper()
		if !(x >= 0 && x <= 100) {
			t.Fatalf("%s is at %v %%", what, x)
		}
	}
	for range 3000 {
		of := layers[random.IntN(len(layers))]
		values := make([]float64, 1+random.IntN(60))
		middle, width := random.NormFloat64()*math.Pow10(random.IntN(7)-2), math.Pow10(random.IntN(8)-4)
		for i := range values {
			values[i] = middle + random.NormFloat64()*width
			if random.IntN(20) == 0 {
				values[i] = math.NaN()
			}
		}
		points := every(10*time.Minute, values...)
		for i := range points {
			if random.IntN(10) == 0 {
				points[i].Failed = []meteo.Rule{"step"}
			}
		}
		got := drawn(t, of.Variable, 1+random.IntN(720), query.Line{Source: "metar", Kind: meteo.Observed, Points: points})
		if got.Problem != "" {
			continue
		}
		if n := len(got.YTicks); n < 2 || n > 8 {
			t.Fatalf("%s around %g ± %g has %d ticks", of.Variable, middle, width, n)
		}
		if n := len(got.XTicks); n > 8 {
			t.Fatalf("the axis of time has %d ticks", n)
		}
		for _, tick := range append(got.YTicks, got.XTicks...) {
			inside("tick "+tick.Label, tick.At)
		}
		for _, mark := range got.Marks {
			inside("mark "+mark.Title, mark.Y)
		}
		for _, r := range got.Readings {
			inside("reading "+r.What, r.Y)
		}
		if strings.Contains(firstPath(got), "NaN") {
			t.Fatalf("a path has no number: %s", firstPath(got))
		}
		text, err := got.ReadingsJSON()
		if err != nil || !json.Valid([]byte(text)) {
			t.Fatalf("the readings can't be read: %v", err)
		}
	}
}

// firstPath is the path of the first line, if there is one.
func firstPath(c chart) string {
	if len(c.Lines) == 0 {
		return ""
	}
	return c.Lines[0].Path
}
