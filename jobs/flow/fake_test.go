package flow_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// topic is a topic in memory and, by fakeFeed, a feed on it. A nil record is a transaction marker.
type topic struct {
	mu    sync.Mutex
	logs  map[int32][]*flow.Record
	first map[int32]int64
	open  map[int32]int64 // where an open transaction begins: the last stable offset
}

func newTopic(records map[int32]int) *topic {
	t := &topic{logs: map[int32][]*flow.Record{}, first: map[int32]int64{}, open: map[int32]int64{}}
	for p, n := range records {
		t.logs[p] = nil
		t.append(p, n)
	}
	return t
}

// append puts n records into a partition.
func (t *topic) append(p int32, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for range n {
		o := int64(len(t.logs[p]))
		t.logs[p] = append(t.logs[p], &flow.Record{Partition: p, Offset: o, Key: []byte("SN-DK"), Value: fmt.Appendf(nil, "%d/%d", p, o)})
	}
}

func (t *topic) mark(p int32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.logs[p] = append(t.logs[p], nil)
}

func (t *topic) bounds() map[int32]flow.Bounds {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := map[int32]flow.Bounds{}
	for p, log := range t.logs {
		b := flow.Bounds{First: t.first[p], End: int64(len(log)), High: int64(len(log))}
		if o, ok := t.open[p]; ok {
			b.End = o
		}
		out[p] = b
	}
	return out
}

// fakeFeed reads a topic.
type fakeFeed struct {
	topic *topic
	pos   flow.Offsets
	ended map[int32]int64 // the offset for which AtEnd was returned
	group flow.Group
	next  []func() // what Poll does before it reads, one each time that there is nothing to read
	after map[int]func()
	polls int
	waits []time.Duration // of the polls
	start int             // how often Start was called
	marks sync.Map
	err   error

	broken flow.Offsets // of a partition, the offset from which on it can't be read
}

func newFeed(t *topic) *fakeFeed {
	return &fakeFeed{topic: t, pos: flow.Offsets{}, ended: map[int32]int64{}, after: map[int]func(){}}
}

func (f *fakeFeed) Bounds(ctx context.Context) (map[int32]flow.Bounds, error) {
	return f.topic.bounds(), ctx.Err()
}

func (f *fakeFeed) Start(_ context.Context, from flow.Offsets) error {
	f.start++
	f.pos = maps.Clone(from)
	clear(f.ended)
	return nil
}

func (f *fakeFeed) Follow(_ context.Context, g flow.Group) error {
	f.group = g
	return nil
}

// assign gives partitions to the member, as a rebalance does.
func (f *fakeFeed) assign(partitions ...int32) {
	from, err := f.group.Assigned(partitions)
	if err != nil {
		f.err = err
		return
	}
	for p, o := range from {
		f.pos[p] = o
		delete(f.ended, p)
	}
}

func (f *fakeFeed) revoke(partitions ...int32) {
	f.group.Revoked(partitions)
	for _, p := range partitions {
		delete(f.pos, p)
	}
}

func (f *fakeFeed) Poll(wait time.Duration) (flow.Event, error) {
	f.polls++
	f.waits = append(f.waits, wait)
	if act := f.after[f.polls]; act != nil {
		act()
	}
	if err := f.err; err != nil {
		f.err = nil
		return nil, err
	}
	switch ev := f.read(); {
	case ev != nil:
		return ev, nil
	case len(f.next) > 0:
		act := f.next[0]
		f.next = f.next[1:]
		act()
	default:
		time.Sleep(time.Millisecond)
	}
	return nil, nil
}

// read returns the next event of the partitions that are read; nil when there is none.
func (f *fakeFeed) read() flow.Event {
	bounds := f.topic.bounds()
	f.topic.mu.Lock()
	defer f.topic.mu.Unlock()
	for _, p := range slices.Sorted(maps.Keys(f.pos)) {
		log := f.topic.logs[p]
		for f.pos[p] < bounds[p].End && log[f.pos[p]] == nil {
			f.pos[p]++
		}
		if at, ok := f.broken[p]; ok && f.pos[p] == at {
			delete(f.pos, p)
			return flow.Unreadable{Partition: p, Err: flow.Fail(flow.BadInput, "partition %d can't be read from offset %d on", p, at)}
		}
		if o := f.pos[p]; o < bounds[p].End {
			f.pos[p]++
			rec := *log[o]
			return &rec
		}
		if at, told := f.ended[p]; !told || at < f.pos[p] {
			f.ended[p] = f.pos[p]
			return flow.AtEnd{Partition: p, Offset: f.pos[p]}
		}
	}
	return nil
}

func (f *fakeFeed) Mark(p int32, next int64) { f.marks.Store(p, next) }
func (f *fakeFeed) Close() error             { return nil }

// fakeSink is a store in memory.
type fakeSink struct {
	mu       sync.Mutex
	next     flow.Offsets
	values   []string
	batches  []string // "p[start,end)"
	acquired []int32
	released []int32
	before   func(ctx context.Context, b *flow.Batch) error // fails a commit without storing
	after    func(b *flow.Batch) error                      // fails it although it is stored
	busy     int
	mostBusy int
}

func newSink() *fakeSink { return &fakeSink{next: flow.Offsets{}} }

func (s *fakeSink) Resume(ctx context.Context) (flow.Offsets, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.next), ctx.Err()
}

func (s *fakeSink) Acquire(ctx context.Context, p int32) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acquired = append(s.acquired, p)
	if next, ok := s.next[p]; ok {
		return next, ctx.Err()
	}
	return -1, ctx.Err()
}

func (s *fakeSink) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	s.mu.Lock()
	s.busy++
	s.mostBusy = max(s.mostBusy, s.busy)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.busy--
		s.mu.Unlock()
	}()
	if s.before != nil {
		if err := s.before(ctx, b); err != nil {
			return flow.Outcome{}, err
		}
	}
	s.mu.Lock()
	if now, ok := s.next[b.Partition]; ok && now != b.Start {
		s.mu.Unlock()
		return flow.Outcome{}, fmt.Errorf("partition %d is at %d, and a batch starts at %d: %w", b.Partition, now, b.Start, flow.ErrFenced)
	}
	s.next[b.Partition] = b.End
	s.batches = append(s.batches, fmt.Sprintf("%d[%d,%d)", b.Partition, b.Start, b.End))
	for _, r := range b.Records {
		s.values = append(s.values, string(r.Value))
	}
	s.mu.Unlock()
	if s.after != nil {
		if err := s.after(b); err != nil {
			return flow.Outcome{}, err
		}
	}
	return flow.Outcome{Written: int64(len(b.Observations))}, nil
}

func (s *fakeSink) Release(p int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.released = append(s.released, p)
}

func (s *fakeSink) Close() error { return nil }

// wantOnce fails unless the sink holds every record of the topic's partitions exactly once and in order, up to these ends.
func (s *fakeSink) wantOnce(t *testing.T, top *topic, ends flow.Offsets) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	got := map[int32][]string{}
	for _, v := range s.values {
		var p int32
		if _, err := fmt.Sscanf(v, "%d/", &p); err != nil {
			t.Fatal(err)
		}
		got[p] = append(got[p], v)
	}
	for p, end := range ends {
		var want []string
		for _, r := range top.logs[p][:end] {
			if r != nil {
				want = append(want, string(r.Value))
			}
		}
		if !slices.Equal(got[p], want) {
			t.Errorf("partition %d: the sink holds %d records, want %d, each once and in order", p, len(got[p]), len(want))
		}
		if s.next[p] != end {
			t.Errorf("partition %d: the next offset is %d, want %d", p, s.next[p], end)
		}
	}
}

// oneEach makes an observation of each record.
type oneEach struct {
	opened map[int32][]int64
	err    error // of Apply
}

func (s *oneEach) Open(p int32, next int64) {
	if s.opened != nil {
		s.opened[p] = append(s.opened[p], next)
	}
}

func (s *oneEach) Apply(_ context.Context, b *flow.Batch) error {
	for i := range b.Records {
		b.Add(i, &meteo.Observation{})
	}
	return s.err
}
