package csv

import (
	"bytes"
	"regexp"
	"strings"

	"senmeteo/jobs/shape"
)

// Meteostat's bulk files have no names of columns: a date and the hour, or the date alone, and the values in this order (dev.meteostat.net/bulk).
var meteostatBulk = [...]struct {
	line  *regexp.Regexp
	names string
}{
	{regexp.MustCompile(`^\d{4}-\d\d-\d\d,\d{1,2}(?:,-?[\d.]*){11}$`), "date hour temp dwpt rhum prcp snow wdir wspd wpgt pres tsun coco"},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\d(?:,-?[\d.]*){10}$`), "date tavg tmin tmax prcp snow wdir wspd wpgt pres tsun"},
}

// findMeteostat recognises a bulk file of Meteostat by its first lines.
func findMeteostat(start []byte) (d dialect) {
	first, rest, _ := bytes.Cut(start, []byte("\n"))
	second, _, whole := bytes.Cut(rest, []byte("\n"))
	for _, bulk := range meteostatBulk {
		if !bulk.line.Match(bytes.TrimRight(first, "\r")) || whole && !bulk.line.Match(bytes.TrimRight(second, "\r")) {
			continue
		}
		d.found, d.comma, d.header.Complete = true, ',', true
		for name := range strings.FieldsSeq(bulk.names) {
			d.header.Headings = append(d.header.Headings, shape.Heading{Name: name})
		}
		return d
	}
	return d
}
