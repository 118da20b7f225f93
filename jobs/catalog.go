package main

import (
	"github.com/urfave/cli/v2"

	"senmeteo/jobs/format"
	"senmeteo/jobs/format/csv"
	"senmeteo/jobs/format/json"
	"senmeteo/jobs/format/parquet"
	"senmeteo/jobs/format/xlsx"
	"senmeteo/jobs/format/xml"
	"senmeteo/jobs/format/yaml"
)

// verbs are the jobs and helpers of the program, in the order of the help.
func verbs() []*cli.Command {
	return []*cli.Command{
		{
			Name: "fetch", Usage: "bring readings in: to Kafka, to a file (--out) or to the screen (--dry-run)",
			Subcommands: sources(),
		},
		streamCommand(),
		loadCommand(lakeSink),
		loadCommand(elasticsearchSink),
		loadCommand(postgresSink),
		dlqCommand(),
		reconcileCommand(),
		statusCommand(),
		qualityCommand(),
		convertCommand(),
		upCommand(),
		serveCommand(),
		topicsCommand(),
		schemaCommand(),
		healthCommand(),
	}
}

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
