package pg

import (
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"senmeteo/jobs/meteo"
)

// number is a float8, null when unknown.
func number(x float64) any {
	if meteo.Known(x) {
		return x
	}
	return nil
}

// text is null when unknown.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func timestamp(t time.Time) any { return pgtype.Timestamptz{Time: t, Valid: !t.IsZero()} }

// issued is -infinity for what is no forecast: the column is part of the primary key and can't be null.
func issued(o *meteo.Observation) any {
	if o.IssuedAt.IsZero() {
		return pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
	}
	return timestamp(o.IssuedAt)
}
