package meteo

import "encoding/json"

// JSONSchema returns the JSON Schema (draft 2020-12) of readings and observations, indented.
func JSONSchema() []byte {
	type object = map[string]any
	text := func(description string) object { return object{"type": "string", "description": description} }
	instant := func(description string) object {
		return object{"type": "string", "format": "date-time", "pattern": "Z$", "description": description}
	}
	number := func(description string) object { return object{"type": "number", "description": description} }

	values := object{}
	names := []string{}
	for _, v := range Variables {
		values[v.Name] = number(v.Description + " (CF: " + v.CF + ")")
		names = append(names, v.Name)
	}
	reading := object{
		"schema":      object{"const": SchemaVersion},
		"station_id":  object{"type": "string", "pattern": "^SN-[A-Z]{2}(-[0-9]{2,4})?$", "description": "ISO 3166-2 code of the region, -NN for further stations"},
		"region":      text("name of the region, with its accents"),
		"latitude":    number("degrees north, WGS84"),
		"longitude":   number("degrees east, WGS84"),
		"elevation_m": number("metres above mean sea level"),
		"observed_at": instant("time of the observation, or the time that a model or forecast is for"),
		"fetched_at":  instant("when senmeteo fetched it"),
		"issued_at":   instant("when the forecast was issued; forecasts only"),
		"source":      object{"type": "string", "pattern": sourcePattern, "description": "where it comes from: generate, tomorrow, open-meteo, ogimet, metar, bulletin, file ..."},
		"kind":        object{"enum": []Kind{Observed, Model, Forecast}},
		"provider_id": object{"type": "string", "minLength": 1, "maxLength": 256, "description": "what the provider itself calls the place that the values are of: a WMO number, an ICAO code, a grid cell"},
		"interval_s":  object{"type": "integer", "minimum": 1, "description": "seconds that rain_mm covers"},
	}
	for name, v := range values {
		reading[name] = v
	}
	rules := object{"type": "array", "items": object{"type": "string"}, "minItems": 1}
	checked := object{
		"id":       object{"type": "string", "pattern": "^[0-9a-f]{32}$", "description": "first 16 bytes of the SHA-256 of station_id|observed_at|source|kind|issued_at"},
		"revision": object{"type": "integer", "minimum": 1, "description": "rises when a later fetch has other values"},
		"quality":  object{"enum": []Quality{Good, Suspect, Bad}},
		"qc":       object{"type": "object", "additionalProperties": rules, "description": "variable, or location -> the rules it failed"},
		"original": object{"type": "object", "propertyNames": object{"enum": names}, "additionalProperties": object{"type": "number"}, "description": "variable -> the value before a correction"},
	}
	both := object{}
	for name, v := range reading {
		both[name] = v
	}
	for name, v := range checked {
		both[name] = v
	}
	required := []string{"schema", "station_id", "region", "observed_at", "fetched_at", "source", "kind"}
	ifForecast := object{
		"if":   object{"properties": object{"kind": object{"const": Forecast}}},
		"then": object{"required": []string{"issued_at"}},
		"else": object{"properties": object{"issued_at": false}},
	}
	schema := object{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"$id":     "urn:senmeteo:schema:1",
		"title":   "senmeteo reading and observation",
		"$defs": object{
			"reading": object{
				"description": "a record of the raw topic", "type": "object", "properties": reading,
				"required": required, "additionalProperties": false, "allOf": []object{ifForecast},
			},
			"observation": object{
				"description": "a record of the clean topic", "type": "object", "properties": both,
				"required": append([]string{"id", "revision", "quality"}, required...), "additionalProperties": false, "allOf": []object{ifForecast},
			},
		},
		"anyOf": []object{{"$ref": "#/$defs/observation"}, {"$ref": "#/$defs/reading"}},
	}
	out, _ := json.MarshalIndent(schema, "", "  ") // maps, strings and numbers always marshal
	return out
}
