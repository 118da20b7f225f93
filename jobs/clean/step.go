package clean

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// Config says how to clean.
type Config struct {
	DefaultStation string        // for records that name no place; "" refuses them
	Window         time.Duration // how long an id is remembered after it arrived (48 h)
	PartitionIDs   int           // how many ids are remembered of a partition at the most; 0: any number
	Limits         Limits        // climatological limits of the stations; nil: those of the regions of Senegal
	MaxBytes       int           // the longest value (1 MiB); key and headers may take 3 KiB more
	// Partition is where the records of a station belong.
	Partition func(stationID string) int32
	History   History
	Logger    *slog.Logger // nil: none
}

// History reads the clean topic again.
type History interface {
	// Since calls each with a partition's committed records that arrived at t or later, in their order: all that are there when it
	// is called, or it fails.
	Since(ctx context.Context, partition int32, t time.Time, each func(*flow.Record) error) error
}

// defaultWindow is how long an id is remembered.
const defaultWindow = 48 * time.Hour

// Step implements flow.Step for `stream`.
type Step struct {
	cfg Config

	mu         sync.Mutex
	partitions map[int32]*partition

	rebuilding sync.Mutex // History serves one at a time
}

// partition is what the step keeps of one partition between its batches.
type partition struct {
	decoder  *shape.Decoder
	readings []meteo.Observation // of the record at hand
	memory   *memory             // nil until it is rebuilt
}

// New makes the step.
func New(cfg Config) *Step {
	if cfg.Window == 0 {
		cfg.Window = defaultWindow
	}
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = 1 << 20
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Step{cfg: cfg, partitions: map[int32]*partition{}}
}

// Open implements flow.Step.
func (s *Step) Open(partition int32, _ int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.partitions, partition)
}

// of returns what is kept of a partition.
func (s *Step) of(number int32) *partition {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.partitions[number]
	if p == nil {
		p = &partition{decoder: shape.NewDecoder()}
		s.partitions[number] = p
	}
	return p
}

// Apply implements flow.Step.
func (s *Step) Apply(ctx context.Context, b *flow.Batch) error {
	if len(b.Records) == 0 {
		return nil
	}
	p := s.of(b.Partition)
	if p.memory == nil {
		if err := s.rebuild(ctx, b, p); err != nil {
			return err
		}
	}
	p.memory.forget(b.Records[0].Time)
	b.MakeRoom()
	for i := range b.Records {
		if b.Records[i].Header(flow.HeaderVerdict) != "" {
			s.verdict(b, i, p)
			continue
		}
		s.record(b, i, p)
	}
	if b.Stale > 0 {
		s.cfg.Logger.Warn("verdicts came too late: their observation is forgotten or has another revision now", "partition", b.Partition, "verdicts", b.Stale)
	}
	return nil
}

// rebuild reads from the clean topic what is to be known of a batch's partition before it.
func (s *Step) rebuild(ctx context.Context, b *flow.Batch, p *partition) error {
	s.rebuilding.Lock()
	defer s.rebuilding.Unlock()
	m := newMemory(s.cfg.Window, s.cfg.PartitionIDs, s.cfg.Limits)
	since := b.Records[0].Time.Add(-s.cfg.Window)
	err := s.cfg.History.Since(ctx, b.Partition, since, func(r *flow.Record) error {
		if r.Header(flow.HeaderStage) != "" {
			return nil // an old revision that comes again for one job
		}
		o, err := p.decoder.Observation(r.Value)
		if err != nil || r.Whole > 0 {
			return nil // not of this program: it can't be repeated by it either
		}
		m.add(&o, r.Time)
		return nil
	})
	if err != nil {
		return fmt.Errorf("rebuilding the memory of partition %d: %w", b.Partition, err)
	}
	p.memory = m
	return nil
}

// record decides what becomes of one record: each reading in it is clean, known already, another
// partition's, or the record's death.
func (s *Step) record(b *flow.Batch, i int, p *partition) {
	err := s.decode(&b.Records[i], p)
	if err != nil {
		b.Reject(i, refusalOf(err))
		return
	}
	before := len(b.Observations) + len(b.Reroutes) + len(b.Rejects) + int(b.Duplicates)
	for k := range p.readings {
		s.reading(b, i, &p.readings[k], p.memory, len(p.readings) == 1)
	}
	after := len(b.Observations) + len(b.Reroutes) + len(b.Rejects) + int(b.Duplicates)
	b.Expanded += int64(after - before - 1)
}

// decode makes readings of a record.
func (s *Step) decode(r *flow.Record, p *partition) (err error) {
	if err := s.checkSize(r); err != nil {
		return err
	}
	if cap(p.readings) > mostKept {
		p.readings = nil // an array was as long
	}
	p.readings, err = p.decoder.AppendFromJSON(p.readings[:0], r.Value, shape.Defaults{
		Station: s.cfg.DefaultStation, Source: "producer", Kind: meteo.Observed, FetchedAt: r.Time,
	})
	if err == nil && len(p.readings) == 0 {
		return meteo.Refuse(meteo.NothingMeasured, "it holds no reading")
	}
	return err
}

// checkSize refuses records that are too large.
func (s *Step) checkSize(r *flow.Record) error {
	if n := max(len(r.Value), r.Whole); n > s.cfg.MaxBytes {
		return meteo.Refuse(meteo.TooLarge, "%d bytes, and %d are allowed", n, s.cfg.MaxBytes)
	}
	if n := besideValue(r); n > roomBesideValue {
		return meteo.Refuse(meteo.TooLarge, "%d bytes of key and headers, and %d are allowed", n, roomBesideValue)
	}
	return nil
}

// mostKept is how many readings the slice has room for that is used again for the next record.
const mostKept = 100

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
	switch duplicate, refusal := m.clean(o, r.Time); {
	case refusal != nil:
		b.Reject(i, refusal)
	case duplicate:
		b.Duplicates++
	default:
		b.Add(i, o)
	}
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
