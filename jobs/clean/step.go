package clean

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// Config says how to clean.
type Config struct {
	DefaultStation string        // for records that name no place; "" refuses them
	Window         time.Duration // how long an id is remembered after it arrived (48 h)
	MaxBytes       int           // the longest value (1 MiB); key and headers may take 3 KiB more
	// Partition is where the records of a station belong.
	Partition func(stationID string) int32
	History   History
}

// History reads the clean topic again.
type History interface {
	// Since calls each with a partition's committed records that arrived at t or later, in their order: all that are there when it
	// is called, or it fails.
	Since(ctx context.Context, partition int32, t time.Time, each func(*flow.Record) error) error
}

// Step implements flow.Step for `stream`.
type Step struct {
	cfg     Config
	decoder *shape.Decoder
	known   map[int32]*memory
}

// New makes the step.
func New(cfg Config) *Step {
	if cfg.Window == 0 {
		cfg.Window = 48 * time.Hour
	}
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = 1 << 20
	}
	return &Step{cfg: cfg, decoder: shape.NewDecoder(), known: map[int32]*memory{}}
}

// Open implements flow.Step.
func (s *Step) Open(partition int32, _ int64) { delete(s.known, partition) }

// Apply implements flow.Step.
func (s *Step) Apply(ctx context.Context, b *flow.Batch) error {
	if len(b.Records) == 0 {
		return nil
	}
	m, err := s.memory(ctx, b)
	if err != nil {
		return err
	}
	m.forget(b.Records[0].Time)
	b.Observations, b.Origin = make([]meteo.Observation, 0, len(b.Records)), make([]int, 0, len(b.Records))
	for i := range b.Records {
		s.record(b, i, m)
	}
	return nil
}

// memory returns what is known of the batch's partition, rebuilt from the clean topic when it was forgotten.
func (s *Step) memory(ctx context.Context, b *flow.Batch) (*memory, error) {
	if m := s.known[b.Partition]; m != nil {
		return m, nil
	}
	m := newMemory(s.cfg.Window)
	since := b.Records[0].Time.Add(-s.cfg.Window)
	err := s.cfg.History.Since(ctx, b.Partition, since, func(r *flow.Record) error {
		if r.Header(flow.HeaderStage) != "" {
			return nil // an old revision that comes again for one job
		}
		o, err := s.decoder.Observation(r.Value)
		if err != nil {
			return nil // not of this program: it can't be repeated by it either
		}
		m.add(&o, r.Time)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("rebuilding the memory of partition %d: %w", b.Partition, err)
	}
	s.known[b.Partition] = m
	return m, nil
}

// record decides what becomes of one record: each reading in it is clean, known already, another
// partition's, or the record's death.
func (s *Step) record(b *flow.Batch, i int, m *memory) {
	r := &b.Records[i]
	readings, err := s.decode(r)
	if err != nil {
		b.Reject(i, refusalOf(err))
		return
	}
	before := len(b.Observations) + len(b.Reroutes) + len(b.Rejects) + int(b.Duplicates)
	for k := range readings {
		s.reading(b, i, &readings[k], m, len(readings) == 1)
	}
	after := len(b.Observations) + len(b.Reroutes) + len(b.Rejects) + int(b.Duplicates)
	b.Expanded += int64(after - before - 1)
}

func (s *Step) decode(r *flow.Record) ([]meteo.Observation, error) {
	if len(r.Value) > s.cfg.MaxBytes {
		return nil, meteo.Refuse(meteo.TooLarge, "%d bytes, and %d are allowed", len(r.Value), s.cfg.MaxBytes)
	}
	if n := besideValue(r); n > roomBesideValue {
		return nil, meteo.Refuse(meteo.TooLarge, "%d bytes of key and headers, and %d are allowed", n, roomBesideValue)
	}
	readings, err := s.decoder.FromJSON(r.Value, shape.Defaults{
		Station: s.cfg.DefaultStation, Source: "producer", Kind: meteo.Observed, FetchedAt: r.Time,
	})
	if err == nil && len(readings) == 0 {
		return nil, meteo.Refuse(meteo.NothingMeasured, "it holds no reading")
	}
	return readings, err
}

// roomBesideValue is what key and headers may take, so that every record can be rerouted.
const roomBesideValue = 3 << 10

// besideValue leaves out what replay added, so that a record which was let in once is let in again.
func besideValue(r *flow.Record) int {
	n := len(r.Key)
	for _, h := range r.Headers {
		if !strings.HasPrefix(h.Key, "senmeteo.") {
			n += len(h.Key) + len(h.Value) + 4
		}
	}
	return n
}

func refusalOf(err error) *meteo.Refusal {
	var refusal *meteo.Refusal
	if errors.As(err, &refusal) {
		return refusal
	}
	return meteo.Refuse(meteo.UnknownShape, "%s", err.Error())
}

func (s *Step) reading(b *flow.Batch, i int, o *meteo.Observation, m *memory, alone bool) {
	r := &b.Records[i]
	if home := s.cfg.Partition(o.StationID); home != b.Partition {
		re := flow.Reroute{Partition: home, Key: []byte(o.StationID), Value: r.Value, Headers: r.Headers}
		if !alone {
			re.Value = o.AppendJSON(nil)
		}
		b.Reroutes = append(b.Reroutes, re)
		return
	}
	if refusal := implausibleTime(o, r.Time); refusal != nil {
		b.Reject(i, refusal)
		return
	}
	takeBack(o)
	o.ID = o.Identity.ID()
	revision, ok := m.revision(o)
	if !ok {
		b.Duplicates++
		return
	}
	o.Revision = revision
	o.FetchedAt = atArrival(o.FetchedAt, r.Time)
	Check(o, m.recentOf(o))
	m.add(o, r.Time)
	b.Add(i, o)
}

// atArrival is when a record was fetched that arrived at a time: not later. The clock of who fetched it may run ahead; the stores keep what
// was fetched last, and would keep out later corrections. Kafka counts whole milliseconds.
func atArrival(fetched, arrived time.Time) time.Time {
	if fetched.Sub(arrived) < time.Millisecond {
		return fetched
	}
	return arrived.UTC()
}

// takeBack undoes what an earlier cleaning did to an observation that comes again as a reading.
func takeBack(o *meteo.Observation) {
	if o.Original != nil {
		for v, x := range o.Original {
			if meteo.Known(x) {
				o.Values[v] = x
			}
		}
	}
	o.Original, o.QC, o.Quality = nil, nil, ""
}

// The first year that a reading may be of, and how far a clock may run ahead of its arrival.
const (
	firstYear  = 1900
	clockAhead = 10 * time.Minute
)

// implausibleTime refuses readings from before instruments and from the future. A forecast is for the future, but
// was not issued there.
func implausibleTime(o *meteo.Observation, arrived time.Time) *meteo.Refusal {
	if o.ObservedAt.Year() < firstYear {
		return meteo.Refuse(meteo.InvalidTime, "observed_at is before %d", firstYear)
	}
	made := o.ObservedAt
	if o.Kind == meteo.Forecast {
		made = o.IssuedAt
	}
	if made.After(arrived.Add(clockAhead)) {
		return meteo.Refuse(meteo.Future, "%s is %s after it arrived", made.Format(time.RFC3339), made.Sub(arrived).Round(time.Minute))
	}
	return nil
}
