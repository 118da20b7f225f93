package scrape

import (
	"cmp"
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

// synopLine begins a line that OGIMET means as a report, whatever follows.
var synopLine = regexp.MustCompile(`^(\d{5}),\d{4},\d{2},\d{2},\d{2},\d{2},`)

// readSynop reads lines as OGIMET gives them, each with one report, and bulletins of the WMO. A report of a station that the site does
// not name is passed over, and so is a station's word that it has no report. A body without a single report is a notice of the server,
// which comes with a good status.
func readSynop(p *page) ([]found, error) {
	var all collection
	var notice string
	var open bulletin
	reports := 0
	gather := func(ended []string) {
		reports += len(ended)
		all.ofBulletins(p, ended)
	}
	for line := range strings.Lines(string(p.body)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if m := synopLine.FindStringSubmatch(line); m != nil {
			gather(open.end())
			reports++
			if place := p.called(m[1]); place != nil {
				r, err := synop.DecodeLine(line)
				all.synop(p, place, line, r, err)
			}
			continue
		}
		ended, ok := open.take(line)
		if gather(ended); !ok {
			notice = cmp.Or(notice, line)
		}
	}
	gather(open.end())
	switch {
	case reports == 0:
		return nil, &NoticeError{Text: notice}
	case notice != "":
		return all.found, &NoticeError{Text: notice}
	}
	return all.found, nil
}

// synop adds a report, or refuses it where it could not be decoded. line is the whole of it.
func (c *collection) synop(p *page, place *Place, line string, r synop.Report, err error) {
	switch {
	case errors.Is(err, wmo.ErrNil):
		return
	case err == nil && !strings.HasSuffix(line, "="):
		err = errors.New("the report has no end: it was cut off")
	case err == nil && r.ObservedAt.After(p.fetched.Add(fastClock)):
		err = errInFuture
	}
	if err != nil {
		c.refuse(place, line, err)
		return
	}
	p.left.add(r.Unread)
	if r.Values.Count() == 0 {
		return
	}
	reading := place.reading(r.ObservedAt, p.site.Name, meteo.Observed, p.fetched)
	reading.Values, reading.IntervalS = r.Values, r.IntervalS
	c.add(reading, r.Corrected)
}

// fastClock is how far the time of an observation may lie after the time at which it was fetched: stations observe some
// minutes before the hour that they report.
const fastClock = time.Hour

var errInFuture = &wmo.SyntaxError{Why: "its day and time lie after the time at which it was fetched"}

var (
	dateLine = regexp.MustCompile(`^\d{4}/\d{2}/\d{2} \d{2}:\d{2}$`)
	heading  = regexp.MustCompile(`^(?:[A-Z]{4}\d{2} [A-Z]{4} \d{6}(?: [A-Z]{3})?|\d{3,5})$`) // of a bulletin
	opening  = regexp.MustCompile(`^(?:(?:METAR|SPECI|COR|AUTO) )*([A-Z][A-Z0-9]{3})\b(?: (?:COR )?(?:\d{6}Z?|NIL|CNL)\b)?`)
)

// opens reports whether a line begins a METAR: it says so, or begins with a location indicator and a time, or with the
// indicator of a station of the page, whatever follows it.
func (p *page) opens(line string) bool {
	m := opening.FindStringSubmatch(line)
	return m != nil && (len(m[0]) > len(m[1]) || p.called(m[1]) != nil)
}

// readMetar reads reports, each of one or several lines, after a line with its date or without one. What is not a report
// is left out; a page without any report has another layout.
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
	for line := range p.lines() {
		at, err := time.Parse("2006/01/02 15:04", line)
		switch {
		case line == "":
			conclude()
		case err == nil:
			conclude()
			near, dated = at, true
		case dateLine.MatchString(line): // of no day
			conclude()
			near, dated = p.fetched, false
			p.left.add([]string{line})
		case p.opens(line):
			conclude()
			reports++
			report = line
		case report != "":
			report += " " + line
		case !heading.MatchString(line):
			p.left.add([]string{clip(line)})
		}
		if strings.HasSuffix(line, "=") {
			conclude()
		}
	}
	conclude()
	if reports == 0 {
		return nil, &LayoutError{What: "a line that begins a METAR"}
	}
	return all.found, nil
}

// lines are those of a page with single spaces, cut after each equals sign, which ends a report.
func (p *page) lines() func(func(string) bool) {
	return func(yield func(string) bool) {
		for line := range strings.Lines(string(p.body)) {
			line = strings.TrimRight(line, " \r\n")
			for part := range strings.SplitAfterSeq(line, "=") {
				if part == "" && line != "" {
					continue
				}
				if !yield(strings.Join(strings.FieldsFunc(part, func(r rune) bool { return r <= ' ' }), " ")) {
					return
				}
			}
		}
	}
}

// furthestDate is how far a report's time may lie from the date above it.
const furthestDate = 12 * time.Hour

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
	case err == nil && dated && r.ObservedAt.Sub(near).Abs() > furthestDate:
		err = &wmo.SyntaxError{Why: "its time and the date above it differ by more than 12 hours"}
	case err == nil && r.ObservedAt.After(p.fetched.Add(fastClock)):
		err = errInFuture
	}
	if err != nil {
		c.refuse(place, report, err)
		return
	}
	p.left.add(r.Unread)
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
