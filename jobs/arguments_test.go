package main

import (
	"slices"
	"strings"
	"testing"
)

func TestFlagsMayFollowOtherArguments(t *testing.T) {
	for given, want := range map[string]string{
		"senmeteo":                                     "senmeteo",
		"senmeteo --help":                              "senmeteo --help",
		"senmeteo nothing --dry-run":                   "senmeteo nothing --dry-run",
		"senmeteo stream --follow":                     "senmeteo stream --follow",
		"senmeteo fetch file a.csv --dry-run":          "senmeteo fetch file --dry-run -- a.csv",
		"senmeteo fetch file a.csv --format csv b.csv": "senmeteo fetch file --format csv -- a.csv b.csv",
		"senmeteo fetch file a.csv --format=csv b.csv": "senmeteo fetch file --format=csv -- a.csv b.csv",
		"senmeteo fetch file - --format csv":           "senmeteo fetch file --format csv -- -",
		"senmeteo fetch file --dry-run -- -a.csv":      "senmeteo fetch file --dry-run -- -a.csv",
		"senmeteo convert a b --unknown":               "senmeteo convert --unknown -- a b",
		"senmeteo convert a b --format":                "senmeteo convert --format",
		"senmeteo stream -run-id x now":                "senmeteo stream -run-id x -- now",
	} {
		if got := flagsFirst(newApp(stores()), strings.Fields(given)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: got %q, want %q", given, got, want)
		}
	}
}
