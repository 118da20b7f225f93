package shape

import (
	"math"
	"time"

	"senmeteo/jobs/meteo"
)

// parts are the fields of a record by their meaning, up to the last of those that make up its time; nil: it has none.
type parts [begin + 1]*cell

// note keeps a cell. Of two with the same meaning the one that names its zone counts, else the first.
func (p *parts) note(c *cell) {
	if c.meaning > begin {
		return
	}
	if at := &p[c.meaning]; *at == nil || (*at).times.zone == nil && c.times.zone != nil {
		*at = c
	}
}

// observedAt finds the time of a record: one field with date and time of day, or several that complete each other. A record that states a
// day alone is of that whole day, unless other rows of its table have a time of day in the same column.
func (d *Decoder) observedAt(o *meteo.Observation) error {
	var p parts
	for i := range d.cells {
		c := &d.cells[i]
		if c.meaning == zonePart && p[zonePart] != nil {
			if _, ok := d.zoneOf(p[zonePart].name, p[zonePart].value); !ok { // "EST" beside an offset
				p[zonePart] = c
			}
		} else {
			p.note(c)
		}
	}
	s, from, err := p.join()
	if err != nil {
		return err
	}
	zone, err := d.zoneFor(&p, from, s)
	if err != nil {
		return err
	}
	if err := from.checkShown(s, zone); err != nil {
		return err
	}
	t := s.at(zone)
	if t.IsZero() || !inCalendar(t) {
		return from.noTime()
	}
	o.ObservedAt = meteoTime(t)
	ofDay := !s.hasClock && !from.style.times.exact
	if p[begin] != nil {
		d.since(p[begin], o, from, zone, ofDay)
	}
	if ofDay {
		d.ofDay(o)
	}
	if !inCalendar(o.ObservedAt) { // the last day ends in the year 10000
		return from.noTime()
	}
	return nil
}

// since makes the interval of a record that states where it begins: from there to its time or, of days, to the end of the last one. It is
// judged like the time, which from holds. What is not within a year before that, such as the day on which a station was opened, is ignored.
func (d *Decoder) since(c *cell, o *meteo.Observation, from *cell, zone *time.Location, ofDays bool) {
	first := *c
	first.style = from.style
	s, ok := first.stamp()
	length := o.ObservedAt.Sub(meteoTime(s.at(zone)))
	if ofDays {
		length += daySeconds * time.Second
	}
	switch {
	case !ok || s.hasClock == ofDays || length <= 0 || length > longestPeriod:
		d.ignored.add(c.name, whyBegin, c.value)
	case o.IntervalS == 0:
		o.IntervalS = int64(length / time.Second)
	}
}

// zoneFor returns the zone of a time that names none: that of its heading, that of the record's field for it, that of the user.
func (d *Decoder) zoneFor(p *parts, from *cell, s stamp) (*time.Location, error) {
	stated := from.times.zone
	if stated == nil && p[clock] != nil && from != p[clock] {
		stated = p[clock].times.zone
	}
	said := from.style.times.zone
	switch {
	case s.isInstant || p[zonePart] == nil && stated != sharedZone:
		if stated == nil {
			stated = said
		}
		return stated, nil
	case stated != nil && stated != sharedZone:
		return stated, nil
	case p[zonePart] != nil:
		if zone, ok := d.zoneOf(p[zonePart].name, p[zonePart].value); ok {
			return zone, nil
		}
	}
	if said != nil {
		return said, nil
	}
	if p[zonePart] != nil {
		return nil, meteo.Refuse(meteo.InvalidTime, "%.40q is not a time zone of one meaning: %s: use a name such as Africa/Dakar, an offset such as +01:00, or --timezone", p[zonePart].name, quote(p[zonePart].value))
	}
	return nil, meteo.Refuse(meteo.InvalidTime, "%.40q names its zone by letters that several zones share: use an offset such as UTC+01:00, or --timezone", from.name)
}

// join makes one time of the fields. from is the field by which errors name it.
func (p *parts) join() (s stamp, from *cell, err error) {
	if p[yearPart] != nil && p[monthPart] == nil && p[dayOfYear] == nil && p[date] != nil {
		if _, ok := p[date].small(366); ok {
			p[dayOfYear] = p[date] // without a month
		}
	}
	switch {
	case p[instant] != nil:
		s, ok := p[instant].stamp()
		if !ok {
			return s, p[instant], p[instant].noTime()
		}
		if p[date] == nil && !s.hasClock {
			return p.withClock(s, p[instant])
		}
		return s, p[instant], nil
	case p[date] != nil && p[date] != p[dayOfYear] && (p[yearPart] == nil || p[monthPart] == nil || !p[date].isSmall()):
		s, ok := p[date].stamp()
		if !ok {
			return s, p[date], meteo.Refuse(meteo.InvalidTime, "%.40q is not a date: %s", p[date].name, quote(p[date].value))
		}
		return p.withClock(s, p[date])
	case p[yearPart] != nil:
		if p[clock] != nil {
			if s, ok := p[clock].stamp(); ok {
				return s, p[clock], nil
			}
		}
		s, err := p.calendar()
		if err != nil {
			return s, p[yearPart], err
		}
		return p.withClock(s, p[yearPart])
	case p[clock] != nil:
		s, ok := p[clock].stamp()
		if !ok {
			return s, p[clock], p[clock].noTime()
		}
		return s, p[clock], nil
	}
	return s, nil, meteo.Refuse(meteo.InvalidTime, "it has no time")
}

// calendar makes a day of a year with a month and a day, or with a day of the year.
func (p *parts) calendar() (stamp, error) {
	w := written{form: settled}
	year, ok := p[yearPart].small(9999)
	if year < 100 && ok {
		year = longYear(year)
	}
	w.figures[0] = year
	switch {
	case !ok:
		return stamp{}, p[yearPart].noTime()
	case p[dayOfYear] != nil:
		w.form = ordinal
		if w.figures[1], ok = p[dayOfYear].small(366); !ok {
			return stamp{}, p[dayOfYear].noTime()
		}
	case p[monthPart] == nil || p[date] == nil:
		return stamp{}, meteo.Refuse(meteo.InvalidTime, "it has a year, but no month or no day")
	default:
		if w.figures[1], ok = p[monthPart].monthNumber(); !ok {
			return stamp{}, p[monthPart].noTime()
		}
		if w.figures[2], ok = p[date].small(31); !ok {
			return stamp{}, p[date].noTime()
		}
	}
	s, ok := timeStyle{}.settle(w)
	if !ok {
		return s, meteo.Refuse(meteo.InvalidTime, "there is no such day: year %d, month or day %d, %d", w.figures[0], w.figures[1], w.figures[2])
	}
	return s, nil
}

// withClock adds the time of day to a date. Where the field for it is a full time of its own, as in exports that repeat the date, that one
// counts; a date that has a time of day already stays.
func (p *parts) withClock(s stamp, from *cell) (stamp, *cell, error) {
	if p[clock] == nil || s.hasClock && !isMidnight(s.t) {
		return s, from, nil
	}
	since, zone, ok := p[clock].timeStyle().readClock(p[clock].value)
	if !ok {
		whole, ok := p[clock].stamp()
		if !ok {
			return s, p[clock], p[clock].noTime()
		}
		if !isDayZero(whole.t) {
			return whole, p[clock], nil
		}
		since = sinceMidnight(whole.t)
	}
	if p[halfOfDay] != nil && since < 13*time.Hour {
		word, _ := text(p[halfOfDay].value)
		w, ok := scanClock("12 " + word)
		if !ok {
			return s, p[halfOfDay], p[halfOfDay].noTime()
		}
		hour, _ := inHalf(int(since/time.Hour), w.clock != 0)
		since = since%time.Hour + time.Duration(hour)*time.Hour
	}
	minutes, err := p[minutePart].count(time.Minute)
	if err != nil {
		return s, p[minutePart], err
	}
	seconds, err := p[secondPart].count(time.Second)
	if err != nil {
		return s, p[secondPart], err
	}
	since += minutes + seconds
	s.t, s.hasClock = s.t.Add(since), true
	if zone != nil && !s.isInstant {
		s.t, s.isInstant = s.at(zone), true
	}
	return s, from, nil
}

// isDayZero reports whether a date is the one that spreadsheets and databases write before a time of day that has none: day 0 or 1 of their count.
func isDayZero(t time.Time) bool {
	switch t.Format(time.DateOnly) {
	case "1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01", "1970-01-01":
		return true
	}
	return false
}

func sinceMidnight(t time.Time) time.Duration {
	year, month, day := t.Date()
	return t.Sub(time.Date(year, month, day, 0, 0, 0, 0, t.Location()))
}

// stamp reads the value in the style of its column.
func (c *cell) stamp() (stamp, bool) { return c.timeStyle().read(c.value) }

// timeStyle is the style of the column, or what the name of the field states.
func (c *cell) timeStyle() timeStyle {
	if c.style.times == (timeStyle{}) {
		return c.times
	}
	return c.style.times
}

// small reads a whole number from 0 up to a highest one.
func (c *cell) small(highest int) (int, bool) {
	x, ok := number(c.value)
	return int(x), ok && x >= 0 && x <= float64(highest) && x == math.Trunc(x)
}

// count reads a number of minutes or seconds; there are none without a field.
func (c *cell) count(unit time.Duration) (time.Duration, error) {
	if c == nil {
		return 0, nil
	}
	n, ok := c.small(59)
	if !ok {
		return 0, c.noTime()
	}
	return time.Duration(n) * unit, nil
}

// isSmall reports whether the value may be a day of a month.
func (c *cell) isSmall() bool {
	_, ok := c.small(31)
	return ok
}

// monthNumber reads a month, in figures or by its name.
func (c *cell) monthNumber() (int, bool) {
	if word, ok := c.value.(string); ok {
		if n := months[meteo.Fold(word)]; n != 0 {
			return n, true
		}
	}
	return c.small(12)
}
