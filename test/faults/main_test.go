package faults_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"senmeteo/test/program"
)

func TestMain(m *testing.M) {
	code := program.Main(m)
	if err := broken.stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if testing.Verbose() || loops > 1 {
		fmt.Print(board.String())
	}
	os.Exit(code)
}

// loops is how many times as often as in `make test` each fault is tried.
var loops = func() int {
	text := os.Getenv("SENMETEO_FAULTS_LOOPS")
	if text == "" {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		fmt.Fprintf(os.Stderr, "SENMETEO_FAULTS_LOOPS is %q: it is a number of 1 or more\n", text)
		os.Exit(2)
	}
	return n
}()

// repeat runs a test once, or as often as SENMETEO_FAULTS_LOOPS says. The test is told which time it is, from 0 on.
func repeat(t *testing.T, test func(t *testing.T, round int)) {
	t.Helper()
	for round := range loops {
		t.Run("round "+strconv.Itoa(round+1), func(t *testing.T) { test(t, round) })
	}
}
