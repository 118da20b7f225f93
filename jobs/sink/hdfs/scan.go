package hdfs

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// Scan calls each with every observation of the lake from from up to, but not including, to, by the time they were
// observed; the zero time bounds nothing. It sees each stored row once, published or not, while others write. Rows
// come day by day, those of one station in the order of their batches, and are sorted inside a file. What each gets is good until it returns; its error ends the scan.
// Where a compaction removes a file before it is read, Scan fails with flow.TryLater.
func (l *Lake) Scan(ctx context.Context, from, to time.Time, each func(*meteo.Observation) error) error {
	const doing = "reading the lake"
	v, err := l.view(ctx, from, to)
	if err != nil {
		return l.failed(ctx, doing, err)
	}
	inside := func(o *meteo.Observation) error {
		if o.ObservedAt.Before(from) || !to.IsZero() && !o.ObservedAt.Before(to) {
			return nil
		}
		return each(o)
	}
	for _, date := range slices.Sorted(maps.Keys(v)) {
		for _, f := range v[date] {
			if err := l.readRows(ctx, f, inside); err != nil {
				return l.failed(ctx, doing, err)
			}
		}
	}
	return nil
}

// stored is a data file and where it can be read.
type stored struct {
	staged    string // in its entry, before it is published; "" when it is
	published string
}

// readRows calls each with the rows of a file.
func (l *Lake) readRows(ctx context.Context, f stored, each func(*meteo.Observation) error) error {
	data, err := l.readStored(ctx, f)
	if err != nil {
		return err
	}
	return l.decode(f.published, data, each)
}

// decode calls each with the rows of a file's content.
func (l *Lake) decode(name string, data []byte, each func(*meteo.Observation) error) error {
	for o, err := range l.cfg.Decode(bytes.NewReader(data), int64(len(data))) {
		if err != nil {
			return flow.Fail(flow.BadInput, "the lake's file %s can't be read: %w; move it out of the lake", name, err)
		}
		if err := each(o); err != nil {
			return err
		}
	}
	return nil
}

func (l *Lake) readStored(ctx context.Context, f stored) ([]byte, error) {
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

func (l *Lake) readFile(ctx context.Context, name string) (data []byte, err error) {
	err = l.patiently(ctx, func() error {
		data, err = l.files.ReadFile(ctx, name)
		return err
	})
	return data, err
}

// viewTries is how often the lake is listed until nothing moves meanwhile.
const viewTries = 20

// view lists the data files of the lake by their date, as they stand at one moment.
func (l *Lake) view(ctx context.Context, from, to time.Time) (map[string][]stored, error) {
	before, err := l.tips(ctx)
	for range viewTries {
		if err != nil {
			return nil, err
		}
		v, listErr := l.listDays(ctx, from, to)
		if listErr != nil {
			return nil, listErr
		}
		var after map[string]tip
		after, err = l.tips(ctx)
		if err == nil && reflect.DeepEqual(before, after) {
			return merge(v, after, from, to), nil
		}
		before = after
	}
	return nil, flow.Fail(flow.TryLater, "the lake is being written too fast to be listed; run it again")
}

// tip is the newest entry of a chain.
type tip struct {
	entry    string
	held     map[string]bool // what it holds beside its manifest
	manifest *manifest       // read only where it holds something
}

// tips returns the newest entries of all chains.
func (l *Lake) tips(ctx context.Context) (map[string]tip, error) {
	chains, err := l.list(ctx, logFolder)
	if err != nil {
		return nil, err
	}
	out := map[string]tip{}
	for _, c := range chains {
		chain := logFolder + "/" + c.Name
		names, err := l.entries(ctx, chain)
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			continue
		}
		t := tip{entry: names[len(names)-1]}
		if t.held, err = l.held(ctx, chain, t.entry); err != nil {
			return nil, err
		}
		if len(t.held) > 0 {
			if t.manifest, err = l.readManifest(ctx, chain, t.entry); err != nil {
				return nil, err
			}
		}
		out[chain] = t
	}
	return out, nil
}

// listDays lists the published files of the days between two times: first what was compacted, then the batches of each partition
// in their order.
func (l *Lake) listDays(ctx context.Context, from, to time.Time) (map[string][]stored, error) {
	folders, err := l.list(ctx, "")
	if err != nil {
		return nil, err
	}
	out := map[string][]stored{}
	for _, folder := range folders {
		date, ok := strings.CutPrefix(folder.Name, datePrefix)
		if !ok || !overlaps(date, from, to) {
			continue
		}
		files, err := l.list(ctx, folder.Name)
		if err != nil {
			return nil, err
		}
		out[date] = nil
		for _, f := range files {
			if strings.HasSuffix(f.Name, fileSuffix) {
				out[date] = append(out[date], stored{published: folder.Name + "/" + f.Name})
			}
		}
		slices.SortFunc(out[date], byAge)
	}
	return out, nil
}

// byAge brings a day's published files into the order in which the rows of a partition came: their names sort so, but for those of
// compactions.
func byAge(a, b stored) int {
	rank := func(f stored) int {
		if isOfCompaction(f) {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.published, b.published))
}

// overlaps tells whether a date has a part between from and to.
func overlaps(date string, from, to time.Time) bool {
	day, err := time.Parse(time.DateOnly, date)
	return err == nil && from.Before(day.AddDate(0, 0, 1)) && (to.IsZero() || day.Before(to))
}

// merge adds to the published files those that are committed and not yet published, and takes away those that are
// about to be replaced.
func merge(v map[string][]stored, tips map[string]tip, from, to time.Time) map[string][]stored {
	for chain, t := range tips {
		if t.manifest == nil {
			continue
		}
		for _, f := range t.manifest.Files {
			if !t.held[f.stagedName()] || !overlaps(f.Date, from, to) {
				continue
			}
			v[f.Date] = slices.DeleteFunc(v[f.Date], func(s stored) bool { return slices.Contains(t.manifest.Replaces, s.published) })
			v[f.Date] = append(v[f.Date], stored{staged: chain + "/" + t.entry + "/" + f.stagedName(), published: f.Path})
		}
	}
	return v
}
