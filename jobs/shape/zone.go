package shape

import (
	"cmp"
	"math"
	"regexp"
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

// zoneOf reads the value of a field that states the zone or the offset of a record's times: a name, +01:00, or a number in the unit that the name
// of the field states, or else in the only one in which it is a zone's.
func (d *Decoder) zoneOf(name string, value any) (*time.Location, bool) {
	if x, ok := number(value); ok {
		text, _ := value.(string)
		text = strings.TrimSpace(text)
		if digits := strings.TrimLeft(text, "+-"); len(digits) == 4 && isDigits(digits) && (len(text) == 5 || digits[0] == '0') { // +0100, 0530
			return offsetZone(cmp.Or(strings.TrimSuffix(text, digits), "+") + digits)
		}
		seconds, ok := offsetOf(name, x)
		return fixedZone(seconds), ok
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

// leastOffset is the least distance of a zone of today from UTC, and offsetStep what all are a multiple of (tz database: Asia/Kathmandu), in seconds.
const (
	leastOffset = 3600
	offsetStep  = 900
)

// offsetOf returns the seconds of an offset that is a number: hours, minutes, seconds, or hours and minutes as in 530 for 05:30. Where the name of its
// field does not state the unit it is the only one in which the number is the offset of a zone; ok is false when that is so in none, or in several: 330
// is 05:30 in minutes and 03:30 in figures.
func offsetOf(name string, x float64) (seconds int, ok bool) {
	switch name = strings.ReplaceAll(meteo.Fold(name), " ", ""); {
	case strings.HasSuffix(name, "hours"):
		x *= 3600
	case strings.HasSuffix(name, "minutes"):
		x *= 60
	case strings.HasSuffix(name, "seconds"), name == "utcoffsets":
	default:
		return soleOffset(x)
	}
	return int(x), math.Abs(x) <= maxOffset && x == math.Trunc(x)
}

// soleOffset is offsetOf without a unit.
func soleOffset(x float64) (seconds int, ok bool) {
	if x == 0 {
		return 0, true
	}
	figures := math.Mod(x, 100)*60 + math.Trunc(x/100)*3600
	if math.Abs(math.Mod(x, 100)) >= 60 {
		figures = 0
	}
	for _, candidate := range [...]float64{x * 3600, x * 60, x, figures} {
		size := math.Abs(candidate)
		if size < leastOffset || size > maxOffset || math.Mod(size, offsetStep) != 0 {
			continue
		}
		if ok {
			return 0, false
		}
		seconds, ok = int(candidate), true
	}
	return seconds, ok
}

// timesShown returns how often the clocks of a zone show a time of day: 0 in the hour that they skip in spring, 2 in the hour that they repeat in autumn.
func timesShown(wall time.Time, zone *time.Location) int {
	t := stamp{t: wall}.at(zone)
	if (stamp{t: t}).at(time.UTC) != wall {
		return 0
	}
	start, end := t.ZoneBounds()
	if _, offset := t.Zone(); !end.IsZero() {
		if _, next := end.Zone(); !t.Add(time.Duration(offset-next) * time.Second).Before(end) {
			return 2
		}
	}
	if _, offset := t.Zone(); !start.IsZero() {
		if _, last := start.Add(-1).Zone(); t.Add(time.Duration(offset-last) * time.Second).Before(start) {
			return 2
		}
	}
	return 1
}

// checkShown refuses a time that is not one instant in its zone.
func (c *cell) checkShown(s stamp, zone *time.Location) error {
	if s.isInstant || !s.hasClock || zone == nil || zone == time.UTC {
		return nil
	}
	switch timesShown(s.t, zone) {
	case 0:
		return meteo.Refuse(meteo.InvalidTime, "%.40q has a time that the clocks of %s skip: %s: correct it, or name its zone with --timezone", c.name, zone, quote(c.value))
	case 2:
		return meteo.Refuse(meteo.InvalidTime, "%.40q has a time that the clocks of %s show twice: %s: give its offset, such as +01:00", c.name, zone, quote(c.value))
	}
	return nil
}

// offsetInName finds an offset from UTC with its minutes.
var offsetInName = regexp.MustCompile(`[+-]\d{1,2}:\d\d`)

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
		return r == ' ' || r == '_' || r == ',' || r == ';' || r == ':' && !offsetInName.MatchString(name)
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
