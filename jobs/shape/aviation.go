package shape

import (
	"strings"
)

// isAviation recognises an element of the METAR list of aviationweather.gov.
func isAviation(row Row) bool {
	return row.has("icaoId") && (row.has("obsTime") || row.has("reportTime")) && !row.has("rawTAF")
}

// aviation reads a METAR of aviationweather.gov: knots, statute miles ("10+"), hectopascals, degrees of which VRB is none.
func (d *Decoder) aviation(row Row) []Row {
	known := names{
		"icaoId": "station", "obsTime": "timestamp", "reportTime": "", "temp": "temperature (°C)", "dewp": "dew point (°C)",
		"wdir": "wind direction (°)", "wspd": "wind speed (kt)", "wgst": "wind gust (kt)", "visib": "visibility (mi)",
		"altim": "pressure (hPa)", "slp": "sea level pressure (hPa)", "lat": "latitude", "lon": "longitude", "elev": "elevation", "name": "",
		"metar_id": "", "receiptTime": "", "rawOb": "", "metarType": "", "mostRecent": "", "prior": "", "qcField": "", "fltCat": "", "cover": "",
	}
	if !absent(row.get("slp")) {
		known["altim"] = ""
	}
	if !row.has("obsTime") {
		known["reportTime"] = "timestamp"
	}
	out := d.renamed(row, known)
	for i := range out {
		s, ok := out[i].Value.(string)
		switch {
		case ok && out[i].Name == "visibility (mi)":
			out[i].Value = strings.TrimSuffix(s, "+")
		case ok && s == "VRB":
			out[i].Value = nil
		}
	}
	return []Row{out}
}

// isWeatherGov recognises an observation of api.weather.gov, or a collection of them: GeoJSON whose values have unit codes.
func isWeatherGov(row Row) bool {
	if features := row.list("features"); len(features) > 0 {
		return isWeatherGov(features[0])
	}
	properties := row.object("properties")
	return properties.has("timestamp") && properties.object("temperature").has("unitCode")
}

// weatherGov reads observations of api.weather.gov. Their barometric pressure is not always that at sea level and is not kept.
func (d *Decoder) weatherGov(row Row) []Row {
	features := row.list("features")
	if len(features) == 0 {
		features = []Row{row}
	}
	var rows []Row
	for _, feature := range features {
		out := Row{}
		if point, ok := coordinates(feature.object("geometry")); ok {
			out = append(out, point...)
		}
		for _, f := range feature.object("properties") {
			value, unit, isValue := any(nil), "", false
			if part, ok := f.Value.(Row); ok {
				value, unit, isValue = measured(part)
			}
			switch {
			case isValue && f.Name == "precipitationLastHour":
				if out = append(out, Field{Name: withUnit("rain", unit), Value: value}); value != nil {
					out = append(out, Field{Name: "interval_s", Value: 3600.0})
				}
			case isValue:
				out = append(out, Field{Name: withUnit(f.Name, unit), Value: value})
			case f.Name == "timestamp":
				out = append(out, f)
			case f.Name == "station" || f.Name == "stationId":
				address, _ := text(f.Value)
				out = append(out, Field{Name: "station", Value: address[strings.LastIndexByte(address, '/')+1:]})
			}
		}
		rows = append(rows, out)
	}
	return rows
}
