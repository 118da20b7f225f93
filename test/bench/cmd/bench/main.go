// Command bench starts the real servers, measures the jobs on them and prints a table.
//
//	bench --program bin/senmeteo [--jobs to-pg,to-es] [--rounds 3] [--days 496]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"senmeteo/test/bench"
	"senmeteo/test/servers"
)

// limitVerb makes this program one of the bench's limits.
const limitVerb = "limit"

func main() {
	ctx, release := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer release()
	err := run(ctx, os.Args[1:])
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == limitVerb {
		return bench.Limit(ctx, args[1:], os.Stdout)
	}
	cfg := bench.Config{Prefix: "bench", Log: os.Stderr, FollowRate: 1000, FollowFor: time.Minute}
	var jobs, out, sizes string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&cfg.Program, "program", "bin/senmeteo", "`path` of the program to measure")
	flags.StringVar(&cfg.Before, "before", "", "`path` of another build of it, to be measured beside it")
	flags.StringVar(&jobs, "jobs", "", "comma-separated `names` (default all): "+strings.Join(bench.Names(), ", "))
	flags.IntVar(&cfg.Rounds, "rounds", 3, "how often each contender runs")
	flags.IntVar(&cfg.Days, "days", 496, "days of readings, 2,016 each and 2 % of defects; 496 are 1,004,318")
	flags.IntVar(&cfg.Partitions, "partitions", 6, "of the topics")
	flags.StringVar(&cfg.Peers.Home, "peers", "", "`folder` with PySpark (venv) and its jars; measures the peers too")
	flags.StringVar(&cfg.Peers.Scripts, "scripts", "test/bench/spark", "`folder` of the peers")
	flags.StringVar(&sizes, "growth", "", "comma-separated `numbers` of readings: measures how the cost grows, instead")
	flags.StringVar(&out, "out", "results.json", "`path` of the results")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if jobs != "" {
		cfg.Jobs = strings.Split(jobs, ",")
	}
	if err := locate(&cfg); err != nil {
		return err
	}
	growth, err := growthOf(sizes)
	if err != nil {
		return err
	}
	results, err := onServers(ctx, cfg, growth)
	if results != nil {
		err = errors.Join(err, results.Print(os.Stdout), os.WriteFile(out, results.JSON(), 0o644))
	}
	return err
}

// locate makes paths absolute and sets what the bench runs as its limits.
func locate(cfg *bench.Config) error {
	for _, path := range []*string{&cfg.Program, &cfg.Before, &cfg.Peers.Home, &cfg.Peers.Scripts} {
		if *path == "" {
			continue
		}
		absolute, err := filepath.Abs(*path)
		if err == nil {
			_, err = os.Stat(absolute)
		}
		if err != nil {
			return fmt.Errorf("looking for what to measure: %w", err)
		}
		*path = absolute
	}
	self, err := os.Executable()
	cfg.Self = []string{self, limitVerb}
	return err
}

// growthOf returns the workloads for --growth; nil without it.
func growthOf(sizes string) (*bench.Growth, error) {
	if sizes == "" {
		return nil, nil
	}
	g := &bench.Growth{Stations: []int{140, 1400}, Partitions: []int{24}, More: 100_000}
	for size := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("--growth has %q, which is not a number of readings", size)
		}
		g.Sizes = append(g.Sizes, n)
	}
	return g, nil
}

// onServers starts the servers that the jobs need, measures, and ends them.
func onServers(ctx context.Context, cfg bench.Config, growth *bench.Growth) (results *bench.Results, err error) {
	needs, err := bench.Needs(cfg.Jobs)
	if err != nil {
		return nil, err
	}
	names, err := servers.ParseNames(strings.Join(needs, ","))
	if err != nil {
		return nil, err
	}
	if cfg.Dir, err = os.MkdirTemp("", "senmeteo-bench-"); err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(cfg.Dir)) }()
	set, err := servers.Start(ctx, servers.Options{Only: names})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, set.Stop()) }()
	cfg.Servers = bench.Of(set)
	if growth != nil {
		return bench.Grow(ctx, cfg, *growth)
	}
	return bench.Run(ctx, cfg)
}
