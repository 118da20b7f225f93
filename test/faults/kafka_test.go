package faults_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"senmeteo/test/program"
)

// hasTransaction asks the broker whether a transaction of `stream` is in a state: "Ongoing", "CompleteAbort" and so on.
func (s *scenario) hasTransaction(t testing.TB, state string) bool {
	t.Helper()
	request := kmsg.NewPtrDescribeTransactionsRequest()
	for p := range partitions {
		request.TransactionalIDs = append(request.TransactionalIDs, s.Prefix+".stream."+strconv.Itoa(p))
	}
	c := s.Client(t)
	defer c.Close()
	answer, err := request.RequestWith(t.Context(), c)
	if err != nil {
		t.Fatalf("asking for the transactions: %v", err)
	}
	return slices.ContainsFunc(answer.TransactionStates, func(s kmsg.DescribeTransactionsResponseTransactionState) bool { return s.State == state })
}

// partitions is how many each topic has.
const partitions = 6

// consoleConsumer counts the records of a topic that Kafka's own console consumer reads with read_committed.
func (s *scenario) consoleConsumer(t testing.TB, topic string) int {
	t.Helper()
	jars := filepath.Join(program.Root(), ".cache", "java", "kafka", "*")
	out, err := exec.Command("java", "-Xmx128m", "-cp", jars, "org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", s.Brokers,
		"--topic", s.Prefix+"."+topic, "--from-beginning", "--isolation-level", "read_committed", "--timeout-ms", "5000").CombinedOutput()
	found := regexp.MustCompile(`Processed a total of (\d+) messages`).FindSubmatch(out)
	if found == nil {
		t.Fatalf("Kafka's console consumer: %v\n%s", err, program.Tail(string(out)))
	}
	n, _ := strconv.Atoi(string(found[1])) // digits
	return n
}
