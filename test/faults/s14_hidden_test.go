package faults_test

import (
	"encoding/json"
	"testing"
	"time"

	"senmeteo/test/program"
)

// S14. A replay is killed with its records written to a clean partition and not committed. What `stream` writes after them is
// hidden until Kafka ends that transaction; the next run knows it all the same.
func TestS14AReplayIsKilledAndHidesWhatStreamWritesAfterIt(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	s.Must(t, "to-pg") // makes the tables
	repeat(t, func(t *testing.T, round int) {
		at := time.Date(2026, 3, 1+round, 12, 0, 0, 0, time.UTC)
		send := func(hour int) {
			at := at.Add(time.Duration(hour) * time.Hour)
			s.Produce(t, dakar(reading("SN-DK", at, at, "24.5")))
			s.truth.revisions[idOf("SN-DK", at, "file")] = 1
		}
		send(0)
		s.Must(t, "stream")
		s.Exec(t, "ALTER TABLE meteo.observation_data ADD CONSTRAINT cool CHECK (temperature_c < 21) NOT VALID")
		s.Must(t, "to-pg", "--max-reject-ratio", "1")
		s.Exec(t, "ALTER TABLE meteo.observation_data DROP CONSTRAINT cool")

		worker := s.Start(t, "stream", "--follow")
		send(1)
		s.awaitStream(t) // it has its memory
		s.crash(t, "replay.before-commit", "dlq", "replay")
		send(2)
		s.awaitStream(t)
		expect(t, worker.Terminate(t), 0)
		send(2)
		if r := s.Must(t, "stream"); r.Report(t).Written != 0 || r.Report(t).Duplicates != 1 {
			t.Errorf("%s takes a reading for new that is hidden\n%s", r, r.Output())
		}
		s.Must(t, "dlq", "replay")
		s.recovers(t)
	})
}

// awaitStream waits until `stream` has nothing to read.
func (s *scenario) awaitStream(t testing.TB) {
	t.Helper()
	program.Until(t, func() bool {
		r := s.Run(t, "status", "--json")
		var status struct {
			Jobs []struct {
				Job string
				Lag int64
			}
		}
		if err := json.Unmarshal([]byte(r.Stdout), &status); err != nil {
			t.Fatalf("%v\n%s", err, r.Output())
		}
		for _, job := range status.Jobs {
			if job.Job == "stream" {
				return job.Lag == 0
			}
		}
		t.Fatalf("status knows nothing of stream: %+v", status)
		return false
	})
}
