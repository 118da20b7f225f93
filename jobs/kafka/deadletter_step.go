package kafka

import (
	"context"

	"senmeteo/jobs/deadletter/letter"
	"senmeteo/jobs/flow"
)

// DeadLetterStep is the last step of a job that reads the clean topic: it keeps what earlier steps refused as dead
// letters before the batch is committed. A batch that is read twice sends them twice, with the same identity.
type DeadLetterStep struct {
	writer            *Writer
	topic             flow.Topic
	dlq, stage, runID string
}

// NewDeadLetterStep returns the step of one stage ("to-pg") that reads a topic.
func NewDeadLetterStep(w *Writer, names Names, topic flow.Topic, stage, runID string) *DeadLetterStep {
	return &DeadLetterStep{writer: w, topic: topic, dlq: names.DLQ(), stage: stage, runID: runID}
}

// Open implements flow.Step.
func (l *DeadLetterStep) Open(int32, int64) {}

// Apply implements flow.Step.
func (l *DeadLetterStep) Apply(ctx context.Context, b *flow.Batch) error {
	for _, r := range b.Rejects {
		letter := letter.New(l.topic, l.stage, l.runID, &b.Records[r.Record], r.Refusal)
		if err := l.writer.Write(ctx, l.dlq, letter.Partition, letter.Key, letter.Value, letter.Encode()); err != nil {
			return err
		}
	}
	if len(b.Rejects) == 0 {
		return nil
	}
	_, err := l.writer.Flush(ctx)
	return err
}
