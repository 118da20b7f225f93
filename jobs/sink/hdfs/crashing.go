package hdfs

import (
	"context"

	"senmeteo/jobs/flow/crash"
)

// crashing is a file system in which the program can be killed before and after every change: "hdfs.before-change:3" is
// before the third one.
type crashing struct{ fileSystem }

func (c crashing) WriteFile(ctx context.Context, name string, data []byte) error {
	return atCrashPoints(func() error { return c.fileSystem.WriteFile(ctx, name, data) })
}

func (c crashing) Mkdir(ctx context.Context, name string) error {
	return atCrashPoints(func() error { return c.fileSystem.Mkdir(ctx, name) })
}

func (c crashing) Rename(ctx context.Context, from, to string) error {
	crash.At("hdfs.before-rename")
	err := atCrashPoints(func() error { return c.fileSystem.Rename(ctx, from, to) })
	crash.At("hdfs.after-rename")
	return err
}

func (c crashing) Remove(ctx context.Context, name string) error {
	return atCrashPoints(func() error { return c.fileSystem.Remove(ctx, name) })
}

func atCrashPoints(change func() error) error {
	crash.At("hdfs.before-change")
	err := change()
	crash.At("hdfs.after-change")
	return err
}
