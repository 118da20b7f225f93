package main

import (
	_ "embed"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/output"
)

// Scripts that ask the program itself, with generateFlag as the last word, what may follow.
var (
	//go:embed completion/bash.sh
	bashCompletion string
	//go:embed completion/zsh.sh
	zshCompletion string
)

// generateFlag is urfave/cli's: the last word of a command line that is to be completed, not run.
const generateFlag = "--generate-bash-completion"

func completionCommand() *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print the completion script of a shell: bash, zsh or fish",
		ArgsUsage: "SHELL",
		Action:    completion,
	}
}

func completion(c *cli.Context) (err error) {
	var script string
	switch shell := c.Args().First(); {
	case c.NArg() == 1 && shell == "bash":
		script = bashCompletion
	case c.NArg() == 1 && shell == "zsh":
		script = zshCompletion
	case c.NArg() == 1 && shell == "fish":
		if script, err = newApp(stores()).ToFishCompletion(); err != nil {
			return err
		}
	default:
		return flow.Fail(flow.Usage, "say of one shell: senmeteo completion bash, zsh or fish")
	}
	if _, err := fmt.Fprint(c.App.Writer, script); err != nil {
		return output.Stdout(err)
	}
	return nil
}

// toComplete makes a command line that is to be completed safe: urfave/cli would run it where it holds "--".
func toComplete(args []string) (line []string, ok bool) {
	if len(args) == 0 || args[len(args)-1] != generateFlag {
		return nil, false
	}
	if i := slices.Index(args, "--"); i >= 0 {
		args = append(slices.Clone(args[:i]), generateFlag)
	}
	return args, true
}
