package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/test/program"
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

// One region that the provider refuses keeps no other from landing, and a second round within the hour is not due.
func TestAFailingRegionDoesNotLoseTheOthersAndTheBudgetHolds(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		lat, lon, _ := strings.Cut(r.URL.Query().Get("location"), ",")
		if strings.HasPrefix(lat, "14.69") { // Dakar
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprint(w, `{"code":400001,"type":"Invalid Query Parameters","message":"no"}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"data":{"time":%q,"values":{"temperature":31.2,"humidity":55}},"location":{"lat":%s,"lon":%s}}`,
			time.Now().UTC().Truncate(time.Minute).Format(time.RFC3339), lat, lon)
	}))
	defer server.Close()
	key := filepath.Join(p.Dir, "key")
	const secret = "k-of-the-test"
	if err := os.WriteFile(key, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	round := func(more ...string) program.Result {
		r := p.Run(t, append([]string{"fetch", "tomorrow", "--api-key-file", key, "--base-url", server.URL, "--budget-dir", p.Dir}, more...)...)
		if strings.Contains(r.Stdout+r.Stderr, secret) {
			t.Error("the key is printed")
		}
		return r
	}
	first := round()
	if first.Code != 65 || first.Report(t).Written != 13 || !strings.Contains(first.Stderr, "SN-DK") {
		t.Errorf("exit %d, want 65, 13 readings and the name of the region\n%s", first.Code, first.Output())
	}
	if n := len(p.Records(t, "raw")); n != 13 {
		t.Errorf("%d readings landed, want 13", n)
	}
	if second := round(); second.Code != 75 {
		t.Errorf("a round that is not due exits with %d, want 75\n%s", second.Code, second.Output())
	}
	if third := round("--skip-empty"); third.Code != 99 {
		t.Errorf("with --skip-empty it exits with %d, want 99\n%s", third.Code, third.Output())
	}
}
