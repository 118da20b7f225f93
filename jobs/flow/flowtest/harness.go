package flowtest

import (
	"testing"

	"senmeteo/jobs/flow"
)

// Partitions is how many partitions the suite uses: 0 to Partitions-1.
const Partitions = 4

// Harness is how the suite uses one kind of store.
type Harness struct {
	// New makes a store that holds nothing. Each case gets its own; t.Cleanup removes it.
	New func(t testing.TB) Store
	// Keeps is what the store should hold of what is committed to it.
	Keeps flow.Reduction
	// Faults are what can go wrong in the middle of a commit or of a taking over.
	Faults []Fault
	// Parallel lets the cases run side by side, for stores whose time is mostly waiting.
	Parallel bool
	// Huge is how many observations the largest batch has (20,000).
	Huge int
}

// Store is one store of a Harness.
type Store interface {
	// Open opens a sink as a new run of the job does. Several may be open: two runs at the same time. The suite closes
	// those that it does not leave behind as a killed process would; t.Cleanup should close the others.
	Open(t testing.TB) flow.Sink
	// Stored reads back, without a sink and by the store's own means, what readers of the store see.
	Stored(t testing.TB) Stored
}

// Stored is the content of a store.
type Stored struct {
	Rows []Row        // in any order; what is there twice is here twice
	Next flow.Offsets // the next offset of each partition
}

// Fault makes one commit go wrong, or the taking over of a partition.
type Fault struct {
	Name string // as a sentence: "the answer to the commit is lost"
	// Taking says that the sink's next Acquire meets the fault, and not its next Commit.
	Taking bool
	// Arm lets the sink meet the fault. The sink is one of Store.Open.
	Arm func(t testing.TB, s flow.Sink)
}
