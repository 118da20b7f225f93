package main

import (
	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/format"
	"senmeteo/jobs/format/csv"
	"senmeteo/jobs/format/json"
	"senmeteo/jobs/format/parquet"
	"senmeteo/jobs/format/xlsx"
	"senmeteo/jobs/format/xml"
	"senmeteo/jobs/format/yaml"
	"senmeteo/jobs/sink/es"
	"senmeteo/jobs/sink/hdfs"
	"senmeteo/jobs/sink/pg"
	"senmeteo/jobs/sink/redis"
)

// verbs are the jobs and helpers of the program, in the order of the help.
func verbs(stores []flow.StoreKind) []*cli.Command {
	fetch := &cli.Command{
		Name: "fetch", Usage: "bring readings in: to Kafka, to a file (--out) or to the screen (--dry-run)",
		Subcommands: sources(),
	}
	all := []*cli.Command{fetch, streamCommand(), reviewCommand()}
	for _, kind := range stores {
		all = append(all, loadCommand(kind))
	}
	return append(all,
		dlqCommand(),
		reconcileCommand(stores, queried()),
		statusCommand(stores),
		qualityCommand(queried()),
		scoreCommand(),
		gapsCommand(queried()),
		exportCommand(queried()),
		alertsCommand(queried(), stores),
		forecastCommand(queried()),
		verifyCommand(queried()),
		convertCommand(),
		upCommand(stores),
		serveCommand(queried(), newest()),
		topicsCommand(),
		schemaCommand(),
		healthCommand(),
		completionCommand(),
	)
}

// stores are the kinds of stores: one folder below jobs/sink each, one job to-NAME, and one line in what `status`, `reconcile` and the
// page show.
func stores() []flow.StoreKind {
	return []flow.StoreKind{
		hdfs.Kind(),
		es.Kind(),
		pg.Kind(),
		redis.Kind(),
	}
}

// queried is the kind of store that people's questions go to: those of the page, of `quality`, `gaps`, `export` and `alerts`.
func queried() flow.StoreKind { return pg.Kind() }

// newest is the kind of store in which the page finds the newest observations and their changes, where there is one.
func newest() flow.StoreKind { return redis.Kind() }

// sources are where readings come from: one folder below jobs/source each.
func sources() []*cli.Command {
	return []*cli.Command{
		fetchGenerateCommand(),
		fetchTomorrowCommand(),
		fetchOpenMeteoCommand(),
		fetchScrapeCommand(),
		fetchFileCommand(),
	}
}

// formats are the file formats: one folder below jobs/format each.
func formats() []format.Format {
	return []format.Format{
		csv.Format(), json.Format(), json.Lines(), xlsx.Format(), xml.Format(), yaml.Format(), parquet.Format(),
	}
}
