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

// CompactReport tells what Compact did.
type CompactReport struct {
	Days        int   `json:"days"` // that were compacted; those that were already are not counted
	FilesBefore int   `json:"files_before"`
	RowsBefore  int64 `json:"rows_before"`
	RowsAfter   int64 `json:"rows_after"`
	BytesBefore int64 `json:"bytes_before"`
	BytesAfter  int64 `json:"bytes_after"`
}

// Compact turns the files of each day before the day of before (UTC) into one sorted file with the last revision of
// each observation. A day is compacted again when files came to it since. One day's rows must fit into memory, about
// 1.2 GB for a million. A day that was started is finished by the next Compact or Resume. Of two at the same time one
// gets flow.ErrFenced.
func (l *Lake) Compact(ctx context.Context, before time.Time) (CompactReport, error) {
	var report CompactReport
	const doing = "compacting the lake"
	newest, err := l.settle(ctx, compactions)
	if err != nil {
		return report, l.failed(ctx, doing, err)
	}
	closed := time.Unix(dayOf(before)*secondsPerDay, 0).UTC()
	days, err := l.listDays(ctx, time.Time{}, closed)
	if err != nil {
		return report, l.failed(ctx, doing, err)
	}
	for _, date := range slices.Sorted(maps.Keys(days)) {
		if isCompacted(days[date]) {
			continue
		}
		c := compaction{lake: l, date: date, files: days[date], newest: newest, report: &report}
		if newest, err = c.run(ctx); err != nil {
			return report, l.failed(ctx, doing+" on "+date, err)
		}
	}
	return report, nil
}

const compactedPrefix = "compacted-"

func isCompacted(files []stored) bool {
	return len(files) == 0 || len(files) == 1 && isOfCompaction(files[0])
}

func isOfCompaction(f stored) bool { return strings.HasPrefix(path.Base(f.published), compactedPrefix) }

// compaction is that of one day.
type compaction struct {
	lake   *Lake
	date   string
	files  []stored
	newest *manifest // of the chain of compactions
	report *CompactReport
}

// run compacts the day and returns its manifest, which is the newest of the chain now.
func (c *compaction) run(ctx context.Context) (*manifest, error) {
	l, began := c.lake, c.lake.now()
	h, number := head{}, int64(0)
	if c.newest != nil {
		h.newest, number = c.newest.name(), c.newest.End
	}
	if err := l.confirm(ctx, compactions, h); err != nil {
		return nil, err
	}
	rows, err := c.lastRevisions(ctx)
	if err != nil {
		return nil, err
	}
	m := &manifest{
		Version: manifestVersion, Partition: -1, Start: number, End: number + 1, Observations: len(rows), RunID: l.cfg.RunID, WrittenAt: began.UTC(),
	}
	for _, f := range c.files {
		m.Replaces = append(m.Replaces, f.published)
	}
	f := dataFile{Date: c.date, Path: fmt.Sprintf("%s%s/%s%s%s", datePrefix, c.date, compactedPrefix, entryName(number), fileSuffix)}
	file, err := l.encodeFile(&f, m, rows)
	if err != nil {
		return nil, err
	}
	m.Files = []dataFile{f}
	if err := l.store(ctx, compactions, m, []content{file}, began); err != nil {
		return nil, err
	}
	if err := l.publish(ctx, compactions, m); err != nil {
		return nil, fmt.Errorf("the day's new file is stored, and the next run will put it in place: %w", err)
	}
	l.cleanUp(ctx, compactions)
	c.report.Days++
	c.report.FilesBefore += len(c.files)
	c.report.RowsAfter += int64(f.Rows)
	c.report.BytesAfter += f.Size
	return m, nil
}

// lastRevisions reads the files of the day, in the order in which they were stored, and keeps the last revision of each observation.
func (c *compaction) lastRevisions(ctx context.Context) ([]*meteo.Observation, error) {
	last := map[meteo.ID]*meteo.Observation{}
	for _, f := range c.files {
		data, err := c.lake.readStored(ctx, f)
		if err != nil {
			return nil, err
		}
		c.report.BytesBefore += int64(len(data))
		err = c.lake.decode(f.published, data, func(o *meteo.Observation) error {
			if o.ID.IsZero() {
				return flow.Fail(flow.BadInput, "%s holds a row without an id, so it can't be compacted; move the file out of the lake", f.published)
			}
			c.report.RowsBefore++
			if known := last[o.ID]; known == nil || o.Replaces(known) {
				last[o.ID] = clone(o)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return slices.Collect(maps.Values(last)), nil
}

// clone copies an observation that the decoder may use again.
func clone(o *meteo.Observation) *meteo.Observation {
	c := *o
	c.QC = slices.Clone(o.QC)
	if o.Original != nil {
		original := *o.Original
		c.Original = &original
	}
	return &c
}

// moveOut takes published files out of their day, into the entry that replaces them.
func (l *Lake) moveOut(ctx context.Context, entry string, paths []string) error {
	if err := l.makeFolder(ctx, entry+"/"+replacedName); err != nil {
		return err
	}
	return atOnce(paths, func(p string) error {
		return l.move(ctx, p, entry+"/"+replacedName+"/"+strings.TrimSuffix(path.Base(p), fileSuffix))
	})
}
