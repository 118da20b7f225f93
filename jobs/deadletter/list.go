package deadletter

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/pipeline"
)

// List writes the letters that a filter chooses, a Line each; those that were replayed only with all.
func List(ctx context.Context, t pipeline.Topics, filter Filter, all bool, out io.Writer) error {
	letters, err := open(ctx, t, false)
	if err != nil {
		return err
	}
	defer letters.close()
	to, printed := newEncoder(out), 0
	err = letters.each(ctx, filter, func(l *found) error {
		if l.replayed && !all {
			return nil
		}
		if err := to.Encode(lineOf(l)); err != nil {
			return flow.Fail(flow.CantWrite, "writing dead letters: %w", err)
		}
		if printed++; printed == filter.Limit {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func newEncoder(out io.Writer) *json.Encoder {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	return e
}

// Line is a dead letter as `dlq list` prints it, one line of JSON, and as `dlq replay --in` reads it.
type Line struct {
	WrittenAt time.Time    `json:"written_at"`
	Stage     string       `json:"stage"`
	Reason    meteo.Reason `json:"reason"`
	Message   string       `json:"message"`
	Topic     string       `json:"topic"`              // with partition and offset: where the record came from
	TopicID   string       `json:"topic_id,omitempty"` // of the topic as it was then
	Partition int32        `json:"partition"`
	Offset    int64        `json:"offset"`
	RunID     string       `json:"run_id,omitempty"`
	Attempt   int          `json:"attempt"`
	Replayed  bool         `json:"replayed,omitempty"` // it was replayed
	Key       *string      `json:"key,omitempty"`
	KeyB64    []byte       `json:"key_base64,omitempty"` // in place of key where that is not UTF-8
	Value     *string      `json:"value,omitempty"`
	ValueB64  []byte       `json:"value_base64,omitempty"` // in place of value where that is not UTF-8
}

func lineOf(l *found) Line {
	out := Line{
		WrittenAt: l.record.Time.UTC(), Stage: l.Stage, Reason: l.Reason, Message: l.Message, Topic: l.Topic, TopicID: l.TopicID, Partition: l.Partition, Offset: l.Offset,
		RunID: l.RunID, Attempt: l.Attempt, Replayed: l.replayed,
	}
	out.Key, out.KeyB64 = printable(l.Key)
	out.Value, out.ValueB64 = printable(l.Value)
	return out
}

// printable is bytes as text where they are UTF-8; nothing at all when they are absent.
func printable(b []byte) (text *string, other []byte) {
	switch {
	case b == nil:
		return nil, nil
	case utf8.Valid(b):
		s := string(b)
		return &s, nil
	}
	return nil, b
}

// unprinted returns the bytes; ok is false where there are none.
func unprinted(text *string, other []byte) (b []byte, ok bool) {
	if text != nil {
		return []byte(*text), true
	}
	return other, other != nil
}
