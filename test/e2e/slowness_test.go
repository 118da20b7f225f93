package e2e_test

import (
	"os"
	"strconv"
	"testing"
)

// slowness is how much more time than on an idle machine the tests of speed allow: 1, or SENMETEO_TEST_SLOWNESS.
func slowness(t testing.TB) float64 {
	t.Helper()
	text := os.Getenv("SENMETEO_TEST_SLOWNESS")
	if text == "" {
		return 1
	}
	factor, err := strconv.ParseFloat(text, 64)
	if err != nil || factor < 1 {
		t.Fatalf("SENMETEO_TEST_SLOWNESS is %q: it is a number of 1 or more", text)
	}
	return factor
}
