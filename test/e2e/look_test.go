package e2e_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/test/program"
	"senmeteo/test/servers"
)

func TestStatusNamesTheRegionsThatAreLateAndExitsWith1(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	now := time.Now().UTC().Truncate(10 * time.Minute)
	window := func(from, to time.Time) []string {
		return []string{"--from", from.Format(time.RFC3339), "--to", to.Format(time.RFC3339)}
	}
	p.Must(t, append([]string{"fetch", "generate", "--stations", "Dakar"}, window(now.Add(-time.Hour), now)...)...)
	p.Must(t, append([]string{"fetch", "generate", "--stations", "Kolda"}, window(now.Add(-9*time.Hour), now.Add(-8*time.Hour))...)...)
	p.settle(t)
	r := p.Run(t, "status", "--json")
	var got struct {
		Late    int
		Regions []struct {
			Region string
			Late   bool
			AgeS   *int64 `json:"age_s"`
		}
		Jobs []struct {
			Job string
			Lag int64
		}
	}
	if err := json.Unmarshal([]byte(r.Stdout), &got); err != nil {
		t.Fatalf("%v\n%s", err, r.Output())
	}
	if r.Code != 1 || got.Late != 13 || len(got.Regions) != 14 || !strings.Contains(r.Stderr, "13 of 14") {
		t.Errorf("exit %d with %d of %d regions late, want 1 and 13 of 14\n%s", r.Code, got.Late, len(got.Regions), r.Output())
	}
	for _, region := range got.Regions {
		if known := region.Region == "Dakar" || region.Region == "Kolda"; region.Late == (region.Region == "Dakar") || (region.AgeS != nil) != known {
			t.Errorf("%+v", region)
		}
	}
	for _, job := range got.Jobs {
		if job.Lag != 0 {
			t.Errorf("%s is %d behind after everything was stored", job.Job, job.Lag)
		}
	}
}

// How far a job is behind, its store says: what a job that died wrote elsewhere may be old.
func TestStatusSaysHowFarEachJobIsBehind(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.Program = p.With("SENMETEO_ES_URL", servers.ElasticsearchURL(t))
	servers.DropIndices(t, p.Prefix)
	const sent = 14 * 6
	p.Must(t, "fetch", "generate", "--from", "2026-01-01T00:00:00Z", "--to", "2026-01-01T01:00:00Z")
	if got, want := lags(t, p.Program), map[string]int64{"stream": sent, "to-pg": 0, "to-hdfs": 0, "to-es": 0}; !maps.Equal(got, want) {
		t.Errorf("before stream: %v, want %v", got, want)
	}
	if files, err := os.ReadDir(p.Lake); err == nil {
		t.Errorf("status made %v in the lake", files)
	}
	p.Must(t, "stream")
	behind := map[string]bool{"stream": false, "to-pg": true, "to-hdfs": true, "to-es": true}
	expect := func(when string) {
		t.Helper()
		got := lags(t, p.Program)
		if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, slices.Sorted(maps.Keys(behind))) {
			t.Errorf("%s: status names %v", when, names)
		}
		for job, lag := range got {
			if late := lag >= sent; late != behind[job] || !late && lag != 0 {
				t.Errorf("%s: %s is %d behind, with %d records sent", when, job, lag, sent)
			}
		}
	}
	expect("after stream")
	for _, verb := range []string{"to-pg", "to-hdfs", "to-es"} {
		p.Must(t, verb)
		behind[verb] = false
		expect("after " + verb)
	}
	p.DeleteTopic(t, "clean")
	p.Must(t, "topics")
	p.Must(t, "stream", "--new-topic")
	behind = map[string]bool{"stream": false, "to-pg": true, "to-hdfs": true, "to-es": true}
	expect("after stream on a clean topic that was recreated")

	if got, want := lags(t, p.With("SENMETEO_ES_URL", "", "SENMETEO_PG_URL", "", "SENMETEO_HDFS", "")), map[string]int64{"stream": 0}; !maps.Equal(got, want) {
		t.Errorf("without the address of a store: %v, want %v", got, want)
	}
}

// lags is how far status says that each job is behind.
func lags(t *testing.T, p program.Program) map[string]int64 {
	t.Helper()
	r := p.Run(t, "status", "--json")
	var got struct {
		Jobs []struct {
			Job string
			Lag int64
		}
	}
	if err := json.Unmarshal([]byte(r.Stdout), &got); err != nil {
		t.Fatalf("%v\n%s", err, r.Output())
	}
	out := map[string]int64{}
	for _, j := range got.Jobs {
		out[j.Job] = j.Lag
	}
	return out
}

func TestDeadLettersAreListedByReasonUpToALimit(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.Must(t, "fetch", "generate", "--from", "2026-08-01", "--to", "2026-08-08", "--faults", "0.05", "--truth", "truth.jsonl")
	dead := p.Must(t, "stream").Report(t).Rejected
	lines := func(args ...string) []string {
		return strings.Split(strings.TrimSpace(p.Must(t, append([]string{"dlq", "list"}, args...)...).Stdout), "\n")
	}
	if all := lines(); int64(len(all)) != dead {
		t.Errorf("%d letters are listed, want %d", len(all), dead)
	}
	future := lines("--reason", "future", "--limit", "3")
	if len(future) != 3 {
		t.Errorf("%d letters are listed, want 3", len(future))
	}
	for _, line := range future {
		var l struct{ Stage, Reason, Value, Topic string }
		if err := json.Unmarshal([]byte(line), &l); err != nil || l.Stage != "stream" || l.Reason != "future" || !strings.Contains(l.Value, "2099-") {
			t.Errorf("%v: %s", err, line)
		}
	}
}
