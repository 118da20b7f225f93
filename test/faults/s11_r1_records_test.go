package faults_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"senmeteo/jobs/kafka"
	"senmeteo/test/program"
)

// S11. A topic is deleted and recreated. Each job that reads or writes it refuses to start until it is told that this is
// meant; then the weather is sent again, and the stores continue from what they have.
func TestS11TopicIsDeletedAndRecreated(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newScenario(t)
		s.sendDay(t, round)
		s.settle(t)
		all := append([]string{"stream"}, loads...)
		refuse := func(verbs ...string) {
			t.Helper()
			for _, verb := range verbs {
				r := s.Run(t, verb)
				expect(t, r, 64)
				if !strings.Contains(r.Stderr, "--new-topic") {
					t.Errorf("%s does not name --new-topic\n%s", r, r.Output())
				}
			}
		}
		s.DeleteTopic(t, "clean")
		s.Must(t, "topics")
		refuse(all...)
		for _, verb := range all {
			s.Must(t, verb, "--new-topic")
		}
		s.DeleteTopic(t, "raw") // not the dead letters, which tell of which topic they are
		s.Must(t, "topics")
		refuse("stream")
		s.sendDay(t, round)
		s.Must(t, "stream", "--new-topic")
		s.settle(t) // and from then on without it
		s.Must(t, "to-hdfs", "--compact", "--before", "2026-03-01")
		s.compacted = true // what the lake had from the old topic it had twice until now
		s.balance(t)
		s.Must(t, "reconcile")
	})
}

// letters are the dead letters, without those of `stream` of an earlier raw topic.
func (s *scenario) letters(t testing.TB) []*kgo.Record {
	t.Helper()
	raw := s.TopicID(t, "raw")
	return slices.DeleteFunc(s.Records(t, "dlq"), func(l *kgo.Record) bool {
		return program.Header(l, "__connect.errors.stage") == "stream" && program.Header(l, "senmeteo.topic_id") != raw
	})
}

// S11 again, where the run that is told of the new topics finds nothing in them, or records of one partition only: it is told once,
// and no run after it.
func TestS11OneRunIsToldOfTopicsThatAreStillEmpty(t *testing.T) {
	t.Parallel()
	all := append([]string{"stream"}, loads...)
	repeat(t, func(t *testing.T, round int) {
		s := newScenario(t)
		s.sendDay(t, round)
		s.settle(t)
		for _, topic := range []string{"raw", "clean", "dlq"} {
			s.DeleteTopic(t, topic)
		}
		s.Must(t, "topics")
		for _, verb := range loads { // of `stream` Kafka has forgotten all there was
			expect(t, s.Run(t, verb), 64)
		}
		for _, flags := range [][]string{{"--new-topic"}, nil} {
			for _, verb := range all {
				if r := s.Must(t, append([]string{verb}, flags...)...); r.Report(t).Outcome != "nothing" {
					t.Errorf("%s finds something in empty topics\n%s", r, r.Output())
				}
			}
		}
		s.DeleteTopic(t, "clean")
		s.Must(t, "topics")
		for _, verb := range all {
			expect(t, s.Run(t, verb), 64)
		}
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		s.Produce(t, dakar(reading("SN-DK", at, at, "24.5"))) // one partition of six
		s.truth.revisions[idOf("SN-DK", at, "file")] = 1
		for _, verb := range all {
			s.Must(t, verb, "--new-topic")
		}
		s.settle(t)
		s.sendDay(t, round)
		s.settle(t)
		s.Must(t, "to-hdfs", "--compact", "--before", "2026-04-01")
		s.compacted = true // what the lake had from the old topic it had twice until now
		s.balance(t)
	})
}

// S12. What `stream` remembers comes from the clean topic: each record below is read by a process of its own, and some of
// them are killed.
func TestS12DuplicatesAndCorrectionsAreKnownAcrossRestarts(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	repeat(t, func(t *testing.T, round int) {
		at := time.Date(2026, 3, 1+round, 12, 0, 0, 0, time.UTC)
		id := idOf("SN-DK", at, "file")
		for i, step := range []struct {
			name, temperature   string
			fetched             time.Duration // after the observation
			written, duplicates int64
		}{
			{"the first reading is new", "24.5", 0, 1, 0},
			{"the same again is a duplicate", "24.5", 0, 0, 1},
			{"the same fetched later is a duplicate", "24.5", time.Hour, 0, 1},
			{"another value fetched later is a correction", "24.7", 2 * time.Hour, 1, 0},
			{"another value fetched earlier is a duplicate", "24.9", 30 * time.Minute, 0, 1},
			{"the correction again is a duplicate", "24.7", 2 * time.Hour, 0, 1},
			{"the first value fetched last is a correction", "24.5", 3 * time.Hour, 1, 0},
		} {
			s.Produce(t, dakar(reading("SN-DK", at, at.Add(step.fetched), step.temperature)))
			s.truth.revisions[id] += step.written
			if i%3 == 0 {
				s.crash(t, "stream.before-commit", "stream")
			}
			r := s.Must(t, "stream").Report(t)
			if r.Read != 1 || r.Written != step.written || r.Duplicates != step.duplicates {
				t.Errorf("%s: read %d, written %d, duplicates %d", step.name, r.Read, r.Written, r.Duplicates)
			}
		}
		s.settle(t)
		if got := latestOf(s.cleanRows(t)); len(got) != round+1 || got[0].revision != 3 || got[0].measured.of("temperature_c") != "24.5" {
			t.Errorf("the clean topic holds %+v, want revision 3", got)
		}
		s.balance(t)
	})
}

// reading is a raw record's value.
func reading(station string, observed, fetched time.Time, temperature string) string {
	return fmt.Sprintf(`{"schema":1,"station_id":%q,"observed_at":%q,"fetched_at":%q,"source":"file","kind":"observed","temperature_c":%s}`,
		station, observed.Format(time.RFC3339), fetched.Format(time.RFC3339), temperature)
}

// dakar is a raw record of Dakar in its partition.
func dakar(value string) *kgo.Record {
	return &kgo.Record{Key: []byte("SN-DK"), Value: []byte(value), Partition: kafka.Partition("SN-DK", partitions)}
}

// S13. Poison of every kind, between good records: each is a dead letter once with key, value and headers as they came, also
// when `stream` is killed over it.
func TestS13PoisonBecomesADeadLetterOnce(t *testing.T) {
	t.Parallel()
	poison := map[string]string{
		"broken JSON":         `{"region":"Dakar","temperature":`,
		"invalid UTF-8":       "{\"region\":\"Thi\xe8s\",\"temperature\":20}",
		"a NaN":               `{"region":"Dakar","datetime":"2026-03-01T12:00:00Z","temperature":NaN}`,
		"an infinite number":  `{"region":"Dakar","datetime":"2026-03-01T12:00:00Z","temperature":1e999}`,
		"wrong types":         `{"region":"Dakar","datetime":"2026-03-01T12:00:00Z","temperature":{"celsius":[20]},"humidity":"wet"}`,
		"nested 10,000 deep":  strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000),
		"nested 500,000 deep": strings.Repeat("[", 500_000) + strings.Repeat("]", 500_000),
		"a megabyte":          `{"region":"Dakar","note":"` + strings.Repeat("x", 1<<20-200) + `"}`,
		"nothing at all":      "",
		"no place":            `{"datetime":"2026-03-01T12:00:00Z","temperature":20}`,
		"the future":          reading("SN-DK", time.Date(2099, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), "20"),
	}
	s := newScenario(t)
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, round)
		sent := map[string]*kgo.Record{}
		for name, value := range poison {
			r := dakar(value)
			r.Key = fmt.Appendf(nil, "key\x00of %s %d", name, round)
			r.Headers = []kgo.RecordHeader{{Key: "name", Value: []byte(name)}, {Key: "name", Value: []byte("twice")}, {Key: "bytes", Value: []byte{0, 0xfe, 0xff}}}
			sent[string(r.Key)] = r
			s.Produce(t, r)
		}
		s.crash(t, "stream.before-commit:5", "stream", "--batch-records", "150")
		s.Must(t, "stream", "--run-id", "manual__2026-03-01")
		for _, l := range s.Records(t, "dlq") {
			was := sent[string(l.Key)]
			if was == nil {
				continue // of the weather
			}
			for i, h := range was.Headers {
				if got := l.Headers[len(l.Headers)-len(was.Headers)+i]; got.Key != h.Key || string(got.Value) != string(h.Value) {
					t.Errorf("%q: the header %s=%q became %s=%q", l.Key, h.Key, h.Value, got.Key, got.Value)
				}
			}
			if program.Header(l, "__connect.errors.exception.class.name") == "" || program.Header(l, "__connect.errors.exception.message") == "" ||
				program.Header(l, "senmeteo.attempt") != "1" {
				t.Errorf("%q: the headers say %v", l.Key, l.Headers)
			}
			delete(sent, string(l.Key))
		}
		if len(sent) > 0 {
			t.Errorf("%d poisonous records have no letter", len(sent))
		}
		s.recovers(t)
	})
}

// R1. Another producer puts a record into the wrong partition, twice. It comes to its own partition with key and headers, and is
// stored once, also when `stream` is killed while it sends it there.
func TestR1RecordInTheWrongPartitionIsReroutedOnce(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	repeat(t, func(t *testing.T, round int) {
		at := time.Date(2026, 3, 1+round, 12, 0, 0, 0, time.UTC)
		home := kafka.Partition("SN-ZG", partitions)
		for range 2 {
			s.Produce(t, &kgo.Record{
				Key: []byte("sensor-17"), Partition: (home + 1) % partitions, Value: []byte(reading("SN-ZG", at, at, "31.5")),
				Headers: []kgo.RecordHeader{{Key: "trace", Value: []byte{0, 0xff}}},
			})
		}
		s.truth.revisions[idOf("SN-ZG", at, "file")] = 1
		s.crash(t, "stream.before-commit", "stream")
		s.Must(t, "stream") // what it reroutes may lie after the ends that it saw at its start
		s.recovers(t)
		for _, r := range s.Records(t, "clean") {
			if r.Partition != home || string(r.Key) != "SN-ZG" {
				t.Errorf("the observation is in partition %d with key %s", r.Partition, r.Key)
			}
		}
		rerouted := 0
		for _, r := range s.Records(t, "raw") {
			if r.Partition == home {
				rerouted++
			}
			if program.Header(r, "trace") != "\x00\xff" {
				t.Errorf("partition %d, offset %d: the header changed on the way", r.Partition, r.Offset)
			}
		}
		if want := 2 * (round + 1); rerouted != want {
			t.Errorf("%d records were rerouted, want %d", rerouted, want)
		}
	})
}
