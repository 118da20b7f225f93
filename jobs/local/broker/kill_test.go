package broker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

const (
	kills          = 24
	killPartitions = 3
	rawPerBoot     = 4000
)

// runBrokerChild is `up` in small, until it is killed: a broker, a producer of
// raw records, and one transactional copier a partition.
func runBrokerChild() {
	dir, boot := os.Getenv("SENMETEO_LOCAL_TEST_DIR"), os.Getenv("SENMETEO_LOCAL_TEST_BOOT")
	ctx := context.Background()
	fail := func(err error) {
		if err != nil {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
	}
	b, err := Start(ctx, Config{Dir: dir, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	fail(err)
	fail(createTopics(ctx, at(b), killPartitions, rawTopic, cleanTopic))
	fmt.Printf("recovered %+v\n", b.Recovery())
	errs := make(chan error)
	go func() { errs <- produceRaw(at(b), boot) }()
	for p := range int32(killPartitions) {
		// Both ways to name a producer must hold: an id that goes on over
		// restarts, and one that is new each time.
		id := fmt.Sprintf("stream.%d", p)
		if p == 0 {
			id = fmt.Sprintf("stream.%x.%d", rand.Uint64(), p)
		}
		cp := copier{to: at(b), id: id, partition: p, batch: 20}
		if p == killPartitions-1 {
			cp.committed = sync.OnceFunc(func() { fmt.Println("copying") })
		}
		go func() { errs <- cp.run(ctx, false) }()
	}
	fmt.Println("ready")
	fail(<-errs)
	os.Exit(0)
}

// produceRaw writes rawPerBoot records whose values never repeat, faster than
// they are copied, and waits for the end.
func produceRaw(to endpoint, boot string) error {
	p, err := newProducer(to, "")
	if err != nil {
		return err
	}
	topic := rawTopic
	filler := strings.Repeat("x", 250)
	for i := range rawPerBoot {
		err := p.Produce(&kafka.Message{
			TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: int32(i % killPartitions)},
			Value:          fmt.Appendf(nil, "%s-%d-%s", boot, i, filler),
		}, nil)
		if err != nil {
			return err
		}
		if i%1000 == 999 {
			p.Flush(10_000)
		}
	}
	select {}
}

func TestBrokerKeepsExactlyOnceOverKillsAtRandomMoments(t *testing.T) {
	ctx := testContext(t, 3*time.Minute)
	dir := t.TempDir()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var seen Recovery
	for boot := range kills {
		// Mostly in the midst of commits, now and then while clients start.
		at := "copying"
		if boot%6 == 5 {
			at = "ready"
		}
		r := killBrokerChild(ctx, t, dir, boot, at, time.Duration(random.IntN(500))*time.Millisecond)
		seen.CommitsFinished += r.CommitsFinished
		seen.TransactionsAborted += r.TransactionsAborted
		seen.OffsetsCommitted += r.OffsetsCommitted
		seen.BytesTruncated += r.BytesTruncated
	}
	t.Logf("recoveries in all: %+v", seen)

	b, err := Start(ctx, Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("last recovery: %+v", b.Recovery())
	total := 0
	for p := range int32(killPartitions) {
		if err := (copier{to: at(b), id: fmt.Sprintf("stream.%d", p), partition: p, batch: 5000}).run(ctx, true); err != nil {
			t.Fatalf("copying the rest of partition %d: %v", p, err)
		}
		total += checkCopied(ctx, t, at(b), p)
	}
	t.Logf("%d records copied exactly once over %d kills", total, kills)
	if total < kills*100 {
		t.Errorf("only %d records were copied: the test proves little", total)
	}
	if err := b.Close(ctx); err != nil {
		t.Error(err)
	}
}

// killBrokerChild starts a child on dir, kills it some time after it has said
// at, and returns what it had to recover at its start.
func killBrokerChild(ctx context.Context, t *testing.T, dir string, boot int, at string, after time.Duration) Recovery {
	t.Helper()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"=broker", "SENMETEO_LOCAL_TEST_DIR="+dir, fmt.Sprintf("SENMETEO_LOCAL_TEST_BOOT=%d", boot))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	var recovered Recovery
	for {
		line, err := lines.ReadString('\n')
		if err != nil || strings.HasPrefix(line, "failed") {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			t.Fatalf("boot %d: %v %s\n%s", boot, err, line, stderr.String())
		}
		_, _ = fmt.Sscanf(line, "recovered {CommitsFinished:%d TransactionsAborted:%d OffsetsCommitted:%d BytesTruncated:%d}",
			&recovered.CommitsFinished, &recovered.TransactionsAborted, &recovered.OffsetsCommitted, &recovered.BytesTruncated)
		if line == at+"\n" {
			break
		}
	}
	time.Sleep(after) // the moment of the kill is the input of this test
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(lines)
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("boot %d ended by itself: %v %s\n%s", boot, err, rest, stderr.String())
	}
	return recovered
}

// checkCopied compares a raw partition with its copy, both read as committed,
// and with the counter of the committed offset.
func checkCopied(ctx context.Context, t *testing.T, to endpoint, partition int32) int {
	t.Helper()
	raw, err := readAll(ctx, to, rawTopic, partition)
	if err != nil {
		t.Fatalf("reading raw: %v", err)
	}
	clean, err := readAll(ctx, to, cleanTopic, partition)
	if err != nil {
		t.Fatalf("reading clean: %v", err)
	}
	_, done, err := committed(to, partition)
	if err != nil {
		t.Fatal(err)
	}
	if len(clean) != len(raw) || done.Copied != len(raw) {
		t.Errorf("partition %d: %d raw, %d clean, %d by the counter", partition, len(raw), len(clean), done.Copied)
	}
	for i := range min(len(raw), len(clean)) {
		if string(raw[i].Value) != string(clean[i].Value) {
			t.Fatalf("partition %d: record %d of raw is %.20q, of clean %.20q", partition, i, raw[i].Value, clean[i].Value)
		}
	}
	return len(clean)
}
