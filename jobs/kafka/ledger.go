package kafka

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"senmeteo/jobs/flow"
)

// Ledger is what `stream` has done with a raw partition since its beginning. It travels in the metadata of
// the partition's committed offset, so it changes in the transaction that moves the data:
// Read + Expanded = Clean + Duplicates + Dead + Rerouted.
type Ledger struct {
	Read       int64 `json:"read"`
	Expanded   int64 `json:"expanded"` // readings beyond the first of records that held several
	Clean      int64 `json:"clean"`
	Duplicates int64 `json:"duplicates"`
	Dead       int64 `json:"dead"`
	Rerouted   int64 `json:"rerouted"`

	Verdicts int64 `json:"verdicts,omitempty"` // those of Clean that are verdicts of `review`
	Stale    int64 `json:"stale,omitempty"`    // those of Duplicates that are: see flow.Batch

	// CleanFrom is where the clean partition ended when the ledger was opened. What is before it was written by the ledger of an
	// earlier raw topic.
	CleanFrom int64 `json:"clean_from,omitempty"`

	// Where it belongs: a topic that was recreated is another one.
	Cluster    string `json:"cluster"`
	RawTopic   string `json:"raw"`
	CleanTopic string `json:"clean_topic"`
	RunID      string `json:"run,omitempty"`
}

// Add returns the ledger after a batch.
func (l Ledger) Add(b *flow.Batch) Ledger {
	l.Read += int64(len(b.Records))
	l.Expanded += b.Expanded
	l.Clean += int64(len(b.Observations))
	l.Duplicates += b.Duplicates
	l.Dead += int64(len(b.Rejects))
	l.Rerouted += int64(len(b.Reroutes))
	l.Verdicts += b.Verdicts
	l.Stale += b.Stale
	return l
}

// Balances reports whether nothing is lost: everything read went somewhere.
func (l Ledger) Balances() bool {
	return l.Read+l.Expanded == l.Clean+l.Duplicates+l.Dead+l.Rerouted
}

func (l Ledger) text() string {
	line, _ := json.Marshal(l) // numbers and strings always marshal
	return string(line)
}

// Position is how far `stream` has come with one raw partition.
type Position struct {
	Next   int64
	Ledger Ledger
}

// StreamPositions returns how far `stream` has come, for each raw partition that it has ever worked on. Stable waits
// for transactions that are under way.
func (a *Admin) StreamPositions(ctx context.Context, names Names, stable bool) (map[int32]Position, error) {
	topics, err := a.Topics(ctx, names.Raw(), names.Clean())
	if err != nil {
		return nil, err
	}
	return a.streamPositions(ctx, names, topics, stable)
}

// streamPositions checks that the topics are the ones that the offsets were made on, and that Kafka has not forgotten the offsets
// of a partition that was worked on.
func (a *Admin) streamPositions(ctx context.Context, names Names, topics map[string]flow.Topic, stable bool) (map[int32]Position, error) {
	found, err := a.positionsIn(ctx, names, topics, stable)
	if err != nil {
		return nil, err
	}
	if len(found.here) == 0 { // else what is from elsewhere is a leftover: a run with --new-topic was killed over it
		for p, l := range found.elsewhere {
			return nil, recreated(names, p, l, topics[names.Raw()], topics[names.Clean()])
		}
	}
	return found.here, a.checkForgotten(ctx, names, topics, found)
}

// positions are the offsets of the group of `stream`, by what they were made on.
type positions struct {
	here      map[int32]Position // on the topics as they are
	elsewhere map[int32]Ledger   // on topics of these names that are gone
}

// positionsIn reads the group's offsets. The raw partition's offset names the clean topic and the clean partition's offset,
// which is written beside it, names the raw topic: Kafka forgets the offsets of a topic that is deleted, but not those of both.
func (a *Admin) positionsIn(ctx context.Context, names Names, topics map[string]flow.Topic, stable bool, partitions ...int32) (positions, error) {
	raw, clean := topics[names.Raw()], topics[names.Clean()]
	found := positions{map[int32]Position{}, map[int32]Ledger{}}
	offsets, err := a.committedOffsets(ctx, names.Group("stream"), []flow.Topic{raw, clean}, stable, partitions...)
	if err != nil {
		return found, err
	}
	for _, t := range []flow.Topic{raw, clean} {
		for p, c := range offsets[t.Name] {
			pos := Position{Next: c.next}
			if err := json.Unmarshal([]byte(c.metadata), &pos.Ledger); err != nil {
				return found, flow.Fail(flow.Usage, "the offset of partition %d in group %s was not written by senmeteo (%w): is another program using this group?", p, names.Group("stream"), err)
			}
			same := pos.Ledger.Cluster == raw.ClusterID && pos.Ledger.RawTopic == raw.ID && pos.Ledger.CleanTopic == clean.ID
			switch {
			case same && t.Name == raw.Name:
				found.here[p] = pos
			case !same:
				found.elsewhere[p] = pos.Ledger
			}
		}
	}
	return found, nil
}

// checkForgotten refuses to start at the beginning of a raw partition whose clean partition holds records already: Kafka
// forgets the offsets of a group that is away for longer than offsets.retention.minutes, a week by default.
func (a *Admin) checkForgotten(ctx context.Context, names Names, topics map[string]flow.Topic, found positions) error {
	raw, clean := topics[names.Raw()], topics[names.Clean()]
	if len(found.here) == raw.Partitions {
		return nil
	}
	bounds, err := a.Bounds(ctx, clean)
	if err != nil {
		return err
	}
	for p := range int32(raw.Partitions) {
		if found.knows(p) || bounds[p].End == 0 {
			continue
		}
		holds, err := a.holdsRecords(ctx, clean, p) // else what is there belongs to transactions that were aborted
		if err != nil {
			return err
		}
		now, err := a.positionsIn(ctx, names, topics, false, p) // another run may have made its first commit meanwhile
		if err != nil {
			return err
		}
		if holds && !now.knows(p) {
			return flow.Fail(flow.Usage, "partition %d of %s holds records, but Kafka has forgotten how far group %s was: say --new-topic to read %s from its first record; what is known already is not written again", p, names.Clean(), names.Group("stream"), names.Raw())
		}
	}
	return nil
}

// holdsRecords reports whether a partition holds a committed record.
func (a *Admin) holdsRecords(ctx context.Context, t flow.Topic, partition int32) (bool, error) {
	h := &History{cfg: a.cfg, admin: a, topic: t}
	found := errors.New("a record was found")
	err := h.Since(ctx, partition, time.Time{}, func(*flow.Record) error { return found })
	if closeErr := h.Close(); err == nil {
		err = closeErr
	}
	if errors.Is(err, found) {
		return true, nil
	}
	return false, err
}

func (f *positions) knows(p int32) bool {
	_, here := f.here[p]
	_, elsewhere := f.elsewhere[p]
	return here || elsewhere
}

func recreated(names Names, p int32, l Ledger, raw, clean flow.Topic) error {
	what := names.Raw()
	switch {
	case l.Cluster != raw.ClusterID:
		what = "the cluster"
	case l.CleanTopic != clean.ID:
		what = names.Clean()
	}
	return flow.Fail(flow.Usage, "%s is not the one that partition %d was worked on before: it was deleted and recreated; say --new-topic to start from its beginning", what, p)
}
