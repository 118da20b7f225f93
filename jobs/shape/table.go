package shape

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// Heading is what a file says about a column of a table before its first row.
type Heading struct {
	Name string // as in the file
	Unit string // of a row or an attribute of units; ""

	Process string         // how its values were formed, of a row of such words: "Avg", "Max"; ""
	Zone    *time.Location // of its times that name none, where the file states it; nil
}

// The part of a table that decides what its columns mean: whichever comes first.
const (
	SampleRows  = 1000
	SampleBytes = 1 << 20
)

// Table reads the rows of one table. What a column means is settled once, for the column as a whole, by its heading, a sample of its
// cells and what the user says; a later row that contradicts is refused.
type Table struct {
	decoder  *Decoder
	options  Options
	layout   layout
	columns  []tableColumn
	required []int          // of a table of the project's own shape, the positions of the columns that no record lacks; else nil
	fields   []*meteo.Field // of the project's own columns, by their position; nil for others
	dates    fillDown
}

// tableColumn is what is settled about a column.
type tableColumn struct {
	column
	name  string
	style style
	why   string // the reason why its values are ignored; "" when they are kept
	quiet bool   // its values are not data, and nobody is told
	edit  func(value any, row Row) any
	zone  *time.Location // of its times, where the file states it
}

// style is how the cells of a column are read. The zero value reads each cell by itself.
type style struct {
	decimal byte // '.' or ','; 0: see ParseNumber
	mixed   bool // cells have another unit than that of the field; one without a unit is refused
	times   timeStyle
}

// NewTable judges a table by its headings and the rows of its beginning, whose fields are in the order of the headings. The
// error, a *meteo.Refusal, names the column that is ambiguous and the flag that settles it.
func (d *Decoder) NewTable(headings []Heading, sample []Row, options Options) (*Table, error) {
	t := &Table{decoder: d, options: options}
	if t.required = requiredOf(headings); t.required == nil {
		var err error
		if t.layout, err = recognise(headings, sample); err != nil {
			return nil, err
		}
	}
	settled, err := t.settleAll(headings, sample)
	if err != nil {
		return nil, err
	}
	e := evidenceOf(headings, sample, settled)
	timed := slices.ContainsFunc(headings, func(h Heading) bool { return isTimeOf(understandHeading(h.Name).meaning) })
	taken := map[meaning]bool{}
	for i, h := range headings {
		c := settled[i]
		cells := c.cells(sample, i)
		if h.Name == "" {
			c.nameless(i, cells, timed)
		}
		switch {
		case c.why != "":
		case c.meaning == nothing:
			c.why = whyUnknown
		case c.meaning == notKept:
			c.why = whyNoField
		case c.meaning == zonePart && !hasTime(settled):
			c.why = whyTimeless
		case once[c.meaning] && taken[c.meaning] && len(cells) > 0:
			c.why = whySecond
		default:
			if err := c.judge(h, cells, e, &t.options, t.required != nil); err != nil {
				return nil, err
			}
		}
		taken[c.meaning] = taken[c.meaning] || len(cells) > 0 && c.why == ""
		t.columns = append(t.columns, c)
		t.fields = append(t.fields, meteo.FieldByName(h.Name))
	}
	t.dates = newFillDown(t.columns, sample)
	return t, t.checkDays(sample)
}

// settleAll settles what the columns mean, each by itself and then beside the others.
func (t *Table) settleAll(headings []Heading, sample []Row) ([]tableColumn, error) {
	settled := make([]tableColumn, len(headings))
	for i, h := range headings {
		settled[i] = t.settle(i, h)
	}
	if t.required != nil {
		return settled, nil
	}
	settleHeights(headings, settled, &t.options)
	if len(t.layout.columns) > 0 {
		return settled, nil
	}
	return settled, settleNames(headings, sample, settled, &t.options)
}

// settle says what a column means: as the user says, as the layout of the table has it, as its heading says.
func (t *Table) settle(i int, h Heading) tableColumn {
	c := tableColumn{name: h.Name}
	_, said := t.options.field(h.Name)
	if i >= len(t.layout.columns) || t.layout.columns[i] == nil || said {
		c.column = named(h, &t.options)
		if c.meaning < stationID && h.Unit != "" {
			c.why = t.whyNot(&c.column, h.Unit)
		}
	} else {
		known := t.layout.columns[i]
		c.column, c.edit, c.why = named(Heading{Name: known.name}, &t.options), known.edit, known.why
		if _, stated := t.options.unit(c.meaning); stated && (c.why == whyNoUnit || c.why == whyUnit) {
			c.why = ""
		}
		if c.why == whyUnit {
			c.why = fmt.Sprintf(whyUnit, h.Unit)
		}
		c.quiet = known.name == "" && known.why == ""
		c.zone = known.zone
	}
	if c.open {
		c.why = whyNoUnit
	}
	if c.zone == nil {
		c.zone = h.Zone
	}
	if c.meaning == meaning(meteo.WindDirection) && c.edit == nil {
		c.edit = compass
	}
	return c
}

// whyNot returns why a column can't have the unit that its table states for it: the unit is not known, or the name states another one. It is ""
// where it can, and where the user says the unit.
func (t *Table) whyNot(c *column, unit string) string {
	if _, said := t.options.unit(c.meaning); said || unitWord(unit) == "" {
		return ""
	}
	convert, known := converter(c.meaning, unit)
	switch {
	case known && differ(convert, c.convert):
		return fmt.Sprintf(whyTwoUnits, unit)
	case !known && understand(meteo.Variables[c.meaning].English+" ("+unit+")").meaning == nothing:
		return fmt.Sprintf(whyUnit, unit)
	}
	return ""
}

// cells returns the values of a column in the sample.
func (c *tableColumn) cells(sample []Row, i int) []any {
	var cells []any
	for _, row := range sample {
		if i >= len(row) {
			continue
		}
		value := row[i].Value
		if c.edit != nil {
			value = c.edit(value, row)
		}
		if !absent(value) {
			cells = append(cells, value)
		}
	}
	return cells
}

// nameless gives a column without a name one to be called by. Where no other column holds times and all of its cells are times it is the index
// of a table of pandas, and where they count the rows it is not data.
func (c *tableColumn) nameless(i int, cells []any, timed bool) {
	c.name = fmt.Sprintf("column %d (without a name)", i+1)
	times, counted := !timed && len(cells) > 0, i == 0
	for n, cell := range cells {
		s, isText := cell.(string)
		_, isTime := cell.(time.Time)
		times = times && (isTime || isText && isTimeText(s))
		x, isNumber := number(cell)
		first, _ := number(cells[0])
		counted = counted && isNumber && x == first+float64(n) && (first == 0 || first == 1)
	}
	switch {
	case times:
		c.column = column{meaning: instant, convert: same}
	case counted:
		c.quiet = true
	}
}

// judge settles how the cells of a column are read. Those of our own columns are read as they are written.
func (c *tableColumn) judge(h Heading, cells []any, e evidence, options *Options, own bool) (err error) {
	switch {
	case own:
	case isTimeOf(c.meaning):
		h.Zone = c.zone
		c.style.times, err = judgeTimes(h, &c.column, cells, e, options)
		c.style.times.exact = c.style.times.anyClock(cells)
	case isNumberOf(c.meaning):
		c.style.decimal, err = judgeDecimal(h, c.meaning, cells, e, options)
		if !c.unit && !c.judgeUnits(cells) {
			c.concludeUnit(cells, e)
		}
	}
	return err
}

// named settles the meaning and the unit of a column: what the user says, the heading's own statements, its name.
func named(h Heading, options *Options) column {
	name := h.Name
	if field, ok := options.field(name); ok {
		if name = field; name == "" {
			return column{meaning: nothing, convert: same}
		}
	}
	c := understand(name)
	if h.Unit != "" && c.meaning != nothing {
		if with := understand(name + " (" + h.Unit + ")"); with.meaning != nothing {
			c = with
		}
	}
	if unit, ok := options.unit(c.meaning); ok {
		if convert, ok := converter(c.meaning, unit); ok {
			c.convert, c.unit, c.open = convert, true, false
		}
	}
	return c
}

// once holds the meanings of which one column counts. Of places, dates and times several may complete each other.
var once = func() map[meaning]bool {
	m := map[meaning]bool{latitude: true, longitude: true, elevation: true, interval: true}
	for v := range meteo.NumVariables {
		m[meaning(v)] = true
	}
	return m
}()

func isTimeOf(m meaning) bool {
	return m == instant || m == date || m == clock || m == fetchedAt || m == issuedAt
}

func isNumberOf(m meaning) bool { return once[m] }

// Read makes readings of a row, whose fields are in the order of the headings. They are good until the next call. The error is a
// *meteo.Refusal.
func (t *Table) Read(row Row) ([]meteo.Observation, error) {
	if t.required != nil && t.isOwn(row) {
		return t.readOwn(row)
	}
	if t.layout.skip != nil && t.layout.skip(row) {
		return nil, nil
	}
	if t.layout.check != nil {
		if err := t.layout.check(row); err != nil {
			return nil, err
		}
	}
	d := t.decoder
	d.cells = d.cells[:0]
	measures := false
	for i := range row {
		if i >= len(t.columns) {
			break
		}
		c := &t.columns[i]
		measures = measures || c.meaning < stationID
		value := row[i].Value
		if c.edit != nil {
			value = c.edit(value, row)
		}
		switch {
		case c.quiet:
		case absent(value):
			if i == t.dates.column {
				if value = t.dates.last(row); value != nil {
					d.cells = append(d.cells, cell{column: c.column, name: c.name, value: value, style: c.style})
				}
			}
		case isErrorCell(value):
			d.ignored.add(c.name, whyError, value)
		case c.why != "":
			d.ignored.add(c.name, c.why, value)
		default:
			if i == t.dates.column {
				t.dates.keep(value, row)
			}
			d.cells = append(d.cells, cell{column: c.column, name: c.name, value: value, style: c.style})
		}
	}
	if !measures {
		return nil, meteo.Refuse(meteo.UnknownShape, "no column has the name of something that senmeteo measures")
	}
	o, err := d.reading(t.options.Defaults)
	if err != nil {
		if name, word := t.total(row); word != "" {
			d.ignored.add(name, whyTotal, word)
			return nil, nil
		}
		return nil, err
	}
	if o.IntervalS == 0 && hasOver(&o.Values) {
		o.IntervalS = t.layout.interval
	}
	return d.passing(o, nil)
}

// evidence is what the table as a whole shows about the country of its numbers and dates.
type evidence struct {
	french       bool // a heading is French
	decimalComma bool // a number has one comma, not before three digits
	decimalPoint bool // a number has a point
	dates        bool // a column has dates to which a time of day may belong
	camel        bool // a heading is written as those of producers of flat records
	american     bool // a heading has a unit of the United States
}

// evidenceOf looks at all cells of a sample.
func evidenceOf(headings []Heading, sample []Row, columns []tableColumn) evidence {
	var e evidence
	for i, h := range headings {
		m := columns[i].meaning
		e.dates = e.dates || m == date || m == instant || m == yearPart
		e.american = e.american || isAmerican(h)
		e.camel = e.camel || isCamel(h.Name)
		e.french = e.french || isFrench(h.Name)
	}
	for _, row := range sample {
		for i := range row {
			if i >= len(headings) || !isNumberOf(columns[i].meaning) {
				continue
			}
			if s, ok := row[i].Value.(string); ok {
				s, _, _ = splitUnit(columns[i].meaning, s)
				one := signsOf(s)
				e.decimalComma = e.decimalComma || one.comma
				e.decimalPoint = e.decimalPoint || one.point
			}
		}
	}
	return e
}

// isFrench reports whether a heading has a word of weather or time that is French alone.
func isFrench(name string) bool {
	for _, word := range strings.Fields(meteo.Fold(name)) {
		switch word {
		case "temperatures", "temp", "date", "station", "visibility":
		case "heure", "heures", "jour", "ville", "localite", "lieu", "nom", "humidite", "vent", "vitesse", "rafale", "rafales",
			"pression", "pluie", "pluies", "cumul", "rosee", "nebulosite", "visibilite", "horodatage", "dateheure", "moyenne", "maximale",
			"minimale", "relative":
			return true
		}
	}
	return strings.ContainsAny(name, "éèêôûçÉÈÊ")
}
