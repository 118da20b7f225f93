package shape

import (
	"strings"

	"senmeteo/jobs/meteo"
)

// locate finds the station of a record, in this order: the station id that it gives (an unknown one is
// refused), a name of a station, region or capital that it gives, the station nearest to its
// coordinates when they lie in Senegal, Defaults.Station for a record that names no place. What it
// does not say of its coordinates and elevation is the station's.
func locate(cells []cell, o *meteo.Observation, def Defaults) error {
	station, err := findStation(cells, o, def)
	if err != nil {
		return err
	}
	o.StationID, o.Region = station.ID, station.Region
	if !meteo.Known(o.Latitude) || !meteo.Known(o.Longitude) {
		o.Latitude, o.Longitude = station.Latitude, station.Longitude
	}
	if !meteo.Known(o.ElevationM) {
		o.ElevationM = station.ElevationM
	}
	return nil
}

func findStation(cells []cell, o *meteo.Observation, def Defaults) (meteo.Station, error) {
	named := ""
	for _, c := range cells {
		if c.meaning != stationID && c.meaning != placeName {
			continue
		}
		name, _ := text(c.value)
		if s, ok := stationCalled(name); ok {
			return s, nil
		}
		if c.meaning == stationID {
			return meteo.Station{}, meteo.Refuse(meteo.UnknownStation, "%.40q %.40q is not a station of Senegal: use ids such as SN-DK", c.name, name)
		}
		named = name
	}
	if s, _, ok := meteo.NearestStation(o.Latitude, o.Longitude); ok {
		return s, nil
	}
	if named != "" {
		return meteo.Station{}, meteo.Refuse(meteo.UnknownStation, "%.60q is not a region or capital of Senegal, and no coordinates in Senegal are given", named)
	}
	if s, ok := stationCalled(def.Station); ok {
		return s, nil
	}
	return meteo.Station{}, meteo.Refuse(meteo.UnknownStation, "it names no place of Senegal: name the station for such records")
}

// stationCalled finds a station by its id, by the WMO number or ICAO code of a main station, or by a
// name; of "Thiès, Sénégal" the first part that is known counts.
func stationCalled(name string) (meteo.Station, bool) {
	if s, ok := meteo.StationByID(name); ok {
		s.ID = name
		return s, true
	}
	for _, s := range meteo.Stations {
		if name != "" && (name == s.WMO || strings.EqualFold(name, s.ICAO)) {
			return s, true
		}
	}
	for part := range strings.SplitSeq(name, ",") {
		if s, ok := meteo.StationByName(part); ok {
			return s, true
		}
	}
	return meteo.Station{}, false
}
