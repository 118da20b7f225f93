package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// flagsFirst puts the flags of a verb before its other arguments, where urfave/cli looks for them: "convert a.csv b.json
// --format csv" means what it seems to mean. What follows "--" is not a flag.
func flagsFirst(app *cli.App, args []string) []string {
	if line, ok := toComplete(args); ok {
		return line
	}
	verb, rest := findVerb(app.Commands, args[min(1, len(args)):])
	if verb == nil {
		return args
	}
	words := args[:len(args)-len(rest)]
	var flags, others []string
	for i := 0; i < len(rest); i++ {
		switch arg := rest[i]; {
		case arg == "--":
			others = append(others, rest[i+1:]...)
			i = len(rest)
		case len(arg) < 2 || arg[0] != '-':
			others = append(others, arg)
		case takesNext(verb.Flags, arg) && i+1 == len(rest):
			return slices.Concat(words, flags, rest[i:]) // its value is missing, which urfave/cli will say
		case takesNext(verb.Flags, arg):
			flags = append(flags, arg, rest[i+1])
			i++
		default:
			flags = append(flags, arg)
		}
	}
	if len(others) > 0 {
		others = append([]string{"--"}, others...)
	}
	return slices.Concat(words, flags, others)
}

// findVerb returns the command that the first words name, and the words after it; nil when they stop before a verb.
func findVerb(commands []*cli.Command, words []string) (*cli.Command, []string) {
	if len(words) == 0 {
		return nil, nil
	}
	for _, c := range commands {
		switch {
		case !c.HasName(words[0]):
		case len(c.Subcommands) > 0:
			verb, rest := findVerb(c.Subcommands, words[1:])
			if verb == nil && len(c.Flags) > 0 { // of a group that is a verb, too
				return c, words[1:]
			}
			return verb, rest
		default:
			return c, words[1:]
		}
	}
	return nil, nil
}

// takesNext reports whether a flag's value is the word after it.
func takesNext(flags []cli.Flag, arg string) bool {
	name := strings.TrimPrefix(strings.TrimPrefix(arg, "-"), "-")
	for _, f := range flags {
		if slices.Contains(f.Names(), name) { // never so for --name=value
			documented, ok := f.(cli.DocGenerationFlag)
			return ok && documented.TakesValue()
		}
	}
	return false
}
