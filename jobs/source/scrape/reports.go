package scrape

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/scrape/metar"
	"senmeteo/jobs/source/scrape/synop"
	"senmeteo/jobs/source/scrape/wmo"
)

// readSynop reads lines as OGIMET gives them, each with one report. A line of a station that the site does not name is
// passed over, and so is a station's word that it has no report. A body without a single report is a notice of the server,
// which comes with a good status.
func readSynop(p *page) ([]found, error) {
	var all collection
	var notice string
	reports := 0
	for line := range strings.Lines(string(p.body)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		r, err := synop.DecodeLine(line)
		if errors.Is(err, wmo.ErrNoReport) {
			if notice == "" {
				notice = line
			}
			continue
		}
		reports++
		id, _, _ := strings.Cut(line, ",")
		place := p.called(id)
		switch {
		case place == nil, errors.Is(err, wmo.ErrNil):
		case err == nil && !strings.HasSuffix(line, "="):
			all.refuse(place, line, errors.New("the report has no end: it was cut off"))
		case err != nil:
			all.refuse(place, line, err)
		case r.Values.Count() > 0:
			reading := place.reading(r.ObservedAt, p.site.Name, meteo.Observed, p.fetched)
			reading.Values, reading.IntervalS = r.Values, r.IntervalS
			all.add(reading, r.Corrected)
		}
	}
	switch {
	case reports == 0:
		return nil, &NoticeError{Text: notice}
	case notice != "":
		return all.found, &NoticeError{Text: notice}
	}
	return all.found, nil
}

var (
	dateLine = regexp.MustCompile(`^\d{4}/\d{2}/\d{2} \d{2}:\d{2}$`)
	opening  = regexp.MustCompile(`^(?:(?:METAR|SPECI|COR) )*[A-Z][A-Z0-9]{3} (?:\d{6}Z|NIL)\b`)
)

// readMetar reads reports, each of one or several lines, after a line with its date or without one.
func readMetar(p *page) ([]found, error) {
	if body := string(p.body); body != "" && !strings.HasSuffix(body, "\n") && !strings.HasSuffix(body, "=") {
		return nil, &LayoutError{What: "a line end at the end of the last METAR"} // of half a report half may be wrong
	}
	var all collection
	near, dated, report, reports := p.fetched, false, "", 0
	conclude := func() {
		if report != "" {
			all.metar(p, report, near, dated)
		}
		report = ""
	}
	for line := range strings.Lines(string(p.body)) {
		line = strings.Join(strings.Fields(line), " ")
		switch {
		case line == "":
			conclude()
		case dateLine.MatchString(line):
			conclude()
			at, err := time.Parse("2006/01/02 15:04", line)
			if err != nil {
				return nil, &LayoutError{What: "a line with the date of a METAR"}
			}
			near, dated = at, true
		case opening.MatchString(line):
			conclude()
			reports++
			report = line
		case report != "":
			report += " " + line
		default:
			return nil, &LayoutError{What: "a line that begins a METAR"}
		}
	}
	conclude()
	if reports == 0 {
		return nil, &LayoutError{What: "a line that begins a METAR"}
	}
	return all.found, nil
}

// metar adds one report.
func (c *collection) metar(p *page, report string, near time.Time, dated bool) {
	r, err := metar.Decode(report, near)
	place := p.only()
	if place == nil {
		place = p.called(r.ICAO)
	}
	switch {
	case place == nil, errors.Is(err, wmo.ErrNil):
		return
	case err == nil && r.ICAO != place.ID:
		err = &wmo.SyntaxError{Group: r.ICAO, Why: "it is not about " + place.ID}
	case err == nil && dated && r.ObservedAt.Sub(near).Abs() > 24*time.Hour:
		err = &wmo.SyntaxError{Why: "its time and the date above it differ by more than a day"}
	}
	if err != nil {
		c.refuse(place, report, err)
		return
	}
	reading := place.reading(r.ObservedAt, p.site.Name, meteo.Observed, p.fetched)
	reading.Values = r.Values
	c.add(reading, r.Corrected)
}

// collection is what a page gave: of one identity the last reading, unless only an earlier one was a correction.
type collection struct {
	found []found
	at    map[meteo.Identity]int
}

func (c *collection) add(r meteo.Reading, corrected bool) {
	i, again := c.at[r.Identity]
	switch {
	case !again:
		if c.at == nil {
			c.at = map[meteo.Identity]int{}
		}
		c.at[r.Identity] = len(c.found)
		c.found = append(c.found, found{item: flow.Item{Reading: r}, corrected: corrected})
	case corrected || !c.found[i].corrected:
		c.found[i] = found{item: flow.Item{Reading: r}, corrected: corrected}
	}
}

// refuse keeps a report that can't be decoded, as it is: it becomes a dead letter.
func (c *collection) refuse(place *Place, report string, err error) {
	c.found = append(c.found, found{item: flow.Item{
		Raw: []byte(report), Key: place.Station, Refusal: meteo.Refuse(meteo.UnknownShape, "a report of %s: %v", place.ID, err),
	}})
}
