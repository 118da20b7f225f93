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
// less than keepEntries, or a writer that was suspended could find its place in the chain pruned, and so free.
const maxAge = 6 * time.Hour

// Commit implements flow.Sink.
func (l *Lake) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	if err := l.commit(ctx, b); err != nil {
		l.Release(b.Partition) // Acquire tells where it stands
		if ctx.Err() != nil && !errors.Is(err, flow.ErrFenced) {
			return flow.Outcome{}, fmt.Errorf("storing the batch of partition %d at offset %d was cut short (%w): %w", b.Partition, b.Start, err, flow.ErrRestart)
		}
		return flow.Outcome{}, l.failed(ctx, fmt.Sprintf("storing the batch of partition %d at offset %d", b.Partition, b.Start), err)
	}
	return flow.Outcome{Written: int64(len(b.Observations))}, nil
}

func (l *Lake) commit(ctx context.Context, b *flow.Batch) error {
	h, epoch, err := l.headOf(b)
	if err != nil {
		return err
	}
	chain, began := chainOf(b.Partition), l.now()
	if err := l.confirm(ctx, chain, h); err != nil {
		return err
	}
	m := &manifest{
		Version: manifestVersion, ClusterID: l.cfg.ClusterID, TopicID: l.cfg.TopicID, Epoch: epoch, Partition: b.Partition,
		Start: b.Start, End: b.End, Records: len(b.Records), Observations: len(b.Observations), RunID: l.cfg.RunID, WrittenAt: began.UTC(),
	}
	contents, err := l.encodeBatch(m, b.Observations)
	if err != nil {
		return err
	}
	if err := l.store(ctx, chain, m, contents, began); err != nil {
		return err
	}
	l.mu.Lock()
	l.heads[b.Partition] = head{next: b.End, newest: m.name()}
	l.mu.Unlock()
	if len(m.Files) > 0 {
		if err := l.publish(ctx, chain, m); err != nil {
			return fmt.Errorf("it is stored, and the next run will publish it: %w", err)
		}
	}
	l.cleanUp(ctx, chain)
	return nil
}

// headOf returns the end of the chain that the batch is to follow.
func (l *Lake) headOf(b *flow.Batch) (head, int64, error) {
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

// confirm checks that what was the newest entry still exists. The newest is never pruned and older ones are
// pruned first: so the place behind it was never taken, or it is taken still.
func (l *Lake) confirm(ctx context.Context, chain string, h head) error {
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

// store writes an entry and renames it to its place in the chain. It returns nil when the entry stands there,
// flow.ErrFenced when another one does, flow.ErrRestart when it could not find out.
func (l *Lake) store(ctx context.Context, chain string, m *manifest, contents []content, began time.Time) error {
	if err := l.makeFolder(ctx, chain); err != nil {
		return err
	}
	var folder string
	err := l.patiently(ctx, func() error {
		m.UUID = uuid.NewString()
		folder = tmpFolder + "/" + m.UUID
		err := l.stage(ctx, folder, m, contents)
		if err != nil {
			l.discard(ctx, folder)
		}
		return err
	})
	if err != nil {
		return err
	}
	if age := l.now().Sub(began); age > maxAge {
		err = flow.Fail(flow.TryLater, "the batch is %s old, which is too old to be stored; nothing is lost, run it again", age.Round(time.Minute))
	} else {
		err = l.enter(ctx, folder, chain, m)
	}
	if err != nil {
		l.discard(ctx, folder)
	}
	return err
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
	err = atOnce(contents, func(c content) error { return l.files.WriteFile(ctx, folder+"/"+c.name, c.data) })
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
			return fmt.Errorf("%s has %d of %d bytes: %w", i.Name, i.Size, sizes[i.Name], errPassing)
		}
	}
	if len(infos) != len(sizes) {
		return fmt.Errorf("%s holds %d of %d files: %w", folder, len(infos), len(sizes), errPassing)
	}
	return nil
}

// filesAtOnce is how many files of one batch are written or moved at the same time. What a file costs in HDFS is
// waiting for the NameNode's edit log, which takes the changes of several callers in one go.
const filesAtOnce = 8

// atOnce calls do for all items, some at the same time, and returns the first error.
func atOnce[T any](items []T, do func(T) error) error {
	var g errgroup.Group
	g.SetLimit(filesAtOnce)
	for _, item := range items {
		g.Go(func() error { return do(item) })
	}
	return g.Wait()
}

// enter renames a staged entry to its place: this is the commit. After any error it looks whose manifest stands there.
func (l *Lake) enter(ctx context.Context, folder, chain string, m *manifest) error {
	place := chain + "/" + m.name()
	err := l.patiently(ctx, func() error {
		err := l.files.Rename(ctx, folder, place)
		if err == nil {
			return nil
		}
		there, lookErr := l.look(ctx, chain, m.name())
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
	if errors.Is(err, errLost) {
		return fmt.Errorf("renaming %s (%w): %w", folder, err, flow.ErrRestart)
	}
	return err
}

// look returns the manifest that stands at a place of a chain now: nil when there is none.
func (l *Lake) look(ctx context.Context, chain, entry string) (*manifest, error) {
	text, err := l.files.ReadFile(ctx, chain+"/"+entry+"/"+manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking who wrote the entry %s: %w", entry, err)
	}
	return decodeManifest(entry, text)
}

// discardBound is how long a failed commit may spend on removing what it wrote; else that is swept later.
const discardBound = 2 * time.Second

// discard removes a staged folder, as far as that is possible now.
func (l *Lake) discard(ctx context.Context, folder string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardBound)
	defer cancel()
	if err := l.files.Remove(ctx, folder); err != nil {
		l.cfg.Logger.Debug("a temporary folder stays behind until it is swept", "folder", folder, "because", err)
	}
}

// now is the wall clock. The monotonic reading is dropped: it stands still while a machine is suspended.
func (l *Lake) now() time.Time { return l.cfg.Clock().Round(0) }
