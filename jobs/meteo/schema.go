package meteo

import (
	"encoding/json"
	"maps"
)

// object is one of JSON.
type object = map[string]any

// JSONSchema returns the JSON Schema (draft 2020-12) of readings and observations, indented. Its properties are Fields.
func JSONSchema() []byte {
	reading, observation := object{}, object{}
	var ofReading, ofObservation []string
	for i := range Fields {
		f := &Fields[i]
		observation[f.Name] = f.property()
		if f.Required {
			ofObservation = append(ofObservation, f.Name)
		}
		if f.Checked {
			continue
		}
		reading[f.Name] = f.property()
		if f.Required {
			ofReading = append(ofReading, f.Name)
		}
	}
	ifForecast := object{
		"if":   object{"properties": object{"kind": object{"const": Forecast}}},
		"then": object{"required": []string{"issued_at"}},
		"else": object{"properties": object{"issued_at": false}},
	}
	record := func(description string, properties object, required []string) object {
		return object{
			"description": description, "type": "object", "properties": properties,
			"required": required, "additionalProperties": false, "allOf": []object{ifForecast},
		}
	}
	schema := object{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"$id":     "urn:senmeteo:schema:1",
		"title":   "senmeteo reading and observation",
		"$defs": object{
			"reading":     record("a record of the raw topic", reading, ofReading),
			"observation": record("a record of the clean topic", observation, ofObservation),
		},
		"anyOf": []object{{"$ref": "#/$defs/observation"}, {"$ref": "#/$defs/reading"}},
	}
	out, _ := json.MarshalIndent(schema, "", "  ") // maps, strings and numbers always marshal
	return out
}

// property describes the field's values.
func (f *Field) property() object {
	var p object
	switch f.Type {
	case TypeText:
		p = object{"type": "string"}
	case TypeWhole:
		p = object{"type": "integer", "minimum": 1}
	case TypeNumber:
		p = object{"type": "number"}
	case TypeTime:
		p = object{"type": "string", "format": "date-time", "pattern": "Z$"}
	case TypeID:
		p = object{"type": "string", "pattern": "^[0-9a-f]{32}$"}
	case TypeSchema:
		p = object{"const": SchemaVersion}
	case TypeFailures:
		rules := object{"type": "array", "items": object{"type": "string"}, "minItems": 1}
		p = object{"type": "object", "additionalProperties": rules}
	case TypeOriginal:
		p = byVariable(object{"type": "number"})
	case TypeQuantiles:
		p = byVariable(object{"type": "array", "items": object{"type": "number"}, "minItems": len(QuantileLevels), "maxItems": len(QuantileLevels)})
		p["minProperties"] = 1
	}
	if f.Description != "" {
		p["description"] = f.Description
	}
	maps.Copy(p, f.restrict)
	return p
}

// byVariable describes an object whose members are variables.
func byVariable(value object) object {
	names := make([]string, NumVariables)
	for v := range Variables {
		names[v] = Variables[v].Name
	}
	return object{"type": "object", "propertyNames": object{"enum": names}, "additionalProperties": value}
}
