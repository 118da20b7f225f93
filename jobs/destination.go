package main

import (
	"bufio"
	"context"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
)

// destination is where fetched readings go.
type destination interface {
	put(ctx context.Context, item *flow.Item) error
	// finish makes everything durable and returns how many records that are.
	finish(ctx context.Context) (int64, error)
	// abandon gives up what is not finished.
	abandon()
}

func openDestination(ctx context.Context, c *cli.Context, j *job) (destination, error) {
	switch {
	case c.Bool("dry-run"):
		return &screen{out: bufio.NewWriter(j.stdout)}, nil
	case c.Path("out") != "":
		f, err := formatOf(c.Path("out"))
		if err != nil {
			return nil, err
		}
		return newOutput(c.Path("out"), f, j)
	}
	cfg, names, err := kafkaConfig(c, j)
	if err != nil {
		return nil, err
	}
	return newTopicDestination(ctx, cfg, names)
}

// topicDestination sends readings to the raw topic.
type topicDestination struct {
	writer     *kafka.Writer
	topic      string
	partitions int
}

func newTopicDestination(ctx context.Context, cfg kafka.Config, names kafka.Names) (*topicDestination, error) {
	admin, err := kafka.NewAdmin(cfg)
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	topic, err := admin.Topic(ctx, names.Raw())
	if err != nil {
		return nil, err
	}
	w, err := kafka.NewWriter(cfg)
	if err != nil {
		return nil, err
	}
	return &topicDestination{writer: w, topic: topic.Name, partitions: topic.Partitions}, nil
}

func (t *topicDestination) put(ctx context.Context, item *flow.Item) error {
	key, value := item.Key, item.Raw
	if value == nil {
		o := meteo.Observation{Reading: item.Reading}
		key, value = item.Reading.StationID, o.AppendJSON(nil)
	}
	if len(value) > kafka.MaxRawBytes { // the head is enough for a dead letter, which it will be
		value = value[:kafka.MaxRawBytes+1]
	}
	return t.writer.Write(ctx, t.topic, kafka.Partition(key, t.partitions), []byte(key), value, nil)
}

func (t *topicDestination) finish(ctx context.Context) (int64, error) { return t.writer.Flush(ctx) }

func (t *topicDestination) abandon() { t.writer.Close() }

// screen prints readings as JSON Lines.
type screen struct {
	out  *bufio.Writer
	line []byte
	n    int64
}

func (s *screen) put(_ context.Context, item *flow.Item) error {
	if item.Raw != nil {
		return s.print(append(s.line[:0], item.Raw...))
	}
	return s.write(&meteo.Observation{Reading: item.Reading})
}

func (s *screen) write(o *meteo.Observation) error { return s.print(o.AppendJSON(s.line[:0])) }

func (s *screen) print(line []byte) error {
	s.line = append(line, '\n')
	s.n++
	if _, err := s.out.Write(s.line); err != nil {
		return flow.Fail(flow.CantWrite, "writing to standard output: %w", err)
	}
	return nil
}

func (s *screen) finish(context.Context) (int64, error) {
	if err := s.out.Flush(); err != nil {
		return s.n, flow.Fail(flow.CantWrite, "writing to standard output: %w", err)
	}
	return s.n, nil
}

func (s *screen) abandon() {}
