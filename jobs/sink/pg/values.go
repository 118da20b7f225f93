package pg

import (
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"senmeteo/jobs/meteo"
)

// number returns a float8, null when unknown.
func number(x float64) any {
	if meteo.Known(x) {
		return x
	}
	return nil
}

// text returns a text, null when unknown.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func timestamp(t time.Time) any { return pgtype.Timestamptz{Time: t, Valid: !t.IsZero()} }

// issued is -infinity for what is not a forecast: the column is part of the primary key and can't be null.
func issued(o *meteo.Observation) any {
	if o.IssuedAt.IsZero() {
		return pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
	}
	return timestamp(o.IssuedAt)
}

// value is a field as PostgreSQL gets it, nil when it is unknown.
func value(f *meteo.Field, o *meteo.Observation) any {
	switch f.Type {
	case meteo.TypeText:
		return text(*f.Text(o))
	case meteo.TypeWhole:
		if n := *f.Whole(o); n > 0 {
			return n
		}
	case meteo.TypeNumber:
		return number(*f.Number(o))
	case meteo.TypeTime:
		if f.Name == "issued_at" {
			return issued(o)
		}
		return timestamp(*f.Time(o))
	case meteo.TypeID:
		return o.ID.String()
	case meteo.TypeFailures:
		if len(o.QC) > 0 {
			return meteo.AppendFailures(nil, o.QC)
		}
	case meteo.TypeOriginal:
		if o.Original != nil {
			return o.Original.AppendJSON(nil)
		}
	}
	return nil
}
