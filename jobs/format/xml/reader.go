package xml

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"senmeteo/jobs/format"
	"senmeteo/jobs/format/charset"
	"senmeteo/jobs/shape"
)

// Format is the format xml.
func Format() format.Format {
	return format.Format{
		Name: "xml", Extensions: []string{".xml"},
		NewReader: newReader,
		NewWriter: newWriter,
	}
}

// ownRoot is the root of files that senmeteo writes, which may hold no record.
const ownRoot = "observations"

// maxDepth bounds the nesting of elements.
const maxDepth = 64

// reader finds the records of a document while it reads it. An element is a record when at least two of its
// children or attributes have names that shape knows, or when it has the name of a record before it. What the
// elements around a record say (a station with its measurements inside) belongs to each record in it.
type reader struct {
	xml     *xml.Decoder
	budget  *format.Budget
	decoder *shape.Decoder // of what is around records
	open    []element      // those not yet closed, the root first
	records map[string]bool
	line    int // of the element that was opened last
	at      int // of the record that was returned last
	root    string
	count   int // of records
	waiting []pending
	end     error     // after the records that wait
	rest    shape.Row // what a document without records says
}

// element is an element that is being read.
type element struct {
	name    string
	leaf    string    // the name of its field, when it turns out to have no children
	unit    string    // that an attribute states
	text    []byte    // its own text
	fields  shape.Row // its attributes and children
	known   int       // how many of them have a known name
	values  int       // how many of them are of a variable
	holding bool      // there was a record inside it
	first   int       // how many records there were before it
	// The first record inside it that names no place, and the first whose times need a zone from elsewhere.
	placeless, zoneless lacking
}

func newReader(in io.Reader) (format.Reader, error) {
	budget := format.NewBudget(decoded(in))
	r := &reader{xml: xml.NewDecoder(budget), budget: budget, decoder: shape.NewDecoder(), records: map[string]bool{}}
	r.xml.Entity = xml.HTMLEntity // as in Thi&egrave;s, which XML does not know by itself
	r.xml.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(label), "utf-16") {
			return in, nil // Unmark has made UTF-8 of it
		}
		encoding, err := htmlindex.Get(label)
		if err != nil {
			return nil, fmt.Errorf("the encoding %q is not known: save the file as UTF-8", label)
		}
		return encoding.NewDecoder().Reader(in), nil
	}
	for {
		tok, err := r.token()
		if err != nil {
			return nil, fmt.Errorf("reading the first element: %w", noEnd(err))
		}
		if start, ok := tok.(xml.StartElement); ok {
			if r.root = start.Name.Local; strings.EqualFold(r.root, "html") {
				return nil, errors.New("it is a web page, not data: ask the service for XML or JSON, and look at the page for its reason")
			}
			r.start(start)
			return r, nil
		}
		if text, ok := tok.(xml.CharData); ok && len(strings.TrimSpace(string(text))) > 0 {
			return nil, errors.New("it does not begin with an element of XML")
		}
	}
}

// decoded brings a document that does not say its encoding into UTF-8, which it should be in.
func decoded(in io.Reader) io.Reader {
	buffered := bufio.NewReader(charset.Unmark(in))
	if start, _ := buffered.Peek(256); bytes.HasPrefix(start, []byte("<?xml")) {
		if declaration, _, _ := bytes.Cut(start, []byte("?>")); bytes.Contains(declaration, []byte("encoding")) {
			return buffered
		}
	}
	return charset.Detect(buffered)
}

// noEnd makes an error of the end of a document that is not complete.
func noEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// token returns the next token. Definitions of entities and their like are refused: no data needs them, and they can
// make a small file large.
func (r *reader) token() (xml.Token, error) {
	tok, err := r.xml.Token()
	if directive, ok := tok.(xml.Directive); ok && strings.Contains(string(directive), "[") {
		return nil, errors.New("it defines entities or elements of its own (DOCTYPE [...]), which is not accepted")
	}
	return tok, err
}

// Next implements format.Reader.
func (r *reader) Next() (shape.Row, error) {
	for !r.ahead() || len(r.waiting) == 0 {
		if r.end != nil {
			return nil, r.end
		}
		r.budget.Refill()
		r.end = r.advance()
	}
	return r.pop()
}

// advance reads up to the end of the next record.
func (r *reader) advance() error {
	for len(r.open) > 0 {
		tok, err := r.token()
		if err != nil {
			return fmt.Errorf("reading XML: %w", noEnd(err))
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if len(r.open) >= maxDepth {
				return fmt.Errorf("reading XML: elements are nested more than %d deep", maxDepth)
			}
			r.start(tok)
		case xml.CharData:
			if top := &r.open[len(r.open)-1]; !top.holding {
				top.text = append(top.text, tok...)
			}
		case xml.EndElement:
			row, ok, err := r.close()
			if err != nil {
				return err
			}
			if ok {
				r.wait(row)
				return nil
			}
		}
	}
	return r.finish()
}

// finish looks at what is after the root: nothing should be. It returns io.EOF at the end.
func (r *reader) finish() error {
	for {
		tok, err := r.token()
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading XML: %w", err)
		}
		if err != nil && r.count == 0 && r.root != ownRoot {
			return r.noRecords()
		}
		if err != nil {
			return io.EOF
		}
		if _, ok := tok.(xml.StartElement); ok {
			return errors.New("reading XML: there is a second element after the root")
		}
	}
}

// noRecords is the error of a document without records: in the words of the service, when it is an error of one.
func (r *reader) noRecords() error {
	if said := shape.ServiceError(r.rest); said != "" {
		return fmt.Errorf("it is not weather but what a service answers when it has none: %.300q", said)
	}
	return errors.New("no element has names of measurements in it, such as <temperature> and <date>")
}

// start opens an element; its attributes are fields, those that name a unit go to the name of its own field.
func (r *reader) start(tok xml.StartElement) {
	r.line, _ = r.xml.InputPos()
	e := element{name: tok.Name.Local, leaf: tok.Name.Local, first: r.count}
	for _, attribute := range tok.Attr {
		switch strings.ToLower(attribute.Name.Local) {
		case "unit", "units", "unite", "unité", "uom":
			e.unit = attribute.Value
			e.leaf += " (" + attribute.Value + ")"
		case "xmlns":
		default:
			if attribute.Name.Space != "xmlns" {
				e.add(shape.Field{Name: attribute.Name.Local, Value: attribute.Value})
			}
		}
	}
	r.open = append(r.open, e)
}

// add takes a field in. Around records, where fields may come without end, the last of a name counts.
func (e *element) add(f shape.Field) {
	if e.holding {
		for i := range e.fields {
			if e.fields[i].Name == f.Name {
				e.fields[i].Value = f.Value
				return
			}
		}
	}
	e.fields = append(e.fields, f)
	if _, nested := f.Value.(shape.Row); !nested && shape.Known(f.Name) {
		e.known++
		if shape.Measures(f.Name) {
			e.values++
		}
	}
}

// close closes the innermost element and returns its row when it is a record. Otherwise it becomes a field of the
// element around it.
func (r *reader) close() (row shape.Row, isRecord bool, err error) {
	e := r.open[len(r.open)-1]
	r.open = r.open[:len(r.open)-1]
	var parent *element
	if len(r.open) > 0 {
		parent = &r.open[len(r.open)-1]
	}
	path := strconv.Itoa(len(r.open)) + " " + e.name
	part := parent != nil && shape.IsPart(e.name) && !r.records[path]
	units := parent != nil && shape.IsUnits(e.name)
	if !e.holding && !part && !units && (e.known >= 2 && e.values >= 1 && !shape.Measures(e.name) || r.records[path]) {
		r.records[path] = true
		row = e.fields
		for i := range r.open {
			r.open[i].holding = true
			row = append(row, scalars(r.open[i].fields)...)
		}
		if e.unit != "" {
			row = append(row, shape.Field{Name: "units", Value: e.unit})
		} else {
			row = r.unitsAround(row)
		}
		return r.beside(row), true, nil
	}
	if parent == nil && !e.holding {
		if r.rest = e.fields; shape.IsError(e.name) {
			r.rest = shape.Row{{Name: "error", Value: e.fields}}
		}
	}
	if parent == nil || e.holding {
		return nil, false, nil
	}
	f := e.field(part || units)
	if object, nested := f.Value.(shape.Row); nested && part {
		parent.known += e.known
		parent.values += e.values
	} else if n := shape.JoinsTo(f.Name, object); n > 0 && !e.holding {
		parent.known++
		parent.values += n
	}
	parent.add(f)
	if parent.holding {
		err = r.after(parent, f)
	}
	return nil, false, err
}

// unitsAround adds to a record the units that the elements around it state, the innermost of a name alone.
func (r *reader) unitsAround(row shape.Row) shape.Row {
	own := len(row)
	for i := len(r.open) - 1; i >= 0; i-- {
		e := &r.open[i]
		fields := e.fields
		if e.unit != "" {
			fields = append(fields[:len(fields):len(fields)], shape.Field{Name: "units", Value: e.unit})
		}
		for _, f := range fields {
			if shape.StatesUnits(f) && !slices.ContainsFunc(row[own:], func(said shape.Field) bool { return said.Name == f.Name }) {
				row = append(row, f)
			}
		}
	}
	return row
}

// beside adds to a record what elements with children of their own, before it, say of its place and its zone, where it does not.
func (r *reader) beside(row shape.Row) shape.Row {
	for i := len(r.open) - 1; i >= 0; i-- {
		for _, f := range r.open[i].fields {
			if _, nested := f.Value.(shape.Row); !nested {
				continue
			}
			place, zone := shape.NamesPlace(row), shape.NamesZone(row)
			for _, said := range r.decoder.Around(f) {
				if isZone := shape.IsZone(said); isZone && !zone || !isZone && !place {
					row = append(row, said)
				}
			}
		}
	}
	return row
}

// field returns an element as a field of the element around it; part: of which it is a part.
func (e *element) field(part bool) shape.Field {
	value := any(strings.TrimSpace(string(e.text)))
	if attribute, ok := e.value(); ok && value == "" {
		value = attribute
		e.label()
		return shape.Field{Name: e.leaf, Value: value}
	}
	if value != "" {
		e.label()
	}
	if len(e.fields) > 0 && (value == "" || part) {
		if e.unit != "" {
			e.fields = append(e.fields, shape.Field{Name: "unit", Value: e.unit})
		}
		return shape.Field{Name: e.name, Value: e.fields}
	}
	return shape.Field{Name: e.leaf, Value: value}
}

// label gives an element the name that it states, as in <sensor name="temperature">27.1</sensor>, when its own says nothing.
func (e *element) label() {
	if shape.Known(e.name) {
		return
	}
	for _, f := range e.fields {
		name, isText := f.Value.(string)
		switch strings.ToLower(f.Name) {
		case "name", "parameter", "param", "variable", "type", "property", "key", "field", "column", "id", "nom":
			if isText && shape.Known(name) {
				e.leaf = name + strings.TrimPrefix(e.leaf, e.name)
				return
			}
		}
	}
}

// value returns the value of an element that has it in an attribute, as in <temperature value="27.1" unit="C"/>, or in a child.
func (e *element) value() (any, bool) {
	if !shape.Known(e.name) && !shape.Known(e.leaf) && len(e.fields) > 3 {
		return nil, false
	}
	var value any
	found := false
	for _, f := range e.fields {
		s, isText := f.Value.(string)
		switch strings.ToLower(f.Name) {
		case "value", "data", "val", "valeur":
			if isText && !found {
				value, found = s, true
			}
		case "unit", "units", "unite", "unité", "uom":
			if isText && s != "" && e.leaf == e.name {
				e.leaf += " (" + s + ")"
			}
		}
	}
	return value, found
}

// scalars are the fields of an element around a record that can belong to the record.
func scalars(row shape.Row) shape.Row {
	var out shape.Row
	for _, f := range row {
		if _, nested := f.Value.(shape.Row); !nested && shape.Known(f.Name) && !shape.Measures(f.Name) {
			out = append(out, f)
		}
	}
	return out
}

// Position implements format.Reader.
func (r *reader) Position() string { return fmt.Sprintf("line %d", r.at) }

// Close implements format.Reader.
func (r *reader) Close() error { return nil }
