package faults_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// variables are what is measured or forecast, as the topics and all stores name it.
var variables = [...]string{
	"temperature_c", "dew_point_c", "humidity_pct", "pressure_hpa", "wind_speed_ms", "wind_gust_ms", "wind_direction_deg", "rain_mm", "rain_rate_mm_h",
	"cloud_cover_pct", "visibility_m", "temperature_max_c", "temperature_min_c", "wind_speed_mean_ms", "humidity_mean_pct", "rain_probability_pct",
}

// measured are the values of a row by variable, "" where nothing is known.
type measured [len(variables)]string

// String names the known ones.
func (m measured) String() string {
	var text strings.Builder
	for i, value := range m {
		if value != "" {
			_, _ = fmt.Fprintf(&text, " %s=%s", variables[i], value) // never fails
		}
	}
	return text.String()
}

// of is the value of one variable.
func (m measured) of(variable string) string { return m[slices.Index(variables[:], variable)] }

// row is one stored revision with all of its values, so that a wrong one shows, too.
type row struct {
	id                    string
	revision              int64
	fetched               string // RFC 3339, UTC
	interval              int64  // seconds that rain_mm covers
	measured              measured
	quality, qc, original string // the last two as JSON with sorted keys; "" when there is none
	quantiles             string // likewise
}

// String is what complaints show of it.
func (r row) String() string {
	return fmt.Sprintf("%s, revision %d, fetched %s, interval %d:%v, %s %s %s %s", r.id, r.revision, r.fetched, r.interval, r.measured, r.quality, r.qc, r.original, r.quantiles)
}

// observation is a row as the topics, an index and the lake spell it.
type observation struct {
	ID             string    `json:"id" parquet:"id,optional"`
	Revision       int64     `json:"revision" parquet:"revision,optional"`
	FetchedAt      time.Time `json:"fetched_at" parquet:"fetched_at,optional,timestamp(microsecond)"`
	Temperature    *float64  `json:"temperature_c" parquet:"temperature_c,optional"`
	DewPoint       *float64  `json:"dew_point_c" parquet:"dew_point_c,optional"`
	Humidity       *float64  `json:"humidity_pct" parquet:"humidity_pct,optional"`
	Pressure       *float64  `json:"pressure_hpa" parquet:"pressure_hpa,optional"`
	WindSpeed      *float64  `json:"wind_speed_ms" parquet:"wind_speed_ms,optional"`
	WindGust       *float64  `json:"wind_gust_ms" parquet:"wind_gust_ms,optional"`
	WindDirection  *float64  `json:"wind_direction_deg" parquet:"wind_direction_deg,optional"`
	Rain           *float64  `json:"rain_mm" parquet:"rain_mm,optional"`
	RainRate       *float64  `json:"rain_rate_mm_h" parquet:"rain_rate_mm_h,optional"`
	CloudCover     *float64  `json:"cloud_cover_pct" parquet:"cloud_cover_pct,optional"`
	Visibility     *float64  `json:"visibility_m" parquet:"visibility_m,optional"`
	TemperatureMax *float64  `json:"temperature_max_c" parquet:"temperature_max_c,optional"`
	TemperatureMin *float64  `json:"temperature_min_c" parquet:"temperature_min_c,optional"`
	WindMean       *float64  `json:"wind_speed_mean_ms" parquet:"wind_speed_mean_ms,optional"`
	HumidityMean   *float64  `json:"humidity_mean_pct" parquet:"humidity_mean_pct,optional"`
	RainChance     *float64  `json:"rain_probability_pct" parquet:"rain_probability_pct,optional"`
	Interval       *int64    `json:"interval_s" parquet:"interval_s,optional"`
	Quality        string    `json:"quality" parquet:"quality,optional"`
	QC             jsonText  `json:"qc" parquet:"qc,optional"`
	Original       jsonText  `json:"original" parquet:"original,optional"`
	Quantiles      jsonText  `json:"quantiles" parquet:"quantiles,optional"`
}

// jsonText is JSON that is in a document as it is, and in other places as text.
type jsonText string

// UnmarshalJSON implements json.Unmarshaler.
func (j *jsonText) UnmarshalJSON(text []byte) error {
	*j = jsonText(text)
	return nil
}

// values are the fields of the variables, in their order.
func (o *observation) values() [len(variables)]**float64 {
	return [...]**float64{
		&o.Temperature, &o.DewPoint, &o.Humidity, &o.Pressure, &o.WindSpeed, &o.WindGust, &o.WindDirection, &o.Rain, &o.RainRate, &o.CloudCover, &o.Visibility,
		&o.TemperatureMax, &o.TemperatureMin, &o.WindMean, &o.HumidityMean, &o.RainChance,
	}
}

func (o *observation) row() row {
	r := row{
		id: o.ID, revision: o.Revision, fetched: o.FetchedAt.UTC().Format(time.RFC3339Nano), quality: o.Quality, qc: sorted(o.QC), original: sorted(o.Original),
		quantiles: sorted(o.Quantiles),
	}
	for i, value := range o.values() {
		r.measured[i] = number(*value)
	}
	if o.Interval != nil {
		r.interval = *o.Interval
	}
	return r
}

func number(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'g', -1, 64)
}

// sorted is the same JSON however it was written, "" for null.
func sorted(text jsonText) string {
	var value map[string]any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return string(text) // none, or something that is wrong
	}
	if value == nil {
		return ""
	}
	out, _ := json.Marshal(value) // what was JSON is
	return string(out)
}
