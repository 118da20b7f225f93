package forecast

import (
	"math"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// TestOneDayOfMeasuredHistory prints the figures of docs/forecasts.md: every day of 2019 to 2021 is forecast by one day of history.
func TestOneDayOfMeasuredHistory(t *testing.T) {
	days := measured(t)
	all := NewHistory(days)
	byDate := map[time.Time][]Day{}
	for _, d := range days {
		byDate[d.Date] = append(byDate[d.Date], d)
	}
	site := map[string]int{}
	for s, known := range all.sites {
		site[known.ID] = s
	}
	var missed, n [numTargets]float64
	for issued := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC); issued.Year() < 2022; issued = issued.AddDate(0, 0, 1) {
		h := NewHistory(byDate[issued.AddDate(0, 0, -1)])
		for _, d := range forecastOf(t, Train(h, issued), h, issued) {
			for e := range numTargets {
				if y := all.Value(e, site[d.StationID], d.Date); d.Lead == 1 && meteo.Known(y-d.Quantiles[e].Median()) {
					missed[e] += math.Abs(y - d.Quantiles[e].Median())
					n[e]++
				}
			}
		}
	}
	for e, v := range Targets {
		t.Logf("%s: MAE %.3f of %.0f forecasts a day ahead", v, missed[e]/n[e], n[e])
	}
}
