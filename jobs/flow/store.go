package flow

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"time"

	"senmeteo/jobs/meteo"
)

// Store is a place that keeps the observations of one topic: a Sink, and what can be asked of it. The questions may be
// asked without Resume and while other runs write; they change nothing. Their failures are *Failure.
type Store interface {
	Sink
	// Keeps reports which of the committed observations the store holds.
	Keeps() Reduction
	// Progress returns how far each partition is stored; one of which nothing is stored is absent. Where the store
	// was filled from another topic, the partition has that one's TopicID.
	Progress(ctx context.Context) (map[int32]Progress, error)
	// Revisions calls each with what the store holds of a selection. Those of one id come in the order of their batches
	// (inside a batch by number), so that Revision.Replaces leaves the valid one. An error of each ends the reading and
	// is returned.
	Revisions(ctx context.Context, s Selection, each func(Revision) error) error
	// Sums calls each once for every station and day of a selection of which the store holds something.
	Sums(ctx context.Context, s Selection, each func(DaySum) error) error
	// Refused calls each with the records that the store refused and keeps a note of. One that leaves that to the
	// dead letters calls nobody.
	Refused(ctx context.Context, each func(Refused) error) error
}

// Verifier is a Store that can check its own files or indices. The failure of Verify is Negative and names the first
// thing that is wrong.
type Verifier interface {
	Verify(ctx context.Context) error
}

// Forgetful is a Store that forgets observations some time after they were observed.
type Forgetful interface {
	// KeepsFrom returns the time before which what was observed may be forgotten at this moment. The zero time: nothing is.
	KeepsFrom(now time.Time) time.Time
}

// Compactor is a Store of every revision that can replace those of the days before a time by the last one of each id.
type Compactor interface {
	// Compact replaces them day by day, those of days that need it or of all; what it returns is right also when the
	// error is not nil.
	Compact(ctx context.Context, before time.Time, all bool) (Compaction, error)
}

// Compaction is what a Compactor did.
type Compaction struct {
	Days, FilesBefore, RowsBefore, RowsAfter, BytesBefore, BytesAfter int64
}

// Pruner is a Store that can delete the observations of months that have ended long ago.
type Pruner interface {
	// Prune deletes those of the months (UTC) of observed_at that end at a time or before. What it returns is right also when
	// the error is not nil, and a later call completes what it has left.
	Prune(ctx context.Context, before time.Time) (Pruned, error)
}

// Pruned is what a Pruner deleted.
type Pruned struct {
	Months       []string // YYYY-MM, in their order
	Observations int64
}

// StoreConfig is what a store is opened with.
type StoreConfig struct {
	Settings Settings
	Topic    Topic
	Prefix   string // of the topics: "meteo"
	Job      string // who asks, for the server's own lists: "to-pg"
	RunID    string
	NewTopic bool // start again where the topic was deleted and recreated
	ReadOnly bool // only ask: Open connects to nothing yet and nothing is created, as rights to read are enough
	Logger   *slog.Logger
	// Keep makes dead letters of a batch's Rejects durable. A store calls it before it moves the batch's offset on, with
	// a batch of the same records and what it refused of them, perhaps twice. nil: what is refused ends the run, or is
	// kept by the store alone.
	Keep func(ctx context.Context, b *Batch) error
}

// Settings are the values of a store's options by their names: what the user gave, or the default.
type Settings map[string]string

// StoreKind describes the stores of one package: what the program's list of stores holds.
type StoreKind struct {
	Name    string // "pg": its job is to-pg, and so is the stage in its dead letters
	Title   string // "PostgreSQL"
	Usage   string // of its job, one line
	Options []Option
	Address string // the name of the option that says where the store is
	// How its job loads, where the defaults of Config do not serve.
	BatchRecords, BatchBytes, Committers int
	Linger                               time.Duration
	Compacts                             bool // its stores are Compactors
	Prunes                               bool // they are Pruners
	// Open checks the configuration and connects where that is needed; Close of the store ends it.
	Open func(ctx context.Context, cfg StoreConfig) (Store, error)
	// OpenLetters opens the sink of the dead letters, whose topic is that of the configuration: its job stores them as well. nil: it
	// does not.
	OpenLetters func(ctx context.Context, cfg StoreConfig) (Sink, error)
}

// Job is the name of the job that loads stores of this kind.
func (k *StoreKind) Job() string { return "to-" + k.Name }

// Option is one setting of a StoreKind: a flag of the program, and a variable.
type Option struct {
	Name    string // "pg-url": the flag --pg-url and the variable SENMETEO_PG_URL
	Usage   string // the name of its value in `backquotes`
	Default string
	Form    Form
}

// Form is where the value of an Option comes from.
type Form int

// The forms.
const (
	Plain  Form = iota // what the user wrote
	Secret             // that, or the content of the file that the variable with _FILE names; never shown
	File               // the content of the file that the user named
)

// Progress is how far one partition is stored, and what came of its records since it was first stored.
type Progress struct {
	TopicID                             string
	Next                                int64 // the next offset
	Read, Written, Duplicates, Rejected int64
	UpdatedAt                           time.Time
}

// Selection chooses observations.
type Selection struct {
	StationID string    // "": all
	From, To  time.Time // of observed_at, To not included; the zero time does not limit
}

// Has reports whether an observation is selected.
func (s Selection) Has(stationID string, observedAt time.Time) bool {
	return (s.StationID == "" || s.StationID == stationID) &&
		(s.From.IsZero() || !observedAt.Before(s.From)) && (s.To.IsZero() || observedAt.Before(s.To))
}

// Refused is the origin of a record of the topic that a store refused. The sum distinguishes it from another record that took
// its place in a recreated topic.
type Refused struct {
	Partition int32
	Offset    int64
	Sum       [sha256.Size]byte // of the record's value
}

// Revision identifies one stored revision of an observation.
type Revision struct {
	ID         meteo.ID
	StationID  string
	ObservedAt time.Time
	Number     int64
	FetchedAt  time.Time // counts in whole milliseconds, which every store keeps
}

// RevisionOf returns the revision that an observation is.
func RevisionOf(o *meteo.Observation) Revision {
	return Revision{ID: o.ID, StationID: o.StationID, ObservedAt: o.ObservedAt, Number: o.Revision, FetchedAt: o.FetchedAt}
}

// Replaces reports whether r, which was committed after stored, an earlier revision of the same id, takes its place: as
// meteo.Observation.Replaces does.
func (r Revision) Replaces(stored Revision) bool {
	return r.FetchedAt.UnixMilli() >= stored.FetchedAt.UnixMilli()
}
