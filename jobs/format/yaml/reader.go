package yaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

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

// reader parses one piece of the file at a time: a whole document, or an item of the list at the top of a large one.
type reader struct {
	pieces  *splitter
	head    shape.Row    // what a mapping says whose last member is the list that is being read, without the list
	list    string       // the name of that list
	anchors anchors      // of the document at hand
	waiting []*yaml.Node // records of the piece at hand
	nodes   converter    // counts the nodes of the document at hand
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
		if r.pieces.opens {
			r.head, r.list, r.anchors, r.nodes = nil, "", anchors{}, converter{left: maxNodes}
		}
		top, err := r.parse(piece)
		if err != nil {
			if key := keyAfter(piece); r.pieces.large && key != "" {
				return fmt.Errorf("reading YAML: the key %.40q comes after the list of a document that is too large to be read as a whole: put it before the list", key)
			}
			return fmt.Errorf("reading YAML in the piece that starts at line %d: %w", r.pieces.start, err)
		}
		if top == nil { // only comments
			continue
		}
		if r.pieces.large {
			r.nodes = converter{left: maxNodes}
		}
		switch {
		case top.Kind == yaml.SequenceNode:
			r.waiting = top.Content
		case top.Kind == yaml.MappingNode && r.pieces.toItem: // "city: Dakar", "records:" and then "- ..."
			if err = r.start(top); err != nil {
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

// keyAfter returns the key of a mapping that follows an item of a list at the first column; "" when there is none.
func keyAfter(piece []byte) string {
	for i, line := range bytes.Split(piece, []byte("\n")) {
		key, _, ok := bytes.Cut(line, []byte(":"))
		if i > 0 && ok && len(key) > 0 && !bytes.ContainsAny(key[:1], " \t#-") {
			return string(key)
		}
	}
	return ""
}

// parse returns the top node of a piece, nil when there is none. An item of a large document gets the anchors of those before it.
func (r *reader) parse(piece []byte) (*yaml.Node, error) {
	if !utf8.Valid(piece) {
		if text, ok := charset.Text(piece); ok {
			piece = text
		}
	}
	var document yaml.Node
	err := yaml.Unmarshal(piece, &document)
	carried := false
	if err != nil && r.pieces.large && strings.Contains(err.Error(), "unknown anchor") {
		carried = true
		if err = r.anchors.unmarshal(piece, &document); err != nil {
			return nil, err
		}
	}
	if err != nil || document.Kind == 0 {
		return nil, err
	}
	top := document.Content[0]
	if carried {
		top = lastItem(top)
	}
	if r.pieces.large {
		r.anchors.note(piece, top, r.pieces.toItem && top.Kind == yaml.MappingNode)
	}
	return top, nil
}

// start notes what the mapping around a list says.
func (r *reader) start(top *yaml.Node) error {
	value, err := r.nodes.value(top, 0)
	if err != nil {
		return fmt.Errorf("reading YAML: %w", err)
	}
	row, _ := value.(shape.Row)
	if len(row) > 0 {
		r.head, r.list = row[:len(row)-1], row[len(row)-1].Name
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
	value, err := r.nodes.value(node, 0)
	var refusal *meteo.Refusal
	if err != nil && !errors.As(err, &refusal) {
		return nil, fmt.Errorf("reading YAML: %w", err)
	}
	row, ok := value.(shape.Row)
	if refusal == nil && !ok {
		refusal = meteo.Refuse(meteo.UnknownShape, "it is not a mapping")
	}
	if refusal == nil && r.list != "" {
		row = append(r.head[:len(r.head):len(r.head)], shape.Field{Name: r.list, Value: []any{row}})
		if !shape.NamesPlace(row) {
			refusal = meteo.Refuse(meteo.UnknownStation, "it names no place, and its document is too large to look for one after the list: put the place before %q", r.list)
		}
	}
	if refusal != nil {
		raw, err := yaml.Marshal(node)
		if err != nil {
			return nil, fmt.Errorf("quoting YAML: %w", err)
		}
		return nil, &format.RecordError{Raw: bytes.TrimSpace(raw), Refusal: refusal}
	}
	return row, nil
}

// Position implements format.Reader.
func (r *reader) Position() string {
	return fmt.Sprintf("record %d, in the piece that starts at line %d", r.count, r.pieces.start)
}

// Close implements format.Reader.
func (r *reader) Close() error { return nil }
