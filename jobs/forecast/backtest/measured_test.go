package backtest

import (
	"os"
	"testing"
)

// TestTheScoresOfMeasuredDays holds the figures of docs/forecasts.md, of the file that SENMETEO_DAILY names: NOAA GSOD of 12 stations of
// Senegal, 2015 to 2021, each year from 2019 on forecast by models of the years before.
func TestTheScoresOfMeasuredDays(t *testing.T) {
	path := os.Getenv("SENMETEO_DAILY")
	if path == "" {
		t.Skip("SENMETEO_DAILY names no file of measured daily readings: make forecast-scores DAILY=daily.csv.gz")
	}
	r := run(t, readFile(t, path), Config{From: day("2019-01-01"), To: day("2022-01-01"), Leads: []int{1, 3, 7}})
	mae := map[string][]float64{
		"temperature_max_c":  {1.38, 1.73, 1.82},
		"temperature_min_c":  {1.15, 1.39, 1.47},
		"wind_speed_mean_ms": {.49, .56, .57},
		"humidity_mean_pct":  {4.43, 6.00, 6.50},
	}
	crps := map[string][]float64{"temperature_max_c": {1.02, 1.25, 1.31}, "temperature_min_c": {.835, 1.00, 1.06}}
	at := map[int]int{1: 0, 3: 1, 7: 2}
	for _, v := range r.Values {
		i := at[v.Lead]
		if v.Station != "" {
			if least := map[bool]float64{false: .85, true: .80}[v.Variable == "wind_speed_mean_ms"]; v.Coverage90 < least {
				t.Errorf("%s of %s at %d days: %.3f are in the 90 %% band", v.Variable, v.Station, v.Lead, v.Coverage90)
			}
			continue
		}
		if v.MAE > mae[v.Variable][i] {
			t.Errorf("%s at %d days: MAE %.3f, want %.3f", v.Variable, v.Lead, v.MAE, mae[v.Variable][i])
		}
		if limits := crps[v.Variable]; limits != nil && v.CRPS > limits[i] {
			t.Errorf("%s at %d days: CRPS %.3f, want %.3f", v.Variable, v.Lead, v.CRPS, limits[i])
		}
		if v.Coverage90 < .87 || v.Coverage90 > .92 || v.Coverage50 < .47 || v.Coverage50 > .53 {
			t.Errorf("%s at %d days: %.3f are in the 50 %% band, %.3f in the 90 %% band", v.Variable, v.Lead, v.Coverage50, v.Coverage90)
		}
	}
	for _, v := range r.Rain {
		least := map[int]float64{1: .07, 3: -.005, 7: -.005}[v.Lead]
		if skill := v.Against["climatology"].Skill.Gain; v.Station == "" && v.Months == "jun-oct" && skill < least {
			t.Errorf("rain at %d days: skill %.3f, want %.3f", v.Lead, skill, least)
		}
	}
}
