package es_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/deadletter/letter"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/sink/es"
	"senmeteo/test/gates"
)

var letterTopic = flow.Topic{Name: "meteo.dlq", ID: "topic-9", ClusterID: "cluster-1", Partitions: 1}

var rawTopic = flow.Topic{Name: "meteo.raw", ID: "topic-7", ClusterID: "cluster-1", Partitions: 1}

// refused is the dead letter, as its topic holds it, of the raw record with this offset.
func refused(offset int64, key, value string, refusal *meteo.Refusal) letter.Letter {
	r := flow.Record{Offset: offset, Key: []byte(key), Value: []byte(value), Headers: []flow.Header{{Key: "trace", Value: []byte("s3cret")}}}
	return letter.New(rawTopic, "stream", "run-1", &r, refusal)
}

func asRecord(l letter.Letter) flow.Record {
	return flow.Record{Key: l.Key, Value: l.Value, Headers: l.Encode()}
}

func asMark(l letter.Letter) flow.Record {
	return flow.Record{Key: l.Key, Headers: l.Mark("run-2", true)}
}

// letterBatch is a batch of the dead-letter topic, a record a minute.
func letterBatch(start int64, records ...flow.Record) *flow.Batch {
	for i := range records {
		records[i].Offset = start + int64(i)
		records[i].Time = time.Date(2026, 3, 1, 12, int(records[i].Offset), 0, 0, time.UTC)
	}
	return &flow.Batch{Start: start, End: start + int64(len(records)), Records: records}
}

func (x indices) letters(t *testing.T, url string) *es.Letters {
	t.Helper()
	l, err := es.OpenLetters(t.Context(), es.Config{URL: url, Prefix: x.prefix, Topic: letterTopic, RunID: "run", Patience: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// lettersHeld are the documents by the offset of their record.
func (x indices) lettersHeld(t *testing.T) map[float64]map[string]any {
	t.Helper()
	x.call(t, http.MethodPost, "/"+x.prefix+"-dlq-*/_refresh", "")
	found := map[float64]map[string]any{}
	answer := x.call(t, http.MethodPost, "/"+x.prefix+"-dlq/_search", `{"size":100}`) // by the alias
	for _, hit := range answer["hits"].(map[string]any)["hits"].([]any) {
		source := hit.(map[string]any)["_source"].(map[string]any)
		offset := source["offset"].(float64)
		if found[offset] != nil {
			t.Errorf("the letter of offset %v is there twice", offset)
		}
		found[offset] = source
	}
	return found
}

func TestDeadLettersAreStoredOnceAndWithoutTheirRecords(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	l := x.letters(t, x.url)
	acquire(t, l, -1)
	first := refused(4, "SN-DK", `{"temperature":"payload"}`, meteo.Refuse(meteo.InvalidValue, "temperature is not a number"))
	second := refused(5, "payload", `payload`, meteo.Refuse(meteo.InvalidJSON, "at byte 0"))
	commit(t, l, letterBatch(0, asRecord(first), asRecord(second), asRecord(first)), flow.Outcome{Written: 2, Duplicates: 1})
	never := refused(6, "SN-TH", ``, meteo.Refuse(meteo.Future, "tomorrow"))
	foreign := flow.Record{Value: []byte("payload")}
	commit(t, l, letterBatch(3, asMark(first), asMark(never), foreign), flow.Outcome{Duplicates: 2, Rejected: 1})

	again := x.letters(t, x.url)
	acquire(t, again, 6)
	commit(t, again, letterBatch(6, asRecord(first)), flow.Outcome{Duplicates: 1}) // its job was killed, and wrote it again after the mark
	acquire(t, x.letters(t, x.url), 7)

	want := map[float64]map[string]any{
		4: {
			"@timestamp": "2026-03-01T12:00:00Z", "topic": "meteo.raw", "topic_id": "topic-7", "partition": 0.0, "offset": 4.0, "stage": "stream",
			"reason": "invalid_value", "message": "temperature is not a number", "run_id": "run-1", "attempt": 1.0, "station_id": "SN-DK",
			"replayed": true, "replayed_at": "2026-03-01T12:03:00Z",
		},
		5: {
			"@timestamp": "2026-03-01T12:01:00Z", "topic": "meteo.raw", "topic_id": "topic-7", "partition": 0.0, "offset": 5.0, "stage": "stream",
			"reason": "invalid_json", "message": "at byte 0", "run_id": "run-1", "attempt": 1.0, "replayed": false,
		},
	}
	if got := x.lettersHeld(t); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	for field, value := range map[string]string{"reason": "invalid_json", "station_id": "SN-DK", "stage": "stream", "replayed": "true", "message": "byte", "run_id": "run-1"} {
		answer := x.call(t, http.MethodPost, "/"+x.prefix+"-dlq/_count", fmt.Sprintf(`{"query":{"match":{%q:%q}}}`, field, value))
		if n := answer["count"].(float64); n == 0 {
			t.Errorf("no letter is found by %s = %s", field, value)
		}
	}
}

func TestALetterIsThatOfItsRecordAndStageAlone(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	l := x.letters(t, x.url)
	acquire(t, l, -1)
	base := refused(1, "SN-DK", "x", meteo.Refuse(meteo.NotClean, "x"))
	others := []letter.Letter{base, base, base, base, base}
	others[0].Topic = "meteo.clean"
	others[1].TopicID = "topic-8" // the topic was recreated
	others[2].Partition = 1
	others[3].Offset = 2
	others[4].Stage = "to-pg"
	records := []flow.Record{asRecord(base)}
	for _, o := range others {
		records = append(records, asRecord(o))
	}
	commit(t, l, letterBatch(0, records...), flow.Outcome{Written: 6})
}

func TestWhatCutsTheStoringOfLettersShortIsHealed(t *testing.T) {
	t.Parallel()
	busyItem := func(w http.ResponseWriter, r gates.Passing) bool {
		a := gates.ReadBulk(r.Forward())
		for verb, item := range a.Items[0] {
			item.Status, item.Error = http.StatusTooManyRequests, map[string]string{"type": "es_rejected_execution_exception"}
			a.Items[0][verb] = item
		}
		a.Say(w)
		return true
	}
	for name, meddling := range map[string]gates.Meddling{
		"the request is lost": gates.Dropped, "the answer is lost": gates.NoAnswer, "the queue is full": gates.Busy, "an item is to come again": busyItem,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := fresh(t)
			gate := gates.NewHTTP(t, x.url)
			l := x.letters(t, gate.URL)
			acquire(t, l, -1)
			gate.Once(gates.IsBulk, meddling)
			b := letterBatch(0, asRecord(refused(1, "SN-DK", "x", meteo.Refuse(meteo.Future, "x"))), asRecord(refused(2, "SN-DK", "x", meteo.Refuse(meteo.Future, "x"))))
			if _, err := l.Commit(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			if got := x.lettersHeld(t); len(got) != 2 {
				t.Errorf("%d letters are stored, want 2", len(got))
			}
			acquire(t, x.letters(t, x.url), 2)
		})
	}
}

func TestALetterThatElasticsearchRefusesMovesNothingOn(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	gate := gates.NewHTTP(t, x.url)
	l := x.letters(t, gate.URL)
	acquire(t, l, -1)
	gate.Once(gates.IsBulk, func(w http.ResponseWriter, _ gates.Passing) bool {
		gates.Say(w, http.StatusOK, `{"items":[{"create":{"_id":"x","status":403,"error":{"type":"security_exception","reason":"no rights"}}}]}`)
		return true
	})
	b := letterBatch(0, asRecord(refused(1, "SN-DK", "x", meteo.Refuse(meteo.Future, "x"))))
	if _, err := l.Commit(t.Context(), b); flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), "no rights") {
		t.Errorf("it ends with %v", err)
	}
	acquire(t, x.letters(t, x.url), -1)
}
