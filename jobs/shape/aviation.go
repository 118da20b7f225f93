package shape

import (
	"strings"
)

// isAviation recognises an element of the METAR list of aviationweather.gov, or its GeoJSON.
func isAviation(row Row) bool {
	if features := row.list("features"); len(features) > 0 {
		return isAviation(features[0])
	}
	if properties := row.object("properties"); properties != nil {
		return properties.get("data") == "METAR" && properties.has("id", "obsTime")
	}
	return row.has("icaoId") && (row.has("obsTime") || row.has("reportTime")) && !row.has("rawTAF")
}

// aviation reads METARs of aviationweather.gov: knots, statute miles ("10+", "1 1/2"), hectopascals, degrees of which VRB is none.
func (d *Decoder) aviation(row Row) []Row {
	features := row.list("features")
	if row.object("properties") != nil {
		features = []Row{row}
	}
	if len(features) == 0 {
		return []Row{d.aviationReport(row)}
	}
	var rows []Row
	for _, feature := range features {
		point, _ := coordinates(feature.object("geometry"))
		rows = append(rows, d.aviationReport(feature.object("properties")).with(point...))
	}
	return rows
}

// aviationReport returns the record of one METAR.
func (d *Decoder) aviationReport(row Row) Row {
	known := names{
		"icaoId": "station", "obsTime": "timestamp", "reportTime": "", "temp": "temperature (°C)", "dewp": "dew point (°C)",
		"wdir": "wind direction (°)", "wspd": "wind speed (kt)", "wgst": "wind gust (kt)", "visib": "visibility (mi)",
		"altim": "pressure (hPa)", "slp": "sea level pressure (hPa)", "lat": "latitude", "lon": "longitude", "elev": "elevation", "name": "",
		"metar_id": "", "receiptTime": "", "rawOb": "", "metarType": "", "mostRecent": "", "prior": "", "qcField": "", "fltCat": "", "cover": "",
		"clouds": "", "data": "", "site": "", "fltcat": "", "ceil": "",
	}
	if !row.has("icaoId") {
		known["id"] = "station"
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
			if out[i].Value, ok = milesOf(s); !ok {
				d.ignored.add("visib", whyUnread, s)
			}
		case ok && s == "VRB":
			out[i].Value = nil
		}
	}
	if cover, ok := coverOf(row.list("clouds")); ok {
		out = append(out, Field{Name: "cloud cover (%)", Value: cover})
	} else if clouds := row.get("clouds"); len(row.list("clouds")) > 0 {
		d.ignored.add("clouds", whyNoField, clouds)
	}
	return out
}

// layers are the cloud covers of the words for layers in METARs, in %; see the package metar.
var layers = map[string]float64{"SKC": 0, "FEW": 18.75, "SCT": 43.75, "BKN": 75, "OVC": 100}

// coverOf returns the cover of the fullest layer; ok is false when there is none, or one whose cover is not known.
func coverOf(clouds []Row) (cover float64, ok bool) {
	for _, layer := range clouds {
		word, _ := text(layer.get("cover"))
		of, known := layers[word]
		if !known {
			return 0, false
		}
		cover = max(cover, of)
	}
	return cover, len(clouds) > 0
}

// milesOf reads a number of miles such as "6+", "P6", "1 1/2" and "M1/4", of which a bound is kept. The value is nil when it can't be read.
func milesOf(s string) (miles any, ok bool) {
	s = strings.Trim(s, "+PMS<> ")
	whole, fraction, both := strings.Cut(s, " ")
	if !both && strings.Contains(s, "/") {
		whole, fraction = "0", s
	}
	sum, ok := ParseNumber(whole)
	if above, below, divided := strings.Cut(fraction, "/"); divided && ok {
		a, okAbove := ParseNumber(above)
		b, okBelow := ParseNumber(below)
		sum, ok = sum+a/b, okAbove && okBelow && b > a
	} else if fraction != "" {
		ok = false
	}
	if !ok {
		return nil, false
	}
	return sum, true
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

// isCurrentObservation recognises a current_observation of the National Weather Service, XML whose times are written out beside one of RFC 822.
func isCurrentObservation(row Row) bool {
	return row.has("observation_time_rfc822") && row.has("station_id")
}

// currentObservation reads an observation in its metric members, whose pressure is that of the altimeter.
func (d *Decoder) currentObservation(row Row) []Row {
	out := d.renamed(row, names{
		"station_id": "station", "latitude": "latitude", "longitude": "longitude", "observation_time_rfc822": "timestamp",
		"temp_c": "temperature (°C)", "dewpoint_c": "dew point (°C)", "relative_humidity": "humidity (%)", "wind_degrees": "wind direction (°)",
		"wind_kt": "wind speed (kt)", "wind_gust_kt": "wind gust (kt)", "pressure_mb": "pressure (hPa)", "visibility_mi": "visibility (mi)",
		"version": "", "credit": "", "credit_URL": "", "image": "", "suggested_pickup": "", "suggested_pickup_period": "", "location": "",
		"observation_time": "", "temp_f": "", "temperature_string": "", "wind_string": "", "wind_dir": "", "wind_mph": "", "wind_gust_mph": "",
		"pressure_string": "", "pressure_in": "", "dewpoint_string": "", "dewpoint_f": "", "weather": "", "icon_url_base": "",
		"icon_url_name": "", "two_day_history_url": "", "ob_url": "", "disclaimer_url": "", "copyright_url": "", "privacy_policy_url": "",
	})
	return []Row{out}
}
