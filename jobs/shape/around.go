package shape

import (
	"strings"

	"senmeteo/jobs/meteo"
)

// isAbout reports whether an object of this name describes the data beside it.
func isAbout(name string) bool {
	switch strings.ToLower(name) {
	case "meta", "metadata", "metadonnees", "header", "head", "entete", "info", "infos", "information", "informations", "tags":
		return true
	}
	return false
}

// isZone reports whether a field of this name states the zone of times.
func isZone(name string) bool {
	return zoneNames[strings.ReplaceAll(meteo.Fold(name), " ", "")]
}

// zoneIn returns the zone of an object such as {"name":"Europe/Paris","offset":7200}: the first member that can be understood, else the first,
// for which the records are refused.
func (d *Decoder) zoneIn(name string, object Row) Field {
	zone := Field{Name: name, Value: "{}"}
	for i, f := range object {
		switch f.Value.(type) {
		case string, float64:
			if _, ok := d.zoneOf(name, f.Value); ok {
				return Field{Name: name, Value: f.Value}
			}
			if i == 0 {
				zone.Value = f.Value
			}
		}
	}
	return zone
}

// about returns what an object about the data beside it says of their place and zone. Other names and numbers in such objects are those of
// a program or a file, so that of the names those count that are known, or that are a town's.
func (d *Decoder) about(object Row) Row {
	var all, out Row
	d.say(object, false, &all, 1)
	for _, f := range all {
		name, _ := text(f.Value)
		_, known := meteo.FindStation(name)
		switch d.column(f.Name).meaning {
		case zonePart, latitude, longitude, elevation:
			out = append(out, f)
		case placeName:
			if known || isTown(f.Name) {
				out = append(out, f)
			}
		case stationID:
			if known {
				out = append(out, f)
			}
		}
	}
	return out
}

// NamesPlace reports whether a record, or an object around or in it, says where it is.
func NamesPlace(row Row) bool {
	for _, f := range row {
		switch value := f.Value.(type) {
		case Row:
			if NamesPlace(value) {
				return true
			}
		case []any:
			for _, element := range value {
				if part, ok := element.(Row); ok && NamesPlace(part) {
					return true
				}
			}
		default:
			switch understand(f.Name).meaning {
			case stationID, placeName, latitude:
				if !absent(value) {
					return true
				}
			}
		}
	}
	return false
}

// Around returns what an element beside records, or the elements in it, say of the place and the zone of the records.
func (d *Decoder) Around(f Field) Row {
	place, ok := f.Value.(Row)
	if !ok || !isPlace(f.Name) {
		return d.about(Row{f})
	}
	var all, out Row
	d.say(place, false, &all, 1)
	for _, f := range all {
		if m := d.column(f.Name).meaning; m <= elevation || m == zonePart {
			out = append(out, f)
		}
	}
	return out
}

// NamesZone reports whether no time of a record depends on a zone that is stated elsewhere: each is an instant, or the record names the zone.
func NamesZone(row Row) bool {
	local := false
	for _, f := range row {
		c := understand(f.Name)
		switch c.meaning {
		case zonePart:
			return true
		case instant, date, clock:
			s, ok := c.times.read(f.Value)
			local = local || c.times.zone == nil && (!ok || !s.isInstant)
		}
	}
	return !local
}

// IsZone reports whether a field states a zone.
func IsZone(f Field) bool { return isZone(f.Name) }

// pointOf returns the place of an array of two or three coordinates. Which is which follows from the sign and the size that they have in Senegal.
func pointOf(name string, array []any) (Row, bool) {
	if lower := strings.ToLower(name); !isPlace(name) && lower != "latlng" && lower != "lonlat" && lower != "latlon" || len(array) < 2 || len(array) > 3 {
		return nil, false
	}
	a, okA := number(array[0])
	b, okB := number(array[1])
	if a < 0 && b > 0 {
		a, b = b, a
	}
	if !okA || !okB || a <= 0 || b >= 0 {
		return nil, false
	}
	return Row{{Name: "latitude", Value: a}, {Name: "longitude", Value: b}}, true
}
