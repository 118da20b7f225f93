package faults_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"senmeteo/jobs/flow"
	"senmeteo/test/program"
)

// V1. `review` is killed before and after its verdicts are durable and its offsets committed, and `stream` around its transactions with them.
func TestV1ReviewAndStreamAreKilledOverVerdicts(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		want := undisturbed(t, round)
		s := newStreamed(t, round)
		for _, point := range []string{
			"review.after-send", "stream.after-produce", "review.before-commit", "stream.before-commit", "review.after-commit", "stream.after-commit",
		} {
			verb, _, _ := strings.Cut(point, ".")
			flags := map[string][]string{"stream": {"stream", "--batch-records", "20"}, "review": {"review"}}
			s.crash(t, point, flags[verb]...)
		}
		s.comesToRest(t)
		s.balanceVerdicts(t, want)
	})
}

// V2. Two reviews at once, one of which is asleep until the other has ended, and one that follows beside a `stream` that does.
func TestV2TwoReviewsAtOnceAndOneThatFollows(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		want := undisturbed(t, round)
		t.Run("two", func(t *testing.T) {
			s := newStreamed(t, round)
			asleep := s.sleeper(t, "review.before-commit", "review")
			s.Must(t, "review")
			s.Must(t, "stream")
			expect(t, wake(t, asleep), 0)
			other := s.Start(t, "review")
			s.Must(t, "stream")
			expect(t, other.Wait(t), 0)
			s.comesToRest(t)
			s.balanceVerdicts(t, want)
		})
		t.Run("following", func(t *testing.T) {
			s := newStreamed(t, round)
			review, stream := s.Start(t, "review", "--follow", "--pause", "50ms"), s.Start(t, "stream", "--follow")
			defer review.Kill(t)
			defer stream.Kill(t)
			s.waitFor(t, want)
			review.Kill(t)
			stream.Kill(t)
			s.kills += 2
			s.comesToRest(t)
			s.balanceVerdicts(t, want)
		})
	})
}

// V3. Verdicts that come late, twice, for a revision that is gone or for one that never was: each is a duplicate that is counted as stale.
func TestV3VerdictsComeLateTwiceAndForRevisionsThatAreGone(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for i, value := range []string{"25", "35", "25.5"} {
		observed := at.Add(time.Duration(i) * 10 * time.Minute)
		s.Produce(t, dakar(reading("SN-DK", observed, observed, value)))
	}
	s.Must(t, "stream")
	if r := s.Must(t, "review").Report(t); r.Written != 1 {
		t.Fatalf("review sends %d verdicts, want that on the spike", r.Written)
	}
	sent := s.verdicts(t)[0]
	twice := func() {
		s.Produce(t, &kgo.Record{Partition: sent.Partition, Key: sent.Key, Value: sent.Value, Headers: sent.Headers})
	}
	stream := func(what string, verdicts, stale int64, args ...string) {
		t.Helper()
		if r := s.Must(t, append([]string{"stream"}, args...)...).Report(t); r.Verdicts != verdicts || r.Stale != stale || r.Duplicates != stale {
			t.Errorf("%s: stream accepts %d, drops %d as stale and counts %d duplicates; want %d and %d", what, r.Verdicts, r.Stale, r.Duplicates, verdicts, stale)
		}
	}
	twice()
	stream("twice", 1, 1)
	twice()
	stream("once more", 0, 1)
	observed := at.Add(10 * time.Minute)
	s.Produce(t, dakar(reading("SN-DK", observed, observed.Add(time.Hour), "36")))
	stream("a correction", 0, 0)
	s.Must(t, "review")
	s.Produce(t, dakar(reading("SN-DK", observed, observed.Add(2*time.Hour), "25.2")))
	// The correction is read after the verdict on the revision before it, which counts.
	stream("a verdict and then a correction", 1, 0)
	twice()
	stream("a verdict on the first revision", 0, 1)
	if rows := latestOf(s.cleanRows(t)); len(rows) != 3 {
		t.Errorf("the clean topic holds %v", rows)
	}
	for _, r := range latestOf(s.cleanRows(t)) {
		if r.quality != "good" {
			t.Errorf("corrected, it is %v", r)
		}
	}
	time.Sleep(1500 * time.Millisecond) // more than the window and a quarter of it
	s.Produce(t, dakar(reading("SN-DK", at.Add(30*time.Minute), at.Add(30*time.Minute), "40")), dakar(reading("SN-DK", at.Add(40*time.Minute), at.Add(40*time.Minute), "25")))
	stream("two more", 0, 0)
	time.Sleep(1500 * time.Millisecond) // so much later than its observation does the verdict arrive
	s.Must(t, "review")
	stream("late", 0, 1, "--dedupe-window", "1s")
	s.load(t)
	s.Must(t, "reconcile", "--hdfs", "file://"+s.Lake)
}

// found are the failures by id after the days of rounds to which nothing happened.
var found struct {
	sync.Mutex
	days map[int]map[string]string
}

// undisturbed returns the failures by id after the day of a round to which nothing happens.
func undisturbed(t *testing.T, round int) map[string]string {
	t.Helper()
	found.Lock()
	defer found.Unlock()
	if found.days == nil {
		found.days = map[int]map[string]string{}
	}
	if found.days[round] == nil {
		found.days[round] = judgedUndisturbed(t, round)
	}
	return found.days[round]
}

func judgedUndisturbed(t *testing.T, round int) map[string]string {
	t.Helper()
	s := newStreamed(t, round)
	s.Must(t, "review")
	s.comesToRest(t)
	found := s.judged(t)
	s.balanceVerdicts(t, found)
	if len(s.verdicts(t)) < 20 {
		t.Fatalf("a day with defects has %d verdicts", len(s.verdicts(t)))
	}
	return found
}

// verdicts are the records of the raw topic that hold one.
func (s *scenario) verdicts(t testing.TB) (out []*kgo.Record) {
	t.Helper()
	for _, r := range s.Records(t, "raw") {
		for _, h := range r.Headers {
			if h.Key == flow.HeaderVerdict {
				out = append(out, r)
			}
		}
	}
	return out
}

// judged returns the failures of the last revision of each id in the clean topic.
func (s *scenario) judged(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, r := range latestOf(s.cleanRows(t)) {
		out[r.id] = r.qc
	}
	return out
}

// waitFor waits until the clean topic holds these failures.
func (s *scenario) waitFor(t testing.TB, want map[string]string) {
	t.Helper()
	program.Until(t, func() bool { return maps.Equal(s.judged(t), want) })
}

// comesToRest runs stream and review in turn. Once all verdicts are accepted neither has anything to do; then the stores are loaded.
func (s *scenario) comesToRest(t testing.TB) {
	t.Helper()
	for range 4 {
		s.Must(t, "stream")
		s.Must(t, "review")
	}
	for _, verb := range []string{"stream", "review"} {
		if r := s.Must(t, verb).Report(t); r.Read != 0 || r.Outcome != "nothing" {
			t.Errorf("%s does not come to rest: %s", verb, r.JSON())
		}
	}
	s.load(t)
}

// balanceVerdicts holds the topics and stores against what was sent and the failures that must have been found: each revision is there once,
// and no more than sent and judged.
func (s *scenario) balanceVerdicts(t testing.TB, want map[string]string) {
	t.Helper()
	v := verdict{}
	raw, clean := s.Records(t, "raw"), s.cleanRows(t)
	v.records = len(raw)
	times := map[string]int{}
	last := map[string]int64{}
	for _, r := range clean {
		times[fmt.Sprint(r.id, r.revision)]++
		last[r.id] = max(last[r.id], r.revision)
	}
	for id, n := range s.truth.revisions {
		if last[id] < n {
			v.lost++
			v.complain("the clean topic holds %d revisions of %s, which was sent in %d", last[id], id, n)
		}
		for revision := int64(1); revision <= last[id]; revision++ {
			if found := times[fmt.Sprint(id, revision)]; found != 1 {
				v.doubled++
				v.complain("the clean topic holds revision %d of %s %d times", revision, id, found)
			}
		}
	}
	for id, qc := range s.judged(t) {
		if qc != want[id] {
			v.complain("%s failed %q, want %q", id, qc, want[id])
		}
	}
	latest := latestOf(clean)
	v.auditValues(raw, clean)
	v.auditLetters(s.Prefix+".raw", raw, s.letters(t))
	v.auditStore("the lake", clean, s.lakeRows(t))
	v.auditStore("PostgreSQL", latest, s.postgresRows(t))
	v.auditStore("Elasticsearch", latest, s.elasticsearchRows(t))
	board.add(t, s.kills, v)
	s.kills = 0
	for _, c := range v.complaints {
		t.Error(c)
	}
	s.Must(t, "reconcile", "--hdfs", "file://"+s.Lake)
}
