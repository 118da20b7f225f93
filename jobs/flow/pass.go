package flow

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// pass is one reading of the partitions at work, from where the store says. It ends when all are
// done, when the context ends, or at the first error.
type pass struct {
	*runner
	ctx     context.Context // ends with the run's context or at the first failed commit
	pool    *committers
	parts   map[int32]*part
	waiting int   // bytes of the records in all parts
	reached bool  // everything that the pass is for was read and handed over
	failure error // of the first partition that can't be read on; the others go on to their ends
}

// part is one partition of a pass.
type part struct {
	next    int64 // where the next batch starts
	pos     int64 // one past what was read, transaction markers included
	end     int64 // stop before this offset
	records []Record
	bytes   int
	last    int       // how many records the batch before had: so many are to be expected
	since   time.Time // when the first came of what is read and not handed over
	done    bool
}

func (r *runner) pass(ctx context.Context) error {
	passCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p := &pass{runner: r, ctx: passCtx, parts: map[int32]*part{}}
	p.pool = startCommitters(ctx, cancel, r)
	r.current = p
	err := p.read()
	if commitErr := p.pool.stop(); commitErr != nil {
		return commitErr // it came first and ended the reading
	}
	if ctx.Err() != nil && (err != nil || !p.reached) {
		return r.interrupted(ctx)
	}
	return err
}

// read reads until there is no more to do.
func (p *pass) read() error {
	maps.DeleteFunc(p.ends, func(partition int32, _ int64) bool { return p.isLost(partition) })
	if len(p.ends) > 0 {
		from, err := p.take(slices.Sorted(maps.Keys(p.ends)))
		if err != nil {
			return err
		}
		if err := p.feed.Start(p.ctx, from); err != nil {
			return err
		}
	}
	for p.ctx.Err() == nil {
		if p.limitReached() {
			err := p.flushAll()
			p.reached = p.ctx.Err() == nil // else a batch may have been abandoned
			return cmp.Or(err, p.failure)
		}
		if p.bounded() && p.finished() {
			p.reached = true
			return p.failure
		}
		ev, err := p.feed.Poll(100 * time.Millisecond)
		if err != nil {
			return err
		}
		if p.pool.idle() { // else only a commit's end shows that the run gets on
			p.cfg.Alive()
		}
		if err := p.handle(ev); err != nil {
			return err
		}
		if err := p.flushWhatIsDue(); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) handle(ev Event) error {
	switch ev := ev.(type) {
	case *Record:
		return p.add(ev)
	case AtEnd:
		if part := p.parts[ev.Partition]; part != nil {
			part.moveTo(max(part.pos, ev.Offset))
			return p.flushIfDone(ev.Partition, part)
		}
	case Unreadable:
		if part := p.parts[ev.Partition]; part != nil {
			return p.stop(ev, part)
		}
	}
	return nil
}

// bounded says whether the pass has an end: a run that follows has one when a partition can't be read on.
func (p *pass) bounded() bool { return !p.cfg.Follow || p.failure != nil }

// stop reads a partition no further. A run that follows reads the others up to where they end now.
func (p *pass) stop(why Unreadable, part *part) error {
	if p.failure == nil {
		p.failure = why.Err
		if p.cfg.Follow {
			if err := p.endAtBounds(); err != nil {
				return err
			}
		}
	}
	part.end = part.pos
	return p.flushIfDone(why.Partition, part)
}

func (p *pass) endAtBounds() error {
	bounds, err := p.feed.Bounds(p.ctx)
	if err != nil {
		return err
	}
	for partition, part := range p.parts {
		part.end = max(part.pos, bounds[partition].End)
		if err := p.flushIfDone(partition, part); err != nil {
			return err
		}
	}
	return nil
}

// take takes partitions over and returns where to read each from.
func (p *pass) take(partitions []int32) (Offsets, error) {
	stored, err := p.acquire(partitions)
	if err != nil {
		return nil, err
	}
	bounds, err := p.feed.Bounds(p.ctx) // after what is stored: a rival may have come further than the topic's end was before
	if err != nil {
		return nil, err
	}
	from := Offsets{}
	for _, partition := range partitions {
		next, err := p.startingOffset(partition, stored[partition], bounds[partition])
		if err != nil {
			return nil, err
		}
		p.taken(partition, next)
		end := p.ends[partition]
		if p.failure != nil {
			end = min(end, bounds[partition].End)
		}
		if next >= end {
			continue // another run was quicker
		}
		for _, s := range p.steps {
			s.Open(partition, next)
		}
		p.parts[partition] = &part{next: next, pos: next, end: end}
		from[partition] = max(next, bounds[partition].First)
	}
	return from, nil
}

// acquire takes all partitions over at the same time: most of it is waiting for answers.
func (p *pass) acquire(partitions []int32) (Offsets, error) {
	nexts, errs := make([]int64, len(partitions)), make([]error, len(partitions))
	var all sync.WaitGroup
	for i, partition := range partitions {
		all.Go(func() {
			nexts[i], errs[i] = p.sink.Acquire(p.ctx, partition)
			p.cfg.Alive()
		})
	}
	all.Wait()
	stored := Offsets{}
	for i, partition := range partitions {
		if errs[i] != nil {
			return nil, errs[i]
		}
		stored[partition] = nexts[i]
	}
	return stored, nil
}

// drop forgets what was read of a partition and is not handed over yet.
func (p *pass) drop(partition int32) {
	if part := p.parts[partition]; part != nil {
		p.waiting -= part.bytes
		delete(p.parts, partition)
	}
}

// taken notes where a partition stands when it is taken, and settles what its last commit came to if that was in doubt.
func (p *pass) taken(partition int32, next int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t, ok := p.doubts[partition]; ok {
		delete(p.doubts, partition)
		if t.end == next {
			p.report.add(t, Outcome{Written: t.observations})
		}
	}
	if _, known := p.report.From[partition]; !known {
		p.report.From[partition] = next
	}
	p.report.To[partition] = next
}

// add puts a record into its partition's batch.
func (p *pass) add(rec *Record) error {
	part := p.parts[rec.Partition]
	if part == nil || part.done || rec.Offset < part.pos {
		return nil // not ours any more
	}
	if rec.Offset >= part.end {
		part.pos = part.end
		return p.flushIfDone(rec.Partition, part)
	}
	part.moveTo(rec.Offset + 1)
	if part.records == nil {
		part.records = make([]Record, 0, part.last)
	}
	part.records = append(part.records, *rec)
	part.bytes += rec.Size()
	p.waiting += rec.Size()
	switch {
	case part.pos >= part.end:
		return p.flushIfDone(rec.Partition, part)
	case len(part.records) >= p.cfg.BatchRecords, part.bytes >= p.cfg.BatchBytes:
		return p.flush(rec.Partition, part)
	case p.waiting >= 2*p.cfg.BatchBytes:
		return p.flushHeaviest()
	}
	return nil
}

// moveTo notes that a partition was read up to an offset.
func (p *part) moveTo(pos int64) {
	if p.pos == p.next {
		p.since = time.Now()
	}
	p.pos = pos
}

func (p *pass) finished() bool {
	for _, part := range p.parts {
		if !part.done {
			return false
		}
	}
	return true
}

func (p *pass) limitReached() bool {
	if p.cfg.MaxRecords == 0 {
		return false
	}
	n := p.snapshotRead()
	for _, part := range p.parts {
		n += int64(len(part.records))
	}
	return n >= p.cfg.MaxRecords
}

func (p *pass) snapshotRead() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.report.Read + p.pool.inFlight
}

// flushIfDone hands over the last batch of a partition that has been read to its end.
func (p *pass) flushIfDone(partition int32, part *part) error {
	if part.pos < part.end || part.done {
		return nil
	}
	part.pos = part.end
	part.done = true
	return p.flush(partition, part)
}

// flushWhatIsDue hands over, when following, the batches that have waited long enough. One may hold only a
// transaction marker: the store's offset moves behind it, so that nothing looks late.
func (p *pass) flushWhatIsDue() error {
	if !p.cfg.Follow {
		return nil
	}
	for partition, part := range p.parts {
		if part.pos > part.next && time.Since(part.since) >= p.cfg.Linger {
			if err := p.flush(partition, part); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *pass) flushHeaviest() error {
	var partition int32
	var heaviest *part
	for n, part := range p.parts {
		if heaviest == nil || part.bytes > heaviest.bytes {
			partition, heaviest = n, part
		}
	}
	return p.flush(partition, heaviest)
}

func (p *pass) flushAll() error {
	for _, partition := range slices.Sorted(maps.Keys(p.parts)) {
		if err := p.flush(partition, p.parts[partition]); err != nil {
			return err
		}
	}
	return nil
}

// flush lets the steps work on what a partition has read and hands it to a committer, which may mean to wait for one.
func (p *pass) flush(partition int32, part *part) error {
	if part.pos == part.next {
		return nil
	}
	if p.isLost(partition) {
		p.drop(partition)
		return nil
	}
	b := &Batch{Partition: partition, Start: part.next, End: part.pos, Records: part.records}
	p.waiting -= part.bytes
	part.next, part.last, part.records, part.bytes = part.pos, len(part.records), nil, 0
	for _, s := range p.steps {
		if err := s.Apply(p.ctx, b); err != nil {
			return err
		}
	}
	p.pool.submit(p.ctx, b)
	return nil
}
