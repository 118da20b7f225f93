package faults_test

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"senmeteo/test/program"
)

// C1. SIGTERM comes in the middle of a batch: each job ends within 8 seconds, and the next run goes on.
func TestC1SIGTERMInTheMiddleOfABatchOfEachJob(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, round)
		for _, c := range []struct{ verb, point string }{
			{"stream", "stream.before-commit:2"},
			{"to-pg", "pg.before-commit:2"},
			{"to-es", "es.after-bulk:2"},
			{"to-hdfs", "hdfs.before-rename:2"},
			{"to-redis", "redis.before-commit:2"},
		} {
			r := s.sleeper(t, c.point, c.verb, "--batch-records", "100")
			wakeSoon := time.AfterFunc(100*time.Millisecond, func() { wakeUp(t, r) })
			stopped := r.Terminate(t)
			wakeSoon.Stop()
			expect(t, stopped, 143)
			if report := stopped.Report(t); report.Outcome != "interrupted" || report.Read == 0 {
				t.Errorf("%s reports %q after %d records", stopped, report.Outcome, report.Read)
			}
			if rest := s.Must(t, c.verb).Report(t); rest.Read == 0 {
				t.Errorf("%s was not stopped in the middle: the next run has nothing to do", stopped)
			}
		}
		s.balance(t)
	})
}

// C2. Nobody reads a job's log any more, and a scheduler that takes it for dead starts a twin: the twin goes on, and the first
// is fenced when it wakes up.
func TestC2LogIsLostAndARetryStartsATwin(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, round)
		for _, c := range []struct{ verb, point string }{ // to-pg: P4, since it sleeps with a lock
			{"stream", "stream.after-commit:2"}, {"to-es", "es.before-bulk:2"}, {"to-hdfs", "hdfs.before-rename:2"}, {"to-redis", "redis.before-commit:2"},
		} {
			first, reader := s.logged(t, c.point, c.verb, "--batch-records", "100")
			if err := reader.Close(); err != nil {
				t.Fatal(err)
			}
			twin := s.Must(t, c.verb)
			if twin.Report(t).Read == 0 {
				t.Errorf("%s had nothing to do", twin)
			}
			expect(t, wake(t, first), 75)
		}
		s.recovers(t)
	})
}

// C2, without a twin: the job stores everything although nobody reads what it says, and ends with 73 because its report was lost.
func TestC2LogIsLostAndTheJobGoesOn(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, round)
		for _, c := range []struct{ verb, point string }{{"stream", "stream.after-commit:2"}, {"to-pg", "pg.after-commit:2"}, {"to-hdfs", "hdfs.before-rename:1"}, {"to-es", "es.after-bulk:1"}, {"to-redis", "redis.after-commit:1"}} {
			first, reader := s.logged(t, c.point, c.verb, "--batch-records", "300")
			if err := reader.Close(); err != nil {
				t.Fatal(err)
			}
			expect(t, wake(t, first), 73)
			if outcome := s.Must(t, c.verb).Report(t).Outcome; outcome != "nothing" {
				t.Errorf("%s had not done everything", c.verb)
			}
		}
		s.balance(t)
	})
}

// C2, when the log is a pipe that is full and that nobody empties: SIGTERM still ends the job within 8 seconds.
func TestC2LogIsStuckAndSIGTERMStillEndsTheJob(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, round)
		first, _ := s.logged(t, "stream.after-commit:2", "stream", "--batch-records", "100")
		time.AfterFunc(100*time.Millisecond, func() { wakeUp(t, first) })
		expect(t, first.Terminate(t), 143)
		s.recovers(t)
	})
}

// logged starts a verb that stops itself at a point and whose streams are a full pipe. It returns the pipe's other end.
func (s *scenario) logged(t testing.TB, point string, args ...string) (*program.Running, *os.File) {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close() })
	size, err := unix.FcntlInt(writer.Fd(), unix.F_SETPIPE_SZ, 4096)
	if err != nil {
		t.Fatal(err)
	}
	p := s.With("SENMETEO_STOP_AT", point)
	p.Variant = program.CrashPoints
	r := p.StartOn(t, writer, writer, args...)
	program.Until(t, func() bool { return !r.Alive() || stopped(r.PID()) })
	if !r.Alive() {
		t.Fatalf("%v ended and was to stop at %s", args, point)
	}
	if err := writer.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err == nil {
		_, _ = writer.Write(make([]byte, size)) // as much as there is room for
	}
	_ = writer.Close()
	return r, reader
}
