package faults_test

import (
	"testing"

	"senmeteo/test/servers"
)

// S5. The broker dies while transactions are open and comes back. The run goes on by itself or ends with 69; nothing is lost.
func TestS5BrokerIsKilledInTheMiddleOfATransaction(t *testing.T) {
	t.Parallel()
	kafka := own(t, servers.NameKafka).Kafka
	s := newScenarioOn(t, kafka.Brokers)
	repeat(t, func(t *testing.T, round int) {
		s.sendDay(t, round)
		before := len(s.Records(t, "clean"))
		r := s.Start(t, "stream", "--batch-records", "50")
		s.AwaitRecords(t, "clean", before+100)
		restart(t, kafka.Server)
		s.kills++
		expect(t, r.Wait(t), 0, 69)
		s.recovers(t)
	})
}
