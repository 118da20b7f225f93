// Package json reads and writes JSON (an array of records, one record, or records one after the other)
// and JSON Lines (one record a line). Neither holds more than one record in memory.
package json
