package output

import (
	"bufio"
	"context"
	"io"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
)

// Destination takes readings.
type Destination interface {
	// Put takes what a source gives: a reading, or a record that is not one. It does not keep the item.
	Put(ctx context.Context, item *flow.Item) error
	// Finish makes everything durable and returns how many records that are.
	Finish(ctx context.Context) (int64, error)
	// Abandon gives up what is not finished.
	Abandon()
}

// ObservationWriter is a Destination that takes checked observations too.
type ObservationWriter interface {
	Destination
	Write(o *meteo.Observation) error
}

// Topic is the Destination that sends readings to the raw topic.
type Topic struct {
	writer     *kafka.Writer
	name       string
	partitions int
}

// OpenTopic connects to the raw topic.
func OpenTopic(ctx context.Context, cfg kafka.Config, names kafka.Names) (*Topic, error) {
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
	return &Topic{writer: w, name: topic.Name, partitions: topic.Partitions}, nil
}

// Put implements Destination.
func (t *Topic) Put(ctx context.Context, item *flow.Item) error {
	key, value := item.Key, item.Raw
	if value == nil {
		o := meteo.Observation{Reading: item.Reading}
		key, value = item.Reading.StationID, o.AppendJSON(nil)
	}
	if len(value) > kafka.MaxRawBytes { // the head is enough for a dead letter, which it will be
		value = value[:kafka.MaxRawBytes+1]
	}
	return t.writer.Write(ctx, t.name, kafka.Partition(key, t.partitions), []byte(key), value, nil)
}

// Finish implements Destination.
func (t *Topic) Finish(ctx context.Context) (int64, error) { return t.writer.Flush(ctx) }

// Abandon implements Destination.
func (t *Topic) Abandon() { t.writer.Close() }

// Lines is the Destination that prints readings as JSON Lines.
type Lines struct {
	out  *bufio.Writer
	line []byte
	n    int64
	item meteo.Observation // that is being put
}

// NewLines returns a destination that prints to standard output, or what stands for it.
func NewLines(out io.Writer) *Lines { return &Lines{out: bufio.NewWriter(out)} }

// Put implements Destination.
func (l *Lines) Put(_ context.Context, item *flow.Item) error {
	if item.Raw != nil {
		return l.print(append(l.line[:0], item.Raw...))
	}
	l.item.Reading = item.Reading
	return l.Write(&l.item)
}

// Write implements ObservationWriter.
func (l *Lines) Write(o *meteo.Observation) error { return l.print(o.AppendJSON(l.line[:0])) }

func (l *Lines) print(line []byte) error {
	l.line = append(line, '\n')
	l.n++
	if _, err := l.out.Write(l.line); err != nil {
		return Stdout(err)
	}
	return nil
}

// Finish implements Destination.
func (l *Lines) Finish(context.Context) (int64, error) {
	if err := l.out.Flush(); err != nil {
		return l.n, Stdout(err)
	}
	return l.n, nil
}

// Abandon implements Destination. What is printed can't be taken back, so that the last line is completed.
func (l *Lines) Abandon() { _ = l.out.Flush() }
