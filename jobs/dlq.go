package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

func dlqCommand() *cli.Command {
	return &cli.Command{
		Name: "dlq", Usage: "dead letters, the records that a stage refused: look at them and send them back",
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "print dead letters that were not sent back yet, as JSON Lines, the oldest of each partition first",
				Flags: flags(letterFlags(), []cli.Flag{
					&cli.BoolFlag{Name: "all", EnvVars: env("all"), Usage: "those that were sent back, too"},
					&cli.PathFlag{Name: "out", EnvVars: env("out"), Usage: "write them to `PATH` instead of the screen"},
				}, kafkaFlags()),
				Action: printing("dlq", dlqList),
			},
			dlqReplayCommand(),
		},
	}
}

// listedLetter is a dead letter as `dlq list` prints it, and as `dlq replay --in` reads it.
type listedLetter struct {
	WrittenAt time.Time    `json:"written_at"`
	Stage     string       `json:"stage"`
	Reason    meteo.Reason `json:"reason"`
	Message   string       `json:"message"`
	Topic     string       `json:"topic"`              // with partition and offset: where the record came from
	TopicID   string       `json:"topic_id,omitempty"` // of the topic as it was then
	Partition int32        `json:"partition"`
	Offset    int64        `json:"offset"`
	RunID     string       `json:"run_id,omitempty"`
	Attempt   int          `json:"attempt"`
	Replayed  bool         `json:"replayed,omitempty"` // it was sent back
	Key       *string      `json:"key,omitempty"`
	KeyB64    []byte       `json:"key_base64,omitempty"` // in place of key where that is not UTF-8
	Value     *string      `json:"value,omitempty"`
	ValueB64  []byte       `json:"value_base64,omitempty"` // in place of value where that is not UTF-8
}

func listed(l *foundLetter) listedLetter {
	out := listedLetter{
		WrittenAt: l.record.Time.UTC(), Stage: l.Stage, Reason: l.Reason, Message: l.Message, Topic: l.Topic, TopicID: l.TopicID, Partition: l.Partition, Offset: l.Offset,
		RunID: l.RunID, Attempt: l.Attempt, Replayed: l.replayed,
	}
	out.Key, out.KeyB64 = printable(l.Key)
	out.Value, out.ValueB64 = printable(l.Value)
	return out
}

// printable is bytes as text where they are UTF-8; nothing at all when they are absent.
func printable(b []byte) (text *string, other []byte) {
	switch {
	case b == nil:
		return nil, nil
	case utf8.Valid(b):
		s := string(b)
		return &s, nil
	}
	return nil, b
}

// unprinted gives the bytes back; ok is false where there are none.
func unprinted(text *string, other []byte) (b []byte, ok bool) {
	if text != nil {
		return []byte(*text), true
	}
	return other, other != nil
}

func dlqList(c *cli.Context, j *job) error {
	cfg, names, err := kafkaConfig(c, j)
	if err != nil {
		return err
	}
	filter, err := letterFilterOf(c)
	if err != nil {
		return err
	}
	box, err := openLetterBox(c.Context, cfg, names, false)
	if err != nil {
		return err
	}
	defer box.close()
	out, finish, err := letterOutput(c)
	if err != nil {
		return err
	}
	to, printed := json.NewEncoder(out), 0
	to.SetEscapeHTML(false)
	err = box.each(c.Context, filter, func(l *foundLetter) error {
		if l.replayed && !c.Bool("all") {
			return nil
		}
		if err := to.Encode(listed(l)); err != nil {
			return flow.Fail(flow.CantWrite, "writing dead letters: %w", err)
		}
		if printed++; printed == filter.limit {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
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

func joined[T ~string](words []T) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = fmt.Sprint(w)
	}
	return strings.Join(parts, ", ")
}
