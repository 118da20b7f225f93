package yaml

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// Bounds of a document when its aliases are followed, against documents that are small only on paper.
const (
	maxNodes = 1 << 20
	maxDepth = 64
)

// converter makes plain values of nodes.
type converter struct{ left int }

// value converts a node: aliases and merge keys are followed. The error is a *meteo.Refusal when only this record is malformed.
func (c *converter) value(node *yaml.Node, depth int) (any, error) {
	if c.left--; c.left < 0 || depth > maxDepth {
		return nil, fmt.Errorf("line %d: nested too deep or too large when its aliases are followed", node.Line)
	}
	switch node.Kind {
	case yaml.AliasNode:
		return c.value(node.Alias, depth+1)
	case yaml.MappingNode:
		return c.mapping(node, depth)
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
	return scalar(node), nil
}

// mapping converts a mapping. Its own keys win over those of merge keys, whose earlier mappings win over later ones.
func (c *converter) mapping(node *yaml.Node, depth int) (any, error) {
	row := make(shape.Row, 0, len(node.Content)/2)
	own := make(map[string]bool, len(node.Content)/2)
	var merged shape.Row
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		value, err := c.value(node.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		if key.ShortTag() == "!!merge" {
			switch value := value.(type) {
			case shape.Row:
				merged = append(merged, value...)
			case []any:
				for _, one := range value {
					part, _ := one.(shape.Row)
					merged = append(merged, part...)
				}
			}
			continue
		}
		if own[key.Value] {
			return nil, meteo.Refuse(meteo.InvalidField, "line %d: the key %.40q comes twice in one mapping", key.Line, key.Value)
		}
		own[key.Value] = true
		row = append(row, shape.Field{Name: key.Value, Value: value})
	}
	for _, f := range merged {
		if !own[f.Name] {
			own[f.Name] = true
			row = append(row, f)
		}
	}
	return row, nil
}

// scalar converts a scalar. Numbers, times and text stay text as they are in the file, because shape reads them, to the last digit; what only
// YAML writes so is resolved: null, .nan, numbers in base 8 and 16 or with underscores, times with a short zone.
func scalar(node *yaml.Node) any {
	s := node.Value
	switch node.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(s, "true")
	case "!!float":
		if strings.EqualFold(s, ".nan") {
			return nil
		}
		return strings.ReplaceAll(s, "_", "")
	case "!!int":
		if strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0o") {
			if n, err := strconv.ParseInt(s, 0, 64); err == nil {
				return float64(n)
			}
		}
		return strings.ReplaceAll(s, "_", "")
	case "!!timestamp":
		var t time.Time
		if _, _, ok := shape.ParseTime(s); !ok && node.Decode(&t) == nil {
			return t
		}
	}
	return s
}
