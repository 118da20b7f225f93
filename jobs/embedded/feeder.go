package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/crash"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/output"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/reconcile"
	"senmeteo/jobs/source/generate"
)

// feeder makes the weather of `up`: at first three days in steps of ten minutes, then each ten seconds
// as they pass. Where it stands is kept in a file, and the defects it made in a truth file.
type feeder struct {
	dir    string
	seed   uint64
	faults float64
	log    *slog.Logger
	state  feederState
}

// feederState is what the feeder keeps between two starts.
type feederState struct {
	Next     time.Time `json:"next"`     // first time that was not sent yet
	Readings int64     `json:"readings"` // stations times steps so far
	Resent   bool      `json:"resent"`   // it was killed while it sent: some records are there twice
	Sending  bool      `json:"sending"`  // it is sending the window that begins at Next

	// The window's end and steps, and how long the truth file was before it.
	Until time.Time     `json:"until"`
	Every time.Duration `json:"every"`
	Truth int64         `json:"truth"`
}

const (
	backfillDays = 3
	backfillStep = 10 * time.Minute
	liveStep     = 10 * time.Second
)

func (f *feeder) statePath() string { return filepath.Join(f.dir, "feeder.json") }
func (f *feeder) truthPath() string { return filepath.Join(f.dir, "truth.jsonl") }

// run feeds until feeding ends, and then finishes the window that it is sending. When ctx ends it stops in the middle.
func (f *feeder) run(ctx, feeding context.Context, t pipeline.Topics) error {
	if err := f.load(time.Now().UTC()); err != nil {
		return err
	}
	to, err := output.OpenTopic(ctx, t.Kafka, t.Names)
	if err != nil {
		return err
	}
	defer to.Abandon()
	if err := f.resume(ctx, to); err != nil {
		return err
	}
	if err := f.catchUp(ctx, feeding, to); err != nil {
		return err
	}
	for {
		next := f.state.Next.Add(liveStep)
		select {
		case <-feeding.Done():
		case <-time.After(time.Until(next)):
		}
		if feeding.Err() != nil {
			return nil
		}
		if err := f.send(ctx, to, next, liveStep); err != nil {
			return err
		}
	}
}

// resume sends the window again in which the feeder was killed: the same steps to the same end, with the truth about them. So what
// was sent before is sent twice, and nothing else comes of it.
func (f *feeder) resume(ctx context.Context, to *output.Topic) error {
	if !f.state.Sending || f.state.Until.IsZero() {
		return nil
	}
	if err := os.Truncate(f.truthPath(), f.state.Truth); err != nil {
		return output.CantWrite(f.truthPath(), err)
	}
	return f.send(ctx, to, f.state.Until, f.state.Every)
}

// catchUp sends what is missing up to now, day by day in steps of ten minutes, so that a start after a long stop is quick.
func (f *feeder) catchUp(ctx, feeding context.Context, to *output.Topic) error {
	now := time.Now().UTC().Truncate(backfillStep)
	for f.state.Next.Before(now) && feeding.Err() == nil {
		end := f.state.Next.Truncate(24 * time.Hour).Add(24 * time.Hour)
		if end.After(now) {
			end = now
		}
		if err := f.send(ctx, to, end, backfillStep); err != nil {
			return err
		}
	}
	return nil
}

// send sends the window from where the feeder stands to an end. The state is on disk before and after, so that a kill in between
// repeats the window and never leaves it out.
func (f *feeder) send(ctx context.Context, to *output.Topic, end time.Time, step time.Duration) error {
	from := f.state.Next
	if aligned := from.Truncate(step); aligned.Before(from) {
		from = aligned.Add(step)
	}
	if !from.Before(end) {
		f.state.Next = end
		return f.save()
	}
	truth, err := os.OpenFile(f.truthPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return output.CantWrite(f.truthPath(), err)
	}
	if err := f.begin(truth, end, step); err != nil {
		return errors.Join(err, truth.Close())
	}
	source, err := generate.New(generate.Config{Stations: meteo.Stations[:], From: from, To: end, Every: step, Seed: f.seed, Faults: f.faults, Truth: truth})
	if err != nil {
		return errors.Join(err, truth.Close())
	}
	err = source.Fetch(ctx, func(item *flow.Item) error { return to.Put(ctx, item) })
	if err == nil {
		_, err = to.Finish(ctx)
	}
	if err = errors.Join(err, truth.Close()); err != nil {
		if ctx.Err() != nil {
			return nil // stopped in the window: it is sent again by the next start
		}
		return err
	}
	crash.At("feeder.after-send")
	f.state.Next, f.state.Sending = end, false
	f.state.Readings += source.Summary().Readings
	return f.save()
}

// begin notes the window that is about to be sent.
func (f *feeder) begin(truth *os.File, end time.Time, step time.Duration) error {
	size, err := truth.Seek(0, io.SeekEnd)
	if err != nil {
		return output.CantWrite(f.truthPath(), err)
	}
	f.state.Sending, f.state.Until, f.state.Every, f.state.Truth = true, end, step, size
	return f.save()
}

// load reads the state; without one the feeder begins three days ago.
func (f *feeder) load(now time.Time) error {
	text, err := os.ReadFile(f.statePath())
	if errors.Is(err, fs.ErrNotExist) {
		f.state = feederState{Next: now.Truncate(backfillStep).AddDate(0, 0, -backfillDays)}
		return nil
	}
	if err != nil {
		return output.CantWrite(f.statePath(), err)
	}
	if err := json.Unmarshal(text, &f.state); err != nil {
		return flow.Fail(flow.BadInput, "%s can't be read (%w): delete the data folder to start afresh", f.statePath(), err)
	}
	f.state.Resent = f.state.Resent || f.state.Sending
	return nil
}

func (f *feeder) save() error {
	text, _ := json.Marshal(f.state) // times and numbers always marshal
	out, err := output.Create(f.statePath())
	if err != nil {
		return err
	}
	if _, err := out.Write(text); err != nil {
		return errors.Join(output.CantWrite(f.statePath(), err), out.Abandon())
	}
	return out.Commit()
}

// compare compares the ledger with the truth file, without the verdicts of `review`, which the feeder does not send. After a kill records were sent twice: they can be more duplicates and dead
// letters, of which the truth file can't say how many, and nothing else.
func (f *feeder) compare(result *reconcile.Result) (verdict string, agrees bool, err error) {
	file, err := os.OpenFile(f.truthPath(), os.O_CREATE|os.O_RDONLY, 0o644) // empty when nothing was sent yet
	if err != nil {
		return "", false, output.CantWrite(f.truthPath(), err)
	}
	defer func() { _ = file.Close() }() // read only
	lines, err := generate.ReadTruth(file)
	if err != nil {
		return "", false, flow.Fail(flow.BadInput, "%s: %w", f.truthPath(), err)
	}
	want, clean := generate.Summarize(f.state.Readings, lines), result.Tallies[0]
	got := want
	got.Clean, got.Corrections, got.Duplicates, got.DeadLetters = clean.Observations, clean.Records-clean.Observations-result.Total.Verdicts, result.Total.Duplicates-result.Total.Stale, result.Total.Dead
	agrees = got == want
	again := ""
	if f.state.Resent {
		agrees = got.Clean == want.Clean && got.Corrections == want.Corrections && got.Duplicates >= want.Duplicates && got.DeadLetters >= want.DeadLetters
		again = fmt.Sprintf("; %d duplicates and %d dead letters are there besides, since the feeder was killed and sent records again",
			got.Duplicates-want.Duplicates, got.DeadLetters-want.DeadLetters)
	}
	if agrees {
		return "truth file: " + countsOf(want) + ", as in the ledger" + again, true, nil
	}
	return "truth file: " + countsOf(want) + "\nthe ledger: " + countsOf(got), false, nil
}

func countsOf(s generate.Summary) string {
	return fmt.Sprintf("%d observations, %d corrections, %d duplicates, %d dead letters", s.Clean, s.Corrections, s.Duplicates, s.DeadLetters)
}
