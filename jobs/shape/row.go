package shape

import (
	"time"

	"senmeteo/jobs/meteo"
)

// Field is one named value of a record.
type Field struct {
	Name string
	// Value is nil, bool, float64, string, time.Time, Row (an object) or []any of these.
	Value any
}

// Row is one record, its fields in the order of the file.
type Row []Field

// Defaults fill in what a record does not say.
type Defaults struct {
	Station   string     // station id for records that name no place; "" refuses them
	Source    string     // for records that name none: "file"
	Kind      meteo.Kind // for records that name none
	FetchedAt time.Time  // for records that don't say
	IntervalS int64      // seconds that a rain amount covers, for records that don't say; 0 unknown
}
