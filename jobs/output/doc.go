// Package output is where readings go that were fetched or converted: the raw topic, a file of any format, or standard
// output.
package output
