package pg

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"senmeteo/jobs/flow"
)

// SQLSTATE codes that decide something (PostgreSQL, appendix A).
const (
	undefinedTable       = "42P01"
	undefinedColumn      = "42703"
	undefinedFunction    = "42883"
	invalidSchema        = "3F000"
	insufficientRights   = "42501"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	lockNotAvailable     = "55P03"
	queryCanceled        = "57014"
	notInState           = "55000" // object_not_in_prerequisite_state: of our functions, with a hint
	checkViolation       = "23514"
	diskFull             = "53100"
	dependentObjects     = "2BP01"
	sequenceExhausted    = "2200H" // of class 22, and not the fault of a row
	classData            = "22"    // data exceptions
	classIntegrity       = "23"    // integrity constraint violations
	classLimit           = "54"    // as a text that is too long for an index
	classAuthorization   = "28"
)

// failed makes a *flow.Failure of an error of PostgreSQL. It shows neither URL nor password.
func failed(doing string, err error) error {
	var known *flow.Failure
	if errors.As(err, &known) {
		return err
	}
	var pe *pgconn.PgError
	if !errors.As(err, &pe) {
		if trust := distrust(doing, err); trust != nil {
			return trust
		}
		var connect *pgconn.ConnectError
		if errors.As(err, &connect) || errors.Is(err, context.DeadlineExceeded) || pgconn.Timeout(err) {
			return flow.Fail(flow.Unavailable, "%s: PostgreSQL does not answer: is it running, and is --pg-url right? (%s)", doing, lastLine(err))
		}
		return flow.Fail(flow.Unavailable, "%s: %s", doing, lastLine(err))
	}
	switch {
	case pe.Code == diskFull:
		return flow.Fail(flow.CantWrite, "%s: PostgreSQL's disk is full: make room, then run it again; nothing is lost", doing)
	case pe.Code == lockNotAvailable:
		return fmt.Errorf("%s: it is locked: %w", doing, flow.ErrFenced) // the holder of the lock continues with the partition
	case pe.Code == notInState:
		return flow.Fail(flow.Usage, "%s: %s: %s", doing, pe.Message, pe.Hint)
	case pe.Code == dependentObjects:
		return flow.Fail(flow.Usage, "%s: %s (%s): drop what depends on it, then run it again", doing, pe.Message, oneLine(pe.Detail))
	case pe.Code == queryCanceled:
		return flow.Fail(flow.Unavailable, "%s: PostgreSQL stopped working on it (%s); nothing is lost, run it again", doing, pe.Message)
	case strings.HasPrefix(pe.Code, classAuthorization), pe.Code == insufficientRights:
		return flow.Fail(flow.Unavailable, "%s: PostgreSQL refused: %s (%s): check the user's password and rights", doing, pe.Message, pe.Code)
	}
	reported := pe.Message
	if pe.Detail != "" {
		reported += ": " + oneLine(pe.Detail)
	}
	return flow.Fail(flow.Unavailable, "%s: PostgreSQL reports: %s (%s)", doing, reported, pe.Code)
}

// oneLine joins the lines of a message.
func oneLine(text string) string { return strings.ReplaceAll(strings.TrimSpace(text), "\n", "; ") }

// lastLine returns the last line of an error: pgx writes one line for each address that it tried.
func lastLine(err error) string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// code returns the SQLSTATE of an error, "" when it is not from the server.
func code(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return pe.Code
	}
	return ""
}

// isDataError reports whether the server refused the rows themselves.
func isDataError(err error) bool {
	c := code(err)
	return strings.HasPrefix(c, classData) && c != sequenceExhausted || strings.HasPrefix(c, classLimit) || strings.HasPrefix(c, classIntegrity) && !lacksPartition(err)
}

// lacksPartition reports whether a row has no partition: such a check violation has no constraint's name.
func lacksPartition(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && pe.Code == checkViolation && pe.ConstraintName == ""
}
