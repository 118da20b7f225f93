package kafka

import (
	"log/slog"
	"sync"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/flow"
)

// groupOffsets copies how far partitions are stored into the consumer group's offsets, beside the work: a copy
// that fails or comes late costs nothing.
type groupOffsets struct {
	topic    string
	consumer *ck.Consumer
	log      *slog.Logger
	wake     chan struct{}
	ended    chan struct{}

	mu   sync.Mutex
	next flow.Offsets
}

func startGroupOffsets(log *slog.Logger, c *ck.Consumer, topic string) *groupOffsets {
	m := &groupOffsets{topic: topic, consumer: c, log: log, wake: make(chan struct{}, 1), ended: make(chan struct{}), next: flow.Offsets{}}
	go func() {
		defer close(m.ended)
		for range m.wake {
			m.commit()
		}
	}()
	return m
}

func (m *groupOffsets) set(partition int32, next int64) {
	m.mu.Lock()
	m.next[partition] = next
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default: // the goroutine is about to look anyway
	}
}

func (m *groupOffsets) commit() {
	m.mu.Lock()
	next := m.next
	m.next = flow.Offsets{}
	m.mu.Unlock()
	if len(next) == 0 {
		return
	}
	if _, err := m.consumer.CommitOffsets(assignment(m.topic, next)); err != nil {
		m.log.Debug("could not copy positions into the consumer group", "error", err)
	}
}

// stop makes the last copy.
func (m *groupOffsets) stop() {
	close(m.wake)
	<-m.ended
}
