package flow

import (
	"slices"
	"time"

	"senmeteo/jobs/meteo"
)

// Header is one header of a Kafka record.
type Header struct {
	Key   string
	Value []byte
}

// The headers of a record of the clean topic, so that a sink need not decode its value.
const (
	HeaderID   = "id"   // the observation's id: 32 hexadecimal digits
	HeaderDate = "date" // of observed_at in UTC, YYYY-MM-DD
)

// HeaderStage marks a record of the clean topic that came back from the dead letters: it is for the job of this name
// alone ("to-es"), which refused it before. For everybody else it is a repetition.
const HeaderStage = "senmeteo.stage"

// HeaderVerdict marks a record of the raw topic that holds a verdict on an observation that is clean already, instead of a reading: its value
// is that observation, with the rules that it fails. The header's value is who judged it ("review").
const HeaderVerdict = "senmeteo.verdict"

// Header returns the value of a record's first header of this name; "" when there is none.
func (r *Record) Header(key string) string {
	for _, h := range r.Headers {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}

// Record is one record of a topic.
type Record struct {
	Partition int32
	Offset    int64
	Key       []byte
	Value     []byte
	Headers   []Header
	Time      time.Time // when it arrived at the broker
	Whole     int       // of a value that the feed has cut, as it is too large for any use: its size in bytes; else 0
}

// Size is the record's weight in memory, in bytes.
func (r *Record) Size() int { return len(r.Key) + len(r.Value) + 96 }

// Offsets maps partitions to the next offset to deliver.
type Offsets map[int32]int64

// Bounds are the offsets that a partition holds.
type Bounds struct {
	First int64 // the first that retention has kept
	End   int64 // one past the last record that a read_committed reader may see
	High  int64 // one past the last record; above End while a transaction is open
}

// Batch is what one commit stores: records of one partition, without a gap, and what the steps made
// of them. Each record of [Start, End) is in Records, or was a transaction marker,
// or was compacted away, or is lost and the run may go on without it (Config.SkipLost).
type Batch struct {
	Partition int32
	Start     int64 // the sink's next offset before this batch
	End       int64 // the sink's next offset after it
	Records   []Record

	// What the steps make of the records:
	Observations []meteo.Observation // to be stored, in the order of their records
	Origin       []int               // for each observation the index of its record
	Rejects      []Reject            // to be kept as dead letters
	Reroutes     []Reroute           // to be sent to their right partition
	Duplicates   int64               // known already, with the same or newer values
	Expanded     int64               // readings beyond the first of records that held several
	Verdicts     int64               // the Observations that are verdicts
	Stale        int64               // the Duplicates that are verdicts: on an observation that is forgotten, or has another revision now
}

// Reject is a record that can't be used.
type Reject struct {
	Record  int // index in Batch.Records
	Refusal *meteo.Refusal
}

// Reroute is a record on its way to the partition of its station.
type Reroute struct {
	Partition int32
	Key       []byte
	Value     []byte
	Headers   []Header
}

// MakeRoom makes room for an observation of each record. A step that adds most of them calls it first.
func (b *Batch) MakeRoom() {
	b.Observations = slices.Grow(b.Observations[:0], len(b.Records))
	b.Origin = slices.Grow(b.Origin[:0], len(b.Records))
}

// Add puts an observation into the batch that was made of the record with this index.
func (b *Batch) Add(record int, o *meteo.Observation) {
	b.Observations = append(b.Observations, *o)
	b.Origin = append(b.Origin, record)
}

// Reject notes that a record can't be used. A record counts once, for its first refusal.
func (b *Batch) Reject(record int, refusal *meteo.Refusal) {
	if n := len(b.Rejects); n > 0 && b.Rejects[n-1].Record == record {
		return
	}
	b.Rejects = append(b.Rejects, Reject{Record: record, Refusal: refusal})
}

// LastRevisions returns the indexes of the observations that a store of last revisions keeps of the batch, in the batch's order: of
// each id what was fetched last.
func (b *Batch) LastRevisions() []int { return LastRevision.Kept(b.Observations) }

// Outcome counts what a commit did. The rejects that the steps found are not in it.
type Outcome struct {
	Written    int64
	Duplicates int64 // found by the store: the same or an older revision was to be written
	Rejected   int64 // refused by the store and kept beside the data or as dead letters
}
