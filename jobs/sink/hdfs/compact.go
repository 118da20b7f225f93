package hdfs

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// Compact implements flow.Compactor: it turns the files of each day before the day of before (UTC) into one sorted file
// with the last revision of each observation. A day is compacted again when files came to it since; one that is
// compacted already counts for nothing. One day's rows must fit into memory, about 1.2 GB for a million. A day that was
// started is finished by the next Compact or Resume. Of two runs at the same time one gets flow.ErrFenced.
func (l *Lake) Compact(ctx context.Context, before time.Time) (flow.Compaction, error) {
	var report flow.Compaction
	const doing = "compacting the lake"
	newest, err := l.finish(ctx, compactions)
	if err != nil {
		return report, l.failure(ctx, doing, err)
	}
	closed := time.Unix(dayOf(before)*secondsPerDay, 0).UTC()
	days, err := l.listDays(ctx, flow.Selection{To: closed})
	if err != nil {
		return report, l.failure(ctx, doing, err)
	}
	for _, date := range slices.Sorted(maps.Keys(days)) {
		if isCompacted(days[date]) {
			continue
		}
		c := compaction{lake: l, date: date, files: days[date], newest: newest, report: &report}
		if newest, err = c.run(ctx); err != nil {
			return report, l.failure(ctx, doing+" on "+date, err)
		}
	}
	return report, nil
}

const compactedPrefix = "compacted-"

func isCompacted(files []storedFile) bool {
	return len(files) == 0 || len(files) == 1 && isOfCompaction(files[0])
}

func isOfCompaction(f storedFile) bool {
	return strings.HasPrefix(path.Base(f.published), compactedPrefix)
}

// compaction is that of one day.
type compaction struct {
	lake   *Lake
	date   string
	files  []storedFile
	newest *manifest // of the chain of compactions
	report *flow.Compaction
}

// run compacts the day and returns its manifest, which is the newest of the chain now.
func (c *compaction) run(ctx context.Context) (*manifest, error) {
	l, began := c.lake, c.lake.now()
	h, number := head{}, int64(0)
	if c.newest != nil {
		h.newest, number = c.newest.name(), c.newest.End
	}
	if err := l.checkPredecessor(ctx, compactions, h); err != nil {
		return nil, err
	}
	rows, err := c.lastRevisions(ctx)
	if err != nil {
		return nil, err
	}
	m := l.newManifest(noPartition, began)
	m.Start, m.End, m.Observations = number, number+1, len(rows)
	for _, f := range c.files {
		m.Replaces = append(m.Replaces, f.published)
	}
	f := dataFile{Date: c.date, Path: fmt.Sprintf("%s%s/%s%s%s", datePrefix, c.date, compactedPrefix, entryName(number), fileSuffix)}
	file, err := l.writers.encodeFile(&f, m, rows)
	if err != nil {
		return nil, err
	}
	m.Files = []dataFile{f}
	if err := l.storeEntry(ctx, compactions, m, []content{file}, began); err != nil {
		return nil, err
	}
	if err := l.publish(ctx, compactions, m); err != nil {
		return nil, fmt.Errorf("the day's new file is stored, and the next run will publish it: %w", err)
	}
	l.cleanUp(ctx, compactions)
	c.report.Days++
	c.report.FilesBefore += int64(len(c.files))
	c.report.RowsAfter += int64(f.Rows)
	c.report.BytesAfter += f.Size
	return m, nil
}

// lastRevisions reads the files of the day, in the order in which they were committed, and keeps the last revision of
// each observation.
func (c *compaction) lastRevisions(ctx context.Context) ([]*meteo.Observation, error) {
	last := map[meteo.ID]*meteo.Observation{}
	for _, f := range c.files {
		data, err := c.lake.readStored(ctx, f)
		if err != nil {
			return nil, err
		}
		c.report.BytesBefore += int64(len(data))
		err = decodeRows(f.published, data, func(o *meteo.Observation) error {
			if o.ID.IsZero() {
				return flow.Fail(flow.BadInput, "%s holds a row without an id, so it can't be compacted; move the file out of the lake", f.published)
			}
			c.report.RowsBefore++
			if known := last[o.ID]; known == nil || o.Replaces(known) {
				last[o.ID] = o
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return slices.Collect(maps.Values(last)), nil
}
