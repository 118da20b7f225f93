package es_test

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"senmeteo/elk"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/sink/es"
	"senmeteo/test/gates"
)

func TestEveryFieldArrivesAndCanBeSearched(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	o := flowtest.Observation(1, 7, 3)
	o.Kind, o.IssuedAt = meteo.Forecast, o.ObservedAt.Add(-time.Hour)
	o.Quality, o.QC = meteo.Suspect, []meteo.Failure{{Subject: "humidity_pct", Rule: "range"}, {Subject: "humidity_pct", Rule: "step"}}
	before := meteo.NoValues()
	before[meteo.Humidity] = 101.5
	o.Original = &before
	for v := range o.Values {
		o.Values[v] = float64(v) + 0.25
	}
	o.Region, o.IntervalS = "Thiès – l'«été»\n", 600
	o.ID = o.Identity.ID()
	s := x.open(t, es.Config{Topic: topic})
	if _, err := s.Acquire(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	b := flowtest.Batch(1, 0, o)
	commit(t, s, b, flow.Outcome{Written: 1})
	x.call(t, http.MethodPost, "/"+x.prefix+"-clean/_refresh", "") // the alias is there

	doc := x.call(t, http.MethodGet, "/"+x.prefix+"-clean-2024.01/_doc/"+o.ID.String(), "")
	if v := doc["_version"]; v != float64(o.FetchedAt.UnixMilli()*1024+3) {
		t.Errorf("the version is %v, want when it was fetched and the revision", v)
	}
	source := doc["_source"].(map[string]any)
	var want map[string]any
	if err := json.Unmarshal(b.Records[0].Value, &want); err != nil {
		t.Fatal(err)
	}
	want["@timestamp"] = want["observed_at"]
	want["interval_grid"], want["qc_rules"] = "600/420", []any{"range", "step"}
	want["qc_failed"] = []any{"humidity_pct.range", "humidity_pct.step"}
	want["location"] = map[string]any{"lat": want["latitude"], "lon": want["longitude"]}
	hash := flow.RevisionOf(&o).Hash()
	want["hash_high"], want["hash_low"] = float64(hash>>32), float64(uint32(hash))
	if got, wanted := fmt.Sprint(source), fmt.Sprint(want); got != wanted {
		t.Errorf("got  %s\nwant %s", got, wanted)
	}
	for _, query := range []string{
		`{"term":{"qc.humidity_pct":"step"}}`,
		`{"term":{"qc_rules":"range"}}`,
		`{"term":{"qc_failed":"humidity_pct.step"}}`,
		`{"term":{"original.humidity_pct":"101.5"}}`,
		`{"geo_distance":{"distance":"1m","location":{"lat":` + fmt.Sprint(o.Latitude) + `,"lon":` + fmt.Sprint(o.Longitude) + `}}}`,
		`{"range":{"@timestamp":{"gte":"2024-01-31T18:07:00Z","lte":"2024-01-31T18:07:00Z"}}}`,
		`{"ids":{"values":["` + o.ID.String() + `"]}}`,
	} {
		if got := x.call(t, http.MethodPost, "/"+x.prefix+"-clean/_count", `{"query":`+query+`}`)["count"]; got != 1.0 {
			t.Errorf("%s finds %v documents, want 1", query, got)
		}
	}
	for name := range want {
		if name == "id" || name == "qc" || name == "original" {
			continue // id is kept and not indexed, as _id is the same; the others are checked above
		}
		if got := x.call(t, http.MethodPost, "/"+x.prefix+"-clean/_count", `{"query":{"exists":{"field":"`+name+`"}}}`)["count"]; got != 1.0 {
			t.Errorf("field %s is not indexed", name)
		}
	}
}

func TestTheTemplateKnowsEveryFieldOfAnObservation(t *testing.T) {
	var file struct {
		Patterns []string `json:"index_patterns"`
		Template struct {
			Aliases  map[string]any
			Mappings struct{ Properties map[string]any }
		}
	}
	text, err := elk.Templates.ReadFile("templates/clean.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Patterns) != 1 || file.Patterns[0] != "meteo-clean-*" || len(file.Template.Aliases) != 1 || file.Template.Aliases["meteo-clean"] == nil {
		t.Errorf("patterns %v, aliases %v", file.Patterns, file.Template.Aliases)
	}
	var schema struct {
		Defs struct {
			Observation struct{ Properties map[string]any }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(meteo.JSONSchema(), &schema); err != nil {
		t.Fatal(err)
	}
	fields := schema.Defs.Observation.Properties
	fields["@timestamp"], fields["location"], fields["interval_grid"], fields["qc_rules"], fields["qc_failed"] = true, true, true, true, true
	fields["hash_high"], fields["hash_low"] = true, true
	for name := range fields {
		if file.Template.Mappings.Properties[name] == nil {
			t.Errorf("the template does not know %s", name)
		}
		delete(file.Template.Mappings.Properties, name)
	}
	if len(file.Template.Mappings.Properties) > 0 {
		t.Errorf("the template knows what no observation has: %v", file.Template.Mappings.Properties)
	}
}

func TestTemplatesAreBroughtUpToDateAndNeverBack(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	name := "/_index_template/" + x.prefix + "-clean"
	version := func() any {
		list := x.call(t, http.MethodGet, name, "")["index_templates"].([]any)
		return list[0].(map[string]any)["index_template"].(map[string]any)["version"]
	}
	old := `{"index_patterns":["` + x.prefix + `-clean-*"],"version":0,"template":{"mappings":{"dynamic":false,"properties":{"@timestamp":{"type":"date"}}}}}`
	x.call(t, http.MethodPut, name, old)
	x.call(t, http.MethodPut, "/"+x.prefix+"-clean-2023.12", "")
	x.Open(t)
	if v := version(); v != 6.0 {
		t.Errorf("after a run the version is %v, want 6", v)
	}
	mapping := fmt.Sprint(x.call(t, http.MethodGet, "/"+x.prefix+"-clean-2023.12/_mapping", ""))
	if !strings.Contains(mapping, "geo_point") {
		t.Errorf("an older index did not learn the new fields: %s", mapping)
	}
	x.call(t, http.MethodPut, name, strings.Replace(old, `"version":0`, `"version":999`, 1))
	x.Open(t)
	if v := version(); v != 999.0 {
		t.Errorf("a newer template was replaced by version %v", v)
	}
}

func TestARecreatedTopicIsRefusedUnlessTheUserSaysSo(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	first := x.acquired(t, -1)
	commit(t, first, flowtest.Batch(0, 0, flowtest.Observation(0, 0, 5), flowtest.Observation(0, 1, 1)), flow.Outcome{Written: 2})
	again := topic
	again.ID = "topic-2"
	refused := x.open(t, es.Config{Topic: again})
	if _, err := refused.Resume(t.Context()); flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), "--new-topic") {
		t.Errorf("resuming on another topic gave %v", err)
	}
	if _, err := refused.Acquire(t.Context(), 1); flow.ClassOf(err) != flow.Usage {
		t.Errorf("taking over a partition of another topic gave %v", err)
	}
	told := x.open(t, es.Config{Topic: again, NewTopic: true})
	if next, err := told.Resume(t.Context()); err != nil || len(next) > 0 {
		t.Errorf("with --new-topic: %v, %v; want no offsets", next, err)
	}
	acquire(t, told, -1)
	b := batch(0, 0, 1) // its revision 1 is newer than revision 5 of the old topic
	commit(t, told, b, flow.Outcome{Written: 1})
	for _, newTopic := range []bool{true, false} {
		acquire(t, x.open(t, es.Config{Topic: again, NewTopic: newTopic}), b.End)
	}
	x.holds(t, 2, b.End)
	if c, err := x.asked(t).Progress(t.Context()); err != nil || c[0].Read != 1 {
		t.Errorf("the counters of the new topic: %+v, %v", c[0], err)
	}
}

// The run with --new-topic may find no records, or those of some partitions only; the runs after it do not have it.
func TestOneRunThatIsToldOfANewTopicIsEnough(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	old := x.open(t, es.Config{Topic: topic})
	for p := range int32(3) {
		if _, err := old.Acquire(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		commit(t, old, flowtest.Batch(p, 0, flowtest.Observation(p, 1, 5)), flow.Outcome{Written: 1})
	}
	again := topic
	again.ID = "topic-2"
	if next, err := x.open(t, es.Config{Topic: again, NewTopic: true}).Resume(t.Context()); err != nil || len(next) > 0 {
		t.Fatalf("with --new-topic: %v, %v; want no offsets", next, err)
	}
	if got := x.Stored(t).Next; len(got) > 0 {
		t.Errorf("the store counts %v of the new topic, want nothing", got)
	}
	sink := x.open(t, es.Config{Topic: again})
	for p, start := range map[int32]int64{0: 0, 1: 700} {
		if next, err := sink.Acquire(t.Context(), p); err != nil || next != -1 {
			t.Errorf("without --new-topic: next %d, %v; want -1", next, err)
		}
		commit(t, sink, flowtest.Batch(p, start, flowtest.Observation(p, 1, 1)), flow.Outcome{Written: 1}) // newer than revision 5 of the old topic
	}
	for _, newTopic := range []bool{true, false} { // which changes nothing any more
		next, err := x.open(t, es.Config{Topic: again, NewTopic: newTopic}).Resume(t.Context())
		if want := (flow.Offsets{0: 2, 1: 702}); err != nil || !maps.Equal(next, want) {
			t.Errorf("the next run resumes at %v, %v; want %v", next, err, want)
		}
	}
	for p := range int32(3) {
		if _, err := old.Commit(t.Context(), flowtest.Batch(p, 2, flowtest.Observation(p, 3, 1))); !errors.Is(err, flow.ErrFenced) {
			t.Errorf("a run of the old topic that slept commits to partition %d: %v", p, err)
		}
	}
}

// Several runs may have --new-topic at the same time.
func TestRunsWithNewTopicAtTheSameTimeAgree(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	old := x.open(t, es.Config{Topic: topic})
	for p := range int32(topic.Partitions) {
		if _, err := old.Acquire(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	again := topic
	again.ID = "topic-2"
	var all sync.WaitGroup
	for range 3 {
		told := x.open(t, es.Config{Topic: again, NewTopic: true})
		all.Go(func() {
			if _, err := told.Resume(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if next, err := x.open(t, es.Config{Topic: again}).Resume(t.Context()); err != nil || len(next) > 0 {
		t.Errorf("the next run resumes at %v, %v; want nothing", next, err)
	}
}

func TestRightsToReadAreEnoughToAsk(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	commit(t, x.acquired(t, -1), batch(0, 0, 10), flow.Outcome{Written: 10})
	x.call(t, http.MethodPost, "/"+x.prefix+"-clean-*/_refresh", "")
	gate := gates.NewHTTP(t, x.url)
	gate.Set(func(w http.ResponseWriter, r gates.Passing) bool {
		forbidden := strings.HasSuffix(r.URL.Path, "/_refresh")
		if forbidden {
			gates.Say(w, http.StatusForbidden, `{"error":{"type":"security_exception","reason":"action [indices:admin/refresh] is unauthorized"},"status":403}`)
		}
		return forbidden
	})
	var log bytes.Buffer
	cfg := es.Config{URL: gate.URL, Prefix: x.prefix, Topic: topic, ReadOnly: true, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	n := 0
	err := opened(t, cfg).Revisions(t.Context(), flow.Selection{}, func(flow.Revision) error { n++; return nil })
	if err != nil || n != 10 || !strings.Contains(log.String(), "maintenance") {
		t.Errorf("%d revisions, %v, want 10; it logs %q", n, err, log.String())
	}
}

func TestRevisionsAreThoseOfATime(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	s := x.acquired(t, -1)
	commit(t, s, batch(0, 0, 10), flow.Outcome{Written: 10})
	at := func(n int) time.Time { return flowtest.Observation(0, n, 1).ObservedAt }
	for name, c := range map[string]struct {
		from, to time.Time
		want     int
	}{
		"no limits":        {want: 10},
		"from":             {from: at(4), want: 6},
		"up to, and not":   {to: at(4), want: 4},
		"between":          {from: at(4), to: at(6), want: 2},
		"nothing is there": {from: at(10), want: 0},
	} {
		n := 0
		err := x.asked(t).Revisions(t.Context(), flow.Selection{From: c.from, To: c.to}, func(r flow.Revision) error {
			if n++; r.StationID != flowtest.Observation(0, 0, 1).StationID || r.Number != 1 {
				t.Errorf("%s: %+v", name, r)
			}
			return nil
		})
		if err != nil || n != c.want {
			t.Errorf("%s: %d observations, %v; want %d", name, n, err, c.want)
		}
	}
	x.call(t, http.MethodPost, "/"+x.prefix+"-clean-2024.01/_doc/foreign", `{"@timestamp":"2024-01-01T00:00:00Z"}`)
	err := x.asked(t).Revisions(t.Context(), flow.Selection{}, func(flow.Revision) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("a document of somebody else is not reported: %v", err)
	}
}

const secretText = "s3cr3t-of-the-test"

func TestCredentialsAndCertificates(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	target, err := url.Parse(x.url)
	if err != nil {
		t.Fatal(err)
	}
	var authorization atomic.Value
	onward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		authorization.Store(r.Header.Get("Authorization"))
		onward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	withUser := strings.Replace(server.URL, "https://", "https://meteo:"+secretText+"@", 1)
	for name, c := range map[string]struct {
		cfg  es.Config
		want string
	}{
		"an API key":              {es.Config{URL: server.URL, APIKey: secretText}, "APIKey " + secretText},
		"user and password":       {es.Config{URL: server.URL, Username: "meteo", Password: "open"}, "Basic bWV0ZW86b3Blbg=="},
		"a password in the URL":   {es.Config{URL: withUser}, "Basic bWV0ZW86czNjcjN0LW9mLXRoZS10ZXN0"},
		"a key before a password": {es.Config{URL: withUser, APIKey: "key"}, "APIKey key"},
		"nothing":                 {es.Config{URL: server.URL}, ""},
	} {
		c.cfg.Prefix, c.cfg.CA, c.cfg.Topic, c.cfg.ReadOnly = x.prefix, ca, topic, true
		if _, err := opened(t, c.cfg).Progress(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := authorization.Load(); got != c.want {
			t.Errorf("%s: Authorization is %q, want %q", name, got, c.want)
		}
	}

	_, err = es.Open(t.Context(), es.Config{URL: withUser, Prefix: x.prefix, Topic: topic})
	if flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), "--es-ca") || strings.Contains(err.Error(), secretText) {
		t.Errorf("a certificate of nobody known gave %v", err)
	}
}

func TestFailuresToConnectSayWhatToDoAndKeepTheSecrets(t *testing.T) {
	t.Parallel()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gates.Say(w, http.StatusUnauthorized, `{"error":{"type":"security_exception","reason":"unable to authenticate user [meteo] for REST request [`+r.URL.Path+`]"},"status":401}`)
	}))
	t.Cleanup(refusing.Close)
	withUser := func(host string) string { return "http://meteo:" + secretText + "@" + host }
	for name, c := range map[string]struct {
		cfg   es.Config
		class flow.Class
		says  string
	}{
		"nobody listens":              {es.Config{URL: withUser("127.0.0.1:1")}, flow.Unavailable, "--es-url"},
		"the password is bad":         {es.Config{URL: withUser(refusing.Listener.Addr().String())}, flow.Unavailable, "check the API key"},
		"the URL is malformed":        {es.Config{URL: withUser("127.0.0.1:port")}, flow.Usage, "--es-url"},
		"another scheme":              {es.Config{URL: "ftp://meteo:" + secretText + "@127.0.0.1"}, flow.Usage, "--es-url"},
		"one URL of several is empty": {es.Config{URL: withUser("127.0.0.1:1") + ","}, flow.Usage, "--es-url"},
		"a secret with a line end":    {es.Config{URL: "http://127.0.0.1:1", APIKey: secretText + "\n"}, flow.Usage, "API key"},
		"the CA is not a certificate": {es.Config{URL: "https://127.0.0.1:1", CA: []byte(secretText)}, flow.Usage, "--es-ca"},
		"a prefix that is a path":     {es.Config{URL: "http://127.0.0.1:1", Prefix: "../x"}, flow.Usage, "prefix"},
	} {
		t.Run(name, func(t *testing.T) {
			c.cfg.Patience = 200 * time.Millisecond
			_, err := es.Open(t.Context(), c.cfg)
			if flow.ClassOf(err) != c.class || err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v (%s)", err, flow.ClassOf(err))
			}
			if strings.Contains(err.Error(), secretText) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error shows the secret or has several lines: %v", err)
			}
		})
	}
}
