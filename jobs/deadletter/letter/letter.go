// Package letter defines the dead letter: what the dead-letter topic holds of a record that a job refused.
package letter

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// What a letter may hold, in bytes: the dead-letter topic accepts more than the value of any other record.
const (
	MaxBytes = 2 << 20 // of the whole letter
	MaxValue = 1 << 20 // of the value of a record of another topic
)

// The headers of a dead letter. The first six are those of Kafka Connect, so that its tools understand them.
const (
	headerTopic     = "__connect.errors.topic"
	headerPartition = "__connect.errors.partition"
	headerOffset    = "__connect.errors.offset"
	headerStage     = "__connect.errors.stage"
	headerReason    = "__connect.errors.exception.class.name"
	headerMessage   = "__connect.errors.exception.message"
	headerTopicID   = "senmeteo.topic_id"
	headerRunID     = "senmeteo.run_id"
	headerAttempt   = "senmeteo.attempt"
	headerCut       = "senmeteo.cut"      // only where the record was cut: its size in bytes
	headerReplayed  = "senmeteo.replayed" // only on the mark of a replay: how the letter was sent back
)

// Letter is a dead letter: the record that a stage refused, byte for byte with its headers, and why. Its identity is Topic with TopicID,
// Partition, Offset and Stage.
type Letter struct {
	Topic     string
	TopicID   string // distinguishes a topic from one that was recreated under its name; "" in letters of versions that did not note it
	Partition int32
	Offset    int64
	Stage     string
	Reason    meteo.Reason
	Message   string
	RunID     string
	Attempt   int // how often it was refused, this time included
	Key       []byte
	Value     []byte
	Headers   []flow.Header // those of the record itself
	Cut       int           // how many bytes a record had that was too large to be kept whole; 0: it is whole
	Replayed  bool          // not a letter but the mark that the letter of this identity was sent back
}

// ID is a dead letter's identity.
type ID struct {
	Topic     string
	TopicID   string
	Partition int32
	Offset    int64
	Stage     string
}

// ID is the letter's identity.
func (l *Letter) ID() ID {
	return ID{l.Topic, l.TopicID, l.Partition, l.Offset, l.Stage}
}

// Of reports whether the letter is of a record of this topic, not of an earlier one of its name; one without TopicID counts as such.
func (l *Letter) Of(t flow.Topic) bool {
	return l.Topic == t.Name && (l.TopicID == t.ID || l.TopicID == "")
}

// Read reads a record of the dead-letter topic.
func Read(r *flow.Record) Letter {
	number := func(key string) int64 {
		n, err := strconv.ParseInt(r.Header(key), 10, 64)
		if err != nil {
			return -1
		}
		return n
	}
	return Letter{
		Topic: r.Header(headerTopic), TopicID: r.Header(headerTopicID),
		Partition: int32(number(headerPartition)), Offset: number(headerOffset),
		Stage: r.Header(headerStage), Reason: meteo.Reason(r.Header(headerReason)),
		Message: r.Header(headerMessage), RunID: r.Header(headerRunID),
		Attempt: int(max(1, number(headerAttempt))), Key: r.Key, Value: r.Value, Headers: foreignHeaders(r),
		Cut: int(max(0, number(headerCut))), Replayed: r.Header(headerReplayed) != "",
	}
}

// New returns the dead letter of a record that a stage refuses. The headers of a record that was replayed
// count how often it was refused before.
func New(topic flow.Topic, stage, runID string, r *flow.Record, refusal *meteo.Refusal) Letter {
	before, err := strconv.Atoi(r.Header(headerAttempt))
	if err != nil || before < 0 {
		before = 0 // never, or somebody else wrote it
	}
	l := Letter{
		Topic: topic.Name, TopicID: topic.ID, Partition: r.Partition, Offset: r.Offset, Stage: stage, Reason: refusal.Reason,
		Message: refusal.Detail, RunID: runID, Attempt: min(before, math.MaxInt32) + 1, Key: r.Key, Value: r.Value, Headers: foreignHeaders(r),
	}
	l.fit(r.Whole)
	return l
}

// fit cuts a letter to what the dead-letter topic accepts. Only a record that its producer had compressed can be larger:
// a topic's limit is of the compressed bytes. Whole is the size of a value that was cut already, else 0.
func (l *Letter) fit(whole int) {
	size := len(l.Key) + max(len(l.Value), whole)
	for _, h := range l.Headers {
		size += len(h.Key) + len(h.Value) + 16
	}
	const room = 64 << 10 // for this program's headers and the record's frame
	if size <= MaxBytes-room {
		return
	}
	l.Cut = size
	l.Message = fmt.Sprintf("%.1000s (cut: the record has %d bytes of key, value and headers)", l.Message, size)
	l.Key, l.Value, l.Headers = l.Key[:min(len(l.Key), 1<<10)], l.Value[:min(len(l.Value), MaxValue)], nil
}

// foreignHeaders are a record's headers without those of a dead letter and of a replay.
func foreignHeaders(r *flow.Record) []flow.Header {
	var out []flow.Header
	for _, h := range r.Headers {
		if !strings.HasPrefix(h.Key, "__connect.errors.") && !strings.HasPrefix(h.Key, "senmeteo.") {
			out = append(out, h)
		}
	}
	return out
}

// Encode returns the headers of the letter in the dead-letter topic, beside its key and value: its own first, then those of
// the record.
func (l *Letter) Encode() []flow.Header {
	own := append(l.identity(l.RunID), textHeader(headerReason, string(l.Reason)), textHeader(headerMessage, l.Message))
	if l.Cut > 0 {
		own = append(own, textHeader(headerCut, strconv.Itoa(l.Cut)))
	}
	return append(own, l.Headers...)
}

// Mark returns the headers of the mark, a record without a value, that a run has sent the letter back, repaired or not.
func (l *Letter) Mark(runID string, repaired bool) []flow.Header {
	how := "as it was"
	if repaired {
		how = "repaired"
	}
	return append(l.identity(runID), textHeader(headerReplayed, how))
}

// Returning returns the headers of the record on its way back to the job that refused it: its own, and how often it was
// refused. With a stage it is for the one job of that name.
func (l *Letter) Returning(stage string) []flow.Header {
	own := []flow.Header{textHeader(headerAttempt, strconv.Itoa(l.Attempt))}
	if stage != "" {
		own = append(own, textHeader(flow.HeaderStage, stage))
	}
	return append(own, l.Headers...)
}

// identity are the headers that say which letter it is, of which run and attempt.
func (l *Letter) identity(runID string) []flow.Header {
	out := []flow.Header{
		textHeader(headerTopic, l.Topic),
		textHeader(headerPartition, strconv.Itoa(int(l.Partition))),
		textHeader(headerOffset, strconv.FormatInt(l.Offset, 10)),
		textHeader(headerStage, l.Stage),
		textHeader(headerRunID, runID),
		textHeader(headerAttempt, strconv.Itoa(l.Attempt)),
	}
	if l.TopicID != "" {
		out = append(out, textHeader(headerTopicID, l.TopicID))
	}
	return out
}

func textHeader(key, value string) flow.Header { return flow.Header{Key: key, Value: []byte(value)} }
