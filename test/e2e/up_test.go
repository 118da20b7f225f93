package e2e_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"senmeteo/jobs/source/generate"
	"senmeteo/test/program"
)

// threeDays is what `up` back-fills: 14 regions, 3 days, 144 readings a day.
const threeDays = 14 * 3 * 144

func TestUpFillsAnEmptyFolderBalancesItsLedgerAndKeepsItsDataOverARestart(t *testing.T) {
	t.Parallel()
	e := program.NewEmbedded(t)
	const faults = "0.05" // with fewer, three days in a thousand have no correction
	first := program.ReadLedger(t, e.Run(t, e.Up("--for", "20s", "--faults", faults)...))
	if first.Observations["clean topic"]+first.Dead < threeDays || first.Observations["clean topic"] < threeDays-first.Dead {
		t.Errorf("%d observations, want those of three days: %d less %d dead letters", first.Observations["clean topic"], threeDays, first.Dead)
	}
	compareLedgerWithTruth(t, e, first)

	second := program.ReadLedger(t, e.Run(t, e.Up("--for", "12s", "--faults", faults)...)) // live weather comes every 10 s
	if second.Read <= first.Read || second.Observations["clean topic"] <= first.Observations["clean topic"] {
		t.Errorf("the second run ends with %+v, less than the first %+v", second, first)
	}
	compareLedgerWithTruth(t, e, second)
}

// The back-fill, and the live weather since its end, take longer than that: the time is over while some of it is sent.
func TestUpFinishesWhatItIsSendingWhenItsTimeIsOver(t *testing.T) {
	t.Parallel()
	e := program.NewEmbedded(t)
	for _, limit := range []string{"1ms", "200ms", "600ms"} {
		ledger := program.ReadLedger(t, e.Run(t, e.Up("--for", limit)...))
		if !strings.HasSuffix(ledger.Verdict, "as in the ledger") {
			t.Errorf("after %s the verdict is %q", limit, ledger.Verdict)
		}
	}
}

// compareLedgerWithTruth compares the ledger of an undisturbed run with its truth file.
func compareLedgerWithTruth(t *testing.T, e program.Embedded, l program.Ledger) {
	t.Helper()
	weather := e.Weather(t)
	if weather.Resent || weather.Sending {
		t.Fatalf("an undisturbed run says that it sent twice or not to the end: %+v", weather)
	}
	want := weather.Summary
	got := generate.Summary{
		Readings: want.Readings, Sent: l.Read - l.Verdicts - l.Stale, Clean: l.Observations["clean topic"],
		Corrections: l.Clean - l.Observations["clean topic"] - l.Verdicts, Duplicates: l.Duplicates - l.Stale, DeadLetters: l.Dead,
	}
	if got != want {
		t.Errorf("the ledger says %+v, the truth file %+v", got, want)
	}
	if want.Corrections == 0 || want.Duplicates == 0 || want.DeadLetters == 0 {
		t.Errorf("%+v: duplicates, corrections and dead letters must all be there", want)
	}
	if l.Verdicts == 0 {
		t.Error("three days with defects have no verdict of review")
	}
	if !strings.HasSuffix(l.Verdict, "as in the ledger") {
		t.Errorf("the verdict is %q", l.Verdict)
	}
}

func TestUpShowsItsPageSoonAndASecondUpReportsThatTheFolderOrThePortIsTaken(t *testing.T) {
	t.Parallel()
	e := program.NewEmbedded(t)
	running := e.Start(t, e.Up()...)
	running.Await(t, running.Stdout, program.IsUp)
	if took := time.Since(running.Began); took > time.Duration(slowness(t)*float64(time.Minute)) {
		t.Errorf("the page is up after %v", took)
	}
	if body := get(t, "http://"+e.Listen+"/healthz"); strings.TrimSpace(body) != "ok" {
		t.Errorf("/healthz says %q", body)
	}
	program.Until(t, func() bool { return strings.Count(get(t, "http://"+e.Listen+"/api/latest"), `"station_id"`) == 14 })
	page := get(t, "http://"+e.Listen+"/")
	for _, region := range []string{"Dakar", "Thiès", "Kédougou", "Sédhiou", "Ziguinchor"} {
		if !strings.Contains(page, region) {
			t.Errorf("the page does not name %s", region)
		}
	}

	program.Until(t, func() bool { // what it finds out in the background
		page := get(t, "http://"+e.Listen+"/?lang=en")
		return strings.Contains(page, "By station and day") && strings.Contains(page, "No incident is open") && strings.Contains(page, "No scores yet")
	})

	if heaps := reservedHeaps(t, running.PID()); heaps > 2 {
		t.Errorf("%d heaps are reserved, want Go's first one and that of all threads of librdkafka", heaps)
	}

	other := program.NewEmbedded(t)
	refusal{args: []string{"up"}, code: 75, says: `^data folder .* is in use by process ` + strconv.Itoa(running.PID()) + `: stop .*choose another --data-dir`}.
		judge(t, e.Run(t, "up", "--data-dir", e.Data, "--listen", other.Listen))
	refusal{args: []string{"up"}, code: 73, says: `^opening --listen ` + e.Listen + `: .*is another program using it\? Choose another port$`}.
		judge(t, e.Run(t, "up", "--data-dir", other.Data, "--listen", e.Listen))

	if r := running.Terminate(t); r.Code != 0 {
		t.Errorf("%s exits with %d at SIGTERM, want 0\n%s", r, r.Code, r.Output())
	}
}

func TestUpThatASignalEndsBeforeItsTimePrintsNoLedgerAndASecondSignalChangesNothing(t *testing.T) {
	t.Parallel()
	e := program.NewEmbedded(t)
	running := e.Start(t, e.Up("--for", "1h")...)
	running.Await(t, running.Stdout, program.IsUp)
	running.Signal(t, syscall.SIGINT)
	running.Signal(t, syscall.SIGINT)
	r := running.Wait(t)
	if r.Code != 143 || !strings.Contains(r.Stderr, "senmeteo: stopped by a signal before the ledger; nothing is lost, run it again") || strings.Contains(r.Stdout, "balanced") {
		t.Errorf("%s exits with %d, want 143 and no ledger\n%s", r, r.Code, r.Output())
	}
}

// reservedHeaps counts the 64 MiB at such a multiple of which a process can use the first part: glibc reserves as much for each heap
// but its first, and Go may for its own first one.
func reservedHeaps(t *testing.T, pid int) (n int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	const reserved = 64 << 20
	var start, used uint64
	for line := range strings.Lines(string(text)) {
		var from, to uint64
		var rights string
		if _, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &rights); err != nil {
			t.Fatal(err)
		}
		switch {
		case rights == "rw-p" && from%reserved == 0:
			start, used = from, to
		case rights == "---p" && from == used && to == start+reserved:
			n++
		}
	}
	return n
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
