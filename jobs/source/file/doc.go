// Package file reads weather records from files of any format, as a source of readings for the raw
// topic and record by record for conversions.
package file
