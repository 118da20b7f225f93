package hdfs

import (
	"context"
	"errors"
	"io/fs"

	"senmeteo/jobs/flow"
)

// counts are what came of records. In a manifest they are summed up over the entries of a partition and topic from the
// first one on, so that pruning loses none.
type counts struct {
	Read       int64 `json:"read"`
	Written    int64 `json:"written"`
	Duplicates int64 `json:"duplicates"` // found before the lake: it keeps every revision
	Rejected   int64 `json:"rejected"`   // found before the lake: it refuses none
}

func (c counts) plus(other counts) counts {
	return counts{c.Read + other.Read, c.Written + other.Written, c.Duplicates + other.Duplicates, c.Rejected + other.Rejected}
}

// countsOf are those of one batch.
func countsOf(b *flow.Batch) counts {
	return counts{Read: int64(len(b.Records)), Written: int64(len(b.Observations)), Duplicates: b.Duplicates, Rejected: int64(len(b.Rejects))}
}

// Progress implements flow.Store. In a lake whose entries were written by programs that did not sum up, the counts
// begin with the oldest of these entries that is not pruned.
func (l *Lake) Progress(ctx context.Context) (map[int32]flow.Progress, error) {
	progress, err := l.progress(ctx)
	if err != nil {
		return nil, l.failure(ctx, "asking the lake how far it is filled", err)
	}
	return progress, nil
}

func (l *Lake) progress(ctx context.Context) (map[int32]flow.Progress, error) {
	newest, err := l.newestEntries(ctx, l.newest)
	if err != nil {
		return nil, err
	}
	out := map[int32]flow.Progress{}
	for partition, m := range newest {
		if partition == noPartition {
			continue
		}
		c, err := l.total(ctx, chainOf(partition), m)
		if err != nil {
			return nil, err
		}
		out[partition] = flow.Progress{
			TopicID: m.TopicID, Next: m.End, UpdatedAt: m.WrittenAt,
			Read: c.Read, Written: c.Written, Duplicates: c.Duplicates, Rejected: c.Rejected,
		}
	}
	return out, nil
}

// total sums up the entries of a partition's chain up to and with m that are of the topic of m. An entry with a total
// ends the search.
func (l *Lake) total(ctx context.Context, chain string, m *manifest) (counts, error) {
	if m.Total != nil {
		return *m.Total, nil
	}
	sum := m.ownCounts()
	names, err := l.entries(ctx, chain)
	if err != nil {
		return sum, err
	}
	for i := len(names) - 1; i >= 0; i-- {
		if names[i] >= m.name() {
			continue
		}
		before, err := l.readManifest(ctx, chain, names[i])
		switch {
		case errors.Is(err, fs.ErrNotExist): // pruned meanwhile, and so are those before it
			return sum, nil
		case err != nil:
			return sum, err
		case before.Epoch != m.Epoch:
			return sum, nil
		case before.Total != nil:
			return sum.plus(*before.Total), nil
		}
		sum = sum.plus(before.ownCounts())
	}
	return sum, nil
}
