package main

import (
	"github.com/urfave/cli/v2"

	"senmeteo/jobs/fetch"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
	"senmeteo/jobs/score"
	"senmeteo/jobs/source/file"
)

func scoreCommand() *cli.Command {
	return &cli.Command{
		Name: "score", Usage: "compare the flags of the checks on a file of readings with the truth about them: how many defects they find, how many flags are false",
		Flags: flags([]cli.Flag{
			&cli.PathFlag{Name: "in", EnvVars: env("in"), Usage: "readings in a `FILE` of any format, of any stations; - is standard input"},
			&cli.PathFlag{Name: "truth", EnvVars: env("truth"), DefaultText: "no defects", Usage: "the defects, a `FILE` of JSON Lines as of fetch generate --faults"},
			&cli.Float64Flag{Name: "inject", EnvVars: env("inject"), Usage: "put labelled defects into the readings first, as fetch generate --faults does: the chance of one per reading, 0 to 1"},
			&cli.Uint64Flag{Name: "seed", Value: 1, EnvVars: env("seed"), Usage: "with --inject: equal seeds give equal defects"},
			&cli.PathFlag{Name: "limits", EnvVars: env("limits"), DefaultText: "those of Senegal's regions", Usage: "climatological limits of the stations by month, a `FILE` of CSV"},
			&cli.BoolFlag{Name: "json", EnvVars: env("json"), Usage: "print one JSON object"},
		}, readFlags(), runFlags()),
		Action: printing("score", scoreFile),
	}
}

func scoreFile(c *cli.Context, j *job) error {
	in := c.Path("in")
	if in == "" || c.NArg() > 0 {
		return flow.Fail(flow.Usage, "say which readings to score: senmeteo score --in READINGS --truth TRUTH")
	}
	setGarbage(besideFiles)
	options, err := readOptions(c)
	if err != nil {
		return err
	}
	options.AnyStation, options.Strict = true, true
	cfg := score.Config{Unsaid: options.FetchedAt, Inject: c.Float64("inject"), Seed: c.Uint64("seed")}
	if err := cfg.Load(c.Path("truth"), c.Path("limits")); err != nil {
		return err
	}
	from, err := file.Open(in, options)
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
		ignore(j, report, in, what)
	}
	if err := s.Print(c.App.Writer, c.Bool("json")); err != nil {
		return output.Stdout(err)
	}
	return strict(c, report)
}
