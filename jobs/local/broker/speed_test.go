package broker

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// BenchmarkBroker measures what `up` asks of its broker: records of 300 bytes
// produced to one partition, and copied from there in transactions of 5,000
// with their offsets.
func BenchmarkBroker(b *testing.B) {
	const records, batch = 50_000, 5_000
	value := []byte(strings.Repeat("x", 300))
	for b.Loop() {
		broker, err := Start(b.Context(), Config{Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		if err := createTopics(b.Context(), at(broker), 1, rawTopic, cleanTopic); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		p, err := newProducer(at(broker), "")
		if err != nil {
			b.Fatal(err)
		}
		topic := rawTopic
		for range records {
			if err := p.Produce(&kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &topic}, Value: value}, nil); err != nil {
				b.Fatal(err)
			}
		}
		if left := p.Flush(60_000); left > 0 {
			b.Fatal(fmt.Errorf("%d records were not acknowledged", left))
		}
		produced := time.Now()
		if err := (copier{to: at(broker), id: "stream.0", batch: batch}).run(b.Context(), true); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(records/produced.Sub(start).Seconds(), "produced/s")
		b.ReportMetric(records/time.Since(produced).Seconds(), "copied/s")
		p.Close()
		if err := broker.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
