package hdfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// Compact implements flow.Compactor: it turns the files of each day before the day of before (UTC) into one sorted file
// with the last revision of each observation. A day is compacted again when files came to it since; one that is
// compacted already counts for nothing, unless all are to be rewritten. The next days are read and written while one is
// committed: the rows of five must fit into memory, about 500 MB for a million. A day that was started is finished by the
// next Compact or Resume. Of two runs at the same time one gets flow.ErrFenced.
func (l *Lake) Compact(ctx context.Context, before time.Time, all bool) (flow.Compaction, error) {
	c := compaction{lake: l, staged: map[string]bool{}}
	err := c.run(ctx, before, all)
	for folder := range c.staged {
		l.discard(ctx, folder)
	}
	if errors.Is(err, fs.ErrNotExist) { // others that went on clean up, also what this run has staged
		if overtaken := l.checkPredecessor(ctx, compactions, head{newest: c.newest}); errors.Is(overtaken, flow.ErrFenced) {
			err = overtaken
		}
	}
	if err != nil {
		return c.report, l.failure(ctx, "compacting the lake", err)
	}
	return c.report, nil
}

const compactedPrefix = "compacted-"

func isCompacted(files []storedFile) bool {
	return len(files) == 0 || len(files) == 1 && isOfCompaction(files[0])
}

func isOfCompaction(f storedFile) bool {
	return strings.HasPrefix(path.Base(f.published), compactedPrefix)
}

// compaction is one call of Compact.
type compaction struct {
	lake   *Lake
	newest string // of the chain of compactions
	report flow.Compaction

	mu     sync.Mutex
	staged map[string]bool // the folders of days that are written and not yet committed
}

// compactedDay is a day whose new file is written, and waits for its place in the chain.
type compactedDay struct {
	date        string
	files       []storedFile
	number      int64 // in the chain
	manifest    *manifest
	folder      string
	rows, bytes int64 // of files
}

func (c *compaction) run(ctx context.Context, before time.Time, all bool) error {
	newest, err := c.lake.finish(ctx, compactions)
	if err != nil {
		return err
	}
	number := int64(0)
	if newest != nil {
		c.newest, number = newest.name(), newest.End
	}
	closed := time.Unix(dayOf(before)*secondsPerDay, 0).UTC()
	days, err := c.lake.listDays(ctx, flow.Selection{To: closed})
	if err != nil {
		return err
	}
	var due []*compactedDay
	for _, date := range slices.Sorted(maps.Keys(days)) {
		if files := days[date]; len(files) > 0 && (all || !isCompacted(files)) {
			due = append(due, &compactedDay{date: date, files: files, number: number})
			number++
		}
	}
	return inOrder(ctx, due, func(ctx context.Context, d *compactedDay) (*compactedDay, error) {
		if err := c.write(ctx, d); err != nil {
			return nil, fmt.Errorf("compacting %s: %w", d.date, err)
		}
		return d, nil
	}, func(d *compactedDay) error {
		if err := c.commit(ctx, d); err != nil {
			return fmt.Errorf("compacting %s: %w", d.date, err)
		}
		return nil
	})
}

// write reads the files of a day, and writes their last revisions into a staged entry.
func (c *compaction) write(ctx context.Context, d *compactedDay) error {
	began := c.lake.now()
	rows, err := c.lastRevisions(ctx, d)
	if err != nil {
		return err
	}
	m := c.lake.newManifest(noPartition, began)
	m.Start, m.End, m.Observations = d.number, d.number+1, len(rows)
	for _, f := range d.files {
		m.Replaces = append(m.Replaces, f.published)
	}
	f := dataFile{Date: d.date, Path: fmt.Sprintf("%s%s/%s%s%s", datePrefix, d.date, compactedPrefix, entryName(d.number), fileSuffix)}
	file, err := c.lake.writers.encodeFile(&f, m, rows)
	if err != nil {
		return err
	}
	m.Files = []dataFile{f}
	if d.folder, err = c.lake.stageEntry(ctx, m, []content{file}); err != nil {
		return err
	}
	d.manifest = m
	c.mu.Lock()
	defer c.mu.Unlock()
	c.staged[d.folder] = true
	return nil
}

// commit appends the entry of a day to the chain and publishes it. Whoever else compacted anything since the day was
// listed has its place.
func (c *compaction) commit(ctx context.Context, d *compactedDay) error {
	l, m := c.lake, d.manifest
	if err := l.checkPredecessor(ctx, compactions, head{newest: c.newest}); err != nil {
		return err
	}
	if c.newest == "" {
		if err := l.makeFolder(ctx, compactions); err != nil {
			return err
		}
	}
	c.mu.Lock()
	delete(c.staged, d.folder)
	c.mu.Unlock()
	l.days.Store(datePrefix+d.date, true) // it exists, as it has files
	if err := l.appendEntry(ctx, d.folder, compactions, m, m.WrittenAt); err != nil {
		return err
	}
	c.newest = m.name()
	if err := l.publish(ctx, compactions, m); err != nil {
		return fmt.Errorf("the day's new file is stored, and the next run will publish it: %w", err)
	}
	l.cleanUp(ctx, compactions)
	c.report.Days++
	c.report.FilesBefore += int64(len(d.files))
	c.report.RowsBefore += d.rows
	c.report.BytesBefore += d.bytes
	c.report.RowsAfter += int64(m.Files[0].Rows)
	c.report.BytesAfter += m.Files[0].Size
	return nil
}

// lastRevisions reads the files of a day, in the order in which they were committed, and keeps the last revision of
// each observation.
func (c *compaction) lastRevisions(ctx context.Context, d *compactedDay) ([]*meteo.Observation, error) {
	last := map[meteo.ID]*meteo.Observation{}
	for _, f := range d.files {
		data, err := c.lake.readStored(ctx, f)
		if err != nil {
			return nil, err
		}
		d.bytes += int64(len(data))
		err = c.lake.readers.decode(f.published, data, func(rows []meteo.Observation) error {
			d.rows += int64(len(rows))
			return keepLast(last, f.published, rows)
		})
		if err != nil {
			return nil, err
		}
	}
	return slices.Collect(maps.Values(last)), nil
}

// keepLast adds copies of those rows that are the last of their observation so far.
func keepLast(last map[meteo.ID]*meteo.Observation, name string, rows []meteo.Observation) error {
	kept := make([]meteo.Observation, 0, len(rows)) // never grows: last points into it
	for i := range rows {
		o := &rows[i]
		if o.ID.IsZero() {
			return flow.Fail(flow.BadInput, "%s holds a row without an id, so it can't be compacted; move the file out of the lake", name)
		}
		if known := last[o.ID]; known == nil || o.Replaces(known) {
			kept = append(kept, *o)
			last[o.ID] = &kept[len(kept)-1]
		}
	}
	return nil
}
