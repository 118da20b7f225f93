package main

import (
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/fetch"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
	"senmeteo/jobs/score"
	"senmeteo/jobs/source/file"
	"senmeteo/jobs/source/generate"
)

func scoreCommand() *cli.Command {
	return &cli.Command{
		Name: "score", Usage: "compare the flags of the checks on a file of readings with the truth about them: how many defects they find, how many flags are false",
		Flags: flags([]cli.Flag{
			&cli.PathFlag{Name: "in", EnvVars: env("in"), Usage: "readings in a `FILE` of any format, of any stations; - is standard input"},
			&cli.PathFlag{Name: "truth", EnvVars: env("truth"), DefaultText: "no defects", Usage: "the defects, a `FILE` of JSON Lines as of fetch generate --faults"},
			&cli.PathFlag{Name: "limits", EnvVars: env("limits"), DefaultText: "those of Senegal's regions", Usage: "climatological limits of the stations by month, a `FILE` of CSV"},
			&cli.BoolFlag{Name: "json", EnvVars: env("json"), Usage: "print one JSON object"},
		}, readFlags(), runFlags()),
		Action: printing("score", scoreFile),
	}
}

func scoreFile(c *cli.Context, j *job) error {
	if c.Path("in") == "" || c.NArg() > 0 {
		return flow.Fail(flow.Usage, "say which readings to score: senmeteo score --in READINGS --truth TRUTH")
	}
	setGarbage(besideFiles)
	options, err := readOptions(c)
	if err != nil {
		return err
	}
	options.AnyStation, options.Strict = true, true
	cfg := score.Config{Unsaid: options.FetchedAt}
	if cfg.Truth, err = readBeside(c.Path("truth"), "--truth", generate.ReadTruth); err != nil {
		return err
	}
	if cfg.Limits, err = readBeside(c.Path("limits"), "--limits", clean.ReadLimits); err != nil {
		return err
	}
	from, err := file.Open(c.Path("in"), options)
	if err != nil {
		return fetch.Failure(c.Context, err)
	}
	defer func() { _ = from.Close() }() // read only
	ctx, cancel := withTimeout(c)
	defer cancel()
	s, err := score.Of(ctx, from, cfg)
	if err != nil {
		return fetch.Failure(ctx, err)
	}
	report := flow.NewReport(j.name, j.runID)
	for _, what := range from.Ignored() {
		ignore(j, report, c.Path("in"), what)
	}
	if err := s.Print(c.App.Writer, c.Bool("json")); err != nil {
		return output.Stdout(err)
	}
	return strict(c, report)
}

// readBeside reads a file that a flag names, if it does.
func readBeside[T any](path, flag string, read func(io.Reader) (T, error)) (out T, err error) {
	if path == "" {
		return out, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return out, flow.Fail(flow.NoInput, "%s: %w: check the path", flag, err)
	}
	defer func() { _ = f.Close() }() // read only
	if out, err = read(f); err != nil {
		return out, flow.Fail(flow.BadInput, "%s: %s: %w", flag, path, err)
	}
	return out, nil
}
