package hdfs

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"slices"

	"senmeteo/jobs/flow"
)

// Revisions implements flow.Store. It sees each stored row once, published or pending, while others write. Where a
// compaction removes a file before it is read, it fails with flow.TryLater.
func (l *Lake) Revisions(ctx context.Context, s flow.Selection, each func(flow.Revision) error) error {
	return l.read(ctx, s, each, func() error { return nil })
}

// Sums implements flow.Store. It holds one day's ids in memory, and fails as Revisions does.
func (l *Lake) Sums(ctx context.Context, s flow.Selection, each func(flow.DaySum) error) error {
	summer := flow.NewSummer()
	add := func(r flow.Revision) error {
		summer.Add(r)
		return nil
	}
	return l.read(ctx, s, add, func() error { return summer.Each(each) })
}

// Refused implements flow.Store. The lake refuses nothing.
func (l *Lake) Refused(context.Context, func(flow.Refused) error) error { return nil }

// read calls each with the revisions of a selection, day by day, and endOfDay after those of each day. It returns
// their errors unchanged.
func (l *Lake) read(ctx context.Context, s flow.Selection, each func(flow.Revision) error, endOfDay func() error) error {
	const doing = "reading the lake"
	v, err := l.view(ctx, s)
	if err != nil {
		return l.failure(ctx, doing, err)
	}
	selected := func(r flow.Revision) error {
		if !s.Has(r.StationID, r.ObservedAt) {
			return nil
		}
		return each(r)
	}
	for _, date := range slices.Sorted(maps.Keys(v)) {
		for _, f := range v[date] {
			data, err := l.readStored(ctx, f)
			if err != nil {
				return l.failure(ctx, doing, err)
			}
			if err := decodeRevisions(f.published, data, selected); err != nil {
				return err
			}
		}
		if err := endOfDay(); err != nil {
			return err
		}
	}
	return nil
}

// readStored reads a file that may be published meanwhile.
func (l *Lake) readStored(ctx context.Context, f storedFile) ([]byte, error) {
	if f.staged != "" {
		data, err := l.readFile(ctx, f.staged)
		if !errors.Is(err, fs.ErrNotExist) {
			return data, err
		}
	}
	data, err := l.readFile(ctx, f.published)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, flow.Fail(flow.TryLater, "%s was compacted meanwhile; run it again", f.published)
	}
	return data, err
}
