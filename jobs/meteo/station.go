package meteo

import (
	"fmt"
	"math"
	"strings"
	"unicode"
)

// Station is a place that readings belong to. The 14 main stations stand for their regions.
type Station struct {
	ID         string  // ISO 3166-2 code of the region; "-NN" follows for further stations
	Region     string  // name with its accents
	Capital    string  // the place the coordinates stand for
	Latitude   float64 // degrees north, WGS84
	Longitude  float64 // degrees east, WGS84
	ElevationM float64 // metres above mean sea level
	WMO        string  // five-digit WMO number of the region's own synoptic station, or ""
	ICAO       string  // ICAO location indicator of the region's airport, or ""
	Population int     // ANSD projection for 2021
}

// Stations are the main stations of the 14 regions. Coordinates: GeoNames (CC BY 4.0); elevations:
// the WMO station where there is one; population: ANSD.
var Stations = [...]Station{
	{"SN-DK", "Dakar", "Dakar", 14.6937, -17.4441, 26, "61641", "GOOY", 3938358},
	{"SN-TH", "Thiès", "Thiès", 14.7894, -16.926, 76, "", "GOBD", 2221097},
	{"SN-DB", "Diourbel", "Diourbel", 14.6479, -16.2436, 9, "61666", "GOOD", 1919090},
	{"SN-FK", "Fatick", "Fatick", 14.3324, -16.4051, 7, "", "", 932629},
	{"SN-KL", "Kaolack", "Kaolack", 14.152, -16.0726, 8, "61679", "GOOK", 1228746},
	{"SN-KA", "Kaffrine", "Kaffrine", 14.1059, -15.5508, 13, "", "", 755172},
	{"SN-LG", "Louga", "Louga", 15.6187, -16.2244, 38, "", "", 1091268},
	{"SN-SL", "Saint-Louis", "Saint-Louis", 16.0179, -16.4896, 3, "61600", "GOSS", 1120585},
	{"SN-MT", "Matam", "Matam", 15.6559, -13.2554, 17, "61630", "GOSM", 760588},
	{"SN-TC", "Tambacounda", "Tambacounda", 13.7707, -13.6673, 49, "61687", "GOTT", 904032},
	{"SN-KE", "Kédougou", "Kédougou", 12.5556, -12.1808, 178, "61699", "GOTK", 196991},
	{"SN-KD", "Kolda", "Kolda", 12.8939, -14.9413, 10, "61698", "GOGK", 848343},
	{"SN-SE", "Sédhiou", "Sédhiou", 12.7081, -15.5569, 12, "", "", 591970},
	{"SN-ZG", "Ziguinchor", "Ziguinchor", 12.568, -16.2733, 23, "61695", "GOGG", 706554},
}

// The box that holds Senegal, degrees (facts: qc_rules, location test).
const (
	MinLatitude  = 12.30
	MaxLatitude  = 16.70
	MinLongitude = -17.55
	MaxLongitude = -11.37
)

// InSenegal reports whether a point lies in the box around Senegal.
func InSenegal(latitude, longitude float64) bool {
	return latitude >= MinLatitude && latitude <= MaxLatitude &&
		longitude >= MinLongitude && longitude <= MaxLongitude
}

// StationByID returns the main station of the region that a station id names: "SN-DK" and
// "SN-DK-03" both give Dakar's. ok is false for an id of another form or country.
func StationByID(id string) (s Station, ok bool) {
	region, further := id, ""
	if len(id) > 5 {
		region, further = id[:5], id[5:]
	}
	if further != "" && !isFurther(further) {
		return Station{}, false
	}
	for i := range Stations {
		if Stations[i].ID == region {
			return Stations[i], true
		}
	}
	return Station{}, false
}

// isFurther accepts "-NN" to "-NNNN", the ending of a region's further stations.
func isFurther(s string) bool {
	if len(s) < 3 || len(s) > 5 || s[0] != '-' {
		return false
	}
	for _, c := range s[1:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// DistanceKM is the great-circle distance of two points given in degrees, on a sphere of
// 6371.0088 km (the mean radius of the IUGG).
func DistanceKM(lat1, lon1, lat2, lon2 float64) float64 {
	const radius, degree = 6371.0088, math.Pi / 180
	sinLat := math.Sin((lat2 - lat1) * degree / 2)
	sinLon := math.Sin((lon2 - lon1) * degree / 2)
	h := sinLat*sinLat + math.Cos(lat1*degree)*math.Cos(lat2*degree)*sinLon*sinLon
	return 2 * radius * math.Asin(math.Min(1, math.Sqrt(h)))
}

// SelectStations returns the stations of a comma-separated list of ids, codes or names, as FindStation knows them; "" and "all" give the 14
// main stations.
func SelectStations(list string) ([]Station, error) {
	if list = strings.TrimSpace(list); list == "" || list == "all" {
		return Stations[:], nil
	}
	var out []Station
	seen := map[string]bool{}
	for _, word := range strings.Split(list, ",") {
		s, ok := FindStation(word)
		if !ok {
			return nil, fmt.Errorf("no station or region is called %q: use ids such as SN-DK or names such as Dakar", strings.TrimSpace(word))
		}
		if !seen[s.ID] {
			seen[s.ID] = true
			out = append(out, s)
		}
	}
	return out, nil
}

// Fold brings a name into the form in which names are compared: lower case, French accents
// removed, every run of other characters than letters and digits one space.
func Fold(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		if unicode.Is(unicode.Mn, r) { // an accent of decomposed Unicode: its letter went before
			continue
		}
		plain := unaccent(r)
		if plain == "" {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteString(plain)
	}
	return b.String()
}

// unaccent maps a lower-case letter or digit to its plain form and anything else to "".
func unaccent(r rune) string {
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		return string(r)
	case strings.ContainsRune("àâäáã", r):
		return "a"
	case strings.ContainsRune("éèêë", r):
		return "e"
	case strings.ContainsRune("îïí", r):
		return "i"
	case strings.ContainsRune("ôöó", r):
		return "o"
	case strings.ContainsRune("ûüùú", r):
		return "u"
	}
	switch r {
	case '¹':
		return "1"
	case '²':
		return "2"
	case '³':
		return "3"
	case 'ç':
		return "c"
	case 'ñ':
		return "n"
	case 'œ':
		return "oe"
	case 'æ':
		return "ae"
	}
	return ""
}
