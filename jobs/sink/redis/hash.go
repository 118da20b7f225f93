package redis

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"senmeteo/jobs/meteo"
)

// appendFields appends the names and values of an observation's fields; unknown ones are left out. Objects are JSON.
func appendFields(args []any, o *meteo.Observation) []any {
	for i := range meteo.Fields {
		f := &meteo.Fields[i]
		if text := fieldText(f, o); len(text) > 0 {
			args = append(args, f.Name, text)
		}
	}
	return args
}

// fieldText returns a field in its form; nil: unknown.
func fieldText(f *meteo.Field, o *meteo.Observation) []byte {
	switch f.Type {
	case meteo.TypeText:
		return []byte(*f.Text(o))
	case meteo.TypeWhole:
		if n := *f.Whole(o); n != 0 {
			return appendWhole(nil, n)
		}
	case meteo.TypeNumber:
		if x := *f.Number(o); meteo.Known(x) {
			return meteo.AppendNumber(nil, x)
		}
	case meteo.TypeTime:
		if t := *f.Time(o); !t.IsZero() {
			return meteo.AppendTime(nil, t)
		}
	case meteo.TypeID:
		return []byte(o.ID.String())
	case meteo.TypeFailures:
		if len(o.QC) > 0 {
			return meteo.AppendFailures(nil, o.QC)
		}
	case meteo.TypeOriginal:
		if o.Original != nil {
			return o.Original.AppendJSON(nil)
		}
	case meteo.TypeQuantiles:
		if len(o.Quantiles) > 0 {
			return o.Quantiles.AppendJSON(nil)
		}
	}
	return nil
}

// observationOf reads a hash; key is its name, for errors.
func observationOf(key string, hash map[string]string) (meteo.Observation, error) {
	o := meteo.Observation{Reading: meteo.Reading{Latitude: math.NaN(), Longitude: math.NaN(), ElevationM: math.NaN(), Values: meteo.NoValues()}}
	for i := range meteo.Fields {
		f := &meteo.Fields[i]
		text, known := hash[f.Name]
		if !known {
			continue
		}
		if err := setField(f, &o, text); err != nil {
			return o, fmt.Errorf("the hash %s of Redis holds a %s that can't be read: delete it: %w", key, f.Name, err)
		}
	}
	if o.ID.IsZero() || o.ObservedAt.IsZero() || o.FetchedAt.IsZero() {
		return o, fmt.Errorf("the hash %s of Redis is not an observation: delete it", key)
	}
	return o, nil
}

func setField(f *meteo.Field, o *meteo.Observation, text string) (err error) {
	switch f.Type {
	case meteo.TypeText:
		*f.Text(o) = text
	case meteo.TypeWhole:
		*f.Whole(o), err = strconv.ParseInt(text, 10, 64)
	case meteo.TypeNumber:
		*f.Number(o), err = strconv.ParseFloat(text, 64)
	case meteo.TypeTime:
		*f.Time(o), err = time.Parse(time.RFC3339Nano, text)
	case meteo.TypeID:
		var ok bool
		if o.ID, ok = meteo.ParseID(text); !ok {
			err = fmt.Errorf("%.40q is not 32 hexadecimal digits", text)
		}
	case meteo.TypeFailures:
		o.QC, err = failuresOf(text)
	case meteo.TypeOriginal:
		o.Original, err = originalOf(text)
	case meteo.TypeQuantiles:
		o.Quantiles, err = quantilesOf(text)
	}
	return err
}

func failuresOf(text string) ([]meteo.Failure, error) {
	var bySubject map[string][]meteo.Rule
	if err := json.Unmarshal([]byte(text), &bySubject); err != nil {
		return nil, err
	}
	var all []meteo.Failure
	for subject, rules := range bySubject {
		for _, rule := range rules {
			all = append(all, meteo.Failure{Subject: subject, Rule: rule})
		}
	}
	slices.SortStableFunc(all, func(a, b meteo.Failure) int { return strings.Compare(a.Subject, b.Subject) })
	return all, nil
}

func originalOf(text string) (*meteo.Values, error) {
	var byName map[string]float64
	if err := json.Unmarshal([]byte(text), &byName); err != nil {
		return nil, err
	}
	before := meteo.NoValues()
	for name, x := range byName {
		if v, ok := meteo.VariableByName(name); ok {
			before[v] = x
		}
	}
	return &before, nil
}

func quantilesOf(text string) (qs meteo.Quantiles, err error) {
	var byName map[string][]float64
	if err := json.Unmarshal([]byte(text), &byName); err != nil {
		return nil, err
	}
	for name, values := range byName {
		v, ok := meteo.VariableByName(name)
		q := meteo.Quantile{Variable: v}
		if !ok || len(values) != len(q.Values) {
			return nil, fmt.Errorf("%.40q has %d numbers", name, len(values))
		}
		copy(q.Values[:], values)
		qs, _ = qs.With(q)
	}
	return qs, nil
}

func appendWhole(text []byte, n int64) []byte { return strconv.AppendInt(text, n, 10) }
