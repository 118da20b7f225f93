package generate

import (
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// The climate that is simulated for the tests: long enough that chance moves no monthly mean of
// temperature by more than half of its tolerance.
const (
	surveyYears = 40
	surveySeed  = 2026
)

var surveyBegin = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// dayOf is what hourly readings say of one region's calendar day.
type dayOf struct {
	tmin, tmax, humidity, wind, rain, dewPoint, pressure float64
}

// survey simulates the climate once for every test that looks at it.
var survey = sync.OnceValues(func() ([][numRegions]dayOf, error) {
	m, err := NewModel(surveySeed, time.Hour)
	if err != nil {
		return nil, err
	}
	end := surveyBegin.AddDate(surveyYears, 0, 0)
	var days [][numRegions]dayOf
	for date := surveyBegin; date.Before(end); date = date.AddDate(0, 0, 1) {
		var of [numRegions]dayOf
		for r := range of {
			d := dayOf{tmin: math.Inf(1), tmax: math.Inf(-1)}
			for h := range 24 {
				reading := m.At(meteo.Stations[r], date.Add(time.Duration(h)*time.Hour))
				vs := &reading.Values
				d.tmin, d.tmax = min(d.tmin, vs[meteo.Temperature]), max(d.tmax, vs[meteo.Temperature])
				d.humidity += vs[meteo.Humidity] / 24
				d.wind += vs[meteo.WindSpeed] / 24
				d.dewPoint += vs[meteo.DewPoint] / 24
				d.pressure += vs[meteo.Pressure] / 24
				d.rain += vs[meteo.Rain]
			}
			of[r] = d
		}
		days = append(days, of)
	}
	return days, nil
})

func surveyed(t *testing.T) [][numRegions]dayOf {
	t.Helper()
	days, err := survey()
	if err != nil {
		t.Fatal(err)
	}
	return days
}

// monthMeans sums up the days of one region and month.
type monthMeans struct {
	n, tmin, tmax, humidity, wind, dewPoint float64
}

func TestMonthlyMeansAreThoseOfTheClimate(t *testing.T) {
	days := surveyed(t)
	normals, err := readTable("data/climate_normals.csv")
	if err != nil {
		t.Fatal(err)
	}
	var sums [numRegions][numMonths]monthMeans
	for i := range days {
		month := monthOf(surveyBegin.Unix()/86400 + int64(i))
		for r := range days[i] {
			d, s := &days[i][r], &sums[r][month]
			s.n++
			s.tmin += d.tmin
			s.tmax += d.tmax
			s.humidity += d.humidity
			s.wind += d.wind
			s.dewPoint += d.dewPoint
		}
	}
	for r := range sums {
		for month := range sums[r] {
			key := fmt.Sprintf("%s,%d", meteo.Stations[r].ID, month+1)
			s, want := &sums[r][month], normals[key]
			for _, c := range []struct {
				name                 string
				got, want, tolerance float64
			}{
				{"Tmin", s.tmin, want["tmin_c"], 0.5},
				{"Tmax", s.tmax, want["tmax_c"], 0.5},
				{"humidity", s.humidity, want["humidity_pct"], 5},
				{"dew point", s.dewPoint, want["dew_point_c"], 2},
				{"wind", s.wind, want["wind_ms"], 0.1 * want["wind_ms"]},
			} {
				if got := c.got / s.n; math.Abs(got-c.want) > c.tolerance {
					t.Errorf("%s: mean %s is %.2f, want %.2f +- %.2f", key, c.name, got, c.want, c.tolerance)
				}
			}
		}
	}
}

func TestRainOfADayIsWhatTheChainAndTheAmountGive(t *testing.T) {
	days := surveyed(t)
	m, err := NewModel(surveySeed, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for i := range days {
		day := surveyBegin.Unix()/86400 + int64(i)
		for r := range days[i] {
			want := 0.0
			if m.wet(day, r) {
				want = m.rainOf(day, r, &m.climate[r].rain[monthOf(day)])
			}
			if got := days[i][r].rain; math.Abs(got-want) > 0.11 { // two bursts, each rounded to 0.1
				t.Fatalf("%s in %s: the hours hold %.2f mm, the day has %.2f",
					dateOf(day).Format(time.DateOnly), meteo.Stations[r].ID, got, want)
			}
		}
	}
}

// Rain needs more years than the rest: a month of 20 mm has a standard deviation as large.
func TestRainAndWetDaysAndTheirChainAreThoseOfTheClimate(t *testing.T) {
	const years = 300
	m, err := NewModel(11, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	normals, err := readTable("data/climate_normals.csv")
	if err != nil {
		t.Fatal(err)
	}
	spread, err := readTable("data/generator_params.csv")
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC)
	end := begin.AddDate(years, 0, 0).Unix() / 86400
	var rain, wet [numRegions][numMonths]float64
	var chain [numRegions][numMonths][2][2]float64 // yesterday, today
	var before [numRegions]int
	for day := begin.Unix() / 86400; day < end; day++ {
		month := monthOf(day)
		for r := range numRegions {
			now := 0
			if m.wet(day, r) {
				now = 1
				wet[r][month]++
				rain[r][month] += m.rainOf(day, r, &m.climate[r].rain[month])
			}
			chain[r][month][before[r]][now]++
			before[r] = now
		}
	}
	for r := range numRegions {
		for month := range numMonths {
			key := fmt.Sprintf("%s,%d", meteo.Stations[r].ID, month+1)
			want, p := normals[key], spread[key]
			if got := rain[r][month] / years; want["rain_mm"] > 20 && math.Abs(got/want["rain_mm"]-1) > 0.15 {
				t.Errorf("%s: %.1f mm of rain, want %.1f +- 15 %%", key, got, want["rain_mm"])
			}
			got := wet[r][month] / years
			if math.Abs(got-want["wet_days_ge1mm"]) > 0.25+0.05*want["wet_days_ge1mm"] {
				t.Errorf("%s: %.2f wet days, want %.1f", key, got, want["wet_days_ge1mm"])
			}
			afterWet, measured := p["p_wet_after_wet"]
			if !measured || want["wet_days_ge1mm"] < 3 {
				continue
			}
			for yesterday, chance := range []float64{p["p_wet_after_dry"], afterWet} {
				c := &chain[r][month][yesterday]
				// The chance after a dry day is fitted to the wet days, see newRainMonth.
				if got := c[1] / (c[0] + c[1]); math.Abs(got-chance) > 0.085 {
					t.Errorf("%s: chance of rain %.3f after state %d, want %.3f", key, got, yesterday, chance)
				}
			}
		}
	}
}

// correlation of two series.
func correlation(x, y []float64) float64 {
	var n, sx, sy, sxx, syy, sxy float64
	for i := range x {
		n++
		sx, sy = sx+x[i], sy+y[i]
		sxx, syy, sxy = sxx+x[i]*x[i], syy+y[i]*y[i], sxy+x[i]*y[i]
	}
	return (n*sxy - sx*sy) / math.Sqrt((n*sxx-sx*sx)*(n*syy-sy*sy))
}

// departures gives a region's series of a number of the day without its annual cycle: the
// difference to the mean of the same day of the year.
func departures(days [][numRegions]dayOf, r int, number func(*dayOf) float64) []float64 {
	var sum, n [367]float64
	for i := range days {
		of := surveyBegin.AddDate(0, 0, i).YearDay()
		sum[of] += number(&days[i][r])
		n[of]++
	}
	out := make([]float64, len(days))
	for i := range days {
		of := surveyBegin.AddDate(0, 0, i).YearDay()
		out[i] = number(&days[i][r]) - sum[of]/n[of]
	}
	return out
}

func TestDaysAreCorrelatedWithTheNextAndVariablesWithEachOther(t *testing.T) {
	days := surveyed(t)
	tmax := func(d *dayOf) float64 { return d.tmax }
	tmin := func(d *dayOf) float64 { return d.tmin }
	humidity := func(d *dayOf) float64 { return d.humidity }
	wind := func(d *dayOf) float64 { return d.wind }
	for r := range numRegions {
		for _, c := range []struct {
			name      string
			a, b      func(*dayOf) float64
			lag       int
			low, high float64
		}{
			{"Tmax from day to day", tmax, tmax, 1, 0.36, 0.67},
			{"Tmin from day to day", tmin, tmin, 1, 0.39, 0.66},
			{"humidity from day to day", humidity, humidity, 1, 0.55, 0.76},
			{"wind from day to day", wind, wind, 1, 0.31, 0.57},
			{"Tmax with Tmin", tmax, tmin, 0, 0.06, 0.41},
			{"Tmax with humidity", tmax, humidity, 0, -0.66, -0.26},
		} {
			a, b := departures(days, r, c.a), departures(days, r, c.b)
			if got := correlation(a[c.lag:], b[:len(b)-c.lag]); got < c.low || got > c.high {
				t.Errorf("%s: correlation of %s is %.2f, want %.2f to %.2f", meteo.Stations[r].ID, c.name, got, c.low, c.high)
			}
		}
	}
}

func TestRegionsAreCorrelatedByDistance(t *testing.T) {
	days := surveyed(t)
	var tmax, wet [numRegions][]float64
	for r := range numRegions {
		tmax[r] = departures(days, r, func(d *dayOf) float64 { return d.tmax })
		for i := range days {
			if m := surveyBegin.AddDate(0, 0, i).Month(); m < time.July || m > time.September {
				continue
			}
			rains := 0.0
			if days[i][r].rain > 0.95 {
				rains = 1
			}
			wet[r] = append(wet[r], rains)
		}
	}
	// Measured for wet days of July to September (facts): .47 below 100 km, then by 100 km.
	measured := [5]float64{0.47, 0.38, 0.30, 0.23, 0.18}
	var sum, n [5]float64
	for i := range numRegions {
		for j := range i {
			a, b := meteo.Stations[i], meteo.Stations[j]
			km := meteo.DistanceKM(a.Latitude, a.Longitude, b.Latitude, b.Longitude)
			if got, want := correlation(tmax[i], tmax[j]), math.Exp(-km/370); math.Abs(got-want) > 0.15 {
				t.Errorf("Tmax of %s and %s, %.0f km: correlation %.2f, want %.2f", a.ID, b.ID, km, got, want)
			}
			class := min(int(km/100), 4)
			sum[class] += correlation(wet[i], wet[j])
			n[class]++
		}
	}
	for class, want := range measured {
		t.Logf("wet days at %d00 km and more: correlation %.2f, measured %.2f", class, sum[class]/n[class], want)
		if got := sum[class] / n[class]; math.Abs(got-want) > 0.06 {
			t.Errorf("wet days at %d00 km and more: correlation %.2f, want %.2f", class, got, want)
		}
	}
}
