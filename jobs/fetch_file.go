package main

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
	"senmeteo/jobs/source/file"
)

func fetchFileCommand() *cli.Command {
	return &cli.Command{
		Name: "file", Usage: "readings from CSV, JSON, JSON Lines, XLSX, XML, YAML and Parquet files; - is standard input",
		ArgsUsage:    "PATH...",
		Flags:        flags(readFlags(), fetchFlags(), kafkaFlags(), runFlags()),
		Action:       reporting("fetch", fetchFile),
		OnUsageError: reportUsage("fetch"),
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

// readFlags are those of the verbs that read files.
func readFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "format", EnvVars: env("format"), Usage: "the files' format (default: by extension)"},
		&cli.StringFlag{Name: "source", Value: "file", EnvVars: env("source"), Usage: "source of records that name none"},
		&cli.StringFlag{Name: "kind", Value: "observed", EnvVars: env("kind"), Usage: "kind of records that name none: observed or model"},
		&cli.StringFlag{Name: "default-station", EnvVars: env("default-station"), Usage: "station id of records that name no place"},
	}
}

// readOptions reads them.
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
