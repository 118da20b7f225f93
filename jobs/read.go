package main

import (
	"os"
	"strings"
	"time"
	_ "time/tzdata" // --timezone on machines without the database

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
	"senmeteo/jobs/source/file"
)

// readFlags are those of the verbs that read files.
func readFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "format", EnvVars: env("format"), DefaultText: "by extension", Usage: "the files' format"},
		&cli.StringFlag{Name: "source", Value: "file", EnvVars: env("source"), Usage: "source of records that name none"},
		&cli.StringFlag{Name: "kind", Value: "observed", EnvVars: env("kind"), Usage: "kind of records that name none: observed or model"},
		&cli.StringFlag{Name: "default-station", EnvVars: env("default-station"), Usage: "station id of records that name no place"},
		&cli.StringFlag{Name: "date-order", EnvVars: env("date-order"), DefaultText: "as each column shows", Usage: "`ORDER` of the dates in tables: dmy, mdy or ymd"},
		&cli.StringFlag{Name: "decimal", EnvVars: env("decimal"), DefaultText: "as each column shows", Usage: "decimal `SIGN` of the numbers in tables: . or ,"},
		&cli.StringFlag{Name: "timezone", EnvVars: env("timezone"), DefaultText: "UTC", Usage: "`ZONE` of the times in tables that name none, such as Africa/Dakar"},
		&cli.StringSliceFlag{Name: "unit", EnvVars: env("unit"), Usage: "`FIELD=UNIT` of a field's values in tables, such as wind_speed_ms=kt"},
		&cli.StringSliceFlag{Name: "column", EnvVars: env("column"), Usage: "`NAME=FIELD`: what a column of tables holds, such as Capteur1=temperature_c; NAME= ignores it; several with ; between"},
		&cli.BoolFlag{Name: "strict", EnvVars: env("strict"), Usage: "exit with 65 when a column or member was ignored"},
	}
}

// readOptions reads them.
func readOptions(c *cli.Context) (file.Options, error) {
	o := file.Options{Formats: formats(), Format: c.String("format"), Stdin: os.Stdin, Options: shape.Options{Defaults: shape.Defaults{
		Source: c.String("source"), Kind: meteo.Kind(c.String("kind")), Station: c.String("default-station"), FetchedAt: time.Now().UTC(),
	}}}
	if err := meteo.CheckSource(o.Source); err != nil {
		return o, flow.Fail(flow.Usage, "--source: %w", err)
	}
	if o.Kind != meteo.Observed && o.Kind != meteo.Model {
		return o, flow.Fail(flow.Usage, "--kind is %q: it may be observed or model; a forecast says itself when it was issued", o.Kind)
	}
	if s := o.Station; s != "" {
		if _, ok := meteo.StationByID(s); !ok {
			return o, flow.Fail(flow.Usage, "--default-station: there is no station %q; ids are like SN-DK", s)
		}
	}
	if o.Format != "" {
		if _, err := formatNamed(o.Format); err != nil {
			return o, err
		}
	}
	return o, tableOptions(c, &o.Options)
}

// tableOptions reads what the user says about tables.
func tableOptions(c *cli.Context, o *shape.Options) (err error) {
	if o.DateOrder, err = shape.ParseDateOrder(c.String("date-order")); err != nil {
		return flow.Fail(flow.Usage, "--date-order: %w", err)
	}
	switch sign := c.String("decimal"); sign {
	case "":
	case ".", ",":
		o.Decimal = sign[0]
	default:
		return flow.Fail(flow.Usage, "--decimal is %q: it may be . or ,", sign)
	}
	if zone := c.String("timezone"); zone != "" {
		if o.Zone, err = time.LoadLocation(zone); err != nil {
			return flow.Fail(flow.Usage, "--timezone: there is no zone %q: use a name such as Africa/Dakar or UTC", zone)
		}
	}
	if o.Units, err = assignments(c, "unit"); err != nil {
		return err
	}
	if o.Columns, err = assignments(c, "column"); err != nil {
		return err
	}
	if err := o.Check(); err != nil {
		return flow.Fail(flow.Usage, "--unit and --column: %w", err)
	}
	return nil
}

// assignments reads a flag of NAME=VALUE pairs.
func assignments(c *cli.Context, flag string) (list []shape.Assignment, err error) {
	for _, pair := range c.StringSlice(flag) {
		i := strings.LastIndexByte(pair, '=')
		if i < 1 {
			return nil, flow.Fail(flow.Usage, "--%s is %q: write it as NAME=VALUE", flag, pair)
		}
		list = append(list, shape.Assignment{Name: pair[:i], Value: pair[i+1:]})
	}
	return list, nil
}

// ignore logs, and adds to the report, what was ignored in a file.
func ignore(j *job, report *flow.Report, path string, what shape.Ignored) {
	j.log.Warn("a column or member is ignored", "file", path, "name", what.Name, "why", what.Why, "rows", what.Rows, "example", what.Example)
	report.Ignore(flow.Ignored{Name: what.Name, Why: what.Why, Rows: what.Rows, Example: what.Example})
}

// strict is the failure of a run with --strict in which something was ignored.
func strict(c *cli.Context, report *flow.Report) error {
	if !c.Bool("strict") || report == nil || len(report.Ignored) == 0 {
		return nil
	}
	return flow.Fail(flow.BadInput, "%d columns or members were ignored, which --strict does not allow, such as %.60q (%s); what was read counts",
		len(report.Ignored), report.Ignored[0].Name, report.Ignored[0].Why)
}
