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

	"senmeteo/jobs/flow"
)

func main() {
	limitArenas()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40) // less garbage beside the million ids that `stream` remembers, for 1 % of the time
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, endAnyway)
	code := run(ctx, os.Args)
	stop()
	os.Exit(code)
}

// endAnyway ends a process that was told to end and hangs: its log is a pipe that nobody empties, a library does not return.
// What it leaves is what a kill leaves, which every job settles when it starts.
func endAnyway() {
	time.Sleep(7500 * time.Millisecond)
	os.Exit(exitCodes[flow.Interrupted])
}

// run is the program without its process: it returns the exit code.
func run(ctx context.Context, args []string) int {
	app := newApp()
	err := app.RunContext(ctx, flagsFirst(app, args))
	if err == nil {
		return 0
	}
	var logged *loggedError
	if !errors.As(err, &logged) {
		fmt.Fprintln(os.Stderr, "senmeteo: "+oneLine(err))
	}
	return exitCodes[flow.ClassOf(err)]
}

// exitCodes are promises: Airflow decides by them whether a task is tried again. docs/exit-codes.md explains them.
var exitCodes = map[flow.Class]int{
	flow.Negative:    1,
	flow.Usage:       64,
	flow.BadInput:    65,
	flow.NoInput:     66,
	flow.Unavailable: 69,
	flow.Defect:      70,
	flow.CantWrite:   73,
	flow.TryLater:    75,
	flow.Nothing:     99,
	flow.Interrupted: 143,
}
