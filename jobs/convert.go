package main

import (
	"cmp"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/fetch"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
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
	setGarbage(besideFiles)
	in, out := c.Args().Get(0), c.Args().Get(1)
	options, err := readOptions(c)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(in); err == nil && in != file.Stdin {
		options.FetchedAt = info.ModTime().UTC() // the same file gives the same bytes
	}
	reader, err := file.Open(in, options)
	if err != nil {
		return nil, fetch.Failure(c.Context, err)
	}
	defer func() { _ = reader.Close() }() // read only
	to, err := openConverted(out, j)
	if err != nil {
		return nil, err
	}
	ctx, cancel := withTimeout(c)
	defer cancel()
	report, err := fetch.Convert(ctx, j.fetchConfig(), reader, to)
	for _, what := range reader.Ignored() {
		ignore(j, report, in, what)
	}
	if err != nil {
		return report, err
	}
	return report, cmp.Or(tooManyRejects(c, report), strict(c, report))
}

func openConverted(path string, j *job) (output.ObservationWriter, error) {
	if path == file.Stdin {
		return output.NewLines(os.Stdout), nil
	}
	f, err := formatOf(path)
	if err != nil {
		return nil, err
	}
	return output.CreateReadings(path, f, j.log)
}
