package wmo

import "time"

// Knot is one nautical mile an hour in m/s, the unit of wind in many reports.
const Knot = 1852.0 / 3600

// Near finds the time with a day of the month, hour and minute that is nearest to another, in UTC: reports have no
// month. ok is false when these are not a time of day, or no month around has such a day.
func Near(near time.Time, day, hour, minute int) (at time.Time, ok bool) {
	if hour > 23 || minute > 59 || hour < 0 || minute < 0 {
		return time.Time{}, false
	}
	near = near.UTC()
	for month := -1; month <= 1; month++ {
		t := time.Date(near.Year(), near.Month()+time.Month(month), day, hour, minute, 0, 0, time.UTC)
		if t.Day() == day && (!ok || t.Sub(near).Abs() < at.Sub(near).Abs()) {
			at, ok = t, true
		}
	}
	return at, ok
}
