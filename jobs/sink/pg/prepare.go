package pg

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// preparer creates what the rows of a batch refer to: months, stations, series and places. It does so before and outside of the batch's
// transaction, which then locks nothing but rows.
type preparer struct {
	conn  *pgx.Conn
	known *known
	batch *flow.Batch
}

// prepare returns the rows to store of the batch: of each id the last revision, in the order of the primary key, which splits well into
// those that are new and the others. By their index, refused has the observations of which PostgreSQL refuses the series or the place.
func (p *preparer) prepare(ctx context.Context) (rows []row, refused map[int]error, err error) {
	if err := p.ensureMonths(ctx); err != nil {
		return nil, nil, err
	}
	if err := p.ensureStations(ctx); err != nil {
		return nil, nil, err
	}
	b := p.batch
	n := len(b.Observations)
	numbers, places := make([]int32, n), make([]int32, n)
	badSeries, err := p.known.series.resolve(ctx, p.conn, numbers, func(i int) series { return seriesOf(&b.Observations[i]) })
	if err != nil {
		return nil, nil, err
	}
	badPlaces, err := p.known.places.resolve(ctx, p.conn, places, func(i int) place { return placeOf(&b.Observations[i]) })
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

// ensureMonths creates the months that the rows belong to.
func (p *preparer) ensureMonths(ctx context.Context) error {
	var last time.Time
	for i := range p.batch.Observations {
		at := p.batch.Observations[i].ObservedAt
		month := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
		if month.Equal(last) {
			continue
		}
		last = month
		if p.known.hasMonth(month) {
			continue
		}
		if _, err := p.conn.Exec(ctx, "SELECT meteo.ensure_month($1)", month); err != nil {
			return err
		}
		p.known.addMonth(month)
	}
	return nil
}

// ensureStations inserts the stations that are new.
func (p *preparer) ensureStations(ctx context.Context) error {
	const insert = `INSERT INTO meteo.station (station_id, region, latitude, longitude, elevation_m)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`
	var last string
	for i := range p.batch.Observations {
		o := &p.batch.Observations[i]
		if o.StationID == last {
			continue
		}
		last = o.StationID
		if p.known.hasStation(o.StationID) {
			continue
		}
		_, err := p.conn.Exec(ctx, insert, o.StationID, o.Region, number(o.Latitude), number(o.Longitude), number(o.ElevationM))
		if err != nil && !isDataError(err) { // a station may be refused without its observations
			return err
		}
		p.known.addStation(strings.Clone(o.StationID))
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
