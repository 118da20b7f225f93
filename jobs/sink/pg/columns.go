package pg

import (
	"math"
	"slices"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// stored are the fields that are columns of the view meteo.observation, under their names: all but the version of the record's
// schema, which the migrations have of the table as a whole.
var stored = slices.DeleteFunc(slices.Clone(meteo.Fields), func(f meteo.Field) bool { return f.Type == meteo.TypeSchema })

// columnsOf returns the names of the stored fields, each after a prefix.
func columnsOf(prefix string) []string {
	names := make([]string, len(stored))
	for i := range stored {
		names[i] = prefix + stored[i].Name
	}
	return names
}

// setValue sets a field to what pgx.Rows.Values returned for its column.
func setValue(f *meteo.Field, o *meteo.Observation, v any) {
	switch f.Type {
	case meteo.TypeText:
		*f.Text(o), _ = v.(string)
	case meteo.TypeWhole:
		*f.Whole(o), _ = v.(int64)
	case meteo.TypeNumber:
		*f.Number(o) = numberOf(v)
	case meteo.TypeTime:
		at, _ := v.(time.Time) // not one: -infinity
		*f.Time(o) = at.UTC()
	case meteo.TypeID:
		text, _ := v.(string)
		o.ID, _ = meteo.ParseID(text) // the column's check admits no other form
	case meteo.TypeFailures:
		o.QC = failuresOf(v)
	case meteo.TypeOriginal:
		o.Original = originalOf(v)
	case meteo.TypeQuantiles:
		o.Quantiles = quantilesOf(v)
	}
}

// numberOf returns a float8, NaN for null.
func numberOf(v any) float64 {
	if x, ok := v.(float64); ok {
		return x
	}
	return math.NaN()
}

// failuresOf returns the content of the column qc, by subject.
func failuresOf(v any) []meteo.Failure {
	var all []meteo.Failure
	bySubject, _ := v.(map[string]any)
	for subject, rules := range bySubject {
		names, _ := rules.([]any)
		for _, name := range names {
			rule, _ := name.(string)
			all = append(all, meteo.Failure{Subject: subject, Rule: meteo.Rule(rule)})
		}
	}
	slices.SortStableFunc(all, func(a, b meteo.Failure) int { return strings.Compare(a.Subject, b.Subject) })
	return all
}

// originalOf returns the content of the column original.
func originalOf(v any) *meteo.Values {
	byName, _ := v.(map[string]any)
	if len(byName) == 0 {
		return nil
	}
	before := meteo.NoValues()
	for name, x := range byName {
		if variable, ok := meteo.VariableByName(name); ok {
			before[variable] = numberOf(x)
		}
	}
	return &before
}

// quantilesOf returns the content of the column quantiles, without what this program has not written there.
func quantilesOf(v any) (qs meteo.Quantiles) {
	byName, _ := v.(map[string]any)
	for name, list := range byName {
		variable, ok := meteo.VariableByName(name)
		numbers, _ := list.([]any)
		q := meteo.Quantile{Variable: variable}
		if !ok || len(numbers) != len(q.Values) {
			continue
		}
		for i := range numbers {
			q.Values[i] = numberOf(numbers[i])
		}
		qs, _ = qs.With(q) // a map has no name twice
	}
	return qs
}
