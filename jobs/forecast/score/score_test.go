package score

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/forecast"
	"senmeteo/jobs/meteo"
)

func TestCRPSOfDistributionsThatCanBeIntegratedByHand(t *testing.T) {
	uniform := forecast.Quantiles{5, 10, 25, 50, 75, 90, 95} // from 0 to 100
	for name, c := range map[string]struct {
		q       forecast.Quantiles
		y, want float64
	}{
		"uniform, in the middle": {uniform, 50, 100. / 12},
		"uniform, at a quarter":  {uniform, 25, 100 * (1./64 + 27./64) / 3},
		"uniform, at the end":    {uniform, 100, 100. / 3},
		"uniform, outside":       {uniform, 110, 100./3 + 10},
		"certain and right":      {forecast.Quantiles{7, 7, 7, 7, 7, 7, 7}, 7, 0},
		"certain and wrong":      {forecast.Quantiles{7, 7, 7, 7, 7, 7, 7}, 9, 2},
	} {
		t.Run(name, func(t *testing.T) {
			if got := CRPS(&c.q, c.y); math.Abs(got-c.want) > 1e-9 {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestCRPSOfNormalQuantilesIsCloseToTheClosedForm(t *testing.T) {
	q := forecast.Quantiles{-1.6449, -1.2816, -.6745, 0, .6745, 1.2816, 1.6449}
	for _, y := range []float64{0, .5, 1, 2, 3} {
		phi, cdf := math.Exp(-y*y/2)/math.Sqrt(2*math.Pi), .5*(1+math.Erf(y/math.Sqrt2))
		want := y*(2*cdf-1) + 2*phi - 1/math.Sqrt(math.Pi)
		if got := CRPS(&q, y); math.Abs(got-want) > .02 {
			t.Errorf("at %v: got %.4f, want %.4f", y, got, want)
		}
	}
}

func TestAGainHasAnIntervalThatHoldsIt(t *testing.T) {
	ours, theirs := make([]float64, 100), make([]float64, 100)
	for i := range ours {
		ours[i], theirs[i] = float64(7+i%3), float64(10+i%5)
	}
	g := gainOf(ours, theirs)
	if want := round(1 - 799./1200); g.Gain != want || !(g.Low < want && want < g.High && g.High-g.Low < .05) {
		t.Errorf("got %+v, want %v", g, want)
	}
	if again := gainOf(ours, theirs); again != g {
		t.Errorf("got %+v, then %+v", g, again)
	}
	if g := gainOf(theirs, theirs); g != (Gain{}) {
		t.Errorf("of itself: %+v", g)
	}
	if g := gainOf(make([]float64, 3), make([]float64, 3)); g != (Gain{}) {
		t.Errorf("over nothing: %+v", g)
	}
}

// issued is when the forecasts of these tests are issued, three days after start.
var (
	start  = time.Date(2020, 6, 28, 0, 0, 0, 0, time.UTC)
	issued = start.AddDate(0, 0, 3)
)

// measured are six days at one station: maximum temperatures of 30 to 35 °C, and rain on the last one.
func measured() *forecast.History {
	var days []forecast.Day
	for i := range 6 {
		d := forecast.Day{StationID: "SN-DK", Latitude: 14.7, Longitude: -17.4, Date: start.AddDate(0, 0, i), Values: meteo.NoValues()}
		d.Values[meteo.TemperatureMax] = 30 + float64(i)
		d.Values[meteo.Rain] = float64(i / 5)
		days = append(days, d)
	}
	return forecast.NewHistory(days)
}

// forecasts are, for the first days, 32 °C with quantiles 1 °C apart and a chance of rain of a quarter.
func forecasts() (list []forecast.Daily) {
	for lead := 1; lead <= 4; lead++ {
		d := forecast.Daily{StationID: "SN-DK", IssuedAt: issued, Date: issued.AddDate(0, 0, lead-1), Lead: lead, RainProbability: .25}
		for i := range d.Quantiles {
			for k := range d.Quantiles[i] {
				d.Quantiles[i][k] = math.NaN()
			}
		}
		d.Quantiles[0] = forecast.Quantiles{29, 30, 31, 32, 33, 34, 35}
		list = append(list, d)
	}
	return list
}

func TestScoresAreThoseOfTheDefinitions(t *testing.T) {
	h := measured()
	s := New([]int{1, 2, 3, 4})
	s.Add(h, forecast.NewReferences(h, issued), forecasts())
	r := s.Report("2020-07-01", "2020-07-04")
	if len(r.Values) != 2*3 || len(r.Rain) != 2*2*3 { // the fourth day was not observed
		t.Fatalf("got %d scores of values and %d of rain", len(r.Values), len(r.Rain))
	}
	for i, c := range []struct{ mae, persistence, in50, in90 float64 }{{1, 1, 1, 1}, {2, 2, 0, 1}, {3, 3, 0, 1}} {
		for _, v := range r.Values[2*i : 2*i+2] {
			if v.Lead != i+1 || v.N != 1 || v.Variable != "temperature_max_c" || v.MAE != c.mae || v.RMSE != c.mae || v.Bias != -c.mae || v.Coverage50 != c.in50 || v.Coverage90 != c.in90 {
				t.Errorf("got %+v", v)
			}
			if p := v.Against["persistence"]; p.MAE != c.persistence || p.RMSE != c.persistence || p.Gain.Gain != 0 {
				t.Errorf("persistence of %+v", v)
			}
		}
	}
	last := r.Rain[len(r.Rain)-1]
	if last.Months != "jun-oct" || last.Station != "SN-DK" || last.N != 1 || last.WetShare != 1 || last.Brier != .5625 || last.Against["persistence"].Brier != 1 || last.Reliability != .5625 {
		t.Errorf("got %+v", last)
	}
	if b := last.Bins; len(b) != 1 || b[0] != (Bin{From: .2, N: 1, Forecast: .25, Observed: 1}) {
		t.Errorf("got %+v", b)
	}
}

func TestOtherLeadsAndStationsAreNotScored(t *testing.T) {
	h := measured()
	list := forecasts()
	list[0].StationID = "SN-TH"
	s := New([]int{1, 3})
	s.Add(h, forecast.NewReferences(h, issued), list)
	if r := s.Report("", ""); len(r.Values) != 2 || r.Values[0].Lead != 3 || strings.Join(r.Stations, " ") != "SN-DK" {
		t.Errorf("got %+v", r)
	}
}

func TestAReportIsPrintedAsTablesOrJSON(t *testing.T) {
	h := measured()
	s := New([]int{1, 2})
	s.Add(h, forecast.NewReferences(h, issued), forecasts())
	r := s.Report("2020-07-01", "2020-07-04")
	var text, object bytes.Buffer
	if err := r.Print(&text, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"temperature_max_c", "jun-oct", "1 stations", "-1.000"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the tables lack %q:\n%s", want, text.String())
		}
	}
	if err := r.Print(&object, true); err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(object.Bytes(), &back); err != nil || len(back.Values) != len(r.Values) || back.Values[0].Against["damped_persistence"] != r.Values[0].Against["damped_persistence"] {
		t.Errorf("got %s, %v", object.String(), err)
	}
}
