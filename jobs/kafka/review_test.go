package kafka

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/review"
	"senmeteo/jobs/shape"
)

// review runs the job once to the end.
func (c *cluster) review() *flow.Report {
	c.Helper()
	topics, err := OpenReview(c.ctx(), c.cfg, c.names, "test")
	if err != nil {
		c.Fatal(err)
	}
	report, err := review.Run(c.ctx(), review.Config{RunID: "test"}, topics)
	if err = errors.Join(err, topics.Close()); err != nil {
		c.Fatal(err)
	}
	return report
}

// spikes counts the last revisions that failed the rule of spikes, by their revision.
func (c *cluster) spikes() map[int64]int {
	c.Helper()
	last, decoder := map[meteo.ID]meteo.Observation{}, shape.NewDecoder()
	for _, r := range c.read(c.names.Clean()) {
		o, err := decoder.Observation(r.Value)
		if err != nil {
			c.Fatal(err)
		}
		last[o.ID] = o
	}
	out := map[int64]int{}
	for _, o := range last {
		for _, f := range o.QC {
			if f.Rule == "spike" {
				out[o.Revision]++
			}
		}
	}
	return out
}

func TestStreamAndReviewInTurnEndWithEachVerdictOnce(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	records := readings(20)
	for _, s := range meteo.Stations {
		records = append(records, reading(s.ID, 20, 45), reading(s.ID, 21, 25))
	}
	c.write(c.names.Raw(), records...)
	c.stream()
	if r := c.review(); r.Written != 14 || r.Read != 22*14 || r.Outcome != "ok" {
		t.Errorf("the first review: %s", r.JSON())
	}
	if r := c.stream(); r.Verdicts != 14 || r.Written != 14 || r.Stale != 0 {
		t.Errorf("the second stream: %s", r.JSON())
	}
	if got := c.spikes(); got[2] != 14 || len(got) != 1 {
		t.Errorf("the spikes by revision: %v", got)
	}
	if r := c.review(); r.Written != 0 || r.Read != 14 {
		t.Errorf("the second review: %s", r.JSON())
	}
	if r := c.stream(); r.Outcome != "nothing" {
		t.Errorf("the third stream: %s", r.JSON())
	}
	if r := c.review(); r.Outcome != "nothing" {
		t.Errorf("the third review: %s", r.JSON())
	}
	if l := c.ledger(); l.Clean != 23*14 || l.Duplicates != 0 {
		t.Errorf("the ledger is %+v", l)
	}
	positions, err := c.admin.StreamPositions(c.ctx(), c.names, true)
	if err != nil {
		t.Fatal(err)
	}
	verdicts := int64(0)
	for _, p := range positions {
		verdicts += p.Ledger.Verdicts
	}
	if verdicts != 14 {
		t.Errorf("the ledger counts %d verdicts", verdicts)
	}
}

func TestVerdictsThatComeTwiceAreCountedAsStale(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.write(c.names.Raw(), append(readings(3), reading("SN-DK", 3, 45), reading("SN-DK", 4, 25))...)
	c.stream()
	topics, err := OpenReview(c.ctx(), c.cfg, c.names, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = topics.Close() }()
	c.review()
	if err := topics.Commit(c.ctx(), flow.Offsets{Partition("SN-DK", testPartitions): 0}); err != nil {
		t.Fatal(err)
	}
	if r := c.review(); r.Written != 1 {
		t.Errorf("the verdict is not sent again: %s", r.JSON())
	}
	if r := c.stream(); r.Verdicts != 1 || r.Duplicates != 1 || r.Stale != 1 {
		t.Errorf("stream: %s", r.JSON())
	}
	c.review()
	if r := c.stream(); r.Outcome != "nothing" {
		t.Errorf("they do not come to rest: %s", r.JSON())
	}
	c.ledger()
}

func TestHowFarAReviewCameIsOfOneTopic(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	var text bytes.Buffer
	cfg := c.cfg
	cfg.Logger = slog.New(slog.NewTextHandler(&text, nil))
	topics, err := OpenReview(c.ctx(), cfg, c.names, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = topics.Close() }()
	if got, err := topics.Committed(c.ctx()); err != nil || len(got) != 0 {
		t.Errorf("at first: %v, %v", got, err)
	}
	if err := topics.Commit(c.ctx(), flow.Offsets{1: 7}); err != nil {
		t.Fatal(err)
	}
	if got, err := topics.Committed(c.ctx()); err != nil || len(got) != 1 || got[1] != 7 {
		t.Errorf("then: %v, %v", got, err)
	}
	topics.clean.ID = "another"
	if got, err := topics.Committed(c.ctx()); err != nil || len(got) != 0 || !strings.Contains(text.String(), "not of this topic") {
		t.Errorf("on a topic that was recreated: %v, %v, %s", got, err, text.String())
	}
}

func TestTheFirstRecordOfATimeIsFoundAndElseTheEnd(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.write(c.names.Raw(), readings(2)...)
	c.stream()
	topics, err := OpenReview(c.ctx(), c.cfg, c.names, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = topics.Close() }()
	bounds, err := topics.Bounds(c.ctx())
	if err != nil {
		t.Fatal(err)
	}
	for p, b := range bounds {
		first, err := topics.At(c.ctx(), p, time.Now().Add(-time.Hour))
		if err != nil || first != 0 && b.End > 0 {
			t.Errorf("partition %d: the last hour begins at %d, %v", p, first, err)
		}
		last, err := topics.At(c.ctx(), p, time.Now().Add(time.Hour))
		if err != nil || last != b.End {
			t.Errorf("partition %d: the future begins at %d, not %d, %v", p, last, b.End, err)
		}
	}
}
