package generate

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"senmeteo/jobs/flow"
)

// Source gives the readings of a Config: a flow.Source.
type Source struct {
	config  Config
	model   *Model
	faults  faults
	summary Summary
}

// New makes the source of a configuration, which it validates.
func New(c Config) (*Source, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	model, err := NewModel(c.Seed, c.Every)
	if err != nil {
		return nil, err
	}
	return &Source{config: c, model: model, faults: faults{seed: c.Seed, rate: c.Faults, every: c.Every}}, nil
}

// Summary is what a pipeline must make of what the last Fetch gave, if it ended without an error.
func (s *Source) Summary() Summary { return s.summary }

// Fetch gives the readings ordered by time, then in the order of Config.Stations, and writes
// the truth about their defects. What is late or comes twice is given between the steps after
// its delay, or at the end: nothing is left out because the window ends.
func (s *Source) Fetch(ctx context.Context, put func(*flow.Item) error) error {
	truth := bufio.NewWriter(io.Discard)
	if s.config.Truth != nil {
		truth = bufio.NewWriter(s.config.Truth)
	}
	run := &fetching{Source: s, put: put, truth: json.NewEncoder(truth), pending: map[int64][]*flow.Item{}}
	s.summary = Summarize(s.config.Readings(), nil)
	err := run.window(ctx)
	if flushed := truth.Flush(); flushed != nil && err == nil {
		err = fmt.Errorf("writing the truth: %w", flushed)
	}
	return err
}

// fetching is one run of Fetch.
type fetching struct {
	*Source
	put     func(*flow.Item) error
	truth   *json.Encoder
	pending map[int64][]*flow.Item // by the step before whose readings they are given
}

// window gives every step and then what is still pending.
func (f *fetching) window(ctx context.Context) error {
	t := f.config.From
	for step := int64(0); t.Before(f.config.To); step++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.release(step); err != nil {
			return err
		}
		if err := f.step(step, t); err != nil {
			return err
		}
		t = t.Add(f.config.Every)
	}
	for _, step := range slices.Sorted(maps.Keys(f.pending)) {
		if err := f.release(step); err != nil {
			return err
		}
	}
	return nil
}

// release gives what was to come before a step.
func (f *fetching) release(step int64) error {
	for _, item := range f.pending[step] {
		if err := f.put(item); err != nil {
			return err
		}
	}
	delete(f.pending, step)
	return nil
}

// step gives the readings of one time.
func (f *fetching) step(step int64, t time.Time) error {
	for i := range f.config.Stations {
		station := &f.config.Stations[i]
		reading := f.model.At(*station, t)
		sent, truth := f.faults.apply(&reading, func(e *episode, at time.Time) float64 {
			first := f.model.At(*station, at)
			return first.Values[e.variable]
		})
		for i := range truth {
			if err := f.tell(&truth[i]); err != nil {
				return err
			}
		}
		for _, s := range sent {
			if s.Delay > 0 {
				due := step + 1 + int64(s.Delay/f.config.Every)
				f.pending[due] = append(f.pending[due], s.Item)
			} else if err := f.put(s.Item); err != nil {
				return err
			}
		}
	}
	return nil
}

// tell writes a line of the truth.
func (f *fetching) tell(line *Truth) error {
	f.summary.add(line.Defect)
	if err := f.truth.Encode(line); err != nil {
		return fmt.Errorf("writing the truth: %w", err)
	}
	return nil
}
