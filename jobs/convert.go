package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/file"
)

func convertCommand() *cli.Command {
	return &cli.Command{
		Name: "convert", Usage: "turn a file of any format into any other; - is standard input or output (JSON Lines)",
		ArgsUsage: "IN OUT",
		Flags: flags(readFlags(), []cli.Flag{
			&cli.Float64Flag{Name: "max-reject-ratio", EnvVars: env("max-reject-ratio"), Usage: "exit with 65 when more than this share of the records was bad"},
		}, runFlags()),
		Action:       convertAction,
		OnUsageError: reportUsage("convert"),
	}
}

// convertAction keeps standard output free of the report when the converted records go there.
func convertAction(c *cli.Context) error {
	if c.NArg() == 2 && c.Args().Get(1) == "-" {
		c.App.Writer = io.Discard
	}
	return reporting("convert", convert)(c)
}

func convert(c *cli.Context, j *job) (*flow.Report, error) {
	if c.NArg() != 2 {
		return nil, flow.Fail(flow.Usage, "say what to read and what to write: senmeteo convert IN OUT")
	}
	in, out := c.Args().Get(0), c.Args().Get(1)
	options, err := readOptions(c)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(in); err == nil && in != file.Stdin {
		options.Defaults.FetchedAt = info.ModTime().UTC() // the same file gives the same bytes
	}
	reader, err := file.Open(in, options)
	if err != nil {
		return nil, inputFailure(c.Context, err)
	}
	defer func() { _ = reader.Close() }() // read only
	to, err := openConverted(out, j)
	if err != nil {
		return nil, err
	}
	defer to.abandon()
	ctx, cancel := withTimeout(c)
	defer cancel()
	report := flow.NewReport(j.name, j.runID)
	began := time.Now()
	err = convertAll(ctx, reader, to, j, report)
	if err == nil {
		report.Written, err = to.finish(ctx)
	}
	report.Took(time.Since(began))
	if err != nil {
		return report, inputFailure(ctx, err)
	}
	return report, tooManyRejects(c, report)
}

// observationWriter is where converted observations go.
type observationWriter interface {
	write(o *meteo.Observation) error
	finish(ctx context.Context) (int64, error)
	abandon()
}

func openConverted(path string, j *job) (observationWriter, error) {
	if path == file.Stdin {
		return &screen{out: bufio.NewWriter(os.Stdout)}, nil
	}
	f, err := formatOf(path)
	if err != nil {
		return nil, err
	}
	return newOutput(path, f, j)
}

func convertAll(ctx context.Context, from *file.Reader, to observationWriter, j *job, report *flow.Report) error {
	for ctx.Err() == nil {
		rec, err := from.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		report.Read++
		if rec.Refusal != nil {
			report.Rejected++
			j.log.Warn("a record is left out", "reason", rec.Refusal.Reason, "detail", rec.Refusal.Detail)
		}
		for i := range rec.Observations {
			if err := to.write(&rec.Observations[i]); err != nil {
				return err
			}
		}
		j.moved(report.Read, report.Read)
	}
	return ctx.Err()
}
