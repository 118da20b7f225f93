package shape

import (
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// provider is a service whose answers are recognised by their shape. Its members have units and meanings that the service documents and the
// answer does not repeat, so that their names alone would mislead.
type provider struct {
	is   func(Row) bool
	rows func(*Decoder, Row) []Row // flat records in names that state their units
}

// providers are those of docs/sources.md. The first that recognises an answer reads it.
var providers = []provider{
	{isOpenMeteo, (*Decoder).openMeteo},
	{isOpenWeather, (*Decoder).openWeather},
	{isAviation, (*Decoder).aviation},
	{isWeatherGov, (*Decoder).weatherGov},
	{isCurrentObservation, (*Decoder).currentObservation},
	{isWeatherLink, (*Decoder).weatherLink},
	{isUnderground, (*Decoder).underground},
	{isNetatmo, (*Decoder).netatmo},
	{isMeteostat, (*Decoder).meteostat},
	{isWeatherAPI, (*Decoder).weatherAPI},
	{isVisualCrossing, (*Decoder).visualCrossing},
	{isMetNorway, (*Decoder).metNorway},
	{isDarkSky, (*Decoder).darkSky},
	{isWeatherbit, (*Decoder).weatherbit},
	{isWeatherstack, (*Decoder).weatherstack},
	{isSynoptic, (*Decoder).synoptic},
	{isThingSpeak, (*Decoder).thingSpeak},
	{isUplink, (*Decoder).uplink},
}

// ofProvider returns the records of an answer of a known provider.
func (d *Decoder) ofProvider(row Row) ([]Row, bool) {
	for i := range providers {
		if providers[i].is(row) {
			rows := providers[i].rows(d, row)
			return rows, len(rows) > 0
		}
	}
	return nil, false
}

// modelled is the kind of a value of a numerical model: forecast, issued in the hour of the fetch, when it is of a time after the fetch,
// otherwise model.
const modelled = "modelled"

// names are the members of a provider's record, by their names there: what each is here, with its unit; "" for those that are passed over
// because another one says the same.
type names map[string]string

// renamed returns the members of a record that are known, in the names that they have here. The others are noted as ignored.
func (d *Decoder) renamed(row Row, known names) Row {
	out := make(Row, 0, len(row))
	for _, f := range row {
		switch name, ok := known[f.Name]; {
		case name != "" && !absent(f.Value):
			out = append(out, Field{Name: name, Value: f.Value})
		case !ok && !absent(f.Value):
			d.ignored.add(f.Name, whyNoField, f.Value)
		}
	}
	return out
}

// object returns a member that is an object, nil for anything else.
func (r Row) object(name string) Row {
	row, _ := r.get(name).(Row)
	return row
}

// list returns the objects of a member that is an array.
func (r Row) list(name string) []Row {
	array, _ := r.get(name).([]any)
	rows := make([]Row, 0, len(array))
	for _, element := range array {
		if row, ok := element.(Row); ok {
			rows = append(rows, row)
		}
	}
	return rows
}

// has reports whether a row has all of some members.
func (r Row) has(members ...string) bool {
	for _, name := range members {
		if r.get(name) == nil {
			return false
		}
	}
	return true
}

// with returns a row with more fields.
func (r Row) with(fields ...Field) Row { return append(r[:len(r):len(r)], fields...) }

// zoneAfter returns the zone that is some seconds ahead of UTC.
func zoneAfter(seconds any) *time.Location {
	x, _ := number(seconds)
	if x < -86400 || x > 86400 {
		x = 0
	}
	return time.FixedZone("", int(x))
}

// isThingSpeak: {"channel":{"field1":"Temperature"},"feeds":[{"created_at":...,"field1":"27.1"}]}.
func isThingSpeak(row Row) bool { return len(row.object("channel")) > 0 && row.has("feeds") }

// thingSpeak gives the fields of the feeds the names that the channel gives them.
func (d *Decoder) thingSpeak(row Row) []Row {
	channel := row.object("channel")
	known := names{"created_at": "timestamp", "entry_id": "", "latitude": "latitude", "longitude": "longitude", "elevation": "elevation"}
	place := Row{}
	for _, f := range channel {
		if s, ok := f.Value.(string); ok && strings.HasPrefix(f.Name, "field") {
			known[f.Name] = s
		}
	}
	for _, f := range [...]string{"latitude", "longitude", "elevation"} {
		if x, ok := number(channel.get(f)); ok && (x != 0 || f == "elevation") { // a channel without a place has 0.0, 0.0
			place = append(place, Field{Name: f, Value: x})
		}
	}
	if name, ok := text(channel.get("name")); ok {
		if _, ok := meteo.FindStation(name); ok {
			place = append(place, Field{Name: "station", Value: name})
		}
	}
	var rows []Row
	for _, feed := range row.list("feeds") {
		rows = append(rows, d.completed(d.renamed(feed, known), place))
	}
	return rows
}

// isUplink: an uplink of The Things Stack ("uplink_message") or of ChirpStack ("deviceInfo" and "object"), whose payload is decoded.
func isUplink(row Row) bool {
	if row.has("result") && isUplink(row.object("result")) {
		return true
	}
	return row.object("uplink_message").has("decoded_payload") || row.has("deviceInfo", "object")
}

// uplink reads the decoded payload, which has the names that its owner gave them, with the time at which the network received it.
func (d *Decoder) uplink(row Row) []Row {
	if inner := row.object("result"); isUplink(inner) {
		return d.uplink(inner)
	}
	payload, received, device := row.object("object"), row.get("time"), row.object("deviceInfo").get("deviceName")
	if message := row.object("uplink_message"); message != nil {
		payload, received = message.object("decoded_payload"), message.get("received_at")
		device = row.object("end_device_ids").get("device_id")
		if received == nil {
			received = row.get("received_at")
		}
		if user := message.object("locations").object("user"); user != nil {
			payload = payload.with(d.renamed(user, names{"latitude": "latitude", "longitude": "longitude", "altitude": "elevation", "source": ""})...)
		}
	}
	said := Row{{Name: "timestamp", Value: received}}
	if name, ok := text(device); ok {
		if _, ok := meteo.FindStation(name); ok {
			said = append(said, Field{Name: "station", Value: name})
		}
	}
	s := splitter{d: d}
	s.object(payload, said, 1)
	return s.rows
}
