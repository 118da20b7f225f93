package broker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

func startBroker(t *testing.T, cfg Config) *Broker {
	t.Helper()
	b, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = b.Close(ctx) // a test that minds closes it itself
	})
	return b
}

func produce(t *testing.T, to endpoint, topic string, partition int32, values ...string) {
	t.Helper()
	p, err := newProducer(to, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, v := range values {
		message := &kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: partition}, Value: []byte(v)}
		if err := p.Produce(message, nil); err != nil {
			t.Fatal(err)
		}
	}
	if left := p.Flush(10_000); left > 0 {
		t.Fatalf("%d records were not acknowledged", left)
	}
}

func values(ctx context.Context, t *testing.T, to endpoint, topic string, partition int32) []string {
	t.Helper()
	messages, err := readAll(ctx, to, topic, partition)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range messages {
		all = append(all, string(m.Value))
	}
	return all
}

func describe(ctx context.Context, t *testing.T, to endpoint) (clusterID string, topicIDs map[string]string) {
	t.Helper()
	admin, err := kafka.NewAdminClient(clientConfig(to, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	cluster, err := admin.DescribeCluster(ctx)
	if err != nil {
		t.Fatal(err)
	}
	topics, err := admin.DescribeTopics(ctx, kafka.NewTopicCollectionOfTopicNames([]string{rawTopic, cleanTopic}))
	if err != nil {
		t.Fatal(err)
	}
	topicIDs = make(map[string]string)
	for _, d := range topics.TopicDescriptions {
		topicIDs[d.Name] = fmt.Sprintf("%s with %d partitions", d.TopicID.String(), len(d.Partitions))
	}
	return *cluster.ClusterID, topicIDs
}

func TestBrokerKeepsItsIdentityAndDataOverAnOrderlyRestart(t *testing.T) {
	t.Parallel()
	ctx := testContext(t, time.Minute)
	dir := t.TempDir()
	first := startBroker(t, Config{Dir: dir})
	if err := createTopics(ctx, at(first), DefaultPartitions, rawTopic, cleanTopic); err != nil {
		t.Fatal(err)
	}
	produce(t, at(first), rawTopic, 1, "a", "b")
	if err := (copier{to: at(first), id: "stream.1", partition: 1, batch: 10}).run(ctx, true); err != nil {
		t.Fatal(err)
	}
	clusterID, topicIDs := describe(ctx, t, at(first))
	if err := first.Close(ctx); err != nil {
		t.Fatal(err)
	}

	second := startBroker(t, Config{Dir: dir})
	if got, ids := describe(ctx, t, at(second)); got != clusterID || fmt.Sprint(ids) != fmt.Sprint(topicIDs) {
		t.Errorf("cluster %s, topics %v; before the restart %s, %v", got, ids, clusterID, topicIDs)
	}
	if second.Recovery() != (Recovery{}) {
		t.Errorf("recovered %+v after an orderly end", second.Recovery())
	}
	if got := checkCopied(ctx, t, at(second), 1); got != 2 {
		t.Errorf("%d records after the restart, want 2", got)
	}
	offset, _, err := committed(at(second), 1)
	if err != nil || offset != 2 {
		t.Errorf("committed offset %v, %v; want 2", offset, err)
	}
}

func TestBrokerAbortsAtOnceATransactionThatWasOpenWhenItEnded(t *testing.T) {
	t.Parallel()
	ctx := testContext(t, time.Minute)
	dir := t.TempDir()
	first := startBroker(t, Config{Dir: dir})
	if err := createTopics(ctx, at(first), 1, rawTopic, cleanTopic); err != nil {
		t.Fatal(err)
	}
	p, err := newProducer(at(first), "stream.0")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.InitTransactions(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	topic := cleanTopic
	if err := p.Produce(&kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &topic}, Value: []byte("never")}, nil); err != nil {
		t.Fatal(err)
	}
	if left := p.Flush(10_000); left > 0 {
		t.Fatal("the record was not acknowledged")
	}
	if err := first.Close(ctx); err != nil {
		t.Fatal(err)
	}
	p.Close()

	second := startBroker(t, Config{Dir: dir})
	if got := second.Recovery().TransactionsAborted; got != 1 {
		t.Errorf("%d transactions aborted, want 1", got)
	}
	produce(t, at(second), cleanTopic, 0, "after")
	if got := values(ctx, t, at(second), cleanTopic, 0); fmt.Sprint(got) != "[after]" {
		t.Errorf("a committed reader sees %q, want only what came after", got)
	}
}

func TestBrokerAnswersForAGroupThatNeverWasLikeKafka(t *testing.T) {
	t.Parallel()
	ctx := testContext(t, time.Minute)
	b := startBroker(t, Config{Dir: t.TempDir()})
	if err := createTopics(ctx, at(b), 1, rawTopic); err != nil {
		t.Fatal(err)
	}
	if offset, _, err := committed(at(b), 0); offset != 0 || err != nil {
		t.Errorf("got offset %v, %v; want none and no error", offset, err)
	}
}

func TestBrokerReturnsAPartitionsOffsetWhileOthersHaveTheirsPending(t *testing.T) {
	t.Parallel()
	ctx := testContext(t, time.Minute)
	b := startBroker(t, Config{Dir: t.TempDir()})
	if err := createTopics(ctx, at(b), 2, rawTopic, cleanTopic); err != nil {
		t.Fatal(err)
	}
	produce(t, at(b), rawTopic, 1, "a")
	if err := (copier{to: at(b), id: "stream.1", partition: 1, batch: 10}).run(ctx, true); err != nil {
		t.Fatal(err)
	}
	busy, err := newProducer(at(b), "stream.0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	if err := busy.InitTransactions(ctx); err != nil {
		t.Fatal(err)
	}
	if err := busy.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	group, err := kafka.NewTestConsumerGroupMetadata(copyGroup)
	if err != nil {
		t.Fatal(err)
	}
	topic := rawTopic
	if err := busy.SendOffsetsToTransaction(ctx, []kafka.TopicPartition{{Topic: &topic, Partition: 0, Offset: 0}}, group); err != nil {
		t.Fatal(err)
	}
	if offset, _, err := committed(at(b), 1); offset != 1 || err != nil {
		t.Errorf("got offset %v, %v; want 1", offset, err)
	}
}

func TestBrokerKeepsWithinItsRetentionAndNeverForgetsWhereItWas(t *testing.T) {
	t.Parallel()
	ctx := testContext(t, time.Minute)
	dir := t.TempDir()
	b := startBroker(t, Config{Dir: dir, RetentionBytes: minRetentionBytes})
	if err := createTopics(ctx, at(b), 1, rawTopic); err != nil {
		t.Fatal(err)
	}
	const records = 30_000
	batch := make([]string, records)
	for i := range batch {
		batch[i] = fmt.Sprintf("%0600d", i)
	}
	produce(t, at(b), rawTopic, 0, batch...)
	b.cluster.ApplyRetention()
	size := folderSize(t, dir)
	if limit := int64(minRetentionBytes + 2*minRetentionBytes/segmentsRetained); size > limit {
		t.Errorf("%d bytes on disk, want at most %d", size, limit)
	}
	if err := b.Close(ctx); err != nil {
		t.Fatal(err)
	}
	b = startBroker(t, Config{Dir: dir, RetentionBytes: minRetentionBytes})
	low, high := watermarks(t, at(b), rawTopic)
	if high != records || low == 0 {
		t.Errorf("offsets %d to %d after retention and restart, want some to %d", low, high, records)
	}
}

func watermarks(t *testing.T, to endpoint, topic string) (low, high int64) {
	t.Helper()
	c, err := newReader(to, topic, 0, kafka.OffsetEnd)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	low, high, err = c.QueryWatermarkOffsets(topic, 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return low, high
}

func folderSize(t *testing.T, dir string) (size int64) {
	t.Helper()
	err := filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}

func TestBrokerIgnoresTopicSettingsThatCouldEmptyAPartition(t *testing.T) {
	t.Parallel()
	ctx := testContext(t, time.Minute)
	b := startBroker(t, Config{Dir: t.TempDir()})
	admin, err := kafka.NewAdminClient(clientConfig(at(b), nil))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	_, err = admin.CreateTopics(ctx, []kafka.TopicSpecification{{
		Topic: rawTopic, NumPartitions: 1, ReplicationFactor: 1,
		Config: map[string]string{"retention.ms": "1", "cleanup.policy": "compact", "message.timestamp.type": "LogAppendTime"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	produce(t, at(b), rawTopic, 0, "kept")
	b.cluster.ApplyRetention()
	if got := values(ctx, t, at(b), rawTopic, 0); fmt.Sprint(got) != "[kept]" {
		t.Errorf("read %q, want the record that was written", got)
	}
}

func TestBrokerFindsOffsetsByTime(t *testing.T) {
	t.Parallel()
	ctx := testContext(t, time.Minute)
	b := startBroker(t, Config{Dir: t.TempDir()})
	if err := createTopics(ctx, at(b), 1, rawTopic); err != nil {
		t.Fatal(err)
	}
	produce(t, at(b), rawTopic, 0, "a", "b")
	messages, err := readAll(ctx, at(b), rawTopic, 0)
	if err != nil {
		t.Fatal(err)
	}
	c, err := newReader(at(b), rawTopic, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	topic := rawTopic
	for _, tt := range []struct {
		name string
		at   time.Time
		want kafka.Offset
	}{
		{"before the first record", messages[0].Timestamp.Add(-time.Hour), 0},
		{"after the last record", messages[1].Timestamp.Add(time.Hour), kafka.OffsetEnd},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := c.OffsetsForTimes([]kafka.TopicPartition{{Topic: &topic, Offset: kafka.Offset(tt.at.UnixMilli())}}, 10_000)
			if err != nil || got[0].Offset != tt.want {
				t.Errorf("got %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestBrokerStopsAnsweringWhenItCannotWrite(t *testing.T) {
	t.Parallel()
	ctx := testContext(t, time.Minute)
	dir := t.TempDir()
	b := startBroker(t, Config{Dir: dir})
	if err := createTopics(ctx, at(b), 1, rawTopic, cleanTopic); err != nil {
		t.Fatal(err)
	}
	produce(t, at(b), rawTopic, 0, "a")
	path := filepath.Join(dir, groupsLog)
	if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o755)); err != nil { // a file that can't be opened
		t.Fatal(err)
	}
	copyCtx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	go func() { _ = copier{to: at(b), id: "stream.0", batch: 10}.run(copyCtx, true) }()
	select {
	case <-b.Failed():
	case <-ctx.Done():
		t.Fatal("the broker went on without writing")
	}
	if b.Err() == nil {
		t.Error("no reason given")
	}
	<-copyCtx.Done()
	if err := b.Close(ctx); err == nil {
		t.Error("Close hides the failure")
	}

	// The commit was not answered; its intent completes it now.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	b = startBroker(t, Config{Dir: dir})
	if err := (copier{to: at(b), id: "stream.0", batch: 10}).run(ctx, true); err != nil {
		t.Fatal(err)
	}
	if got := checkCopied(ctx, t, at(b), 0); got != 1 {
		t.Errorf("%d records, want 1", got)
	}
}

func TestBrokerServesNobodyButThisProcess(t *testing.T) {
	t.Parallel()
	b := startBroker(t, Config{Dir: t.TempDir()})
	other := startBroker(t, Config{Dir: t.TempDir()})
	stranger := at(other)
	stranger["bootstrap.servers"] = b.Addr()
	impostor := at(b)
	delete(impostor, "ssl.certificate.pem")
	delete(impostor, "ssl.key.pem")
	for _, tt := range []struct {
		name   string
		to     endpoint
		served bool
	}{
		{"its own clients", at(b), true},
		{"a client without TLS", endpoint{"bootstrap.servers": b.Addr()}, false},
		{"a client of another process", stranger, false},
		{"a client that has no certificate", impostor, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			admin, err := kafka.NewAdminClient(clientConfig(tt.to, nil))
			if err != nil {
				t.Fatal(err)
			}
			defer admin.Close()
			_, err = admin.GetMetadata(nil, true, 1000)
			if served := err == nil; served != tt.served {
				t.Errorf("served: %v (%v)", served, err)
			}
		})
	}
	if host, _, err := net.SplitHostPort(b.Addr()); host != "127.0.0.1" {
		t.Errorf("it listens on %s, %v", b.Addr(), err)
	}
}
