package faults_test

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/test/program"
)

// U1. The first kill comes when a day of the back-fill was sent and that was not noted yet; the others are spread over the start of the
// servers and the live feed. What was sent again is a duplicate or a second dead letter; nothing else may differ. `make faults` does it
// three times.
func TestU1UpBalancesAfterTwentyKillsAtRandomMoments(t *testing.T) {
	t.Parallel()
	for round := range min(loops, 3) {
		const kills = 20
		e := program.NewEmbedded(t)
		e.Program = e.With("SENMETEO_FAULTS", "0.05") // so many that any three days have verdicts
		seed := 20260131 + uint64(round)
		t.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 0))
		s := scenario{Pipeline: program.Pipeline{Program: e.Program}}
		s.crash(t, "feeder.after-send:2", e.Up()...)
		for kill := range kills - 1 {
			r := e.Start(t, e.Up()...)
			// Every other kill waits for the page: before it the servers start, after it data moves.
			if kill%2 == 0 {
				r.Await(t, r.Stdout, program.IsUp)
			}
			select {
			case <-time.After(time.Duration(random.Int64N(int64(3 * time.Second)))):
			case <-r.Ended():
				t.Fatalf("start %d after the first ended by itself\n%s", kill, r.Wait(t).Output())
			}
			r.Kill(t)
		}
		balanceUp(t, e, kills)
	}
}

// balanceUp lets an `up` that was killed finish, and compares what it has with its truth file.
func balanceUp(t *testing.T, e program.Embedded, kills int) {
	t.Helper()
	ledger := program.ReadLedger(t, e.Run(t, e.Up("--for", "8s")...))
	want := e.Weather(t).Summary
	observations := ledger.Observations["clean topic"]
	v := verdict{records: int(ledger.Read)}
	v.count("observations", observations, want.Clean)
	v.count("corrections", ledger.Clean-observations-ledger.Verdicts, want.Corrections)
	v.atLeast("dead letters", ledger.Dead, want.DeadLetters)
	v.atLeast("duplicates", ledger.Duplicates-ledger.Stale, want.Duplicates)
	// Parquet's plain reader finds the same in the lake.
	s := scenario{Pipeline: program.Pipeline{Lake: filepath.Join(e.Data, "lake")}}
	rows := s.lakeRows(t)
	v.count("rows of the lake", int64(len(rows)), want.Clean+want.Corrections+ledger.Verdicts)
	v.count("observations in the lake", int64(len(latestOf(rows))), want.Clean)
	board.add(t, kills, v)
	for _, c := range v.complaints {
		t.Error(c)
	}
	if ledger.Verdicts == 0 {
		t.Error("three days with defects have no verdict of review")
	}
	if !strings.Contains(ledger.Verdict, "as in the ledger; ") {
		t.Errorf("the verdict is %q", ledger.Verdict)
	}
}

// count compares a number with what it must be.
func (v *verdict) count(what string, got, want int64) {
	v.atLeast(what, got, want)
	if got > want {
		v.doubled += int(got - want)
		v.complain("%d %s, want %d", got, what, want)
	}
}

// atLeast is for what is there once more when it was sent once more.
func (v *verdict) atLeast(what string, got, want int64) {
	if got < want {
		v.lost += int(want - got)
		v.complain("%d %s, want %d", got, what, want)
	}
}
