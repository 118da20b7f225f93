package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/retry"
)

// The places where readings are looked for.
const (
	inPostgres      = "PostgreSQL"
	inElasticsearch = "Elasticsearch"
	onThePage       = "the page's event"
)

// How often the stores are looked at, which is how much too late a sighting may be. Elasticsearch shows new documents every few
// seconds, and the page sends events by itself.
const (
	lookInPostgres      = 10 * time.Millisecond
	lookInElasticsearch = 50 * time.Millisecond
)

// sightings are when readings were sent, and when they were first seen in each place. The readings of a station are a second of
// observed_at apart and become visible in this order, so the newest one that is visible in a place says which are.
type sightings struct {
	first time.Time // observed_at of the first readings

	mu     sync.Mutex
	sentAt []time.Time
	seen   map[string]*sighting // by place
}

// sighting is what was seen in one place.
type sighting struct {
	next  map[string]int // by station: of its readings, the number of the first that was not seen
	at    []time.Time    // by reading
	count int
}

// newSightings makes room for a number of readings, all of which are of the past.
func newSightings(readings int) *sightings {
	s := &sightings{sentAt: make([]time.Time, readings), seen: map[string]*sighting{}}
	perStation := time.Duration(readings/len(meteo.Stations)) * time.Second
	s.first = time.Now().UTC().Add(-perStation - time.Minute).Truncate(time.Second)
	for _, place := range []string{inPostgres, inElasticsearch, onThePage} {
		s.seen[place] = &sighting{next: map[string]int{}, at: make([]time.Time, readings)}
	}
	return s
}

// reading returns the n-th reading: of one station after the other.
func (s *sightings) reading(n int) meteo.Observation {
	of := meteo.Stations[n%len(meteo.Stations)]
	o := meteo.Observation{Reading: meteo.NewReading(of, s.first.Add(time.Duration(n/len(meteo.Stations))*time.Second), "generate", meteo.Observed)}
	o.FetchedAt = o.ObservedAt
	copy(o.Values[:], []float64{25.3, 18.2, 64.7, 1012.4, 4.2, 7.9, 315, 0, 0, 12, 20_000})
	o.IntervalS = 600
	return o
}

// sent notes that a reading is handed to the client now.
func (s *sightings) sent(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sentAt[n] = time.Now()
}

// newest notes that a place showed, at some time, a station's reading of observed_at as its newest.
func (s *sightings) newest(place string, at time.Time, station string, observed time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to := s.seen[place]
	for i, known := range meteo.Stations {
		if known.ID != station {
			continue
		}
		for last := int(observed.Sub(s.first) / time.Second); to.next[station] <= last; to.next[station]++ {
			if n := to.next[station]*len(meteo.Stations) + i; n < len(to.at) {
				to.at[n] = at
				to.count++
			}
		}
	}
}

// wait waits until the first n readings were seen everywhere.
func (s *sightings) wait(ctx context.Context, n int, patience time.Duration) error {
	for began := time.Now(); ; {
		missing := s.missing(n)
		if missing == "" {
			return nil
		}
		if time.Since(began) > patience {
			return fmt.Errorf("not all of %d readings became visible within %s: %s", n, patience, missing)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lookInPostgres):
		}
	}
}

func (s *sightings) missing(n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for place, what := range s.seen {
		if what.count < n {
			return fmt.Sprintf("%s has %d", place, what.count)
		}
	}
	return ""
}

// latencies returns, by place, the milliseconds from sending a reading to seeing it, but for the first of each station.
func (s *sightings) latencies() map[string][]float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string][]float64{}
	for place, what := range s.seen {
		for n := len(meteo.Stations); n < len(what.at); n++ {
			all[place] = append(all[place], float64(what.at[n].Sub(s.sentAt[n]).Microseconds())/1000)
		}
	}
	return all
}

// ended returns nil for what comes of the end of ctx.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// every calls do again and again until ctx ends.
func every(ctx context.Context, period time.Duration, do func() error) error {
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := do(); err != nil {
			return ended(ctx, err)
		}
	}
}

// inTable looks for readings in PostgreSQL. The table may not be there yet.
func (s *sightings) inTable(ctx context.Context, url string) error {
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	defer func() { _ = db.Close(context.WithoutCancel(ctx)) }() // it was only read
	const isThere = `SELECT to_regclass('meteo.latest') IS NOT NULL`
	there := false
	return every(ctx, lookInPostgres, func() error {
		if !there {
			return db.QueryRow(ctx, isThere).Scan(&there)
		}
		err := s.inView(ctx, db)
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "40P01" {
			return nil // a deadlock with a migration, which to-pg makes meanwhile: the next look will see
		}
		return err
	})
}

// inView notes the newest reading of each station.
func (s *sightings) inView(ctx context.Context, db *pgx.Conn) error {
	rows, err := db.Query(ctx, `SELECT station_id, observed_at FROM meteo.latest`)
	if err != nil {
		return err
	}
	at := time.Now() // the answer begins when the query has its snapshot
	var station string
	var observed time.Time
	_, err = pgx.ForEachRow(rows, []any{&station, &observed}, func() error {
		s.newest(inPostgres, at, station, observed)
		return nil
	})
	return err
}

// inIndices looks for readings in Elasticsearch.
func (s *sightings) inIndices(ctx context.Context, servers Servers, indices string) error {
	const query = `{"size": 0, "aggs": {"station": {"terms": {"field": "station_id", "size": 100}, "aggs": {"newest": {"max": {"field": "observed_at"}}}}}}`
	return every(ctx, lookInElasticsearch, func() error {
		var answer struct {
			Aggregations struct {
				Station struct {
					Buckets []struct {
						Key    string `json:"key"`
						Newest struct {
							Value float64 `json:"value"`
						} `json:"newest"`
					} `json:"buckets"`
				} `json:"station"`
			} `json:"aggregations"`
		}
		err := servers.search(ctx, http.MethodPost, "/"+indices+"/_search", strings.NewReader(query), &answer)
		var refused *refusal
		if errors.As(err, &refused) && refused.status == http.StatusServiceUnavailable {
			return nil // the index is just being created
		}
		if err != nil {
			return err
		}
		at := time.Now()
		for _, b := range answer.Aggregations.Station.Buckets {
			s.newest(inElasticsearch, at, b.Key, time.UnixMilli(int64(b.Newest.Value)))
		}
		return nil
	})
}

// onPage listens to the page's events and asks after each what is new.
func (s *sightings) onPage(ctx context.Context, page string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, page+"/events", nil)
	if err != nil {
		return err
	}
	up := retry.Policy{First: lookInElasticsearch, Patience: time.Minute}
	response, err := http.DefaultClient.Do(request)
	for backoff := up.Start(); err != nil && backoff.Wait(ctx, err); {
		response, err = http.DefaultClient.Do(request)
	}
	if err != nil {
		return ended(ctx, fmt.Errorf("listening to the page: %w", err))
	}
	defer func() { _ = response.Body.Close() }() // it has no end
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if lines.Text() != "event: version" {
			continue
		}
		if err := s.latest(ctx, page, time.Now()); err != nil {
			return ended(ctx, err)
		}
	}
	return ended(ctx, errors.Join(errors.New("the page's events have ended"), lines.Err()))
}

// latest asks the page for the newest observations.
func (s *sightings) latest(ctx context.Context, page string, at time.Time) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, page+"/api/latest", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the page: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // it was read to its end
	var answer struct {
		Stations []struct {
			Observation struct {
				StationID  string    `json:"station_id"`
				ObservedAt time.Time `json:"observed_at"`
			} `json:"observation"`
		} `json:"stations"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return fmt.Errorf("reading what the page answers: %w", err)
	}
	for _, station := range answer.Stations {
		s.newest(onThePage, at, station.Observation.StationID, station.Observation.ObservedAt)
	}
	return nil
}
