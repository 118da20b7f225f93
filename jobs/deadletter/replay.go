package deadletter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/output"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/shape"
)

// ReplayConfig says which letters go back, and how.
type ReplayConfig struct {
	Filter       Filter
	Repaired     string    // the path of a file of repaired Lines: only its letters go back; "": letters go as they are
	MaxAttempts  int       // a record that was refused so often stays, unless it was repaired
	BatchLetters int       // of one transaction
	DryRun       io.Writer // not nil: the letters are printed there, and not sent

	Job, RunID string
	Log        *slog.Logger
	Progress   func(done, total int64)
}

// The most that waits for one transaction, in bytes of values.
const replayBytes = 4 << 20

// Replay sends dead letters back to the jobs that refused them, each once. The report is right also when the error is not nil.
func Replay(ctx context.Context, t pipeline.Topics, cfg ReplayConfig) (*flow.Report, error) {
	if cfg.MaxAttempts < 1 || cfg.BatchLetters < 1 {
		return nil, flow.Fail(flow.Usage, "--max-attempts and --batch-records are at least 1")
	}
	r := &replay{ReplayConfig: cfg, topics: t, decoder: shape.NewDecoder(), report: flow.NewReport(cfg.Job, cfg.RunID)}
	if cfg.DryRun != nil {
		r.print = newEncoder(cfg.DryRun)
	}
	if cfg.Repaired != "" {
		var err error
		if r.repairs, err = readRepairs(cfg.Repaired); err != nil {
			return nil, err
		}
	}
	began := time.Now()
	err := r.run(ctx)
	r.report.Took(time.Since(began))
	if err == nil {
		cfg.Log.Info("replayed", "read", r.report.Read, "sent", r.report.Written, "parked", r.report.Rejected, "took", time.Since(began))
	}
	return r.report, err
}

// replay is one call of Replay.
type replay struct {
	ReplayConfig
	topics     pipeline.Topics
	partitions int
	repairs    repairs       // nil: letters go as they are
	print      *json.Encoder // of a dry run; nil: send
	sender     *kafka.Replay
	decoder    *shape.Decoder

	waiting []kafka.ReplayRecord
	bytes   int
	report  *flow.Report
	planned int
}

func (r *replay) run(ctx context.Context) error {
	if r.print == nil {
		var err error
		if r.sender, err = kafka.NewReplay(ctx, r.topics.Kafka, r.topics.Names, r.RunID); err != nil {
			return err
		}
		defer r.sender.Close()
	}
	letters, err := open(ctx, r.topics, r.print == nil)
	if err != nil {
		return err
	}
	defer letters.close()
	topic, err := letters.admin.Topic(ctx, r.topics.Names.Raw())
	if err != nil {
		return err
	}
	r.partitions = topic.Partitions
	if r.repairs != nil {
		if err := r.checkRepairs(ctx, letters); err != nil {
			return err
		}
	}
	err = letters.each(ctx, r.Filter, func(l *found) error { return r.take(ctx, l) })
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return r.flush(ctx)
}

// take decides what becomes of one letter.
func (r *replay) take(ctx context.Context, l *found) error {
	fix := r.repairs[l.ID()]
	if r.repairs != nil && fix == nil {
		return nil
	}
	if l.replayed {
		if fix != nil {
			r.report.Duplicates++
		}
		return nil
	}
	r.report.Read++
	to, why := r.destination(l, fix)
	if why != "" {
		r.report.Rejected++
		r.Log.Warn("a dead letter stays where it is", "because", why, "stage", l.Stage, "topic", l.Topic, "partition", l.Partition, "offset", l.Offset, "attempt", l.Attempt)
		return nil
	}
	if r.print != nil {
		out := lineOf(l)
		out.Key, out.KeyB64 = printable(to.Key)
		out.Value, out.ValueB64 = printable(to.Value)
		if err := r.print.Encode(out); err != nil {
			return output.Stdout(err)
		}
		r.report.Written++
	} else {
		r.waiting = append(r.waiting, to)
		r.bytes += len(to.Value)
		if len(r.waiting) >= r.BatchLetters || r.bytes >= replayBytes {
			if err := r.flush(ctx); err != nil {
				return err
			}
		}
	}
	if r.planned++; r.planned == r.Filter.Limit {
		return errEnough
	}
	return nil
}

// destination is where a letter goes, or why it stays.
func (r *replay) destination(l *found, fix *repair) (to kafka.ReplayRecord, why string) {
	to = kafka.ReplayRecord{Letter: l.Letter, Partition: l.Partition, Key: l.Key, Value: l.Value}
	if fix != nil {
		to.Key, to.Value = fix.key(l), fix.value(l)
		to.Repaired = !bytes.Equal(to.Key, l.Key) || !bytes.Equal(to.Value, l.Value)
		if to.Repaired && l.Reason == meteo.TooLarge {
			to.Letter.Headers = nil // they may be what is too large, and the file does not hold them
		}
	}
	if !to.Repaired {
		switch {
		case l.Cut > 0:
			return to, "it was too large to be kept whole: repair it and send it by --in"
		case l.Reason == meteo.TooLarge:
			return to, "it stays too large as it is: repair it and send it by --in"
		case l.Attempt >= r.MaxAttempts:
			return to, "it was refused --max-attempts times: repair it and send it by --in"
		}
	}
	switch {
	case int(l.Partition) >= r.partitions || l.Partition < 0:
		return to, "its topic has no such partition"
	case l.Topic == r.topics.Names.Raw():
		to.Topic = r.topics.Names.Raw()
	case l.Topic == r.topics.Names.Clean() && to.Repaired:
		// Another value is a correction, which all stores must get: it goes the way of every reading.
		to.Topic = r.topics.Names.Raw()
		to.Partition = kafka.Partition(fix.station, r.partitions)
	case l.Topic == r.topics.Names.Clean():
		to.Topic, to.Stage = r.topics.Names.Clean(), l.Stage
	default:
		return to, "it is of no topic under this --topic-prefix"
	}
	return to, ""
}

// flush sends what waits.
func (r *replay) flush(ctx context.Context) error {
	if len(r.waiting) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.sender.Send(ctx, r.waiting); err != nil {
		return err
	}
	r.report.Written += int64(len(r.waiting))
	r.Progress(r.report.Written, r.report.Read)
	r.waiting, r.bytes = r.waiting[:0], 0
	return nil
}
