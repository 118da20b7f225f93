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

// Lake implements flow.Sink. Batches of different partitions may be committed at the same time.
type Lake struct {
	cfg     Config
	files   fileSystem
	reached atomic.Bool // the file system has answered

	mu      sync.Mutex
	epoch   int64 // how often the topic was made again; -1 before Resume
	heads   map[int32]head
	cleaned map[string]time.Time // when a chain, or _tmp, was last cleaned up
}

// head is the end of a partition's chain as this writer knows it.
type head struct {
	next   int64  // where the next batch must start; -1: anywhere
	newest string // name of the newest entry; "" when there is none
}

// Open makes the lake of a configuration. It opens no connection: a wrong configuration is its only failure.
func Open(cfg Config) (*Lake, error) {
	cfg.setDefaults()
	files, err := cfg.fileSystem()
	if err != nil {
		return nil, err
	}
	if crash.Enabled {
		files = crashing{files}
	}
	return newLake(cfg, files), nil
}

func newLake(cfg Config, files fileSystem) *Lake {
	return &Lake{cfg: cfg, files: files, epoch: -1, heads: map[int32]head{}, cleaned: map[string]time.Time{}}
}

// Resume implements flow.Sink: it reads the newest entry of each chain and publishes what is not yet. With NewTopic it first writes
// down, in the chain of topics, that the lake goes on with another one: the runs after it need not be told.
func (l *Lake) Resume(ctx context.Context) (flow.Offsets, error) {
	const doing = "asking the lake how far it is filled"
	newest, err := l.newestOf(ctx, l.settle)
	if err != nil {
		return nil, l.failed(ctx, doing, err)
	}
	if _, err := l.settle(ctx, compactions); err != nil {
		return nil, l.failed(ctx, doing, err)
	}
	epoch, isNew, err := l.identify(newest)
	if err == nil && isNew {
		err = l.beginTopic(ctx, epoch)
	}
	if err != nil {
		return nil, l.failed(ctx, doing, err)
	}
	l.mu.Lock()
	l.epoch = epoch
	l.mu.Unlock()
	return offsetsOf(newest, epoch), nil
}

// Position returns the next offset of each partition, like Resume, and changes nothing: it is for those who watch.
func (l *Lake) Position(ctx context.Context) (flow.Offsets, error) {
	newest, err := l.newestOf(ctx, l.last)
	var epoch int64
	if err == nil {
		epoch, _, err = l.identify(newest)
	}
	if err != nil {
		return nil, l.failed(ctx, "asking the lake how far it is filled", err)
	}
	return offsetsOf(newest, epoch), nil
}

// newestOf reads the newest manifest of each partition's chain and of the chain of topics.
func (l *Lake) newestOf(ctx context.Context, read func(ctx context.Context, chain string) (*manifest, error)) (map[int32]*manifest, error) {
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

// offsetsOf are the ends of the chains in an epoch.
func offsetsOf(newest map[int32]*manifest, epoch int64) flow.Offsets {
	offsets := flow.Offsets{}
	for partition, m := range newest {
		if m.Epoch == epoch && partition != noPartition {
			offsets[partition] = m.End
		}
	}
	return offsets
}

// identify compares the topic that the lake was filled from last with ours and returns its epoch, and whether the lake does not
// know of that yet.
func (l *Lake) identify(newest map[int32]*manifest) (epoch int64, isNew bool, err error) {
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
		return 0, false, flow.Fail(flow.Usage, "the lake %s holds records of two topics that took turns: one lake is filled from one topic; give each its own --hdfs", l.cfg.Root)
	case others && !l.cfg.NewTopic:
		return 0, false, flow.Fail(flow.Usage, "the lake %s was filled from another topic, or this one was deleted and made again; say --new-topic to go on with it from its beginning", l.cfg.Root)
	case others:
		return epoch + 1, true, nil
	}
	return epoch, false, nil
}

// isOurs tells whether an entry was written from our topic.
func (l *Lake) isOurs(m *manifest) bool {
	return m.ClusterID == l.cfg.ClusterID && m.TopicID == l.cfg.TopicID
}

// beginTopic enters our topic into the chain of topics. Another run may do the same.
func (l *Lake) beginTopic(ctx context.Context, epoch int64) error {
	began := l.now()
	m := &manifest{
		Version: manifestVersion, ClusterID: l.cfg.ClusterID, TopicID: l.cfg.TopicID, Epoch: epoch, Partition: noPartition,
		RunID: l.cfg.RunID, WrittenAt: began.UTC(),
	}
	err := l.store(ctx, topics, m, nil, began)
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

// Acquire implements flow.Sink. It takes nothing away from other writers: the rename of a commit decides.
func (l *Lake) Acquire(ctx context.Context, partition int32) (int64, error) {
	epoch, err := l.knownEpoch(ctx)
	if err != nil {
		return 0, err
	}
	m, err := l.settle(ctx, chainOf(partition))
	if err != nil {
		return 0, l.failed(ctx, fmt.Sprintf("asking the lake how far partition %d is filled", partition), err)
	}
	h := head{next: -1}
	if m != nil {
		h.newest = m.name()
	}
	if m != nil && m.Epoch >= epoch {
		if m.Epoch > epoch || !l.isOurs(m) {
			return 0, fmt.Errorf("partition %d of the lake is filled from a newer topic: %w", partition, flow.ErrFenced)
		}
		h.next = m.End
	}
	l.mu.Lock()
	l.heads[partition] = h
	l.mu.Unlock()
	return h.next, nil
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
	err = l.patiently(ctx, func() error {
		infos, err = l.files.ReadDir(ctx, folder)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return infos, err
}
