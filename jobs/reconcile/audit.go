package reconcile

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"senmeteo/jobs/deadletter/letter"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/reconcile/sorted"
	"senmeteo/jobs/shape"
)

// Config says what is compared.
type Config struct {
	Topics   pipeline.Topics
	Stores   []pipeline.Opened
	From, To time.Time // of the observations, To not included; the zero time is not a limit
}

// Audit reads the topics, the ledger of `stream` and the stores, and compares them. No job may write meanwhile: it fails with
// flow.TryLater when `stream` did.
func Audit(ctx context.Context, cfg Config) (*Result, error) {
	admin, err := kafka.NewAdmin(cfg.Topics.Kafka)
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	c, err := openCluster(ctx, cfg.Topics, admin)
	if err != nil {
		return nil, err
	}
	return newAuditor(cfg, c).run(ctx)
}

// topics are the raw topic, the clean one and the dead letters, as an audit reads them.
type topics interface {
	topic(name string) flow.Topic
	bounds(ctx context.Context, name string) (map[int32]flow.Bounds, error)
	// records calls each with the committed records of these partitions that retention has kept, those of a partition in their
	// order. It ends with the error of each.
	records(ctx context.Context, name string, partitions []int32, each func(*flow.Record) error) error
	// positions returns how far `stream` has come with each raw partition that it has ever worked on.
	positions(ctx context.Context) (map[int32]kafka.Position, error)
}

// auditor is one call of Audit.
type auditor struct {
	Config
	names     kafka.Names
	topics    topics
	decoder   *shape.Decoder
	selection flow.Selection

	ledger    map[int32]*Partition
	next      flow.Offsets // how far stream had come when the ledger was read
	cleanFrom flow.Offsets // where in the clean topic the ledger begins
	whole     bool         // the clean topic still holds all that was ever written to it

	// Of each of Stores:
	refused  []refusals
	excepted []exceptions
	summed   []*summed // nil: its sums were not asked for yet
}

func newAuditor(cfg Config, t topics) *auditor {
	a := &auditor{
		Config: cfg, names: cfg.Topics.Names, topics: t, decoder: shape.NewDecoder(), selection: flow.Selection{From: cfg.From, To: cfg.To},
		ledger: map[int32]*Partition{}, next: flow.Offsets{}, cleanFrom: flow.Offsets{},
	}
	for range cfg.Stores {
		a.refused, a.excepted, a.summed = append(a.refused, refusals{}), append(a.excepted, exceptions{}), append(a.summed, nil)
	}
	return a
}

func (a *auditor) run(ctx context.Context) (result *Result, err error) {
	if err := a.readLedger(ctx); err != nil {
		return nil, err
	}
	if err := a.readLetters(ctx); err != nil {
		return nil, err
	}
	if err := a.readRefused(ctx); err != nil {
		return nil, err
	}
	n := a.topics.topic(a.names.Clean()).Partitions
	ref := NewReference(func(station string) int32 { return kafka.Partition(station, n) }, sorted.InMemory)
	defer func() { err = errors.Join(err, ref.Close()) }()
	if err := a.readAll(ctx, ref); err != nil {
		return nil, err
	}
	result, err = a.compare(ctx, ref)
	if err != nil {
		return nil, err
	}
	if err := a.checkStillness(ctx); err != nil {
		return nil, err
	}
	result.Conclude()
	return result, nil
}

// readAll reads the clean topic and the raw one, while the stores sum up what they hold: that is the work of their servers. Where
// the clean topic no longer has all, the stores are asked later, of the days that it has.
func (a *auditor) readAll(ctx context.Context, ref *Reference) error {
	bounds, err := a.topics.bounds(ctx, a.names.Clean())
	if err != nil {
		return err
	}
	whole := true
	for _, b := range bounds {
		whole = whole && b.First == 0
	}
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return a.readClean(ctx, ref) })
	all.Go(func() error { return a.countRaw(ctx) })
	for i := range a.Stores {
		if !whole {
			break
		}
		all.Go(func() error { return a.sumUp(ctx, i) })
	}
	return all.Wait()
}

// compare compares the stores with the clean topic.
func (a *auditor) compare(ctx context.Context, ref *Reference) (*Result, error) {
	compared := make([]compared, len(a.Stores))
	all, ctx := errgroup.WithContext(ctx)
	for i := range a.Stores {
		all.Go(func() (err error) {
			compared[i], err = a.compareStore(ctx, i, ref)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return nil, err
	}
	result := &Result{Tallies: []Tally{ref.Tally("clean topic")}}
	for _, p := range slices.Sorted(maps.Keys(a.ledger)) {
		result.Partitions = append(result.Partitions, *a.ledger[p])
	}
	for _, c := range compared {
		result.Tallies = append(result.Tallies, c.tally)
		result.Differences = append(result.Differences, c.differences)
		result.Errors = append(result.Errors, c.errors...)
	}
	return result, nil
}

// checkStillness refuses to judge when stream went on while the topics were read.
func (a *auditor) checkStillness(ctx context.Context) error {
	positions, err := a.topics.positions(ctx)
	if err != nil {
		return err
	}
	for p, pos := range positions {
		if pos.Next != a.next[p] {
			return flow.Fail(flow.TryLater, "stream was at work while its ledger was read: run reconcile between two runs of it")
		}
	}
	return nil
}

// readLedger reads what `stream` says it did.
func (a *auditor) readLedger(ctx context.Context) error {
	positions, err := a.topics.positions(ctx)
	if err != nil {
		return err
	}
	bounds, err := a.topics.bounds(ctx, a.names.Raw())
	if err != nil {
		return err
	}
	for p, b := range bounds {
		pos, begun := positions[p]
		l := pos.Ledger
		a.next[p], a.cleanFrom[p] = pos.Next, l.CleanFrom
		if !begun {
			a.cleanFrom[p] = math.MaxInt64 // all that the clean topic has is of an earlier raw topic
		}
		a.ledger[p] = &Partition{
			Partition: p, Read: l.Read, Expanded: l.Expanded, Clean: l.Clean, Duplicates: l.Duplicates, Dead: l.Dead, Rerouted: l.Rerouted,
			Verdicts: l.Verdicts, Stale: l.Stale,
			Lag: max(0, b.End-max(pos.Next, b.First)),
		}
	}
	return nil
}

// eachRecord reads a topic from its first record kept to its end. It returns the number of records of each partition, -1 where
// retention has taken some.
func (a *auditor) eachRecord(ctx context.Context, name string, each func(*flow.Record) error) (map[int32]int64, error) {
	bounds, err := a.topics.bounds(ctx, name)
	if err != nil {
		return nil, err
	}
	counts := map[int32]int64{}
	for p := range bounds {
		counts[p] = 0
	}
	err = a.topics.records(ctx, name, slices.Sorted(maps.Keys(bounds)), func(r *flow.Record) error {
		counts[r.Partition]++
		return each(r)
	})
	if err != nil {
		return nil, err
	}
	for p, b := range bounds {
		if b.First > 0 {
			counts[p] = -1
		}
	}
	return counts, nil
}

// readLetters counts the dead letters of `stream` by where they came from: one that was sent twice, or replayed since, counts once.
// Those of the jobs that load Stores say what was refused. Letters of topics that were recreated since count for nothing.
func (a *auditor) readLetters(ctx context.Context) error {
	letters := map[origin]bool{}
	counts, err := a.eachRecord(ctx, a.names.DLQ(), func(r *flow.Record) error {
		l := letter.Read(r)
		switch {
		case l.Replayed:
		case l.Stage == "stream" && l.Of(a.topics.topic(a.names.Raw())):
			letters[origin{l.Partition, l.Offset}] = true
		case l.Of(a.topics.topic(a.names.Clean())):
			for i := range a.Stores {
				if a.Stores[i].Kind.Job() == l.Stage {
					a.refused[i].add(l.Partition, l.Offset, sumOf(l.Value))
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for p := range a.ledger {
		a.ledger[p].DeadLetters = min(0, counts[p])
	}
	for o := range letters {
		if b := a.ledger[o.partition]; b != nil && counts[o.partition] >= 0 {
			b.DeadLetters++
		}
	}
	return nil
}

// readRefused reads the stores' own notes of what they refused, which outlive the dead letters.
func (a *auditor) readRefused(ctx context.Context) error {
	for i, s := range a.Stores {
		err := s.Refused(ctx, func(r flow.Refused) error {
			a.refused[i].add(r.Partition, r.Offset, r.Sum)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readClean reads the clean topic, and finds what each store has refused last.
func (a *auditor) readClean(ctx context.Context, ref *Reference) error {
	written := map[int32]int64{} // by stream, for this ledger: not what was replayed for one job
	counts, err := a.eachRecord(ctx, a.names.Clean(), func(r *flow.Record) error {
		stage := r.Header(flow.HeaderStage)
		if stage == "" && r.Offset >= a.cleanFrom[r.Partition] {
			written[r.Partition]++
		}
		o, err := a.decoder.Observation(r.Value)
		if err != nil || r.Whole > 0 {
			return nil // no store takes it
		}
		if !a.selection.Has(o.StationID, o.ObservedAt) {
			if stage == "" {
				ref.Beyond(&o)
			}
			return nil
		}
		for i := range a.Stores {
			if stage == "" || stage == a.Stores[i].Kind.Job() {
				a.excepted[i].note(&o, a.refused[i].has(r))
			}
		}
		if stage != "" {
			return nil
		}
		return ref.Add(&o)
	})
	if err != nil {
		return err
	}
	a.whole = true
	for p, n := range counts {
		if l := a.ledger[p]; l != nil {
			l.CleanRecords = min(n, written[p])
		}
		a.whole = a.whole && n >= 0
	}
	return ref.SumUp()
}

// countRaw counts the raw records that stream had read when the ledger was read.
func (a *auditor) countRaw(ctx context.Context) error {
	read, verdicts := map[int32]int64{}, map[int32]int64{}
	counts, err := a.eachRecord(ctx, a.names.Raw(), func(r *flow.Record) error {
		if r.Offset < a.next[r.Partition] {
			read[r.Partition]++
			if r.Header(flow.HeaderVerdict) != "" {
				verdicts[r.Partition]++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for p, n := range counts {
		if l := a.ledger[p]; l != nil {
			l.RawRecords, l.RawVerdicts = min(n, read[p]), verdicts[p]
		}
	}
	return nil
}
