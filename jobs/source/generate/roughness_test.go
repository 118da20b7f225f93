package generate

import (
	"compress/gzip"
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// threePoints collects |x - (before+after)/2| of values every ten minutes.
type threePoints struct {
	last   map[string][2]point
	values []float64
}

type point struct {
	at int64
	x  float64
}

func (p *threePoints) add(station string, at time.Time, x float64) {
	step, now := int64(600), point{at.Unix(), x}
	was := p.last[station]
	if meteo.Known(x) && now.at-was[1].at == step && was[1].at-was[0].at == step {
		p.values = append(p.values, math.Abs(was[1].x-(was[0].x+x)/2))
	}
	if meteo.Known(x) {
		p.last[station] = [2]point{was[1], now}
	}
}

// shares are those of the quantiles that are compared.
var shares = [...]float64{0.5, 0.9, 0.99, 0.999, 0.9999}

func (p *threePoints) quantiles() (q [len(shares)]float64) {
	slices.Sort(p.values)
	for i, share := range shares {
		q[i] = p.values[int(share*float64(len(p.values)))]
	}
	return q
}

// generatedRoughness are the quantiles of temperature, humidity and wind of three months.
func generatedRoughness(t *testing.T, from time.Time, stations []meteo.Station) [3][len(shares)]float64 {
	t.Helper()
	m, err := NewModel(3, 10*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	var of [3]threePoints
	for i := range of {
		of[i].last = map[string][2]point{}
	}
	for at := from; at.Before(from.AddDate(0, 3, 0)); at = at.Add(10 * time.Minute) {
		for i := range stations {
			r := m.At(stations[i], at)
			for k, v := range [...]meteo.Variable{meteo.Temperature, meteo.Humidity, meteo.WindSpeed} {
				of[k].add(r.StationID, at, r.Values[v])
			}
		}
	}
	return [3][len(shares)]float64{of[0].quantiles(), of[1].quantiles(), of[2].quantiles()}
}

// measuredRoughness are the quantiles of the readings that rough.go names: °C, %, m/s.
var measuredRoughness = [3][len(shares)]float64{
	{0.05, 0.25, 0.65, 1.3, 2.15},
	{0.3, 1.45, 3.9, 7.55, 11.9},
	{0.21, 0.67, 1.52, 2.93, 4.76},
}

func TestRoughnessIsThatOfMeasuredWeather(t *testing.T) {
	for _, c := range []struct {
		name  string
		month time.Month
		most  float64 // measured weather was that of the wet tropics: dry air and high wind depart from it more
	}{
		{"in the rains", time.July, 1.5},
		{"in the dry season", time.January, 2.2},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := generatedRoughness(t, time.Date(2026, c.month, 1, 0, 0, 0, 0, time.UTC), meteo.Stations[:])
			for k, name := range [...]string{"temperature", "humidity", "wind"} {
				t.Logf("%s: %.2f, measured %.2f", name, got[k], measuredRoughness[k])
				for i := 2; i < len(shares); i++ { // below, rounding has its part
					if x := got[k][i] / measuredRoughness[k][i]; x < 1/c.most || x > c.most {
						t.Errorf("%s: the quantile %v is %.2f, measured was %.2f", name, shares[i], got[k][i], measuredRoughness[k][i])
					}
				}
			}
		})
	}
}

// SENMETEO_TEN_MINUTES=measured.csv.gz go test -run TestTheMeasuredRoughness -v ./jobs/source/generate
// measures a table with the columns observed_at, station_id, temperature_c, humidity_pct and wind_speed_kn.
func TestTheMeasuredRoughnessIsThatOfTheFile(t *testing.T) {
	path := os.Getenv("SENMETEO_TEN_MINUTES")
	if path == "" {
		t.Skip("SENMETEO_TEN_MINUTES names no file of measured readings every ten minutes (CSV, compressed by gzip)")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // read only
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(unzipped).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	const knot = 1852.0 / 3600
	for k, v := range [...]struct {
		name string
		unit float64
	}{{"temperature_c", 1}, {"humidity_pct", 1}, {"wind_speed_kn", knot}} {
		p := threePoints{last: map[string][2]point{}}
		for _, row := range rows[1:] {
			at, err := time.Parse(time.RFC3339, row[column["observed_at"]])
			if err != nil {
				t.Fatal(err)
			}
			if x, err := strconv.ParseFloat(row[column[v.name]], 64); err == nil {
				p.add(row[column["station_id"]], at, x*v.unit)
			}
		}
		got := p.quantiles()
		t.Logf("%s: %.2f of %d", v.name, got, len(p.values))
		for i := range got {
			if math.Abs(got[i]-measuredRoughness[k][i]) > 0.011 {
				t.Errorf("%s: the quantile %v is %.3f, and %.2f here", v.name, shares[i], got[i], measuredRoughness[k][i])
			}
		}
	}
}
