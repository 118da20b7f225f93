package export

import (
	"time"

	"senmeteo/jobs/meteo"
)

// wetDay is the least rain of a day that counts as a day of rain, in millimetres (WMO-No. 1203, table 1).
const wetDay = 1

// climate sums up the days of a dekad or a month.
type climate struct {
	from, to time.Time
	days     int // in it
	at       time.Time
	elements [NumElements]struct {
		tally
		missing, inARow, longest int
	}
	rainDays int
	seen     bool
}

func newClimate(from, to time.Time) *climate {
	return &climate{from: from, to: to, days: int(to.Sub(from) / day), at: from}
}

// add counts the day that begins at a time, after those before it.
func (c *climate) add(begin time.Time, values *Values) {
	c.pass(begin)
	c.count(values)
	c.seen = true
}

// pass counts the days before a time, of which nothing is known, as missing.
func (c *climate) pass(until time.Time) {
	nothing := Values{}
	for e := range nothing {
		nothing[e] = absent(0)
	}
	for c.at.Before(until) {
		c.count(&nothing)
	}
}

func (c *climate) count(values *Values) {
	c.at = c.at.Add(day)
	for e := range c.elements {
		t, x := &c.elements[e], values[e].X
		if !meteo.Known(x) {
			t.missing++
			t.inARow++
			t.longest = max(t.longest, t.inARow)
			continue
		}
		t.inARow = 0
		t.add(x, 0)
		if Element(e) == Rain && rounded(x) >= wetDay {
			c.rainDays++
		}
	}
}

// values returns those of the dekad or month, and on how many days it rained; -1 when that is not known of every day.
func (c *climate) values() (Values, int) {
	c.pass(c.to)
	var out Values
	for e := range c.elements {
		t := &c.elements[e]
		share := float64(t.n) / float64(c.days)
		switch {
		case elements[e].method == sum && t.missing > 0, c.tooFew(t.missing, t.longest):
			out[e] = absent(share)
		case elements[e].method == sum:
			out[e] = Value{t.total, share}
		case Element(e) == Gust:
			out[e] = Value{t.high, share}
		default:
			out[e] = Value{t.total / float64(t.n), share}
		}
	}
	if c.elements[Rain].missing > 0 {
		return out, -1
	}
	return out, c.rainDays
}

// tooFew reports whether so many missing days, and in a row, leave a mean out.
func (c *climate) tooFew(missing, inARow int) bool {
	allowed := 10 // of a month
	if c.days <= 11 {
		allowed = 3 // the same share
	}
	return missing > allowed || inARow >= 5
}
