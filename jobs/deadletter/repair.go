package deadletter

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"

	"senmeteo/jobs/deadletter/letter"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// repairs are the lines of a file that `dlq list --out` wrote and somebody repaired, by the letters that they are for.
type repairs map[letter.ID]*repair

// repair is one line.
type repair struct {
	Line
	path    string
	line    int
	found   bool
	station string // of a repaired reading that goes back to before `stream`
}

// key is the line's key; the letter's own where the line has none.
func (r *repair) key(l *found) []byte {
	if b, ok := unprinted(r.Key, r.KeyB64); ok {
		return b
	}
	return l.Key
}

func (r *repair) value(l *found) []byte {
	if b, ok := unprinted(r.Value, r.ValueB64); ok {
		return b
	}
	return l.Value
}

func (r *repair) fail(format string, args ...any) error {
	return flow.Fail(flow.BadInput, "%s, line %d: "+format, append([]any{r.path, r.line}, args...)...)
}

// maxRepairLine bounds a line: a value of a megabyte in base64 or with every byte escaped, and what is around it.
const maxRepairLine = 8 << 20

func readRepairs(path string) (repairs, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, flow.Fail(flow.NoInput, "reading --in: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	out := repairs{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxRepairLine)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		r := &repair{path: path, line: n}
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.DisallowUnknownFields() // a misspelled "value" would send the old one
		if err := decoder.Decode(&r.Line); err != nil {
			return nil, r.fail("it is not a line of `dlq list`: %w", err)
		}
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return nil, r.fail("there is more after its object")
		}
		id := letter.ID{Topic: r.Topic, TopicID: r.TopicID, Partition: r.Partition, Offset: r.Offset, Stage: r.Stage}
		if out[id] != nil {
			return nil, r.fail("it is for the same letter as line %d", out[id].line)
		}
		out[id] = r
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return nil, flow.Fail(flow.BadInput, "%s holds a line of more than %d bytes", path, maxRepairLine)
	}
	if err := lines.Err(); err != nil {
		return nil, flow.Fail(flow.NoInput, "reading %s: %w", path, err)
	}
	return out, nil
}

// checkRepairs refuses the whole file, before anything is sent, when one of its lines can't be meant.
func (r *replay) checkRepairs(ctx context.Context, letters *reader) error {
	err := letters.each(ctx, Filter{}, func(l *found) error {
		fix := r.repairs[l.ID()]
		if fix == nil {
			return nil
		}
		fix.found = true
		key, value := fix.key(l), fix.value(l)
		if l.replayed || (bytes.Equal(key, l.Key) && bytes.Equal(value, l.Value)) {
			return nil
		}
		if len(value) > kafka.MaxRawBytes || len(key) > maxRepairedKey {
			return fix.fail("its value has %d bytes and its key %d; %d and %d are allowed", len(value), len(key), kafka.MaxRawBytes, maxRepairedKey)
		}
		if l.Topic == r.topics.Names.Clean() {
			return r.checkCorrection(l, fix, value)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var unknown []*repair
	for _, fix := range r.repairs {
		if !fix.found {
			unknown = append(unknown, fix)
		}
	}
	if len(unknown) > 0 {
		first := slices.MinFunc(unknown, func(a, b *repair) int { return a.line - b.line })
		return first.fail("there is no such dead letter: offset %d of partition %d of %q, refused by %q", first.Offset, first.Partition, first.Topic, first.Stage)
	}
	return nil
}

const maxRepairedKey = 1 << 10

// checkCorrection looks at a repaired record of a stage after `stream`. It goes back as a reading, so it must be one, and one that
// `stream` does not take for what it knows already.
func (r *replay) checkCorrection(l *found, fix *repair, value []byte) error {
	defaults := shape.Defaults{Source: "producer", Kind: meteo.Observed, FetchedAt: l.record.Time}
	now, err := r.decoder.FromJSON(value, defaults)
	if err != nil {
		return fix.fail("it is not a reading: %w", err)
	}
	if len(now) != 1 {
		return fix.fail("it holds %d readings, not one", len(now))
	}
	fix.station = now[0].StationID
	before, err := r.decoder.Observation(l.Value)
	if err == nil && before.Identity == now[0].Identity && !now[0].FetchedAt.After(before.FetchedAt) {
		return fix.fail("set fetched_at to a later time: a correction with the same time is a duplicate")
	}
	return nil
}
