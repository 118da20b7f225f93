package image_test

import (
	"encoding/json"
	"strings"
	"syscall"
	"testing"

	"senmeteo/jobs/reconcile"
	"senmeteo/test/program"
)

const day = 14 * 144 // observations of a day

// send sends the weather of some days of January 2026.
func send(t *testing.T, p program.Pipeline, days string) {
	t.Helper()
	p.Must(t, "fetch", "generate", "--from", "2026-01-01", "--to", "2026-01-"+days)
}

// ledger are the ledger of topics and all stores, which must balance.
func ledger(t *testing.T, p program.Pipeline) reconcile.Result {
	t.Helper()
	r := p.Must(t, "reconcile", "--json", "--log-level", "error")
	var ledger reconcile.Result
	if err := json.Unmarshal([]byte(r.Stdout), &ledger); err != nil {
		t.Fatalf("%v\n%s", err, r.Output())
	}
	return ledger
}

// wantOnce fails the test when the stores do not hold the weather that was sent, each observation once.
func wantOnce(t *testing.T, p program.Pipeline, n int64) {
	t.Helper()
	b := ledger(t, p)
	if b.Total.Clean != n || b.Total.Dead != 0 {
		t.Errorf("%d clean and %d dead, want %d and none", b.Total.Clean, b.Total.Dead, n)
	}
	if len(b.Tallies) != 4 {
		t.Errorf("%d stores and topics compared, want all 4", len(b.Tallies))
	}
	for _, tally := range b.Tallies {
		if tally.Observations != n || tally.Records != n {
			t.Errorf("%s holds %d observations in %d records, want %d in as many", tally.Name, tally.Observations, tally.Records, n)
		}
	}
}

func TestThePipelineRunsInConfinedContainersAndEachReportIsTheLastLine(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	send(t, p, "03")
	for _, verb := range []string{"stream", "to-pg", "to-hdfs", "to-es"} {
		r := p.Must(t, verb, "--run-id", "manual__2026")
		if report := r.Report(t); report.Job != verb || report.Read != 2*day || report.RunID != "manual__2026" {
			t.Errorf("%s reports %+v", verb, report)
		}
		if lines := strings.Split(strings.TrimSpace(r.Stdout), "\n"); len(lines) > 1 && !strings.Contains(lines[0], "@timestamp") {
			t.Errorf("%s: the log is not on standard output, before the report\n%s", verb, r.Output())
		}
		if r.Stderr != "" {
			t.Errorf("%s says on standard error: %s", verb, r.Stderr)
		}
	}
	wantOnce(t, p, 2*day)
}

func TestAJobRunsAsAnyUserAndFailsWithALineInTheLogAndAReport(t *testing.T) {
	t.Parallel()
	p := contained(t, program.Program{}.With("SENMETEO_LOG_TO", "stdout", "SENMETEO_PG_URL_FILE", "/run/secrets/none"), nil, "--user=12345:0")
	r := p.Run(t, "to-pg", "--brokers", "127.0.0.1:1")
	if report := r.Report(t); r.Code != 64 && r.Code != 69 || report.Outcome == "ok" || !strings.Contains(r.Stdout, `"log.level":"error"`) {
		t.Errorf("it exits with %d\n%s", r.Code, r.Output())
	}
	p.Must(t, "fetch", "generate", "--from", "2026-01-01", "--to", "2026-01-02", "--dry-run")
}

func TestOfTwoContainersOfOneJobAtOnceNoneDoublesAnythingAndTheLoserEndsWith75(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		first, second []string
	}{
		{"two bounded ones", nil, nil},
		{"one that follows, then a bounded one", []string{"--follow"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPipeline(t)
			send(t, p, "04")
			first := p.Start(t, append([]string{"stream", "--batch-records", "2"}, c.first...)...) // 3,000 commits: a container starts meanwhile
			p.AwaitRecords(t, "clean", 20)
			second := p.Must(t, append([]string{"stream", "--batch-records", "50000"}, c.second...)...)
			if second.Report(t).Read == 0 {
				t.Error("the second run had nothing to do: the first was not in the middle")
			}
			if loser := first.Wait(t); loser.Code != 75 || loser.Report(t).Outcome != "try_later" {
				t.Errorf("the first run exits with %d, want 75\n%s", loser.Code, loser.Output())
			}
			for _, verb := range []string{"stream", "to-pg", "to-hdfs", "to-es"} {
				p.Must(t, verb)
			}
			wantOnce(t, p, 3*day)
		})
	}
}

func TestTwoContainersOfALoaderAtOnceDoubleNothing(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	send(t, p, "03")
	p.Must(t, "stream")
	for _, verb := range []string{"to-pg", "to-hdfs", "to-es"} {
		bounded := []string{verb, "--batch-records", "50"}
		follower := p.Start(t, append(bounded, "--follow")...)
		first, second := p.Start(t, bounded...), p.Start(t, bounded...)
		for _, r := range []*program.Running{first, second} {
			if r := r.Wait(t); r.Code != 0 && r.Code != 75 {
				t.Errorf("%s exits with %d, want 0 or 75\n%s", r, r.Code, r.Output())
			}
		}
		if follower.Alive() {
			follower.Signal(t, syscall.SIGTERM)
		}
		if r := follower.Wait(t); r.Code != 0 && r.Code != 75 {
			t.Errorf("%s exits with %d, want 0 or 75\n%s", r, r.Code, r.Output())
		}
		p.Must(t, verb) // the rest
	}
	wantOnce(t, p, 2*day)
}

func TestSIGTERMEndsAContainerWithinItsGraceTime(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	send(t, p, "04")
	bounded := p.Start(t, "stream", "--batch-records", "20")
	p.AwaitRecords(t, "clean", 100)
	if r := bounded.Terminate(t); r.Code != 143 || r.Report(t).Outcome != "interrupted" {
		t.Errorf("a bounded job exits with %d, want 143\n%s", r.Code, r.Output())
	}
	following := p.Start(t, "stream", "--follow")
	p.AwaitRecords(t, "clean", 3*day)
	if r := following.Terminate(t); r.Code != 0 {
		t.Errorf("a job that follows exits with %d, want 0\n%s", r.Code, r.Output())
	}
}
