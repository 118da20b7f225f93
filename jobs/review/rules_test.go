package review_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/review"
)

var noon = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

// reading returns a clean observation of Dakar, so many minutes after noon.
func reading(minutes int, values map[meteo.Variable]float64) *meteo.Observation {
	o := &meteo.Observation{Reading: meteo.NewReading(meteo.Stations[0], noon.Add(time.Duration(minutes)*time.Minute), "test", meteo.Observed), Revision: 1, Quality: meteo.Good}
	for v, x := range values {
		o.Values[v] = x
	}
	o.FetchedAt = o.ObservedAt
	o.ID = o.Identity.ID()
	return o
}

// series returns readings of one variable, a number of minutes apart.
func series(every int, v meteo.Variable, values ...float64) (out []*meteo.Observation) {
	for i, x := range values {
		out = append(out, reading(i*every, map[meteo.Variable]float64{v: x}))
	}
	return out
}

// reviewed returns the failures that a Reviewer finds: "10 temperature_c spike; ..." by minutes after noon.
func reviewed(observations []*meteo.Observation) string {
	r := review.New()
	for _, o := range observations {
		r.Add(o)
	}
	r.Finish()
	return told(r)
}

func told(r *review.Reviewer) string {
	var out []string
	for _, v := range r.Verdicts() {
		for _, f := range v.Failures {
			out = append(out, fmt.Sprintf("%v %s %s", v.Observation.ObservedAt.Sub(noon).Minutes(), f.Subject, f.Rule))
		}
	}
	return strings.Join(out, "; ")
}

func TestRuleOfSpikes(t *testing.T) {
	for _, c := range []struct {
		name         string
		observations []*meteo.Observation
		want         string
	}{
		{"a value beyond both neighbours by more than 3 °C", series(10, meteo.Temperature, 25, 28.5, 25), "10 temperature_c spike"},
		{"below both of them", series(10, meteo.Temperature, 25, 21.5, 25), "10 temperature_c spike"},
		{"3 °C are the weather", series(10, meteo.Temperature, 25, 28, 25), ""},
		{"beyond one of them only is a step", series(10, meteo.Temperature, 25, 29, 28.5), ""},
		{"between them is a rise", series(10, meteo.Temperature, 20, 25, 30), ""},
		{"the last reading waits for the next", series(10, meteo.Temperature, 25, 25, 30), ""},
		{"more than 15 % of humidity", series(10, meteo.Humidity, 60, 76, 60), "10 humidity_pct spike"},
		{"15 % are not", series(10, meteo.Humidity, 60, 75, 60), ""},
		{"more than 1.5 hPa", series(10, meteo.Pressure, 1010, 1012, 1010), "10 pressure_hpa spike"},
		{"1.5 hPa are not", series(10, meteo.Pressure, 1010, 1011.5, 1010), ""},
		{"an hour apart 5 °C are the weather", series(60, meteo.Temperature, 25, 30, 25), ""},
		{"and more is not", series(60, meteo.Temperature, 25, 30.5, 25), "60 temperature_c spike"},
		{"an hour apart 28 % are the weather", series(60, meteo.Humidity, 50, 78, 50), ""},
		{"and 29 % are not", series(60, meteo.Humidity, 50, 79, 50), "60 humidity_pct spike"},
		{"an hour apart 3 hPa are the weather", series(60, meteo.Pressure, 1010, 1013, 1010), ""},
		{"and more are not", series(60, meteo.Pressure, 1010, 1013.5, 1010), "60 pressure_hpa spike"},
		{"35 minutes apart it is half way between", series(35, meteo.Temperature, 25, 29, 25), ""},
		{"and more than that is beyond", series(35, meteo.Temperature, 25, 29.5, 25), "35 temperature_c spike"},
		{"two hours apart it is twice that of one", series(120, meteo.Temperature, 20, 30.5, 20), "120 temperature_c spike"},
		{"more than two hours apart nothing is known", series(121, meteo.Temperature, 20, 60, 20), ""},
		{"other variables have no spikes", series(10, meteo.Visibility, 10000, 100, 10000), ""},
		{"a wind of 3.6 times those beside it is in km/h", series(10, meteo.WindSpeed, 3, 10.8, 3), "10 wind_speed_ms spike"},
		{"a gusty minute is not", series(10, meteo.WindSpeed, 3, 6.9, 3), ""},
		{"nor one of 2.1 times a strong wind", series(10, meteo.WindSpeed, 8, 16.8, 8), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := reviewed(c.observations); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestSpikesAreFoundWhicheverReadingIsLast(t *testing.T) {
	three := series(10, meteo.Temperature, 25, 35, 25)
	for _, order := range [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		if got := reviewed([]*meteo.Observation{three[order[0]], three[order[1]], three[order[2]]}); got != "10 temperature_c spike" {
			t.Errorf("in the order %v: %q", order, got)
		}
	}
}

func TestAWindWithAGustIsLeftToTheRuleOfConsistency(t *testing.T) {
	three := series(10, meteo.WindSpeed, 3, 10.8, 3)
	three[1].Values[meteo.WindGust] = 14
	if got := reviewed(three); got != "" {
		t.Error(got)
	}
}

func TestAWindWithoutAGustIsComparedWithThoseThatHaveOne(t *testing.T) {
	gusty := func(winds ...float64) (out []*meteo.Observation) { // a negative wind lacks its gust
		for i, x := range winds {
			values := map[meteo.Variable]float64{meteo.WindSpeed: math.Abs(x)}
			if x >= 0 {
				values[meteo.WindGust] = 1.5 * x
			}
			out = append(out, reading(10*i, values))
		}
		return out
	}
	contradicted := gusty(3, -10.8, 12, 3)
	contradicted[2].QC = []meteo.Failure{{Subject: "wind_speed_ms", Rule: "consistency"}}
	for _, c := range []struct {
		name         string
		observations []*meteo.Observation
		want         string
	}{
		{"one and a half times both is in km/h", gusty(5, -8, 5), "10 wind_speed_ms spike"},
		{"less is weather", gusty(5, -7.4, 5), ""},
		{"and so is a rise by less than 2 m/s", gusty(1, -2.9, 1), ""},
		{"nor does it fail where only one neighbour has a gust", gusty(5, -8, -5), ""},
		{"two in a row are both found", gusty(3, -10.8, -11.5, 3), "10 wind_speed_ms spike; 20 wind_speed_ms spike"},
		{"a neighbour that contradicts its gust is passed over", contradicted, "10 wind_speed_ms spike"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := reviewed(c.observations); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAValueOutOfRangeIsPassedOver(t *testing.T) {
	four := series(10, meteo.Temperature, 25, 99, 30, 25.5)
	four[1].QC = []meteo.Failure{{Subject: "temperature_c", Rule: "range"}}
	if got := reviewed(four); got != "20 temperature_c spike" {
		t.Error(got)
	}
}

// same returns so many equal values of v with those of another variable beside them that go from low to high.
func same(every, n int, v meteo.Variable, x float64, beside meteo.Variable, low, high float64) (out []*meteo.Observation) {
	for i := range n {
		values := map[meteo.Variable]float64{v: x, beside: low + (high-low)*float64(i)/float64(n-1)}
		out = append(out, reading(i*every, values))
	}
	return out
}

func TestRuleOfStuckSensors(t *testing.T) {
	const none = meteo.CloudCover
	for _, c := range []struct {
		name         string
		observations []*meteo.Observation
		flags        int
	}{
		{"a temperature for four hours", same(10, 25, meteo.Temperature, 25.3, none, 0, 0), 25},
		{"for less than four hours", same(10, 24, meteo.Temperature, 25.3, none, 0, 0), 0},
		{"a pressure for four hours", same(10, 25, meteo.Pressure, 1010.3, none, 0, 0), 25},
		{"a humidity for eight hours", same(10, 49, meteo.Humidity, 60, none, 0, 0), 49},
		{"for less than eight hours", same(10, 48, meteo.Humidity, 60, none, 0, 0), 0},
		{"a saturated night", same(10, 80, meteo.Humidity, 95, none, 0, 0), 0},
		{"a night that is nearly saturated", same(10, 80, meteo.Humidity, 94, none, 0, 0), 80},
		{"a saturated night and a day that is warmer by 7.4 °C", same(10, 80, meteo.Humidity, 95, meteo.Temperature, 22.5, 29.9), 80},
		{"and one that is warmer by 7.3 °C", same(10, 80, meteo.Humidity, 95, meteo.Temperature, 22.5, 29.8), 0},
		{"and one that is colder, which stays saturated", same(10, 80, meteo.Humidity, 95, meteo.Temperature, 27.8, 17.8), 0},
		{"a humidity for eight hours in which it would change by 4 %", same(10, 49, meteo.Humidity, 80, meteo.Temperature, 25.3, 26.3), 49},
		{"by less", same(10, 49, meteo.Humidity, 80, meteo.Temperature, 25.3, 26.2), 0},
		{"seven readings of every hour", same(60, 7, meteo.Temperature, 25.3, none, 0, 0), 7},
		{"six readings of every hour", same(60, 6, meteo.Temperature, 25.3, none, 0, 0), 0},
		{"a temperature for two hours while the humidity rises by 8 %", same(10, 13, meteo.Temperature, 25.3, meteo.Humidity, 60, 68), 13},
		{"for less than two hours", same(10, 12, meteo.Temperature, 25.3, meteo.Humidity, 60, 68), 0},
		{"while it rises by less", same(10, 13, meteo.Temperature, 25.3, meteo.Humidity, 60, 67.9), 0},
		{"a humidity of 80 % for two hours while it warms by 2 °C", same(10, 13, meteo.Humidity, 80, meteo.Temperature, 25.3, 27.3), 13},
		{"while it warms by less", same(10, 13, meteo.Humidity, 80, meteo.Temperature, 25.3, 27.2), 0},
		{"a pressure for two hours, whatever the air does", same(10, 13, meteo.Pressure, 1010.3, meteo.Humidity, 40, 80), 0},
		{"whole degrees for less than eight hours", same(10, 48, meteo.Temperature, 25, none, 0, 0), 0},
		{"whole degrees for eight hours", same(10, 49, meteo.Temperature, 25, none, 0, 0), 49},
		{"readings too far apart", same(361, 10, meteo.Temperature, 25.3, none, 0, 0), 0},
		{"readings of every six hours", same(360, 5, meteo.Temperature, 25.3, none, 0, 0), 0},
		{"a wind that is calm", same(10, 100, meteo.WindSpeed, 0, none, 0, 0), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Count(reviewed(c.observations), "stuck"); got != c.flags {
				t.Errorf("%d flags, want %d", got, c.flags)
			}
		})
	}
}

func TestAHumidityMayStayTheSameInRainThatCoolsTheAir(t *testing.T) {
	for name, c := range map[string]struct {
		rain  int // minutes after the first reading
		flags int
	}{"rain before": {-180, 0}, "rain within": {60, 0}, "rain long before": {-181, 13}, "rain after": {121, 13}} {
		for _, v := range []meteo.Variable{meteo.Rain, meteo.RainRate} {
			run := same(10, 13, meteo.Humidity, 75, meteo.Temperature, 30, 26)
			rain := reading(c.rain, map[meteo.Variable]float64{v: 0.2})
			run = append(run, rain)
			if c.rain == 60 {
				run[6].Values[v] = 0.2
				run = run[:13]
			}
			slices.SortFunc(run, func(a, b *meteo.Observation) int { return a.ObservedAt.Compare(b.ObservedAt) })
			if got := strings.Count(reviewed(run), "stuck"); got != c.flags {
				t.Errorf("%s (%s): %d flags", name, v, got)
			}
		}
	}
}

func TestASpikeOrAnUnknownValueDoesNotEndARun(t *testing.T) {
	run := same(10, 25, meteo.Temperature, 25.3, meteo.CloudCover, 0, 0)
	run[10].Values[meteo.Temperature] = 35
	run[15].Values[meteo.Temperature] = meteo.NoValues()[0]
	got := reviewed(run)
	if n := strings.Count(got, "stuck"); n != 23 || !strings.Contains(got, "100 temperature_c spike") {
		t.Errorf("%d readings are stuck: %s", n, got)
	}
}

func TestANextRevisionKeepsWhatWasFoundOfTheSameValuesOnly(t *testing.T) {
	r := review.New()
	three := series(10, meteo.Temperature, 25, 35, 25)
	for _, o := range three {
		r.Add(o)
	}
	verdicts := r.Verdicts()
	if len(verdicts) != 1 || verdicts[0].Observation.Quality != meteo.Suspect {
		t.Fatal(verdicts)
	}
	r.Add(three[1])
	if got := told(r); got != "" {
		t.Error("a repetition:", got)
	}
	accepted := verdicts[0].Observation
	accepted.Revision++
	r.Add(&accepted)
	if got := told(r); got != "" {
		t.Error("the revision that the verdict made:", got)
	}
	without := *three[1]
	without.Revision = 3
	r.Add(&without)
	if got := told(r); got != "10 temperature_c spike" {
		t.Error("a revision of the same values that lacks the failure:", got)
	}
	corrected := *reading(10, map[meteo.Variable]float64{meteo.Temperature: 25.2})
	corrected.Revision, corrected.FetchedAt = 4, corrected.FetchedAt.Add(time.Hour)
	r.Add(&corrected)
	if got := told(r); got != "" {
		t.Error("a correction:", got)
	}
	wrong := *reading(10, map[meteo.Variable]float64{meteo.Temperature: 15})
	wrong.Revision, wrong.FetchedAt = 5, corrected.FetchedAt.Add(time.Hour)
	r.Add(&wrong)
	if got := told(r); got != "10 temperature_c spike" {
		t.Error("a correction that is wrong:", got)
	}
}

func TestModelsAndForecastsAreNotReviewed(t *testing.T) {
	for _, kind := range []meteo.Kind{meteo.Model, meteo.Forecast} {
		three := series(10, meteo.Temperature, 25, 35, 25)
		for _, o := range three {
			o.Kind = kind
		}
		if got := reviewed(three); got != "" {
			t.Errorf("%s: %s", kind, got)
		}
	}
}

func TestAReadingThatComesADayLateIsNotJudged(t *testing.T) {
	late := append(series(10, meteo.Temperature, 25, 35, 25), reading(27*60, map[meteo.Variable]float64{meteo.Temperature: 20}))
	if got := reviewed([]*meteo.Observation{late[0], late[2], late[3], late[1]}); got != "" {
		t.Error(got)
	}
}
