package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/kafka"
)

// fetchJob is `fetch generate` into an empty raw topic.
func fetchJob() job {
	return job{name: "fetch", needs: []string{needsKafka}, prepare: func(ctx context.Context, r *runner) (int64, []contender, error) {
		readings, err := r.raw(ctx)
		if err != nil {
			return 0, nil, err
		}
		path := filepath.Join(r.Dir, "raw.records")
		if err := r.Servers.save(ctx, r.names.Raw(), path); err != nil {
			return 0, nil, err
		}
		made := kafka.Names{Prefix: r.Prefix + "fetch"}
		all := append(r.builds(r.emptyTopics(made), r.generate("--topic-prefix", made.Prefix)...),
			r.limit(r.emptyTopics(made), "fetch", "-brokers", r.Servers.Brokers, "-to", made.Raw(), "-file", path))
		return readings, all, nil
	}}
}

// save writes the partitions, keys and values of a topic's records to a file.
func (s Servers) save(ctx context.Context, topic, path string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	var head []byte
	err = s.consume(ctx, topic, func(m *ck.Message) error {
		head = binary.AppendUvarint(head[:0], uint64(m.TopicPartition.Partition))
		head = binary.AppendUvarint(head, uint64(len(m.Key)))
		head = binary.AppendUvarint(head, uint64(len(m.Value)))
		_, err := w.Write(head)
		for _, part := range [][]byte{m.Key, m.Value} {
			if err == nil {
				_, err = w.Write(part)
			}
		}
		return err
	})
	return errors.Join(err, w.Flush(), f.Close())
}

// saved calls use for every record in a file of save.
func saved(path string, use func(partition int32, key, value []byte) error) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	r := bufio.NewReaderSize(f, 1<<20)
	for {
		var head [3]uint64
		for i := range head {
			if head[i], err = binary.ReadUvarint(r); err != nil {
				if i == 0 && errors.Is(err, io.EOF) {
					return nil
				}
				return fmt.Errorf("reading %s: %w", path, err)
			}
		}
		text := make([]byte, head[1]+head[2])
		if _, err := io.ReadFull(r, text); err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		if err := use(int32(head[0]), text[:head[1]], text[head[1]:]); err != nil {
			return err
		}
	}
}

// fetchLimit produces the records of a file.
func fetchLimit(ctx context.Context, args []string) (records int64, err error) {
	var s Servers
	var to, path string
	flags := flag.NewFlagSet("fetch", flag.ContinueOnError)
	flags.StringVar(&s.Brokers, "brokers", "", "")
	flags.StringVar(&to, "to", "", "topic to write")
	flags.StringVar(&path, "file", "", "records, see save")
	if err := flags.Parse(args); err != nil {
		return 0, err
	}
	p, err := s.producer(ctx, to, "")
	if err != nil {
		return 0, err
	}
	defer p.Close()
	err = saved(path, func(partition int32, key, value []byte) error {
		records++
		return put(ctx, p, &ck.Message{TopicPartition: ck.TopicPartition{Topic: &to, Partition: partition}, Key: key, Value: value})
	})
	return records, errors.Join(err, drained(ctx, p))
}
