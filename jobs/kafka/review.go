package kafka

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/crash"
	"senmeteo/jobs/meteo"
)

// ReviewTopics are the topics as the job `review` uses them: it reads the clean one, sends its verdicts to the raw one, and keeps in
// the offsets of its group how far it has come. Any number of reviews may work at the same time.
type ReviewTopics struct {
	cfg        Config
	names      Names
	runID      string
	admin      *Admin
	raw, clean flow.Topic
	writer     *Writer
	histories  []*History // one for each partition
}

// reviewMark is the text beside a committed offset: a topic that was recreated is another one.
type reviewMark struct {
	Cluster string `json:"cluster"`
	Topic   string `json:"topic"`
	RunID   string `json:"run,omitempty"`
}

// OpenReview connects to the topics.
func OpenReview(ctx context.Context, cfg Config, names Names, runID string) (*ReviewTopics, error) {
	admin, err := NewAdmin(cfg)
	if err != nil {
		return nil, err
	}
	r := &ReviewTopics{cfg: cfg, names: names, runID: runID, admin: admin}
	topics, err := admin.Topics(ctx, names.Raw(), names.Clean())
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	r.raw, r.clean = topics[names.Raw()], topics[names.Clean()]
	for range r.clean.Partitions {
		r.histories = append(r.histories, &History{cfg: cfg, admin: admin, topic: r.clean})
	}
	return r, nil
}

// Bounds returns what each partition of the clean topic holds.
func (r *ReviewTopics) Bounds(ctx context.Context) (map[int32]flow.Bounds, error) {
	return r.admin.Bounds(ctx, r.clean)
}

// Committed returns how far each partition of the clean topic was reviewed; one that never was is absent.
func (r *ReviewTopics) Committed(ctx context.Context) (flow.Offsets, error) {
	found, err := r.admin.committedOffsets(ctx, r.names.Group("review"), []flow.Topic{r.clean}, false)
	if err != nil {
		return nil, err
	}
	out := flow.Offsets{}
	for p, c := range found[r.clean.Name] {
		var mark reviewMark
		if err := json.Unmarshal([]byte(c.metadata), &mark); err != nil || mark.Topic != r.clean.ID || mark.Cluster != r.clean.ClusterID {
			r.cfg.logger().Warn("an offset is not of this topic: reviewing the partition from its newest days", "partition", p, "offset", c.next)
			continue
		}
		out[p] = c.next
	}
	return out, nil
}

// Commit notes how far partitions were reviewed.
func (r *ReviewTopics) Commit(ctx context.Context, next flow.Offsets) error {
	crash.At("review.before-commit")
	text, _ := json.Marshal(reviewMark{r.clean.ClusterID, r.clean.ID, r.runID}) // strings always marshal
	mark := string(text)
	ask := ck.ConsumerGroupTopicPartitions{Group: r.names.Group("review")}
	for p, o := range next {
		ask.Partitions = append(ask.Partitions, ck.TopicPartition{Topic: &r.clean.Name, Partition: p, Offset: ck.Offset(o), Metadata: &mark})
	}
	if err := r.admin.alterGroupOffsets(ctx, ask); err != nil {
		return err
	}
	crash.At("review.after-commit")
	return nil
}

// At returns the offset of the first record of a partition that arrived at t or later; its end when there is none.
func (r *ReviewTopics) At(ctx context.Context, partition int32, t time.Time) (int64, error) {
	at, err := r.admin.since(ctx, r.clean, partition, t)
	if err == nil && at < 0 { // no record is as young
		bounds, err := r.Bounds(ctx)
		return bounds[partition].End, err
	}
	return at, err
}

// Read calls each with the committed records of a partition from one offset up to another that is not above its end, in their order. Different
// partitions may be read at the same time.
func (r *ReviewTopics) Read(ctx context.Context, partition int32, from, end int64, each func(*flow.Record) error) error {
	return r.histories[partition].Between(ctx, partition, from, end, each)
}

// Send sends observations with the failures that were found to the raw topic. They are durable when it returns nil.
func (r *ReviewTopics) Send(ctx context.Context, verdicts []*meteo.Observation) error {
	if r.writer == nil {
		var err error
		if r.writer, err = NewWriter(r.cfg); err != nil {
			return err
		}
	}
	headers := []flow.Header{{Key: flow.HeaderVerdict, Value: []byte("review")}}
	for _, o := range verdicts {
		partition := Partition(o.StationID, r.raw.Partitions)
		if err := r.writer.Write(ctx, r.names.Raw(), partition, []byte(o.StationID), o.AppendJSON(nil), headers); err != nil {
			return err
		}
	}
	if _, err := r.writer.Flush(ctx); err != nil {
		return err
	}
	crash.At("review.after-send")
	return nil
}

// Close ends all connections.
func (r *ReviewTopics) Close() error {
	var errs []error
	for _, h := range r.histories {
		errs = append(errs, h.Close())
	}
	if r.writer != nil {
		r.writer.Close()
	}
	r.admin.Close()
	return errors.Join(errs...)
}
