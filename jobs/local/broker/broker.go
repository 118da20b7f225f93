package broker

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

const (
	// DefaultPartitions is the number of partitions of a topic that is created
	// without saying how many.
	DefaultPartitions = 6
	// DefaultRetentionBytes is the default of Config.RetentionBytes.
	DefaultRetentionBytes = 64 << 20
	// minRetentionBytes keeps room for many batches (at most 1 MiB each) and
	// several segments: retention must never take the last batch, for kfake
	// learns a partition's end offset from it.
	minRetentionBytes = 8 << 20
	retentionInterval = 30 * time.Second
	segmentsRetained  = 8
	// never is for kfake's own clocks (milliseconds or minutes, int32).
	never = 1<<31 - 1
)

// Config describes how to run the in-process broker.
type Config struct {
	Dir string // its data folder; created when missing
	// RetentionBytes bounds each partition: beyond it the oldest records go.
	// The default is DefaultRetentionBytes. There is no retention by time.
	RetentionBytes int64
	Log            *slog.Logger // nil: no logs
}

// Broker is a Kafka broker inside this process, with its data on disk.
//
// Every acknowledged write is on disk. After a kill, committed records, group
// offsets with their metadata, the cluster id and topic ids are as they were;
// an uncommitted transaction is aborted, and a commit that had begun is
// complete. Record timestamps are the producer's (kfake has no LogAppendTime).
// Only this process can connect: see Settings.
type Broker struct {
	cluster  *kfake.Cluster
	addr     string
	settings map[string]string
	recovery Recovery
	guard    *commitGuard
	log      *slog.Logger

	stopRetention context.CancelFunc
	retention     sync.WaitGroup

	failOnce sync.Once
	failed   chan struct{}
	err      error // why; written once before failed is closed
}

// Start repairs what a kill left behind in the folder and serves it. The caller
// holds the folder's lock. ctx bounds the start.
func Start(ctx context.Context, cfg Config) (*Broker, error) {
	cfg.RetentionBytes = max(cmp.Or(cfg.RetentionBytes, DefaultRetentionBytes), minRetentionBytes)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(cfg.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("creating broker folder: %w", err)
	}
	b := &Broker{log: cfg.Log, failed: make(chan struct{})}
	identity, settings, err := newIdentity()
	if err != nil {
		return nil, err
	}
	b.settings = settings
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("opening broker port: %w", err)
	}
	b.addr = ln.Addr().String()
	if err := b.start(cfg, identity, &gatedListener{Listener: ln, gate: make(chan struct{})}); err != nil {
		if closeErr := ln.Close(); !errors.Is(closeErr, net.ErrClosed) {
			err = errors.Join(err, closeErr)
		}
		return nil, err
	}
	return b, nil
}

func (b *Broker) start(cfg Config, identity *tls.Config, listener *gatedListener) error {
	var err error
	if b.recovery, err = recoverFolder(cfg.Dir, time.Now()); err != nil {
		return fmt.Errorf("recovering broker: %w", err)
	}
	if b.recovery != (Recovery{}) {
		b.log.Info("broker recovered after a kill", "recovery", b.recovery)
	}
	if b.guard, err = openCommitGuard(filepath.Join(cfg.Dir, intentFile)); err != nil {
		return err
	}
	b.cluster, err = kfake.NewCluster(
		kfake.NumBrokers(1),
		kfake.ListenFn(func(string, string) (net.Listener, error) { return listener, nil }),
		kfake.TLS(identity),
		kfake.ClusterID(rand.Text()[:22]), // of a new folder; an old one has its own
		kfake.DefaultNumPartitions(DefaultPartitions),
		kfake.DataDir(cfg.Dir),
		kfake.SyncWrites(),
		kfake.BrokerConfigs(map[string]string{
			"log.retention.ms":    "-1",
			"log.retention.bytes": strconv.FormatInt(cfg.RetentionBytes, 10),
			"log.segment.bytes":   strconv.FormatInt(cfg.RetentionBytes/segmentsRetained, 10),
			// Retention is ours to start, and a group keeps its offsets however
			// long `up` was not used.
			"log.cleaner.backoff.ms":              strconv.Itoa(never),
			"offset.retention.ms":                 strconv.FormatInt(never*60_000, 10),
			"offsets.retention.check.interval.ms": strconv.Itoa(never),
		}),
		kfake.WithLogger(brokerLogger{b}),
	)
	if err != nil {
		return errors.Join(fmt.Errorf("starting broker: %w", err), b.guard.close(false))
	}
	b.intercept()
	retentionCtx, stop := context.WithCancel(context.Background())
	b.stopRetention = stop
	b.retention.Go(func() { b.applyRetention(retentionCtx) })
	listener.open()
	return nil
}

// Addr returns the address to give to clients, host:port.
func (b *Broker) Addr() string { return b.addr }

// Settings returns librdkafka's settings, beside the address, with which a
// client can connect. They hold a secret of this process.
func (b *Broker) Settings() map[string]string { return b.settings }

// Recovery returns what this start had to repair.
func (b *Broker) Recovery() Recovery { return b.recovery }

// Failed is closed when the broker can no longer keep its promises, as when the
// disk is full. It then answers no request; Err returns why. The process should end: a
// new start recovers.
func (b *Broker) Failed() <-chan struct{} { return b.failed }

// Err returns why the broker failed, nil while it has not.
func (b *Broker) Err() error {
	select {
	case <-b.failed:
		return b.err
	default:
		return nil
	}
}

// Close ends the broker in order. When ctx ends first it returns at once, and
// the next start treats the broker as killed. Clients should be closed before.
func (b *Broker) Close(ctx context.Context) error {
	b.stopRetention()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		b.retention.Wait()
		b.cluster.Close()
	}()
	select {
	case <-closed:
		return errors.Join(b.Err(), b.guard.close(b.Err() == nil))
	case <-ctx.Done():
		return fmt.Errorf("closing broker: %w", ctx.Err())
	}
}

// applyRetention drops old records from time to time. kfake does so by itself
// only when a topic has settings of its own, which isRetentionConfig drops.
func (b *Broker) applyRetention(ctx context.Context) {
	ticker := time.NewTicker(retentionInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			b.cluster.ApplyRetention()
		}
	}
}

func (b *Broker) fail(err error) {
	b.failOnce.Do(func() {
		b.err = fmt.Errorf("broker failed: %w", err)
		close(b.failed)
		b.log.Error("broker failed; restart to recover", "error", err)
	})
}

// gatedListener accepts nobody before open is called.
type gatedListener struct {
	net.Listener
	gate chan struct{}
	once sync.Once
}

func (l *gatedListener) open() { l.once.Do(func() { close(l.gate) }) }

func (l *gatedListener) Accept() (net.Conn, error) {
	<-l.gate
	return l.Listener.Accept()
}

// Close lets a waiting Accept go, which then fails.
func (l *gatedListener) Close() error {
	err := l.Listener.Close()
	l.open()
	return err
}
