package review_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/review"
	"senmeteo/jobs/shape"
	"senmeteo/jobs/source/generate"
)

// world is a raw and a clean topic in memory, with a step of stream between them. Of each record the clean topic has one per partition.
type world struct {
	testing.TB
	now       time.Time
	raw       []flow.Record
	streamed  int // of raw
	steps     []*clean.Step
	clean     [][]flow.Record
	committed flow.Offsets

	mu          sync.Mutex
	reads       int
	duplicates  int64
	stale       int64
	failSend    error
	failCommit  error
	letInFirst  int64 // what retention has kept of each partition
	sent        int
	interrupted context.CancelFunc
}

const partitions = 3

func newWorld(t testing.TB) *world {
	w := &world{TB: t, now: time.Now().Add(-time.Hour), committed: flow.Offsets{}, clean: make([][]flow.Record, partitions)}
	for p := range int32(partitions) {
		w.steps = append(w.steps, clean.New(clean.Config{History: empty{}, Partition: func(string) int32 { return p }}))
	}
	return w
}

func home(station string) int32 { return int32(len(station)+int(station[len(station)-1])) % partitions }

func (w *world) write(readings ...*meteo.Observation) {
	for _, o := range readings {
		w.raw = append(w.raw, flow.Record{Partition: home(o.StationID), Value: (&meteo.Observation{Reading: o.Reading}).AppendJSON(nil)})
	}
}

// stream cleans what it has not yet.
func (w *world) stream() {
	w.Helper()
	for ; w.streamed < len(w.raw); w.streamed++ {
		r := w.raw[w.streamed]
		r.Time = w.now
		b := &flow.Batch{Partition: r.Partition, Records: []flow.Record{r}}
		if err := w.steps[r.Partition].Apply(w.Context(), b); err != nil {
			w.Fatal(err)
		}
		if len(b.Rejects) > 0 {
			w.Fatal(b.Rejects[0].Refusal)
		}
		w.duplicates += b.Duplicates
		w.stale += b.Stale
		for i := range b.Observations {
			p := r.Partition
			w.clean[p] = append(w.clean[p], flow.Record{Partition: p, Offset: int64(len(w.clean[p])), Value: b.Observations[i].AppendJSON(nil), Time: w.now})
		}
	}
}

func (w *world) review() *flow.Report {
	w.Helper()
	report, err := review.Run(w.Context(), review.Config{RunID: "test"}, w)
	if err != nil {
		w.Fatal(err)
	}
	return report
}

func (w *world) Bounds(context.Context) (map[int32]flow.Bounds, error) {
	out := map[int32]flow.Bounds{}
	for p := range w.clean {
		n := int64(len(w.clean[p]))
		out[int32(p)] = flow.Bounds{First: min(w.letInFirst, n), End: n, High: n}
	}
	return out, nil
}

func (w *world) Committed(context.Context) (flow.Offsets, error) { return maps.Clone(w.committed), nil }

func (w *world) At(_ context.Context, partition int32, t time.Time) (int64, error) {
	for i := range w.clean[partition] {
		if !w.clean[partition][i].Time.Before(t) {
			return int64(i), nil
		}
	}
	return int64(len(w.clean[partition])), nil
}

func (w *world) Read(_ context.Context, partition int32, from, end int64, each func(*flow.Record) error) error {
	for _, r := range w.clean[partition][from:end] {
		w.mu.Lock()
		w.reads++
		w.mu.Unlock()
		if err := each(&r); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) Send(_ context.Context, verdicts []*meteo.Observation) error {
	for _, o := range verdicts {
		w.raw = append(w.raw, flow.Record{
			Partition: home(o.StationID), Value: o.AppendJSON(nil), Headers: []flow.Header{{Key: flow.HeaderVerdict, Value: []byte("review")}},
		})
	}
	w.sent += len(verdicts)
	if w.interrupted != nil {
		w.interrupted()
	}
	return w.failSend
}

func (w *world) Commit(_ context.Context, next flow.Offsets) error {
	if w.failCommit != nil {
		return w.failCommit
	}
	maps.Copy(w.committed, next)
	return nil
}

// last returns the last revision of each id that failed a rule of review: "minutes revision {failures}".
func (w *world) last() string {
	last := map[meteo.ID]*meteo.Observation{}
	for p := range w.clean {
		for _, r := range w.clean[p] {
			o, err := shape.NewDecoder().Observation(r.Value)
			if err != nil {
				w.Fatal(err)
			}
			last[o.ID] = &o
		}
	}
	var out []string
	for _, o := range last {
		for _, f := range o.QC {
			if slices.Contains(ours, f.Rule) {
				out = append(out, fmt.Sprintf("%s %s %v %s %s revision %d", o.StationID, o.ObservedAt.Format("01-02"), o.ObservedAt.Sub(noon).Minutes(), f.Subject, f.Rule, o.Revision))
			}
		}
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func TestStreamAndReviewInTurnMakeOneRevisionAndThenNothing(t *testing.T) {
	w := newWorld(t)
	w.write(series(10, meteo.Temperature, 25, 35, 25)...)
	w.stream()
	if r := w.review(); r.Read != 3 || r.Written != 1 || r.Outcome != "ok" {
		t.Errorf("the report is %s", r.JSON())
	}
	for range 3 {
		w.stream()
		w.review()
	}
	if got := w.last(); got != "SN-DK 03-01 10 temperature_c spike revision 2" {
		t.Error(got)
	}
	if w.sent != 1 || w.duplicates != 0 {
		t.Errorf("%d verdicts, %d duplicates", w.sent, w.duplicates)
	}
	reads := w.reads
	if r := w.review(); r.Outcome != "nothing" || w.reads != reads {
		t.Errorf("with nothing new: %s, %d records read", r.JSON(), w.reads-reads)
	}
}

func TestAReviewKnowsWhatCameBeforeItBegan(t *testing.T) {
	w := newWorld(t)
	for _, o := range series(10, meteo.Temperature, 25, 35, 25) {
		w.write(o)
		w.stream()
		w.review()
	}
	w.stream()
	w.review()
	if got := w.last(); got != "SN-DK 03-01 10 temperature_c spike revision 2" || w.sent != 1 {
		t.Errorf("%s, %d sent", got, w.sent)
	}
}

func TestAReviewThatIsKilledBeforeItsCommitSendsAgainAndStreamDropsIt(t *testing.T) {
	for name, kill := range map[string]func(*world, error){
		"before it commits": func(w *world, err error) { w.failCommit = err },
		"after it has sent": func(w *world, err error) { w.failSend = err },
	} {
		t.Run(name, func(t *testing.T) {
			for _, streamed := range []bool{false, true} {
				w := newWorld(t)
				w.write(series(10, meteo.Temperature, 25, 35, 25)...)
				w.stream()
				kill(w, errors.New("killed"))
				if _, err := review.Run(t.Context(), review.Config{}, w); err == nil || !strings.Contains(err.Error(), "killed") {
					t.Fatal(err)
				}
				kill(w, nil)
				if streamed {
					w.stream()
				}
				w.review()
				w.stream()
				w.review()
				w.stream()
				if got := w.last(); got != "SN-DK 03-01 10 temperature_c spike revision 2" {
					t.Error(got)
				}
				want := 1
				if !streamed {
					want = 2 // the first was not accepted yet
				}
				if w.sent != want || w.stale != int64(want-1) || w.duplicates != w.stale {
					t.Errorf("streamed %v: %d sent, %d duplicates, %d stale", streamed, w.sent, w.duplicates, w.stale)
				}
			}
		})
	}
}

func TestAVerdictOnARevisionThatIsGoneIsFollowedByOneOnTheNext(t *testing.T) {
	w := newWorld(t)
	three := series(10, meteo.Temperature, 25, 35, 25)
	w.write(three...)
	w.stream()
	w.review()
	corrected := *three[1] // before the verdict on it is accepted
	corrected.Values[meteo.Temperature], corrected.FetchedAt = 36, corrected.FetchedAt.Add(time.Minute)
	w.raw = slices.Insert(w.raw, w.streamed, flow.Record{Partition: home(corrected.StationID), Value: (&meteo.Observation{Reading: corrected.Reading}).AppendJSON(nil)})
	w.stream()
	if w.stale != 1 {
		t.Errorf("%d are stale", w.stale)
	}
	w.review()
	w.stream()
	w.review()
	w.stream()
	if got := w.last(); got != "SN-DK 03-01 10 temperature_c spike revision 3" {
		t.Error(got)
	}
}

func TestTwoReviewsAtOnceChangeNothing(t *testing.T) {
	w := newWorld(t)
	w.write(series(10, meteo.Temperature, 25, 35, 25)...)
	w.stream()
	w.review()
	w.committed = flow.Offsets{} // the other one began when this one had not ended
	w.review()
	w.stream()
	w.review()
	w.stream()
	if got := w.last(); got != "SN-DK 03-01 10 temperature_c spike revision 2" || w.stale != 1 {
		t.Errorf("%s, %d stale", got, w.stale)
	}
}

func TestReviewsOfEachSixHoursFindWhatOneReviewFinds(t *testing.T) {
	from := time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC)
	src, err := generate.New(generate.Config{Stations: meteo.Stations[:], From: from, To: from.AddDate(0, 0, 5), Every: 10 * time.Minute, Seed: 5, Faults: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	one, many := newWorld(t), newWorld(t)
	next := from.Add(6 * time.Hour)
	err = src.Fetch(t.Context(), func(item *flow.Item) error {
		o := &meteo.Observation{Reading: item.Reading}
		if item.Raw != nil || o.ObservedAt.Year() > 2090 {
			return nil
		}
		one.write(o)
		if !o.ObservedAt.Before(next) {
			many.stream()
			many.review()
			next = next.Add(6 * time.Hour)
		}
		many.write(o)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []*world{one, many} {
		for range 3 {
			w.stream()
			w.review()
		}
		sent := w.sent
		w.stream()
		if w.review(); w.sent != sent || w.stale != 0 {
			t.Errorf("%d more verdicts, %d stale", w.sent-sent, w.stale)
		}
	}
	without := func(text string) map[string]bool {
		out := map[string]bool{}
		for _, line := range strings.Split(text, "; ") {
			line, _, _ = strings.Cut(line, " revision")
			out[line] = true
		}
		return out
	}
	a, b := without(one.last()), without(many.last())
	if len(a) < 50 {
		t.Errorf("%d failures", len(a))
	}
	for line := range a {
		if !b[line] {
			t.Error("reviews of six hours lack", line)
		}
	}
	for line := range b {
		if !a[line] {
			t.Error("reviews of six hours have more:", line)
		}
	}
}

func TestTheFirstReviewBeginsTwoDaysAgo(t *testing.T) {
	w := newWorld(t)
	w.now = time.Now().Add(-49 * time.Hour)
	w.write(series(10, meteo.Temperature, 25, 35, 25)...)
	w.stream()
	if r := w.review(); r.Read != 0 || w.sent != 0 {
		t.Errorf("%s, %d sent", r.JSON(), w.sent)
	}
	w.now = time.Now().Add(-47 * time.Hour)
	w.write(series(10, meteo.Humidity, 50, 80, 50, 52)[3:]...)
	w.stream()
	if r := w.review(); r.Read != 1 {
		t.Errorf("%s", r.JSON())
	}
}

func TestWhatRetentionTookIsPassedOver(t *testing.T) {
	w := newWorld(t)
	w.write(series(10, meteo.Temperature, 25, 35, 25, 25)...)
	w.stream()
	w.committed[home("SN-DK")] = 1
	w.letInFirst = 2
	if r := w.review(); r.Read != 2 || r.To[home("SN-DK")] != 4 {
		t.Errorf("%s", r.JSON())
	}
}

func TestRecordsThatAreNotObservationsAreCountedAndPassedOver(t *testing.T) {
	w := newWorld(t)
	w.write(series(10, meteo.Temperature, 25, 35, 25)...)
	w.stream()
	p := home("SN-DK")
	again := w.clean[p][0]
	again.Headers = []flow.Header{{Key: flow.HeaderStage, Value: []byte("to-es")}}
	for _, r := range []flow.Record{{Value: []byte("{")}, again} {
		r.Partition, r.Offset, r.Time = p, int64(len(w.clean[p])), w.now
		w.clean[p] = append(w.clean[p], r)
	}
	if r := w.review(); r.Read != 5 || r.Rejected != 1 || r.Written != 1 {
		t.Errorf("%s", r.JSON())
	}
}

func TestAFollowingReviewGoesOnUntilItsContextEnds(t *testing.T) {
	w := newWorld(t)
	three := series(10, meteo.Temperature, 25, 35, 25)
	w.write(three[:2]...)
	w.stream()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.interrupted = cancel
	wrote := false
	report, err := review.Run(ctx, review.Config{Follow: true, Pause: time.Millisecond, Alive: func() {
		if !wrote {
			wrote = true
			w.write(three[2:]...)
			w.stream()
		}
	}}, w)
	if err != nil || w.sent != 1 || report.Read != 3 {
		t.Errorf("%v, %d sent, %s", err, w.sent, report.JSON())
	}
}

func TestAReviewThatIsStoppedSaysSo(t *testing.T) {
	w := newWorld(t)
	w.write(series(10, meteo.Temperature, 25, 35, 25)...)
	w.stream()
	ctx, cancel := context.WithCancel(t.Context())
	w.interrupted, w.failSend = cancel, context.Canceled
	if _, err := review.Run(ctx, review.Config{}, w); flow.ClassOf(err) != flow.Interrupted {
		t.Error(err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 0)
	defer cancel()
	w.failSend = context.DeadlineExceeded
	if _, err := review.Run(ctx, review.Config{}, w); flow.ClassOf(err) != flow.TryLater {
		t.Error(err)
	}
}
