package reconcile

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"senmeteo/jobs/deadletter/letter"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/flow/flowtest/memory"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/pipeline"
)

// held is what three topics of two partitions hold, and what stream says it did.
type held struct {
	logs    map[string][]flow.Record
	first   map[string]int64 // of partition 0: the first record kept
	ledger  map[int32]kafka.Position
	fails   string // the topic that can't be read
	worksOn bool   // stream commits while the topics are read
	reading func(name string)
}

var errUnreadable = errors.New("it can't be read")

func (h *held) topic(name string) flow.Topic {
	return flow.Topic{Name: name, ID: "id of " + name, Partitions: 2}
}

func (h *held) bounds(_ context.Context, name string) (map[int32]flow.Bounds, error) {
	out := map[int32]flow.Bounds{0: {First: h.first[name], End: h.first[name]}, 1: {}}
	for _, r := range h.logs[name] {
		b := out[r.Partition]
		b.End = max(b.End, r.Offset+1)
		out[r.Partition] = b
	}
	return out, nil
}

func (h *held) records(_ context.Context, name string, partitions []int32, each func(*flow.Record) error) error {
	if name == h.fails {
		return errUnreadable
	}
	if h.reading != nil {
		h.reading(name)
	}
	for i := range h.logs[name] {
		r := &h.logs[name][i]
		if slices.Contains(partitions, r.Partition) && (r.Partition > 0 || r.Offset >= h.first[name]) {
			if err := each(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *held) positions(context.Context) (map[int32]kafka.Position, error) {
	if h.worksOn {
		defer func() { h.ledger = map[int32]kafka.Position{0: {Next: h.ledger[0].Next + 1}} }()
	}
	if h.fails == "ledger" {
		return nil, errUnreadable
	}
	return h.ledger, nil
}

// put appends a record to a topic.
func (h *held) put(topic string, partition int32, value string, headers ...flow.Header) *flow.Record {
	offset := int64(0)
	for _, r := range h.logs[topic] {
		if r.Partition == partition {
			offset = r.Offset + 1
		}
	}
	h.logs[topic] = append(h.logs[topic], flow.Record{Partition: partition, Offset: offset, Value: []byte(value), Headers: headers})
	return &h.logs[topic][len(h.logs[topic])-1]
}

// refuse writes the dead letter of a record that a stage refused, and returns its headers.
func (h *held) refuse(topic flow.Topic, stage string, r flow.Record) []flow.Header {
	l := letter.New(topic, stage, "run", &r, meteo.Refuse(meteo.InvalidJSON, "broken"))
	h.put("meteo.dlq", r.Partition, string(r.Value), l.Encode()...)
	return l.Encode()
}

// store holds what was committed to a database in memory.
type store struct {
	flow.Store
	refused []flow.Refused
	broken  error  // of Verify
	fails   string // the question that it can't answer
	asked   flow.Selection
	summing func()
}

func (s *store) Refused(_ context.Context, each func(flow.Refused) error) error {
	if s.fails == "refused" {
		return errUnreadable
	}
	for _, r := range s.refused {
		if err := each(r); err != nil {
			return err
		}
	}
	return nil
}

func (s *store) Sums(ctx context.Context, sel flow.Selection, each func(flow.DaySum) error) error {
	if s.fails == "sums" {
		return errUnreadable
	}
	s.asked = sel
	if s.summing != nil {
		s.summing()
	}
	return s.Store.Sums(ctx, sel, each)
}

func (s *store) Revisions(ctx context.Context, sel flow.Selection, each func(flow.Revision) error) error {
	if s.fails == "revisions" {
		return errUnreadable
	}
	return s.Store.Revisions(ctx, sel, each)
}

func (s *store) Verify(context.Context) error { return s.broken }

// scene is what an audit finds. Stream has read 4 and 2 records; of those of partition 0 it refused the last, in partition 1 the second was
// known.
type scene struct {
	held
	store *store
	cfg   Config
}

func text(n int, revision int64) string {
	o := flowtest.Observation(0, n, revision)
	return string(o.AppendJSON(nil))
}

func newScene(t *testing.T) *scene {
	s := &scene{held: held{logs: map[string][]flow.Record{}, first: map[string]int64{}}}
	for range 3 {
		s.put("meteo.raw", 0, "a reading")
	}
	s.refuse(s.topic("meteo.raw"), "stream", *s.put("meteo.raw", 0, "{"))
	s.put("meteo.raw", 1, "a reading")
	s.put("meteo.raw", 1, "the same again")
	s.ledger = map[int32]kafka.Position{
		0: {Next: 4, Ledger: kafka.Ledger{Read: 4, Clean: 3, Dead: 1}},
		1: {Next: 2, Ledger: kafka.Ledger{Read: 2, Clean: 1, Duplicates: 1}},
	}
	db := memory.NewDatabase(memory.None)
	s.store = &store{Store: db.Open(s.topic("meteo.clean"))}
	s.cfg = Config{Topics: pipeline.Topics{Names: kafka.Names{Prefix: "meteo"}}, Stores: []pipeline.Opened{{Kind: db.Kind(), Store: s.store}}}
	for partition, all := range [][]meteo.Observation{
		{flowtest.Observation(0, 0, 1), flowtest.Observation(0, 0, 2), flowtest.Observation(0, 1, 1)}, {flowtest.Observation(1, 0, 1)},
	} {
		for i := range all {
			s.put("meteo.clean", int32(partition), string(all[i].AppendJSON(nil)))
		}
		s.commit(t, int32(partition), 0, all...)
	}
	return s
}

// commit stores observations.
func (s *scene) commit(t *testing.T, partition int32, start int64, all ...meteo.Observation) {
	t.Helper()
	if _, err := s.store.Acquire(t.Context(), partition); err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Commit(t.Context(), flowtest.Batch(partition, start, all...)); err != nil {
		t.Fatal(err)
	}
}

func (s *scene) audit(t *testing.T) (*Result, error) {
	t.Helper()
	return newAuditor(s.cfg, s).run(t.Context())
}

// Nobody waits for one of the three to end: each goes on when all have begun.
func TestAStoreIsSummedUpWhileTheCleanTopicAndTheRawOneAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		var begun sync.WaitGroup
		begun.Add(3)
		meet := func() { begun.Done(); begun.Wait() }
		s.store.summing = meet
		s.reading = func(name string) {
			if name != "meteo.dlq" {
				meet()
			}
		}
		if got, err := s.audit(t); err != nil || !got.Balanced {
			t.Errorf("the audit says %+v, %v", got, err)
		}
	})
}

func TestAnAuditOfWhatAgreesIsBalancedAndCountsTheTopics(t *testing.T) {
	got, err := newScene(t).audit(t)
	if err != nil {
		t.Fatal(err)
	}
	want := []Partition{
		{Partition: 0, Read: 4, Clean: 3, Dead: 1, RawRecords: 4, CleanRecords: 3, DeadLetters: 1},
		{Partition: 1, Read: 2, Clean: 1, Duplicates: 1, RawRecords: 2, CleanRecords: 1},
	}
	if !got.Balanced || !reflect.DeepEqual(got.Partitions, want) {
		t.Errorf("balanced: %v, %v; partitions %+v, want %+v", got.Balanced, got.Errors, got.Partitions, want)
	}
	if len(got.Tallies) != 2 || got.Tallies[0].Observations != 3 || got.Tallies[0].Records != 4 || got.Tallies[1].Name != "memory" || got.Tallies[1].Observations != 3 {
		t.Errorf("the tallies are %+v, want 3 observations of 4 records and 3 in memory", got.Tallies)
	}
	if len(got.Differences) != 1 || got.Differences[0].Count != 0 {
		t.Errorf("the differences are %+v", got.Differences)
	}
}

func TestAnAuditCountsTheVerdictsOfTheRawTopic(t *testing.T) {
	s := newScene(t)
	verdict := flow.Header{Key: flow.HeaderVerdict, Value: []byte("review")}
	s.put("meteo.raw", 1, "first", verdict)
	s.put("meteo.raw", 1, "second", verdict)
	s.put("meteo.raw", 1, "not read yet", verdict)
	s.ledger[1] = kafka.Position{Next: 4, Ledger: kafka.Ledger{Read: 4, Clean: 1, Duplicates: 3, Stale: 2}}
	got, err := s.audit(t)
	if err != nil {
		t.Fatal(err)
	}
	if p := got.Partitions[1]; !got.Balanced || p.RawVerdicts != 2 || p.Stale != 2 || p.Verdicts != 0 || p.RawRecords != 4 {
		t.Errorf("%v, %+v", got.Errors, p)
	}
	s.ledger[1] = kafka.Position{Next: 4, Ledger: kafka.Ledger{Read: 4, Clean: 1, Duplicates: 3, Verdicts: 1, Stale: 2}}
	if got, err = s.audit(t); err != nil || got.Balanced {
		t.Errorf("a verdict that was accepted and never sent balances: %v", err)
	}
}

func TestAnAuditNamesWhatDoesNotAgree(t *testing.T) {
	extra := flowtest.Observation(0, 9, 1)
	toMemory, toOther := flow.Header{Key: flow.HeaderStage, Value: []byte("to-memory")}, flow.Header{Key: flow.HeaderStage, Value: []byte("to-other")}
	for _, c := range []struct {
		name   string
		change func(*testing.T, *scene)
		says   string // "": it balances
	}{
		{"a raw record is lost", func(_ *testing.T, s *scene) { s.logs["meteo.raw"] = s.logs["meteo.raw"][1:] }, "raw topic holds 3 records"},
		{"raw records wait", func(_ *testing.T, s *scene) { s.put("meteo.raw", 0, "new"); s.put("meteo.raw", 0, "new") }, ""},
		{"retention has taken raw records", func(_ *testing.T, s *scene) { s.first["meteo.raw"] = 2 }, ""},
		{"a clean record is too many", func(_ *testing.T, s *scene) { s.put("meteo.clean", 0, text(0, 2)) }, "clean topic holds 4 records"},
		{"a clean record is of another program", func(_ *testing.T, s *scene) { s.put("meteo.clean", 0, "x") }, "clean topic holds 4 records"},
		{"a clean record came again for a job", func(_ *testing.T, s *scene) {
			s.put("meteo.clean", 0, text(0, 1), toMemory)
			s.put("meteo.clean", 0, text(7, 1), toOther)
		}, ""},
		{"the ledger begins after the clean topic", func(_ *testing.T, s *scene) {
			s.ledger[0] = kafka.Position{Next: 4, Ledger: kafka.Ledger{Read: 4, Clean: 2, Dead: 1, Duplicates: 1, CleanFrom: 1}}
		}, ""},
		{"the ledger begins after all of the clean topic", func(_ *testing.T, s *scene) {
			s.ledger[0] = kafka.Position{Next: 4, Ledger: kafka.Ledger{Read: 4, Dead: 1, Duplicates: 3, CleanFrom: 3}}
		}, ""},
		{"stream has not begun with a partition", func(_ *testing.T, s *scene) { delete(s.ledger, 1) }, ""},
		{"a letter is lost", func(_ *testing.T, s *scene) { s.logs["meteo.dlq"] = nil }, "dead-letter topic holds 0 letters"},
		{"retention has taken letters", func(_ *testing.T, s *scene) { s.logs["meteo.dlq"] = nil; s.first["meteo.dlq"] = 1 }, ""},
		{"retention has taken some letters", func(_ *testing.T, s *scene) {
			s.refuse(s.topic("meteo.raw"), "stream", flow.Record{Offset: 2})
			s.first["meteo.dlq"] = 1
		}, ""},
		{"a letter was sent twice", func(_ *testing.T, s *scene) { s.refuse(s.topic("meteo.raw"), "stream", flow.Record{Offset: 3}) }, ""},
		{"a letter is too many", func(_ *testing.T, s *scene) { s.refuse(s.topic("meteo.raw"), "stream", flow.Record{Offset: 2}) }, "dead-letter topic holds 2 letters"},
		{"a letter is of a recreated topic", func(_ *testing.T, s *scene) {
			s.refuse(flow.Topic{Name: "meteo.raw", ID: "older"}, "stream", flow.Record{Offset: 2})
		}, ""},
		{"a letter is of a partition that is gone", func(_ *testing.T, s *scene) {
			headers := s.refuse(s.topic("meteo.raw"), "stream", flow.Record{Partition: 7})
			s.logs["meteo.dlq"][1] = flow.Record{Offset: 1, Headers: headers}
		}, ""},
		{"the store has one too many", func(t *testing.T, s *scene) { s.commit(t, 0, 4, extra) }, extra.ID.String()},
		{"a clean partition is empty and the store has one of it", func(_ *testing.T, s *scene) {
			s.logs["meteo.clean"] = s.logs["meteo.clean"][:3]
			delete(s.ledger, 1)
		}, "memory: 1 differences"},
		{"the store has one that retention has taken", func(t *testing.T, s *scene) { s.commit(t, 0, 4, extra); s.first["meteo.clean"] = 1 }, ""},
		{"the store lacks one", func(_ *testing.T, s *scene) { s.addClean(0) }, extra.ID.String()},
		{"the store has refused it and left a letter", func(_ *testing.T, s *scene) { s.refuse(s.topic("meteo.clean"), "to-memory", *s.addClean(0)) }, ""},
		{"another store has refused it", func(_ *testing.T, s *scene) { s.refuse(s.topic("meteo.clean"), "to-other", *s.addClean(0)) }, extra.ID.String()},
		{"the store has noted that it refused it", func(_ *testing.T, s *scene) {
			r := s.addClean(0)
			s.store.refused = append(s.store.refused, flow.Refused{Partition: r.Partition, Offset: r.Offset, Sum: sumOf(r.Value)})
		}, ""},
		{"the store lost it after it came again", func(_ *testing.T, s *scene) {
			s.refuse(s.topic("meteo.clean"), "to-memory", *s.addClean(0))
			s.put("meteo.clean", 0, text(9, 1), toMemory)
		}, extra.ID.String()},
		{"it came again for another store", func(_ *testing.T, s *scene) {
			s.refuse(s.topic("meteo.clean"), "to-memory", *s.addClean(0))
			s.put("meteo.clean", 0, text(9, 1), toOther)
		}, ""},
		{"the store lacks what is not asked for", func(_ *testing.T, s *scene) { s.addClean(0); s.cfg.To = extra.ObservedAt }, ""},
		{"the store lacks what is asked for", func(_ *testing.T, s *scene) { s.addClean(0); s.cfg.From = extra.ObservedAt }, extra.ID.String()},
		{"a file of the store is broken", func(_ *testing.T, s *scene) { s.store.broken = flow.Fail(flow.Negative, "a file is broken") }, "a file is broken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			c.change(t, s)
			got, err := s.audit(t)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			if err := got.Print(&b, false); err != nil || got.Balanced != (c.says == "") || !strings.Contains(b.String(), c.says) {
				t.Errorf("balanced: %v, want %q in (%v)\n%s", got.Balanced, c.says, err, &b)
			}
		})
	}
}

// addClean puts an observation into the clean topic that no store has.
func (s *scene) addClean(partition int32) *flow.Record {
	pos := s.ledger[partition]
	pos.Ledger.Clean++
	pos.Ledger.Expanded++
	s.ledger[partition] = pos
	return s.put("meteo.clean", partition, text(9, 1))
}

func TestOfDaysThatRetentionHasTakenNoStoreIsAsked(t *testing.T) {
	day := flowtest.Observation(0, 0, 1).ObservedAt.Truncate(24 * time.Hour)
	for name, c := range map[string]struct {
		first int64
		from  time.Time
		want  flow.Selection
	}{
		"retention has taken none":                {want: flow.Selection{}},
		"retention has taken some":                {first: 1, want: flow.Selection{From: day, To: day.AddDate(0, 0, 1)}},
		"retention has taken some, and a limit":   {first: 1, from: day.Add(time.Minute), want: flow.Selection{From: day.Add(time.Minute), To: day.AddDate(0, 0, 1)}},
		"retention has taken all that is limited": {first: 1, from: day.AddDate(1, 0, 0), want: flow.Selection{From: day.AddDate(1, 0, 0)}},
	} {
		s := newScene(t)
		s.first["meteo.clean"], s.cfg.From = c.first, c.from
		if _, err := s.audit(t); err != nil || s.store.asked != c.want {
			t.Errorf("%s: asked of %v, %v; want %v", name, s.store.asked, err, c.want)
		}
	}
}

func TestALagIsOfWhatTheRawTopicStillHolds(t *testing.T) {
	for name, c := range map[string]struct {
		next, first int64
		lag         int64
	}{
		"stream is at the end":                      {next: 4, lag: 0},
		"stream has a record to read":               {next: 3, lag: 1},
		"retention has passed stream":               {next: 1, first: 3, lag: 1},
		"retention has taken what stream has read":  {next: 3, first: 2, lag: 1},
		"stream has passed a marker after that end": {next: 5, lag: 0},
	} {
		s := newScene(t)
		s.first["meteo.raw"] = c.first
		s.ledger[0] = kafka.Position{Next: c.next}
		got, err := s.audit(t)
		if err != nil || got.Partitions[0].Lag != c.lag {
			t.Errorf("%s: %+v, %v; want a lag of %d", name, got, err, c.lag)
		}
		if read := got.Partitions[0].RawRecords; c.first > 0 && read != -1 || c.first == 0 && read != min(c.next, 4) {
			t.Errorf("%s: %d raw records", name, read)
		}
	}
}

func TestAnAuditWhileStreamIsAtWorkIsRefused(t *testing.T) {
	s := newScene(t)
	s.worksOn = true
	if _, err := s.audit(t); flow.ClassOf(err) != flow.TryLater || !strings.Contains(err.Error(), "between two runs") {
		t.Errorf("got %v", err)
	}
}

func TestAnAuditFailsWhereItCanNotRead(t *testing.T) {
	for _, what := range []string{"ledger", "meteo.raw", "meteo.clean", "meteo.dlq"} {
		s := newScene(t)
		s.fails = what
		if _, err := s.audit(t); !errors.Is(err, errUnreadable) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, question := range []string{"refused", "sums", "revisions"} {
		s := newScene(t)
		s.addClean(0) // so that sums differ and revisions are read
		s.store.fails = question
		if _, err := s.audit(t); !errors.Is(err, errUnreadable) {
			t.Errorf("%s of the store: %v", question, err)
		}
	}
	s := newScene(t)
	s.store.broken = flow.Fail(flow.Unavailable, "no answer")
	if _, err := s.audit(t); flow.ClassOf(err) != flow.Unavailable {
		t.Errorf("a store that does not answer whether it is whole: %v", err)
	}
}

func TestAnAuditWithoutStoresIsOfTheTopicsAlone(t *testing.T) {
	s := newScene(t)
	s.cfg.Stores = nil
	s.cfg.From = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	if got, err := s.audit(t); err != nil || !got.Balanced || len(got.Tallies) != 1 || got.Tallies[0].Records != 0 || got.Partitions[0].CleanRecords != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}
