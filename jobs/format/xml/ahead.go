package xml

import (
	"fmt"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// lookAhead is how many bytes of a document are read after a record before it is returned: what is after the records may be of their place.
const lookAhead = 1 << 20

// pending is a record that waits for what comes after it.
type pending struct {
	row     shape.Row
	line    int
	end     int64 // where it ends in the document
	place   bool  // it names its place
	zone    bool  // its times need no zone from elsewhere
	refusal *meteo.Refusal
}

// wait adds a record to those that wait, and notes in the elements around it what it does not name.
func (r *reader) wait(row shape.Row) {
	p := pending{row: row, line: r.line, end: r.xml.InputOffset(), place: shape.NamesPlace(row), zone: shape.NamesZone(row)}
	for i := range r.open {
		r.open[i].placeless.note(p.place, r.count)
		r.open[i].zoneless.note(p.zone, r.count)
	}
	r.count++
	r.waiting = append(r.waiting, p)
}

// lacking is the number, from 1 up, of the first record in an element that does not name something; 0: there is none.
type lacking int

// note takes in a record with so many before it.
func (l *lacking) note(names bool, before int) {
	if !names && *l == 0 {
		*l = lacking(before + 1)
	}
}

// ahead reports whether enough of the document was read for the first record that waits.
func (r *reader) ahead() bool {
	return r.end != nil || len(r.waiting) > 0 && r.xml.InputOffset() > r.waiting[0].end+lookAhead
}

// after notes a field that comes after records in an element. Records in the element that lack what it says are refused, because it may be
// said of others; when they were returned already, the error ends the reading.
func (r *reader) after(e *element, f shape.Field) error {
	if shape.StatesUnits(f) {
		return fmt.Errorf("reading XML: <%.40s> in line %d states units after records that may have them: put it before them", f.Name, r.line)
	}
	for _, said := range r.decoder.Around(f) {
		isZone := shape.IsZone(said)
		lacks := func(p *pending) bool { return isZone && !p.zone || !isZone && !p.place }
		what, first := "place", e.placeless
		if isZone {
			what, first = "time zone", e.zoneless
		}
		returned := r.count - len(r.waiting)
		if first > 0 && int(first) <= returned {
			return fmt.Errorf("reading XML: <%s> in line %d states the %s after more than %d bytes of records: put it before them", f.Name, r.line, what, lookAhead)
		}
		for i := max(0, e.first-returned); i < len(r.waiting); i++ {
			if p := &r.waiting[i]; p.refusal == nil && lacks(p) {
				kind := meteo.UnknownStation
				if isZone {
					kind = meteo.InvalidTime
				}
				p.refusal = meteo.Refuse(kind, "its %s seems to be stated after it, by <%.40s> in line %d: put that before the records", what, f.Name, r.line)
			}
		}
	}
	return nil
}

// pop returns the first record that waits.
func (r *reader) pop() (shape.Row, error) {
	p := r.waiting[0]
	r.waiting[0] = pending{}
	r.waiting = r.waiting[1:]
	r.at = p.line
	if p.refusal != nil {
		return nil, &format.RecordError{Raw: p.row.AppendJSON(nil), Refusal: p.refusal}
	}
	return p.row, nil
}
