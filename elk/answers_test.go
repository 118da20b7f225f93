package elk_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/elk"
	"senmeteo/jobs/deadletter/letter"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/sink/es"
	"senmeteo/test/servers"
)

// midnight is the beginning of the day that most of the data is of.
var midnight = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func clock(milliseconds int64) string { return time.UnixMilli(milliseconds).UTC().Format(time.RFC3339) }

// seen makes an observation of a station some time after midnight.
func seen(station int, after time.Duration, source string, kind meteo.Kind, set func(o *meteo.Observation)) meteo.Observation {
	o := meteo.Observation{Reading: meteo.NewReading(meteo.Stations[station], midnight.Add(after), source, kind), Revision: 1, Quality: meteo.Good}
	if kind == meteo.Forecast {
		o.IssuedAt = midnight
	}
	o.FetchedAt = o.ObservedAt
	set(&o)
	o.ID = o.Identity.ID()
	return o
}

func temperature(value float64) func(o *meteo.Observation) {
	return func(o *meteo.Observation) { o.Values[meteo.Temperature] = value }
}

func wind(value float64) func(o *meteo.Observation) {
	return func(o *meteo.Observation) { o.Values[meteo.WindSpeed] = value }
}

func rain(mm float64, interval time.Duration) func(o *meteo.Observation) {
	return func(o *meteo.Observation) { o.Values[meteo.Rain], o.IntervalS = mm, int64(interval.Seconds()) }
}

// flagged marks a value that failed rules.
func flagged(set func(o *meteo.Observation), quality meteo.Quality, variable meteo.Variable, rules ...meteo.Rule) func(o *meteo.Observation) {
	return func(o *meteo.Observation) {
		set(o)
		o.Quality = quality
		for _, rule := range rules {
			o.QC = append(o.QC, meteo.Failure{Subject: variable.String(), Rule: rule})
		}
	}
}

const (
	dakar = 0
	thies = 1
)

// sky is weather whose right picture is known.
func sky() []meteo.Observation {
	const noon = 12 * time.Hour
	all := []meteo.Observation{
		seen(dakar, noon, "metar", meteo.Observed, temperature(25.1)),
		seen(dakar, noon+10*time.Minute, "metar", meteo.Observed, flagged(temperature(99), meteo.Bad, meteo.Temperature, "range", "step")), // 62.05 on average
		seen(dakar, noon, "open-meteo", meteo.Model, temperature(24)),                                                                      // another source
		seen(dakar, noon+15*time.Minute, "open-meteo", meteo.Model, flagged(temperature(26), meteo.Suspect, meteo.Temperature, "step")),
		seen(dakar, noon+30*time.Minute, "open-meteo", meteo.Forecast, temperature(40)),
		seen(thies, noon, "open-meteo", meteo.Model, temperature(30)),
		seen(dakar, noon+time.Hour, "ogimet", meteo.Observed, wind(4)),
		seen(dakar, noon+time.Hour+5*time.Minute, "ogimet", meteo.Observed, flagged(wind(90), meteo.Bad, meteo.WindSpeed, "range")),
	}
	// 24 mm in a day: one source says so hour by hour, another one in intervals of 6 and of 24 hours, which overlap.
	for h := 1; h <= 24; h++ {
		all = append(all, seen(dakar, time.Duration(h)*time.Hour, "bulletin", meteo.Observed, rain(1, time.Hour)))
	}
	for _, h := range []int{6, 12, 18} {
		all = append(all, seen(dakar, time.Duration(h)*time.Hour, "ogimet", meteo.Observed, rain(6, 6*time.Hour)))
	}
	all = append(all, seen(dakar, 24*time.Hour, "ogimet", meteo.Observed, rain(24, 24*time.Hour)))
	// 3 mm in an hour, of which each ten minutes report the hour before: the shower is in six values.
	for m := 10; m <= 120; m += 10 {
		mm := 0.0
		if m > 30 && m <= 90 {
			mm = 3
		}
		all = append(all, seen(thies, time.Duration(m)*time.Minute, "tomorrow", meteo.Observed, rain(mm, time.Hour)))
	}
	return all
}

// refusals are dead letters of two days.
func refusals() []flow.Record {
	topic := flow.Topic{Name: "meteo.raw", ID: "t"}
	var records []flow.Record
	add := func(stage, key string, after time.Duration, refusal *meteo.Refusal) letter.Letter {
		r := flow.Record{Offset: int64(len(records)), Key: []byte(key), Value: []byte("{")}
		l := letter.New(topic, stage, "run", &r, refusal)
		records = append(records, flow.Record{Key: l.Key, Value: l.Value, Headers: l.Encode(), Time: midnight.Add(after)})
		return l
	}
	add("stream", "SN-DK", time.Hour, meteo.Refuse(meteo.InvalidJSON, "at byte 1"))
	sent := add("stream", "SN-DK", 2*time.Hour, meteo.Refuse(meteo.UnknownStation, "nowhere"))
	add("to-pg", "SN-TH", 26*time.Hour, meteo.Refuse(meteo.StoreRefused, "no room"))
	add("stream", "", 27*time.Hour, meteo.Refuse(meteo.InvalidJSON, "at byte 1"))
	records = append(records,
		flow.Record{Key: sent.Key, Headers: sent.Mark("run", false), Time: midnight.Add(28 * time.Hour)},
		flow.Record{Key: sent.Key, Headers: sent.Encode(), Time: midnight.Add(29 * time.Hour)}, // written twice
	)
	for i := range records {
		records[i].Offset = int64(i)
	}
	return records
}

// fill stores all of it in the indices of a prefix, as to-es does.
func fill(t *testing.T, prefix string) {
	t.Helper()
	cfg := es.Config{URL: servers.ElasticsearchURL(t), Prefix: prefix, RunID: "run", Topic: flow.Topic{Name: "clean", ID: "c", ClusterID: "k", Partitions: 1}}
	store, err := es.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Topic.Name = "dlq"
	dead, err := es.OpenLetters(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	records := refusals()
	for sink, batch := range map[flow.Sink]*flow.Batch{
		store: flowtest.Batch(0, 0, sky()...), dead: {End: int64(len(records)), Records: records},
	} {
		if _, err := sink.Acquire(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if out, err := sink.Commit(t.Context(), batch); err != nil || out.Rejected > 0 {
			t.Fatalf("%+v, %v", out, err)
		}
		if err := sink.Close(); err != nil {
			t.Error(err)
		}
	}
	post(t, "/"+prefix+"-*/_refresh", nil)
}

// runs are lines of the log as Filebeat writes them: reports of runs, and what is logged meanwhile.
func runs() []string {
	line := func(hour int, fields string) string {
		return fmt.Sprintf(`{"@timestamp":"2026-03-01T%02d:05:00Z",%s}`, hour, fields)
	}
	report := func(job, outcome string, seconds float64, written, rejected, lag int) string {
		return fmt.Sprintf(`"event":{"dataset":"senmeteo.report"},"service":{"name":"senmeteo"},"senmeteo":{"job":%[1]q,"run_id":"r","report":{"job":%[1]q,"outcome":%[2]q,"seconds":%[3]g,"written":%[4]d,"rejected":%[5]d,"lag":%[6]d}}`,
			job, outcome, seconds, written, rejected, lag)
	}
	return []string{
		line(1, report("stream", "ok", 2.5, 100, 3, 0)),
		line(1, report("to-pg", "unavailable", 60, 0, 0, 97)),
		line(1, report("to-pg", "ok", 1.5, 97, 0, 0)), // the task's next try
		line(2, report("stream", "nothing", 0.5, 0, 0, 0)),
		line(1, `"log":{"level":"ERROR"},"service":{"name":"senmeteo"},"senmeteo":{"job":"to-pg"},"message":"PostgreSQL does not answer"`),
		line(2, `"log":{"level":"error"},"service":{"name":"kafka"},"message":"disk"`),
		line(2, `"log":{"level":"info"},"service":{"name":"senmeteo"},"senmeteo":{"job":"stream"},"message":"started"`),
	}
}

// fillLogs stores them in an index that the pattern of a prefix names.
func fillLogs(t *testing.T, prefix string) {
	t.Helper()
	index := indexOf("logs-senmeteo-*", prefix)
	index = strings.TrimSuffix(index, "*") + "default"
	servers.DropIndices(t, strings.TrimSuffix(index, "-default"))
	call(t, http.MethodPut, "/"+index, map[string]any{"mappings": mappingsOf(t, "logs")})
	for _, line := range runs() {
		post(t, "/"+index+"/_doc?refresh=true", json.RawMessage(line))
	}
}

// mappingsOf are the mappings of a template, as they are sent to Elasticsearch.
func mappingsOf(t *testing.T, name string) any {
	t.Helper()
	text, err := elk.Templates.ReadFile("templates/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var index struct{ Template struct{ Mappings any } }
	into(t, json.RawMessage(text), &index)
	return index.Template.Mappings
}

// indexOf is the pattern of a data view for the indices of a prefix.
func indexOf(pattern, prefix string) string { return strings.Replace(pattern, "meteo", prefix, 1) }

// post asks Elasticsearch.
func post(t *testing.T, path string, body any) map[string]any {
	t.Helper()
	return call(t, http.MethodPost, path, body)
}

func call(t *testing.T, method, path string, body any) map[string]any {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if body == nil {
		text = nil
	}
	req, err := http.NewRequestWithContext(t.Context(), method, servers.ElasticsearchURL(t)+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // it was read
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode > 299 {
		t.Fatalf("%s answers %d: %s, %v\n%s", path, res.StatusCode, answer, err, text)
	}
	var decoded map[string]any
	into(t, json.RawMessage(answer), &decoded)
	return decoded
}

// ask sends an object's request and returns what is drawn.
func ask(t *testing.T, prefix string, r request) []string {
	t.Helper()
	return r.rows(t, post(t, "/"+indexOf(r.index, prefix)+"/_search", r.body))
}

// Each panel of each dashboard, and what it must show.
var answers = map[string][]string{
	"map meteo-stations":       {"SN-DK 26 open-meteo", "SN-TH 30 open-meteo"},
	"visualization meteo-wind": {"ogimet · observed Dakar 2026-03-01T13:00:00Z 4"},
	"visualization meteo-temperature": {
		"metar · observed Dakar 2026-03-01T12:00:00Z 25.1",
		"open-meteo · model Dakar 2026-03-01T12:00:00Z 25",
		"open-meteo · model Thiès 2026-03-01T12:00:00Z 30",
	},
	"visualization meteo-rain": {
		"bulletin · observed Dakar 2026-03-01T00:00:01Z 24",
		"ogimet · observed Dakar 2026-03-01T00:00:01Z 24",
		"tomorrow · observed Thiès 2026-03-01T00:00:01Z 3",
	},
	"lens meteo-quality-days":     {"bad 2026-03-01: 2", "good 2026-03-01: 43", "good 2026-03-02: 2", "suspect 2026-03-01: 1"},
	"lens meteo-quality-sources":  {"bulletin good: 24", "metar bad: 1", "metar good: 1", "ogimet bad: 1", "ogimet good: 5", "open-meteo good: 3", "open-meteo suspect: 1", "tomorrow good: 12"},
	"lens meteo-quality-rules":    {"range bad: 2", "step bad: 1", "step suspect: 1"},
	"lens meteo-quality-stations": {"SN-DK range: 2", "SN-DK step: 2"},
	"lens meteo-quality-values":   {"temperature_c.range SN-DK: 1", "temperature_c.step SN-DK: 2", "wind_speed_ms.range SN-DK: 1"},
	"lens meteo-letters-days":     {"invalid_json 2026-03-01: 1", "invalid_json 2026-03-02: 1", "store_refused 2026-03-02: 1", "unknown_station 2026-03-01: 1"},
	"lens meteo-letters-open":     {"3"},
	"lens meteo-letters-reasons":  {"invalid_json stream: 2", "store_refused to-pg: 1", "unknown_station stream: 1"},
	"lens meteo-jobs-runs":        {"stream 2026-03-01T01: 1", "stream 2026-03-01T02: 1", "to-pg 2026-03-01T01: 2"},
	"lens meteo-jobs-outcomes":    {"stream nothing: 1", "stream ok: 1", "to-pg ok: 1", "to-pg unavailable: 1"},
	"lens meteo-jobs-duration":    {"stream 2026-03-01T01: 2.5", "stream 2026-03-01T02: 0.5", "to-pg 2026-03-01T01: 60"},
	"lens meteo-jobs-lag":         {"stream 2026-03-01T01: 0", "stream 2026-03-01T02: 0", "to-pg 2026-03-01T01: 97"},
	"lens meteo-jobs-written":     {"stream 2026-03-01T01: 100", "stream 2026-03-01T02: 0", "to-pg 2026-03-01T01: 97"},
	"lens meteo-jobs-rejected":    {"stream 2026-03-01T01: 3", "stream 2026-03-01T02: 0", "to-pg 2026-03-01T01: 0"},
	"lens meteo-jobs-errors":      {"kafka 2026-03-01T02: 1", "senmeteo 2026-03-01T01: 1"},
	"lens meteo-letters-stations": {"SN-DK invalid_json: 1", "SN-DK unknown_station: 1", "SN-TH store_refused: 1"},
}

func TestEveryPanelShowsWhatIsTrue(t *testing.T) {
	t.Parallel()
	prefix := servers.IndexPrefix(t)
	fill(t, prefix)
	fillLogs(t, prefix)
	objects := savedObjects(t)
	march := situation{from: "2026-03-01T00:00:00Z", to: "2026-03-02T23:59:59Z"}
	tables := map[string]int{"search meteo-observations": len(sky()), "search meteo-letters": 4, "search meteo-jobs-lines": 2}
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		o := objects[name]
		if o.Type == "dashboard" || o.Type == "index-pattern" {
			continue
		}
		r := requestOf(t, objects, o, march)
		got := slices.Sorted(slices.Values(ask(t, prefix, r)))
		if n, ok := tables[name]; ok {
			if len(got) != n {
				t.Errorf("%s shows %d documents, want %d", name, len(got), n)
			}
			continue
		}
		if want := slices.Sorted(slices.Values(answers[name])); len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s shows\n  %s\nwant\n  %s", name, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
		}
		nothing := requestOf(t, objects, o, situation{from: "2020-03-01T00:00:00Z", to: "2020-03-02T23:59:59Z"})
		if got := ask(t, prefix, nothing); len(got) > 0 && !slices.Equal(got, []string{"0"}) {
			t.Errorf("%s shows %v of a time of which there is nothing", name, got)
		}
	}
}

func TestControlsChooseForEveryPanelOfTheWeather(t *testing.T) {
	t.Parallel()
	prefix := servers.IndexPrefix(t)
	fill(t, prefix)
	objects := savedObjects(t)
	metar := situation{
		from: "2026-03-01T00:00:00Z", to: "2026-03-02T23:59:59Z",
		filters: []any{map[string]any{"match_phrase": map[string]any{"source": "metar"}}},
	}
	for name, want := range map[string][]string{
		"map meteo-stations":              {"SN-DK 25.1 metar"}, // not the 99 that is newer, and bad
		"visualization meteo-temperature": {"metar · observed Dakar 2026-03-01T12:00:00Z 25.1"},
		"visualization meteo-wind":        nil,
		"visualization meteo-rain":        nil,
	} {
		if got := ask(t, prefix, requestOf(t, objects, objects[name], metar)); !slices.Equal(got, want) {
			t.Errorf("%s shows %v, want %v", name, got, want)
		}
	}
}
