package e2e_test

import (
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"senmeteo/test/program"
)

// metricsOf waits until a program serves its metrics, and returns a function that asks for them.
func metricsOf(t *testing.T, r *program.Running) func() string {
	t.Helper()
	r.Await(t, r.Stderr, "metrics are served")
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+/metrics`).FindString(r.Stderr.Text())
	return func() string { return page(t, address) }
}

func page(t *testing.T, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", address, answer.StatusCode, err)
	}
	return string(text)
}

func TestAJobThatFollowsServesWhatItCounts(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	stream := p.Start(t, "stream", "--follow", "--metrics-listen", ":0")
	load := p.Start(t, "to-pg", "--follow", "--metrics-listen", ":0")
	ofStream, ofLoad := metricsOf(t, stream), metricsOf(t, load)
	p.Must(t, "fetch", "generate", "--from", "2026-01-01", "--to", "2026-01-02", "--faults", "0.1", "--truth", filepath.Join(t.TempDir(), "truth.jsonl"))
	var text string
	program.Until(t, func() bool {
		text = ofLoad()
		return regexp.MustCompile(`senmeteo_records_read_total\{stage="to-pg"\} [1-9]\d{3}`).MatchString(text) && !regexp.MustCompile(`senmeteo_lag_records\{.*\} [1-9]`).MatchString(text)
	})
	if got := strings.Count(text, "senmeteo_lag_records{"); got != 6 {
		t.Errorf("the lag of %d partitions, not of 6:\n%s", got, text)
	}
	text = ofStream()
	for _, want := range []string{
		`senmeteo_records_read_total{stage="stream"} `, `senmeteo_records_total{outcome="rejected",stage="stream"} `, `senmeteo_commit_duration_seconds_count{stage="stream"} `,
		`senmeteo_flags_total{rule="range",stage="stream",variable="`, `senmeteo_build_info{`, `senmeteo_scrape_collector_success{collector="stream"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s in\n%s", want, text)
		}
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	stream.Terminate(t)
	load.Terminate(t)
}

func TestThePageHasMetricsUnlessTheyHaveAnAddress(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.Must(t, "fetch", "generate", "--from", "2026-01-01", "--to", "2026-01-02")
	p.Must(t, "stream")
	p.Must(t, "to-pg")
	serve := p.Start(t, "serve", "--listen", "127.0.0.1:0")
	serve.Await(t, serve.Stderr, "the page is up")
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(serve.Stderr.Text())
	text := page(t, address+"/metrics")
	for _, want := range []string{
		`senmeteo_pipeline_records_total{outcome="written",stage="to-pg"} 2016`, `senmeteo_pipeline_lag_records{stage="stream"} 0`,
		`senmeteo_last_observation_timestamp_seconds{region="Dakar",station_id="SN-DK"} 1.767`, `senmeteo_build_info{`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s in\n%s", want, text)
		}
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	serve.Terminate(t)

	apart := p.Start(t, "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0")
	apart.Await(t, apart.Stderr, "the page is up")
	if text := metricsOf(t, apart)(); !strings.Contains(text, "senmeteo_pipeline_lag_records") {
		t.Errorf("there is no lag in\n%s", text)
	}
	address = regexp.MustCompile(`the page is up.*(http://127\.0\.0\.1:\d+)`).FindStringSubmatch(apart.Stderr.Text())[1]
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusNotFound {
		t.Errorf("the page's own metrics: %d, not 404", answer.StatusCode)
	}
	apart.Terminate(t)
}
