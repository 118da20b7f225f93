package yaml

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// maxAnchors bounds the text that is kept of the items of a large document which have anchors.
const maxAnchors = 64 << 10

// anchors keeps the parts of a large document to which aliases in later items may refer: what comes before its list, and the items with anchors.
type anchors struct {
	text []byte
	full bool
}

// note keeps a piece that has an anchor, or that is what comes before the list.
func (a *anchors) note(piece []byte, node *yaml.Node, isHead bool) {
	if !isHead && !hasAnchor(node) {
		return
	}
	if len(a.text)+len(piece) > maxAnchors {
		a.full = true
		return
	}
	a.text = append(a.text, piece...)
}

// unmarshal parses an item after what is kept.
func (a *anchors) unmarshal(piece []byte, document *yaml.Node) error {
	err := yaml.Unmarshal(append(a.text[:len(a.text):len(a.text)], piece...), document)
	if err != nil && a.full {
		return fmt.Errorf("%w: in a large document the items with anchors may have %d bytes together: write their values out", err, maxAnchors)
	}
	return err
}

// lastItem returns the last item of a list, or of the list that is the last value of a mapping, as a list of its own.
func lastItem(top *yaml.Node) *yaml.Node {
	if top.Kind == yaml.MappingNode && len(top.Content) > 0 {
		top = top.Content[len(top.Content)-1]
	}
	if n := len(top.Content); top.Kind == yaml.SequenceNode && n > 0 {
		return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Line: top.Line, Content: top.Content[n-1:]}
	}
	return top
}

// hasAnchor reports whether a node, or one in it, has an anchor.
func hasAnchor(node *yaml.Node) bool {
	if node.Anchor != "" {
		return true
	}
	for _, part := range node.Content {
		if hasAnchor(part) {
			return true
		}
	}
	return false
}
