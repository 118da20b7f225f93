package pg

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"senmeteo/jobs/meteo"
)

const (
	observedSeriesQuery = `SELECT series_id, station_id, source FROM meteo.series WHERE kind = 'observed' ORDER BY station_id, source`

	// measuredQuery leaves the columns of variables to fmt: they come from meteo.Variables.
	measuredQuery = `SELECT d.observed_at, d.interval_s, p.latitude, p.longitude, coalesce(d.quality = 'b', false), d.qc%s
		FROM meteo.observation_data d LEFT JOIN meteo.place p USING (place_id) WHERE d.series_id = $1 AND d.observed_at <= $2 ORDER BY d.observed_at`
)

// observedSeries is the series of a station and source.
type observedSeries struct {
	Number            int32
	StationID, Source string
}

// Measured implements query.ForecastReader; there is nothing in a database without the schema.
func (s *Store) Measured(ctx context.Context, until time.Time, variables []meteo.Variable, each func(*meteo.Observation) error) error {
	return s.observations(ctx, "reading what was measured", each, func(tx pgx.Tx, each func(*meteo.Observation) error) error {
		if err := narrowed(ctx, tx); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, observedSeriesQuery)
		if err != nil {
			return err
		}
		all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[observedSeries])
		if err != nil {
			return err
		}
		for i := range all {
			if err := all[i].read(ctx, tx, until, variables, each); err != nil {
				return err
			}
		}
		return nil
	})
}

// observations asks a question whose answer each is called with. The error of each is returned as it is.
func (s *Store) observations(ctx context.Context, doing string, each func(*meteo.Observation) error, question func(pgx.Tx, func(*meteo.Observation) error) error) error {
	var caller error
	err := s.ask(ctx, doing, func(tx pgx.Tx) error {
		return question(tx, func(o *meteo.Observation) error {
			caller = each(o)
			return caller
		})
	})
	switch {
	case caller != nil:
		return caller
	case errors.Is(err, errNothingThere):
		return nil
	}
	return err
}

// read gives the observations of one series.
func (p *observedSeries) read(ctx context.Context, tx pgx.Tx, until time.Time, variables []meteo.Variable, each func(*meteo.Observation) error) error {
	var columns strings.Builder
	for _, v := range variables {
		columns.WriteString(", d." + v.String())
	}
	var observedAt time.Time
	var interval *int64
	var latitude, longitude *float64
	var bad bool
	var qc map[string]any
	values := make([]pgtype.Float8, len(variables))
	into := []any{&observedAt, &interval, &latitude, &longitude, &bad, &qc}
	for i := range values {
		into = append(into, &values[i])
	}
	rows, err := tx.Query(ctx, fmt.Sprintf(measuredQuery, columns.String()), p.Number, until)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, into, func() error {
		o := meteo.Observation{Reading: meteo.Reading{
			Identity: meteo.Identity{StationID: p.StationID, Source: p.Source, Kind: meteo.Observed, ObservedAt: observedAt.UTC()},
			Latitude: orNaN(latitude), Longitude: orNaN(longitude), ElevationM: math.NaN(), Values: meteo.NoValues(),
		}, QC: failuresOf(qc)}
		if interval != nil {
			o.IntervalS = *interval
		}
		if bad {
			o.Quality = meteo.Bad
		}
		for i, v := range variables {
			if values[i].Valid {
				o.Values[v] = values[i].Float64
			}
		}
		return each(&o)
	})
	return err
}

func orNaN(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

// farthest is how far ahead of its issue a forecast may be, so that months which can't hold one are not looked into.
const farthest = 16 * 24 * time.Hour

var forecastsQuery = "SELECT " + strings.Join(columnsOf(""), ", ") + ` FROM meteo.observation
	WHERE kind = 'forecast' AND source = $1 AND issued_at >= $2 AND issued_at < $3 AND observed_at >= $2 AND observed_at < $4
	ORDER BY station_id, issued_at, observed_at`

// Forecasts implements query.ForecastReader; there are none in a database without the schema.
func (s *Store) Forecasts(ctx context.Context, source string, from, to time.Time, each func(*meteo.Observation) error) error {
	return s.observations(ctx, "reading forecasts", each, func(tx pgx.Tx, each func(*meteo.Observation) error) error {
		rows, err := tx.Query(ctx, forecastsQuery, source, from, to, to.Add(farthest))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			values, err := rows.Values()
			if err != nil {
				return err
			}
			var o meteo.Observation
			for i := range stored {
				setValue(&stored[i], &o, values[i])
			}
			if err := each(&o); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}
