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
	return inOrder(ctx, partsOf(v), func(ctx context.Context, p part) (part, error) {
		if p.endOfDay {
			return p, nil
		}
		var err error
		if p.data, err = l.readStored(ctx, p.file); err != nil {
			return p, l.failure(ctx, doing, err)
		}
		return p, nil
	}, func(p part) error {
		if p.endOfDay {
			return endOfDay()
		}
		return l.readers.decodeRevisions(p.file.published, p.data, selected)
	})
}

// part is a file that is to be read, or the end of a day.
type part struct {
	file     storedFile
	data     []byte
	endOfDay bool
}

// partsOf lists the files of the days in their order, each day's in the order of their commits.
func partsOf(days map[string][]storedFile) []part {
	var parts []part
	for _, date := range slices.Sorted(maps.Keys(days)) {
		for _, f := range days[date] {
			parts = append(parts, part{file: f})
		}
		parts = append(parts, part{endOfDay: true})
	}
	return parts
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
