package generate

import (
	"embed"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"

	"senmeteo/jobs/meteo"
)

//go:embed data/climate_normals.csv data/generator_params.csv
var data embed.FS

const (
	numRegions = len(meteo.Stations)
	numMonths  = 12
)

// monthly holds one number per month of the year.
type monthly [numMonths]float64

// climate is what one region's weather is drawn from. Temperatures in degrees Celsius, humidity
// in percent, wind in m/s. The first eight vary from day to day between the middles of the
// months; means are knots, set so that the mean over each month is that of climate_normals.csv.
type climate struct {
	tmin, tmax, humidity, wind    monthly
	sdTmin, sdTmax, sdHumidity, k monthly // k: exponent of the Weibull distribution of a day's mean wind
	rain                          [numMonths]rainMonth
}

// rainMonth is the rain of one month: constant in the month, as is usual for this chain, so
// that its number of wet days is exact.
type rainMonth struct {
	afterDry, afterWet float64 // chance of at least 1 mm after a dry and after a wet day
	wet                float64 // share of wet days that these lead to
	mean               float64 // mm of a wet day
	shape, scale       float64 // Gamma distribution of a wet day's mm above wetDay
}

// wetDay is the least rain of a wet day in mm, as the chances of rain were counted.
const wetDay = 1.0

// Rain of wet days where the data hold too few to fit a distribution: the mean follows from the
// month's rain within these limits (mm), the shape is the usual one of the other months.
const (
	leastMean, mostMean = 2.0, 40.0
	usualShape          = 0.9
)

// loadClimate reads the embedded tables into one climate per region, in the order of meteo.Stations.
func loadClimate() (*[numRegions]climate, error) {
	normals, err := readTable("data/climate_normals.csv")
	if err != nil {
		return nil, err
	}
	spread, err := readTable("data/generator_params.csv")
	if err != nil {
		return nil, err
	}
	var out [numRegions]climate
	for r := range out {
		for m := range numMonths {
			key := meteo.Stations[r].ID + "," + strconv.Itoa(m+1)
			n, p := normals[key], spread[key]
			if n == nil || p == nil {
				return nil, fmt.Errorf("reading the climate: the tables hold no row for %s", key)
			}
			out[r].set(m, n, p)
		}
		out[r].keepMeans()
	}
	return &out, nil
}

// row is one line of a table by column; an empty cell is absent.
type row map[string]float64

// readTable reads an embedded table into rows by "region code,month". Columns of text are left out.
func readTable(name string) (map[string]row, error) {
	f, err := data.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading the climate: %w", err)
	}
	defer f.Close() //nolint:errcheck // an embedded file has nothing to flush
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading the climate in %s: %w", name, err)
	}
	rows := map[string]row{}
	for _, line := range lines[1:] {
		cells := row{}
		var code, month string
		for i, cell := range line {
			switch column := lines[0][i]; column {
			case "iso_3166_2":
				code = cell
			case "month":
				month = cell
			case "region", "quality", "source":
			default:
				if cell == "" {
					continue
				}
				if cells[column], err = strconv.ParseFloat(cell, 64); err != nil {
					return nil, fmt.Errorf("reading the climate in %s, column %s: %w", name, column, err)
				}
			}
		}
		rows[code+","+month] = cells
	}
	return rows, nil
}

// set takes one month from its normals n and its spread p.
func (c *climate) set(m int, n, p row) {
	c.tmin[m], c.tmax[m], c.humidity[m], c.wind[m] = n["tmin_c"], n["tmax_c"], n["humidity_pct"], n["wind_ms"]
	c.sdTmin[m], c.sdTmax[m], c.sdHumidity[m], c.k[m] = p["sd_tmin_c"], p["sd_tmax_c"], p["sd_rh_pct"], p["wind_weibull_k"]
	c.rain[m] = newRainMonth(n, p, daysOf(m))
}

// daysOf is the mean length of a month (0 is January) in the Gregorian calendar, in days.
func daysOf(m int) float64 {
	return [numMonths]float64{31, 28.2425, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[m]
}

// newRainMonth fits the chain and the amounts of a month to its wet days and its rain. The
// tabulated chance after a dry day leads to nearly the tabulated wet days; the rest of the
// difference, which comes from rain that changes within the month, goes into that chance.
func newRainMonth(n, p row, days float64) rainMonth {
	r := rainMonth{afterDry: p["p_wet_after_dry"]}
	afterWet, chain := p["p_wet_after_wet"]
	if chain {
		r.afterWet, r.wet = afterWet, n["wet_days_ge1mm"]/days
		r.afterDry = r.wet * (1 - r.afterWet) / (1 - r.wet)
	} else { // too few wet days to see a chain: days are independent
		r.afterWet, r.wet = r.afterDry, r.afterDry
	}
	if r.wet == 0 {
		return r
	}
	r.mean = min(max(n["rain_mm"]/(r.wet*days), leastMean), mostMean)
	shape, fitted := p["gamma_shape"]
	if !fitted {
		shape = usualShape
	}
	// The table's shape belongs to whole amounts: keep their spread, and measure from wetDay.
	sd := r.mean / math.Sqrt(shape)
	above := r.mean - wetDay
	r.shape, r.scale = above*above/(sd*sd), sd*sd/above
	return r
}

// keepMeans turns the monthly means into knots at the middles of the months such that the mean
// of the line between the knots over a month is the month's mean. Over month m that line's
// mean is (k[m-1] + 6 k[m] + k[m+1]) / 8; the iteration halves the error at every turn.
func (c *climate) keepMeans() {
	for _, v := range []*monthly{&c.tmin, &c.tmax, &c.humidity, &c.wind} {
		mean := *v
		for range 50 {
			k := *v
			for m := range k {
				v[m] += mean[m] - (k[(m+numMonths-1)%numMonths]+6*k[m]+k[(m+1)%numMonths])/8
			}
		}
	}
}

// at is the value of a month's knots on a day: x says where in month m the day lies, from -0.5
// at its begin to 0.5 at its end.
func (v *monthly) at(m int, x float64) float64 {
	next := (m + 1) % numMonths
	if x < 0 {
		next, x = (m+numMonths-1)%numMonths, -x
	}
	return v[m] + x*(v[next]-v[m])
}
