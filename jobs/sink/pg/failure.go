package pg

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"senmeteo/jobs/flow"
)

// SQLSTATE codes that decide something (PostgreSQL, appendix A).
const (
	undefinedTable       = "42P01"
	invalidSchema        = "3F000"
	insufficientRights   = "42501"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	lockNotAvailable     = "55P03"
	queryCanceled        = "57014"
	notInState           = "55000" // object_not_in_prerequisite_state: of meteo.ensure_month
	checkViolation       = "23514"
	diskFull             = "53100"
	classData            = "22" // data exceptions
	classIntegrity       = "23" // integrity constraint violations
	classAuthorization   = "28"
)

// failed classes an error of PostgreSQL. Neither URL nor password is part of it.
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
		return flow.Fail(flow.CantWrite, "%s: PostgreSQL has no room left on its disk: make room, then run it again; nothing is lost", doing)
	case pe.Code == lockNotAvailable:
		return fmt.Errorf("%s: it is locked: %w", doing, flow.ErrFenced) // whoever holds the lock goes on with the partition
	case pe.Code == notInState:
		return flow.Fail(flow.Usage, "%s: %s: attach it again, or move it out of the schema (ALTER TABLE ... SET SCHEMA) for a new one to be made; nothing is lost", doing, pe.Message)
	case pe.Code == queryCanceled:
		return flow.Fail(flow.Unavailable, "%s: PostgreSQL gave up (%s); nothing is lost, run it again", doing, pe.Message)
	case strings.HasPrefix(pe.Code, classAuthorization), pe.Code == insufficientRights:
		return flow.Fail(flow.Unavailable, "%s: PostgreSQL refuses: %s (%s): check the user's password and rights", doing, pe.Message, pe.Code)
	}
	return flow.Fail(flow.Unavailable, "%s: PostgreSQL says: %s (%s)", doing, pe.Message, pe.Code)
}

// lastLine is an error on one line: pgx puts each address it tried on a line of its own.
func lastLine(err error) string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// code is the SQLSTATE of an error, "" when the server did not speak.
func code(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return pe.Code
	}
	return ""
}

// isDataError tells whether the rows themselves are at fault.
func isDataError(err error) bool {
	c := code(err)
	return strings.HasPrefix(c, classData) || strings.HasPrefix(c, classIntegrity) && !lacksPartition(err)
}

// lacksPartition tells whether there is no partition for a row: the check that it violates has no name.
func lacksPartition(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && pe.Code == checkViolation && pe.ConstraintName == ""
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
