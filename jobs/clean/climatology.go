package clean

import (
	_ "embed" // the table below
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"senmeteo/jobs/flow"
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

// Limits are the climatological limits of stations and regions by month, by the id of the station or, for all the stations of a region,
// its ISO 3166-2 code.
type Limits map[string]*months

// climatology are the limits of the regions of Senegal; TestTheClimatologyCoversEveryRegionAndMonth proves that they are whole.
var climatology = embeddedLimits()

func embeddedLimits() Limits {
	limits, err := ReadLimits(strings.NewReader(climatologyCSV))
	if err != nil {
		return Limits{}
	}
	return limits
}

// of returns the limits of a station, else of its region, else nil.
func (l Limits) of(station string) *months {
	if own := l[station]; own != nil || len(station) < 5 {
		return own
	}
	return l[station[:5]]
}

// LoadLimits reads the limits from the file that the flag --limits names; "" are nil limits.
func LoadLimits(path string) (Limits, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, flow.Fail(flow.NoInput, "--limits: %w: check the path", err)
	}
	defer func() { _ = f.Close() }() // read only
	limits, err := ReadLimits(f)
	if err != nil {
		return nil, flow.Fail(flow.BadInput, "--limits: %s: %w", path, err)
	}
	return limits, nil
}

// ReadLimits reads a table with a header in CSV: station_id or iso_3166_2, month (1 to 12), and any of tmin_p001, tmin_p999, tmax_p001,
// tmax_p999 (°C), rh_p001, rh_p999 (%) and wind_p999_ms. Other columns are passed over, and an empty cell limits nothing. The error says
// which line is wrong.
func ReadLimits(from io.Reader) (Limits, error) {
	rows := csv.NewReader(from)
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("reading the names of the columns: %w", err)
	}
	column := map[string]int{}
	for i, name := range header {
		column[strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))] = i
	}
	id, ok := column["station_id"]
	if !ok {
		id, ok = column["iso_3166_2"]
	}
	month, dated := column["month"]
	if !ok || !dated {
		return nil, errors.New("the columns station_id (or iso_3166_2) and month are missing")
	}
	out := Limits{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := rows.FieldPos(0)
		limits, err := readDayLimits(row, column)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		m, err := strconv.Atoi(strings.TrimSpace(row[month]))
		if err != nil || m < 1 || m > 12 {
			return nil, fmt.Errorf("line %d: the month is %q, not 1 to 12", line, row[month])
		}
		station := strings.TrimSpace(row[id])
		if out[station] == nil {
			out[station] = unlimited()
		}
		out[station][m] = limits
	}
}

// readDayLimits reads one row; what it does not say is NaN, which nothing exceeds.
func readDayLimits(row []string, column map[string]int) (l dayLimits, err error) {
	for name, to := range l.columns() {
		*to = math.NaN()
		i, ok := column[name]
		if !ok || strings.TrimSpace(row[i]) == "" {
			continue
		}
		if *to, err = strconv.ParseFloat(strings.TrimSpace(row[i]), 64); err != nil {
			return l, fmt.Errorf("%s is %q, not a number", name, row[i])
		}
	}
	return l, nil
}

// columns are the limits by the names that they have in tables.
func (l *dayLimits) columns() map[string]*float64 {
	return map[string]*float64{
		"tmin_p001": &l.lowestMin, "tmin_p999": &l.highestMin, "tmax_p001": &l.lowestMax, "tmax_p999": &l.highestMax,
		"rh_p001": &l.lowestHumidity, "rh_p999": &l.highestHumidity, "wind_p999_ms": &l.highestWind,
	}
}

// unlimited are months of which nothing is known.
func unlimited() *months {
	m := &months{}
	for i := range m {
		for _, limit := range m[i].columns() {
			*limit = math.NaN()
		}
	}
	return m
}
