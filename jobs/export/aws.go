package export

import (
	"context"
	"math"
	"slices"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

var awsColumns = append(slices.Clone(identity), "barometer_height_above_msl", "station_type", "year", "month", "day", "hour", "minute",
	"station_pressure", "msl_pressure", "geopotential_height", "thermometer_height", "air_temperature", "dewpoint_temperature", "relative_humidity",
	"method_of_ground_state_measurement", "ground_state", "method_of_snow_depth_measurement", "snow_depth", "precipitation_intensity",
	"anemometer_height", "time_period_of_wind", "wind_direction", "wind_speed",
	"maximum_wind_gust_direction_10_minutes", "maximum_wind_gust_speed_10_minutes", "maximum_wind_gust_direction_1_hour", "maximum_wind_gust_speed_1_hour",
	"maximum_wind_gust_direction_3_hours", "maximum_wind_gust_speed_3_hours", "rain_sensor_height", "total_precipitation_1_hour",
	"total_precipitation_3_hours", "total_precipitation_6_hours", "total_precipitation_12_hours", "total_precipitation_24_hours")

// The times over which the template has gusts and rain.
var (
	gustSpans = []time.Duration{10 * time.Minute, time.Hour, 3 * time.Hour}
	rainSpans = []time.Duration{time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, day}
)

// windPeriods are the minutes over which the wind of a source is a mean: ten in METAR and SYNOP (WMO-No. 306, FM 15 and FM 12). Of other
// sources it is not known.
var windPeriods = map[string]string{"metar": "-10", "ogimet": "-10"}

// anemometer is the height of the wind in metres (meteo.Variables).
const anemometer = "10"

// writeAWS writes a line for each reading of the window: what it has of the moment, its gust, and the rain of the hours before it.
func writeAWS(ctx context.Context, store query.HistoryReader, r Request, l *lines) error {
	if !r.From.Before(r.To) {
		return flow.Fail(flow.Usage, "--from %s is not before --to %s", r.From.Format(time.RFC3339), r.To.Format(time.RFC3339))
	}
	var s *reports
	return store.History(ctx, r.From.Add(-day), r.To, func(o *query.Origin, m *query.Measured) error {
		if !r.wants(o) {
			return nil
		}
		if s == nil || s.origin != *o {
			s = &reports{origin: *o}
		}
		s.rain.add(m)
		if m.OfDay || m.At.Before(r.From) || !m.At.Before(r.To) || !hasMoment(m) {
			return nil
		}
		minute := m.At.Truncate(time.Minute)
		if minute.Equal(s.last) {
			return nil // of one minute there is one report
		}
		s.last = minute
		if ok, err := l.takes(o); !ok {
			return err
		}
		station := l.list[o.StationID]
		l.write(s.line(&station, m))
		return nil
	})
}

// hasMoment reports whether a reading has any value of the moment that the template has.
func hasMoment(m *query.Measured) bool {
	for _, v := range []meteo.Variable{meteo.Temperature, meteo.DewPoint, meteo.Humidity, meteo.Pressure, meteo.WindSpeed, meteo.WindDirection} {
		if meteo.Known(m.Values[v]) {
			return true
		}
	}
	return false
}

// reports are those of one series.
type reports struct {
	origin query.Origin
	rain   rainfall
	last   time.Time
}

func (s *reports) line(station *Listed, m *query.Measured) []string {
	v := &m.Values
	cells := append(station.identity(), station.BarometerHeight, "")
	cells = append(cells, clock(m.At)...)
	cells = append(cells, "", number(v[meteo.Pressure]*100, 0), "", "", kelvin(v[meteo.Temperature]), kelvin(v[meteo.DewPoint]), number(v[meteo.Humidity], 0), "", "", "", "", "")
	height, period := "", ""
	if meteo.Known(v[meteo.WindSpeed]) {
		height, period = anemometer, windPeriods[s.origin.Source]
	}
	cells = append(cells, height, period, number(v[meteo.WindDirection], 0), number(v[meteo.WindSpeed], 1))
	for _, span := range gustSpans {
		gust := math.NaN()
		if m.IntervalS == int64(span/time.Second) {
			gust = v[meteo.WindGust]
		}
		cells = append(cells, "", number(gust, 1))
	}
	cells = append(cells, "")
	for _, span := range rainSpans {
		cells = append(cells, number(s.rain.total(m.At, span), 1))
	}
	return cells
}

// fallen is the rain of one interval.
type fallen struct {
	begin, end time.Time
	mm         float64
}

// rainfall is the rain of the last day, in the order of the intervals' ends.
type rainfall []fallen

func (r *rainfall) add(m *query.Measured) {
	if mm := m.Values[meteo.Rain]; meteo.Known(mm) && m.IntervalS > 0 {
		*r = append(*r, fallen{m.At.Add(-time.Duration(m.IntervalS) * time.Second), m.At, mm})
	}
	old := 0
	for old < len(*r) && !(*r)[old].end.After(m.At.Add(-day)) {
		old++
	}
	*r = (*r)[old:]
}

// total is the rain of the time up to a moment; NaN unless intervals cover all of it and no more.
func (r rainfall) total(end time.Time, span time.Duration) float64 {
	begin, sum := end.Add(-span), 0.0
	for _, interval := range slices.Backward(r) {
		switch {
		case interval.end.After(end): // overlaps the one before it in this loop
		case !interval.end.Equal(end), interval.begin.Before(begin):
			return math.NaN()
		default:
			sum += interval.mm
			if end = interval.begin; end.Equal(begin) {
				return sum
			}
		}
	}
	return math.NaN()
}
