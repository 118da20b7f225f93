package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"senmeteo/test/program"
)

// placeless is a raw record that names no station, as an old producer wrote it.
func placeless(minute int) *kgo.Record {
	r := dakar(fmt.Sprintf(`{"datetime":"2026-03-01T12:%02d:%02dZ","temperature":24.5,"humidity":60}`, minute/60, minute%60))
	r.Headers = []kgo.RecordHeader{{Key: "trace", Value: []byte{0, 0xff}}}
	return r
}

// letters are the lines of `dlq list`.
func (p pipeline) letters(t testing.TB, args ...string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for line := range strings.Lines(p.Must(t, append([]string{"dlq", "list"}, args...)...).Stdout) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		out = append(out, l)
	}
	return out
}

// stream runs `stream` to its end, however much of its input is bad.
func (p pipeline) stream(t testing.TB, args ...string) {
	t.Helper()
	p.Must(t, append([]string{"stream", "--max-reject-ratio", "1"}, args...)...)
}

func TestReplayedLettersLandOnceWhenTheirCauseIsGone(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	for n := range 30 {
		p.Produce(t, placeless(n))
	}
	p.Produce(t, dakar(`{"region":"Dakar","temperature":`)) // hopeless
	p.stream(t)
	if r := p.Must(t, "dlq", "replay", "--reason", "unknown_station", "--limit", "10", "--dry-run"); strings.Count(r.Stdout, "\n") != 11 || len(p.Records(t, "raw")) != 31 {
		t.Errorf("a dry run prints %d lines, want 10 and the report; the raw topic holds %d records, want 31", strings.Count(r.Stdout, "\n"), len(p.Records(t, "raw")))
	}
	for i, want := range []int64{10, 20, 0} { // the third finds nothing left
		args := []string{"dlq", "replay", "--reason", "unknown_station"}
		if i == 0 {
			args = append(args, "--limit", "10")
		}
		if got := p.Must(t, args...).Report(t).Written; got != want {
			t.Errorf("replay %d sends %d letters, want %d", i, got, want)
		}
	}
	if got := len(p.letters(t)); got != 1 {
		t.Errorf("%d letters are listed, want the hopeless one", got)
	}
	if got := len(p.letters(t, "--all")); got != 31 {
		t.Errorf("%d letters are listed with --all, want 31", got)
	}
	p.stream(t, "--default-station", "SN-DK")
	p.settle(t)
	ledger := p.ledger(t)
	if b := ledger.Total; b.Read != 61 || b.Clean != 30 || b.Dead != 31 || b.DeadLetters != 31 || b.Duplicates != 0 {
		t.Errorf("the ledger says %+v", b)
	}
	raw := p.Records(t, "raw")
	for _, r := range raw {
		if n := len(r.Headers); program.Header(r, "senmeteo.attempt") != "" && (n != 2 || program.Header(r, "trace") != "\x00\xff" || string(r.Key) != "SN-DK") {
			t.Errorf("a replayed record has the headers %v", r.Headers)
		}
	}
}

func TestARecordThatIsStillBadIsParkedAfterItsAttempts(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.Produce(t, placeless(1))
	p.stream(t)
	for attempt := 1; attempt <= 6; attempt++ {
		report := p.Must(t, "dlq", "replay", "--max-attempts", "3").Report(t)
		if sent := attempt < 3; (report.Written == 1) != sent || (report.Rejected == 1) == sent {
			t.Errorf("replay %d: %d sent and %d parked", attempt, report.Written, report.Rejected)
		}
		p.stream(t)
	}
	if l := p.letters(t); len(l) != 1 || l[0]["attempt"] != 3.0 {
		t.Errorf("the letters are %v, want one with attempt 3", l)
	}
	p.settle(t)
	p.ledger(t)
}

func TestARepairedLetterLandsAndAFileThatCannotBeMeantSendsNothing(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.Produce(t, dakar("{\"region\":\"Thi\xe8s\",\"datetime\":\"2026-03-01T12:00:00Z\",\"temperature\":24.5}"), placeless(1))
	p.stream(t)
	file := filepath.Join(p.Dir, "f.jsonl")
	p.Must(t, "dlq", "list", "--out", file)
	text := string(read(t, file))
	if !strings.Contains(text, "value_base64") {
		t.Fatalf("a value that is not UTF-8 is listed as %s", text)
	}
	send := func(content string) program.Result {
		t.Helper()
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return p.Run(t, "dlq", "replay", "--in", file, "--max-attempts", "1")
	}
	for name, bad := range map[string]string{
		"a line that is cut":       text[:len(text)-20],
		"a misspelled field":       strings.Replace(text, `"value"`, `"valeu"`, 1),
		"a letter that is not so":  strings.Replace(text, `"offset":1`, `"offset":77`, 1),
		"a line that stands twice": text + text,
	} {
		if r := send(bad); r.Code != 65 || !strings.Contains(r.Stderr, "line ") {
			t.Errorf("%s: it exits with %d, want 65 and the line\n%s", name, r.Code, r.Output())
		}
	}
	if r := p.Run(t, "dlq", "replay", "--in", "missing.jsonl"); r.Code != 66 {
		t.Errorf("without its file it exits with %d, want 66", r.Code)
	}
	if n := len(p.Records(t, "raw")); n != 2 {
		t.Fatalf("the raw topic holds %d records, want 2", n)
	}
	var fixed strings.Builder
	for line := range strings.Lines(text) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l["value_base64"] != nil {
			delete(l, "value_base64")
			l["value"] = `{"region":"Thiès","datetime":"2026-03-01T12:00:00Z","temperature":24.5}`
		}
		line, _ := json.Marshal(l)
		fixed.Write(append(line, '\n'))
	}
	for i, want := range []int64{1, 0} { // the other line is as it was and has had its attempt; the second run finds all done
		report := send(fixed.String()).Report(t)
		if report.Written != want || report.Rejected != 1 || report.Duplicates != 1-want {
			t.Errorf("run %d: %d sent, %d parked, %d known; want %d, 1, %d", i, report.Written, report.Rejected, report.Duplicates, want, 1-want)
		}
	}
	p.settle(t)
	p.Must(t, "stream") // the record was rerouted to Thiès' partition
	p.settle(t)
	if b := p.ledger(t).Total; b.Clean != 1 || b.Dead != 2 {
		t.Errorf("the ledger says %+v", b)
	}
	if got := p.Psql(t, "SELECT region FROM meteo.observation"); got[0] != "Thiès" {
		t.Errorf("PostgreSQL holds %q", got)
	}
}

func TestAReplayThatIsKilledInTheMiddleSendsEachLetterOnce(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	const n = 1000 // a replay of one at a time is in the middle for seconds
	var all []*kgo.Record
	for i := range n {
		all = append(all, placeless(i))
	}
	p.Produce(t, all...)
	p.stream(t)
	const kills = 3
	for k := range kills {
		r := p.Start(t, "dlq", "replay", "--batch-records", "1")
		p.AwaitRecords(t, "raw", n+20+60*k)
		if !r.Alive() {
			t.Fatalf("the replay ended before it was killed\n%s", r.Wait(t).Output())
		}
		r.Kill(t)
	}
	// A killed replay leaves a transaction open: the next one ends it.
	if r := p.Must(t, "dlq", "replay").Report(t); r.Written == 0 || r.Written == n {
		t.Errorf("the last replay sends %d letters, want the rest of %d", r.Written, n)
	}
	p.stream(t, "--default-station", "SN-DK")
	p.settle(t)
	if b := p.ledger(t).Total; b.Read != 2*n || b.Clean != n || b.Dead != n || b.Duplicates != 0 || b.Lag != 0 {
		t.Errorf("the ledger says %+v, want %d clean and as many dead", b, n)
	}
}

func TestOfTwoReplaysAtOnceNoneSendsALetterTwice(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	const n = 1000
	var all []*kgo.Record
	for i := range n {
		all = append(all, placeless(i))
	}
	p.Produce(t, all...)
	p.stream(t)
	first := p.Start(t, "dlq", "replay", "--batch-records", "1")
	p.AwaitRecords(t, "raw", n+20)
	first.Signal(t, syscall.SIGSTOP) // or it could be done before the other one begins
	p.Must(t, "dlq", "replay")
	first.Signal(t, syscall.SIGCONT)
	if r := first.Wait(t); r.Code != 75 {
		t.Errorf("the first replay exits with %d, want 75\n%s", r.Code, r.Output())
	}
	if got := len(p.Records(t, "raw")); got != 2*n {
		t.Errorf("the raw topic holds %d records, want %d", got, 2*n)
	}
}

// reading is a raw record of Dakar, of a minute after noon.
func reading(minute, fetchedHour, temperature int) *kgo.Record {
	return dakar(fmt.Sprintf(`{"schema":1,"station_id":"SN-DK","region":"Dakar","observed_at":"2026-03-01T12:0%d:00Z","fetched_at":"2026-03-01T%d:00:00Z","source":"file","kind":"observed","temperature_c":%d}`, minute, fetchedHour, temperature))
}

// What to-pg refused goes back to to-pg alone; a repaired one is a correction that every store gets.
func TestALetterOfALaterStageGoesBackToThatStageAlone(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.Must(t, "to-pg") // makes the tables
	p.Exec(t, "ALTER TABLE meteo.observation_data ADD CONSTRAINT cool CHECK (temperature_c < 21)")
	p.Produce(t, reading(0, 13, 20), reading(1, 13, 21), reading(2, 13, 22))
	p.Must(t, "stream")
	p.Must(t, "to-hdfs")
	p.Must(t, "to-pg", "--max-reject-ratio", "1")
	refused := p.letters(t, "--stage", "to-pg", "--reason", "store_refused")
	if len(refused) != 2 {
		t.Fatalf("%d letters of to-pg, want 2: %v", len(refused), refused)
	}
	p.ledger(t) // what to-pg refused is known

	p.Exec(t, "ALTER TABLE meteo.observation_data DROP CONSTRAINT cool")
	file := filepath.Join(p.Dir, "f.jsonl")
	correct := func(value string) string {
		refused[1]["value"] = value
		line, _ := json.Marshal(refused[1])
		return string(line) + "\n"
	}
	replay := func(content string) program.Result {
		t.Helper()
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return p.Run(t, "dlq", "replay", "--in", file)
	}
	value := strings.Replace(refused[1]["value"].(string), `"temperature_c":22`, `"temperature_c":19`, 1)
	if r := replay(correct(value)); r.Code != 65 || !strings.Contains(r.Stderr, "fetched_at") {
		t.Errorf("a correction that would be taken for a duplicate exits with %d, want 65\n%s", r.Code, r.Output())
	}
	value = strings.Replace(value, `"fetched_at":"2026-03-01T13`, `"fetched_at":"2026-03-01T14`, 1)
	if r := replay(correct(value)); r.Code != 0 || r.Report(t).Written != 1 {
		t.Errorf("a correction exits with %d\n%s", r.Code, r.Output())
	}
	p.Produce(t, reading(1, 15, 18))
	p.Must(t, "stream") // a second revision of the other one, before the first comes back
	if got := p.Must(t, "dlq", "replay").Report(t).Written; got != 1 {
		t.Errorf("%d letters are sent back as they are, want 1", got)
	}
	p.settle(t)
	if b := p.ledger(t).Total; b.Clean != 5 || b.CleanRecords != 5 || b.Dead != 0 {
		t.Errorf("the ledger says %+v, want 5 clean records: the one that came back is not counted twice", b)
	}
	got := p.Psql(t, "SELECT revision, temperature_c FROM meteo.observation ORDER BY observed_at")
	if want := []string{"1|20", "2|18", "2|19"}; !slices.Equal(got, want) {
		t.Errorf("PostgreSQL holds %q, want %q", got, want)
	}
	// stream remembers the newest revision, though an old one came again after it.
	p.Produce(t, reading(1, 16, 18))
	if r := p.Must(t, "stream").Report(t); r.Duplicates != 1 || r.Written != 0 {
		t.Errorf("the newest again: %d written, %d duplicates", r.Written, r.Duplicates)
	}
}

// meteo.rejected keeps its row when a letter goes back: that must not except the observation for good.
func TestAnObservationThatPostgreSQLOnceRefusedIsMissedWhenItIsLost(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.Must(t, "to-pg") // makes the tables
	p.Exec(t, "ALTER TABLE meteo.observation_data ADD CONSTRAINT cool CHECK (temperature_c < 21)")
	load := func() {
		t.Helper()
		p.Must(t, "to-pg", "--max-reject-ratio", "1")
		p.Must(t, "to-hdfs")
	}
	p.Produce(t, reading(0, 13, 22), reading(1, 13, 23))
	p.Must(t, "stream")
	load()
	p.ledger(t) // both are excepted
	p.Must(t, "dlq", "replay", "--stage", "to-pg")
	load()
	p.ledger(t) // and still are: PostgreSQL refused them again
	again := p.Records(t, "clean")[0]
	again.Headers = append(again.Headers, kgo.RecordHeader{Key: "senmeteo.stage", Value: []byte("to-es")})
	if err := p.Client(t).ProduceSync(t.Context(), again).FirstErr(); err != nil {
		t.Fatal(err)
	}
	load()
	p.ledger(t) // and still are: to-pg has nothing to do with what comes back for another job

	p.Exec(t, "ALTER TABLE meteo.observation_data DROP CONSTRAINT cool")
	p.Produce(t, reading(1, 14, 19)) // a correction of one
	p.Must(t, "stream")
	p.Must(t, "dlq", "replay", "--stage", "to-pg")
	load()
	p.ledger(t)
	if got, want := p.Psql(t, "SELECT temperature_c FROM meteo.observation ORDER BY observed_at"), []string{"22", "19"}; !slices.Equal(got, want) {
		t.Fatalf("PostgreSQL holds %q, want %q", got, want)
	}
	for _, temperature := range []string{"22", "19"} {
		id := p.Psql(t, "SELECT id FROM meteo.observation WHERE temperature_c = "+temperature)[0]
		p.Exec(t, "CREATE TABLE kept (LIKE meteo.observation_data)")
		p.Exec(t, "INSERT INTO kept SELECT * FROM meteo.observation_data WHERE id = $1", id)
		p.Exec(t, "DELETE FROM meteo.observation_data WHERE id = $1", id)
		if r := p.Run(t, "reconcile"); r.Code != 1 || !strings.Contains(r.Stdout, "missing ["+id+"]") {
			t.Errorf("reconcile does not miss the observation of %s degrees\n%s", temperature, r.Output())
		}
		p.Exec(t, "INSERT INTO meteo.observation_data SELECT * FROM kept")
		p.Exec(t, "DROP TABLE kept")
	}
}
