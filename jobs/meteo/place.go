package meteo

import (
	"math"
	"regexp"
	"strings"
)

// furtherStations are the stations with a WMO number or a code that are not at the capital of their region: those of docs/sources.md.
// Coordinates and elevations are the WMO's.
var furtherStations = [...]Station{
	{"SN-SL-01", "Saint-Louis", "Podor", 16.65, -14.97, 7, "61612", "GOSP", 0},
	{"SN-LG-01", "Louga", "Linguère", 15.38, -15.12, 21, "61627", "", 0},
	{"SN-ZG-01", "Ziguinchor", "Cap Skirring", 12.4, -16.75, 16, "61697", "GOGS", 0},
	{"SN-TH", "Thiès", "Blaise Diagne", 14.6711, -17.0669, 89, "", "GOBD", 0}, // the airport that reports for the region of Thiès
}

// otherNames are spellings of the stations, beside their capitals and regions, in the form of placeKey. A station's name often comes with that of its
// airfield.
var otherNames = map[string]string{
	"yoff": "Dakar", "dakaryoff": "Dakar", "leopoldsedarsenghor": "Dakar", "senghor": "Dakar", "dakarsenghor": "Dakar", "dakarleopoldsedarsenghor": "Dakar",
	"dakaryoffleopoldsedarsenghor": "Dakar", "tamba": "Tambacounda", "matamourosogui": "Matam", "ourosogui": "Matam", "ourossogui": "Matam",
	"matamourossogui": "Matam", "skirring": "Cap Skirring", "capskiring": "Cap Skirring", "ziguinchorcapskirring": "Cap Skirring",
	"cskirring": "Cap Skirring", "aibd": "Blaise Diagne", "dakarblaisediagne": "Blaise Diagne", "blaisediagnediass": "Blaise Diagne",
	"dakardiass": "Blaise Diagne",
}

// byKey and byCode hold every station by the names and by the number and code that it is known by.
var byKey, byCode = indexStations()

func indexStations() (byKey, byCode map[string]Station) {
	byKey, byCode = map[string]Station{}, map[string]Station{}
	for _, list := range [...][]Station{Stations[:], furtherStations[:]} { // further ones last: GOBD is the airport's
		for _, s := range list {
			byKey[placeKey(s.Capital)] = s
			for _, code := range [...]string{s.WMO, strings.ToLower(s.ICAO)} {
				if code != "" {
					byCode[code] = s
				}
			}
		}
	}
	for key, capital := range otherNames {
		byKey[key] = byKey[placeKey(capital)]
	}
	return byKey, byCode
}

// placeNoise holds words that change nothing in the name of a station.
var placeNoise = map[string]bool{
	"region": true, "of": true, "de": true, "du": true, "la": true, "le": true, "station": true, "meteo": true, "meteorologique": true,
	"synoptique": true, "aeroport": true, "aero": true, "airport": true, "intl": true, "international": true, "ville": true, "city": true,
	"town": true, "senegal": true, "sn": true,
}

// placeKey brings the name of a place into the form in which names of places are compared: as Fold, "Saint" in full, without the words of
// placeNoise and without spaces.
func placeKey(name string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(Fold(name)) {
		switch {
		case word == "st":
			b.WriteString("saint")
		case !placeNoise[word]:
			b.WriteString(word)
		}
	}
	return b.String()
}

var (
	folded   = regexp.MustCompile(`^sn ([a-z]{2})(?: (\d{2,4}))?$`)
	wmoForms = regexp.MustCompile(`^(?:sg0000|0 2\d{4} 0 )?(616\d\d)(?:0|099999|0 99999| 99999)?(?: 0)?$`)
)

// FindStation finds a station by what people and programs call it: its id in any spelling (sn_dk), WMO number (61641, or as NOAA writes
// it 616410 and 61641099999), ICAO code, or the name of its place or region in any case, accents or hyphens (St-Louis, DAKAR/YOFF); also by
// code and name together. Of "Thiès, Sénégal" the first part that names a place counts, and it must be known. The coordinates of a
// further station whose own are not known are those of its region's main station.
func FindStation(name string) (Station, bool) {
	if s, ok := StationByID(name); ok {
		return further(s, name), true
	}
	words := Fold(name)
	if m := folded.FindStringSubmatch(words); m != nil {
		id := "SN-" + strings.ToUpper(m[1])
		if m[2] != "" {
			id += "-" + m[2]
		}
		if s, ok := StationByID(id); ok {
			return further(s, id), true
		}
		return Station{}, false
	}
	if m := wmoForms.FindStringSubmatch(words); m != nil {
		s, ok := byCode[m[1]]
		return s, ok
	}
	for word := range strings.FieldsSeq(words) {
		if s, ok := byCode[word]; ok {
			return s, true
		}
	}
	for part := range strings.SplitSeq(name, ",") {
		if key := placeKey(part); key != "" {
			s, ok := byKey[key]
			return s, ok
		}
	}
	return Station{}, false
}

// further is the station of an id whose region's main station is given.
func further(main Station, id string) Station {
	for _, s := range furtherStations {
		if s.ID == id && s.ID != main.ID {
			return s
		}
	}
	main.ID = id
	return main
}

// NearKM is how far, in kilometres, a place may be from a station to be taken for it when it has no name.
const NearKM = 25

// NamedNearKM is NearKM for a place with a name that is not known, so that two towns never become one.
const NamedNearKM = 10

// NearestStation returns the station nearest to a point and how far it is in kilometres; ok is false for a point
// outside of Senegal (see WithinBorder).
func NearestStation(latitude, longitude float64) (s Station, km float64, ok bool) {
	if !WithinBorder(latitude, longitude) {
		return Station{}, 0, false
	}
	km = math.Inf(1)
	for _, list := range [...][]Station{Stations[:], furtherStations[:]} {
		for i := range list {
			if d := DistanceKM(latitude, longitude, list[i].Latitude, list[i].Longitude); d < km {
				s, km = list[i], d
			}
		}
	}
	return s, km, true
}
