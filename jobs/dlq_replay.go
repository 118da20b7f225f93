package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

func dlqReplayCommand() *cli.Command {
	return &cli.Command{
		Name: "replay", Usage: "send dead letters back to the job that refused them, each once",
		Flags: flags(letterFlags(), []cli.Flag{
			&cli.PathFlag{Name: "in", EnvVars: env("in"), Usage: "send only the letters of this `FILE`, with its keys and values: `dlq list --out`, repaired"},
			&cli.IntFlag{Name: "max-attempts", Value: 5, EnvVars: env("max-attempts"), Usage: "leave a record alone that was refused so often; only a repaired one goes back then"},
			&cli.BoolFlag{Name: "dry-run", EnvVars: env("dry-run"), Usage: "print the letters that would be sent, and send nothing"},
			&cli.IntFlag{Name: "batch-records", Value: 500, EnvVars: env("batch-records"), Usage: "letters of one transaction at the most"},
		}, kafkaFlags(), runFlags()),
		Action:       reporting("dlq-replay", dlqReplay),
		OnUsageError: reportUsage("dlq-replay"),
	}
}

// replayer is one run of `dlq replay`.
type replayer struct {
	job         *job
	names       kafka.Names
	partitions  int
	filter      letterFilter
	repairs     repairs // nil: letters go as they are
	maxAttempts int
	batch       int
	print       *json.Encoder // of a dry run; nil: send
	replay      *kafka.Replay
	decoder     *shape.Decoder

	waiting []kafka.ReplayRecord
	bytes   int
	report  *flow.Report
	planned int
}

// The most that waits for one transaction, in bytes of values.
const replayBytes = 4 << 20

func dlqReplay(c *cli.Context, j *job) (*flow.Report, error) {
	cfg, names, err := kafkaConfig(c, j)
	if err != nil {
		return nil, err
	}
	r := &replayer{job: j, names: names, maxAttempts: c.Int("max-attempts"), batch: c.Int("batch-records"), decoder: shape.NewDecoder(), report: flow.NewReport(j.name, j.runID)}
	if r.filter, err = letterFilterOf(c); err != nil {
		return nil, err
	}
	if r.maxAttempts < 1 || r.batch < 1 {
		return nil, flow.Fail(flow.Usage, "--max-attempts and --batch-records are at least 1")
	}
	if path := c.Path("in"); path != "" {
		if r.repairs, err = readRepairs(path); err != nil {
			return nil, err
		}
	}
	ctx, cancel := withTimeout(c)
	defer cancel()
	began := time.Now()
	if c.Bool("dry-run") {
		r.print = json.NewEncoder(j.stdout)
		r.print.SetEscapeHTML(false)
	}
	err = r.run(ctx, cfg)
	r.report.Took(time.Since(began))
	if err != nil {
		return r.report, inputFailure(ctx, err)
	}
	j.log.Info("replayed", "read", r.report.Read, "sent", r.report.Written, "parked", r.report.Rejected, "took", time.Since(began))
	return r.report, nil
}

func (r *replayer) run(ctx context.Context, cfg kafka.Config) error {
	if r.print == nil {
		var err error
		if r.replay, err = kafka.NewReplay(ctx, cfg, r.names, r.job.runID); err != nil {
			return err
		}
		defer r.replay.Close()
	}
	box, err := openLetterBox(ctx, cfg, r.names, r.print == nil)
	if err != nil {
		return err
	}
	defer box.close()
	topic, err := box.admin.Topic(ctx, r.names.Raw())
	if err != nil {
		return err
	}
	r.partitions = topic.Partitions
	if r.repairs != nil {
		if err := r.checkRepairs(ctx, box); err != nil {
			return err
		}
	}
	err = box.each(ctx, r.filter, func(l *foundLetter) error { return r.letter(ctx, l) })
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return r.flush(ctx)
}

// letter decides what becomes of one letter.
func (r *replayer) letter(ctx context.Context, l *foundLetter) error {
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
	to, why := r.way(l, fix)
	if why != "" {
		r.report.Rejected++
		r.job.log.Warn("a dead letter stays where it is", "because", why, "stage", l.Stage, "topic", l.Topic, "partition", l.Partition, "offset", l.Offset, "attempt", l.Attempt)
		return nil
	}
	if r.print != nil {
		out := listed(l)
		out.Key, out.KeyB64 = printable(to.Key)
		out.Value, out.ValueB64 = printable(to.Value)
		if err := r.print.Encode(out); err != nil {
			return flow.Fail(flow.CantWrite, "writing to standard output: %w", err)
		}
		r.report.Written++
	} else {
		r.waiting = append(r.waiting, to)
		r.bytes += len(to.Value)
		if len(r.waiting) >= r.batch || r.bytes >= replayBytes {
			if err := r.flush(ctx); err != nil {
				return err
			}
		}
	}
	if r.planned++; r.planned == r.filter.limit {
		return errEnough
	}
	return nil
}

// way is where a letter goes, or why it stays.
func (r *replayer) way(l *foundLetter, fix *repair) (to kafka.ReplayRecord, why string) {
	to = kafka.ReplayRecord{Letter: l.DeadLetter, Partition: l.Partition, Key: l.Key, Value: l.Value}
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
		case l.Attempt >= r.maxAttempts:
			return to, "it was refused --max-attempts times: repair it and send it by --in"
		}
	}
	switch {
	case int(l.Partition) >= r.partitions || l.Partition < 0:
		return to, "its topic has no such partition"
	case l.Topic == r.names.Raw():
		to.Topic = r.names.Raw()
	case l.Topic == r.names.Clean() && to.Repaired:
		// Another value is a correction, which all stores must get: it goes the way of every reading.
		to.Topic = r.names.Raw()
		to.Partition = kafka.Partition(fix.station, r.partitions)
	case l.Topic == r.names.Clean():
		to.Topic, to.Stage = r.names.Clean(), l.Stage
	default:
		return to, "it is of no topic under this --topic-prefix"
	}
	return to, ""
}

// flush sends what waits.
func (r *replayer) flush(ctx context.Context) error {
	if len(r.waiting) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.replay.Send(ctx, r.waiting); err != nil {
		return err
	}
	r.report.Written += int64(len(r.waiting))
	r.job.moved(r.report.Written, r.report.Read)
	r.waiting, r.bytes = r.waiting[:0], 0
	return nil
}
