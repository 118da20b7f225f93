// Package xml reads and writes XML: <observations><observation>... when writing; when reading, any
// document in which records recur, as elements with child elements or with attributes.
package xml
