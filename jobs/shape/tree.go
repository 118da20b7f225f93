package shape

import (
	"maps"
	"slices"
	"strings"

	"senmeteo/jobs/meteo"
)

// maxSplit bounds how deep objects are searched for records.
const maxSplit = 6

// Split returns the records of an object, each as a row of its own: those of the arrays in it, of the objects in it, and of arrays of values
// that run side by side ({"time":[...],"temperature":[...]}). A record gets what the objects around it say of its place, its source and its
// day, where it does not say so itself; it never gets their values. Any other row, the bodies of Tomorrow.io and senmeteo's own records among
// them, is returned as it is. Elements of such arrays that are not objects are returned as rows that FromRow refuses.
func (d *Decoder) Split(row Row) []Row {
	row = withEpoch(row)
	if isOwn(row) || isFlat(row) && !isAviation(row) && !isCurrentObservation(row) {
		return []Row{row}
	}
	if _, ok := tomorrowSteps(row, Defaults{}); ok {
		return []Row{row}
	}
	if rows, ok := d.ofProvider(row); ok {
		return rows
	}
	s := splitter{d: d}
	s.object(row, nil, 0)
	if len(s.rows) == 0 {
		return []Row{row}
	}
	return s.rows
}

// withEpoch returns a row whose "ts" is a number of seconds or milliseconds since 1970, as gateways of sensors have it, with a name that says so.
// Other records have a temperature of that name.
func withEpoch(row Row) Row {
	for i, f := range row {
		if x, ok := f.Value.(float64); ok && f.Name == "ts" && x >= firstSecond {
			row = slices.Clone(row)
			row[i].Name = "epoch"
			break
		}
	}
	return row
}

// isFlat reports whether a row has no nested value and says no unit in a member of its own.
func isFlat(row Row) bool {
	for _, f := range row {
		switch f.Value.(type) {
		case Row, []any:
			return false
		}
		if _, ok := unitOf(f.Name); ok {
			return false
		}
	}
	return true
}

// splitter collects the records of one object.
type splitter struct {
	d     *Decoder
	rows  []Row
	units map[string]string // that the objects around state for the names in them
}

// object collects the records of an object around which it was said what is in said.
func (s *splitter) object(row, said Row, depth int) {
	if depth > maxSplit {
		return
	}
	around := s.units
	defer func() { s.units = around }()
	stated := statedUnits(row)
	row = inherited(s.d.plain(row, 0), around, 0)
	if len(stated) > 0 {
		s.units = maps.Clone(around)
		if s.units == nil {
			s.units = map[string]string{}
		}
		maps.Copy(s.units, stated)
	}
	if rows, ok := columnar(row); ok {
		context := s.d.context(row, said, true)
		for _, r := range rows {
			s.record(r, context)
		}
		return
	}
	if s.d.namesVariable(row, 0) {
		own, rest := s.apart(row)
		s.record(own, said)
		s.inside(rest, s.d.context(own, said, false), depth, true)
		return
	}
	s.inside(row, s.d.context(row, said, true), depth, false)
}

// record collects a record.
func (s *splitter) record(row, said Row) {
	s.rows = append(s.rows, s.d.completed(row, said))
}

// apart separates the members of a record from those that hold records of their own.
func (s *splitter) apart(row Row) (own, rest Row) {
	for _, f := range row {
		switch value := f.Value.(type) {
		case []any:
			if s.d.holdsRecords(value, 0) {
				rest = append(rest, f)
				continue
			}
		case Row:
			if !containers[strings.ToLower(f.Name)] && s.d.holdsRecords(value, 0) {
				rest = append(rest, f)
				continue
			}
		}
		own = append(own, f)
	}
	return own, rest
}

// inside collects the records of the members of an object. Beside a record, or beside other records, what holds none is ignored.
func (s *splitter) inside(row, said Row, depth int, beside bool) {
	places, lists, named := 0, 0, false
	for _, f := range row {
		if s.d.holdsRecords(f.Value, 0) {
			beside = true
			_, isStation := meteo.FindStation(f.Name)
			named = named || isStation
			switch part := f.Value.(type) {
			case Row:
				if !structural(f.Name) && s.d.namesVariable(part, 0) {
					places++
				}
			case []any:
				lists++
			}
		}
	}
	for _, f := range row {
		switch value := f.Value.(type) {
		case []any:
			if beside && !s.d.holdsRecords(value, 0) {
				s.d.ignored.add(f.Name, whyNested, value)
				continue
			}
			s.array(value, s.d.keyed(f.Name, said, named && lists > 1), depth) // {"Dakar":[...],"Thiès":[...]}
		case Row:
			if beside && !s.d.holdsRecords(value, 0) {
				continue
			}
			s.object(value, s.d.keyed(f.Name, said, places > 1), depth+1)
		}
	}
}

// array collects the elements of an array that holds at least one object.
func (s *splitter) array(array []any, said Row, depth int) {
	objects := false
	for _, element := range array {
		_, isRow := element.(Row)
		objects = objects || isRow
	}
	for _, element := range array {
		row, ok := element.(Row)
		switch before := len(s.rows); {
		case !objects:
		case !ok:
			s.rows = append(s.rows, Row{{Name: "element", Value: element}})
		default:
			if s.object(row, said, depth+1); len(s.rows) == before {
				s.record(row, said)
			}
		}
	}
}

// holdsRecords reports whether an object, or an object in an array, has the name of a variable in it.
func (d *Decoder) holdsRecords(value any, depth int) bool {
	if depth > maxSplit {
		return false
	}
	switch value := value.(type) {
	case Row:
		if d.namesVariable(value, 0) {
			return true
		}
		for _, f := range value {
			if d.holdsRecords(f.Value, depth+1) || d.isSeries(f) {
				return true
			}
		}
		plain := d.plain(value, 0)
		return d.namesVariable(plain, 0)
	case []any:
		for _, element := range value {
			if d.holdsRecords(element, depth+1) {
				return true
			}
		}
	}
	return false
}

// isSeries reports whether a member is an array of the values of a variable.
func (d *Decoder) isSeries(f Field) bool {
	array, ok := f.Value.([]any)
	if !ok || len(array) == 0 || d.column(f.Name).meaning >= stationID {
		return false
	}
	return scalars(array)
}

// structural reports whether the name of an object only says what kind of thing is in it.
func structural(name string) bool {
	switch lower := strings.ToLower(name); lower {
	case "current", "currently", "hourly", "daily", "minutely", "now", "latest", "last", "observation", "obs", "reading", "record", "result",
		"results", "body", "response", "payload", "properties", "object", "weather", "state", "actuel", "actuelle", "mesure", "releve",
		"forecast", "conditions", "report":
		return true
	default:
		return containers[lower]
	}
}

// keyed adds what the key of an object says to what is said around it: {"Dakar":{...}} and {"2026-08-01T12:00Z":{...}}. Where several objects of
// one parent have keys that are names, an unknown name is that of a place.
func (d *Decoder) keyed(name string, said Row, several bool) Row {
	if structural(name) || d.column(name).meaning != nothing {
		return said
	}
	if _, ok := meteo.FindStation(name); ok {
		return append(Row{{Name: "station", Value: name}}, said...)
	}
	if _, dayOnly, ok := ParseTime(name); ok && strings.ContainsAny(name, "-/:") {
		said = slices.DeleteFunc(slices.Clone(said), func(f Field) bool { return isTimeOf(d.column(f.Name).meaning) })
		if dayOnly {
			return append(Row{{Name: "date", Value: name}}, said...)
		}
		return append(Row{{Name: "timestamp", Value: name}}, said...)
	}
	if _, _, ok := (timeStyle{}).readClock(name); ok && strings.Contains(name, ":") { // {"2026-08-01":{"12:00":{...}}}
		return append(Row{{Name: "time", Value: name}}, said...)
	}
	if several {
		return append(Row{{Name: "station", Value: name}}, said...)
	}
	return said
}

// context returns what an object says that may belong to the records in it: its place, its source and, with times, its time; then what was
// said around it.
func (d *Decoder) context(row, said Row, times bool) Row {
	var out Row
	d.say(row, times, &out, 0)
	return append(out, d.missing(out, said)...)
}

func (d *Decoder) say(row Row, times bool, out *Row, depth int) {
	for _, f := range row {
		switch value := f.Value.(type) {
		case []any:
		case Row:
			switch {
			case depth >= 4:
			case isPlace(f.Name):
				d.say(value, false, out, depth+1)
			case isZone(f.Name):
				*out = append(*out, d.zoneIn(f.Name, value))
			case isAbout(f.Name) && !d.holdsRecords(value, 0):
				*out = append(*out, d.about(value)...)
			}
		default:
			m := d.column(f.Name).meaning
			if absent(value) || m < stationID || m == nothing || m == notKept || isTimeOf(m) && !times {
				continue
			}
			*out = append(*out, f)
		}
	}
}

// isPlace reports whether an object of this name describes where its record is.
func isPlace(name string) bool {
	switch strings.ToLower(name) {
	case "location", "position", "coordinates", "coord", "place", "station", "site", "city", "lieu", "geo":
		return true
	}
	return false
}

// completed returns a record with what is said around it and not by itself.
func (d *Decoder) completed(row, said Row) Row {
	if len(said) == 0 {
		return row
	}
	missing := d.missing(row, said)
	return append(row[:len(row):len(row)], missing...)
}

// missing returns what of said a record lacks: a record with a time of its own keeps it (one with a time of day alone gets the day), one with
// coordinates or a known name of its own does not get another place, and one with a zone of its own not another zone.
func (d *Decoder) missing(row, said Row) Row {
	var own meanings
	d.meaningsOf(row, &own, 0)
	var out Row
	for _, f := range said {
		switch m := d.column(f.Name).meaning; {
		case isTimeOf(m) && m != fetchedAt && m != issuedAt:
			if own.instant || own.date && m != clock || own.clock && m != date {
				continue
			}
		case m == latitude, m == longitude, m == elevation, m == stationID, m == placeName:
			if own.place {
				continue
			}
		case m == zonePart && own.zone:
			continue
		}
		out = append(out, f)
	}
	return out
}

// meanings are those of a record that exclude what is said around it.
type meanings struct{ instant, date, clock, place, zone bool }

func (d *Decoder) meaningsOf(row Row, own *meanings, depth int) {
	for _, f := range row {
		if part, ok := f.Value.(Row); ok && isZone(f.Name) {
			own.zone = own.zone || len(part) > 0
			continue
		}
		if part, ok := f.Value.(Row); ok && depth < 4 && (containers[strings.ToLower(f.Name)] || isPlace(f.Name)) {
			d.meaningsOf(part, own, depth+1)
			continue
		}
		if absent(f.Value) {
			continue
		}
		switch d.column(f.Name).meaning {
		case instant:
			own.instant = true
		case date:
			own.date = true
		case clock:
			_, _, isClock := timeStyle{}.readClock(f.Value)
			own.clock, own.instant = own.clock || isClock, own.instant || !isClock
		case latitude, longitude, stationID:
			own.place = true
		case zonePart:
			own.zone = true
		case placeName:
			name, _ := text(f.Value)
			_, known := meteo.FindStation(name)
			own.place = own.place || known
		}
	}
}
