package faults_test

import (
	"testing"

	"senmeteo/test/program"
)

// S6. Two runs of each job at the same time: some start together, some meet when both are at work on every partition, and some are a
// bounded run and one that follows. Whoever loses a partition ends with 75, and nothing is doubled.
func TestS6TwoRunsOfEachJobAtTheSameTime(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	verbs := []struct{ verb, committed string }{
		{"stream", "stream.after-commit"},
		{"to-pg", "pg.after-commit"},
		{"to-hdfs", "hdfs.after-rename"},
		{"to-es", "es.after-offset"},
		{"to-redis", "redis.after-commit"},
	}
	fenced := map[string]int{}
	repeat(t, func(t *testing.T, round int) {
		for i, meet := range []func(t *testing.T, verb, committed string) (results []program.Result){s.startTogether, s.meetAtWork, s.meetWhileOneFollows} {
			s.sendDay(t, 3*round+i)
			for _, v := range verbs {
				for _, r := range meet(t, v.verb, v.committed) {
					if expect(t, r, 0, 75); r.Code == 75 {
						fenced[v.verb]++
					}
				}
			}
		}
		s.balance(t)
	})
	for _, v := range verbs {
		if fenced[v.verb] == 0 {
			t.Errorf("no run of %s ended with 75", v.verb)
		}
	}
}

// startTogether starts two runs of a verb at once.
func (s *scenario) startTogether(t *testing.T, verb, _ string) []program.Result {
	t.Helper()
	a := s.Start(t, verb, "--batch-records", "50")
	b := s.Start(t, verb, "--batch-records", "70")
	return s.bothEnd(t, a, b)
}

// meetAtWork lets two runs of a verb go on at the same time when each has made its first commit and has more to do.
func (s *scenario) meetAtWork(t *testing.T, verb, committed string) []program.Result {
	t.Helper()
	a := s.sleeper(t, committed, verb, "--batch-records", "50")
	b := s.sleeper(t, committed, verb, "--batch-records", "70")
	wakeUp(t, a)
	wakeUp(t, b)
	return s.bothEnd(t, a, b)
}

// bothEnd waits for two bounded runs. What one of them left, the other has done: the next has nothing to do. Of two of `stream` one
// goes on to the end.
func (s *scenario) bothEnd(t *testing.T, a, b *program.Running) []program.Result {
	t.Helper()
	results := []program.Result{a.Wait(t), b.Wait(t)}
	verb := results[0].Args[0]
	if rest := s.Must(t, verb).Report(t); rest.Outcome != "nothing" {
		t.Errorf("two runs of %s left %d records\n%s\n%s", verb, rest.Read, results[0].Output(), results[1].Output())
	}
	if verb == "stream" && results[0].Code != 0 && results[1].Code != 0 {
		t.Errorf("both runs of %s were fenced\n%s\n%s", verb, results[0].Output(), results[1].Output())
	}
	return results
}

// meetWhileOneFollows is meetAtWork with a first run that follows. It is stopped when the other has ended.
func (s *scenario) meetWhileOneFollows(t *testing.T, verb, committed string) []program.Result {
	t.Helper()
	a := s.sleeper(t, committed, verb, "--batch-records", "50", "--follow")
	b := s.sleeper(t, committed, verb, "--batch-records", "70")
	wakeUp(t, a)
	wakeUp(t, b)
	results := []program.Result{b.Wait(t)}
	if a.Alive() {
		results = append(results, a.Terminate(t))
	} else {
		results = append(results, a.Wait(t))
	}
	s.Must(t, verb) // a run that follows ends at once when it is fenced
	return results
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
