package export

import (
	"cmp"
	"math"
	"slices"
	"time"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// regionTable makes rows of regions: of each value the mean over the stations that have it.
type regionTable struct {
	emit func(*Row) error
	rows map[regionKey]*regionRow
}

type regionKey struct {
	region, source string
	kind           meteo.Kind
	from           time.Time
}

type regionRow struct {
	to       time.Time
	stations int
	n        [NumElements]int
	total    [NumElements]float64
	share    [NumElements]float64
	rainDays int
	rainOf   int
}

// newRegions returns a table and what takes the rows of stations.
func newRegions(emit func(*Row) error) (*regionTable, func(*Row) error) {
	t := &regionTable{emit: emit, rows: map[regionKey]*regionRow{}}
	return t, t.add
}

func (t *regionTable) add(row *Row) error {
	key := regionKey{row.Region, row.Source, row.Kind, row.From}
	r := t.rows[key]
	if r == nil {
		r = &regionRow{to: row.To}
		t.rows[key] = r
	}
	r.stations++
	for e, v := range row.Values {
		r.share[e] += v.Share
		if meteo.Known(v.X) {
			r.n[e]++
			r.total[e] += v.X
		}
	}
	if row.RainDays >= 0 {
		r.rainDays += row.RainDays
		r.rainOf++
	}
	return nil
}

func (t *regionTable) end() error {
	keys := make([]regionKey, 0, len(t.rows))
	for key := range t.rows {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b regionKey) int {
		return cmp.Or(cmp.Compare(a.region, b.region), cmp.Compare(a.source, b.source), cmp.Compare(a.kind, b.kind), a.from.Compare(b.from))
	})
	for _, key := range keys {
		r := t.rows[key]
		row := &Row{Origin: query.Origin{Region: key.region, Source: key.source, Kind: key.kind}, From: key.from, To: r.to, RainDays: -1, Stations: r.stations}
		for e := range row.Values {
			row.Values[e] = Value{r.total[e] / float64(r.n[e]), r.share[e] / float64(r.stations)} // 0/0: not a number
		}
		if r.rainOf > 0 {
			row.RainDays = int(math.Round(float64(r.rainDays) / float64(r.rainOf)))
		}
		if err := t.emit(row); err != nil {
			return err
		}
	}
	return nil
}
