package servers

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// cleanupBound is how long a test may spend on removing what it made on a shared server.
const cleanupBound = time.Minute

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

// DropKeys removes the keys that begin with a prefix and a colon from the shared Redis at the end of the test.
func DropKeys(t testing.TB, prefix string) {
	t.Helper()
	options, err := redis.ParseURL(RedisURL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), cleanupBound)
		defer cancel()
		client := redis.NewClient(options)
		defer func() { _ = client.Close() }() // nothing is under way
		found := client.Scan(ctx, 0, prefix+":*", 1000).Iterator()
		for found.Next(ctx) {
			if err := client.Del(ctx, found.Val()).Err(); err != nil {
				t.Errorf("removing %s from the shared Redis: %v", found.Val(), err)
			}
		}
		if err := found.Err(); err != nil {
			t.Errorf("looking for the keys of %s in the shared Redis: %v", prefix, err)
		}
	})
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
