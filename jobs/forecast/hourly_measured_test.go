package forecast

import (
	"math"
	"strconv"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// measuredHours are the temperatures at full hours of the file that SENMETEO_TEN_MINUTES names: columns observed_at, station_id, temperature_c.
func measuredHours(t *testing.T) []Hour {
	t.Helper()
	lines := table(t, "SENMETEO_TEN_MINUTES")
	var hours []Hour
	for _, line := range lines[1:] {
		at, err := time.Parse(time.RFC3339, line[0])
		if err != nil {
			t.Fatal(err)
		}
		if x, err := strconv.ParseFloat(line[2], 64); err == nil && at.Minute() == 0 {
			hours = append(hours, Hour{line[1], at, x})
		}
	}
	return hours
}

// TestHourlyForecastsOfMeasuredTemperatures prints the figures of docs/forecasts.md: models of every issue hour, trained on the days before each
// week, against the damped anomaly from the same profile.
func TestHourlyForecastsOfMeasuredTemperatures(t *testing.T) {
	h := NewHours(measuredHours(t))
	var model, common, damped, usual, in50, in90, n [MaxHours + 1]float64
	begin := h.first + 32*24
	begin -= begin % 24
	for week := begin; week < h.first+h.n-MaxHours; week += 7 * 24 {
		shares := commonShares(h, week-h.first)
		for hour := range 24 {
			issued := time.Unix(int64(week+hour)*3600, 0).UTC()
			m := TrainHourly(h, issued)
			left := dampedShares(h, week+hour-h.first)
			for day := range 7 {
				at := issued.AddDate(0, 0, day)
				w := h.now(hourNumber(at) - h.first)
				for _, f := range m.Forecast(h, at) {
					s := 0
					for h.sites[s] != f.StationID {
						s++
					}
					y := h.Temperature(s, f.At)
					if !meteo.Known(y) {
						continue
					}
					q, k := f.Quantiles, f.Lead
					n[k]++
					model[k] += math.Abs(y - q.Median())
					usual[k] += math.Abs(y - w.profile[s][k%24])
					damped[k] += math.Abs(y - w.profile[s][k%24] - left[k]*w.features[s][1])
					common[k] += math.Abs(y - w.profile[s][k%24] - shares[k]*w.features[s][1])
					if q[0] <= y && y <= q[6] {
						in90[k]++
					}
					if q[2] <= y && y <= q[4] {
						in50[k]++
					}
				}
			}
		}
	}
	for _, k := range []int{1, 2, 3, 6, 12, 24, 48} {
		t.Logf("%2d h: n %.0f, MAE %.3f °C, damped %.3f, usual %.3f, gain %.1f %% over one damping of the hour of the day, %.1f %% over one of all hours, in 50 %% %.3f, in 90 %% %.3f",
			k, n[k], model[k]/n[k], damped[k]/n[k], usual[k]/n[k], 100*(1-model[k]/damped[k]), 100*(1-model[k]/common[k]), in50[k]/n[k], in90[k]/n[k])
	}
}

// commonShares are the means of dampedShares over the hours of the day.
func commonShares(h *Hours, end int) (share [MaxHours + 1]float64) {
	for hour := range 24 {
		for k, x := range dampedShares(h, end-hour) {
			share[k] += x / 24
		}
	}
	return share
}

// dampedShares are the shares of an anomaly at an hour of the day that are left after each lead, of the days before end.
func dampedShares(h *Hours, end int) (share [MaxHours + 1]float64) {
	var xy, xx [MaxHours + 1]float64
	for t := end - 24; t >= 24; t -= 24 {
		w := h.now(t)
		for s := range h.sites {
			for k := 1; k <= MaxHours && t+k < end; k++ {
				if y := h.at(s, t+k) - w.profile[s][k%24]; meteo.Known(y) {
					xy[k] += w.features[s][1] * y
					xx[k] += w.features[s][1] * w.features[s][1]
				}
			}
		}
	}
	for k := range share {
		share[k] = xy[k] / max(xx[k], tiny)
	}
	return share
}
