package hdfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/crash"
)

// Lake implements flow.Store, flow.Verifier and flow.Compactor. Batches of different partitions may be committed at
// the same time.
type Lake struct {
	cfg      config
	files    fileSystem
	answered atomic.Bool // the file system has answered once
	writers  writers
	readers  readers
	days     sync.Map // the folders of days that this run has made, as keys

	mu      sync.Mutex
	epoch   int64 // how often the topic was recreated; -1 before Resume
	heads   map[int32]head
	cleaned map[string]time.Time // when a chain, or _tmp, was last cleaned up
}

var (
	_ flow.Store     = (*Lake)(nil)
	_ flow.Verifier  = (*Lake)(nil)
	_ flow.Compactor = (*Lake)(nil)
)

// head is the end of a partition's chain as this writer knows it.
type head struct {
	next   int64  // where the next batch must start; -1: anywhere
	newest string // name of the newest entry; "" when there is none
	total  counts // of the chain's entries that have our topic
}

// newLake returns the lake of a configuration. It opens no connection.
func newLake(cfg config) (*Lake, error) {
	cfg.setDefaults()
	files, err := cfg.fileSystem()
	if err != nil {
		return nil, err
	}
	if crash.Enabled {
		files = crashing{files}
	}
	return &Lake{cfg: cfg, files: files, epoch: -1, heads: map[int32]head{}, cleaned: map[string]time.Time{}}, nil
}

// Keeps implements flow.Store.
func (l *Lake) Keeps() flow.Reduction { return flow.EveryRevision }

// Resume implements flow.Sink: it reads the newest entry of each chain and publishes those that are pending. When the
// configuration allows a new topic, it first enters that into the chain of topics, so that the runs after it need not
// be told.
func (l *Lake) Resume(ctx context.Context) (flow.Offsets, error) {
	const doing = "asking the lake how far it is filled"
	newest, err := l.newestEntries(ctx, l.finish)
	if err != nil {
		return nil, l.failure(ctx, doing, err)
	}
	if _, err := l.finish(ctx, compactions); err != nil {
		return nil, l.failure(ctx, doing, err)
	}
	epoch, isNew, err := l.checkTopic(newest)
	if err == nil && isNew {
		err = l.beginTopic(ctx, epoch)
	}
	if err != nil {
		return nil, l.failure(ctx, doing, err)
	}
	l.mu.Lock()
	l.epoch = epoch
	l.mu.Unlock()
	offsets := flow.Offsets{}
	for partition, m := range newest {
		if m.Epoch == epoch && partition != noPartition {
			offsets[partition] = m.End
		}
	}
	return offsets, nil
}

// newestEntries reads the newest manifest of each partition's chain and of the chain of topics, which is that of
// noPartition.
func (l *Lake) newestEntries(ctx context.Context, read func(ctx context.Context, chain string) (*manifest, error)) (map[int32]*manifest, error) {
	folders, err := l.list(ctx, logFolder)
	if err != nil {
		return nil, err
	}
	newest := map[int32]*manifest{}
	for _, f := range folders {
		partition, ok := partitionOf(f.Name)
		if f.Name == topicsName {
			partition, ok = noPartition, true
		}
		if !ok {
			continue
		}
		m, err := read(ctx, logFolder+"/"+f.Name)
		if err != nil {
			return nil, err
		}
		if m != nil {
			newest[partition] = m
		}
	}
	return newest, nil
}

// checkTopic compares the topic that the lake was last filled from with ours. It returns our topic's epoch, and
// whether the lake has yet to be told of it.
func (l *Lake) checkTopic(newest map[int32]*manifest) (epoch int64, isNew bool, err error) {
	for _, m := range newest {
		epoch = max(epoch, m.Epoch)
	}
	ours, others := false, false
	for _, m := range newest {
		if m.Epoch == epoch {
			ours, others = ours || l.isOurs(m), others || !l.isOurs(m)
		}
	}
	switch {
	case ours && others:
		return 0, false, flow.Fail(flow.Usage, "the lake %s holds records of two topics that took turns: one lake is filled from one topic; give each its own --hdfs", l.cfg.root)
	case others && !l.cfg.newTopic:
		return 0, false, flow.Fail(flow.Usage, "the lake %s was filled from another topic, or this one was deleted and recreated; add --new-topic to go on with it from its beginning", l.cfg.root)
	case others:
		return epoch + 1, true, nil
	}
	return epoch, false, nil
}

// isOurs reports whether an entry was written from our topic.
func (l *Lake) isOurs(m *manifest) bool {
	return m.ClusterID == l.cfg.topic.ClusterID && m.TopicID == l.cfg.topic.ID
}

// beginTopic enters our topic into the chain of topics. Another run may do the same.
func (l *Lake) beginTopic(ctx context.Context, epoch int64) error {
	began := l.now()
	m := l.newManifest(noPartition, began)
	m.ClusterID, m.TopicID, m.Epoch = l.cfg.topic.ClusterID, l.cfg.topic.ID, epoch
	err := l.storeEntry(ctx, topics, m, nil, began)
	switch {
	case errors.Is(err, flow.ErrFenced):
		if there, readErr := l.readManifest(ctx, topics, m.name()); readErr != nil {
			return readErr
		} else if l.isOurs(there) {
			return nil
		}
	case errors.Is(err, flow.ErrRestart):
		return flow.Fail(flow.Unavailable, "going on with a new topic: %s; nothing is lost, run it again", err.Error())
	}
	return err
}

// Acquire implements flow.Sink. It fences nobody: of two writers the rename of a commit lets one through.
func (l *Lake) Acquire(ctx context.Context, partition int32) (int64, error) {
	epoch, err := l.knownEpoch(ctx)
	if err != nil {
		return 0, err
	}
	h, err := l.readHead(ctx, chainOf(partition), epoch)
	if err != nil {
		return 0, l.failure(ctx, fmt.Sprintf("asking the lake how far partition %d is filled", partition), err)
	}
	l.mu.Lock()
	l.heads[partition] = h
	l.mu.Unlock()
	return h.next, nil
}

// readHead publishes the newest entry of a partition's chain, where that is pending, and returns the chain's end.
func (l *Lake) readHead(ctx context.Context, chain string, epoch int64) (head, error) {
	m, err := l.finish(ctx, chain)
	switch {
	case err != nil:
		return head{}, err
	case m == nil:
		return head{next: -1}, nil
	case m.Epoch < epoch:
		return head{next: -1, newest: m.name()}, nil
	case m.Epoch > epoch || !l.isOurs(m):
		return head{}, fmt.Errorf("%s is filled from a newer topic: %w", chain, flow.ErrFenced)
	}
	total, err := l.total(ctx, chain, m)
	return head{next: m.End, newest: m.name(), total: total}, err
}

func (l *Lake) knownEpoch(ctx context.Context) (int64, error) {
	l.mu.Lock()
	epoch := l.epoch
	l.mu.Unlock()
	if epoch >= 0 {
		return epoch, nil
	}
	if _, err := l.Resume(ctx); err != nil {
		return 0, err
	}
	return l.knownEpoch(ctx)
}

// Release implements flow.Sink.
func (l *Lake) Release(partition int32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.heads, partition)
}

// Close implements flow.Sink. It ends the connections.
func (l *Lake) Close() error {
	if err := l.files.Close(); err != nil {
		return fmt.Errorf("closing the lake: %w", err)
	}
	return nil
}

// list lists a folder; one that does not exist is empty.
func (l *Lake) list(ctx context.Context, folder string) (infos []fileInfo, err error) {
	err = l.retry(ctx, func() error {
		infos, err = l.files.ReadDir(ctx, folder)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return infos, err
}

// now is the wall clock. The monotonic reading is dropped: it stops while a machine is suspended.
func (l *Lake) now() time.Time { return l.cfg.clock().Round(0) }
