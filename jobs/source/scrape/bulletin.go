package scrape

import (
	"regexp"
	"strings"

	"senmeteo/jobs/source/scrape/synop"
)

// bulletin is one of the WMO (Manual on Codes, FM 12): below its heading and a line of AAXX, day, hour and unit of wind, the reports of several
// stations, each of one or several lines and with an equals sign at its end.
type bulletin struct {
	mark    string // of a correction, in the heading
	opening string // AAXX YYGGiw, with the mark; "" outside of a bulletin
	report  string // one that has not ended
}

// longestReport is more than the groups of all sections take, in bytes.
const longestReport = 2000

// bulletinLine is a line around the reports of a bulletin; with the mark of a correction.
var bulletinLine = regexp.MustCompile(`^(?:[A-Z]{4}\d{2} [A-Z]{4} \d{6}(?: (?:(COR|CC[A-X])|[A-Z]{3}))?|ZCZC\b.*|NNNN)$`)

// take takes in a line and returns the reports that end with it, each as if it had a bulletin of its own; ok is false for a line that is of none.
func (b *bulletin) take(line string) (ended []string, ok bool) {
	fields := strings.Fields(line)
	switch around := bulletinLine.FindStringSubmatch(strings.Join(fields, " ")); {
	case around != nil:
		ended = b.end()
		b.mark = around[1]
		return ended, true
	case len(fields) > 1 && fields[0] == "AAXX":
		mark := b.mark
		ended = b.end()
		b.mark, b.opening = mark, strings.TrimRight("AAXX "+fields[1]+" "+mark, " ")
		fields = fields[2:]
	case b.opening == "":
		return nil, false
	}
	parts := strings.Split(b.report+" "+strings.Join(fields, " "), "=")
	for _, part := range parts[:len(parts)-1] {
		if part = strings.TrimSpace(part); part != "" {
			ended = append(ended, b.opening+" "+part+"=")
		}
	}
	if b.report = strings.TrimSpace(parts[len(parts)-1]); len(b.report) > longestReport {
		ended = append(ended, b.end()...)
	}
	return ended, true
}

// end leaves the bulletin and returns the report that has no end.
func (b *bulletin) end() (cut []string) {
	if b.report != "" {
		cut = []string{b.opening + " " + b.report}
	}
	*b = bulletin{}
	return cut
}

// ofBulletins adds reports that take returned. Each is judged alone; one of a station that the site does not name is passed over.
func (c *collection) ofBulletins(p *page, reports []string) {
	for _, report := range reports {
		station := strings.TrimSuffix(report, "=")
		for _, group := range strings.Fields(station)[2:] {
			if station = group; group != "COR" && !strings.HasPrefix(group, "CC") {
				break
			}
		}
		if place := p.called(station); place != nil {
			r, err := synop.Decode(report, p.fetched)
			c.synop(p, place, report, r, err)
		} else if !stationNumber.MatchString(station) {
			p.left.add([]string{clip(report)})
		}
	}
}

var stationNumber = regexp.MustCompile(`^\d{5}$`)
