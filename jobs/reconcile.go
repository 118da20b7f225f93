package main

import (
	"context"
	"errors"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/alerts"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/query"
	"senmeteo/jobs/reconcile"
)

func reconcileCommand(kinds []flow.StoreKind, incidents flow.StoreKind) *cli.Command {
	return &cli.Command{
		Name: "reconcile", Usage: "prove that nothing is lost or doubled, topic by topic and store by store",
		Flags: flags(windowFlags("first `DAY` of the observations to compare (default: all that the clean topic keeps)", "first `DAY` that is not compared any more"), []cli.Flag{
			&cli.BoolFlag{Name: "json", EnvVars: env("json"), Usage: "print one JSON object"},
			&cli.BoolFlag{Name: "alerts", EnvVars: env("alerts"), Usage: "open an incident for each store that differs, and close those of stores that no longer do; the next `senmeteo alerts` sends them"},
		}, namedStoreFlags(kinds), kafkaFlags(), runFlags()),
		Action: printing("reconcile", func(c *cli.Context, j *job) error { return reconcileAction(c, j, kinds, incidents) }),
	}
}

func reconcileAction(c *cli.Context, j *job, kinds []flow.StoreKind, incidents flow.StoreKind) error {
	began := time.Now().UTC()
	topics, err := kafkaTopics(c, j)
	if err != nil {
		return err
	}
	cfg := reconcile.Config{Topics: topics}
	if cfg.From, cfg.To, err = window(c); err != nil {
		return err
	}
	ctx, cancel := withTimeout(c)
	defer cancel()
	if cfg.Stores, err = openNamedStores(ctx, c, j, topics, kinds); err != nil {
		return err
	}
	result, err := reconcile.Audit(ctx, cfg)
	if err = errors.Join(err, pipeline.CloseStores(cfg.Stores)); err != nil {
		return err
	}
	if c.Bool("alerts") {
		err := changeStore(c, j, incidents, "incidents", func(ctx context.Context, store query.IncidentStore) error {
			return alerts.NoteReconcile(ctx, store, began, result.Conditions(alerts.Reconcile))
		})
		if err != nil {
			return err
		}
	}
	if err := result.Print(c.App.Writer, c.Bool("json")); err != nil {
		return output.Stdout(err)
	}
	if !result.Balanced {
		return flow.Fail(flow.Negative, "the ledger does not balance: %s", result.FirstProblem())
	}
	return nil
}
