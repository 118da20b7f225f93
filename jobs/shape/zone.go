package shape

import (
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// zoneOffsets holds the abbreviations of zones that have one meaning, in hours from UTC (tz database). Those that several zones share
// (CST, EST, IST, BST, AST and others) are not among them.
var zoneOffsets = map[string]int{
	"z": 0, "utc": 0, "gmt": 0, "tu": 0, "ut": 0, "ut1": 0, "tuc": 0, "zulu": 0, "wet": 0, "west": 1, "wat": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "cat": 2,
	"sast": 2, "eet": 2, "eest": 3, "eat": 3, "msk": 3, "jst": 9,
}

// sharedZones are abbreviations that mean several zones.
var sharedZones = map[string]bool{
	"cst": true, "cdt": true, "est": true, "edt": true, "mst": true, "mdt": true, "pst": true, "pdt": true, "ast": true, "adt": true, "ist": true, "bst": true,
	"gst": true, "sst": true, "wst": true, "act": true, "amt": true,
}

// maxOffset is the largest distance of a zone from UTC (tz database: Pacific/Kiritimati), in seconds.
const maxOffset = 14 * 3600

// ParseZone reads a zone as people write it: +01:00, +0100, +1, UTC+1, GMT, Z, WAT, Africa/Dakar. Abbreviations that several zones share
// are not read.
func ParseZone(s string) (*time.Location, bool) {
	s = strings.Trim(plainSpaces(strings.TrimSpace(s)), "()[] ")
	if strings.Contains(s, "/") {
		return namedZone(s)
	}
	word := scanner{rest: s}
	name := word.word()
	hours, known := zoneOffsets[name]
	if name != "" && !known {
		return nil, false
	}
	rest := strings.TrimSpace(word.rest)
	switch {
	case s == "":
		return nil, false
	case rest == "" && hours == 0:
		return time.UTC, true
	case rest == "":
		return time.FixedZone(strings.ToUpper(name), hours*3600), true
	case hours != 0:
		return nil, false
	}
	return offsetZone(rest)
}

// offsetZone reads +01:00, +0100, +01, -1 and +1h.
func offsetZone(s string) (*time.Location, bool) {
	sc := scanner{rest: s}
	sign := sc.sign("+-")
	if sign == 0 {
		return nil, false
	}
	sc.spaces()
	hours, count := sc.digits()
	minutes := 0
	switch {
	case count == 4:
		hours, minutes = hours/100, hours%100
	case count != 1 && count != 2:
		return nil, false
	case sc.sign(":") != 0:
		if minutes, count = sc.digits(); count != 2 {
			return nil, false
		}
	default:
		sc.sign("hH")
	}
	seconds := hours*3600 + minutes*60
	if sc.rest != "" || minutes > 59 || seconds > maxOffset {
		return nil, false
	}
	if sign == '-' {
		seconds = -seconds
	}
	return fixedZone(seconds), true
}

func fixedZone(seconds int) *time.Location {
	if seconds == 0 {
		return time.UTC
	}
	return time.FixedZone("", seconds)
}

// zoneAreas are the areas of the tz database.
var zoneAreas = map[string]bool{
	"Africa": true, "America": true, "Antarctica": true, "Arctic": true, "Asia": true, "Atlantic": true, "Australia": true, "Europe": true, "Indian": true,
	"Pacific": true, "Etc": true,
}

// namedZone returns a zone of the tz database, such as Africa/Dakar.
func namedZone(name string) (*time.Location, bool) {
	area, _, _ := strings.Cut(name, "/")
	if !zoneAreas[area] {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}

// zoneOf reads the value of a field that states the zone or the offset of a record's times: a name, +01:00, hours or seconds.
func (d *Decoder) zoneOf(value any) (*time.Location, bool) {
	if x, ok := number(value); ok {
		switch { // no zone is 15 minutes from UTC or less, and none 15 hours or more
		case x >= -14 && x <= 14:
			x *= 3600
		case x > -900 && x < 900:
			x *= 60
		}
		if s, isText := value.(string); isText && strings.ContainsAny(s[:1], "+-") && len(s) == 5 { // +0100
			return ParseZone(s)
		}
		return fixedZone(int(x)), x >= -maxOffset && x <= maxOffset && x == float64(int(x))
	}
	s, _ := value.(string)
	if zone, ok := d.zones[s]; ok {
		return zone, zone != nil
	}
	zone, ok := ParseZone(s)
	if len(d.zones) < maxNames && len(s) <= 64 {
		d.zones[s] = zone
	}
	return zone, ok
}

// statedZone takes the zone out of a heading such as "Time (UTC+1)", "time_utc", "Heure (TU)" or "Date [Europe/Paris]". The zone is nil
// when there is none, and sharedZone when it is an abbreviation that several zones share.
func statedZone(name string) (bare string, zone *time.Location) {
	if open := strings.IndexAny(name, "(["); open >= 0 {
		if end := strings.IndexAny(name[open:], ")]"); end != -1 {
			inside := name[open+1 : open+end]
			if zone := zoneNamed(inside); zone != nil {
				return name[:open] + name[open+end+1:], zone
			}
		}
	}
	words := strings.FieldsFunc(name, func(r rune) bool {
		return r == ' ' || r == '_' || r == ',' || r == ';' || r == ':' && !strings.Contains(name, "+")
	})
	if len(words) < 2 {
		return name, nil
	}
	for _, count := range [...]int{2, 1} {
		if count >= len(words) {
			continue
		}
		if zone := zoneNamed(strings.Join(words[len(words)-count:], " ")); zone != nil {
			return strings.Join(words[:len(words)-count], " "), zone
		}
	}
	if zone := zoneNamed(words[0]); zone != nil { // UTC_Time, "GMT Date"
		return strings.Join(words[1:], " "), zone
	}
	return name, nil
}

// sharedZone stands for an abbreviation that several zones share.
var sharedZone = time.FixedZone("shared", 0)

func zoneNamed(s string) *time.Location {
	if s = strings.TrimSpace(s); s == "" || !strings.ContainsAny(s[:1], "+-") && isDigit(s[0]) {
		return nil
	}
	if sharedZones[meteo.Fold(s)] {
		return sharedZone
	}
	if zone, ok := ParseZone(s); ok && meteo.Fold(s) != "z" {
		return zone
	}
	return nil
}
