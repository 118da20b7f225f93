package main

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/reconcile"
	"senmeteo/jobs/shape"
	"senmeteo/jobs/sink/hdfs"
)

// auditor reads the topics and stores for a reconciliation.
type auditor struct {
	cfg      kafka.Config
	names    kafka.Names
	from, to time.Time // of the observations; zero: no limit
	namedStores
	decoder *shape.Decoder

	admin       *kafka.Admin
	topics      map[string]flow.Topic
	books       map[int32]*reconcile.Partition
	next        flow.Offsets      // how far stream had come when the books were opened
	cleanFrom   flow.Offsets      // where in the clean topic they begin
	whole       bool              // the clean topic still holds all that was ever written to it
	refusedByES map[meteo.ID]bool // observations that are dead letters of to-es
}

// origin is where a record of the clean topic stands.
type origin struct {
	partition int32
	offset    int64
}

func (a *auditor) audit(ctx context.Context) (*reconcile.Result, error) {
	var err error
	if a.admin, err = kafka.NewAdmin(a.cfg); err != nil {
		return nil, err
	}
	defer a.admin.Close()
	if a.topics, err = a.admin.Topics(ctx, a.names.Topics()...); err != nil {
		return nil, err
	}
	if err := a.openBooks(ctx); err != nil {
		return nil, err
	}
	refused, err := a.refusedByPostgres(ctx)
	if err != nil {
		return nil, err
	}
	ref, excepted, err := a.readClean(ctx, refused)
	if err != nil {
		return nil, err
	}
	if err := a.countRaw(ctx); err != nil {
		return nil, err
	}
	if err := a.countLetters(ctx); err != nil {
		return nil, err
	}
	result := &reconcile.Result{Tallies: []reconcile.Tally{ref.Tally("clean topic")}}
	for _, p := range slices.Sorted(maps.Keys(a.books)) {
		result.Partitions = append(result.Partitions, *a.books[p])
	}
	if err := a.compareStores(ctx, result, ref, excepted); err != nil {
		return nil, err
	}
	if err := a.checkStillness(ctx); err != nil {
		return nil, err
	}
	result.Conclude()
	return result, nil
}

// checkStillness refuses to judge when stream went on while the topics were read.
func (a *auditor) checkStillness(ctx context.Context) error {
	positions, err := a.admin.StreamPositions(ctx, a.names, true)
	if err != nil {
		return err
	}
	for p, pos := range positions {
		if pos.Next != a.next[p] {
			return flow.Fail(flow.TryLater, "stream was at work while its books were read: run reconcile between two runs of it")
		}
	}
	return nil
}

// openBooks reads the ledgers of `stream`.
func (a *auditor) openBooks(ctx context.Context) error {
	positions, err := a.admin.StreamPositions(ctx, a.names, true)
	if err != nil {
		return err
	}
	bounds, err := a.admin.Bounds(ctx, a.topics[a.names.Raw()])
	if err != nil {
		return err
	}
	a.books, a.next, a.cleanFrom = map[int32]*reconcile.Partition{}, flow.Offsets{}, flow.Offsets{}
	for p, b := range bounds {
		pos, opened := positions[p]
		l := pos.Ledger
		a.next[p], a.cleanFrom[p] = pos.Next, l.CleanFrom
		if !opened {
			a.cleanFrom[p] = math.MaxInt64 // all that the clean topic has is of an earlier raw topic
		}
		a.books[p] = &reconcile.Partition{
			Partition: p, Read: l.Read, Expanded: l.Expanded, Clean: l.Clean, Duplicates: l.Duplicates, Dead: l.Dead, Rerouted: l.Rerouted,
			Lag: max(0, b.End-max(pos.Next, b.First)),
		}
	}
	return nil
}

func (a *auditor) refusedByPostgres(ctx context.Context) (refusals, error) {
	refused := refusals{}
	if a.postgres == nil {
		return refused, nil
	}
	err := a.postgres.Rejected(ctx, a.names.Clean(), refused.add)
	return refused, err
}

// eachRecord reads a topic from its first record kept to its end. It returns the number of records of each partition, -1 where
// retention has taken some.
func (a *auditor) eachRecord(ctx context.Context, name string, each func(*flow.Record)) (map[int32]int64, error) {
	bounds, err := a.admin.Bounds(ctx, a.topics[name])
	if err != nil {
		return nil, err
	}
	history, err := kafka.NewHistory(ctx, a.cfg, a.admin, name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = history.Close() }() // read only
	counts := map[int32]int64{}
	for _, p := range slices.Sorted(maps.Keys(bounds)) {
		n := int64(0)
		err := history.Since(ctx, p, time.Time{}, func(r *flow.Record) error {
			n++
			each(r)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if bounds[p].First > 0 {
			n = -1
		}
		counts[p] = n
	}
	return counts, nil
}

// readClean reads the clean topic. The ids that PostgreSQL refuses are returned beside the reference.
func (a *auditor) readClean(ctx context.Context, refused refusals) (*reconcile.Reference, map[meteo.ID]bool, error) {
	n := a.topics[a.names.Clean()].Partitions
	ref := reconcile.NewReference(func(station string) int32 { return kafka.Partition(station, n) })
	excepted := exceptions{}
	written := map[int32]int64{} // by stream, for this ledger: not what came back for one job
	counts, err := a.eachRecord(ctx, a.names.Clean(), func(r *flow.Record) {
		stage := r.Header(flow.HeaderStage)
		isAgain := stage != ""
		if !isAgain && r.Offset >= a.cleanFrom[r.Partition] {
			written[r.Partition]++
		}
		o, err := a.decoder.Observation(r.Value)
		if err != nil || !a.wanted(o.ObservedAt) {
			return
		}
		if !isAgain {
			ref.Add(r.Partition, row(&o))
		}
		if !isAgain || stage == "to-pg" {
			excepted.note(&o, refused.has(r))
		}
	})
	if err != nil {
		return nil, nil, err
	}
	a.whole = true
	for p, n := range counts {
		a.books[p].CleanRecords = min(n, written[p])
		a.whole = a.whole && n >= 0
	}
	return ref, excepted.ids(), nil
}

func row(o *meteo.Observation) reconcile.Row {
	return reconcile.Row{ID: o.ID, StationID: o.StationID, Revision: o.Revision, FetchedAt: o.FetchedAt}
}

func (a *auditor) wanted(at time.Time) bool {
	return (a.from.IsZero() || !at.Before(a.from)) && (a.to.IsZero() || at.Before(a.to))
}

// countRaw counts the raw records that stream had read when the books were opened.
func (a *auditor) countRaw(ctx context.Context) error {
	read := map[int32]int64{}
	counts, err := a.eachRecord(ctx, a.names.Raw(), func(r *flow.Record) {
		if r.Offset < a.next[r.Partition] {
			read[r.Partition]++
		}
	})
	if err != nil {
		return err
	}
	for p, n := range counts {
		a.books[p].RawRecords = min(n, read[p])
	}
	return nil
}

// countLetters counts the dead letters of `stream` by where they came from: one that was sent twice, or sent back since, counts
// once. What to-es refused is excepted from the comparison until it is sent back. Letters of topics that are gone count for nothing.
func (a *auditor) countLetters(ctx context.Context) error {
	letters, refused := map[origin]bool{}, map[kafka.DeadLetterID]meteo.ID{}
	counts, err := a.eachRecord(ctx, a.names.DLQ(), func(r *flow.Record) {
		l := kafka.ReadDeadLetter(r)
		switch {
		case l.Replayed:
			delete(refused, l.ID())
		case l.Stage == "stream" && l.Of(a.topics[a.names.Raw()]):
			letters[origin{l.Partition, l.Offset}] = true
		case l.Stage == "to-es" && l.Of(a.topics[a.names.Clean()]):
			if o, err := a.decoder.Observation(l.Value); err == nil {
				refused[l.ID()] = o.ID
			}
		}
	})
	if err != nil {
		return err
	}
	a.refusedByES = map[meteo.ID]bool{}
	for _, id := range refused {
		a.refusedByES[id] = true
	}
	for p := range a.books {
		a.books[p].DeadLetters = min(0, counts[p])
	}
	for o := range letters {
		if b := a.books[o.partition]; b != nil && counts[o.partition] >= 0 {
			b.DeadLetters++
		}
	}
	return nil
}

// compareStores holds each store that was named against the clean topic.
func (a *auditor) compareStores(ctx context.Context, result *reconcile.Result, ref *reconcile.Reference, excepted map[meteo.ID]bool) error {
	compare := func(name string, excepted map[meteo.ID]bool, scan func(each func(reconcile.Row) error) error) error {
		tally, differences, err := ref.Compare(name, excepted, a.whole, scan)
		if err != nil {
			return err
		}
		result.Tallies = append(result.Tallies, tally)
		result.Differences = append(result.Differences, differences)
		return nil
	}
	if a.postgres != nil {
		err := compare("PostgreSQL", excepted, func(each func(reconcile.Row) error) error {
			return a.postgres.Revisions(ctx, flow.Selection{From: a.from, To: a.to}, func(r flow.Revision) error {
				return each(reconcile.Row{ID: r.ID, StationID: r.StationID, Revision: r.Number, FetchedAt: r.FetchedAt})
			})
		})
		if err != nil {
			return err
		}
	}
	if a.indices != nil {
		indices, err := a.indices(ctx, a.topics[a.names.Clean()])
		if err != nil {
			return err
		}
		err = compare("Elasticsearch", a.refusedByES, func(each func(reconcile.Row) error) error {
			return indices.Revisions(ctx, flow.Selection{From: a.from, To: a.to}, func(r flow.Revision) error {
				return each(reconcile.Row{ID: r.ID, StationID: r.StationID, Revision: r.Number, FetchedAt: r.FetchedAt})
			})
		})
		if err = errors.Join(err, indices.Close()); err != nil {
			return err
		}
	}
	if a.lake == nil {
		return nil
	}
	lake, err := hdfs.Open(a.lake(a.topics[a.names.Clean()]))
	if err != nil {
		return err
	}
	err = compare("lake", nil, func(each func(reconcile.Row) error) error {
		return lake.Revisions(ctx, flow.Selection{From: a.from, To: a.to}, func(r flow.Revision) error {
			return each(reconcile.Row{ID: r.ID, StationID: r.StationID, Revision: r.Number, FetchedAt: r.FetchedAt})
		})
	})
	if err != nil {
		return err
	}
	broken := lake.Verify(ctx)
	if flow.ClassOf(broken) != flow.Negative {
		return broken
	}
	result.Errors = append(result.Errors, broken.Error())
	return nil
}
