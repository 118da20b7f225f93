package meteo

import "math"

// Variable is one measured quantity: its index in Variables and Values.
type Variable int

// The variables that code refers to, in the order of Variables.
const (
	Temperature Variable = iota
	DewPoint
	Humidity
	Pressure
	WindSpeed
	WindGust
	WindDirection
	Rain
	RainRate
	CloudCover
	Visibility
	TemperatureMax
	TemperatureMin
	TemperatureMean
	DewPointMean
	HumidityMean
	WindSpeedMean
	RainProbability
)

// NumVariables is how many variables there are.
const NumVariables = len(Variables)

// VariableInfo names a variable to people and programs.
type VariableInfo struct {
	Name        string // field name with its unit, the same in JSON, CSV, Parquet and SQL
	Unit        string // for people: °C, %, hPa, m/s, °, mm, mm/h, m
	English     string
	French      string
	CF          string // standard name of the CF conventions
	Description string // for the JSON Schema
	Over        bool   // the value is of the whole of interval_s, not of the moment observed_at
}

// Variables lists the variables in the order of every file, table and JSON object. A new one is a line at the end, which also makes it
// a field of records and a column of files; PostgreSQL needs a migration for it. Code that refers to it gives it a constant above.
var Variables = [...]VariableInfo{
	Temperature:     {"temperature_c", "°C", "Temperature", "Température", "air_temperature", "air temperature at 1.5 to 2 m, degrees Celsius", false},
	DewPoint:        {"dew_point_c", "°C", "Dew point", "Point de rosée", "dew_point_temperature", "dew point at 1.5 to 2 m, degrees Celsius", false},
	Humidity:        {"humidity_pct", "%", "Humidity", "Humidité", "relative_humidity", "relative humidity over water, percent", false},
	Pressure:        {"pressure_hpa", "hPa", "Pressure", "Pression", "air_pressure_at_mean_sea_level", "air pressure reduced to mean sea level, hectopascals", false},
	WindSpeed:       {"wind_speed_ms", "m/s", "Wind", "Vent", "wind_speed", "mean wind at 10 m, metres per second", false},
	WindGust:        {"wind_gust_ms", "m/s", "Gust", "Rafale", "wind_speed_of_gust", "highest gust of interval_s, metres per second", true},
	WindDirection:   {"wind_direction_deg", "°", "Wind direction", "Direction du vent", "wind_from_direction", "direction the wind comes from, degrees clockwise from north", false},
	Rain:            {"rain_mm", "mm", "Rain", "Pluie", "precipitation_amount", "rain that fell during interval_s, millimetres", true},
	RainRate:        {"rain_rate_mm_h", "mm/h", "Rain rate", "Intensité de pluie", "rainfall_rate", "rain intensity, millimetres per hour", false},
	CloudCover:      {"cloud_cover_pct", "%", "Cloud cover", "Nébulosité", "cloud_area_fraction", "share of the sky that clouds cover, percent", false},
	Visibility:      {"visibility_m", "m", "Visibility", "Visibilité", "visibility_in_air", "horizontal visibility, metres", false},
	TemperatureMax:  {"temperature_max_c", "°C", "Maximum temperature", "Température maximale", "air_temperature (cell_methods time: maximum)", "highest air temperature of interval_s, degrees Celsius", true},
	TemperatureMin:  {"temperature_min_c", "°C", "Minimum temperature", "Température minimale", "air_temperature (cell_methods time: minimum)", "lowest air temperature of interval_s, degrees Celsius", true},
	TemperatureMean: {"temperature_mean_c", "°C", "Mean temperature", "Température moyenne", "air_temperature (cell_methods time: mean)", "mean air temperature of interval_s, degrees Celsius", true},
	DewPointMean:    {"dew_point_mean_c", "°C", "Mean dew point", "Point de rosée moyen", "dew_point_temperature (cell_methods time: mean)", "mean dew point of interval_s, degrees Celsius", true},
	HumidityMean:    {"humidity_mean_pct", "%", "Mean humidity", "Humidité moyenne", "relative_humidity (cell_methods time: mean)", "mean relative humidity of interval_s, percent", true},
	WindSpeedMean:   {"wind_speed_mean_ms", "m/s", "Mean wind of the period", "Vent moyen de la période", "wind_speed (cell_methods time: mean)", "mean wind of interval_s, metres per second", true},
	RainProbability: {"rain_probability_pct", "%", "Probability of 1 mm of rain or more", "Probabilité d'au moins 1 mm de pluie", "probability_of_lwe_thickness_of_precipitation_amount_above_threshold", "probability that 1 mm of rain or more falls during interval_s, percent", true},
}

// Over reports whether values of v are of the whole of interval_s, as an amount of rain is, and not of the moment observed_at.
func (v Variable) Over() bool { return Variables[v].Over }

// String returns the field name, "temperature_c".
func (v Variable) String() string { return Variables[v].Name }

// VariableByName finds a variable by its exact field name.
func VariableByName(name string) (Variable, bool) {
	for v := range Variables {
		if Variables[v].Name == name {
			return Variable(v), true
		}
	}
	return 0, false
}

// Values holds one number per variable in the variable's unit; NaN means unknown.
type Values [NumVariables]float64

// NoValues returns Values of which nothing is known.
func NoValues() Values {
	var vs Values
	for i := range vs {
		vs[i] = math.NaN()
	}
	return vs
}

// Has reports whether v is known.
func (vs *Values) Has(v Variable) bool { return Known(vs[v]) }

// Count is the number of known values.
func (vs *Values) Count() int {
	n := 0
	for _, x := range vs {
		if Known(x) {
			n++
		}
	}
	return n
}

// Known reports whether a number stands for a value: it is not NaN.
func Known(x float64) bool { return x == x } // NaN is the one number unequal to itself
