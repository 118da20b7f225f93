package memory

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// Database is what several open Stores share: their memory.
type Database struct {
	flaw  Flaw
	spoil Spoil // nil: none

	mu       sync.Mutex
	rows     map[meteo.ID]map[string]any // of each observation the members of its JSON
	order    []meteo.ID                  // in which they came first
	extra    []map[string]any            // doubled by a flaw
	progress map[int32]flow.Progress
}

// NewDatabase returns an empty one, with a flaw or None.
func NewDatabase(f Flaw) *Database {
	return &Database{flaw: f, spoil: spoils[f], rows: map[meteo.ID]map[string]any{}, progress: map[int32]flow.Progress{}}
}

// NewSpoiled returns an empty one that changes what is stored.
func NewSpoiled(how Spoil) *Database {
	d := NewDatabase(None)
	d.spoil = how
	return d
}

// Kind describes the stores of a database, as the program's list does.
func (d *Database) Kind() flow.StoreKind {
	return flow.StoreKind{
		Name: "memory", Title: "memory", Usage: "clean topic -> memory, exactly once", Address: "memory-url", BatchRecords: 100,
		Options: []flow.Option{{Name: "memory-url", Usage: "any `URL`"}},
		Open:    func(_ context.Context, cfg flow.StoreConfig) (flow.Store, error) { return d.Open(cfg.Topic), nil },
	}
}

// Open opens the store of a topic.
func (d *Database) Open(topic flow.Topic) *Store {
	return &Store{db: d, topic: topic, mine: map[int32]int64{}}
}

// Rows are the members of all stored observations' JSON.
func (d *Database) Rows() []map[string]any {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := append([]map[string]any(nil), d.extra...)
	for _, id := range d.order {
		all = append(all, d.rows[id])
	}
	return all
}

// Next are the next offsets.
func (d *Database) Next() flow.Offsets {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.next()
}

func (d *Database) next() flow.Offsets {
	out := flow.Offsets{}
	for p, stored := range d.progress {
		out[p] = stored.Next
	}
	return out
}

// Store implements flow.Store.
type Store struct {
	db    *Database
	topic flow.Topic

	mu     sync.Mutex
	mine   map[int32]int64 // where this writer believes each partition to be
	fault  string          // what the next commit or acquisition meets
	closed bool
}

// The faults that a commit or an acquisition can meet.
const (
	RequestLost = "the request is lost"
	AnswerLost  = "the answer is lost"
)

// Meet lets the next commit or acquisition meet a fault.
func (s *Store) Meet(fault string) { s.fault = fault }

// Resume implements flow.Sink.
func (s *Store) Resume(context.Context) (flow.Offsets, error) { return s.db.Next(), nil }

// Acquire implements flow.Sink.
func (s *Store) Acquire(_ context.Context, p int32) (int64, error) {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	stored, ok := s.db.progress[s.db.key(p)]
	next := stored.Next
	if !ok && s.db.flaw != StartsAtZero {
		next = -1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fault := s.fault
	s.fault = ""
	switch {
	case fault == AnswerLost && s.db.flaw == LosesPlace:
		next = -1
	case fault == AnswerLost && s.db.flaw == StaysFenced:
		return 0, flow.ErrFenced
	case fault != "":
		return 0, flow.ErrRestart
	}
	s.mine[p] = next
	return next, nil
}

func (d *Database) key(p int32) int32 {
	if d.flaw == MixesPartitions {
		return 0
	}
	return p
}

// Commit implements flow.Sink.
func (s *Store) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return flow.Outcome{}, err
	}
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	fault := s.fault
	s.fault = ""
	if fault == RequestLost && s.db.flaw != BelievesLost {
		return flow.Outcome{}, flow.ErrRestart
	}
	if s.isFenced(b) {
		if s.db.flaw == WrongError {
			return flow.Outcome{}, fmt.Errorf("partition %d is at another offset", b.Partition)
		}
		return flow.Outcome{}, flow.ErrFenced
	}
	if fault == RequestLost {
		return flow.Outcome{Written: int64(len(b.Observations))}, nil
	}
	out := s.put(b)
	if fault == AnswerLost {
		if s.db.flaw == RepeatsUnknown {
			s.db.repeat(b)
		}
		return flow.Outcome{}, flow.ErrRestart
	}
	return out, nil
}

func (s *Store) isFenced(b *flow.Batch) bool {
	stored, ok := s.db.progress[b.Partition]
	switch {
	case s.db.flaw == NeverFences:
		return false
	case !ok:
		return s.mine[b.Partition] >= 0
	}
	return stored.Next > b.Start || stored.Next < b.Start && s.db.flaw != TakesGaps
}

// put stores a batch; the caller holds the locks.
func (s *Store) put(b *flow.Batch) flow.Outcome {
	d := s.db
	var out flow.Outcome
	if len(b.Observations) == 0 && d.flaw == IgnoresEmpty {
		return out
	}
	var before map[string]any
	for i := range b.Observations {
		o := &b.Observations[i]
		row := members(o)
		known := d.rows[o.ID]
		if d.spoil != nil {
			d.spoil(row, known, before)
		}
		before = row
		switch {
		case d.flaw == MovesOffsetOnly && i == len(b.Observations)-1, d.flaw == CutsLarge && i >= 1000:
			out.Written++
		case known != nil && d.flaw == Doubles:
			d.extra = append(d.extra, members(o))
			out.Written++
		case known != nil && known["revision"].(float64) >= float64(o.Revision) && d.flaw != OlderWins:
			out.Duplicates++
		default:
			if known == nil {
				d.order = append(d.order, o.ID)
			}
			d.rows[o.ID] = row
			out.Written++
		}
	}
	s.moveOn(b, out)
	if d.flaw == Miscounts {
		out.Duplicates = 0
	}
	return out
}

func (s *Store) moveOn(b *flow.Batch, out flow.Outcome) {
	if s.db.flaw == ForgetsOffsets {
		return
	}
	p := s.db.progress[s.db.key(b.Partition)]
	p.TopicID, p.Next, p.UpdatedAt = s.topic.ID, b.End, time.Now()
	p.Read += int64(len(b.Records))
	p.Written += out.Written
	p.Duplicates += out.Duplicates
	if s.db.flaw == MiscountsRead {
		p.Read += out.Duplicates
	}
	s.db.progress[s.db.key(b.Partition)] = p
}

// repeat stores a batch a second time.
func (d *Database) repeat(b *flow.Batch) {
	p := d.progress[b.Partition]
	p.Next = b.Start
	d.progress[b.Partition] = p
	for i := range b.Observations {
		d.extra = append(d.extra, members(&b.Observations[i]))
	}
}

// members are an observation's JSON as encoding/json reads it.
func members(o *meteo.Observation) map[string]any {
	var out map[string]any
	if err := json.Unmarshal(o.AppendJSON(nil), &out); err != nil {
		return map[string]any{"not JSON": err.Error()}
	}
	return out
}

// Release implements flow.Sink.
func (s *Store) Release(p int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.mine, p)
}

// Close implements flow.Sink.
func (s *Store) Close() error {
	if s.closed && s.db.flaw == FailsTwice {
		return fmt.Errorf("closed already")
	}
	s.closed = true
	return nil
}

// Keeps implements flow.Store.
func (s *Store) Keeps() flow.Reduction {
	if s.db.flaw == Misdeclares {
		return flow.EveryRevision
	}
	return flow.LastRevision
}

// Progress implements flow.Store.
func (s *Store) Progress(context.Context) (map[int32]flow.Progress, error) {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	out := maps.Clone(s.db.progress)
	if s.db.flaw == ForgetsTopic {
		for p, stored := range out {
			stored.TopicID = ""
			out[p] = stored
		}
	}
	return out, nil
}

// Revisions implements flow.Store.
func (s *Store) Revisions(_ context.Context, sel flow.Selection, each func(flow.Revision) error) error {
	rows := s.db.Rows()
	if s.db.flaw == LosesRevision && len(rows) > 0 {
		rows = rows[1:]
	}
	for _, row := range rows {
		r := revisionOf(row)
		if s.db.flaw == MistakesFetched {
			r.FetchedAt = r.FetchedAt.Add(time.Second)
		}
		if s.db.flaw != IgnoresSelection && !sel.Has(r.StationID, r.ObservedAt) {
			continue
		}
		if err := each(r); err != nil && s.db.flaw != SwallowsErrors {
			return err
		}
	}
	return nil
}

func revisionOf(row map[string]any) flow.Revision {
	id, _ := meteo.ParseID(row["id"].(string))
	at := func(name string) time.Time {
		t, _ := time.Parse(time.RFC3339Nano, row[name].(string)) // AppendJSON wrote it
		return t
	}
	return flow.Revision{ID: id, StationID: row["station_id"].(string), ObservedAt: at("observed_at"), Number: int64(row["revision"].(float64)), FetchedAt: at("fetched_at")}
}

// Sums implements flow.Store.
func (s *Store) Sums(ctx context.Context, sel flow.Selection, each func(flow.DaySum) error) error {
	if s.db.flaw == SumsAll {
		sel = flow.Selection{}
	}
	summer := flow.NewSummer()
	if err := s.Revisions(ctx, sel, func(r flow.Revision) error { summer.Add(r); return nil }); err != nil {
		return err
	}
	return summer.Each(func(sum flow.DaySum) error {
		switch s.db.flaw {
		case SumsRows:
			sum.Rows = 0
		case SumsNoHash:
			sum.RowsHash = 0
		}
		return each(sum)
	})
}

// Refused implements flow.Store: it refuses nothing.
func (s *Store) Refused(context.Context, func(flow.Refused) error) error { return nil }
