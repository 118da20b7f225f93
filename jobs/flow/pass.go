package flow

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// pass is one reading of the partitions at work, from the offsets that the store gives. It ends when all are
// done, when the context ends, or at the first error.
type pass struct {
	cfg      *Config
	feed     Feed
	steps    []Step
	sink     Sink
	progress *progress
	ends     Offsets // the run's: its partitions, each with the offset to stop before

	ctx     context.Context // ends with the run's context or at the first failed commit
	pool    *committers
	parts   map[int32]*part
	undone  int       // how many of the parts are to be read further
	waiting int       // bytes of the records in all parts
	due     time.Time // when following: before this no part has waited long enough; zero when nothing waits
	reached bool      // everything that the pass is for was read and submitted
	failure error     // of the first partition that can't be read further; the others go on to their ends
}

// part is one partition of a pass.
type part struct {
	next    int64 // where the next batch starts
	pos     int64 // one past what was read, transaction markers included
	end     int64 // stop before this offset
	records []Record
	bytes   int
	since   time.Time // when the first record came that is read and not submitted; without one, when the offset first moved
	done    bool
}

// aliveEvery is how many events show progress once.
const aliveEvery = 100

// run reads until there is no more to do.
func (p *pass) run() error {
	maps.DeleteFunc(p.ends, func(partition int32, _ int64) bool { return p.progress.isLost(partition) })
	if len(p.ends) > 0 {
		from, err := p.acquire(slices.Sorted(maps.Keys(p.ends)))
		if err != nil {
			return err
		}
		if err := p.feed.Start(p.ctx, from); err != nil {
			return err
		}
	}
	for n := 0; p.ctx.Err() == nil; n++ {
		if p.limitReached() {
			p.flushAll()
			p.reached = p.ctx.Err() == nil // else a batch may have been abandoned
			return p.failure
		}
		if p.bounded() && p.undone == 0 {
			p.reached = true
			return p.failure
		}
		ev, err := p.feed.Poll(p.rest())
		if err != nil {
			return err
		}
		if (ev == nil || n%aliveEvery == 0) && p.pool.idle() { // else only a commit's end shows progress
			p.cfg.Alive()
		}
		if err := p.handle(ev); err != nil {
			return err
		}
		p.flushWhatIsDue()
	}
	return nil
}

func (p *pass) handle(ev Event) error {
	switch ev := ev.(type) {
	case *Record:
		p.add(ev)
	case AtEnd:
		if part := p.parts[ev.Partition]; part != nil {
			p.moveTo(part, max(part.pos, ev.Offset))
			p.flushIfDone(ev.Partition, part)
		}
	case Unreadable:
		if part := p.parts[ev.Partition]; part != nil {
			return p.stop(ev, part)
		}
	}
	return nil
}

// bounded reports whether the pass has an end: a run that follows has one when a partition can't be read further.
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
	p.flushIfDone(why.Partition, part)
	return nil
}

func (p *pass) endAtBounds() error {
	bounds, err := p.feed.Bounds(p.ctx)
	if err != nil {
		return err
	}
	for partition, part := range p.parts {
		part.end = max(part.pos, bounds[partition].End)
		p.flushIfDone(partition, part)
	}
	return nil
}

// acquire acquires partitions and returns where to read each from.
func (p *pass) acquire(partitions []int32) (Offsets, error) {
	stored, err := p.acquireAll(partitions)
	if err != nil {
		return nil, err
	}
	bounds, err := p.feed.Bounds(p.ctx) // after what is stored: a rival may have come further than the topic's end was before
	if err != nil {
		return nil, err
	}
	from := Offsets{}
	for _, partition := range partitions {
		next, err := startingOffset(p.cfg, partition, stored[partition], bounds[partition])
		if err != nil {
			return nil, err
		}
		p.progress.acquired(partition, next)
		end := p.ends[partition]
		if p.failure != nil {
			end = min(end, bounds[partition].End)
		}
		if next >= end {
			continue // another run has stored it
		}
		for _, s := range p.steps {
			s.Open(partition, next)
		}
		p.parts[partition] = &part{next: next, pos: next, end: end}
		p.undone++
		from[partition] = max(next, bounds[partition].First)
	}
	return from, nil
}

// acquireAll acquires all partitions at the same time: most of it is waiting for answers.
func (p *pass) acquireAll(partitions []int32) (Offsets, error) {
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

// drop forgets what was read of a partition and not submitted yet.
func (p *pass) drop(partition int32) {
	if part := p.parts[partition]; part != nil {
		p.waiting -= part.bytes
		delete(p.parts, partition)
		if !part.done {
			p.undone--
		}
	}
}

// add puts a record into its partition's batch.
func (p *pass) add(rec *Record) {
	part := p.parts[rec.Partition]
	if part == nil || part.done || rec.Offset < part.pos {
		return // the partition is not this run's any more
	}
	if rec.Offset >= part.end {
		part.pos = part.end
		p.flushIfDone(rec.Partition, part)
		return
	}
	first := len(part.records) == 0
	if first {
		part.records = p.pool.spares.forRecords()
	}
	part.records = append(part.records, *rec)
	part.pos = rec.Offset + 1
	part.bytes += rec.Size()
	if first {
		part.since = time.Now()
		p.awaits(part)
	}
	p.waiting += rec.Size()
	switch {
	case part.pos >= part.end:
		p.flushIfDone(rec.Partition, part)
	case len(part.records) >= p.cfg.BatchRecords || part.bytes >= p.cfg.BatchBytes:
		p.flush(rec.Partition, part)
	case p.waiting >= 2*p.cfg.BatchBytes:
		p.flushHeaviest()
	}
}

// moveTo sets the offset up to which a partition was read, past records that are not visible.
func (p *pass) moveTo(part *part, pos int64) {
	if part.pos == part.next && pos > part.pos {
		part.since = time.Now()
		p.awaits(part)
	}
	part.pos = pos
}

// longestLinger is how long a record waits at the most while commits are slow, where Config.Linger is less.
const longestLinger = 500 * time.Millisecond

// linger is how long a part waits before it is submitted. A record waits for Config.Linger, and longer while the commits of all
// partitions would fill more than half of it. An offset alone, which has moved past a transaction marker, waits for the next record
// to be committed with, but no longer than longestLinger: else each batch would be two commits.
func (p *pass) linger(part *part) time.Duration {
	if len(part.records) == 0 {
		return max(p.cfg.Linger, longestLinger)
	}
	round := p.pool.usual() * time.Duration(len(p.parts)) / time.Duration(p.cfg.Committers) // of all partitions
	return max(p.cfg.Linger, min(2*round, longestLinger))
}

// awaits notes when a part will have waited long enough.
func (p *pass) awaits(part *part) {
	if due := part.since.Add(p.linger(part)); p.due.IsZero() || due.Before(p.due) {
		p.due = due
	}
}

func (p *pass) limitReached() bool {
	if p.cfg.MaxRecords == 0 {
		return false
	}
	n := p.progress.read()
	for _, part := range p.parts {
		n += int64(len(part.records))
	}
	return n >= p.cfg.MaxRecords
}

// flushIfDone submits the last batch of a partition that has been read to its end.
func (p *pass) flushIfDone(partition int32, part *part) {
	if part.pos < part.end || part.done {
		return
	}
	part.pos = part.end
	part.done = true
	p.undone--
	p.flush(partition, part)
}

// committerPoll is how often a batch that is due is offered again while all committers are busy.
const committerPoll = 2 * time.Millisecond

// flushWhatIsDue submits, when following, the batches that have waited long enough, the oldest first. One may hold only a transaction
// marker: the store's offset moves past it, so that the partition shows no lag. Where all committers are busy, a batch waits and
// fills on, and reading goes on.
func (p *pass) flushWhatIsDue() {
	if !p.cfg.Follow || p.due.IsZero() || time.Now().Before(p.due) {
		return
	}
	p.due = time.Time{}
	var due []int32
	for partition, part := range p.parts {
		switch {
		case part.pos == part.next:
		case time.Since(part.since) >= p.linger(part):
			due = append(due, partition)
		default:
			p.awaits(part)
		}
	}
	slices.SortFunc(due, func(a, b int32) int { return p.parts[a].since.Compare(p.parts[b].since) })
	for _, partition := range due {
		if !p.offer(partition, p.parts[partition]) {
			p.due = time.Now().Add(committerPoll)
		}
	}
}

// rest is how long the next poll may wait: until something is due, but long enough to rest and short enough to notice a signal.
func (p *pass) rest() time.Duration {
	const longest = 100 * time.Millisecond
	if !p.cfg.Follow || p.due.IsZero() {
		return longest
	}
	return min(longest, max(time.Millisecond, time.Until(p.due)))
}

func (p *pass) flushHeaviest() {
	var partition int32
	var heaviest *part
	for n, part := range p.parts {
		if heaviest == nil || part.bytes > heaviest.bytes {
			partition, heaviest = n, part
		}
	}
	p.flush(partition, heaviest)
}

func (p *pass) flushAll() {
	for _, partition := range slices.Sorted(maps.Keys(p.parts)) {
		p.flush(partition, p.parts[partition])
	}
}

// flush submits what was read of a partition, for which it may wait for a committer.
func (p *pass) flush(partition int32, part *part) {
	if part.pos == part.next || p.dropLost(partition) {
		return
	}
	b := part.batch(partition)
	p.submitted(part)
	p.pool.submit(p.ctx, b)
}

// offer submits what was read of a partition if the committers have a place for it. It reports false when the part is still there.
func (p *pass) offer(partition int32, part *part) bool {
	if p.dropLost(partition) {
		return true
	}
	if !p.pool.offer(part.batch(partition)) {
		return false
	}
	p.submitted(part)
	return true
}

// dropLost forgets a partition that another run has acquired. It reports whether it did.
func (p *pass) dropLost(partition int32) bool {
	lost := p.progress.isLost(partition)
	if lost {
		p.drop(partition)
	}
	return lost
}

// batch returns what was read of a partition and is not submitted.
func (p *part) batch(partition int32) *Batch {
	return &Batch{Partition: partition, Start: p.next, End: p.pos, Records: p.records}
}

// submitted empties a part whose batch the committers have.
func (p *pass) submitted(part *part) {
	p.waiting -= part.bytes
	part.next, part.records, part.bytes = part.pos, nil, 0
}
