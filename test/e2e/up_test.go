package e2e_test

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"senmeteo/jobs/source/generate"
	"senmeteo/test/program"
)

// embedded is an `up` of a test's own: its folder and the address of its page.
type embedded struct {
	program.Program
	data, listen string
}

func newEmbedded(t testing.TB) embedded {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // from here on the port is free
	e := embedded{data: filepath.Join(openFolder(t), "data"), listen: l.Addr().String()}
	e.Dir = t.TempDir()
	return e
}

// openFolder makes a temporary folder that every user may enter. PostgreSQL runs as another user when the tests run as root,
// and into the test's own folder only root may go.
func openFolder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "senmeteo-e2e-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("removing the test's folder: %v", err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// up are the arguments of an `up` on the folder.
func (e embedded) up(more ...string) []string {
	return append([]string{"up", "--data-dir", e.data, "--listen", e.listen}, more...)
}

// isUp is what `up` prints when the page can be opened.
const isUp = "senmeteo is up: http://"

// ledger is what `up --for` prints at its end.
type ledger struct {
	read, clean, duplicates, dead, rerouted, waiting int64
	observations                                     map[string]int64 // by store
	hashes                                           map[string]string
	verdict                                          string // the last line, about the truth file
}

var (
	totals  = regexp.MustCompile(`(?m)^ +all +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)$`)
	tallies = regexp.MustCompile(`(?m)^(clean topic|PostgreSQL|lake) +(\d+) observations, +\d+ records, hash ([0-9a-f]{16})$`)
)

// readLedger reads what a run of `up --for` printed, which must say that it balances.
func readLedger(t testing.TB, r program.Result) ledger {
	t.Helper()
	if r.Code != 0 || !strings.Contains(r.Stdout, "\nbalanced: nothing is lost, nothing is doubled\n") {
		t.Fatalf("%s exits with %d, want 0 and balanced books\n%s", r, r.Code, r.Output())
	}
	all := totals.FindStringSubmatch(r.Stdout)
	if all == nil {
		t.Fatalf("the books have no totals\n%s", r.Output())
	}
	var n [8]int64
	for i := 1; i < len(n); i++ {
		n[i], _ = strconv.ParseInt(all[i], 10, 64) // digits
	}
	l := ledger{read: n[1] + n[2], clean: n[3], duplicates: n[4], dead: n[5], rerouted: n[6], waiting: n[7], observations: map[string]int64{}, hashes: map[string]string{}}
	for _, m := range tallies.FindAllStringSubmatch(r.Stdout, -1) {
		l.observations[m[1]], _ = strconv.ParseInt(m[2], 10, 64) // digits
		l.hashes[m[1]] = m[3]
	}
	lines := strings.Split(strings.TrimSpace(r.Stdout), "\n")
	l.verdict = lines[len(lines)-1]
	if l.read != l.clean+l.duplicates+l.dead+l.rerouted || l.waiting != 0 {
		t.Errorf("the totals do not add up: %+v", l)
	}
	if len(l.hashes) != 3 || l.hashes["clean topic"] != l.hashes["PostgreSQL"] || l.hashes["clean topic"] != l.hashes["lake"] {
		t.Errorf("topic, table and lake differ: %v", l.hashes)
	}
	return l
}

// threeDays is what `up` back-fills: 14 regions, 3 days, 144 readings a day.
const threeDays = 14 * 3 * 144

func TestUpFillsAnEmptyFolderBalancesItsBooksAndKeepsItsDataOverARestart(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	first := readLedger(t, e.Run(t, e.up("--for", "20s")...))
	if first.observations["clean topic"]+first.dead < threeDays || first.observations["clean topic"] < threeDays-first.dead {
		t.Errorf("%d observations, want those of three days: %d less %d dead letters", first.observations["clean topic"], threeDays, first.dead)
	}
	compareLedgerWithTruth(t, e, first)

	second := readLedger(t, e.Run(t, e.up("--for", "12s")...)) // live weather comes every 10 s
	if second.read <= first.read || second.observations["clean topic"] <= first.observations["clean topic"] {
		t.Errorf("the second run ends with %+v, less than the first %+v", second, first)
	}
	compareLedgerWithTruth(t, e, second)
}

// compareLedgerWithTruth works out from the truth file what the books must say. The weather maker's own state tells only how
// many readings it was to make.
func compareLedgerWithTruth(t *testing.T, e embedded, l ledger) {
	t.Helper()
	var state struct {
		Readings int64 `json:"readings"`
		Resent   bool  `json:"resent"`
		Sending  bool  `json:"sending"`
	}
	if err := json.Unmarshal(read(t, e.data, "feeder.json"), &state); err != nil {
		t.Fatal(err)
	}
	if state.Resent || state.Sending {
		t.Fatalf("an undisturbed run says that it sent twice or not to the end: %+v", state)
	}
	want := summaryOf(t, filepath.Join(e.data, "truth.jsonl"), state.Readings)
	got := generate.Summary{
		Readings: state.Readings, Sent: l.read, Clean: l.observations["clean topic"], Corrections: l.clean - l.observations["clean topic"],
		Duplicates: l.duplicates, DeadLetters: l.dead,
	}
	if got != want {
		t.Errorf("the books say %+v, the truth file %+v", got, want)
	}
	if want.Corrections == 0 || want.Duplicates == 0 || want.DeadLetters == 0 {
		t.Errorf("%+v: duplicates, corrections and dead letters must all be there", want)
	}
	if !strings.HasSuffix(l.verdict, "as in the books") {
		t.Errorf("the verdict is %q", l.verdict)
	}
}

func TestUpShowsItsPageSoonAndTellsASecondUpThatTheFolderOrThePortIsTaken(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	running := e.Start(t, e.up()...)
	running.Await(t, running.Stdout, isUp)
	if took := time.Since(running.Began); took > time.Duration(slowness(t)*float64(time.Minute)) {
		t.Errorf("the page is up after %v", took)
	}
	if body := get(t, "http://"+e.listen+"/healthz"); strings.TrimSpace(body) != "ok" {
		t.Errorf("/healthz says %q", body)
	}
	program.Until(t, func() bool { return strings.Count(get(t, "http://"+e.listen+"/api/latest"), `"station_id"`) == 14 })
	page := get(t, "http://"+e.listen+"/")
	for _, region := range []string{"Dakar", "Thiès", "Kédougou", "Sédhiou", "Ziguinchor"} {
		if !strings.Contains(page, region) {
			t.Errorf("the page does not name %s", region)
		}
	}

	other := newEmbedded(t)
	refusal{args: []string{"up"}, code: 75, says: `^data folder .* is in use by process ` + strconv.Itoa(running.PID()) + `: stop .*choose another --data-dir`}.
		judge(t, e.Run(t, "up", "--data-dir", e.data, "--listen", other.listen))
	refusal{args: []string{"up"}, code: 73, says: `^opening --listen ` + e.listen + `: .*is another program using it\? Choose another port$`}.
		judge(t, e.Run(t, "up", "--data-dir", other.data, "--listen", e.listen))

	if r := running.Terminate(t); r.Code != 0 {
		t.Errorf("%s exits with %d at SIGTERM, want 0\n%s", r, r.Code, r.Output())
	}
}

func get(t testing.TB, url string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // read only
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// U1. The moments are spread over the start of the servers, the back-fill and the live feed. What a kill made the weather maker
// send again is a duplicate; nothing else may differ.
func TestU1UpBalancesAfterTwentyKillsAtRandomMoments(t *testing.T) {
	t.Parallel()
	e := newEmbedded(t)
	const seed = 20260131
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for kill := range 20 {
		r := e.Start(t, e.up()...)
		// Every other kill waits for the page: before it the servers start, behind it data moves.
		if kill%2 == 1 {
			r.Await(t, r.Stdout, isUp)
		}
		select {
		case <-time.After(time.Duration(random.Int64N(int64(3 * time.Second)))):
		case <-r.Ended():
			t.Fatalf("start %d ended by itself\n%s", kill, r.Wait(t).Output())
		}
		r.Signal(t, syscall.SIGKILL)
		<-r.Ended()
	}
	l := readLedger(t, e.Run(t, e.up("--for", "8s")...))
	if want := int64(threeDays) - l.dead; l.observations["clean topic"] < want {
		t.Errorf("%d observations, want at least %d", l.observations["clean topic"], want)
	}
	t.Logf("%+v", l)
}
