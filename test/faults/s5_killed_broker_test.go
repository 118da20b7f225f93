package faults_test

import (
	"testing"

	"senmeteo/test/servers"
)

// S5. The broker dies while a transaction is open, with its records and offset in it, and comes back. The run goes on by itself or
// ends with 69; nothing is lost.
func TestS5BrokerIsKilledInTheMiddleOfATransaction(t *testing.T) {
	t.Parallel()
	kafka := own(t, servers.NameKafka).Kafka
	s := newScenarioOn(t, kafka.Brokers)
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, round)
		r := s.sleeper(t, "stream.before-commit:3", "stream", "--batch-records", "50")
		if !s.hasTransaction(t, "Ongoing") {
			t.Error("no transaction is open")
		}
		restart(t, kafka.Server)
		s.kills++
		expect(t, wake(t, r), 0, 69)
		s.recovers(t)
	})
}
