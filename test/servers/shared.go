package servers

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"
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
