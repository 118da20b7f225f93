package shape

import (
	"slices"
	"strings"

	"senmeteo/jobs/meteo"
)

// plain returns a row whose members that say one value in several parts are one field each:
//
//	"temperature": {"value": 81, "unit": "F"}                    "temperature (F)": 81
//	"temperature": 81, "temperature_unit": "F"                   "temperature (F)": 81
//	"temperature": 81, "units": {"temperature": "F"}             "temperature (F)": 81
//	"hourly": {"t": [...]}, "hourly_units": {"t": "F"}           "hourly": {"t (F)": [...]}
//	"wind": {"speed": 5, "direction": 320}                       "wind speed": 5, "wind direction": 320
//	"rain": {"1h": 0.4}                                          "rain": 0.4, "interval_s": 3600
//	"readings": [{"name": "temperature", "value": 81, ...}]      "temperature (...)": 81
//	"geometry": {"type": "Point", "coordinates": [-17.4, 14.7]}  "longitude": -17.4, "latitude": 14.7
//
// Members of containers are left where they are, made plain too.
func (d *Decoder) plain(row Row, depth int) Row {
	if isFlat(row) || depth > maxSplit {
		return row
	}
	units := statedUnits(row)
	system := unitSystems[strings.ToLower(units[""])]
	out := make(Row, 0, len(row)+4)
	for _, f := range row {
		if _, ok := unitOf(f.Name); ok && isUnits(f.Value) {
			continue
		}
		f.Name = withUnit(f.Name, units[f.Name])
		if system != nil {
			f.Name = withUnit(f.Name, system[dimensionOf(d.column(f.Name).meaning)])
		}
		switch value := f.Value.(type) {
		case Row:
			out = d.plainObject(f, value, units, out, depth)
		case []any:
			if pairs, ok := d.pairs(value); ok {
				out = append(out, pairs...)
			} else if point, ok := pointOf(f.Name, value); ok {
				out = append(out, point...)
			} else {
				out = append(out, f)
			}
		default:
			out = append(out, f)
		}
	}
	return out
}

// plainObject appends what an object in a row is there.
func (d *Decoder) plainObject(f Field, value Row, units map[string]string, out Row, depth int) Row {
	if one, unit, ok := measured(value); ok {
		return append(out, Field{Name: withUnit(f.Name, unit), Value: one})
	}
	if strings.EqualFold(f.Name, "geometry") {
		if point, ok := coordinates(value); ok {
			return append(out, point...)
		}
	}
	if block := units[f.Name+"\x00"]; block != "" { // see statedUnits
		value = renamedByUnits(value, units, f.Name)
	}
	if d.column(f.Name).meaning == meaning(meteo.Rain) {
		if rain, ok := rainOver(value); ok {
			return append(out, rain...)
		}
	}
	lower := strings.ToLower(f.Name)
	if system, ok := namedSystems[lower]; ok {
		return d.ofSystem(value, system, out)
	}
	if containers[lower] || structural(lower) {
		return append(out, Field{Name: f.Name, Value: d.plain(value, depth+1)})
	}
	var joined, rest Row
	unit := statedUnits(value)[""] // {"speed": 18, "unit": "km/h"}
	for _, part := range d.plain(d.prefixed(f.Name, value), depth+1) {
		m := d.column(part.Name).meaning
		if _, nested := part.Value.(Row); !nested && m < stationID && strings.HasPrefix(strings.ToLower(part.Name), lower) {
			if m != meaning(meteo.WindDirection) { // whose unit is never that of the others
				part.Name = withUnit(part.Name, unit)
			}
			joined = append(joined, part)
		} else {
			rest = append(rest, part)
		}
	}
	if len(joined) == 0 {
		return append(out, Field{Name: f.Name, Value: value})
	}
	for _, part := range rest {
		d.ignored.add(f.Name+"."+part.Name, whyUnknown, part.Value)
	}
	return append(out, joined...)
}

// prefixed returns an object whose members have the name of the object before their own where that makes the name of a variable of it, and the
// members that state their units, too: "wind speed" and "wind speed_unit" of {"wind":{"speed":18,"speed_unit":"km/h"}}.
func (d *Decoder) prefixed(prefix string, row Row) Row {
	joins := func(name string) bool {
		joined, own := d.column(prefix+" "+name).meaning, d.column(name).meaning
		return joined < stationID && (own >= stationID || own == joined)
	}
	out := make(Row, len(row))
	for i, f := range row {
		about, isUnit := unitOf(f.Name)
		switch units, several := f.Value.(Row); {
		case isUnit && about == "" && several:
			units = append(Row(nil), units...)
			for u := range units {
				if joins(units[u].Name) {
					units[u].Name = prefix + " " + units[u].Name
				}
			}
			f.Value = units
		case isUnit && about != "" && joins(about), joins(f.Name):
			f.Name = prefix + " " + f.Name
		}
		out[i] = f
	}
	return out
}

// unitOf returns the name that a member which says units is about: "temperature" of "temperature_unit", "" of "units".
func unitOf(name string) (string, bool) {
	lower := strings.ToLower(name)
	for _, suffix := range [...]string{"units", "unit", "unites", "unite", "uom"} {
		about, ok := strings.CutSuffix(lower, suffix)
		if !ok {
			continue
		}
		if about == "" || strings.HasSuffix(about, "_") || strings.HasSuffix(about, " ") || strings.HasSuffix(about, "-") {
			return strings.TrimRight(name[:len(about)], "_ -"), true
		}
		if name[len(about)] == suffix[0]-'a'+'A' { // temperatureUnit
			return name[:len(about)], true
		}
	}
	return "", false
}

// StatesUnits reports whether a member states the units of others: of this name, and with a word or words as its value.
func StatesUnits(f Field) bool {
	_, ok := unitOf(f.Name)
	return ok && isUnits(f.Value)
}

// IsUnits reports whether a member of this name states units.
func IsUnits(name string) bool {
	_, ok := unitOf(name)
	return ok
}

// JoinsTo returns how many members of an object of this name are variables together with its name, as in <wind><speed>.
func JoinsTo(name string, object Row) (variables int) {
	for _, f := range object {
		if _, nested := f.Value.(Row); !nested && Measures(name+" "+f.Name) {
			variables++
		}
	}
	return variables
}

// isUnits reports whether a value may be what a unit member says: a word or an object of words.
func isUnits(value any) bool {
	switch value := value.(type) {
	case string, float64: // which is not one, and is not passed over
		return true
	case Row:
		for _, f := range value {
			if _, ok := text(f.Value); !ok {
				return false
			}
		}
		return true
	}
	return false
}

// statedUnits returns the unit of each member of a row, and of "block\x00member" for the members of an object in it.
func statedUnits(row Row) map[string]string {
	units := map[string]string{}
	for _, f := range row {
		about, ok := unitOf(f.Name)
		if !ok {
			continue
		}
		switch value := f.Value.(type) {
		case string, float64:
			units[about], _ = text(value)
		case Row:
			prefix := ""
			if about != "" {
				prefix = about + "\x00"
				units[prefix] = about
			}
			for _, unit := range value {
				if s, ok := text(unit.Value); ok {
					units[prefix+unit.Name] = s
				}
			}
		}
	}
	return units
}

// unitSystems are the units of records that name a system of units in one word. Of "metric" and "si" records the units are those of senmeteo.
var unitSystems = map[string]map[dimension]string{"imperial": american, "us": american, "usa": american, "english": american, "uscs": american}

var american = map[dimension]string{temperature: "°F", speed: "mph", pressure: "inHg", depth: "in", rate: "in/h", distance: "mi"}

// namedSystems are the units of the members of objects that have the name of a system of units. What "metric" means for wind differs.
var namedSystems = map[string]map[dimension]string{"imperial": american, "us": american, "metric": {}}

// ofSystem appends the members of an object with the name of a system of units, which are of the record around it: {"metric":{"temp":27},
// "imperial":{"temp":81}}. What the record has already in another system is left out.
func (d *Decoder) ofSystem(value Row, system map[dimension]string, out Row) Row {
	for _, part := range value {
		m := d.column(part.Name).meaning
		_, nested := part.Value.(Row)
		speedOpen := system[speed] == "" && dimensionOf(m) == speed && !d.column(part.Name).unit
		has := slices.ContainsFunc(out, func(f Field) bool { return d.column(f.Name).meaning == m })
		switch {
		case nested || m >= stationID:
			d.ignored.add(part.Name, whyUnknown, part.Value)
		case has:
		case speedOpen:
			d.ignored.add(part.Name, whyNoUnit, part.Value)
		default:
			out = append(out, Field{Name: withUnit(part.Name, system[dimensionOf(m)]), Value: part.Value})
		}
	}
	return out
}

// inherited gives the members of a record the units that are stated for their names in an object around it.
func inherited(row Row, units map[string]string, depth int) Row {
	if len(units) == 0 || depth > maxSplit {
		return row
	}
	system := unitSystems[strings.ToLower(units[""])]
	out := make(Row, len(row))
	for i, f := range row {
		if part, ok := f.Value.(Row); ok && containers[strings.ToLower(f.Name)] {
			f.Value = inherited(part, units, depth+1)
		}
		f.Name = withUnit(f.Name, units[f.Name])
		if system != nil {
			f.Name = withUnit(f.Name, system[dimensionOf(understand(f.Name).meaning)])
		}
		out[i] = f
	}
	return out
}

// renamedByUnits returns an object whose members have the names with their units.
func renamedByUnits(row Row, units map[string]string, block string) Row {
	out := make(Row, len(row))
	for i, f := range row {
		out[i] = Field{Name: withUnit(f.Name, units[block+"\x00"+f.Name]), Value: f.Value}
	}
	return out
}

// withUnit returns a name with its unit after it. Units that are names of forms, such as iso8601, and none are left out; so is the unit of a
// name that measures nothing.
func withUnit(name, unit string) string {
	unit = unitName(unit)
	if unit == "" || strings.HasSuffix(name, ")") || !Measures(name) && dimensionOf(understand(name).meaning) == noDimension {
		return name
	}
	return name + " (" + unit + ")"
}

// unitName returns a unit without the vocabulary that it is of: "km_h-1" of "wmoUnit:km_h-1".
func unitName(unit string) string {
	unit = unit[strings.LastIndexByte(unit, ':')+1:]
	switch strings.ToLower(unit) {
	case "degree_(angle)":
		return "degree"
	case "mp/h":
		return "mph"
	}
	return unit
}

// measured returns the value and the unit of an object that is a value with its unit: {"value":27.1,"unitCode":"wmoUnit:degC"}, {"value":27.1},
// {"Metric":{"Value":27.1,"Unit":"C"},"Imperial":{...}}.
func measured(row Row) (value any, unit string, ok bool) {
	for _, f := range row {
		switch strings.ToLower(f.Name) {
		case "value", "val", "valeur", "v", "$", "#text", "@value":
			switch f.Value.(type) {
			case Row, []any:
				return nil, "", false
			}
			value, ok = f.Value, true
		case "unit", "units", "unitcode", "uom", "unite", "unité", "@unit", "@units":
			unit, _ = text(f.Value)
		case "$date", "$numberlong", "$numberint", "$numberdouble", "$numberdecimal":
			if len(row) == 1 {
				value, ok = extended(f)
				return value, "", ok
			}
		case "metric":
			if metric, isRow := f.Value.(Row); isRow {
				return measured(metric)
			}
		}
	}
	return value, unit, ok
}

// extended returns a value of MongoDB's extended JSON: {"$date":"2026-08-01T12:00:00Z"}, {"$date":{"$numberLong":"1785585600000"}}, which is in
// milliseconds since 1970, and {"$numberDouble":"27.1"}.
func extended(f Field) (any, bool) {
	value := f.Value
	if inner, ok := value.(Row); ok && len(inner) == 1 && strings.EqualFold(inner[0].Name, "$numberLong") {
		value = inner[0].Value
	}
	if _, nested := value.(Row); nested || !strings.EqualFold(f.Name, "$date") {
		return value, !nested
	}
	if x, ok := number(value); ok {
		return sinceEpoch(x, 1e3), true
	}
	return value, true
}

// coordinates returns the place of a GeoJSON point.
func coordinates(geometry Row) (Row, bool) {
	point, ok := geometry.get("coordinates").([]any)
	if !ok || geometry.get("type") != "Point" || len(point) < 2 {
		return nil, false
	}
	out := Row{{Name: "longitude", Value: point[0]}, {Name: "latitude", Value: point[1]}}
	if len(point) > 2 {
		out = append(out, Field{Name: "elevation", Value: point[2]})
	}
	return out, true
}

// rainOver returns the rain of an object such as {"1h":0.4}; of several intervals the shortest.
func rainOver(row Row) (Row, bool) {
	for _, interval := range [...]struct {
		name    string
		seconds float64
	}{{"1h", 3600}, {"3h", 10800}, {"6h", 21600}, {"12h", 43200}, {"24h", daySeconds}} {
		if amount := row.get(interval.name); amount != nil {
			return Row{{Name: "rain_mm", Value: amount}, {Name: "interval_s", Value: interval.seconds}}, true
		}
	}
	return nil, false
}

// pairs returns the fields of an array of objects with a name and a value each, of which at least one is a variable.
func (d *Decoder) pairs(array []any) (Row, bool) {
	var out Row
	known := false
	for _, element := range array {
		row, ok := element.(Row)
		if !ok || len(row) > 8 {
			return nil, false
		}
		name := ""
		for _, f := range row {
			switch strings.ToLower(f.Name) {
			case "name", "parameter", "variable", "value_type", "sensor", "type", "property", "element", "param", "key", "nom":
				if s, ok := f.Value.(string); ok && !Measures(name) {
					name = s
				}
			}
		}
		value, unit, ok := measured(row)
		if !ok || name == "" || namesTimeOrPlace(row) {
			return nil, false
		}
		known = known || Measures(name)
		out = append(out, Field{Name: withUnit(name, unit), Value: value})
	}
	return out, known
}

// namesTimeOrPlace reports whether an object with a name and a value is a record of its own.
func namesTimeOrPlace(row Row) bool {
	for _, f := range row {
		m := understand(f.Name).meaning
		if isTimeOf(m) || m == stationID || m == latitude {
			return true
		}
	}
	return false
}
