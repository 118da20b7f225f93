package main

import (
	"errors"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/pipeline"
)

func streamCommand() *cli.Command {
	return &cli.Command{
		Name: "stream", Usage: "raw topic -> checked, cleaned, de-duplicated clean topic + dead letters",
		Flags: flags([]cli.Flag{
			&cli.StringFlag{Name: "default-station", EnvVars: env("default-station"), Usage: "station id of records that name no place"},
			&cli.PathFlag{Name: "limits", EnvVars: env("limits"), DefaultText: "those of Senegal's regions", Usage: "climatological limits of the stations by month, a `FILE` of CSV"},
			&cli.DurationFlag{Name: "dedupe-window", Value: 48 * time.Hour, EnvVars: env("dedupe-window"), Usage: "how long an id is remembered after it arrived"},
			&cli.IntFlag{Name: "dedupe-ids", Value: 3_000_000, EnvVars: env("dedupe-ids"), Usage: "how many ids are remembered at most, the last ones; 0: all of --dedupe-window"},
		}, flowFlags(), kafkaFlags(), runFlags()),
		Action:       reporting("stream", stream),
		OnUsageError: reportUsage("stream"),
	}
}

func stream(c *cli.Context, j *job) (*flow.Report, error) {
	setGarbage(besideIDs)
	outliveTheLog()
	topics, err := kafkaTopics(c, j)
	if err != nil {
		return nil, err
	}
	run, err := runConfig(c, j)
	if err != nil {
		return nil, err
	}
	pipeline.ConfigureStream(&run)
	station := c.String("default-station")
	if _, ok := meteo.StationByID(station); station != "" && !ok {
		return nil, flow.Fail(flow.Usage, "--default-station: there is no station %q; ids are like SN-DK", station)
	}
	if c.Int("dedupe-ids") < 0 {
		return nil, flow.Fail(flow.Usage, "--dedupe-ids is %d: it can't be negative; 0 sets no bound", c.Int("dedupe-ids"))
	}
	limits, err := clean.LoadLimits(c.Path("limits"))
	if err != nil {
		return nil, err
	}
	ctx, cancel := withTimeout(c)
	defer cancel()
	p, err := pipeline.OpenStream(ctx, topics, pipeline.StreamOptions{
		RunID: j.runID, DefaultStation: station, Window: c.Duration("dedupe-window"), IDs: c.Int("dedupe-ids"), Limits: limits, NewTopic: c.Bool("new-topic"), Alone: !run.Follow,
	})
	if err != nil {
		return nil, err
	}
	p.Measure(j.metrics)
	report, err := p.Run(ctx, run)
	if err = errors.Join(err, p.Close()); err != nil {
		return report, err
	}
	return report, tooManyRejects(c, report)
}
