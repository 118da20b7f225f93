package servers_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"senmeteo/test/servers"
)

// running reports whether a process runs; a zombie does not.
func running(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return err == nil && !strings.Contains(string(status), "State:\tZ")
}

func formatted(names []servers.Name, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(names)
}

func listen(t *testing.T, address string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// query runs one statement on a connection of its own and returns the first value of its answer, if it has one.
func query(t *testing.T, url, statement string) any {
	t.Helper()
	db, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(context.Background()) }()
	rows, err := db.Query(t.Context(), statement)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			t.Fatal(err)
		}
		value = values[0]
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return value
}

func client(t *testing.T, options ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// createTopic creates a topic and waits until its broker knows it.
func createTopic(t *testing.T, brokers, name string) {
	t.Helper()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, 1, 1
	request := kmsg.NewPtrCreateTopicsRequest()
	request.Topics = append(request.Topics, topic)
	response, err := request.RequestWith(t.Context(), client(t, kgo.SeedBrokers(brokers)))
	if err != nil {
		t.Fatal(err)
	}
	if code := response.Topics[0].ErrorCode; code != 0 {
		t.Fatalf("creating topic %s: code %d", name, code)
	}
	if !known(t, brokers, name, true) {
		t.Fatalf("topic %s was created and its broker does not know it", name)
	}
}

func topics(t *testing.T, brokers string) []string {
	t.Helper()
	metadata, err := kmsg.NewPtrMetadataRequest().RequestWith(t.Context(), client(t, kgo.SeedBrokers(brokers)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, topic := range metadata.Topics {
		names = append(names, *topic.Topic)
	}
	return names
}

func produce(t *testing.T, brokers, topic, value string) {
	t.Helper()
	record := &kgo.Record{Topic: topic, Value: []byte(value)}
	if err := client(t, kgo.SeedBrokers(brokers)).ProduceSync(t.Context(), record).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// consume returns the first n values of the topic.
func consume(t *testing.T, brokers, topic string, n int) []string {
	t.Helper()
	c := client(t, kgo.SeedBrokers(brokers), kgo.ConsumeTopics(topic))
	var values []string
	for len(values) < n {
		fetches := c.PollFetches(t.Context())
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		for _, record := range fetches.Records() {
			values = append(values, string(record.Value))
		}
	}
	return values
}

// askRedis sends one inline command and returns the answer as it is on the wire.
func askRedis(t *testing.T, url, command string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(url, "redis://"), "/0"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte(command + "\r\n")); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 100)
	n, err := conn.Read(answer)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer[:n])
}
