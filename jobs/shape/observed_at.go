package shape

import "senmeteo/jobs/meteo"

// observedAt finds the time of a record: one field with date and time of day, or two. A record that states a day alone is of that
// whole day.
func (d *Decoder) observedAt(o *meteo.Observation) error {
	var whole, day, hour *cell
	for i := range d.cells {
		c := &d.cells[i]
		switch {
		case c.meaning == instant && whole == nil:
			whole = c
		case c.meaning == date && day == nil:
			day = c
		case c.meaning == clock && hour == nil:
			hour = c
		}
	}
	switch {
	case whole == nil && day == nil && hour == nil:
		return meteo.Refuse(meteo.InvalidTime, "it has no time")
	case whole == nil && day != nil && hour != nil:
		return dateAndClock(day, hour, o)
	case whole == nil && day != nil:
		whole = day
	case whole == nil:
		whole = hour
	}
	t, dayOnly, ok := whole.parseTime()
	if !ok {
		return whole.noTime()
	}
	if o.ObservedAt = t; dayOnly {
		d.ofDay(o)
	}
	if !inCalendar(o.ObservedAt) { // the last day ends in the year 10000
		return whole.noTime()
	}
	return nil
}

// dateAndClock joins a date and a time of day. Where the second field is a full time of its own, as
// in exports that repeat the date, that one counts; so does a date that has a time of day already.
func dateAndClock(day, hour *cell, o *meteo.Observation) error {
	t, dayOnly, ok := day.parseTime()
	if !ok {
		return meteo.Refuse(meteo.InvalidTime, "%.40q is not a date: %s", day.name, quote(day.value))
	}
	local := t.In(day.style.times.location())
	midnight := local.Hour() == 0 && local.Minute() == 0 && local.Second() == 0 && local.Nanosecond() == 0
	if !dayOnly && !midnight {
		o.ObservedAt = t
		return nil
	}
	if since, ok := parseClock(hour.value); ok {
		o.ObservedAt = meteoTime(t.Add(since))
		return nil
	}
	return hour.instant(&o.ObservedAt)
}
