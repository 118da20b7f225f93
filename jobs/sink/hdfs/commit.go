package hdfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"senmeteo/jobs/flow"
)

// maxAge is how old a batch may be when it is committed, counted from the look at its predecessor. It must be much
// less than keepEntries: a writer that was suspended could otherwise find its place in the chain pruned, and so free.
const maxAge = 6 * time.Hour

// Commit implements flow.Sink.
func (l *Lake) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	if err := l.commit(ctx, b); err != nil {
		l.Release(b.Partition) // Acquire finds out how far the partition is stored
		if ctx.Err() != nil && !errors.Is(err, flow.ErrFenced) {
			return flow.Outcome{}, fmt.Errorf("storing the batch of partition %d at offset %d was cut short (%w): %w", b.Partition, b.Start, err, flow.ErrRestart)
		}
		return flow.Outcome{}, l.failure(ctx, fmt.Sprintf("storing the batch of partition %d at offset %d", b.Partition, b.Start), err)
	}
	return flow.Outcome{Written: int64(len(b.Observations))}, nil
}

func (l *Lake) commit(ctx context.Context, b *flow.Batch) error {
	h, epoch, err := l.headFor(b)
	if err != nil {
		return err
	}
	chain, began := chainOf(b.Partition), l.now()
	if err := l.checkPredecessor(ctx, chain, h); err != nil {
		return err
	}
	m := l.newManifest(b.Partition, began)
	m.ClusterID, m.TopicID, m.Epoch = l.cfg.topic.ClusterID, l.cfg.topic.ID, epoch
	m.Start, m.End, m.Records, m.Observations = b.Start, b.End, len(b.Records), len(b.Observations)
	total := h.total.plus(countsOf(b))
	m.Total = &total
	contents, err := l.writers.encodeBatch(m, b.Observations)
	if err != nil {
		return err
	}
	if err := l.storeEntry(ctx, chain, m, contents, began); err != nil {
		return err
	}
	l.mu.Lock()
	l.heads[b.Partition] = head{next: b.End, newest: m.name(), total: total}
	l.mu.Unlock()
	if len(m.Files) > 0 {
		if err := l.publish(ctx, chain, m); err != nil {
			return fmt.Errorf("it is stored, and the next run will publish it: %w", err)
		}
	}
	l.cleanUp(ctx, chain)
	return nil
}

// headFor returns the end of the chain that a batch is to follow, and the epoch of our topic.
func (l *Lake) headFor(b *flow.Batch) (head, int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h, ok := l.heads[b.Partition]
	switch {
	case !ok:
		return head{}, 0, flow.Fail(flow.Defect, "partition %d was not acquired", b.Partition)
	case h.next >= 0 && h.next != b.Start:
		return head{}, 0, fmt.Errorf("partition %d is stored up to offset %d, and this batch starts at %d: %w", b.Partition, h.next, b.Start, flow.ErrFenced)
	}
	return h, l.epoch, nil
}

// checkPredecessor checks that what was the newest entry of a chain still exists. The newest is never pruned, and older
// ones are pruned first: so the place after it is free, or whatever was put there is there still.
func (l *Lake) checkPredecessor(ctx context.Context, chain string, h head) error {
	folder := chain
	if h.newest != "" {
		folder += "/" + h.newest
	}
	infos, err := l.list(ctx, folder)
	if err != nil {
		return err
	}
	if (len(infos) > 0) != (h.newest != "") {
		return fmt.Errorf("another run went on in %s: %w", chain, flow.ErrFenced)
	}
	return nil
}

// content is a data file that is to be written.
type content struct {
	name string // inside the entry
	data []byte
}

// storeEntry writes an entry and renames it to its place in the chain. It returns nil when the entry is there,
// flow.ErrFenced when another one is, flow.ErrRestart when it could not find out.
func (l *Lake) storeEntry(ctx context.Context, chain string, m *manifest, contents []content, began time.Time) error {
	if err := l.makeFolder(ctx, chain); err != nil {
		return err
	}
	folder, err := l.stageEntry(ctx, m, contents)
	if err != nil {
		return err
	}
	return l.appendEntry(ctx, folder, chain, m, began)
}

// stageEntry writes an entry into a new folder, and returns that.
func (l *Lake) stageEntry(ctx context.Context, m *manifest, contents []content) (folder string, err error) {
	err = l.retry(ctx, func() error {
		m.UUID = uuid.NewString()
		folder = tmpFolder + "/" + m.UUID
		err := l.stage(ctx, folder, m, contents)
		if err != nil {
			l.discard(ctx, folder)
		}
		return err
	})
	return folder, err
}

// stage writes the files of an entry into a new folder and checks that they are there in full.
func (l *Lake) stage(ctx context.Context, folder string, m *manifest, contents []content) error {
	text, err := m.encode()
	if err != nil {
		return err
	}
	if err := l.files.Mkdir(ctx, folder); err != nil {
		return err
	}
	err = inParallel(contents, func(c content) error { return l.files.WriteFile(ctx, folder+"/"+c.name, c.data) })
	if err != nil {
		return err
	}
	if err := l.files.WriteFile(ctx, folder+"/"+manifestName, text); err != nil {
		return err
	}
	return l.checkSizes(ctx, folder, contents, len(text))
}

// checkSizes compares a staged folder with what was to be written.
func (l *Lake) checkSizes(ctx context.Context, folder string, contents []content, manifestSize int) error {
	sizes := map[string]int64{manifestName: int64(manifestSize)}
	for _, c := range contents {
		sizes[c.name] = int64(len(c.data))
	}
	infos, err := l.files.ReadDir(ctx, folder)
	if err != nil {
		return err
	}
	for _, i := range infos {
		if sizes[i.Name] != i.Size {
			return fmt.Errorf("%s has %d of %d bytes: %w", i.Name, i.Size, sizes[i.Name], errTransient)
		}
	}
	if len(infos) != len(sizes) {
		return fmt.Errorf("%s holds %d of %d files: %w", folder, len(infos), len(sizes), errTransient)
	}
	return nil
}

// parallelFiles is how many files of one batch are written or moved at the same time. What a file costs in HDFS is
// waiting for the NameNode's edit log, to which the changes of several callers are written together.
const parallelFiles = 8

// inParallel calls do for all items, some at the same time, and returns the first error.
func inParallel[T any](items []T, do func(T) error) error {
	var g errgroup.Group
	g.SetLimit(parallelFiles)
	for _, item := range items {
		g.Go(func() error { return do(item) })
	}
	return g.Wait()
}

// appendEntry renames a staged entry to its place in the chain: this is the commit. One that it could not append it removes.
func (l *Lake) appendEntry(ctx context.Context, folder, chain string, m *manifest, began time.Time) error {
	var err error
	if age := l.now().Sub(began); age > maxAge {
		err = flow.Fail(flow.TryLater, "the batch is %s old, which is too old to be stored; nothing is lost, run it again", age.Round(time.Minute))
	} else {
		err = l.renameEntry(ctx, folder, chain, m)
	}
	if err != nil {
		l.discard(ctx, folder)
	}
	return err
}

// renameEntry renames a staged entry. After any error it looks whose manifest is there.
func (l *Lake) renameEntry(ctx context.Context, folder, chain string, m *manifest) error {
	place := chain + "/" + m.name()
	err := l.retry(ctx, func() error {
		err := l.files.Rename(ctx, folder, place)
		if err == nil {
			return nil
		}
		there, lookErr := l.manifestAt(ctx, chain, m.name())
		switch {
		case lookErr != nil:
			return errors.Join(err, lookErr)
		case there == nil:
			return err
		case there.UUID == m.UUID:
			return nil
		}
		return fmt.Errorf("another run stored %s first: %w", place, flow.ErrFenced)
	})
	if errors.Is(err, errUnknown) {
		return fmt.Errorf("renaming %s (%w): %w", folder, err, flow.ErrRestart)
	}
	return err
}

// manifestAt returns the manifest that is at a place of a chain now, without retries: nil when there is none.
func (l *Lake) manifestAt(ctx context.Context, chain, entry string) (*manifest, error) {
	text, err := l.files.ReadFile(ctx, chain+"/"+entry+"/"+manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking who wrote the entry %s: %w", entry, err)
	}
	return decodeManifest(entry, text)
}

// discardBound is how long a failed commit may spend on removing what it wrote; what is left is swept later.
const discardBound = 2 * time.Second

// discard removes a staged folder, as far as that is possible now.
func (l *Lake) discard(ctx context.Context, folder string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardBound)
	defer cancel()
	if err := l.files.Remove(ctx, folder); err != nil {
		l.cfg.logger.Debug("a temporary folder is left until it is swept", "folder", folder, "because", err)
	}
}
