package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"senmeteo/jobs/flow"
)

// notNow begin the answers of a Redis that may do the same later: while it loads its file, runs another's script, waits for a primary.
var notNow = []string{"LOADING", "BUSY", "TRYAGAIN", "MASTERDOWN", "CLUSTERDOWN", "ERR max number of clients"}

// retryable reports whether the same request may succeed later.
func retryable(err error) bool {
	var said redis.Error
	if errors.As(err, &said) {
		return says(said, notNow...)
	}
	return !isCertificate(err)
}

// says reports whether an answer begins with one of these.
func says(said redis.Error, beginnings ...string) bool {
	for _, b := range beginnings {
		if strings.HasPrefix(said.Error(), b) {
			return true
		}
	}
	return false
}

// isCertificate reports whether the server's certificate was refused.
func isCertificate(err error) bool {
	var ce *tls.CertificateVerificationError
	return errors.As(err, &ce)
}

// failed makes a *flow.Failure of an error of Redis, which is the context's when that has ended. No secret is in it.
func failed(ctx context.Context, doing string, err error) error {
	var known *flow.Failure
	if err == nil || errors.As(err, &known) {
		return err
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("%s: %w", doing, ctx.Err())
	}
	var said redis.Error
	if errors.As(err, &said) {
		return refused(doing, said)
	}
	if isCertificate(err) {
		return flow.Fail(flow.Unavailable, "%s: the certificate of Redis is not trusted: name the file of its authority with --%s, and the host as the certificate does (%s)",
			doing, caOption, oneLine(err.Error()))
	}
	return flow.Fail(flow.Unavailable, "%s: Redis does not answer: is it running, and is --%s right? (%s)", doing, addressOption, oneLine(err.Error()))
}

// refused classes an answer of Redis that is an error.
func refused(doing string, said redis.Error) error {
	answer := oneLine(said.Error())
	switch {
	case says(said, "NOAUTH", "WRONGPASS", "ERR invalid password", "ERR AUTH", "ERR Client sent AUTH"):
		return flow.Fail(flow.Unavailable, "%s: Redis does not accept the login (%s): check --%s and the file of --%s; nothing is lost", doing, answer, userOption, passwordOption)
	case says(said, "NOPERM") || strings.Contains(answer, "ACL failure"):
		return flow.Fail(flow.Unavailable, "%s: the user of Redis lacks a right (%s): docs/security.md lists those that it needs; nothing is lost", doing, answer)
	case says(said, "OOM") || strings.Contains(answer, "-OOM"):
		return flow.Fail(flow.CantWrite, "%s: the memory of Redis is full (%s): raise maxmemory, then run it again; nothing is lost", doing, answer)
	case says(said, "MISCONF"):
		return flow.Fail(flow.CantWrite, "%s: Redis can't write to its disk (%s): make room, then run it again; nothing is lost", doing, answer)
	case says(said, "READONLY"):
		return flow.Fail(flow.Unavailable, "%s: this Redis is a replica (%s): give the address of the primary in --%s", doing, answer, addressOption)
	case says(said, "WRONGTYPE"):
		return flow.Fail(flow.Unavailable, "%s: a key of ours holds something else (%s): delete it, then run it again", doing, answer)
	case says(said, "ERR unknown command"):
		return flow.Fail(flow.Unavailable, "%s: this Redis is too old (%s): version 7 is needed", doing, answer)
	case says(said, notNow...):
		return flow.Fail(flow.Unavailable, "%s: Redis is not ready (%s): run it again later; nothing is lost", doing, answer)
	}
	return flow.Fail(flow.Unavailable, "%s: Redis answers with %s; nothing is lost", doing, answer)
}

// oneLine is a text on one line and short.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	const enough = 300
	if len(text) > enough {
		text = strings.ToValidUTF8(text[:enough], "") + "…"
	}
	return text
}
