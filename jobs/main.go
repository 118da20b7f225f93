// Command senmeteo collects the weather of the 14 regions of Senegal and carries it, exactly once, from its
// sources through Kafka into HDFS, Elasticsearch and PostgreSQL. Each job is one verb; see catalog.go for the list.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"senmeteo/jobs/exitcode"
)

func main() {
	setGarbage(besideBatches)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, endAnyway)
	code := run(ctx, os.Args)
	stop()
	os.Exit(code)
}

// setGarbage lets garbage take so many per cent of what is kept before it is collected, unless the user decides.
func setGarbage(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// How much garbage verbs have, in per cent of what they keep.
const (
	besideBatches = 50  // of what they load
	besideIDs     = 25  // `stream` keeps a million ids, which have no pointers to follow: a collection costs little
	besideFiles   = 100 // as Go has it: readers of files keep a few megabytes, and as many more spare a quarter of the time
)

// endAnyway ends a process that was told to end and hangs: its log is a pipe that nobody empties, a library does not return. A second signal
// changes nothing: there is no need to hurry more.
// What it leaves is what a kill leaves, which every job settles when it starts.
func endAnyway() {
	time.Sleep(7500 * time.Millisecond)
	os.Exit(exitcode.Of(context.Canceled))
}

// run is the program without its process: it returns the exit code, which exitcode decides by the class of the error.
func run(ctx context.Context, args []string) int {
	app := newApp(stores())
	err := app.RunContext(ctx, flagsFirst(app, args))
	var logged *loggedError
	if err != nil && !errors.As(err, &logged) {
		fmt.Fprintln(os.Stderr, "senmeteo: "+oneLine(err))
	}
	return exitcode.Of(err)
}
