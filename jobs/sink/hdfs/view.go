package hdfs

import (
	"cmp"
	"context"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"senmeteo/jobs/flow"
)

// storedFile is a data file and where it can be read.
type storedFile struct {
	staged    string // in its entry, while that is pending; "" when it is published
	published string
}

// inCommitOrder is the order in which the rows of an observation were committed: first the file of a day's compaction,
// then those of the batches by their positions. All rows of an observation come from one partition, unless the topic was
// recreated with another number of partitions: then the positions tell the earlier topic from the later one.
func inCommitOrder(a, b storedFile) int {
	rank := func(f storedFile) int {
		if isOfCompaction(f) {
			return 0
		}
		return 1
	}
	positions := func(f storedFile) string {
		_, positions, _ := strings.Cut(withoutSuffix(f.published), "-")
		return positions
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(positions(a), positions(b)), cmp.Compare(path.Base(a.published), path.Base(b.published)))
}

// viewAttempts is how often the lake is listed until nothing is moved meanwhile.
const viewAttempts = 20

// view lists the data files of the days that a selection needs, as they are at one moment: each day's in the order of
// their commits.
func (l *Lake) view(ctx context.Context, s flow.Selection) (map[string][]storedFile, error) {
	before, err := l.chainEnds(ctx)
	for range viewAttempts {
		if err != nil {
			return nil, err
		}
		days, listErr := l.listDays(ctx, s)
		if listErr != nil {
			return nil, listErr
		}
		var after map[string]chainEnd
		after, err = l.chainEnds(ctx)
		if err == nil && reflect.DeepEqual(before, after) {
			addPending(days, after, s)
			return days, nil
		}
		before = after
	}
	return nil, flow.Fail(flow.TryLater, "the lake is being written too fast to be listed; run it again")
}

// chainEnd is the newest entry of a chain.
type chainEnd struct {
	entry    string
	inside   map[string]bool // what it holds beside its manifest
	manifest *manifest       // read only where it holds something
}

// chainEnds returns the newest entries of all chains.
func (l *Lake) chainEnds(ctx context.Context) (map[string]chainEnd, error) {
	chains, err := l.list(ctx, logFolder)
	if err != nil {
		return nil, err
	}
	out := map[string]chainEnd{}
	for _, c := range chains {
		chain := logFolder + "/" + c.Name
		names, err := l.entries(ctx, chain)
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			continue
		}
		end := chainEnd{entry: names[len(names)-1]}
		if end.inside, err = l.inside(ctx, chain, end.entry); err != nil {
			return nil, err
		}
		if len(end.inside) > 0 {
			if end.manifest, err = l.readManifest(ctx, chain, end.entry); err != nil {
				return nil, err
			}
		}
		out[chain] = end
	}
	return out, nil
}

// listDays lists the published files of the days that a selection needs, each day's in the order of their commits.
func (l *Lake) listDays(ctx context.Context, s flow.Selection) (map[string][]storedFile, error) {
	folders, err := l.list(ctx, "")
	if err != nil {
		return nil, err
	}
	days := map[string][]storedFile{}
	for _, folder := range folders {
		date, ok := strings.CutPrefix(folder.Name, datePrefix)
		if !ok || !overlaps(date, s) {
			continue
		}
		files, err := l.list(ctx, folder.Name)
		if err != nil {
			return nil, err
		}
		days[date] = nil
		for _, f := range files {
			if strings.HasSuffix(f.Name, fileSuffix) {
				days[date] = append(days[date], storedFile{published: folder.Name + "/" + f.Name})
			}
		}
		slices.SortFunc(days[date], inCommitOrder)
	}
	return days, nil
}

// overlaps reports whether a selection has a part of a date.
func overlaps(date string, s flow.Selection) bool {
	day, err := time.Parse(time.DateOnly, date)
	return err == nil && s.From.Before(day.AddDate(0, 0, 1)) && (s.To.IsZero() || day.Before(s.To))
}

// addPending adds to the published files of the days those that are committed and pending, and removes those that are
// about to be replaced.
func addPending(days map[string][]storedFile, ends map[string]chainEnd, s flow.Selection) {
	for chain, end := range ends {
		if end.manifest == nil {
			continue
		}
		for _, f := range end.manifest.Files {
			if !end.inside[f.stagedName()] || !overlaps(f.Date, s) {
				continue
			}
			files := slices.DeleteFunc(days[f.Date], func(s storedFile) bool { return slices.Contains(end.manifest.Replaces, s.published) })
			files = append(files, storedFile{staged: chain + "/" + end.entry + "/" + f.stagedName(), published: f.Path})
			slices.SortFunc(files, inCommitOrder)
			days[f.Date] = files
		}
	}
}
