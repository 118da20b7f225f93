package hdfs

import (
	"context"
	"errors"
	"io/fs"
	"syscall"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/retry"
)

// The errors of a fileSystem beside those of package io/fs.
var (
	errTransient   = errors.New("the file system can't do it now") // the same operation may succeed a little later
	errUnknown     = errors.New("the connection was lost")         // with errTransient: the operation may be done or not, now or soon
	errUnreachable = errors.New("no NameNode answers")             // with errTransient
	errSafeMode    = errors.New("the NameNode is in safe mode")    // with errTransient
	errNoRoom      = errors.New("there is no room left")
)

// cantWrite reports whether the file system has no room or grants no right.
func cantWrite(err error) bool {
	return errors.Is(err, errNoRoom) || errors.Is(err, fs.ErrPermission) ||
		errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}

// retry repeats an operation while its error is transient. A server that has never answered is not waited for: its
// address may be wrong.
func (l *Lake) retry(ctx context.Context, op func() error) error {
	policy := retry.Policy{
		First: 50 * time.Millisecond, Longest: 2 * time.Second, Patience: l.cfg.patience,
		Before: func(err error, _ time.Duration) { l.cfg.logger.Warn("trying the lake again", "because", err) },
	}
	attempt := func() error {
		err := op()
		if !errors.Is(err, errUnreachable) {
			l.answered.Store(true)
		}
		return err
	}
	return policy.Do(ctx, attempt, func(err error) bool { return errors.Is(err, errTransient) && l.answered.Load() })
}

// failure gives an error the class that the program's exit code follows, and says what to do next.
func (l *Lake) failure(ctx context.Context, doing string, err error) error {
	var known *flow.Failure
	switch {
	case errors.As(err, &known), errors.Is(err, flow.ErrFenced), errors.Is(err, flow.ErrRestart):
		return err
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return flow.Fail(flow.TryLater, "%s: the time allowed is over; nothing is lost, run it again", doing)
	case ctx.Err() != nil:
		return flow.Fail(flow.Interrupted, "%s: stopped by a signal; nothing is lost, run it again", doing)
	case errors.Is(err, fs.ErrPermission):
		return flow.Fail(flow.CantWrite, "%s: %w; give it the right to write in %s", doing, err, l.cfg.root)
	case cantWrite(err):
		return flow.Fail(flow.CantWrite, "%s: %w; make room or raise the quota of %s, then run it again; nothing is lost", doing, err, l.cfg.root)
	case errors.Is(err, errUnreachable):
		return flow.Fail(flow.Unavailable, "%s: %w; is HDFS up, and is --hdfs %s right?", doing, err, l.cfg.root)
	case errors.Is(err, errSafeMode):
		return flow.Fail(flow.Unavailable, "%s: %w; run it again when the NameNode has left safe mode (hdfs dfsadmin -safemode get); nothing is lost", doing, err)
	case errors.Is(err, errTransient):
		return flow.Fail(flow.Unavailable, "%s: %w; nothing is lost, run it again", doing, err)
	}
	return flow.Fail(flow.CantWrite, "%s: %w; check the folder %s", doing, err, l.cfg.root)
}
