package postgres

import (
	"context"
	"os"
	"testing"
	"time"
)

// childRole names the environment variable that turns the test binary into a
// process for a test to kill.
const childRole = "SENMETEO_LOCAL_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childRole) == "postgres" {
		runPostgresChild()
	}
	os.Exit(m.Run())
}

// testContext ends shortly before the test's own deadline would.
func testContext(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}
