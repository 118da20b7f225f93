package clean

import (
	_ "embed" // the table below
	"encoding/csv"
	"strconv"
	"strings"
	"time"
)

// climatologyCSV: 0.1 and 99.9 percentiles of daily values by region and month. Computed from NOAA GSOD, 12 Senegalese
// synoptic stations, 2015 to 2024; regions without a station are weighted means of their neighbours.
//
//go:embed climatological_limits.csv
var climatologyCSV string

type monthKey struct {
	region string // ISO 3166-2
	month  time.Month
}

type temperatureLimits struct{ minTemperature, maxTemperature float64 } // °C

var climatology = readClimatology(climatologyCSV)

// readClimatology reads the embedded table; TestTheClimatologyCoversEveryRegionAndMonth proves that it is whole.
func readClimatology(text string) map[monthKey]temperatureLimits {
	out := map[monthKey]temperatureLimits{}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 {
		return out
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	for _, row := range rows[1:] {
		month, errMonth := strconv.Atoi(row[column["month"]])
		low, errLow := strconv.ParseFloat(row[column["tmin_p001"]], 64)
		high, errHigh := strconv.ParseFloat(row[column["tmax_p999"]], 64)
		if errMonth == nil && errLow == nil && errHigh == nil {
			out[monthKey{row[column["iso_3166_2"]], time.Month(month)}] = temperatureLimits{low, high}
		}
	}
	return out
}
