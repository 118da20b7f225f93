package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"senmeteo/jobs/kafka"
)

// Config says what to measure, and where.
type Config struct {
	Servers    Servers
	Program    string   // the senmeteo to measure
	Before     string   // another build of it, measured beside it; "" for none
	Self       []string // the command that runs Limit with the arguments that are appended to it
	Peers      Peers
	Jobs       []string // names of jobs; empty for all
	Rounds     int      // how often each contender runs
	Days       int      // of readings of 14 stations every ten minutes: 2,016 a day
	Partitions int
	FollowRate int           // readings a second of the job follow
	FollowFor  time.Duration // how long it sends them
	Prefix     string        // of what is made on the servers: lower-case letters and digits
	Dir        string        // for files; it must exist
	Log        io.Writer     // gets a line for each run
}

// contender is one way of doing a job's work.
type contender struct {
	name string
	// ready makes the work undone. It is not measured.
	ready func(ctx context.Context) error
	// command does the work and prints how much of it: see reportIn.
	command func(ctx context.Context) *exec.Cmd
	counts  int64 // what it prints then; 0: the number of the job's records
	silent  bool  // it prints no report: that it succeeds is enough
}

// The names of contenders.
const (
	senmeteo = "senmeteo"
	before   = "before"
	limit    = "limit"
	pySpark  = "PySpark"
)

// job is work that is measured.
type job struct {
	name  string
	needs []string // of Servers
	// measure, when set, measures in a way of its own.
	measure func(ctx context.Context, r *runner) error
	// prepare makes what all contenders need and returns them, with the number of records that each must move.
	prepare func(ctx context.Context, r *runner) (records int64, all []contender, err error)
}

// jobs are all jobs, in the order in which they run: that of the data.
func jobs() []job {
	return []job{fetchJob(), streamJob(), idleJob(), lakeJob(), compactJob(), postgresJob(), elasticsearchJob(), reconcileJob(), reviewJob(), followJob()}
}

// Names returns the names of all jobs.
func Names() []string {
	var names []string
	for _, j := range jobs() {
		names = append(names, j.name)
	}
	return names
}

// chosen returns the jobs of these names, all when there are none.
func chosen(names []string) ([]job, error) {
	for _, name := range names {
		if !slices.Contains(Names(), name) {
			return nil, fmt.Errorf("there is no job %q; choose from %s", name, strings.Join(Names(), ", "))
		}
	}
	return slices.DeleteFunc(jobs(), func(j job) bool { return len(names) > 0 && !slices.Contains(names, j.name) }), nil
}

// Needs returns the servers that these jobs need.
func Needs(names []string) ([]string, error) {
	list, err := chosen(names)
	var needs []string
	for _, j := range list {
		needs = append(needs, j.needs...)
	}
	slices.Sort(needs)
	return slices.Compact(needs), err
}

// runner is one run of the bench.
type runner struct {
	Config
	names    kafka.Names
	from     time.Time
	results  *Results
	prefixes []string                      // of topics that were created
	cleanup  []func(context.Context) error // of what was made, last first
}

// Run measures.
func Run(ctx context.Context, cfg Config) (results *Results, err error) {
	list, err := chosen(cfg.Jobs)
	if err != nil {
		return nil, err
	}
	r := &runner{
		Config: cfg, names: kafka.Names{Prefix: cfg.Prefix}, from: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC),
		results: &Results{Machine: thisMachine(), Days: cfg.Days, Partitions: cfg.Partitions, Rounds: cfg.Rounds},
	}
	defer func() { err = errors.Join(err, r.cleanUp(context.WithoutCancel(ctx))) }()
	if err := cfg.evictPrograms(); err != nil {
		return nil, err
	}
	for _, j := range list {
		if err := r.measure(ctx, j); err != nil {
			return r.results, fmt.Errorf("measuring %s: %w", j.name, err)
		}
	}
	return r.results, r.sizes(ctx)
}

func (r *runner) cleanUp(ctx context.Context) error {
	var errs []error
	for _, undo := range slices.Backward(r.cleanup) {
		errs = append(errs, undo(ctx))
	}
	return errors.Join(errs...)
}

// measure lets the contenders of a job run in turn.
func (r *runner) measure(ctx context.Context, j job) error {
	if j.measure != nil {
		return j.measure(ctx, r)
	}
	records, contenders, err := j.prepare(ctx, r)
	if err != nil {
		return err
	}
	for round := range r.Rounds {
		for _, c := range contenders {
			if c.ready != nil {
				if err := c.ready(ctx); err != nil {
					return fmt.Errorf("making ready for %s: %w", c.name, err)
				}
			}
			usage, out, err := r.run(c.command(ctx))
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if err := c.check(out, records); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			r.logf("%s, round %d: %s", j.name, round+1, usage.line(c.name))
			r.results.add(j.name, c.name, records, usage)
		}
	}
	return nil
}

// check compares what a contender says it moved with what was to be moved.
func (c contender) check(out string, records int64) error {
	if c.silent {
		return nil
	}
	rep, err := reportIn(out)
	if err != nil {
		return err
	}
	if want := cmp.Or(c.counts, records); rep.Read != want {
		return fmt.Errorf("it moved %d records, %d were to be moved", rep.Read, want)
	}
	return nil
}

func (r *runner) logf(format string, args ...any) { _, _ = fmt.Fprintf(r.Log, format+"\n", args...) } // only progress

// command returns a command of the program with the addresses in its environment; its other settings are the defaults.
func (r *runner) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = r.Dir
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "SENMETEO_") }),
		"SENMETEO_BROKERS="+r.Servers.Brokers, "SENMETEO_TOPIC_PREFIX="+r.Prefix)
	return cmd
}

// program runs the program where its work is not measured, and returns its standard output.
func (r *runner) program(ctx context.Context, args ...string) (string, error) {
	_, out, err := r.run(r.command(ctx, r.Program, args...))
	return out, err
}

// builds returns a contender for each build of the program.
func (r *runner) builds(ready func(context.Context) error, args ...string) []contender {
	all := []contender{{name: senmeteo, ready: ready, command: func(ctx context.Context) *exec.Cmd { return r.command(ctx, r.Program, args...) }}}
	if r.Before != "" {
		all = append(all, contender{name: before, ready: ready, command: func(ctx context.Context) *exec.Cmd { return r.command(ctx, r.Before, args...) }})
	}
	return all
}

// limit returns a contender that is a limit of this package.
func (r *runner) limit(ready func(context.Context) error, name string, args ...string) contender {
	return contender{name: limit, ready: ready, command: func(ctx context.Context) *exec.Cmd {
		line := slices.Concat(r.Self, []string{name}, args)
		return r.command(ctx, line[0], line[1:]...)
	}}
}

// last is the end of the readings' window.
func (r *runner) last() time.Time { return r.from.AddDate(0, 0, r.Days) }

func (r *runner) generate(more ...string) []string {
	return append([]string{
		"fetch", "generate", "--from", r.from.Format(time.DateOnly), "--to", r.last().Format(time.DateOnly),
		"--faults", "0.02", "--truth", "truth.jsonl",
	}, more...)
}

// raw makes sure that the raw topic holds the readings, and returns how many.
func (r *runner) raw(ctx context.Context) (int64, error) {
	if r.results.Readings > 0 {
		return r.results.Readings, nil
	}
	if err := r.topics(ctx, r.names); err != nil {
		return 0, err
	}
	out, err := r.program(ctx, r.generate()...)
	if err != nil {
		return 0, err
	}
	if r.results.Readings, err = written(out); err != nil {
		return 0, err
	}
	r.logf("%d readings are in %s", r.results.Readings, r.names.Raw())
	return r.results.Readings, nil
}

// clean makes sure that the clean topic holds all observations, and returns how many.
func (r *runner) clean(ctx context.Context) (int64, error) {
	if _, err := r.raw(ctx); err != nil {
		return 0, err
	}
	if _, err := r.program(ctx, "stream"); err != nil {
		return 0, err
	}
	return r.Servers.records(ctx, r.names.Clean())
}

// topics creates the topics of a prefix, as users do.
func (r *runner) topics(ctx context.Context, names kafka.Names) error {
	_, err := r.program(ctx, "topics", "--topic-prefix", names.Prefix, "--partitions", strconv.Itoa(r.Partitions))
	if err == nil && !slices.Contains(r.prefixes, names.Prefix) {
		r.prefixes = append(r.prefixes, names.Prefix)
		r.cleanup = append(r.cleanup, func(ctx context.Context) error { return r.Servers.dropTopics(ctx, names.Topics()...) })
	}
	return err
}
