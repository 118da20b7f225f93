package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/gaps"
	"senmeteo/jobs/query"
)

// Raise opens an incident of a kind that looks do not find, unless it is open.
func Raise(ctx context.Context, store query.IncidentStore, log *slog.Logger, c query.Condition) error {
	if err := check(c.Kind, c.Subject, c.Message); err != nil {
		return err
	}
	opened, err := store.Raise(ctx, c, time.Now().UTC())
	return said(err, log, opened, "the incident is open already", c.Kind, c.Subject)
}

// Clear closes an incident of a kind that looks do not find.
func Clear(ctx context.Context, store query.IncidentStore, log *slog.Logger, kind, subject string) error {
	if err := check(kind, subject, "-"); err != nil {
		return err
	}
	closed, err := store.Clear(ctx, kind, subject, time.Now().UTC())
	return said(err, log, closed, "no such incident is open", kind, subject)
}

func said(err error, log *slog.Logger, changed bool, otherwise, kind, subject string) error {
	if err == nil && !changed {
		log.Info(otherwise, "senmeteo.kind", kind, "senmeteo.subject", subject)
	}
	return err
}

// check refuses what can't be an incident of somebody else.
func check(kind, subject, message string) error {
	for _, text := range []string{kind, subject, message} {
		if strings.TrimSpace(text) == "" || len(text) > 500 || strings.ContainsAny(text, "\x00\r\n") {
			return flow.Fail(flow.Usage, "kind, subject and message are one line each, of at most 500 bytes, and not empty")
		}
	}
	if slices.Contains([]string{Station, Region, Lag, DeadLetters, Reconcile}, kind) {
		return flow.Fail(flow.Usage, "incidents of the kind %s are opened and closed by senmeteo itself: choose another word", kind)
	}
	return nil
}

// Mute leaves a station's silence out until a time; the zero time is a day from now.
func Mute(ctx context.Context, store query.IncidentStore, log *slog.Logger, station string, until time.Time) error {
	if until.IsZero() {
		until = time.Now().UTC().Add(gaps.Day)
	}
	known, err := store.Mute(ctx, station, until)
	if err != nil {
		return err
	}
	if !known {
		return flow.Fail(flow.Usage, "no station %q has ever reported: ids are like SN-DK", station)
	}
	log.Info("muted", "senmeteo.station", station, "senmeteo.until", until)
	return nil
}

// listed is an incident in JSON.
type listed struct {
	Incident int64      `json:"incident"`
	Kind     string     `json:"kind"`
	Subject  string     `json:"subject"`
	Message  string     `json:"message"`
	OpenedAt time.Time  `json:"opened_at"`
	ClosedAt *time.Time `json:"closed_at,omitempty"`
}

// Print writes incidents for people, a line each, or as one JSON array.
func Print(out io.Writer, incidents []query.Incident, asJSON bool) error {
	if asJSON {
		all := make([]listed, 0, len(incidents))
		for _, i := range incidents {
			l := listed{i.ID, i.Kind, i.Subject, i.Message, i.OpenedAt, nil}
			if !i.ClosedAt.IsZero() {
				l.ClosedAt = &i.ClosedAt
			}
			all = append(all, l)
		}
		return json.NewEncoder(out).Encode(all)
	}
	var b strings.Builder
	for _, i := range incidents {
		state := "OPEN since " + minute(i.OpenedAt)
		if !i.ClosedAt.IsZero() {
			state = "closed, from " + minute(i.OpenedAt) + " to " + minute(i.ClosedAt)
		}
		fmt.Fprintf(&b, "%s %s: %s: %s\n", i.Kind, i.Subject, i.Message, state)
	}
	if !slices.ContainsFunc(incidents, func(i query.Incident) bool { return i.ClosedAt.IsZero() }) {
		b.WriteString("no incident is open\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}
