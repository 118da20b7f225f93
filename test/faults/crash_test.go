package faults_test

import (
	"bytes"
	"os"
	"testing"

	"senmeteo/test/program"
)

func TestTheProgramThatIsShippedHasNoCrashPoints(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	s.sendDay(t, 0)
	s.Program = s.With("SENMETEO_CRASH_AT", "stream.after-produce")
	s.settle(t)
	if v := s.audit(t); v.wrong > 0 {
		t.Errorf("%q", v.complaints)
	}
	shipped, err := os.ReadFile(program.Path(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"SENMETEO_CRASH_AT", "stream.after-produce", "crash.At"} {
		if bytes.Contains(shipped, []byte(word)) {
			t.Errorf("the program holds %q", word)
		}
	}
	s.truth = newTruth() // a crash where there is one shows that the test would see it
	s.sendDay(t, 1)
	s.crash(t, "stream.after-produce", "stream")
}
