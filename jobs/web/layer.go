package web

import (
	"sort"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// layer is a variable as the map, the legend and the chart show it.
type layer struct {
	Variable meteo.Variable
	Unit     string    // as shown
	Factor   float64   // from the variable's unit to the shown one
	Decimals int       // as shown
	OnMap    int       // decimals on the map, where there is little room
	Ramp     string    // name of the colour ramp in page.css, which has one colour per class
	Bounds   []float64 // rising, in the shown unit: class i holds the values below Bounds[i]
	Floor    float64   // the least value there can be, for the chart's axis
	Ceiling  float64   // the greatest value there can be
}

// The layers, in the order of the buttons. The bounds part the climate of Senegal (the normals of its
// stations run from 15 to 42 °C, 10 to 90 % and 1005 to 1018 hPa) into ten classes; those of wind are the
// Beaufort scale, those of visibility hold the limits of fog (1 km) and of mist and haze (5 km).
var layers = []layer{
	{meteo.Temperature, "°C", 1, 1, 1, "heat", []float64{18, 21, 24, 27, 30, 33, 36, 39, 42}, -90, 60},
	{meteo.Rain, "mm", 1, 1, 1, "water", []float64{0.1, 1, 2, 5, 10, 20, 30, 50, 100}, 0, 2000},
	{meteo.WindSpeed, "m/s", 1, 1, 1, "wind", []float64{0.3, 1.6, 3.4, 5.5, 8, 10.8, 13.9, 17.2, 20.8}, 0, 130},
	{meteo.Humidity, "%", 1, 0, 0, "water", []float64{10, 20, 30, 40, 50, 60, 70, 80, 90}, 0, 100},
	{meteo.Pressure, "hPa", 1, 1, 0, "air", []float64{1004, 1006, 1008, 1010, 1012, 1014, 1016, 1018, 1020}, 800, 1100},
	{meteo.WindGust, "m/s", 1, 1, 1, "wind", []float64{0.3, 1.6, 3.4, 5.5, 8, 10.8, 13.9, 17.2, 20.8}, 0, 130},
	{meteo.DewPoint, "°C", 1, 1, 1, "heat", []float64{0, 4, 8, 12, 15, 18, 21, 24, 27}, -90, 40},
	{meteo.CloudCover, "%", 1, 0, 0, "air", []float64{10, 20, 30, 40, 50, 60, 70, 80, 90}, 0, 100},
	{meteo.Visibility, "km", 0.001, 1, 1, "wind", []float64{0.2, 0.5, 1, 2, 4, 5, 8, 10, 20}, 0, 500},
}

// layerByName finds a layer by its variable's field name; "" is the first.
func layerByName(name string) (layer, bool) {
	if name == "" {
		return layers[0], true
	}
	for _, l := range layers {
		if l.Variable.String() == name {
			return l, true
		}
	}
	return layer{}, false
}

// class is the number of the colour of a value in the shown unit.
func (l layer) class(shown float64) int {
	return sort.Search(len(l.Bounds), func(i int) bool { return shown < l.Bounds[i] })
}

// value returns what the map shows of an observation, in the shown unit: the rain of 24 hours, and for
// everything else the newest value. NaN when unknown.
func (l layer) value(o *query.Latest) float64 {
	if l.Variable == meteo.Rain {
		return o.Rain24.MM * l.Factor
	}
	return o.Values[l.Variable] * l.Factor
}

// failed returns the checks that the shown value failed. A rain sum holds good values only.
func (l layer) failed(o *query.Latest) []meteo.Rule {
	if l.Variable == meteo.Rain {
		return nil
	}
	return failures(o, l.Variable.String())
}

// failures returns the checks that one subject of an observation failed.
func failures(o *query.Latest, subject string) []meteo.Rule {
	var rules []meteo.Rule
	for _, f := range o.QC {
		if f.Subject == subject {
			rules = append(rules, f.Rule)
		}
	}
	return rules
}
