package metrics

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// store is a sink whose commits fail when it is told so.
type store struct {
	flow.Sink
	err error
}

func (s *store) Acquire(context.Context, int32) (int64, error) { return -1, s.err }
func (s *store) Commit(_ context.Context, b *flow.Batch) (flow.Outcome, error) {
	return flow.Outcome{Written: int64(len(b.Observations))}, s.err
}
func (s *store) Release(int32) {}

// topic has partitions of which retention has kept the records from 100 to 199.
func topic(context.Context) (map[int32]flow.Bounds, error) {
	return map[int32]flow.Bounds{0: {First: 100, End: 200, High: 200}, 1: {First: 100, End: 200, High: 200}, 2: {First: 100, End: 200, High: 200}}, nil
}

func observation(failed ...meteo.Failure) meteo.Observation { return meteo.Observation{QC: failed} }

// same compares the metrics of these names with the lines that are wanted.
func same(t *testing.T, r *Registry, want string, names ...string) {
	t.Helper()
	var text strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(want), "\n") {
		text.WriteString(strings.TrimSpace(line) + "\n")
	}
	families, err := r.prometheus.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families { // help and type are not what is tested
		kind := strings.ToLower(f.GetType().String())
		if strings.Contains(want, f.GetName()+"{") || strings.Contains(want, f.GetName()+" ") {
			text.WriteString("# HELP " + f.GetName() + " " + f.GetHelp() + "\n# TYPE " + f.GetName() + " " + kind + "\n")
		}
	}
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	var ordered []string // a family's help and type come before its values
	for _, prefix := range []string{"# HELP", "# TYPE", "senmeteo"} {
		for _, line := range lines {
			if strings.HasPrefix(line, prefix) {
				ordered = append(ordered, line)
			}
		}
	}
	if err := testutil.GatherAndCompare(r.prometheus, strings.NewReader(strings.Join(ordered, "\n")+"\n"), names...); err != nil {
		t.Error(err)
	}
}

func TestNamesFollowPrometheusConventions(t *testing.T) {
	r := New("1.2")
	s := r.Stage(Job{Name: "stream", Topic: "meteo.raw", Checks: true, Bounds: topic})
	sink := s.Sink(&store{})
	_, _ = sink.Acquire(t.Context(), 0)
	_, _ = sink.Commit(t.Context(), &flow.Batch{End: 150, Observations: []meteo.Observation{observation(meteo.Failure{Subject: "rain_mm", Rule: "range"})}})
	r.Reads("fetch", func() int64 { return 1 })
	r.Watch(Overview{Pipeline: &pipeline{}, Store: &reader{}, Now: time.Now})
	families, err := r.prometheus.Gather()
	if err != nil || len(families) < 15 {
		t.Fatalf("%d metrics, %v", len(families), err)
	}
	problems, err := testutil.GatherAndLint(r.prometheus)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestAJobCountsWhatItsReportSays(t *testing.T) {
	r := New("1.2")
	s := r.Stage(Job{Name: "stream", Topic: "meteo.raw", Bounds: topic})
	s.Progress(flow.Report{Read: 20, Written: 10, Duplicates: 5, Rejected: 4, Rerouted: 1})
	s.Progress(flow.Report{Read: 9, Written: 9}) // of another committer, made before
	r.Reads("fetch", func() int64 { return 7 })
	same(t, r, `senmeteo_records_read_total{stage="fetch"} 7
		senmeteo_records_read_total{stage="stream"} 20`, "senmeteo_records_read_total")
	same(t, r, `senmeteo_records_total{outcome="duplicate",stage="stream"} 5
		senmeteo_records_total{outcome="rejected",stage="stream"} 4
		senmeteo_records_total{outcome="rerouted",stage="stream"} 1
		senmeteo_records_total{outcome="written",stage="stream"} 10`, "senmeteo_records_total")
	s.Progress(flow.Report{Read: 20, Written: 11, Duplicates: 9}) // as many read: the later one
	same(t, r, `senmeteo_records_total{outcome="duplicate",stage="stream"} 9
		senmeteo_records_total{outcome="rejected",stage="stream"} 0
		senmeteo_records_total{outcome="rerouted",stage="stream"} 0
		senmeteo_records_total{outcome="written",stage="stream"} 11`, "senmeteo_records_total")
	s.Close()
	if n, err := testutil.GatherAndCount(r.prometheus, "senmeteo_records_total"); n != 0 || err != nil {
		t.Errorf("a job that has ended has %d counts, %v", n, err)
	}
}

func TestTheLagIsThatOfThePartitionsOfThisProcess(t *testing.T) {
	r := New("1.2")
	inner := &store{}
	s := r.Stage(Job{Name: "to-pg", Topic: "meteo.clean", Bounds: topic})
	sink := s.Sink(inner)
	for _, partition := range []int32{0, 1} {
		if next, err := sink.Acquire(t.Context(), partition); next != -1 || err != nil {
			t.Fatal(next, err)
		}
	}
	if out, err := sink.Commit(t.Context(), &flow.Batch{Partition: 1, End: 190, Observations: make([]meteo.Observation, 3)}); out.Written != 3 || err != nil {
		t.Fatal(out, err)
	}
	inner.err = errors.New("away")
	if _, err := sink.Acquire(t.Context(), 2); !errors.Is(err, inner.err) {
		t.Fatal(err)
	}
	if _, err := sink.Commit(t.Context(), &flow.Batch{Partition: 1, End: 195}); !errors.Is(err, inner.err) {
		t.Fatal(err)
	}
	// What retention has deleted is not waited for.
	same(t, r, `senmeteo_lag_records{partition="0",stage="to-pg",topic="meteo.clean"} 100
		senmeteo_lag_records{partition="1",stage="to-pg",topic="meteo.clean"} 10`, "senmeteo_lag_records")
	sink.Release(0)
	same(t, r, `senmeteo_lag_records{partition="1",stage="to-pg",topic="meteo.clean"} 10`, "senmeteo_lag_records")
	if n, err := testutil.GatherAndCount(r.prometheus, "senmeteo_commit_duration_seconds", "senmeteo_last_commit_timestamp_seconds"); n != 2 || err != nil {
		t.Errorf("%d metrics of the one commit, %v", n, err)
	}
}

func TestTheJobThatChecksCountsWhatFailed(t *testing.T) {
	hot, wet := meteo.Failure{Subject: "temperature_c", Rule: "range"}, meteo.Failure{Subject: "humidity_pct", Rule: "range"}
	r := New("1.2")
	for name, checks := range map[string]bool{"stream": true, "to-pg": false} {
		sink := r.Stage(Job{Name: name, Bounds: topic, Checks: checks}).Sink(&store{})
		for range 2 {
			if _, err := sink.Commit(t.Context(), &flow.Batch{Observations: []meteo.Observation{observation(hot, wet), observation(), observation(hot)}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	same(t, r, `senmeteo_flags_total{rule="range",stage="stream",variable="humidity_pct"} 2
		senmeteo_flags_total{rule="range",stage="stream",variable="temperature_c"} 4`, "senmeteo_flags_total")
}

func TestAQuestionThatIsNotAnsweredLeavesTheOthers(t *testing.T) {
	r := New("1.2")
	away := func(context.Context) (map[int32]flow.Bounds, error) { return nil, errors.New("away") }
	s := r.Stage(Job{Name: "to-pg", Bounds: away})
	_, _ = s.Sink(&store{}).Acquire(t.Context(), 0)
	r.Watch(Overview{Pipeline: &pipeline{err: errors.New("away")}, Store: &reader{err: errors.New("away")}, Now: time.Now})
	same(t, r, `senmeteo_scrape_collector_success{collector="latest"} 0
		senmeteo_scrape_collector_success{collector="pipeline"} 0
		senmeteo_scrape_collector_success{collector="quality"} 0
		senmeteo_scrape_collector_success{collector="to-pg"} 0`, "senmeteo_scrape_collector_success")
	if n, err := testutil.GatherAndCount(r.prometheus, "senmeteo_lag_records", "senmeteo_last_observation_timestamp_seconds"); n != 0 || err != nil {
		t.Errorf("%d values that nobody knows, %v", n, err)
	}
	same(t, r, `senmeteo_records_read_total{stage="to-pg"} 0`, "senmeteo_records_read_total")
}

func TestNobodyAsksTheBrokersWhenAJobHasEnded(t *testing.T) {
	r := New("1.2")
	asked, answer := make(chan struct{}), make(chan struct{})
	s := r.Stage(Job{Name: "to-pg", Bounds: func(ctx context.Context) (map[int32]flow.Bounds, error) {
		close(asked) // a second question would panic
		<-ctx.Done()
		<-answer
		return nil, ctx.Err()
	}})
	scraped, closed := make(chan error, 1), make(chan struct{})
	go func() {
		_, err := r.prometheus.Gather()
		scraped <- err
	}()
	<-asked
	go func() {
		s.Close()
		close(closed)
	}()
	<-s.ctx.Done()
	select {
	case <-closed:
		t.Error("the job ended while the brokers were being asked")
	default:
	}
	close(answer)
	<-closed
	if err := <-scraped; err != nil {
		t.Error(err)
	}
	if _, err := s.lag(); !errors.Is(err, context.Canceled) { // of an answer that had begun
		t.Error(err)
	}
}

// pipeline is a query.Counter.
type pipeline struct{ err error }

func (p *pipeline) Stages(context.Context) ([]query.Stage, error) {
	if p.err != nil {
		return nil, p.err
	}
	return []query.Stage{{Name: "stream", Read: 20, Written: 10, Duplicates: 5, Rejected: 4, Rerouted: 1, Lag: 0}, {Name: "to-pg", Read: 10, Written: 10, Lag: -1}}, nil
}

// reader is a query.Reader and a query.QualityReader.
type reader struct {
	query.Reader
	err   error
	asked []time.Time // days whose quality was asked for
}

func (r *reader) Latest(context.Context) ([]query.Latest, error) {
	o := meteo.Observation{Reading: meteo.NewReading(meteo.Stations[0], time.UnixMilli(1_500), "test", meteo.Observed)}
	return []query.Latest{{Observation: o}}, r.err
}

func (r *reader) Quality(_ context.Context, from, to time.Time) ([]query.Quality, error) {
	if to.Sub(from) != 24*time.Hour {
		return nil, errors.New("not a day")
	}
	r.asked = append(r.asked, from)
	return []query.Quality{
		{Region: "Dakar", Good: 3, Suspect: 2, Bad: 1, Failed: map[string]int64{"temperature_c.step": 2, "rain_mm.range": 1}},
		{Region: "Louga", Good: 1, Failed: map[string]int64{"temperature_c.step": 5}},
	}, r.err
}

func TestTheOverviewIsOfAllProcesses(t *testing.T) {
	r := New("1.2")
	r.Watch(Overview{Pipeline: &pipeline{}, Store: &reader{}, Now: time.Now})
	same(t, r, `senmeteo_pipeline_records_read_total{stage="stream"} 20
		senmeteo_pipeline_records_read_total{stage="to-pg"} 10`, "senmeteo_pipeline_records_read_total")
	same(t, r, `senmeteo_pipeline_lag_records{stage="stream"} 0`, "senmeteo_pipeline_lag_records") // that of to-pg is not known
	same(t, r, `senmeteo_today_flags{rule="range",variable="rain_mm"} 1
		senmeteo_today_flags{rule="step",variable="temperature_c"} 7`, "senmeteo_today_flags")
	same(t, r, `senmeteo_today_observations{quality="bad",region="Dakar"} 1
		senmeteo_today_observations{quality="bad",region="Louga"} 0
		senmeteo_today_observations{quality="good",region="Dakar"} 3
		senmeteo_today_observations{quality="good",region="Louga"} 1
		senmeteo_today_observations{quality="suspect",region="Dakar"} 2
		senmeteo_today_observations{quality="suspect",region="Louga"} 0`, "senmeteo_today_observations")
}

func TestARegionThatWasNeverObservedIsThere(t *testing.T) {
	for _, err := range []error{nil, query.ErrEmpty} {
		r := New("1.2")
		r.Watch(Overview{Pipeline: &pipeline{}, Store: &reader{err: err}, Now: time.Now})
		families, gatherErr := r.prometheus.Gather()
		if gatherErr != nil {
			t.Fatal(gatherErr)
		}
		values := map[string]float64{}
		for _, f := range families {
			for _, m := range f.GetMetric() {
				if f.GetName() == "senmeteo_last_observation_timestamp_seconds" {
					values[m.GetLabel()[1].GetValue()] = m.GetGauge().GetValue()
				}
			}
		}
		if len(values) != len(meteo.Stations) || values[meteo.Stations[0].ID] != 1.5 || values[meteo.Stations[1].ID] != 0 {
			t.Errorf("%v: %v", err, values)
		}
	}
}

func TestTheQualityOfTheDayIsAskedOnceAMinuteAndOnEachDay(t *testing.T) {
	now := time.Date(2026, 1, 31, 23, 58, 30, 0, time.UTC)
	r, store := New("1.2"), &reader{}
	r.Watch(Overview{Pipeline: &pipeline{}, Store: store, Now: func() time.Time { return now }})
	for _, step := range []time.Duration{0, 59 * time.Second, time.Second, 30 * time.Second} { // the last one to the next day
		now = now.Add(step)
		if _, err := r.prometheus.Gather(); err != nil {
			t.Fatal(err)
		}
	}
	var days []string
	for _, day := range store.asked {
		days = append(days, day.Format(time.DateOnly))
	}
	if got := strings.Join(days, " "); got != "2026-01-31 2026-01-31 2026-02-01" {
		t.Errorf("asked for %s", got)
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestAnAddressWithoutHostIsOfThisMachineAlone(t *testing.T) {
	var log strings.Builder
	r := New("1.2")
	if r.Page() == nil {
		t.Error("a page has no metrics though there is no other address for them")
	}
	if err := r.Serve(":0", slog.New(slog.NewTextHandler(&log, nil))); err != nil {
		t.Fatal(err)
	}
	if r.Page() != nil {
		t.Error("a page has metrics that have an address of their own")
	}
	_, address, ok := strings.Cut(strings.TrimSpace(log.String()), "address=")
	if !ok || !strings.HasPrefix(address, "http://127.0.0.1:") {
		t.Fatalf("the log says %q", log.String())
	}
	get := func(url string) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	if status, text := get(address); status != http.StatusOK || !strings.Contains(text, `senmeteo_build_info{goversion="`) || !strings.Contains(text, `version="1.2"} 1`) {
		t.Errorf("%d: %s", status, text)
	}
	if status, _ := get(strings.TrimSuffix(address, "/metrics")); status != http.StatusNotFound {
		t.Errorf("another page: %d", status)
	}
	other := New("1.2")
	taken := strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/metrics")
	if err := other.Serve(taken, quiet()); flow.ClassOf(err) != flow.CantWrite || !strings.Contains(err.Error(), "Choose another port") {
		t.Errorf("a port in use: %v", err)
	}
	r.Close()
	if err := other.Serve(taken, quiet()); err != nil {
		t.Errorf("the port is not free after Close: %v", err)
	}
	other.Close()
}

func TestAnAddressThatIsNoneIsAWrongFlag(t *testing.T) {
	if err := New("1.2").Serve("9464", quiet()); flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), ":PORT") {
		t.Error(err)
	}
}

func TestWithoutARegistryNothingIsCounted(*testing.T) {
	var r *Registry
	r.Reads("fetch", func() int64 { return 1 })
	r.Close()
}
