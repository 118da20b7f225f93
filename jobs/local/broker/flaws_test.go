package broker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// flaw is something that kfake, run as it comes, does otherwise than Kafka, and
// for which this package has a remedy.
type flaw struct {
	name   string
	remedy string // what can go when the flaw is gone
	// isGone reports whether a broker does as Kafka does.
	isGone func(ctx context.Context, t *testing.T, start starter) bool
}

// starter starts a broker with two topics of two partitions on a folder. stop
// ends it in order.
type starter func(t *testing.T, dir string) (to endpoint, stop func())

// ADR 16 lists the same flaws.
var flaws = []flaw{
	{
		"a transaction that a kill left open hides what its producer commits later, or is committed with it",
		"partitionLog.endTransactions and endMarker", openTransactionIsAborted,
	},
	{
		"without its index entry an open transaction's record counts as committed",
		"the indexes in partitionLog.repairSegment", missingIndexEntryIsNoticed,
	},
	{
		"a kill in the middle of a commit keeps half of it",
		"commitGuard, isCurrent and commitOffsets", commitIsOneStep,
	},
	{
		"after a torn entry of a state log, later entries are lost",
		"truncateStateLog", tornEntryIsCutOff,
	},
	{
		"a transaction that was open at an orderly end comes back open and blocks readers",
		"removeSavedState", savedTransactionIsAborted,
	},
	{
		"asking for the offsets of a group that does not exist is an error",
		"answerOffsetFetch", unknownGroupHasNoOffsets,
	},
	{
		"a pending offset of one partition makes readers of the others wait",
		"relaxStability and commitGuard.hasStaged", otherPartitionsAreStable,
	},
	{
		"an answer that is full does not name the aborted transactions of its last partition, whose records then count as committed",
		"limitByPartition", abortedRecordsOfAFullAnswerAreHidden,
	},
}

func TestKfakeHasTheFlawsThatThisPackageRemedies(t *testing.T) {
	t.Parallel()
	for _, f := range flaws {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			ctx := testContext(t, time.Minute)
			if f.isGone(ctx, t, bare) {
				t.Errorf("the kfake of go.mod no longer has this flaw: remove %s, this case and its line in ADR 16", f.remedy)
			}
			if !f.isGone(ctx, t, remedied) {
				t.Errorf("%s do not help", f.remedy)
			}
		})
	}
}

// bare is kfake as it comes.
func bare(t *testing.T, dir string) (to endpoint, stop func()) {
	t.Helper()
	c := startKfake(t, dir)
	return endpoint{"bootstrap.servers": c.ListenAddrs()[0]}, c.Close
}

func startKfake(t *testing.T, dir string, more ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append(more,
		kfake.NumBrokers(1), kfake.SeedTopics(2, rawTopic, cleanTopic), kfake.DataDir(dir), kfake.SyncWrites())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// remedied is kfake with what this package does for it.
func remedied(t *testing.T, dir string) (to endpoint, stop func()) {
	t.Helper()
	b := startBroker(t, Config{Dir: dir})
	if err := createTopics(t.Context(), at(b), 2, rawTopic, cleanTopic); err != nil {
		t.Fatal(err)
	}
	return at(b), func() {
		if err := b.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// killed returns what a kill at this moment would leave of a folder.
func killed(t *testing.T, dir string) string {
	t.Helper()
	left := t.TempDir()
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return left
}

// begin opens a transaction, with a record of the clean topic in it unless the
// value is empty.
func begin(ctx context.Context, t *testing.T, to endpoint, value string) *kafka.Producer {
	t.Helper()
	p, err := newProducer(to, "stream.0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if err := errors.Join(p.InitTransactions(ctx), p.BeginTransaction()); err != nil {
		t.Fatal(err)
	}
	if value == "" {
		return p
	}
	topic := cleanTopic
	if err := p.Produce(&kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &topic}, Value: []byte(value)}, nil); err != nil {
		t.Fatal(err)
	}
	if left := p.Flush(10_000); left > 0 {
		t.Fatal("the record was not acknowledged")
	}
	return p
}

func openTransactionIsAborted(ctx context.Context, t *testing.T, start starter) bool {
	dir := t.TempDir()
	to, _ := start(t, dir)
	begin(ctx, t, to, "never")
	dir = killed(t, dir)
	to, _ = start(t, dir)
	if err := begin(ctx, t, to, "after").CommitTransaction(ctx); err != nil {
		t.Fatal(err)
	}
	once := values(ctx, t, to, cleanTopic, 0)
	to, _ = start(t, killed(t, dir))
	twice := values(ctx, t, to, cleanTopic, 0)
	t.Logf("committed readers see %q after the kill and %q after another", once, twice)
	return fmt.Sprint(once, twice) == "[after] [after]"
}

func missingIndexEntryIsNoticed(ctx context.Context, t *testing.T, start starter) bool {
	dir := t.TempDir()
	to, _ := start(t, dir)
	begin(ctx, t, to, "never")
	dir = killed(t, dir)
	if err := cut(indexEntrySize)(partitionFile(dir, cleanTopic, "0.idx")); err != nil {
		t.Fatal(err)
	}
	to, _ = start(t, dir)
	return len(values(ctx, t, to, cleanTopic, 0)) == 0
}

func commitIsOneStep(ctx context.Context, t *testing.T, start starter) bool {
	dir := t.TempDir()
	to, _ := start(t, dir)
	p := begin(ctx, t, to, "a")
	sendOffset(ctx, t, p, 0)
	if err := p.CommitTransaction(ctx); err != nil {
		t.Fatal(err)
	}
	dir = killed(t, dir)
	for _, name := range []string{producersLog, groupsLog} { // what is written after the markers
		cutLastFrame(t, filepath.Join(dir, name))
	}
	to, _ = start(t, dir)
	records := len(values(ctx, t, to, cleanTopic, 0))
	return (records == 1) == hasOffset(t, to)
}

// sendOffset adds offset 1 of a raw partition to a transaction.
func sendOffset(ctx context.Context, t *testing.T, p *kafka.Producer, partition int32) {
	t.Helper()
	group, err := kafka.NewTestConsumerGroupMetadata(copyGroup)
	if err != nil {
		t.Fatal(err)
	}
	topic := rawTopic
	if err := p.SendOffsetsToTransaction(ctx, []kafka.TopicPartition{{Topic: &topic, Partition: partition, Offset: 1}}, group); err != nil {
		t.Fatal(err)
	}
}

func cutLastFrame(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	frames, _ := readFrames(raw)
	var kept []byte
	for _, frame := range frames[:len(frames)-1] {
		kept = appendFrame(kept, frame)
	}
	if err := os.WriteFile(path, kept, 0o644); err != nil {
		t.Fatal(err)
	}
}

func tornEntryIsCutOff(_ context.Context, t *testing.T, start starter) bool {
	dir := t.TempDir()
	to, _ := start(t, dir)
	if err := commitOffset(to, 1); err != nil {
		t.Fatal(err)
	}
	dir = killed(t, dir)
	if err := add([]byte{40, 0, 0, 0, 1, 2})(filepath.Join(dir, groupsLog)); err != nil {
		t.Fatal(err)
	}
	to, _ = start(t, dir)
	if err := commitOffset(to, 0); err != nil {
		t.Fatal(err)
	}
	to, _ = start(t, killed(t, dir))
	return hasOffset(t, to)
}

// hasOffset reports whether the group has an offset of raw partition 0.
func hasOffset(t *testing.T, to endpoint) bool {
	t.Helper()
	c, err := kafka.NewConsumer(clientConfig(to, kafka.ConfigMap{"group.id": copyGroup}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	topic := rawTopic
	got, err := c.Committed([]kafka.TopicPartition{{Topic: &topic}}, 10_000)
	return err == nil && got[0].Offset >= 0
}

// commitOffset commits offset 1 of a raw partition without a transaction.
func commitOffset(to endpoint, partition int32) error {
	c, err := kafka.NewConsumer(clientConfig(to, kafka.ConfigMap{"group.id": copyGroup}))
	if err != nil {
		return err
	}
	topic := rawTopic
	_, err = c.CommitOffsets([]kafka.TopicPartition{{Topic: &topic, Partition: partition, Offset: 1}})
	return errors.Join(err, c.Close())
}

func savedTransactionIsAborted(ctx context.Context, t *testing.T, start starter) bool {
	dir := t.TempDir()
	to, stop := start(t, dir)
	begin(ctx, t, to, "never")
	stop()
	to, _ = start(t, dir)
	produce(t, to, cleanTopic, 0, "after")
	got := values(ctx, t, to, cleanTopic, 0)
	return fmt.Sprint(got) == "[after]"
}

func unknownGroupHasNoOffsets(_ context.Context, t *testing.T, start starter) bool {
	to, _ := start(t, t.TempDir())
	_, _, err := committed(to, 0)
	return err == nil
}

func otherPartitionsAreStable(ctx context.Context, t *testing.T, start starter) bool {
	to, _ := start(t, t.TempDir())
	if err := commitOffset(to, 1); err != nil {
		t.Fatal(err)
	}
	sendOffset(ctx, t, begin(ctx, t, to, ""), 0)
	c, err := kafka.NewConsumer(clientConfig(to, kafka.ConfigMap{"group.id": copyGroup}))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	topic := rawTopic
	_, err = c.Committed([]kafka.TopicPartition{{Topic: &topic, Partition: 1}}, 1000)
	return err == nil
}

func abortedRecordsOfAFullAnswerAreHidden(ctx context.Context, t *testing.T, start starter) bool {
	to, _ := start(t, t.TempDir())
	const most = 256 << 10 // bytes of an answer
	aborted := strings.Repeat("a", most/2)
	if err := begin(ctx, t, to, aborted).AbortTransaction(ctx); err != nil {
		t.Fatal(err)
	}
	committed := strings.Repeat("c", most)
	produce(t, to, cleanTopic, 0, committed)
	to = maps.Clone(to)
	to["fetch.max.bytes"], to["message.max.bytes"] = strconv.Itoa(most), strconv.Itoa(most)
	got := values(ctx, t, to, cleanTopic, 0)
	t.Logf("a reader of committed records sees %d records", len(got))
	return len(got) == 1 && got[0] == committed
}

// What follows takes more than a client to compare. Tests of the same matters show that our broker does better.

func TestKfakeCutsDamageOffWithoutAWord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	to, stop := bare(t, dir)
	for _, v := range []string{"a", "b", "c"} {
		produce(t, to, rawTopic, 0, v)
	}
	stop()
	path := partitionFile(dir, rawTopic, "0.dat")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[batchHeaderSize] ^= 1
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(partitionFile(dir, rawTopic, "snapshot.json")); err != nil { // as after a kill
		t.Fatal(err)
	}
	to, _ = bare(t, dir)
	if _, high := watermarks(t, to, rawTopic); high == 3 {
		t.Error("it does not: remove the checks of partitionLog, this test and its line in ADR 16")
	}
}

func TestKfakeAcknowledgesAnOffsetThatItCouldNotWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	to, _ := bare(t, dir)
	path := filepath.Join(dir, groupsLog)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o755); err != nil { // a file that can't be opened
		t.Fatal(err)
	}
	if err := commitOffset(to, 0); err != nil {
		t.Errorf("it does not (%v): remove isWriteFailure, this test and its line in ADR 16", err)
	}
}

func TestKfakeStartsAPartitionThatRetentionEmptiedAgainAtOffset0AfterAKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := startKfake(t, dir, kfake.BrokerConfigs(map[string]string{"log.retention.bytes": "1"}))
	produce(t, endpoint{"bootstrap.servers": c.ListenAddrs()[0]}, rawTopic, 0, "a")
	c.ApplyRetention()
	to, _ := bare(t, killed(t, dir))
	if _, high := watermarks(t, to, rawTopic); high != 0 {
		t.Errorf("it goes on at offset %d: remove isRetentionConfig, minRetentionBytes, this test and its line in ADR 16", high)
	}
}

func TestKfakeNeverAppliesTheRetentionOfTheBroker(t *testing.T) {
	t.Parallel()
	c := startKfake(t, t.TempDir(), kfake.BrokerConfigs(map[string]string{"log.retention.bytes": "1", "log.cleaner.backoff.ms": "10"}))
	to := endpoint{"bootstrap.servers": c.ListenAddrs()[0]}
	produce(t, to, rawTopic, 0, "a")
	time.Sleep(500 * time.Millisecond) // fifty times the interval
	if low, _ := watermarks(t, to, rawTopic); low != 0 {
		t.Error("it does: remove Broker.applyRetention, this test and its line in ADR 16")
	}
}

func TestKfakeKeepsTheLastRequestOfEveryConnectionForAControlFunction(t *testing.T) {
	t.Parallel()
	c := startKfake(t, t.TempDir())
	freed := make(chan struct{})
	seen := false
	c.ControlKey(int16(kmsg.CreateTopics), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if req, ok := req.(*kmsg.CreateTopicsRequest); ok && !seen {
			seen = true
			runtime.AddCleanup(req, func(done chan struct{}) { close(done) }, freed)
		}
		return nil, nil, false
	})
	for _, topic := range []string{"one", "two"} { // a connection each
		if err := createTopics(t.Context(), endpoint{"bootstrap.servers": c.ListenAddrs()[0]}, 1, topic); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		runtime.GC()
		select {
		case <-freed:
			t.Fatal("it frees it: remove interceptionsKept, this test and its line in ADR 16")
		case <-time.After(50 * time.Millisecond):
		}
	}
	runtime.KeepAlive(c)
}
