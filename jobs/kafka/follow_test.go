package kafka

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"senmeteo/jobs/flow"
)

// Two members of `stream --follow` share the partitions while records come; then one goes and the other takes all.
func TestMembersThatFollowShareThePartitionsAndLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	ctxs, results := [2]context.CancelFunc{}, [2]chan error{}
	start := func(i int) {
		var ctx context.Context
		ctx, ctxs[i] = context.WithCancel(c.ctx())
		results[i] = make(chan error, 1)
		go func() {
			_, err := c.tryStream(ctx, flow.Config{Follow: true, BatchRecords: 20, Linger: 50 * time.Millisecond}, nil)
			results[i] <- err
		}()
	}
	records := readings(60) // of 14 stations each
	written := 0
	write := func(n int) {
		c.write(c.names.Raw(), records[written:written+n]...)
		written += n
	}
	start(0)
	write(140)
	c.awaitClean(140)
	start(1)
	for range 10 {
		write(42)
		time.Sleep(100 * time.Millisecond) // so that the group changes somewhere between the writes
	}
	c.awaitClean(written)
	ctxs[0]()
	if err := <-results[0]; err != nil && !errors.Is(err, flow.ErrFenced) {
		t.Errorf("the first member ended with %v", err)
	}
	write(len(records) - written)
	c.awaitClean(written)
	ctxs[1]()
	if err := <-results[1]; err != nil {
		t.Errorf("the second member ended with %v", err)
	}
	c.wantOnce(len(records))
}

// awaitClean waits until the ledger counts n observations.
func (c *cluster) awaitClean(n int) {
	c.Helper()
	for deadline := time.Now().Add(2 * time.Minute); c.ledger().Clean < int64(n); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.Fatalf("%d observations are clean after two minutes, want %d", c.ledger().Clean, n)
		}
	}
}

// Not parallel: it counts goroutines and redirects standard error.
func TestClosingLeavesNoGoroutineAndNothingOnStandardError(t *testing.T) {
	c := newCluster(t)
	c.write(c.names.Raw(), readings(2)...)
	before := runtime.NumGoroutine()
	told := capture(t, func() {
		c.stream()
		w, err := NewWriter(c.cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(c.ctx(), c.names.Raw(), 0, nil, []byte("{}"), nil); err != nil {
			t.Error(err)
		}
		if n, err := w.Flush(c.ctx()); n != 1 || err != nil {
			t.Errorf("Flush says %d, %v", n, err)
		}
		w.Close()
		down := Config{Brokers: "127.0.0.1:1", Timeout: time.Second}
		if _, err := NewFeed(c.ctx(), down, "x", "x", true); err == nil {
			t.Error("there is no broker at port 1")
		}
	})
	if told != "" {
		t.Errorf("standard error got %q", told)
	}
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// capture returns what is written to the process's standard error, also by C code.
func capture(t *testing.T, do func()) string {
	t.Helper()
	r, restore := redirect(t)
	do()
	restore()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, line := range strings.Split(string(text), "\n") {
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// redirect points file descriptor 2 to a file until restore is called.
func redirect(t *testing.T) (r io.Reader, restore func()) {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "stderr")
	if err != nil {
		t.Fatal(err)
	}
	undo := replaceStderr(t, f)
	return f, func() {
		undo()
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAWriterSaysWhenItsTopicDoesNotExist(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	cfg := c.cfg
	w, err := NewWriter(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for err == nil {
		if err = w.Write(c.ctx(), c.names.Prefix+".nowhere", 0, nil, []byte("{}"), nil); err == nil {
			_, err = w.Flush(c.ctx())
		}
	}
	if flow.ClassOf(err) != flow.Usage {
		t.Errorf("the writer says %v (%v)", err, flow.ClassOf(err))
	}
}

// A record's key and value come back as they were, also where they are absent.
func TestWhatIsReadIsWhatWasWritten(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.write(c.names.Raw(),
		&kgo.Record{Value: nil, Key: nil}, &kgo.Record{Value: []byte{}, Key: []byte{}},
		&kgo.Record{Value: []byte{0}, Key: []byte{0}, Headers: []kgo.RecordHeader{{Key: "a"}, {Key: "a", Value: []byte{}}, {Key: "", Value: []byte{255}}}})
	got := c.read(c.names.Raw())
	if len(got) != 3 || got[0].Key != nil || got[0].Value != nil || got[1].Key == nil || got[1].Value == nil ||
		len(got[1].Key)+len(got[1].Value) != 0 || len(got[2].Headers) != 3 || got[2].Headers[0].Value != nil || got[2].Headers[1].Value == nil {
		t.Errorf("read %+v", got)
	}
}

// Records come in many sizes and numbers: several calls of the client, records larger than it has room for, partitions in turn.
func TestRecordsOfAllSizesAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	random := rand.New(rand.NewPCG(1, 2))
	content := func(most int) []byte {
		b := make([]byte, random.IntN(most))
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		return b
	}
	began := time.Now().Truncate(time.Millisecond) // the broker notes when they arrive
	var want [testPartitions][]*kgo.Record
	for n := range 3000 {
		most := 500
		if n%500 == 7 {
			most = 300 << 10
		}
		r := &kgo.Record{Partition: int32(random.IntN(testPartitions)), Key: content(40), Value: content(most)}
		for i := range n % 4 {
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: string(rune('a' + i)), Value: content(30)})
		}
		want[r.Partition] = append(want[r.Partition], r)
	}
	all := slices.Concat(want[:]...)
	c.write(c.names.Raw(), all...)

	got := c.read(c.names.Raw())
	if len(got) != len(all) {
		t.Fatalf("of %d records %d were read", len(all), len(got))
	}
	for i, w := range all {
		r := got[i]
		same := r.Partition == w.Partition && r.Offset == w.Offset && !r.Time.Before(began) && bytes.Equal(r.Key, w.Key) &&
			bytes.Equal(r.Value, w.Value) && len(r.Headers) == len(w.Headers)
		for j := range min(len(r.Headers), len(w.Headers)) {
			same = same && r.Headers[j].Key == w.Headers[j].Key && bytes.Equal(r.Headers[j].Value, w.Headers[j].Value)
		}
		if !same {
			t.Fatalf("record %d of partition %d is not what was written", w.Offset, w.Partition)
		}
	}
}
