package e2e_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// receiver counts what a webhook takes; it fails every other time.
type receiver struct {
	mu    sync.Mutex
	calls int
	taken map[string]int
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls++; r.calls%2 == 1 {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	var body struct{ Event, Kind, Subject string }
	_ = json.NewDecoder(request.Body).Decode(&body) // nothing decoded is counted as ""
	r.taken[body.Event+" "+body.Kind+" "+body.Subject]++
}

// watched is a pipeline whose incidents somebody receives.
type watched struct {
	pipeline
	*receiver
	hook string
}

// look runs two looks at the same time, a minute after the last ones.
func (p watched) look(t *testing.T) {
	t.Helper()
	p.Exec(t, `UPDATE meteo.job_measure SET measured_at = measured_at - interval '1 minute'`)
	p.Exec(t, `UPDATE meteo.alert_look SET looked_at = looked_at - interval '1 minute'`)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if r := p.Run(t, "alerts", "--jobs", "--max-lag", "5", "--expect", "generate=23h", "--webhook-url-file", p.hook); r.Code != 0 {
				t.Errorf("%s ends with %d: %s", r, r.Code, r.Output())
			}
		})
	}
	both.Wait()
}

// open are the incidents that are open.
func (p watched) open(t *testing.T) []string {
	t.Helper()
	lines := p.Psql(t, `SELECT kind || ' ' || subject FROM meteo.incident WHERE closed_at IS NULL ORDER BY 1`)
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" })
}

func (p watched) expect(t *testing.T, when string, want ...string) {
	t.Helper()
	if got := p.open(t); !slices.Equal(got, want) {
		t.Errorf("%s: %q are open, want %q", when, got, want)
	}
}

func TestWhatIsWrongWithTheJobsAndStoresIsSentOnceAndSoIsItsEnd(t *testing.T) {
	t.Parallel()
	p := watched{pipeline: newPipeline(t), receiver: &receiver{taken: map[string]int{}}, hook: filepath.Join(t.TempDir(), "webhook-url")}
	server := httptest.NewServer(p.receiver)
	t.Cleanup(server.Close)
	if err := os.WriteFile(p.hook, []byte(server.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Must(t, "to-pg") // makes the tables
	at := time.Now().UTC().Truncate(time.Hour).Add(-12 * time.Hour)
	generate := func() {
		t.Helper()
		p.Must(t, "fetch", "generate", "--every", "1h", "--from", at.Format(time.RFC3339), "--to", at.Add(time.Hour).Format(time.RFC3339))
		at = at.Add(time.Hour)
	}

	p.look(t)
	for range 2 {
		p.expect(t, "before the lag has grown three times")
		generate()
		p.look(t)
	}
	p.expect(t, "after it has", "lag stream")
	p.settle(t)
	p.look(t)
	p.expect(t, "after stream")

	for range 9 {
		p.Produce(t, &kgo.Record{Topic: p.Prefix + ".raw", Value: []byte("not a reading")})
	}
	p.Must(t, "stream", "--max-reject-ratio", "1")
	p.look(t)
	p.expect(t, "after nine dead letters", "dead-letters stream")
	p.Exec(t, `UPDATE meteo.job_measure SET measured_at = measured_at - interval '1 hour'`)
	p.look(t)
	p.expect(t, "an hour later")

	p.Exec(t, `CREATE TABLE public.kept AS SELECT * FROM meteo.observation_data LIMIT 3`)
	p.Exec(t, `DELETE FROM meteo.observation_data WHERE (series_id, observed_at) IN (SELECT series_id, observed_at FROM public.kept)`)
	if r := p.Run(t, "reconcile", "--alerts"); r.Code != 1 {
		t.Errorf("reconcile ends with %d: %s", r.Code, r.Output())
	}
	p.look(t)
	p.expect(t, "after rows were deleted", "reconcile PostgreSQL")
	if listed := p.Must(t, "alerts", "list"); !strings.Contains(listed.Stdout, "reconcile PostgreSQL: PostgreSQL differs from the clean topic in 3 observations: OPEN") {
		t.Errorf("alerts list prints %s", listed.Stdout)
	}
	p.Exec(t, `INSERT INTO meteo.observation_data SELECT * FROM public.kept`)
	p.Must(t, "reconcile", "--alerts")
	p.look(t)
	p.expect(t, "after they are back")

	for _, incident := range []string{"lag stream", "dead-letters stream", "reconcile PostgreSQL"} {
		for _, event := range []string{"opened ", "closed "} {
			if n := p.taken[event+incident]; n != 1 {
				t.Errorf("%s%s was taken %d times", event, incident, n)
			}
		}
	}
	if len(p.taken) != 6 {
		t.Errorf("%v were taken", p.taken)
	}
}

func TestStationsAreLookedAtWhileKafkaIsAway(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.Must(t, "to-pg")
	p.Must(t, "alerts", "raise", "dag", "weather_daily", "it is red")
	r := p.Run(t, "alerts", "--jobs", "--brokers", "127.0.0.1:1")
	if r.Code != 69 || !strings.Contains(r.Stderr, "[opened] it is red") {
		t.Errorf("it ends with %d: %s", r.Code, r.Output())
	}
}
