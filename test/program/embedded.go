package program

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"senmeteo/jobs/source/generate"
	"senmeteo/test/servers"
)

// Embedded is an `up` of a test's own: its folder and the address of its page.
type Embedded struct {
	Program
	Data, Listen string
}

// NewEmbedded takes an empty folder and a port that is free, and stays so between two starts.
func NewEmbedded(t testing.TB) Embedded {
	t.Helper()
	ports, err := servers.FreePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	e := Embedded{Data: filepath.Join(OpenFolder(t), "data"), Listen: fmt.Sprintf("127.0.0.1:%d", ports[0])}
	e.Dir = t.TempDir()
	return e
}

// OpenFolder makes a temporary folder that every user may enter. PostgreSQL runs as another user when the tests run as root,
// and into the test's own folder only root may go.
func OpenFolder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "senmeteo-open-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("removing the test's folder: %v", err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil { // that is what it is for
		t.Fatal(err)
	}
	return dir
}

// Up are the arguments of an `up` on the folder.
func (e Embedded) Up(more ...string) []string {
	return append([]string{"up", "--data-dir", e.Data, "--listen", e.Listen}, more...)
}

// IsUp is what `up` prints when the page can be opened.
const IsUp = "senmeteo is up: http://"

// Weather is what `up` has sent into its folder.
type Weather struct {
	Summary generate.Summary // what must have become of it, by its truth file; the weather maker reports only how many readings it was to make
	Resent  bool             // the weather maker was stopped while it sent, and some records came twice
	Sending bool             // it was stopped and has not sent them again yet
}

// Weather reads the truth file and the weather maker's state.
func (e Embedded) Weather(t testing.TB) Weather {
	t.Helper()
	var state struct {
		Readings int64 `json:"readings"`
		Resent   bool  `json:"resent"`
		Sending  bool  `json:"sending"`
	}
	if err := json.Unmarshal(e.read(t, "feeder.json"), &state); err != nil {
		t.Fatal(err)
	}
	lines, err := generate.ReadTruth(bytes.NewReader(e.read(t, "truth.jsonl")))
	if err != nil {
		t.Fatal(err)
	}
	return Weather{Summary: generate.Summarize(state.Readings, lines), Resent: state.Resent, Sending: state.Sending}
}

func (e Embedded) read(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(e.Data, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Ledger is what `up --for` prints at its end.
type Ledger struct {
	Read, Clean, Duplicates, Dead, Rerouted, Waiting int64
	Verdicts, Stale                                  int64            // of review: those of Clean and of Duplicates
	Observations                                     map[string]int64 // by store
	Hashes                                           map[string]string
	Verdict                                          string // the last line, about the truth file
}

var (
	totals   = regexp.MustCompile(`(?m)^ +all +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)$`)
	verdicts = regexp.MustCompile(`(?m)^verdicts of review: (\d+) accepted, (\d+) came too late$`)
	tallies  = regexp.MustCompile(`(?m)^(clean topic|PostgreSQL|lake) +(\d+) observations, +\d+ records, hash ([0-9a-f]{16})$`)
)

// ReadLedger reads what a run of `up --for` printed, which must say that it balances.
func ReadLedger(t testing.TB, r Result) Ledger {
	t.Helper()
	if r.Code != 0 || !strings.Contains(r.Stdout, "\nbalanced: nothing is lost, nothing is doubled\n") {
		t.Fatalf("%s exits with %d, want 0 and a balanced ledger\n%s", r, r.Code, r.Output())
	}
	all := totals.FindStringSubmatch(r.Stdout)
	if all == nil {
		t.Fatalf("the ledger has no totals\n%s", r.Output())
	}
	var n [8]int64
	for i := 1; i < len(n); i++ {
		n[i], _ = strconv.ParseInt(all[i], 10, 64) // digits
	}
	l := Ledger{Read: n[1] + n[2], Clean: n[3], Duplicates: n[4], Dead: n[5], Rerouted: n[6], Waiting: n[7], Observations: map[string]int64{}, Hashes: map[string]string{}}
	if m := verdicts.FindStringSubmatch(r.Stdout); m != nil {
		l.Verdicts, _ = strconv.ParseInt(m[1], 10, 64) // digits
		l.Stale, _ = strconv.ParseInt(m[2], 10, 64)
	}
	for _, m := range tallies.FindAllStringSubmatch(r.Stdout, -1) {
		l.Observations[m[1]], _ = strconv.ParseInt(m[2], 10, 64) // digits
		l.Hashes[m[1]] = m[3]
	}
	lines := strings.Split(strings.TrimSpace(r.Stdout), "\n")
	l.Verdict = lines[len(lines)-1]
	if l.Read != l.Clean+l.Duplicates+l.Dead+l.Rerouted || l.Waiting != 0 {
		t.Errorf("the totals do not add up: %+v", l)
	}
	if len(l.Hashes) != 3 || l.Hashes["clean topic"] != l.Hashes["PostgreSQL"] || l.Hashes["clean topic"] != l.Hashes["lake"] {
		t.Errorf("topic, table and lake differ: %v", l.Hashes)
	}
	return l
}
