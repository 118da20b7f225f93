package meteo

import "time"

// Type is how the values of a field are represented, alike in every format and store.
type Type int

// The types. What a zero value stands for is "unknown", and an unknown field is absent.
const (
	TypeText      Type = iota // UTF-8 text; "" unknown
	TypeWhole                 // a whole number from 1 up; 0 unknown
	TypeNumber                // a float64; NaN unknown
	TypeTime                  // an instant in UTC, to the microsecond; the zero time unknown
	TypeID                    // an ID; the zero ID unknown
	TypeSchema                // SchemaVersion: a whole number that every record states and none keeps
	TypeFailures              // Observation.QC: an object of subject to rules; empty unknown
	TypeOriginal              // Observation.Original: an object of variable to number; nil unknown
	TypeQuantiles             // Reading.Quantiles: an object of variable to a list of numbers; empty unknown
)

// Field is one member of a record: of the JSON object, of a row of a file, of a row of a store. Everything that lists
// members does so by Fields.
type Field struct {
	Name        string // the same in JSON, CSV, Parquet and SQL; a measured value's ends with its unit
	Type        Type
	Description string         // for the JSON Schema
	Required    bool           // every record that has passed the checks of its kind has it
	Checked     bool           // only an observation has it, a reading does not
	restrict    map[string]any // for the JSON Schema, beside what Type says
	member      string         // ,"name":

	text    func(*Observation) *string
	whole   func(*Observation) *int64
	number  func(*Observation) *float64
	instant func(*Observation) *time.Time
}

// Text is where a field of TypeText is kept.
func (f *Field) Text(o *Observation) *string { return f.text(o) }

// Whole is where a field of TypeWhole is kept.
func (f *Field) Whole(o *Observation) *int64 { return f.whole(o) }

// Number is where a field of TypeNumber is kept.
func (f *Field) Number(o *Observation) *float64 { return f.number(o) }

// Time is where a field of TypeTime is kept.
func (f *Field) Time(o *Observation) *time.Time { return f.instant(o) }

// Fields lists the members of a record in the order of every format. That of the variables follows from Variables.
var Fields = func() []Field {
	all := append([]Field{}, origin[:]...)
	for v := range Variables {
		all = append(all, Field{
			Name: Variables[v].Name, Type: TypeNumber,
			Description: Variables[v].Description + " (CF: " + Variables[v].CF + ")",
			number:      func(o *Observation) *float64 { return &o.Values[v] },
		})
	}
	all = append(all, verdict[:]...)
	for i := range all {
		all[i].member = `,"` + all[i].Name + `":`
	}
	return all
}()

// origin are the fields before the variables: what a record is of and where it comes from.
var origin = [...]Field{
	{
		Name: "id", Type: TypeID, Required: true, Checked: true,
		Description: "first 16 bytes of the SHA-256 of station_id|observed_at|source|kind|issued_at",
	},
	{
		Name: "revision", Type: TypeWhole, Required: true, Checked: true,
		Description: "rises when a later fetch has other values",
		whole:       func(o *Observation) *int64 { return &o.Revision },
	},
	{Name: "schema", Type: TypeSchema, Required: true},
	{
		Name: "station_id", Type: TypeText, Required: true,
		Description: "ISO 3166-2 code of the region, -NN for further stations",
		restrict:    map[string]any{"pattern": "^SN-[A-Z]{2}(-[0-9]{2,4})?$"},
		text:        func(o *Observation) *string { return &o.StationID },
	},
	{
		Name: "region", Type: TypeText, Required: true,
		Description: "name of the region, with its accents",
		text:        func(o *Observation) *string { return &o.Region },
	},
	{
		Name: "latitude", Type: TypeNumber, Description: "degrees north, WGS84",
		number: func(o *Observation) *float64 { return &o.Latitude },
	},
	{
		Name: "longitude", Type: TypeNumber, Description: "degrees east, WGS84",
		number: func(o *Observation) *float64 { return &o.Longitude },
	},
	{
		Name: "elevation_m", Type: TypeNumber, Description: "metres above mean sea level",
		number: func(o *Observation) *float64 { return &o.ElevationM },
	},
	{
		Name: "observed_at", Type: TypeTime, Required: true,
		Description: "time of the observation, or the time that a model or forecast is for; the end of interval_s",
		instant:     func(o *Observation) *time.Time { return &o.ObservedAt },
	},
	{
		Name: "fetched_at", Type: TypeTime, Required: true,
		Description: "when senmeteo fetched it",
		instant:     func(o *Observation) *time.Time { return &o.FetchedAt },
	},
	{
		Name: "issued_at", Type: TypeTime, Description: "when the forecast was issued; forecasts only",
		instant: func(o *Observation) *time.Time { return &o.IssuedAt },
	},
	{
		Name: "source", Type: TypeText, Required: true,
		Description: "where it comes from: generate, tomorrow, open-meteo, ogimet, metar, bulletin, file ...",
		restrict:    map[string]any{"pattern": sourcePattern},
		text:        func(o *Observation) *string { return &o.Source },
	},
	{
		Name: "kind", Type: TypeText, Required: true,
		restrict: map[string]any{"enum": []Kind{Observed, Model, Forecast}},
		text:     func(o *Observation) *string { return (*string)(&o.Kind) },
	},
	{
		Name: "provider_id", Type: TypeText,
		Description: "what the provider itself calls the place that the values are of: a WMO number, an ICAO code, a grid cell",
		restrict:    map[string]any{"minLength": 1, "maxLength": 256},
		text:        func(o *Observation) *string { return &o.ProviderID },
	},
}

// verdict are the fields after the variables: what the values cover and what the checks found.
var verdict = [...]Field{
	{
		Name: "interval_s", Type: TypeWhole, Description: "seconds, up to observed_at, that the values over an interval cover",
		whole: func(o *Observation) *int64 { return &o.IntervalS },
	},
	{
		Name: "quantiles", Type: TypeQuantiles,
		Description: "variable -> the values that a forecast is not above with 5, 10, 25, 50, 75, 90 and 95 % probability",
	},
	{
		Name: "quality", Type: TypeText, Required: true, Checked: true,
		restrict: map[string]any{"enum": []Quality{Good, Suspect, Bad}},
		text:     func(o *Observation) *string { return (*string)(&o.Quality) },
	},
	{Name: "qc", Type: TypeFailures, Checked: true, Description: "variable, or location -> the rules it failed"},
	{Name: "original", Type: TypeOriginal, Checked: true, Description: "variable -> the value before a correction"},
}

// fieldIndex is the position of a field in Fields by its name.
var fieldIndex = func() map[string]int {
	index := make(map[string]int, len(Fields))
	for i := range Fields {
		index[Fields[i].Name] = i
	}
	return index
}()

// FieldIndex returns the position in Fields of the field with exactly this name.
func FieldIndex(name []byte) (i int, ok bool) {
	i, ok = fieldIndex[string(name)]
	return i, ok
}

// FieldByName returns the field with exactly this name, nil when there is none.
func FieldByName(name string) *Field {
	if i, ok := fieldIndex[name]; ok {
		return &Fields[i]
	}
	return nil
}
