package shape

import (
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// fillDown gives rows without a date that of the row above, in tables that write each date once, above the times of its day.
type fillDown struct {
	column, clock int // positions; -1: the table writes its dates in every row
	style         timeStyle
	date          any
	since         time.Duration // the time of day of the row before
}

// newFillDown looks at the dates of a sample: the first row has one, and where one is missing the time of day goes on.
func newFillDown(columns []tableColumn, sample []Row) fillDown {
	none := fillDown{column: -1}
	f := fillDown{column: -1, clock: -1}
	for i := range columns {
		switch c := &columns[i]; {
		case c.why != "" || c.quiet:
		case c.meaning == date && f.column < 0:
			f.column = i
		case c.meaning == clock && f.clock < 0:
			f.clock, f.style = i, c.style.times
		case c.meaning == date || c.meaning == clock || c.meaning == instant:
			return none
		}
	}
	if f.column < 0 || f.clock < 0 || len(sample) == 0 || at(sample[0], f.column) == nil {
		return none
	}
	blanks, probe := false, f
	for _, row := range sample {
		if value := at(row, f.column); value != nil {
			probe.keep(value, row)
			continue
		}
		if blanks = true; probe.last(row) == nil {
			return none
		}
	}
	if !blanks {
		return none
	}
	return f
}

// keep notes the date of a row.
func (f *fillDown) keep(value any, row Row) {
	if s, ok := value.(string); ok {
		value = strings.Clone(s)
	}
	f.date = value
	f.since, _, _ = f.style.readClock(at(row, f.clock))
}

// last returns the date of a row that has none, nil when its time of day does not go on.
func (f *fillDown) last(row Row) any {
	since, _, ok := f.style.readClock(at(row, f.clock))
	if !ok || since <= f.since {
		f.date = nil
	}
	f.since = since
	return f.date
}

// checkDays refuses a table of dates without times of day in which most days come several times at one place, with different values: a column with the times of
// day, or with the places, was not understood.
func (t *Table) checkDays(sample []Row) error {
	if t.required != nil || t.layout.columns != nil {
		return nil
	}
	day := -1
	for i := range t.columns {
		switch c := &t.columns[i]; {
		case c.why != "" || c.quiet:
		case (c.meaning == instant || c.meaning == date) && !c.style.times.exact:
			day = i
		case isTimeOf(c.meaning) && c.meaning != fetchedAt && c.meaning != issuedAt || isPartOfTime(c.meaning) && c.meaning != zonePart:
			return nil
		}
	}
	if day < 0 {
		return nil
	}
	days, rows := map[string]bool{}, map[string]bool{}
	for _, row := range sample {
		if at(row, day) == nil {
			continue
		}
		var key, whole strings.Builder
		for i := range min(len(row), len(t.columns)) {
			c := &t.columns[i]
			if c.why == "" && !c.quiet {
				whole.Write(appendValue(nil, row[i].Value))
				if c.meaning >= stationID {
					key.Write(appendValue(nil, row[i].Value))
				}
			}
		}
		days[key.String()], rows[whole.String()] = true, true
	}
	if len(days) > 0 && len(rows) >= 2*len(days) {
		return meteo.Refuse(meteo.InvalidTime, "most days come several times in the column %.40q, each time with other values: name the column of the times of day, or of the stations, with --column NAME=hour or NAME=station_id", t.columns[day].name)
	}
	return nil
}
