package pg

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// dictionary is a table of what repeats from row to row, each entry with a number, which rows hold in its place. Entries are
// added outside of the transactions that store rows, and never changed: what was found once need not be asked again.
type dictionary[K comparable] struct {
	table         string
	insert, query string
	arguments     func(keys []K) []any // arrays, one for each column
	own           func(K) K            // a copy that holds no memory of a batch

	mu      sync.Mutex
	numbers map[K]int32
}

// mostNumbers is how many entries of a dictionary are remembered: those of 10,000 stations in several sources.
const mostNumbers = 50_000

// resolve sets the numbers of keys 0 to len(numbers), adding those that the table lacks. The number of a key that PostgreSQL
// refuses is 0; why is in refused.
func (d *dictionary[K]) resolve(ctx context.Context, db *pgx.Conn, numbers []int32, key func(int) K) (refused map[K]error, err error) {
	missing := d.lookUp(numbers, key)
	if len(missing) == 0 {
		return nil, nil
	}
	found, refused, err := d.add(ctx, db, missing)
	if err != nil {
		return nil, err
	}
	for i := range numbers {
		if numbers[i] == 0 {
			numbers[i] = found[key(i)]
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.numbers)+len(found) > mostNumbers {
		clear(d.numbers)
	}
	for k, number := range found {
		d.numbers[d.own(k)] = number
	}
	return refused, nil
}

// lookUp sets the numbers that are remembered and returns the keys without one.
func (d *dictionary[K]) lookUp(numbers []int32, key func(int) K) []K {
	d.mu.Lock()
	defer d.mu.Unlock()
	var missing []K
	seen := map[K]bool{}
	for i := range numbers {
		k := key(i)
		if numbers[i] = d.numbers[k]; numbers[i] == 0 && !seen[k] {
			seen[k] = true
			missing = append(missing, k)
		}
	}
	return missing
}

// add returns the number of each key, after it has inserted those that are new, or why PostgreSQL refuses it.
func (d *dictionary[K]) add(ctx context.Context, db *pgx.Conn, keys []K) (found map[K]int32, refused map[K]error, err error) {
	found, err = d.addAll(ctx, db, keys)
	if !isDataError(err) {
		return found, nil, err
	}
	if len(keys) == 1 {
		return nil, map[K]error{keys[0]: err}, nil
	}
	found, refused = map[K]int32{}, map[K]error{}
	for i := range keys { // PostgreSQL refuses one of them
		number, why, err := d.add(ctx, db, keys[i:i+1])
		if err != nil {
			return nil, nil, err
		}
		maps.Copy(found, number)
		maps.Copy(refused, why)
	}
	return found, refused, nil
}

// addAll returns the numbers of all keys. It inserts those only that it does not find: each row that is inserted uses up a
// number, also where it is there already. When one is not found after that, the error is flow.ErrRestart.
func (d *dictionary[K]) addAll(ctx context.Context, db *pgx.Conn, keys []K) (map[K]int32, error) {
	found, err := d.ask(ctx, db, keys)
	if err != nil || len(found) == len(keys) {
		return found, err
	}
	isFound := func(k K) bool { return found[k] != 0 }
	missing := slices.DeleteFunc(slices.Clone(keys), isFound)
	if _, err := db.Exec(ctx, d.insert, d.arguments(missing)...); err != nil {
		return nil, err
	}
	added, err := d.ask(ctx, db, missing)
	if err != nil {
		return nil, err
	}
	maps.Copy(found, added)
	if i := slices.IndexFunc(missing, func(k K) bool { return !isFound(k) }); i >= 0 {
		return nil, fmt.Errorf("%s does not have %v, which was inserted: %w", d.table, missing[i], flow.ErrRestart)
	}
	return found, nil
}

// ask returns the numbers of those keys that the table has.
func (d *dictionary[K]) ask(ctx context.Context, db *pgx.Conn, keys []K) (map[K]int32, error) {
	rows, err := db.Query(ctx, d.query, d.arguments(keys)...)
	if err != nil {
		return nil, err
	}
	found := make(map[K]int32, len(keys))
	var at int64
	var number int32
	_, err = pgx.ForEachRow(rows, []any{&at, &number}, func() error {
		found[keys[at-1]] = number
		return nil
	})
	return found, err
}

// series is an entry of meteo.series.
type series struct {
	flow.Series
	issuedAt int64 // microsecondsOf; notIssued for what is not a forecast
}

const notIssued = math.MinInt64

func seriesOf(o *meteo.Observation) series {
	s := series{flow.SeriesOf(o), notIssued}
	if !o.IssuedAt.IsZero() {
		s.issuedAt = microsecondsOf(o.IssuedAt)
	}
	return s
}

// newSeries returns the dictionary meteo.series.
func newSeries() *dictionary[series] {
	return &dictionary[series]{
		table: "meteo.series",
		insert: `INSERT INTO meteo.series (station_id, source, kind, issued_at)
			SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) ORDER BY 1, 2, 3, 4 ON CONFLICT DO NOTHING`,
		query: `SELECT n, series_id FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
			WITH ORDINALITY AS k (station_id, source, kind, issued_at, n) JOIN meteo.series USING (station_id, source, kind, issued_at)`,
		arguments: func(keys []series) []any {
			stations, sources, kinds := make([]string, len(keys)), make([]string, len(keys)), make([]string, len(keys))
			issued := make([]pgtype.Timestamptz, len(keys))
			for i, k := range keys {
				stations[i], sources[i], kinds[i] = k.StationID, k.Source, string(k.Kind)
				issued[i] = pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
				if k.issuedAt != notIssued {
					issued[i] = pgtype.Timestamptz{Time: timeOf(k.issuedAt), Valid: true}
				}
			}
			return []any{stations, sources, kinds, issued}
		},
		own: func(k series) series {
			k.StationID, k.Source, k.Kind = strings.Clone(k.StationID), strings.Clone(k.Source), meteo.Kind(strings.Clone(string(k.Kind)))
			return k
		},
		numbers: map[series]int32{},
	}
}

// place is an entry of meteo.place. The numbers are those of math.Float64bits, so that unknown ones are equal.
type place struct {
	region, providerID             string
	latitude, longitude, elevation uint64
}

func placeOf(o *meteo.Observation) place {
	return place{o.Region, o.ProviderID, bitsOf(o.Latitude), bitsOf(o.Longitude), bitsOf(o.ElevationM)}
}

// bitsOf returns the bits of a number, the same of all that are unknown and of both zeros.
func bitsOf(x float64) uint64 {
	if !meteo.Known(x) {
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(x + 0) // -0 + 0 is 0
}

// newPlaces returns the dictionary meteo.place.
func newPlaces() *dictionary[place] {
	return &dictionary[place]{
		table: "meteo.place",
		insert: `INSERT INTO meteo.place (region, latitude, longitude, elevation_m, provider_id)
			SELECT * FROM unnest($1::text[], $2::float8[], $3::float8[], $4::float8[], $5::text[]) ORDER BY 1, 2, 3, 4, 5 ON CONFLICT DO NOTHING`,
		query: `SELECT n, place_id FROM unnest($1::text[], $2::float8[], $3::float8[], $4::float8[], $5::text[])
			WITH ORDINALITY AS k (region, latitude, longitude, elevation_m, provider_id, n)
			JOIN meteo.place USING (region, latitude, longitude, elevation_m, provider_id)`,
		arguments: func(keys []place) []any {
			regions, providers := make([]string, len(keys)), make([]string, len(keys))
			latitudes, longitudes, elevations := make([]float64, len(keys)), make([]float64, len(keys)), make([]float64, len(keys))
			for i, k := range keys {
				regions[i], providers[i] = k.region, k.providerID
				latitudes[i], longitudes[i], elevations[i] = math.Float64frombits(k.latitude), math.Float64frombits(k.longitude), math.Float64frombits(k.elevation)
			}
			return []any{regions, latitudes, longitudes, elevations, providers}
		},
		own: func(k place) place {
			k.region, k.providerID = strings.Clone(k.region), strings.Clone(k.providerID)
			return k
		},
		numbers: map[place]int32{},
	}
}
