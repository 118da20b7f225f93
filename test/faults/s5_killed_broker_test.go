package faults_test

import "testing"

// S5. The broker dies while transactions are open and comes back. The run goes on by itself or ends with 69; nothing is lost.
func TestS5BrokerIsKilledInTheMiddleOfATransaction(t *testing.T) {
	t.Parallel()
	kafka := ownKafka(t)
	s := newScenarioOn(t, kafka.Brokers)
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, round)
		before := len(s.Records(t, "clean"))
		r := s.Start(t, "stream", "--batch-records", "50")
		s.AwaitRecords(t, "clean", before+100)
		if err := kafka.Kill(); err != nil {
			t.Fatal(err)
		}
		s.kills++
		if err := kafka.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if result := r.Wait(t); result.Code != 0 && result.Code != 69 {
			t.Errorf("%s exits with %d, want 0 or 69\n%s", result, result.Code, result.Output())
		}
		s.settle(t)
		s.balance(t)
	})
}
