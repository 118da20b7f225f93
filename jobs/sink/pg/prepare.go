package pg

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// prepare returns the rows to store of a batch: of each id the last revision, in the order of the primary key, so that two writers lock
// rows in the same order. What the rows refer to, it creates before and outside of the batch's transaction, which then locks nothing but
// rows: months, stations, series and places. By their index, refused has the observations of which PostgreSQL refuses the series or the place.
func (s *Store) prepare(ctx context.Context, b *flow.Batch) (rows []row, refused map[int]error, err error) {
	if err := s.ensureMonths(ctx, b); err != nil {
		return nil, nil, err
	}
	if err := s.ensureStations(ctx, b); err != nil {
		return nil, nil, err
	}
	n := len(b.Observations)
	numbers, places := make([]int32, n), make([]int32, n)
	badSeries, err := s.known.series.resolve(ctx, s.pool, numbers, func(i int) series { return seriesOf(&b.Observations[i]) })
	if err != nil {
		return nil, nil, err
	}
	badPlaces, err := s.known.places.resolve(ctx, s.pool, places, func(i int) place { return placeOf(&b.Observations[i]) })
	if err != nil {
		return nil, nil, err
	}
	rows = make([]row, 0, n)
	refused = map[int]error{}
	for i := range b.Observations {
		o := &b.Observations[i]
		if numbers[i] == 0 || places[i] == 0 {
			refused[i] = cmp.Or(badSeries[seriesOf(o)], badPlaces[placeOf(o)])
			continue
		}
		rows = append(rows, row{at: i, series: numbers[i], place: places[i], observedAt: microsecondsOf(o.ObservedAt)})
	}
	if len(refused) > 0 {
		rows, refused = lastOf(b, rows, refused)
	}
	return inKeyOrder(b, rows), refused, nil
}

// lastOf leaves out what a later revision in the batch replaces, be it stored or refused.
func lastOf(b *flow.Batch, rows []row, refused map[int]error) ([]row, map[int]error) {
	last := map[int]error{}
	left := rows[:0]
	kept := b.LastRevisions()
	for _, i := range kept {
		if err := refused[i]; err != nil {
			last[i] = err
		}
	}
	for _, r := range rows {
		if _, ok := slices.BinarySearch(kept, r.at); ok {
			left = append(left, r)
		}
	}
	return left, last
}

// inKeyOrder sorts rows by the primary key and leaves of each key the last revision.
func inKeyOrder(b *flow.Batch, rows []row) []row {
	slices.SortFunc(rows, func(x, y row) int {
		return cmp.Or(cmp.Compare(x.series, y.series), cmp.Compare(x.observedAt, y.observedAt), cmp.Compare(x.at, y.at))
	})
	last := rows[:0]
	for _, r := range rows {
		n := len(last)
		if n == 0 || last[n-1].series != r.series || last[n-1].observedAt != r.observedAt {
			last = append(last, r)
		} else if b.Observations[r.at].Replaces(&b.Observations[last[n-1].at]) {
			last[n-1] = r
		}
	}
	return last
}

// ensureMonths creates the months that the rows of a batch belong to.
func (s *Store) ensureMonths(ctx context.Context, b *flow.Batch) error {
	var last time.Time
	for i := range b.Observations {
		at := b.Observations[i].ObservedAt
		month := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
		if month.Equal(last) {
			continue
		}
		last = month
		if s.known.hasMonth(month) {
			continue
		}
		if _, err := s.pool.Exec(ctx, "SELECT meteo.ensure_month($1)", month); err != nil {
			return err
		}
		s.known.addMonth(month)
	}
	return nil
}

// ensureStations inserts the stations that are new.
func (s *Store) ensureStations(ctx context.Context, b *flow.Batch) error {
	const insert = `INSERT INTO meteo.station (station_id, region, latitude, longitude, elevation_m)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`
	var last string
	for i := range b.Observations {
		o := &b.Observations[i]
		if o.StationID == last {
			continue
		}
		last = o.StationID
		if s.known.hasStation(o.StationID) {
			continue
		}
		_, err := s.pool.Exec(ctx, insert, o.StationID, o.Region, number(o.Latitude), number(o.Longitude), number(o.ElevationM))
		if err != nil && !isDataError(err) { // a station may be refused without its observations
			return err
		}
		s.known.addStation(strings.Clone(o.StationID))
	}
	return nil
}

// number returns a float8, null when unknown.
func number(x float64) *float64 {
	if meteo.Known(x) {
		return &x
	}
	return nil
}
