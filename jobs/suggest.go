package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
	"github.com/xrash/smetrics"
)

// alike is how alike two words must be, from 0 to 1, for one to be meant by the other; words of another meaning stay below 0.8.
const alike = 0.84

// nearest returns the name that a word most probably means, or "".
func nearest(word string, names []string) (near string) {
	best := alike
	for _, name := range names {
		if likeness := smetrics.JaroWinkler(word, name, 0.7, 4); likeness > best { // urfave/cli's own parameters
			best, near = likeness, name
		}
	}
	return near
}

// suggestFlag names the flag that an unknown one most probably means, before the error goes on to handle.
func suggestFlag(verb *cli.Command, handle cli.OnUsageErrorFunc) cli.OnUsageErrorFunc {
	return func(c *cli.Context, err error, sub bool) error {
		if unknown, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
			var names []string
			for _, f := range verb.Flags {
				names = append(names, f.Names()...)
			}
			unknown, _, _ = strings.Cut(strings.TrimPrefix(unknown, "-"), "=")
			err = fmt.Errorf("there is no flag --%s", unknown)
			if near := nearest(unknown, names); near != "" {
				err = fmt.Errorf("there is no flag --%s (did you mean --%s?)", unknown, near)
			}
		}
		return handle(c, err, sub)
	}
}
