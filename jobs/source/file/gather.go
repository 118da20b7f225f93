package file

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"senmeteo/jobs/format"
	"senmeteo/jobs/shape"
)

// mostOpen bounds how many observations of a table with one value a row are put together at a time: more than three years of hours.
const mostOpen = 32_768

// gathered makes rows of a table with one value a row: the values of one station and time are one row, in the order of their first values. Sorted by element,
// a table of up to mostOpen observations is read; a longer one must be sorted by station and time.
type gathered struct {
	format.Tabular
	long     *shape.Long
	number   int // of the table that is put together
	notes    *shape.Collector
	open     map[string]*observation
	order    []*observation
	options  *shape.Options
	elements map[string]*element
	headings []shape.Heading
	isSorted bool // the keys came in ascending order so far
	last     string
	given    string // the highest key of an observation that was given
	gave     bool
	isFull   bool      // names are settled
	ahead    shape.Row // the first row of the next table
	refused  []refused
	size     int // of the records of refused, in bytes
	place    string
	end      error
}

// refused is the *format.RecordError of a row that belongs to no observation.
type refused struct {
	err   error
	place string
}

// observation is one that is put together.
type observation struct {
	key, place string
	row        shape.Row
	values     map[string]shape.LongValue
}

// element is what the values of one name have in common.
type element struct {
	unit    string // that all rows of the beginning state
	differs bool   // they state several
}

// gather returns a reader of the observations of a table, or the reader of the table itself when it has one in each row, and one value in each cell.
func gather(rows format.Tabular, options *shape.Options) format.Tabular {
	if isd, ok := shape.NewISD(rows.Headings()); ok {
		return &split{Tabular: rows, isd: isd, number: rows.Table()}
	}
	long, ok := shape.NewLong(rows.Headings(), options)
	if !ok {
		return rows
	}
	g := &gathered{Tabular: rows, notes: &shape.Collector{}, options: options}
	g.begin(long, nil)
	return g
}

// begin begins a table, and settles which elements it has; first is its first row where that was read already.
func (g *gathered) begin(long *shape.Long, first shape.Row) {
	long.Notes = g.notes
	*g = gathered{
		Tabular: g.Tabular, long: long, number: g.Tabular.Table(), notes: g.notes, options: g.options,
		open: map[string]*observation{}, elements: map[string]*element{}, isSorted: true,
	}
	if first != nil {
		g.keep(first, nil)
	}
	g.fill()
	for _, o := range g.order {
		for name, v := range o.values {
			if e, ok := g.elements[name]; !ok {
				g.elements[name] = &element{unit: v.Unit}
			} else if !v.SameUnit(e.unit) {
				e.differs = true
			}
		}
	}
	var headings []shape.Heading
	for _, name := range slices.Sorted(maps.Keys(g.elements)) {
		e := g.elements[name]
		if e.differs {
			e.unit = "" // each cell has its own
		}
		headings = append(headings, shape.Heading{Name: name, Unit: e.unit})
	}
	g.headings = long.Headings(headings)
	g.isFull = true
}

// next begins the table that follows.
func (g *gathered) next() error {
	long, ok := shape.NewLong(g.Tabular.Headings(), g.options)
	if !ok {
		return errors.New("another table follows one with one value a row: give it a file of its own")
	}
	g.begin(long, g.ahead)
	return nil
}

// fill reads rows until as many observations are open, or as much of refused rows waits, as may, or the table ends.
func (g *gathered) fill() {
	for g.end == nil && g.ahead == nil && len(g.order) <= mostOpen && g.size < shape.SampleBytes {
		row, err := g.Tabular.Next()
		if err == nil && g.Tabular.Table() != g.number {
			g.ahead = slices.Clone(row)
			return
		}
		g.keep(row, err)
	}
}

// keep takes in what the table has next: a row, the error of one, or that of the end.
func (g *gathered) keep(row shape.Row, err error) {
	if err == nil {
		err = g.add(row)
	}
	var bad *format.RecordError
	switch {
	case errors.As(err, &bad):
		g.refused = append(g.refused, refused{err, g.Tabular.Position()})
		g.size += cellSize + len(bad.Raw)
	case err != nil:
		g.end = err
	}
}

// add puts a row to its observation. The error is a *format.RecordError.
func (g *gathered) add(row shape.Row) error {
	v, ok := g.long.Value(row)
	key := g.long.Key(row)
	o := g.open[key]
	if o == nil {
		if g.gave && key <= g.given {
			return &format.RecordError{Raw: row.AppendJSON(nil), Refusal: shape.ErrLate()}
		}
		g.isSorted = g.isSorted && key > g.last
		g.last = key
		o = &observation{key: key, place: g.Tabular.Position(), row: g.long.Begin(row), values: map[string]shape.LongValue{}}
		g.open[key] = o
		g.order = append(g.order, o)
	}
	if !ok {
		return nil
	}
	over := &o.row[len(o.row)-1].Value
	before, twice := o.values[v.Name]
	e := g.elements[v.Name]
	switch {
	case twice && before == v:
	case twice:
		g.long.Twice(&v)
	case g.isFull && (e == nil || !e.differs && !v.SameUnit(e.unit)):
		g.long.Unexpected(&v)
	case v.Over != 0 && *over != nil && *over != float64(v.Over):
		g.long.OverAnother(&v)
	default:
		o.values[v.Name] = v
		if v.Over != 0 {
			*over = float64(v.Over)
		}
	}
	return nil
}

// Next implements format.Reader. Refused rows come before the observations that were begun before them.
func (g *gathered) Next() (shape.Row, error) {
	g.fill()
	switch {
	case len(g.refused) > 0:
		first := g.refused[0]
		if g.refused = g.refused[1:]; len(g.refused) == 0 {
			g.size = 0
		}
		g.place = first.place
		return nil, first.err
	case g.ahead != nil && len(g.order) == 0:
		if err := g.next(); err != nil {
			return nil, err
		}
		return g.Next()
	case g.end != nil && (len(g.order) == 0 || !errors.Is(g.end, io.EOF)):
		return nil, g.end
	case g.end == nil && g.ahead == nil && (!g.isSorted || len(g.elements) == 1): // those of another element may follow
		return nil, fmt.Errorf("it has one value a row, and more than %d observations whose rows are far apart or of one element alone: sort the file by station and time, or split it", mostOpen)
	}
	o := g.order[0]
	g.order = g.order[1:]
	delete(g.open, o.key)
	g.given, g.gave, g.place = o.key, true, o.place
	row := append(o.row, make(shape.Row, len(g.headings)-len(o.row))...)
	for i := len(o.row); i < len(row); i++ {
		row[i].Name = g.headings[i].Name
		v, ok := o.values[row[i].Name]
		if ok && g.elements[v.Name].differs {
			v.Value, ok = g.long.InCell(&v)
		}
		if ok {
			row[i].Value = v.Value
		}
	}
	return row, nil
}

// Headings implements format.Tabular.
func (g *gathered) Headings() []shape.Heading { return g.headings }

// Table implements format.Tabular.
func (g *gathered) Table() int { return g.number }

// Position implements format.Reader.
func (g *gathered) Position() string { return g.place }

// Ignored implements format.Noting.
func (g *gathered) Ignored() []shape.Ignored {
	return slices.Concat(format.Ignored(g.Tabular), g.notes.List())
}
