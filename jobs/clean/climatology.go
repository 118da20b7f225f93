package clean

import (
	_ "embed" // the table below
	"encoding/csv"
	"errors"
	"strconv"
	"strings"
)

// climatologyCSV: 0.1 and 99.9 percentiles of daily values by region and month. Computed from NOAA GSOD, 12 Senegalese
// synoptic stations, 2015 to 2024; regions without a station are weighted means of their neighbours.
//
//go:embed climatological_limits.csv
var climatologyCSV string

// months are the limits of a region, by month; index 0 is not used.
type months [13]dayLimits

// dayLimits are what the days of a region and month keep to.
type dayLimits struct {
	lowestMin, highestMin, lowestMax, highestMax float64 // of the daily extremes of the temperature, °C
	lowestHumidity, highestHumidity              float64 // of the daily means, %
	highestWind                                  float64 // of the daily means, m/s
}

// climatology has the limits of each region, by its ISO 3166-2 code.
var climatology = readClimatology(climatologyCSV)

// readClimatology reads the embedded table; TestTheClimatologyCoversEveryRegionAndMonth proves that it is whole.
func readClimatology(text string) map[string]*months {
	out := map[string]*months{}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 {
		return out
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	for _, row := range rows[1:] {
		month, err := strconv.Atoi(row[column["month"]])
		number := func(name string) float64 {
			x, bad := strconv.ParseFloat(row[column[name]], 64)
			err = errors.Join(err, bad)
			return x
		}
		l := dayLimits{
			lowestMin: number("tmin_p001"), highestMin: number("tmin_p999"), lowestMax: number("tmax_p001"), highestMax: number("tmax_p999"),
			lowestHumidity: number("rh_p001"), highestHumidity: number("rh_p999"), highestWind: number("wind_p999_ms"),
		}
		if err != nil || month < 1 || month > 12 {
			continue
		}
		region := row[column["iso_3166_2"]]
		if out[region] == nil {
			out[region] = &months{}
		}
		out[region][month] = l
	}
	return out
}
