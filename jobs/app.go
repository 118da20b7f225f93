package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/exitcode"
	"senmeteo/jobs/flow"
)

// version is set by the linker: -X main.version=...
var version = "dev"

// newApp makes the command line, with the jobs of these stores. Nothing in it ends the process.
func newApp(stores []flow.StoreKind) *cli.App {
	app := &cli.App{
		Name:    "senmeteo",
		Usage:   "weather data of the 14 regions of Senegal, from source to store, exactly once",
		Version: version,
		Description: `Start with "senmeteo up": the whole pipeline in one process, with a page on http://127.0.0.1:8090.

` + exitcode.Help(),
		Commands:               verbs(stores),
		SliceFlagSeparator:     ";", // names of columns hold commas
		Suggest:                true,
		EnableBashCompletion:   true,
		HideHelpCommand:        true,
		UseShortOptionHandling: false,
		ExitErrHandler:         func(*cli.Context, error) {}, // main gives the exit code
		CommandNotFound:        nil,
		Action:                 noVerb,
	}
	guardUsage("", app.Commands)
	app.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return usage(err) }
	return app
}

// guardUsage makes wrong flags, stray arguments and unknown verbs failures of the class Usage, at every level, and
// gives each verb the flags and the help that all have. group is the name of the verb that these are below.
func guardUsage(group string, commands []*cli.Command) {
	for _, c := range commands {
		path := strings.TrimSpace(group + " " + c.Name)
		if c.OnUsageError == nil {
			c.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return usage(err) }
		}
		c.OnUsageError = suggestFlag(c, c.OnUsageError)
		c.HideHelpCommand = true
		if c.Action != nil { // a group may be a verb, too
			c.Flags = append(c.Flags, logFlags()...)
			c.CustomHelpTemplate = helpTemplate(path)
		}
		switch {
		case c.Action == nil:
			c.Action = noVerb
		case c.ArgsUsage == "":
			c.Action = withoutArguments(c.Action)
		}
		hideFalse(c.Flags)
		guardUsage(path, c.Subcommands)
	}
}

// hideFalse leaves out of the help that a switch is off unless it is given.
func hideFalse(flags []cli.Flag) {
	for _, f := range flags {
		if b, ok := f.(*cli.BoolFlag); ok && !b.Value {
			b.DisableDefaultText = true
		}
	}
}

// withoutArguments refuses what stands after the flags of a verb that takes flags only.
func withoutArguments(action cli.ActionFunc) cli.ActionFunc {
	return func(c *cli.Context) error {
		if c.NArg() > 0 {
			return c.Command.OnUsageError(c, fmt.Errorf("%q is neither a flag nor the value of one", c.Args().First()), false)
		}
		return action(c)
	}
}

func usage(err error) error {
	return flow.Fail(flow.Usage, "%w; see --help", err)
}

// noVerb answers a command line that stops before a verb, or goes on with one that does not exist.
func noVerb(c *cli.Context) error {
	if c.NArg() == 0 {
		return cli.ShowSubcommandHelp(c)
	}
	names := []string{}
	commands := c.App.Commands
	if c.Command != nil && len(c.Command.Subcommands) > 0 {
		commands = c.Command.Subcommands
	}
	for _, known := range commands {
		names = append(names, known.Name)
	}
	word := c.Args().First()
	if near := nearest(word, names); near != "" {
		return flow.Fail(flow.Usage, "there is no %q here: did you mean %s? There are: %s", word, near, strings.Join(names, ", "))
	}
	return flow.Fail(flow.Usage, "there is no %q here; there are: %s", word, strings.Join(names, ", "))
}

// oneLine is an error without line breaks.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
