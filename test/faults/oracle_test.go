package faults_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"

	"senmeteo/test/program"
)

// verdict is what the oracle found.
type verdict struct {
	records, lost, doubled int
	wrong                  int      // complaints; 0: nothing is lost, doubled or otherwise wrong
	complaints             []string // the first of them
}

func (v *verdict) complain(format string, args ...any) {
	v.wrong++
	const most = 10
	if len(v.complaints) < most {
		v.complaints = append(v.complaints, fmt.Sprintf(format, args...))
	}
}

// audit compares the topics and all stores with the truth: the clean topic holds each revision of each valid record
// once and with its values, the dead letters each invalid record once, the lake what the clean topic holds, PostgreSQL and Elasticsearch the
// latest revision of each, and Redis that of the newest of each station and source.
func (s *scenario) audit(t testing.TB) verdict {
	t.Helper()
	raw := append(s.Records(t, "raw"), s.gone...)
	v := verdict{records: len(raw)}
	clean := s.cleanRows(t)
	v.auditClean(s.truth, clean)
	v.auditValues(raw, clean)
	v.auditLetters(s.Prefix+".raw", raw, s.letters(t))
	latest := latestOf(clean)
	lake := clean
	if s.compacted {
		lake = latest
	}
	v.auditStore("the lake", lake, s.lakeRows(t))
	v.auditStore("PostgreSQL", latest, s.postgresRows(t))
	v.auditStore("Elasticsearch", latest, s.elasticsearchRows(t))
	v.auditStore("Redis", s.newestRows(t), s.redisRows(t))
	return v
}

// auditClean compares the clean topic with the truth.
func (v *verdict) auditClean(w *truth, rows []row) {
	type key struct {
		id       string
		revision int64
	}
	times := map[key]int{}
	for _, r := range rows {
		times[key{r.id, r.revision}]++
		if n := w.revisions[r.id]; r.revision < 1 || r.revision > n {
			v.doubled++
			v.complain("the clean topic holds revision %d of %s, which was sent in %d revisions", r.revision, r.id, n)
		}
		if want, ok := w.corrected[r.id]; ok && r.revision == w.revisions[r.id] {
			for variable, value := range want {
				if got := r.measured.of(variable); got != number(&value) {
					v.complain("the correction of %s has %s %s, want %v", r.id, variable, got, value)
				}
			}
		}
	}
	for id, n := range w.revisions {
		for revision := int64(1); revision <= n; revision++ {
			switch found := times[key{id, revision}]; {
			case found == 0:
				v.lost++
				v.complain("the clean topic lacks revision %d of %s", revision, id)
			case found > 1:
				v.doubled += found - 1
				v.complain("the clean topic holds revision %d of %s %d times", revision, id, found)
			}
		}
	}
}

// auditValues holds each row of the clean topic against what was sent: a raw record of the same observation, fetched at the same
// time, that says the same. Where `stream` has changed a value, the row keeps what it was.
func (v *verdict) auditValues(raw []*kgo.Record, rows []row) {
	type fetch struct{ id, fetched string }
	type said struct {
		measured  measured
		interval  int64
		quantiles string
	}
	sent := map[fetch][]said{}
	for _, record := range raw {
		if r, ok := readingOf(record.Value); ok {
			sent[fetch{r.id, r.fetched}] = append(sent[fetch{r.id, r.fetched}], said{r.measured, r.interval, r.quantiles})
		}
	}
	for _, r := range rows {
		first, err := r.asReceived()
		if err != nil || !slices.Contains(sent[fetch{r.id, r.fetched}], said{first, r.interval, r.quantiles}) {
			v.complain("no raw record says what the clean topic holds: %v", r)
		}
	}
}

// asReceived are the values before a correction.
func (r row) asReceived() (measured, error) {
	m := r.measured
	if r.original == "" {
		return m, nil
	}
	var original map[string]*float64
	if err := json.Unmarshal([]byte(r.original), &original); err != nil {
		return m, err
	}
	for variable, value := range original {
		i := slices.Index(variables[:], variable)
		if i < 0 {
			return m, fmt.Errorf("there is no variable %s", variable)
		}
		m[i] = number(value)
	}
	return m, nil
}

// place is where a dead letter comes from.
type place struct{ topic, partition, offset, stage string }

// auditLetters holds the dead letters of `stream` against the invalid records of the raw topic, byte for byte. Letters of other
// stages may be there twice, with the same identity.
func (v *verdict) auditLetters(topic string, raw, letters []*kgo.Record) {
	invalid := map[place]*kgo.Record{}
	for _, r := range raw {
		if !valid(r.Value) {
			invalid[place{topic, fmt.Sprint(r.Partition), fmt.Sprint(r.Offset), "stream"}] = r
		}
	}
	times := map[place]int{}
	for _, l := range letters {
		from := place{
			program.Header(l, "__connect.errors.topic"), program.Header(l, "__connect.errors.partition"), program.Header(l, "__connect.errors.offset"),
			program.Header(l, "__connect.errors.stage"),
		}
		times[from]++
		was := invalid[from]
		switch {
		case from.stage != "stream":
		case was == nil:
			v.doubled++
			v.complain("there is a dead letter of %+v, which is valid or does not exist", from)
		case times[from] > 1:
			v.doubled++
			v.complain("there are %d dead letters of %+v", times[from], from)
		case !bytes.Equal(was.Key, l.Key) || !bytes.Equal(was.Value, l.Value):
			v.complain("the dead letter of %+v is not what was sent", from)
		}
	}
	for from := range invalid {
		if times[from] == 0 {
			v.lost++
			v.complain("there is no dead letter of %+v", from)
		}
	}
}

// readingOf is what a raw record says, under the id that it must have; false for an invalid one.
func readingOf(value []byte) (row, bool) {
	var r struct {
		observation
		Station    string    `json:"station_id"`
		ObservedAt time.Time `json:"observed_at"`
		Source     string    `json:"source"`
		IssuedAt   time.Time `json:"issued_at"`
	}
	if !valid(value) || json.Unmarshal(value, &r) != nil {
		return row{}, false
	}
	if r.ID = idOf(r.Station, r.ObservedAt, r.Source); !r.IssuedAt.IsZero() {
		r.ID = idOfForecast(r.Station, r.ObservedAt, r.Source, r.IssuedAt)
	}
	return r.row(), true
}

// valid reports whether a record of the generator, or of a test that follows its rules, is to be stored.
func valid(value []byte) bool {
	var r struct {
		ObservedAt string `json:"observed_at"`
	}
	return utf8.Valid(value) && json.Unmarshal(value, &r) == nil && r.ObservedAt != "" && r.ObservedAt[:4] != "2099"
}

// auditStore compares a store with the rows that it must have, each once.
func (v *verdict) auditStore(name string, want, got []row) {
	left := map[row]int{}
	for _, r := range want {
		left[r]++
	}
	for _, r := range got {
		left[r]--
	}
	for r, n := range left {
		switch {
		case n > 0:
			v.lost += n
			v.complain("%s lacks %v", name, r)
		case n < 0:
			v.doubled -= n
			v.complain("%s holds %v %d times too often", name, r, -n)
		}
	}
}

// latestOf keeps the last revision of each id.
func latestOf(rows []row) []row {
	last := map[string]row{}
	for _, r := range rows {
		if r.revision > last[r.id].revision {
			last[r.id] = r
		}
	}
	latest := make([]row, 0, len(last))
	for _, r := range last {
		latest = append(latest, r)
	}
	return latest
}
