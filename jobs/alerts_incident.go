package main

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/alerts"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
	"senmeteo/jobs/query"
)

// incidentCommands are what people and Airflow do with single incidents.
func incidentCommands(kind flow.StoreKind) []*cli.Command {
	with := func(args int, say string, do func(context.Context, *cli.Context, *job, query.IncidentStore) error) cli.ActionFunc {
		return printing("alerts", func(c *cli.Context, j *job) error {
			if c.NArg() != args {
				return flow.Fail(flow.Usage, "say %s", say)
			}
			return changeStore(c, j, kind, "incidents", func(ctx context.Context, store query.IncidentStore) error { return do(ctx, c, j, store) })
		})
	}
	all := flags(storeFlags(kind, true), runFlags())
	return []*cli.Command{
		{
			Name: "list", Usage: "the incidents that are open, and those that were closed in the last week", Flags: flags([]cli.Flag{
				&cli.BoolFlag{Name: "json", EnvVars: env("json"), Usage: "print one JSON array"},
			}, all),
			Action: printing("alerts", func(c *cli.Context, j *job) error {
				return askStore(c, j, kind, "incidents", func(ctx context.Context, store query.IncidentStore) error {
					list, err := store.Incidents(ctx, time.Now().AddDate(0, 0, -7))
					if err != nil {
						return err
					}
					if err := alerts.Print(c.App.Writer, list, c.Bool("json")); err != nil {
						return output.Stdout(err)
					}
					return nil
				})
			}),
		},
		{
			Name: "raise", Usage: "open an incident, unless it is open; the next look sends it", ArgsUsage: "KIND SUBJECT MESSAGE", Flags: all,
			Action: with(3, "what is wrong: senmeteo alerts raise KIND SUBJECT MESSAGE", func(ctx context.Context, c *cli.Context, j *job, store query.IncidentStore) error {
				return alerts.Raise(ctx, store, j.log, query.Condition{Kind: c.Args().Get(0), Subject: c.Args().Get(1), Message: c.Args().Get(2)})
			}),
		},
		{
			Name: "clear", Usage: "close an incident; the next look sends that", ArgsUsage: "KIND SUBJECT", Flags: all,
			Action: with(2, "what is over: senmeteo alerts clear KIND SUBJECT", func(ctx context.Context, c *cli.Context, j *job, store query.IncidentStore) error {
				return alerts.Clear(ctx, store, j.log, c.Args().Get(0), c.Args().Get(1))
			}),
		},
		{
			Name: "mute", Usage: "leave the silence of a station out until a time", ArgsUsage: "STATION", Flags: flags([]cli.Flag{
				&cli.StringFlag{Name: "until", EnvVars: env("until"), DefaultText: "a day from now", Usage: "`TIME`, UTC; one that has passed unmutes the station"},
			}, all),
			Action: with(1, "which station: senmeteo alerts mute STATION", func(ctx context.Context, c *cli.Context, j *job, store query.IncidentStore) error {
				until, err := instant(c, "until")
				if err != nil {
					return err
				}
				return alerts.Mute(ctx, store, j.log, c.Args().First(), until)
			}),
		},
	}
}
