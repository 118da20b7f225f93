package export

import (
	"math"

	"senmeteo/jobs/meteo"
)

// Element is one column of the tables.
type Element int

// The elements, in the order of the columns.
const (
	TemperatureMean Element = iota
	TemperatureMax
	TemperatureMin
	DewPoint
	Humidity
	Pressure
	Wind
	Gust
	CloudCover
	Rain
)

// NumElements is how many elements there are.
const NumElements = len(elements)

type method int

const (
	mean method = iota
	highest
	lowest
	sum
)

// elements says how each one follows from values of the moment, and which value of a whole day has it.
var elements = [...]struct {
	name   string
	method method
	of     meteo.Variable
	ofDay  meteo.Variable // of the moment: no value of a day has it
}{
	TemperatureMean: {"temperature_mean_c", mean, meteo.Temperature, meteo.TemperatureMean},
	TemperatureMax:  {"temperature_max_c", highest, meteo.Temperature, meteo.TemperatureMax},
	TemperatureMin:  {"temperature_min_c", lowest, meteo.Temperature, meteo.TemperatureMin},
	DewPoint:        {"dew_point_mean_c", mean, meteo.DewPoint, meteo.DewPointMean},
	Humidity:        {"humidity_mean_pct", mean, meteo.Humidity, meteo.HumidityMean},
	Pressure:        {"pressure_mean_hpa", mean, meteo.Pressure, meteo.Pressure},
	Wind:            {"wind_speed_mean_ms", mean, meteo.WindSpeed, meteo.WindSpeedMean},
	Gust:            {"wind_gust_max_ms", highest, meteo.WindGust, meteo.WindGust},
	CloudCover:      {"cloud_cover_mean_pct", mean, meteo.CloudCover, meteo.CloudCover},
	Rain:            {"rain_mm", sum, meteo.Rain, meteo.Rain},
}

// Value is one value and what it rests on.
type Value struct {
	X     float64 // in the unit of the element's name; NaN where too much is missing
	Share float64 // of the readings or days that were expected, 0 to 1
}

// Values are those of one row.
type Values [NumElements]Value

// absent is a value that is not there.
func absent(share float64) Value { return Value{X: math.NaN(), Share: share} }
