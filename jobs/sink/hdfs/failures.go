package hdfs

import (
	"context"
	"errors"
	"io/fs"
	"syscall"
	"time"

	"senmeteo/jobs/flow"
)

// What a fileSystem says beside the errors of package io/fs.
var (
	errPassing     = errors.New("the file system can't do it now") // the same operation may succeed a little later
	errLost        = errors.New("the connection was lost")         // with errPassing: it may be done or not, now or soon
	errUnreachable = errors.New("no NameNode answers")             // with errPassing
	errSafeMode    = errors.New("the NameNode is in safe mode")    // with errPassing
	errNoRoom      = errors.New("there is no room left")
)

// cantWrite tells whether the file system has no room or gives no right.
func cantWrite(err error) bool {
	return errors.Is(err, errNoRoom) || errors.Is(err, fs.ErrPermission) ||
		errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}

const (
	firstPause = 50 * time.Millisecond
	maxPause   = 2 * time.Second
)

// patiently repeats an operation while it fails in a way that may pass. A server that never answered so far is not
// waited for: its address may be wrong.
func (l *Lake) patiently(ctx context.Context, op func() error) error {
	deadline := time.Now().Add(l.cfg.Patience)
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		err := op()
		if !errors.Is(err, errUnreachable) {
			l.reached.Store(true)
		}
		if !errors.Is(err, errPassing) || !l.reached.Load() || time.Now().Add(pause).After(deadline) {
			return err
		}
		l.cfg.Logger.Warn("trying the lake again", "because", err)
		if !sleep(ctx, pause) {
			return err
		}
	}
}

// failed classes an error for whoever started the program.
func (l *Lake) failed(ctx context.Context, doing string, err error) error {
	var known *flow.Failure
	switch {
	case errors.As(err, &known), errors.Is(err, flow.ErrFenced), errors.Is(err, flow.ErrRestart):
		return err
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return flow.Fail(flow.TryLater, "%s: the time allowed is over; nothing is lost, run it again", doing)
	case ctx.Err() != nil:
		return flow.Fail(flow.Interrupted, "%s: stopped by a signal; nothing is lost, run it again", doing)
	case errors.Is(err, fs.ErrPermission):
		return flow.Fail(flow.CantWrite, "%s: %w; give it the right to write in %s", doing, err, l.cfg.Root)
	case cantWrite(err):
		return flow.Fail(flow.CantWrite, "%s: %w; make room or raise the quota of %s, then run it again; nothing is lost", doing, err, l.cfg.Root)
	case errors.Is(err, errUnreachable):
		return flow.Fail(flow.Unavailable, "%s: %w; is HDFS up, and is --hdfs %s right?", doing, err, l.cfg.Root)
	case errors.Is(err, errSafeMode):
		return flow.Fail(flow.Unavailable, "%s: %w; run it again when the NameNode has left safe mode (hdfs dfsadmin -safemode get); nothing is lost", doing, err)
	case errors.Is(err, errPassing):
		return flow.Fail(flow.Unavailable, "%s: %w; nothing is lost, run it again", doing, err)
	}
	return flow.Fail(flow.CantWrite, "%s: %w; check the folder %s", doing, err, l.cfg.Root)
}

// sleep waits, or returns false when the context ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
