package kafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"senmeteo/jobs/deadletter/letter"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

func TestStreamMovesEveryReadingOnceAndItsLedgerBalances(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	records := readings(20)
	c.write(c.names.Raw(), records...)
	c.write(c.names.Raw(), readings(5)...) // again: duplicates
	rep := c.stream()
	c.wantOnce(len(records))
	if l := c.ledger(); l.Read != 350 || l.Duplicates != 70 || l.RunID != "" {
		t.Errorf("the ledger is %+v", l)
	}
	if rep.Read != 350 || rep.Written != 280 || rep.Duplicates != 70 || rep.Lag != 0 {
		t.Errorf("the report is %s", rep.JSON())
	}
}

func TestARunThatFindsNothingEndsAtOnce(t *testing.T) {
	c := newCluster(t)
	c.write(c.names.Raw(), readings(1)...)
	c.stream()
	const bound = 700 * time.Millisecond
	least := time.Hour
	for n := 0; n < 10 && least > bound; n++ { // what else the machine does only adds
		began := time.Now()
		if rep := c.stream(); rep.Outcome != "nothing" {
			t.Errorf("a run after the first reports %s", rep.JSON())
		}
		least = min(least, time.Since(began))
	}
	if t.Logf("it took %v", least); least > bound {
		t.Errorf("it took %v at the least, want less than %v", least, bound)
	}
}

// S12: what the memory knows comes from the clean topic, so a restart between any two records changes nothing.
func TestDuplicatesAndCorrectionsAreKnownAcrossRestarts(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	fetched := func(r *kgo.Record, minutes int) *kgo.Record {
		at := time.Date(2026, 1, 15, 0, minutes, 0, 0, time.UTC).Format(time.RFC3339)
		r.Value = bytes.Replace(r.Value, []byte(`"fetched_at":"2026-01-15T00:00:00Z"`), []byte(`"fetched_at":"`+at+`"`), 1)
		return r
	}
	steps := []struct {
		record   *kgo.Record
		revision int64 // 0: a duplicate
	}{
		{fetched(reading("SN-DK", 0, 25), 0), 1},
		{fetched(reading("SN-DK", 0, 25), 10), 0},
		{fetched(reading("SN-DK", 0, 26), 20), 2},
		{fetched(reading("SN-DK", 0, 25.5), 15), 0}, // older than what is known
		{fetched(reading("SN-DK", 0, 27), 30), 3},
		{fetched(reading("SN-DK", 0, 27), 40), 0},
	}
	want := map[string]int{}
	for i, s := range steps {
		c.write(c.names.Raw(), s.record)
		rep := c.stream()
		if written := min(s.revision, 1); rep.Written != written || rep.Duplicates != 1-written {
			t.Errorf("record %d: %d written and %d duplicates", i, rep.Written, rep.Duplicates)
		}
		if s.revision > 0 {
			id := meteo.Identity{StationID: "SN-DK", ObservedAt: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC), Source: "generate", Kind: meteo.Observed}
			want[fmt.Sprintf("%s/%d", id.ID(), s.revision)] = 1
		}
	}
	if got := c.rows(); !maps.Equal(got, want) {
		t.Errorf("the clean topic holds %v, want %v", got, want)
	}
}

// R1
func TestARecordInTheWrongPartitionIsReroutedOnce(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	right := Partition("SN-KD", testPartitions)
	for range 2 {
		r := reading("SN-KD", 0, 30)
		r.Partition, r.Key = (right+1)%testPartitions, []byte("kolda")
		r.Headers = []kgo.RecordHeader{{Key: "trace", Value: []byte("x")}}
		c.write(c.names.Raw(), r)
	}
	if rep := c.stream(); rep.Rerouted != 2 || rep.Written != 0 {
		t.Errorf("the first run reports %s", rep.JSON())
	}
	if rep := c.stream(); rep.Written != 1 || rep.Duplicates != 1 {
		t.Errorf("the second run reports %s", rep.JSON())
	}
	c.wantOnce(1)
	if l := c.ledger(); l.Rerouted != 2 || l.Duplicates != 1 {
		t.Errorf("the ledger is %+v", l)
	}
	for _, r := range c.read(c.names.Raw()) {
		if r.Partition == right && (string(r.Key) != "SN-KD" || header(r.Headers, "trace") != "x") {
			t.Errorf("rerouted with key %q and headers %v", r.Key, r.Headers)
		}
	}
	if got := c.read(c.names.Clean()); len(got) != 1 || got[0].Partition != right {
		t.Errorf("the observation is in partition %d, want %d", got[0].Partition, right)
	}
}

// S13: each is a dead letter once, with its key, value and headers as they came.
func TestPoisonBecomesDeadLettersByteForByte(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	good := string(reading("SN-DK", 0, 25).Value)
	large := []byte(`{"a":"` + strings.Repeat("x", MaxRawBytes-8) + `"}`)
	poison := []struct {
		name   string
		key    []byte
		value  []byte
		reason meteo.Reason
	}{
		{"broken JSON", []byte("SN-DK"), []byte(`{"station_id":`), meteo.InvalidJSON},
		{"no value", []byte("SN-DK"), nil, meteo.InvalidJSON},
		{"an empty value", nil, []byte{}, meteo.InvalidJSON},
		{"one MiB", []byte{0, 255}, large, meteo.UnknownShape},
		{"more than one MiB", nil, append(large, ' '), meteo.TooLarge},
		{"a text for a number", nil, []byte(strings.Replace(good, `"temperature_c":25`, `"temperature_c":"warm"`, 1)), meteo.InvalidValue},
		{"NaN", nil, []byte(strings.Replace(good, `"temperature_c":25`, `"temperature_c":NaN`, 1)), meteo.InvalidJSON},
		{"infinite", nil, []byte(strings.Replace(good, `"temperature_c":25`, `"temperature_c":1e999`, 1)), meteo.InvalidValue},
		{"invalid UTF-8", []byte{}, []byte(strings.Replace(good, "Dakar", "Dak\xff", 1)), meteo.InvalidJSON},
		{"nested deep", nil, []byte(strings.Repeat("[", 100_000)), meteo.InvalidJSON},
		{"from the future, in the partition of its station", nil, []byte(strings.Replace(good, `"observed_at":"2026`, `"observed_at":"2226`, 1)), meteo.Future},
		{"an unknown station", nil, []byte(strings.Replace(good, `"SN-DK"`, `"FR-75"`, 1)), meteo.UnknownStation},
	}
	for i, p := range poison {
		c.write(c.names.Raw(), &kgo.Record{
			Partition: int32(i % testPartitions), Key: p.key, Value: p.value,
			Headers: []kgo.RecordHeader{{Key: "n", Value: []byte{byte(i), 0, 0xff}}, {Key: "senmeteo.attempt", Value: []byte("2")}},
		})
	}
	c.write(c.names.Raw(), reading("SN-DK", 0, 25))
	for range 2 {
		if _, err := c.tryStream(c.ctx(), flow.Config{BatchRecords: 2}, nil); err != nil {
			t.Fatal(err)
		}
	}
	c.wantOnce(1)
	letters := map[byte][]letter.Letter{}
	for _, r := range c.read(c.names.DLQ()) {
		l := letter.Read(&r)
		n := l.Headers[0].Value[0]
		letters[n] = append(letters[n], l)
	}
	for i, p := range poison {
		got := letters[byte(i)]
		if len(got) != 1 {
			t.Errorf("%s: %d dead letters, want 1", p.name, len(got))
			continue
		}
		l := got[0]
		if !bytes.Equal(l.Key, p.key) || (l.Key == nil) != (p.key == nil) || !bytes.Equal(l.Value, p.value) {
			t.Errorf("%s: key %q and %d bytes of value came back as %q and %d", p.name, p.key, len(p.value), l.Key, len(l.Value))
		}
		if l.Reason != p.reason || l.Topic != c.names.Raw() || l.Partition != int32(i%testPartitions) || l.Offset != int64(i/testPartitions) ||
			l.Stage != "stream" || l.RunID != "test" || l.Attempt != 3 || l.Message == "" || len(l.Headers) != 1 {
			l.Value = nil
			t.Errorf("%s: the letter says %+v", p.name, l)
		}
	}
	if l := c.ledger(); l.Dead != int64(len(poison)) {
		t.Errorf("the ledger counts %d dead letters", l.Dead)
	}
}

// Where a topic takes compressed batches, its limit is of the compressed bytes: a record may be far larger than its letter may be.
func TestARecordThatOnlyCompressionMadeSmallStillBecomesALetter(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.allowCompression(c.names.Raw())
	client, err := kgo.NewClient(kgo.SeedBrokers(c.cfg.Brokers), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(kgo.ZstdCompression()), kgo.ProducerBatchMaxBytes(1<<20), kgo.BrokerMaxWriteBytes(1<<30), kgo.ProducerBatchMaxBytes(20<<20))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	bomb := &kgo.Record{Topic: c.names.Raw(), Value: make([]byte, 10<<20)}
	if err := client.ProduceSync(c.ctx(), bomb).FirstErr(); err != nil {
		t.Fatal(err)
	}
	c.stream()
	letters := c.read(c.names.DLQ())
	if len(letters) != 1 {
		t.Fatalf("%d letters", len(letters))
	}
	if l := letter.Read(&letters[0]); l.Reason != meteo.TooLarge || len(l.Value) != MaxRawBytes || !strings.Contains(l.Message, "10485760 bytes of key") {
		t.Errorf("the letter has %d bytes, %s: %s", len(l.Value), l.Reason, l.Message)
	}
}

// S6
func TestOfTwoRunsAtTheSameTimeOneIsFencedAndNothingIsDoubled(t *testing.T) {
	for _, delay := range []time.Duration{0, 30 * time.Millisecond, 150 * time.Millisecond} {
		t.Run(delay.String()+" apart", func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			records := readings(200)
			c.write(c.names.Raw(), records...)
			var errs [2]error
			var both sync.WaitGroup
			for i := range errs {
				both.Go(func() {
					time.Sleep(time.Duration(i) * delay)
					_, errs[i] = c.tryStream(c.ctx(), flow.Config{BatchRecords: 20}, func(cfg *StreamSinkConfig) { cfg.Alone = true })
				})
			}
			both.Wait()
			t.Logf("the runs ended with: %v; %v", errs[0], errs[1])
			for _, err := range errs {
				if err != nil && !errors.Is(err, flow.ErrFenced) {
					t.Errorf("a run ended with %v (%v)", err, flow.ClassOf(err))
				}
			}
			if errs[0] != nil && errs[1] != nil {
				t.Error("both were fenced")
			}
			c.stream()
			c.wantOnce(len(records))
		})
	}
}

// What S4 meets when the sleeper's commit ends without an answer.
func TestARunThatSleptAsksBeforeItAcquiresAPartitionAgain(t *testing.T) {
	c := newCluster(t)
	open := func() *StreamSink {
		run, err := NewStreamSink(c.ctx(), StreamSinkConfig{Config: c.cfg, Names: c.names, RunID: "test", Alone: true}, c.admin)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = run.Close() })
		return run
	}
	acquire := func(run *StreamSink) error {
		_, err := run.Acquire(c.ctx(), 0)
		return err
	}
	sleeper := open()
	for range 2 { // nobody else is there yet
		if err := acquire(sleeper); err != nil {
			t.Fatal(err)
		}
	}
	rival := open()
	if err := acquire(rival); err != nil {
		t.Fatal(err)
	}
	if err := acquire(sleeper); !errors.Is(err, flow.ErrFenced) {
		t.Errorf("the sleeper takes its partition up again: %v, want %v", err, flow.ErrFenced)
	}
	if err := acquire(rival); err != nil {
		t.Errorf("the rival can't go on: %v", err)
	}
}

// S11
func TestATopicThatWasRecreatedIsRefusedUntilToldOtherwise(t *testing.T) {
	for _, which := range []string{"raw", "clean"} {
		t.Run(which, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			c.write(c.names.Raw(), readings(3)...)
			c.stream()
			topic := c.names.Prefix + "." + which
			c.deleteTopic(topic)
			c.makeTopics()
			if which == "raw" {
				c.write(c.names.Raw(), reading("SN-DK", 100, 25))
			}
			_, err := c.tryStream(c.ctx(), flow.Config{}, nil)
			if flow.ClassOf(err) != flow.Usage || !strings.Contains(fmt.Sprint(err), "--new-topic") || !strings.Contains(fmt.Sprint(err), topic) {
				t.Fatalf("the run after it ended with %v", err)
			}
			if _, err = c.tryStream(c.ctx(), flow.Config{}, func(cfg *StreamSinkConfig) { cfg.NewTopic = true }); err != nil {
				t.Fatalf("with --new-topic: %v", err)
			}
			want := 42
			if which == "raw" {
				want++
			}
			for range 2 { // and from then on without it, whichever partitions have work
				if rows := c.rows(); len(rows) != want {
					t.Errorf("the clean topic holds %d observations, want %d", len(rows), want)
				}
				c.write(c.names.Raw(), reading("SN-ZG", 200+want, 25), reading("SN-KL", 200+want, 25), reading("SN-TC", 200+want, 25))
				want += 3
				c.stream()
			}
		})
	}
}

// The runs that are told of the new topics, here two at the same time, may find no record; the runs after them are not told.
func TestOneRunThatIsToldOfANewTopicIsEnough(t *testing.T) {
	for _, test := range []struct {
		name   string
		happen func(*cluster)
		left   int // observations in the clean topic
	}{
		{"raw was recreated", func(c *cluster) { c.deleteTopic(c.names.Raw()) }, 42},
		{"clean was recreated, and raw is empty", func(c *cluster) { c.deleteTopic(c.names.Clean()); c.emptyRaw() }, 0},
		{"the offsets are forgotten, and raw is empty", func(c *cluster) { c.deleteGroup(); c.emptyRaw() }, 42},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			c.write(c.names.Raw(), readings(3)...)
			c.stream()
			test.happen(c)
			c.makeTopics()
			if _, err := c.tryStream(c.ctx(), flow.Config{}, nil); flow.ClassOf(err) != flow.Usage || !strings.Contains(fmt.Sprint(err), "--new-topic") {
				t.Fatalf("the run after it ended with %v", err)
			}
			var errs [2]error
			var both sync.WaitGroup
			for i := range errs {
				both.Go(func() {
					_, errs[i] = c.tryStream(c.ctx(), flow.Config{}, func(cfg *StreamSinkConfig) { cfg.NewTopic, cfg.Alone = true, true })
				})
			}
			both.Wait()
			if fenced := errors.Is(errs[0], flow.ErrFenced) || errors.Is(errs[1], flow.ErrFenced); errors.Join(errs[:]...) != nil && (!fenced || errs[0] != nil && errs[1] != nil) {
				t.Fatalf("with --new-topic: %v; %v", errs[0], errs[1])
			}
			want := test.left
			for i, station := range []string{"", "SN-DK", "SN-ZG"} { // without it, whichever partitions have work
				if station != "" {
					c.write(c.names.Raw(), reading(station, 100+i, 25))
					want++
				}
				if rep := c.stream(); rep.Lag != 0 || rep.Written != min(1, int64(i)) {
					t.Errorf("run %d after it reports %s", i, rep.JSON())
				}
			}
			if rows, l := c.rows(), c.ledger(); len(rows) != want || l.Clean != 2 {
				t.Errorf("the clean topic holds %d observations and the ledger counts %d, want %d and 2", len(rows), l.Clean, want)
			}
		})
	}
}

// emptyRaw removes all records of the raw topic, as retention does.
func (c *cluster) emptyRaw() {
	c.Helper()
	for p := range int32(testPartitions) {
		c.deleteRecords(p, -1) // up to the end
	}
}

// deleteGroup lets Kafka forget how far stream is.
func (c *cluster) deleteGroup() {
	c.Helper()
	req := kmsg.NewPtrDeleteGroupsRequest()
	req.Groups = []string{c.names.Group("stream")}
	answer, err := req.RequestWith(c.ctx(), c.other)
	if err == nil {
		err = kerr.ErrorForCode(answer.Groups[0].ErrorCode)
	}
	if err != nil {
		c.Fatalf("deleting the group of stream: %v", err)
	}
}

func (c *cluster) deleteTopic(topic string) {
	c.Helper()
	req := kmsg.NewPtrDeleteTopicsRequest()
	req.TopicNames = []string{topic}
	named := kmsg.NewDeleteTopicsRequestTopic()
	named.Topic = &topic
	req.Topics = append(req.Topics, named)
	req.TimeoutMillis = 10_000
	ctx := c.ctx()
	answer, err := req.RequestWith(ctx, c.other)
	if err == nil {
		err = kerr.ErrorForCode(answer.Topics[0].ErrorCode)
	}
	for err == nil { // the controller answers before the broker has deleted it
		var left map[string]int
		if left, err = c.admin.existing(ctx, []string{topic}); err == nil && len(left) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	c.Fatalf("deleting %s: %v", topic, err)
}

func TestOffsetsThatKafkaHasForgottenAreNotAFirstRun(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.write(c.names.Raw(), readings(3)...)
	c.stream()
	c.deleteGroup()
	_, err := c.tryStream(c.ctx(), flow.Config{}, nil)
	if flow.ClassOf(err) != flow.Usage || !strings.Contains(fmt.Sprint(err), "forgotten") {
		t.Fatalf("the run after it ended with %v", err)
	}
	rep, err := c.tryStream(c.ctx(), flow.Config{}, func(cfg *StreamSinkConfig) { cfg.NewTopic = true })
	if err != nil || rep.Written != 0 || rep.Duplicates != 42 {
		t.Fatalf("with --new-topic: %v, %+v", err, rep)
	}
	c.stream()
}

// C1
func TestASignalEndsARunWithinItsTimeAndTheNextOneGoesOn(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	records := readings(300)
	c.write(c.names.Raw(), records...)
	ctx, cancel := context.WithCancel(c.ctx())
	var told time.Time
	cfg := flow.Config{BatchRecords: 50, Progress: func(r flow.Report) {
		if r.Read >= 500 && told.IsZero() {
			told = time.Now()
			cancel()
		}
	}}
	rep, err := c.tryStream(ctx, cfg, nil)
	if flow.ClassOf(err) != flow.Interrupted || rep.Read < 500 || rep.Read == int64(len(records)) {
		t.Errorf("the run ended with %v after %d records", err, rep.Read)
	}
	if took := time.Since(told); took > 3*time.Second {
		t.Errorf("it took %v to end", took)
	}
	c.stream()
	c.wantOnce(len(records))
}
