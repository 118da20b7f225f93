package shape

import (
	"math"
	"strings"

	"senmeteo/jobs/meteo"
)

// locate finds the station of a record, in this order: the id, number or code that it gives (one that is not known is
// refused), a name of a station, region or capital, the station that its coordinates lie at, Defaults.Station for a record that
// names no place. What it does not say of its coordinates and elevation is the station's, and so are coordinates that were
// exchanged or are not in Senegal. A record that names one region's station and lies at another's, or names another's, is refused.
func (d *Decoder) locate(o *meteo.Observation, def Defaults) error {
	station, err := d.findStation(o, def)
	if err != nil {
		return err
	}
	o.StationID, o.Region = station.ID, station.Region
	if err := contradicts(o, station); err != nil {
		return err
	}
	if d.anyStation && !meteo.Known(station.Latitude) {
		return nil // of another country: nothing is known of it
	}
	if hasPlace(o) && !meteo.InSenegal(o.Latitude, o.Longitude) && !meteo.WithinBorder(o.Latitude, o.Longitude) {
		why := whyOutside
		if exchanged(o) {
			why = whyExchanged
		}
		d.ignored.add("latitude", why, o.Latitude)
		d.ignored.add("longitude", why, o.Longitude)
		o.Latitude, o.Longitude = station.Latitude, station.Longitude
	}
	if !hasPlace(o) {
		o.Latitude, o.Longitude = station.Latitude, station.Longitude
	}
	if !meteo.Known(o.ElevationM) {
		o.ElevationM = station.ElevationM
	}
	return nil
}

func (d *Decoder) findStation(o *meteo.Observation, def Defaults) (meteo.Station, error) {
	names := d.placeNames()
	if s, ok, err := d.stationWithID(); ok || err != nil {
		if ok {
			err = names.agreeWith(s)
		}
		return s, err
	}
	switch s, ok, err := names.station(o); {
	case ok || err != nil:
		return s, err
	case hasPlace(o):
		return stationAt(o, names.unknown)
	case names.unknown != "":
		return meteo.Station{}, meteo.Refuse(meteo.UnknownStation, "%.60q is not a station, region or capital of Senegal that is known, and it gives no coordinates: give its station_id", names.unknown)
	}
	if s, ok := meteo.FindStation(def.Station); ok {
		return s, nil
	}
	return meteo.Station{}, meteo.Refuse(meteo.UnknownStation, "it names no place of Senegal: name the station for such records")
}

// stationWithID returns the station of the first id, number or code that is known; the error is of a record whose ids are all unknown.
func (d *Decoder) stationWithID() (_ meteo.Station, ok bool, err error) {
	for i := range d.cells {
		c := &d.cells[i]
		if c.meaning != stationID {
			continue
		}
		name, _ := text(c.value)
		if s, ok := d.station(name); ok {
			return s, true, nil
		}
		if err == nil {
			err = meteo.Refuse(meteo.UnknownStation, "%.40q %.40q is not a station of Senegal that is known: use ids such as SN-DK, or WMO numbers", c.name, name)
		}
	}
	return meteo.Station{}, false, err
}

// placeNames are the names of places that a record gives.
type placeNames struct {
	known   []meteo.Station
	called  string // the name of the first of them
	unknown string // the first name that is not known, of a town or station rather than of a region
	isTown  bool   // unknown is in a column for stations or towns
}

func (d *Decoder) placeNames() (n placeNames) {
	n.known = d.known[:0]
	for i := range d.cells {
		c := &d.cells[i]
		if c.meaning != placeName {
			continue
		}
		name, _ := text(c.value)
		if s, ok := d.station(name); ok {
			if n.known = append(n.known, s); n.called == "" {
				n.called = name
			}
		} else if town := isTown(c.name); n.unknown == "" || town && !n.isTown {
			n.unknown, n.isTown = name, town
		}
	}
	d.known = n.known
	return n
}

// station is meteo.FindStation, which takes its time, with a memory.
func (d *Decoder) station(name string) (meteo.Station, bool) {
	if s, ok := d.stations[name]; ok {
		return s, s.ID != ""
	}
	s, ok := meteo.FindStation(name)
	switch {
	case ok:
	case d.anyStation && plainText(name) && len(name) <= maxName:
		s, ok = meteo.Station{ID: strings.Clone(name), Latitude: math.NaN(), Longitude: math.NaN(), ElevationM: math.NaN()}, name != ""
	default:
		s = meteo.Station{}
	}
	if len(d.stations) < maxNames && len(name) <= maxName {
		d.stations[strings.Clone(name)] = s
	}
	return s, ok
}

// isTown reports whether a column is one for stations or towns, and not for regions or names of any kind.
func isTown(column string) bool {
	for _, word := range nameWords(column) {
		switch strings.TrimSuffix(word, "name") {
		case "station", "nomstation", "city", "town", "ville", "localite":
			return true
		}
	}
	return false
}

// station returns the station that the names agree on. A town that is not known is not the capital of the region that is named beside it.
func (n *placeNames) station(o *meteo.Observation) (_ meteo.Station, ok bool, err error) {
	if len(n.known) == 0 {
		return meteo.Station{}, false, nil
	}
	s := n.known[0]
	for _, other := range n.known[1:] {
		if other.Region != s.Region {
			return s, false, meteo.Refuse(meteo.UnknownStation, "%.60q is in the region of %s, and another name beside it in that of %s: leave out the wrong one", n.called, s.Region, other.Region)
		}
		if isMain(s) {
			s = other
		}
	}
	if n.unknown == "" || !isMain(s) {
		return s, true, nil
	}
	if hasPlace(o) && !exchanged(o) && meteo.DistanceKM(o.Latitude, o.Longitude, s.Latitude, s.Longitude) > meteo.NearKM {
		s, err = stationAt(o, n.unknown)
		return s, true, err
	}
	if !hasPlace(o) && n.isTown {
		return s, false, meteo.Refuse(meteo.UnknownStation, "%.60q is not a station that is known, and %.60q is its region: give its station_id, such as %.5s-09", n.unknown, n.called, s.ID)
	}
	return s, true, nil
}

// agreeWith refuses a record that names a place of another region than its id's: nobody can say which is right.
func (n *placeNames) agreeWith(s meteo.Station) error {
	for _, named := range n.known {
		if named.Region != s.Region && named.Region != "" && s.Region != "" {
			return meteo.Refuse(meteo.UnknownStation, "its id is that of %s in the region of %s, and a name beside it is in that of %s: correct the wrong one, or leave it out with --column", s.ID, s.Region, named.Region)
		}
	}
	return nil
}

// isMain reports whether a station is the main one of its region, at the capital.
func isMain(s meteo.Station) bool {
	main, ok := meteo.StationByID(s.ID)
	return ok && main.ID == s.ID && main.Capital == s.Capital
}

// stationAt returns the station that the coordinates of a record lie at.
func stationAt(o *meteo.Observation, name string) (meteo.Station, error) {
	limit, called := float64(meteo.NearKM), "it"
	if name != "" {
		limit, called = meteo.NamedNearKM, quote(name)
	}
	s, km, ok := meteo.NearestStation(o.Latitude, o.Longitude)
	switch {
	case ok && km <= limit:
		return s, nil
	case ok:
		return s, meteo.Refuse(meteo.UnknownStation, "%s is at latitude %g, longitude %g, %.0f km from the nearest station, %s (%s), more than %g km: give its station_id, such as %.5s-09",
			called, o.Latitude, o.Longitude, km, s.Capital, s.ID, limit, s.ID)
	case exchanged(o):
		return s, meteo.Refuse(meteo.UnknownStation, "latitude %g and longitude %g look exchanged: name the columns for what they hold with --column", o.Latitude, o.Longitude)
	case meteo.WithinBorder(o.Latitude, -o.Longitude):
		return s, meteo.Refuse(meteo.UnknownStation, "longitude %g is east of Greenwich: degrees west are negative", o.Longitude)
	}
	return s, meteo.Refuse(meteo.UnknownStation, "%s is at latitude %g, longitude %g, which is not in Senegal", called, o.Latitude, o.Longitude)
}

// contradicts refuses a record whose coordinates are those of the main station of another region than the one that it names: nobody can say which is right.
func contradicts(o *meteo.Observation, named meteo.Station) error {
	if !hasPlace(o) || !meteo.Known(named.Latitude) || meteo.DistanceKM(o.Latitude, o.Longitude, named.Latitude, named.Longitude) <= meteo.NearKM {
		return nil
	}
	at, km, ok := meteo.NearestStation(o.Latitude, o.Longitude)
	if !ok || km > meteo.NamedNearKM || at.Region == named.Region || !isMain(at) {
		return nil
	}
	return meteo.Refuse(meteo.UnknownStation, "it names %s (%s), but latitude %g, longitude %g is %s (%s): correct the wrong one, or leave out the coordinates with --column",
		named.Capital, named.ID, o.Latitude, o.Longitude, at.Capital, at.ID)
}

func hasPlace(o *meteo.Observation) bool { return meteo.Known(o.Latitude) && meteo.Known(o.Longitude) }

// exchanged reports whether a point lies in Senegal only when its latitude is its longitude.
func exchanged(o *meteo.Observation) bool {
	return !meteo.InSenegal(o.Latitude, o.Longitude) && meteo.WithinBorder(o.Longitude, o.Latitude)
}
