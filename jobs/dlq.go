package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
)

func dlqCommand() *cli.Command {
	return &cli.Command{
		Name: "dlq", Usage: "look at dead letters: the records that a stage refused, and why",
		Subcommands: []*cli.Command{{
			Name: "list", Usage: "print dead letters as JSON Lines, the oldest of each partition first",
			Flags: flags([]cli.Flag{
				&cli.StringFlag{Name: "reason", EnvVars: env("reason"), Usage: "only letters of this reason code"},
				&cli.StringFlag{Name: "from", EnvVars: env("from"), Usage: "only letters that were written at this `TIME` or later"},
				&cli.IntFlag{Name: "limit", EnvVars: env("limit"), Usage: "at most this many (default: all)"},
				&cli.PathFlag{Name: "out", EnvVars: env("out"), Usage: "write them to `PATH` instead of the screen"},
			}, kafkaFlags()),
			Action: dlqList,
		}},
	}
}

// listedLetter is a dead letter as `dlq list` prints it.
type listedLetter struct {
	WrittenAt time.Time    `json:"written_at"`
	Stage     string       `json:"stage"`
	Reason    meteo.Reason `json:"reason"`
	Message   string       `json:"message"`
	Topic     string       `json:"topic"` // with partition and offset: where the record came from
	Partition int32        `json:"partition"`
	Offset    int64        `json:"offset"`
	RunID     string       `json:"run_id,omitempty"`
	Attempt   int          `json:"attempt"`
	Key       *string      `json:"key,omitempty"`
	Value     *string      `json:"value,omitempty"`
	ValueB64  []byte       `json:"value_base64,omitempty"` // in place of value where that is not UTF-8
}

func listed(r *flow.Record) listedLetter {
	l := kafka.ReadLetter(r)
	out := listedLetter{
		WrittenAt: r.Time.UTC(), Stage: l.Stage, Reason: l.Reason, Message: l.Message, Topic: l.Topic, Partition: l.Partition, Offset: l.Offset,
		RunID: l.RunID, Attempt: l.Attempt,
	}
	if l.Key != nil {
		key := string(l.Key)
		out.Key = &key
	}
	if utf8.Valid(l.Value) {
		value := string(l.Value)
		out.Value = &value
	} else {
		out.ValueB64 = l.Value
	}
	return out
}

func dlqList(c *cli.Context) error {
	j, err := startJob(c, "dlq")
	if err != nil {
		return err
	}
	j.progress.Close()
	cfg, names, err := kafkaConfig(c, j)
	if err != nil {
		return err
	}
	reason := meteo.Reason(c.String("reason"))
	if reason != "" && !slices.Contains(meteo.Reasons[:], reason) {
		return flow.Fail(flow.Usage, "--reason is %q; there are: %s", reason, joined(meteo.Reasons[:]))
	}
	from, err := instant(c, "from")
	if err != nil {
		return err
	}
	out, finish, err := letterOutput(c)
	if err != nil {
		return err
	}
	to, left := json.NewEncoder(out), c.Int("limit")
	to.SetEscapeHTML(false)
	err = eachLetter(c.Context, cfg, names, from, func(r *flow.Record) (more bool, err error) {
		l := listed(r)
		if reason != "" && l.Reason != reason {
			return true, nil
		}
		left--
		return left != 0, to.Encode(l)
	})
	return finish(err)
}

// letterOutput is where letters are printed; finish keeps the file when nothing failed.
func letterOutput(c *cli.Context) (out io.Writer, finish func(error) error, err error) {
	path := c.Path("out")
	if path == "" {
		return c.App.Writer, func(err error) error { return err }, nil
	}
	f, err := createOutput(path)
	if err != nil {
		return nil, nil, err
	}
	return f, func(err error) error {
		if err != nil {
			_ = f.abandon() // the first error tells more
			return err
		}
		return f.keep()
	}, nil
}

// eachLetter reads the dead-letter topic until each wants no more.
func eachLetter(ctx context.Context, cfg kafka.Config, names kafka.Names, from time.Time, each func(*flow.Record) (more bool, err error)) error {
	admin, err := kafka.NewAdmin(cfg)
	if err != nil {
		return err
	}
	defer admin.Close()
	history, err := kafka.NewHistory(ctx, cfg, admin, names.DLQ())
	if err != nil {
		return err
	}
	defer func() { _ = history.Close() }() // read only
	bounds, err := admin.Bounds(ctx, history.Topic())
	if err != nil {
		return err
	}
	for _, p := range slices.Sorted(maps.Keys(bounds)) {
		err := history.Since(ctx, p, from, func(r *flow.Record) error {
			more, err := each(r)
			if err == nil && !more {
				err = errEnough
			}
			return err
		})
		if errors.Is(err, errEnough) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// errEnough ends the reading of letters: it is no failure.
var errEnough = errors.New("enough letters")

func joined[T ~string](words []T) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = fmt.Sprint(w)
	}
	return strings.Join(parts, ", ")
}
