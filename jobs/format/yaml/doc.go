// Package yaml reads and writes YAML: a list of mappings when writing; when reading also documents one after
// the other, each a mapping or a list. A list is read item by item.
package yaml
