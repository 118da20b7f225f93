package flow

import (
	"context"
	"time"
)

// Sink is a store that keeps a batch together with the offsets it came from.
//
// Run calls Resume once, then Acquire for each partition that it is to write, several at the same time, then Commit for that
// partition's batches in their order, one at a time; different partitions may be committed at the same time.
// After ErrRestart from Commit it calls Acquire again before that partition's next Commit, and before that of any other that
// had not begun yet.
type Sink interface {
	// Resume returns the next offset of each partition, from the store itself; a partition that was never stored
	// is absent. It completes what an earlier run had committed but not finished. It is cheap, opens nothing
	// and fences nobody: a run that finds nothing to do ends after it. A sink that is told to start again with a topic
	// that was recreated commits here that all partitions do, so that later runs need not be told.
	Resume(ctx context.Context) (Offsets, error)
	// Acquire makes this writer the only one of a partition: it settles or fences off what another left open, and then
	// returns the next offset, or -1 when the partition was never stored.
	Acquire(ctx context.Context, partition int32) (int64, error)
	// Commit makes the batch and its End durable as one step, or changes nothing. After an unknown result it asks
	// the store which of the two happened. Errors: ErrRestart (the batch may or may not be stored; Acquire finds out),
	// ErrFenced (another writer acquired the partition), a *Failure otherwise. Once it returns nil,
	// the batch's slices are used for other batches: it keeps none of them, but may keep what they refer to, such as values.
	Commit(ctx context.Context, b *Batch) (Outcome, error)
	// Release gives up a partition that another member of the consumer group will acquire.
	Release(partition int32)
	Close() error
}

// Step works on a batch before it is committed. The batches of one partition are stepped one at a time and in their order; different
// partitions may be at the same time. A batch may be stepped while the one before it is being committed.
type Step interface {
	// Open forgets what the step knows of a partition: its next batch starts at offset next. None of the partition is being stepped.
	Open(partition int32, next int64)
	// Apply turns records into observations, rejects and so on. A defect of a record is not an error.
	Apply(ctx context.Context, b *Batch) error
}

// Feed is a topic as a run reads it.
type Feed interface {
	// Bounds returns what each partition of the topic holds now.
	Bounds(ctx context.Context) (map[int32]Bounds, error)
	// Start reads these partitions from these offsets on, and no others.
	Start(ctx context.Context, from Offsets) error
	// Poll waits a while for the next event; nil means that none came. The event is good until the next call.
	Poll(wait time.Duration) (Event, error)
	// Follow joins the consumer group. Poll then calls g, from the goroutine that polls, when the group's members
	// change, and reads the partitions that g has acquired.
	Follow(ctx context.Context, g Group) error
	// Mark copies how far a partition is stored to where those who watch look for it.
	Mark(partition int32, next int64)
	Close() error
}

// Group is called when the consumer group assigns partitions to this member or revokes them.
type Group interface {
	// Assigned acquires partitions and returns where to read each from.
	Assigned(partitions []int32) (Offsets, error)
	// Revoked gives up partitions; the feed waits for it before another member gets them.
	Revoked(partitions []int32)
}

// Event is what a Feed's Poll returns: *Record, AtEnd or Unreadable.
type Event any

// AtEnd says that a partition has no further record now; the next one will have this offset or a higher one.
type AtEnd struct {
	Partition int32
	Offset    int64
}

// Unreadable says that the next records of a partition are there and can't be read. The feed reads this partition no further.
// A run reads the others to their ends, stores what there was, and ends with the error.
type Unreadable struct {
	Partition int32
	Err       error
}
