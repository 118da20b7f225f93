package score

import (
	"io"
	"os"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/source/generate"
)

// Load reads the truth and the limits from the files that the flags --truth and --limits name; "" leaves them out.
func (c *Config) Load(truth, limits string) error {
	if err := load(truth, "--truth", generate.ReadTruth, &c.Truth); err != nil {
		return err
	}
	return load(limits, "--limits", clean.ReadLimits, &c.Limits)
}

func load[T any](path, flag string, read func(io.Reader) (T, error), into *T) error {
	if path == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return flow.Fail(flow.NoInput, "%s: %w: check the path", flag, err)
	}
	defer func() { _ = f.Close() }() // read only
	if *into, err = read(f); err != nil {
		return flow.Fail(flow.BadInput, "%s: %s: %w", flag, path, err)
	}
	return nil
}
