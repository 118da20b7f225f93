package metar

import "regexp"

// weather are the letters of present and recent weather (code table 4678).
const weather = `[-+]?(?:VC|RE)?(?:MI|BC|PR|DR|BL|SH|TS|FZ|DZ|RA|SN|SG|IC|PL|PE|GR|GS|UP|BR|FG|FU|VA|DU|SA|HZ|PY|PO|SQ|FC|SS|DS)+`

// passedOver are groups that are understood and not kept: weather, sector of the wind, runways (their visual range and
// state, wind shear), state of the sea, clouds that matter to aircraft without their amount, pressure of another
// reduction, colours of the state of an aerodrome. Only solidi mean that a group is missing.
var passedOver = regexp.MustCompile(`^(?:` + weather + `|/+|\d{3}V\d{3}` +
	`|R(?:WY)?\d{2}[LCR]{0,2}(?:/\S*)?|RWY|WS|ALL|TKOF|LDG|[0-9/]{8}|R/SNOCLO|SNOCLO` +
	`|W(?:M?\d{2}|//)/[SH]\S*|(?:///)+(?:CB|TCU)|CB|TCU|NSC|NCD|CLR|NSW` +
	`|SLP(?:\d{3}|NO)|QFE\d*|RF\d\S*|(?:BLACK)?(?:BLU|WHT|GRN|YLO\d?|AMB|RED)\+?|\$)$`)

// grown are groups that have grown together, each of a form that can't be mistaken for another.
var (
	grown = regexp.MustCompile(`^(?:` + piece + `){2,}$`)
	each  = regexp.MustCompile(piece)
)

const piece = `(?:(?:\d{3}|VRB|///)\d{2}(?:G\d{2})?(?:KT|MPS|KMH)|\d{3}V\d{3}|CAVOK|(?:FEW|SCT|BKN|OVC)\d{3}(?:CB|TCU)?|NSC|NCD|SKC` +
	`|M?\d{2}/M?\d{2}|[QA]\d{4}|\d{4}(?:NDV)?|(?:NOSIG|BECMG|TEMPO|RMK).*|` + weather + `)`

// readGrown decodes groups that have grown together; it reports whether one of them ends the body.
func (d *decoder) readGrown(group string) (ends bool) {
	for _, part := range each.FindAllString(group, -1) {
		if endsBody.MatchString(part) {
			return true
		}
		d.read(part)
	}
	return false
}

// torn are the forms of groups that a space has cut in two.
var torn = []struct{ head, tail *regexp.Regexp }{
	{regexp.MustCompile(`^(?:\d{5,6}|VRB\d{2,3})(?:G\d{2,3})?$`), regexp.MustCompile(`^(?:G\d{2,3})?(?:KTS?|MPS|KMH)$`)},
	{regexp.MustCompile(`^[MP]?(?:\d{1,2}|\d{1,2}/\d{1,2})$`), regexp.MustCompile(`^SM$`)},
	{regexp.MustCompile(`^\d{1,2}$`), regexp.MustCompile(`^KM$`)},
	{regexp.MustCompile(`^(?:Q|A|QNH)$`), regexp.MustCompile(`^\d{4}$`)},
	{regexp.MustCompile(`^M?\d{2}/$`), regexp.MustCompile(`^M?\d{2}$`)},
	{regexp.MustCompile(`^M?\d{2}$`), regexp.MustCompile(`^/(?:M?\d{2}|//)$`)},
}

var (
	wholeDegrees = regexp.MustCompile(`^M?\d{2}$`)

	wholeMiles = regexp.MustCompile(`^\d$`)
	fraction   = regexp.MustCompile(`^\d/\d{1,2}(?:SM)?$`)
)

// rejoin completes a group of which the next one is the rest. Whole miles keep the space before their fraction.
func (d *decoder) rejoin(group string) string {
	if wholeMiles.MatchString(group) && fraction.MatchString(d.groups.Peek()) {
		return group + " " + d.rejoin(d.groups.Next())
	}
	if d.groups.Peek() == "/" && wholeDegrees.MatchString(group) && len(d.groups) > 1 && wholeDegrees.MatchString(d.groups[1]) {
		return group + d.groups.Next() + d.groups.Next()
	}
	for _, t := range torn {
		if t.head.MatchString(group) && t.tail.MatchString(d.groups.Peek()) {
			return group + d.groups.Next()
		}
	}
	return group
}
