package yaml

import (
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"

	"senmeteo/jobs/format"
	"senmeteo/jobs/format/charset"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// Format is the format yaml.
func Format() format.Format {
	return format.Format{
		Name: "yaml", Extensions: []string{".yaml", ".yml"},
		NewReader: newReader,
		NewWriter: newWriter,
	}
}

// reader parses one piece of the file at a time: an item of a list at the top, or a whole document of another form.
type reader struct {
	pieces  *splitter
	head    shape.Row    // what a mapping says whose last member is the list that is being read
	waiting []*yaml.Node // records of the piece at hand
	count   int
}

func newReader(in io.Reader) (format.Reader, error) {
	r := &reader{pieces: newSplitter(charset.Unmark(in))}
	// What is not a list or mapping at its start is not YAML of records: tables and text are scalars in YAML.
	err := r.fill()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if errors.Is(err, io.EOF) && r.pieces.line == 0 {
		return nil, errors.New("the file is empty")
	}
	return r, nil
}

// fill parses pieces until records wait. It returns io.EOF at the end.
func (r *reader) fill() error {
	for len(r.waiting) == 0 {
		piece, err := r.pieces.next()
		if err != nil {
			return err
		}
		var document yaml.Node
		if err := yaml.Unmarshal(piece, &document); err != nil {
			return fmt.Errorf("reading YAML in the piece that starts at line %d: %w", r.pieces.start, err)
		}
		if document.Kind == 0 { // only comments
			continue
		}
		top := document.Content[0]
		if r.pieces.opens {
			r.head = nil
		}
		switch {
		case top.Kind == yaml.SequenceNode:
			r.waiting = top.Content
		case top.Kind == yaml.MappingNode && r.pieces.toItem: // "city: Dakar", "records:" and then "- ..."
			if r.head, err = convert(top); err != nil {
				return err
			}
		case top.Kind == yaml.MappingNode:
			r.waiting = []*yaml.Node{top}
		case top.Tag == "!!null":
		default:
			return fmt.Errorf("reading YAML: line %d is neither a list nor a mapping", r.pieces.start)
		}
	}
	return nil
}

// Next implements format.Reader. Items that are not mappings are refused one by one.
func (r *reader) Next() (shape.Row, error) {
	if err := r.fill(); err != nil {
		return nil, err
	}
	node := r.waiting[0]
	r.waiting = r.waiting[1:]
	r.count++
	row, err := convert(node)
	if err != nil {
		return nil, err
	}
	if row == nil {
		raw, err := yaml.Marshal(node)
		if err != nil {
			return nil, fmt.Errorf("quoting YAML: %w", err)
		}
		return nil, &format.RecordError{Raw: raw, Refusal: meteo.Refuse(meteo.UnknownShape, "it is not a mapping")}
	}
	return append(row, r.head...), nil
}

// convert makes a row of a mapping; it is nil for any other node.
func convert(node *yaml.Node) (shape.Row, error) {
	c := converter{left: maxNodes}
	value, err := c.value(node, 0)
	if err != nil {
		return nil, fmt.Errorf("reading YAML: %w", err)
	}
	row, _ := value.(shape.Row)
	return row, nil
}

// Position implements format.Reader.
func (r *reader) Position() string {
	return fmt.Sprintf("record %d, in the piece that starts at line %d", r.count, r.pieces.start)
}

// Close implements format.Reader.
func (r *reader) Close() error { return nil }

// Bounds of a record when its aliases are followed, against documents that are small only on paper.
const (
	maxNodes = 1 << 20
	maxDepth = 64
)

// converter makes plain values of nodes.
type converter struct{ left int }

// value converts a node. Numbers, times and text all stay text as they are in the file: shape reads them, to
// the last digit.
func (c *converter) value(node *yaml.Node, depth int) (any, error) {
	if c.left--; c.left < 0 || depth > maxDepth {
		return nil, fmt.Errorf("line %d: nested too deep or too large when its aliases are followed", node.Line)
	}
	switch node.Kind {
	case yaml.AliasNode:
		return c.value(node.Alias, depth+1)
	case yaml.MappingNode:
		row := make(shape.Row, 0, len(node.Content)/2)
		for i := 0; i+1 < len(node.Content); i += 2 {
			value, err := c.value(node.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			row = append(row, shape.Field{Name: node.Content[i].Value, Value: value})
		}
		return row, nil
	case yaml.SequenceNode:
		list := make([]any, 0, len(node.Content))
		for _, item := range node.Content {
			value, err := c.value(item, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	}
	switch node.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		return node.Value == "true", nil
	}
	return node.Value, nil
}
