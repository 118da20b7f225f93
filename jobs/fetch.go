package main

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/format"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
	"senmeteo/jobs/source/file"
	"senmeteo/jobs/source/generate"
)

// fetchFlags say where readings go.
func fetchFlags() []cli.Flag {
	return []cli.Flag{
		&cli.PathFlag{Name: "out", EnvVars: env("out"), Usage: "write to `PATH`, in the format of its extension, instead of Kafka"},
		&cli.BoolFlag{Name: "dry-run", EnvVars: env("dry-run"), Usage: "print the readings as JSON Lines and send nothing"},
		&cli.Float64Flag{Name: "max-reject-ratio", Value: 0.5, EnvVars: env("max-reject-ratio"), Usage: "exit with 65 when more than this share of the records was bad"},
	}
}

func fetchGenerateCommand() *cli.Command {
	return &cli.Command{
		Name: "generate", Usage: "synthetic weather, realistic for each region and season",
		UsageText: "senmeteo fetch generate --from 2026-01-01 --to 2026-02-01 --seed 7 --out january.csv",
		Flags: flags([]cli.Flag{
			&cli.StringFlag{Name: "from", EnvVars: env("from"), Usage: "first `TIME` (default: 24 hours before --to)"},
			&cli.StringFlag{Name: "to", EnvVars: env("to"), Usage: "first `TIME` that is not made any more (default: now)"},
			&cli.DurationFlag{Name: "every", Value: 10 * time.Minute, EnvVars: env("every"), Usage: "time between two readings of a station"},
			&cli.StringFlag{Name: "stations", Value: "all", EnvVars: env("stations"), Usage: "ids or region names, comma-separated"},
			&cli.Uint64Flag{Name: "seed", Value: 1, EnvVars: env("seed"), Usage: "equal seeds give equal weather"},
			&cli.Float64Flag{Name: "faults", EnvVars: env("faults"), Usage: "chance that a reading gets a labelled defect, 0 to 1"},
			&cli.PathFlag{Name: "truth", EnvVars: env("truth"), Usage: "write the defects to `PATH` as JSON Lines (default with --out: OUT.truth.jsonl)"},
		}, fetchFlags(), kafkaFlags(), runFlags()),
		Action: reporting("fetch", fetchGenerate),
	}
}

func fetchGenerate(c *cli.Context, j *job) (*flow.Report, error) {
	cfg := generate.Config{Every: c.Duration("every"), Seed: c.Uint64("seed"), Faults: c.Float64("faults")}
	var err error
	if cfg.Stations, err = meteo.SelectStations(c.String("stations")); err != nil {
		return nil, flow.Fail(flow.Usage, "--stations: %w", err)
	}
	if cfg.To, err = instant(c, "to"); err != nil {
		return nil, err
	}
	if cfg.From, err = instant(c, "from"); err != nil {
		return nil, err
	}
	if cfg.To.IsZero() {
		cfg.To = time.Now().UTC().Truncate(max(cfg.Every, time.Second))
	}
	if cfg.From.IsZero() {
		cfg.From = cfg.To.Add(-24 * time.Hour)
	}
	if err := cfg.Validate(); err != nil {
		return nil, flow.Fail(flow.Usage, "%w", err)
	}
	if cfg.Faults > 0 {
		truth, err := createTruth(c)
		if err != nil {
			return nil, err
		}
		defer func() { _ = truth.abandon() }() // after keep it does nothing
		cfg.Truth = truth
		report, err := fetchFrom(c, j, cfg)
		if err != nil {
			return report, err
		}
		return report, truth.keep()
	}
	return fetchFrom(c, j, cfg)
}

func fetchFrom(c *cli.Context, j *job, cfg generate.Config) (*flow.Report, error) {
	source, err := generate.New(cfg)
	if err != nil {
		return nil, flow.Fail(flow.Usage, "%w", err)
	}
	return fetch(c, j, source)
}

func createTruth(c *cli.Context) (*outputFile, error) {
	path := c.Path("truth")
	if path == "" && c.Path("out") != "" {
		path = c.Path("out") + ".truth.jsonl"
	}
	if path == "" {
		return nil, flow.Fail(flow.Usage, "--faults needs --truth PATH: without the truth nobody can tell the defects later")
	}
	return createOutput(path)
}

func fetchFileCommand() *cli.Command {
	return &cli.Command{
		Name: "file", Usage: "readings from CSV, JSON, JSON Lines, XLSX, XML, YAML and Parquet files; - is standard input",
		ArgsUsage: "PATH...",
		Flags: flags([]cli.Flag{
			&cli.StringFlag{Name: "format", EnvVars: env("format"), Usage: "the files' format (default: by extension)"},
			&cli.StringFlag{Name: "source", Value: "file", EnvVars: env("source"), Usage: "source of records that name none"},
			&cli.StringFlag{Name: "kind", Value: "observed", EnvVars: env("kind"), Usage: "kind of records that name none: observed or model"},
			&cli.StringFlag{Name: "default-station", EnvVars: env("default-station"), Usage: "station id of records that name no place"},
		}, fetchFlags(), kafkaFlags(), runFlags()),
		Action: reporting("fetch", fetchFile),
	}
}

func fetchFile(c *cli.Context, j *job) (*flow.Report, error) {
	if c.NArg() == 0 {
		return nil, flow.Fail(flow.Usage, "say which files to read, or - for standard input")
	}
	options, err := readOptions(c)
	if err != nil {
		return nil, err
	}
	return fetch(c, j, &file.Source{Paths: c.Args().Slice(), Options: options})
}

// readOptions are the flags of verbs that read files.
func readOptions(c *cli.Context) (file.Options, error) {
	o := file.Options{Formats: formats(), Format: c.String("format"), Stdin: os.Stdin, Defaults: shape.Defaults{
		Source: c.String("source"), Kind: meteo.Kind(c.String("kind")), Station: c.String("default-station"), FetchedAt: time.Now().UTC(),
	}}
	if err := meteo.CheckSource(o.Defaults.Source); err != nil {
		return o, flow.Fail(flow.Usage, "--source: %w", err)
	}
	if o.Defaults.Kind != meteo.Observed && o.Defaults.Kind != meteo.Model {
		return o, flow.Fail(flow.Usage, "--kind is %q: it may be observed or model; a forecast says itself when it was issued", o.Defaults.Kind)
	}
	if s := o.Defaults.Station; s != "" {
		if _, ok := meteo.StationByID(s); !ok {
			return o, flow.Fail(flow.Usage, "--default-station: there is no station %q; ids are like SN-DK", s)
		}
	}
	if o.Format != "" {
		if _, err := formatNamed(o.Format); err != nil {
			return o, err
		}
	}
	return o, nil
}

// destination is where fetched readings go.
type destination interface {
	put(ctx context.Context, item *flow.Item) error
	// finish makes everything durable and returns how many records that are.
	finish(ctx context.Context) (int64, error)
	// abandon gives up what is not finished.
	abandon()
}

// fetch carries everything a source gives to where the flags say.
func fetch(c *cli.Context, j *job, source flow.Source) (*flow.Report, error) {
	began := time.Now()
	report := flow.NewReport(j.name, j.runID)
	ctx, cancel := withTimeout(c)
	defer cancel()
	to, err := openDestination(ctx, c, j)
	if err != nil {
		return report, err
	}
	defer to.abandon()
	err = source.Fetch(ctx, func(item *flow.Item) error {
		report.Read++
		if item.Raw != nil {
			report.Rejected++
			if item.Refusal != nil {
				j.log.Warn("a record is no reading", "reason", item.Refusal.Reason, "detail", item.Refusal.Detail)
			}
		}
		j.progress.Set(report.Read, report.Read)
		return to.put(ctx, item)
	})
	if err == nil {
		report.Written, err = to.finish(ctx)
	}
	report.Took(time.Since(began))
	if err != nil {
		return report, inputFailure(ctx, err)
	}
	j.log.Info("fetched", "read", report.Read, "written", report.Written, "rejected", report.Rejected, "took", time.Since(began))
	return report, tooManyRejects(c, report)
}

func withTimeout(c *cli.Context) (context.Context, context.CancelFunc) {
	if d := c.Duration("timeout"); d > 0 {
		return context.WithTimeout(c.Context, d)
	}
	return context.WithCancel(c.Context)
}

// inputFailure classes what can go wrong with a source.
func inputFailure(ctx context.Context, err error) error {
	var known *flow.Failure
	var format *file.FormatError
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil:
		return flow.Fail(flow.TryLater, "the time allowed (--timeout) is over; nothing is lost, run it again")
	case isStopped(err):
		return flow.Fail(flow.Interrupted, "stopped by a signal before the end; nothing is lost, run it again")
	case errors.Is(err, fs.ErrNotExist):
		return flow.Fail(flow.NoInput, "%w: check the path", err)
	case errors.As(err, &format):
		return flow.Fail(flow.BadInput, "%w", err)
	case errors.Is(err, fs.ErrPermission):
		return flow.Fail(flow.NoInput, "%w: give this user the right to read it", err)
	}
	return err
}

func tooManyRejects(c *cli.Context, r *flow.Report) error {
	limit := c.Float64("max-reject-ratio")
	if r.Read > 0 && float64(r.Rejected)/float64(r.Read) > limit {
		return flow.Fail(flow.BadInput, "%d of %d records were bad, more than --max-reject-ratio %g allows; the good ones are stored, look at the others with their reasons", r.Rejected, r.Read, limit)
	}
	return nil
}

func openDestination(ctx context.Context, c *cli.Context, j *job) (destination, error) {
	switch {
	case c.Bool("dry-run"):
		return &screen{out: bufio.NewWriter(j.stdout)}, nil
	case c.Path("out") != "":
		f, err := formatOf(c.Path("out"))
		if err != nil {
			return nil, err
		}
		return newOutput(c.Path("out"), f, j)
	}
	cfg, names, err := kafkaConfig(c, j)
	if err != nil {
		return nil, err
	}
	return newTopicDestination(ctx, cfg, names)
}

// topicDestination sends readings to the raw topic.
type topicDestination struct {
	writer     *kafka.Writer
	topic      string
	partitions int
}

func newTopicDestination(ctx context.Context, cfg kafka.Config, names kafka.Names) (*topicDestination, error) {
	admin, err := kafka.NewAdmin(cfg)
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	topic, err := admin.Topic(ctx, names.Raw())
	if err != nil {
		return nil, err
	}
	w, err := kafka.NewWriter(cfg)
	if err != nil {
		return nil, err
	}
	return &topicDestination{writer: w, topic: topic.Name, partitions: topic.Partitions}, nil
}

func (t *topicDestination) put(ctx context.Context, item *flow.Item) error {
	key, value := item.Key, item.Raw
	if value == nil {
		o := meteo.Observation{Reading: item.Reading}
		key, value = item.Reading.StationID, o.AppendJSON(nil)
	}
	return t.writer.Write(ctx, t.topic, kafka.Partition(key, t.partitions), []byte(key), value, nil)
}

func (t *topicDestination) finish(ctx context.Context) (int64, error) { return t.writer.Flush(ctx) }

func (t *topicDestination) abandon() { t.writer.Close() }

// screen prints readings as JSON Lines.
type screen struct {
	out  *bufio.Writer
	line []byte
	n    int64
}

func (s *screen) put(_ context.Context, item *flow.Item) error {
	if item.Raw != nil {
		return s.print(append(s.line[:0], item.Raw...))
	}
	return s.write(&meteo.Observation{Reading: item.Reading})
}

func (s *screen) write(o *meteo.Observation) error { return s.print(o.AppendJSON(s.line[:0])) }

func (s *screen) print(line []byte) error {
	s.line = append(line, '\n')
	s.n++
	if _, err := s.out.Write(s.line); err != nil {
		return flow.Fail(flow.CantWrite, "writing to standard output: %w", err)
	}
	return nil
}

func (s *screen) finish(context.Context) (int64, error) {
	if err := s.out.Flush(); err != nil {
		return s.n, flow.Fail(flow.CantWrite, "writing to standard output: %w", err)
	}
	return s.n, nil
}

func (s *screen) abandon() {}

// formatOf finds the format of a file by its extension.
func formatOf(path string) (format.Format, error) {
	ext := strings.ToLower(filepath.Ext(path))
	var known []string
	for _, f := range formats() {
		for _, e := range f.Extensions {
			if e == ext {
				return f, nil
			}
			known = append(known, e)
		}
	}
	return format.Format{}, flow.Fail(flow.Usage, "the extension of %s tells no format; known are %s", path, strings.Join(known, " "))
}

func formatNamed(name string) (format.Format, error) {
	var known []string
	for _, f := range formats() {
		if f.Name == name {
			return f, nil
		}
		known = append(known, f.Name)
	}
	return format.Format{}, flow.Fail(flow.Usage, "there is no format %q; known are %s", name, strings.Join(known, ", "))
}
