package faults_test

import (
	"testing"

	"senmeteo/test/program"
)

// S6. Two runs of each job at the same time, bounded ones and such that follow: whoever loses a partition ends with 75 and
// nothing is doubled.
func TestS6TwoRunsOfEachJobAtTheSameTime(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	repeat(t, func(t *testing.T, round int) {
		for i, first := range [][]string{nil, {"--follow"}} {
			s.sendDay(t, 2*round+i)
			for _, verb := range append([]string{"stream"}, loads...) {
				s.rivals(t, verb, first)
				s.Must(t, verb)
			}
		}
		s.balance(t)
	})
}

// rivals starts two runs of a verb, the first with some flags more. One that follows is stopped when the other has ended.
func (s *scenario) rivals(t *testing.T, verb string, more []string) {
	t.Helper()
	a := s.Start(t, append([]string{verb, "--batch-records", "50"}, more...)...)
	b := s.Start(t, verb, "--batch-records", "70")
	results := []program.Result{b.Wait(t)}
	if len(more) > 0 && a.Alive() {
		results = append(results, a.Terminate(t))
	} else {
		results = append(results, a.Wait(t))
	}
	ended := 0
	for _, r := range results {
		expect(t, r, 0, 75)
		if r.Code == 0 {
			ended++
		}
	}
	if verb == "stream" && len(more) == 0 && ended == 0 {
		t.Errorf("both runs of %s were fenced\n%s\n%s", verb, results[0].Output(), results[1].Output())
	}
}

// S6, in its plainest order: the second run starts when the first is at work, and takes everything over.
func TestS6OfTwoStreamsTheOneThatStartedFirstIsFenced(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newScenario(t)
		s.sendDay(t, round)
		first := s.sleeper(t, "stream.after-commit:2", "stream", "--batch-records", "50")
		second := s.Must(t, "stream")
		fenced := wake(t, first)
		expect(t, fenced, 75)
		if outcome := fenced.Report(t).Outcome; outcome != "try_later" || second.Report(t).Read == 0 {
			t.Errorf("the first run reports %q, the second read %d records", outcome, second.Report(t).Read)
		}
		s.recovers(t)
	})
}
