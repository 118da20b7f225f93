package embedded

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/local/broker"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/output"
	"senmeteo/jobs/reconcile"
)

// script are jobs that note when they run, and of which `review` finds a number of verdicts each time.
type script struct {
	testing.TB
	verdicts []int64
	fails    string // the run that fails: a job and how often it has run, such as "review 2"
	ran      []string
}

var errScript = errors.New("the disk is full")

func (s *script) job(name string) runner {
	return func(_ context.Context, follow bool) (*flow.Report, error) {
		if follow {
			s.Errorf("%s follows its topic", name)
		}
		s.ran = append(s.ran, name)
		turn := 0
		for _, ran := range s.ran {
			if ran == name {
				turn++
			}
		}
		report := flow.NewReport(name, "")
		if name == "review" && turn <= len(s.verdicts) {
			report.Written = s.verdicts[turn-1]
		}
		if s.fails == name+" "+strconv.Itoa(turn) {
			return report, errScript
		}
		return report, nil
	}
}

func TestStreamAndReviewRunInTurnUntilNoVerdictIsLeftAndThenTheLoads(t *testing.T) {
	for name, c := range map[string]struct {
		verdicts []int64
		fails    string
		want     string
	}{
		"nothing is found":                 {nil, "", "stream review pg lake"},
		"the first review finds something": {[]int64{3}, "", "stream review stream review pg lake"},
		"the second review finds more":     {[]int64{3, 1}, "", "stream review stream review stream review pg lake"},
		"stream fails":                     {nil, "stream 1", "stream"},
		"review fails":                     {nil, "review 1", "stream review"},
		"stream fails in its second turn":  {[]int64{3}, "stream 2", "stream review stream"},
		"review fails in its second turn":  {[]int64{3, 1}, "review 2", "stream review stream review"},
		"a load fails":                     {nil, "pg 1", "stream review pg"},
		"the last load fails":              {nil, "lake 1", "stream review pg lake"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{TB: t, verdicts: c.verdicts, fails: c.fails}
			err := settle(t.Context(), s.job("stream"), s.job("review"), []runner{s.job("pg"), s.job("lake")})
			if got := strings.Join(s.ran, " "); got != c.want {
				t.Errorf("ran %s, want %s", got, c.want)
			}
			if failed := c.fails != ""; failed != (err != nil) || failed && !errors.Is(err, errScript) {
				t.Errorf("settle returned %v", err)
			}
		})
	}
}

// onBroker is a run on a broker of the test's own, without PostgreSQL and feeder.
func onBroker(t *testing.T) *run {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	r := &run{Config: Config{Dir: t.TempDir(), Log: log}}
	r.servers = servers{dir: r.Dir, log: log}
	var err error
	if r.servers.broker, err = broker.Start(t.Context(), broker.Config{Dir: r.Dir, RetentionBytes: retention}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.servers.stop(); err != nil {
			t.Error(err)
		}
	})
	if err := r.servers.createTopics(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// send writes readings of Dakar to the raw topic, one each ten minutes.
func (r *run) send(t *testing.T, temperatures ...float64) {
	t.Helper()
	to, err := output.OpenTopic(t.Context(), r.servers.topics.Kafka, r.servers.topics.Names)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Abandon()
	station, _ := meteo.StationByID("SN-DK")
	for i, temperature := range temperatures {
		reading := meteo.NewReading(station, time.Date(2026, 1, 15, 0, 10*i, 0, 0, time.UTC), "generate", meteo.Observed)
		reading.FetchedAt = reading.ObservedAt
		reading.Values[meteo.Temperature] = temperature
		if err := to.Put(t.Context(), &flow.Item{Reading: reading}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := to.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestWhatTheLastReviewFindsIsInTheLedger(t *testing.T) {
	r := onBroker(t)
	r.send(t, 25, 25.1, 25.2, 45, 25.3)
	if err := settle(t.Context(), r.stream, r.review, nil); err != nil {
		t.Fatal(err)
	}
	audit, err := reconcile.Audit(t.Context(), reconcile.Config{Topics: r.servers.topics})
	if err != nil {
		t.Fatal(err)
	}
	if all := audit.Total; !audit.Balanced || all.Clean != 6 || all.Verdicts != 1 || all.Lag != 0 {
		t.Errorf("the ledger is %+v, %v; want five readings and the verdict on the spike, and that nothing waits", all, audit.Errors)
	}
}

func TestASignalEndsWhatSettlesInTheJobThatIsAtWork(t *testing.T) {
	r := onBroker(t)
	r.send(t, 25, 25.1, 25.2, 45, 25.3)
	for _, stop := range []string{"stream", "review"} {
		ctx, cancel := context.WithCancel(t.Context())
		var last string
		stopping := func(name string, job runner) runner {
			return func(ctx context.Context, follow bool) (*flow.Report, error) {
				if last = name; name == stop {
					cancel()
				}
				return job(ctx, follow)
			}
		}
		loads := &script{TB: t}
		err := settle(ctx, stopping("stream", r.stream), stopping("review", r.review), []runner{loads.job("pg")})
		cancel()
		if flow.ClassOf(err) != flow.Interrupted || last != stop || len(loads.ran) > 0 {
			t.Errorf("stopped in %s: the last job is %s, then %v; settle returned %v (%v)", stop, last, loads.ran, err, flow.ClassOf(err))
		}
	}
}
