package score

import (
	"os"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/source/generate"
)

// Load reads the truth and the limits from the files that the flags --truth and --limits name; "" leaves them out. It refuses a share of
// --inject that can't be.
func (c *Config) Load(truth, limits string) (err error) {
	if err := generate.ValidRate(c.Inject); err != nil {
		return flow.Fail(flow.Usage, "--inject is %v: %w", c.Inject, err)
	}
	if c.Inject > 0 && truth != "" {
		return flow.Fail(flow.Usage, "--inject makes its own truth: leave out --truth, or --inject")
	}
	if err := c.loadTruth(truth); err != nil {
		return err
	}
	c.Limits, err = clean.LoadLimits(limits)
	return err
}

func (c *Config) loadTruth(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return flow.Fail(flow.NoInput, "--truth: %w: check the path", err)
	}
	defer func() { _ = f.Close() }() // read only
	if c.Truth, err = generate.ReadTruth(f); err != nil {
		return flow.Fail(flow.BadInput, "--truth: %s: %w", path, err)
	}
	return nil
}
