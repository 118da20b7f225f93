package servers

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// cleanupBound is how long a test may spend on removing what it made on a shared server.
const cleanupBound = 30 * time.Second

// Brokers returns the bootstrap address of the shared Kafka and fails the test when there is none.
func Brokers(t testing.TB) string {
	t.Helper()
	return address(t, "SENMETEO_TEST_BROKERS")
}

// RedisURL returns the URL of the shared Redis and fails the test when there is none. Keys should begin with a
// name from [Unique].
func RedisURL(t testing.TB) string {
	t.Helper()
	return address(t, "SENMETEO_TEST_REDIS_URL")
}

func address(t testing.TB, variable string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" {
		t.Fatalf("%s is not set: run `make test`, or `make stack` and export the lines it prints", variable)
	}
	return value
}

// Unique returns a name that no other test uses: lower-case letters and digits, at most 14 of them, fit for
// topics, indices, databases and folders.
func Unique(t testing.TB) string {
	t.Helper()
	return "t" + strings.ToLower(rand.Text()[:13])
}

// TopicPrefix returns a prefix for topics on the shared Kafka, to be followed by a dot. At the end of the test all
// topics that begin so are deleted.
func TopicPrefix(t testing.TB) string {
	t.Helper()
	brokers, prefix := Brokers(t), Unique(t)
	t.Cleanup(func() { deleteTopics(t, brokers, prefix+".") })
	return prefix
}

func deleteTopics(t testing.TB, brokers, prefix string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), cleanupBound)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers))
	if err != nil {
		t.Errorf("making a Kafka client: %v", err)
		return
	}
	defer client.Close()
	metadata, err := kmsg.NewPtrMetadataRequest().RequestWith(ctx, client)
	if err != nil {
		t.Errorf("listing the test's topics: %v", err)
		return
	}
	request := kmsg.NewPtrDeleteTopicsRequest()
	for _, topic := range metadata.Topics {
		if topic.Topic != nil && strings.HasPrefix(*topic.Topic, prefix) {
			request.TopicNames = append(request.TopicNames, *topic.Topic)
			named := kmsg.NewDeleteTopicsRequestTopic()
			named.Topic = topic.Topic
			request.Topics = append(request.Topics, named)
		}
	}
	if len(request.TopicNames) == 0 {
		return
	}
	if _, err := request.RequestWith(ctx, client); err != nil {
		t.Errorf("deleting the test's topics: %v", err)
	}
}

// PostgresURL returns the URL of a new, empty database on the shared PostgreSQL, owned by the role in the URL. At
// the end of the test the database is dropped, together with connections that are still open.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := address(t, "SENMETEO_TEST_PG_URL")
	database := Unique(t)
	execute(t, server, "CREATE DATABASE "+database)
	t.Cleanup(func() { execute(t, server, "DROP DATABASE "+database+" WITH (FORCE)") })

	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("reading SENMETEO_TEST_PG_URL: it is not a URL") // the error would print the password
	}
	u.Path = "/" + database
	return u.String()
}

func execute(t testing.TB, server, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), cleanupBound)
	defer cancel()
	db, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("connecting to the shared PostgreSQL: %v", err)
	}
	if _, err := db.Exec(ctx, statement); err != nil {
		t.Errorf("executing %q: %v", statement, err)
	}
	if err := db.Close(ctx); err != nil {
		t.Errorf("closing the connection to the shared PostgreSQL: %v", err)
	}
}
