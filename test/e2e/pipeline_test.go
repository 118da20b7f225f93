package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"senmeteo/jobs/kafka"
	"senmeteo/jobs/reconcile"
	"senmeteo/jobs/source/generate"
	"senmeteo/test/program"
)

// defectiveMonth sends a month of readings with labelled defects and returns what must become of them.
func (p pipeline) defectiveMonth(t testing.TB) generate.Summary {
	t.Helper()
	truth := filepath.Join(t.TempDir(), "truth.jsonl")
	p.Must(t, "fetch", "generate", "--from", "2026-01-01", "--to", "2026-02-01", "--seed", "7", "--faults", "0.03", "--truth", truth)
	return summaryOf(t, truth, monthOfReadings)
}

func summaryOf(t testing.TB, path string, readings int64) generate.Summary {
	t.Helper()
	lines, err := generate.ReadTruth(bytes.NewReader(read(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	return generate.Summarize(readings, lines)
}

// compareWithTruth compares the ledger with the truth file.
func compareWithTruth(t *testing.T, ledger reconcile.Result, want generate.Summary) {
	t.Helper()
	got := generate.Summary{
		Readings: want.Readings, Sent: ledger.Total.RawRecords, Clean: ledger.Tallies[0].Observations,
		Corrections: ledger.Tallies[0].Records - ledger.Tallies[0].Observations,
		Duplicates:  ledger.Total.Duplicates, DeadLetters: ledger.Total.Dead,
	}
	if got != want {
		t.Errorf("the ledger says %+v, the truth file %+v", got, want)
	}
	if want.Corrections == 0 || want.Duplicates == 0 || want.DeadLetters == 0 {
		t.Errorf("%+v: the truth file leaves something untested", want)
	}
	if n := len(ledger.Tallies); n != 3 {
		t.Fatalf("%d of topic, table and lake are compared", n)
	}
	for _, tally := range ledger.Tallies[1:] {
		if tally.Observations != want.Clean || tally.Hash() != ledger.Tallies[0].Hash() {
			t.Errorf("%s holds %d observations with hash %s, the clean topic %d with %s", tally.Name, tally.Observations, tally.Hash(), want.Clean, ledger.Tallies[0].Hash())
		}
	}
}

func TestTheLedgerOfADefectiveMonthEqualsItsTruthFile(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	want := p.defectiveMonth(t)
	p.settle(t)
	ledger := p.ledger(t)
	compareWithTruth(t, ledger, want)

	t.Run("each dead letter names a reason and its place", func(t *testing.T) {
		places := map[string]bool{}
		for _, l := range p.Records(t, "dlq") {
			reason := program.Header(l, "__connect.errors.exception.class.name")
			if reason != "invalid_json" && reason != "future" {
				t.Errorf("a letter has the reason %q", reason)
			}
			places[program.Header(l, "__connect.errors.partition")+"/"+program.Header(l, "__connect.errors.offset")] = true
		}
		if int64(len(places)) != want.DeadLetters {
			t.Errorf("letters of %d records, want %d", len(places), want.DeadLetters)
		}
	})
	t.Run("a month that is sent again is all duplicates and dead letters again", func(t *testing.T) {
		p.defectiveMonth(t)
		p.settle(t)
		again := p.ledger(t)
		if again.Tallies[0].Hash() != ledger.Tallies[0].Hash() || again.Tallies[0].Records != ledger.Tallies[0].Records {
			t.Error("the clean topic has changed")
		}
		if got, want := again.Total.Dead, 2*want.DeadLetters; got != want {
			t.Errorf("%d dead letters after the second sending, want %d", got, want)
		}
	})
}

// partitions is the number of partitions of a pipeline's topics, the program's default.
const partitions = 6

// dakar is a raw record of Dakar in its partition.
func dakar(value string) *kgo.Record {
	return &kgo.Record{Key: []byte("SN-DK"), Value: []byte(value), Partition: kafka.Partition("SN-DK", partitions)}
}

// With 0 all of a day is known when it comes again; with less than a partition's, what came first is forgotten.
func TestRepetitionsAreKnownAmongAsManyIDsAsTheUserSays(t *testing.T) {
	t.Parallel()
	for ids, known := range map[string]bool{"0": true, "100": false} {
		p := newPipeline(t)
		for range 2 {
			p.Must(t, "fetch", "generate", "--from", "2026-01-01", "--to", "2026-01-02", "--seed", "7", "--faults", "0")
			report := p.Must(t, "stream", "--dedupe-ids", ids).Report(t)
			if all := report.Duplicates == report.Read; report.Read != 14*144 || report.Duplicates > 0 && all != known {
				t.Errorf("with --dedupe-ids %s: %+v", ids, report)
			}
		}
		if n := len(p.Records(t, "clean")); (n == 14*144) != known {
			t.Errorf("with --dedupe-ids %s there are %d clean records", ids, n)
		}
	}
}

func TestARecordInTheWrongPartitionIsSentToItsOwnOnce(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	stray := func() *kgo.Record { // another producer: its own key, its own partitioner
		return &kgo.Record{
			Key: []byte("sensor-17"), Partition: (kafka.Partition("SN-ZG", partitions) + 1) % partitions,
			Value:   []byte(`{"region":"Ziguinchor","datetime":"2026-03-01T12:00:00Z","temperature":31.5,"humidity":60}`),
			Headers: []kgo.RecordHeader{{Key: "trace", Value: []byte{0, 0xff}}},
		}
	}
	p.Produce(t, stray(), stray())
	p.Must(t, "stream") // reroutes; what it reroutes may lie after the ends it saw at its start
	p.settle(t)
	ledger := p.ledger(t)
	if got := ledger.Total; got.Rerouted != 2 || got.Clean != 1 || got.Duplicates != 1 || got.Dead != 0 || got.Lag != 0 {
		t.Errorf("%d rerouted, %d clean, %d duplicates, %d dead, %d waiting; want 2, 1, 1, 0, 0", got.Rerouted, got.Clean, got.Duplicates, got.Dead, got.Lag)
	}
	clean := p.Records(t, "clean")
	if len(clean) != 1 || clean[0].Partition != kafka.Partition("SN-ZG", partitions) || string(clean[0].Key) != "SN-ZG" {
		t.Errorf("the clean topic holds %d records, want one of SN-ZG in its partition", len(clean))
	}
	for _, r := range p.Records(t, "raw") {
		if !bytes.Equal(r.Value, stray().Value) || program.Header(r, "trace") != "\x00\xff" {
			t.Errorf("partition %d, offset %d: value or header changed on the way: %s", r.Partition, r.Offset, r.Value)
		}
	}
}

func TestReconcileNamesTheFirstObservationThatIsLostOrStale(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.Must(t, "fetch", "generate", "--from", "2026-01-01", "--to", "2026-01-03", "--seed", "3")
	p.settle(t)
	p.ledger(t)
	first := p.Psql(t, "SELECT id FROM meteo.observation ORDER BY id LIMIT 1")[0]
	refuse := func(t *testing.T, who, id string) {
		t.Helper()
		r := p.Run(t, "reconcile")
		says := regexp.MustCompile(`^senmeteo: the ledger does not balance: ` + who + ` differs in [0-9]+ observations, the first is ` + id + `\n$`)
		if r.Code != 1 || !says.MatchString(r.Stderr) {
			t.Errorf("reconcile exits with %d, want 1 and a line that matches %s\n%s", r.Code, says, r.Output())
		}
		if !strings.Contains(r.Stdout, "NOT BALANCED") {
			t.Errorf("the verdict is missing: %s", r.Stdout)
		}
	}
	t.Run("a row with another revision", func(t *testing.T) {
		p.Exec(t, "UPDATE meteo.observation_data SET revision = 2 WHERE id = $1", first)
		refuse(t, "PostgreSQL", first)
	})
	t.Run("a deleted row", func(t *testing.T) {
		p.Exec(t, "DELETE FROM meteo.observation_data WHERE id = $1", first)
		refuse(t, "PostgreSQL", first)
		p.Exec(t, "UPDATE meteo.sink_offset SET next_offset = 0")
		p.Must(t, "to-pg") // stores again what is missing
		p.ledger(t)
	})
	t.Run("a removed lake file", func(t *testing.T) {
		files, err := filepath.Glob(filepath.Join(p.Lake, "clean/date=2026-01-01/*.parquet"))
		if err != nil || len(files) == 0 {
			t.Fatalf("the lake has %d files of the day, %v", len(files), err)
		}
		if err := os.Remove(files[0]); err != nil {
			t.Fatal(err)
		}
		refuse(t, "lake", "[0-9a-f]{32}")
	})
}

// The bound holds for a machine that does nothing else; SENMETEO_TEST_SLOWNESS=3 allows three times as much.
func TestARunWithNothingToDoTakesLessThanHalfASecond(t *testing.T) {
	bound := time.Duration(slowness(t) * float64(500*time.Millisecond))
	p := newPipeline(t)
	p.defectiveMonth(t)
	p.settle(t)
	for _, verb := range []string{"stream", "to-pg", "to-hdfs"} {
		var took []time.Duration
		for n := 0; n < 20 && (n == 0 || took[n-1] > bound); n++ { // what else the machine does only adds
			r := p.Must(t, verb)
			if report := r.Report(t); report.Outcome != "nothing" || report.Read+report.Written != 0 {
				t.Errorf("%s has something to do: %s", r, r.Stdout)
			}
			took = append(took, r.Took)
		}
		t.Logf("%s: %v", verb, took)
		if least := slices.Min(took); least > bound {
			t.Errorf("%s with nothing to do takes %v (the least of %v), want less than %v", verb, least, took, bound)
		}
	}
}
