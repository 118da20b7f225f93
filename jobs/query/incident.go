package query

import (
	"context"
	"time"
)

// Condition is something that is wrong now.
type Condition struct {
	Kind    string // station, region, or another word
	Subject string // what of that kind; one incident of it is open at a time
	Message string // one line
}

// Incident is a condition, from when to when it was there.
type Incident struct {
	ID                 int64
	Kind               string
	Subject            string
	Message            string
	OpenedAt, ClosedAt time.Time // ClosedAt is zero while it is open
}

// Look is what a look at some kinds of conditions has found. An incident of these kinds that is not among the conditions is over.
type Look struct {
	At         time.Time // when it began; an older look than the last one of a kind changes nothing
	Kinds      []string
	Conditions []Condition
}

// Trail is what looks of the last day have measured of one job.
type Trail struct {
	Job      string
	Open     []string  // kinds of its incidents that are open
	Measures []Measure // the oldest first; the last one is of the newest look at any job, unless that did not see this one
}

// Measure is how far a job was at one time. Its counters begin with its topic: they are lower than before when that was recreated.
type Measure struct {
	At             time.Time
	Lag            int64 // records that were not read yet
	Read, Rejected int64 // records since the topic was created
}

// IncidentStore keeps incidents.
type IncidentStore interface {
	// Note opens an incident for each condition that has none open, and closes those that are over, in one step.
	Note(ctx context.Context, look Look) error
	// NoteJobs keeps what a look has measured of the jobs, which are the subjects of its kinds, and notes the conditions that judge finds in
	// their trails, in one step. Judge is called only when the look counts, and may be called again where the step has to be repeated.
	NoteJobs(ctx context.Context, look Look, stages []Stage, judge func([]Trail) []Condition) error
	// Raise opens one incident, unless it is open; Clear closes it. Both report whether that changed something.
	Raise(ctx context.Context, c Condition, at time.Time) (bool, error)
	Clear(ctx context.Context, kind, subject string, at time.Time) (bool, error)
	// Send calls send for each opening and closing that was not sent, the oldest first, one caller at a time, and notes each one
	// for which send returns nil before it goes on. It ends with send's first error. What was sent when the process ends before
	// it is noted is sent again.
	Send(ctx context.Context, send func(ctx context.Context, i *Incident, closing bool) error) error
	// Incidents returns those that are open, and those that were closed since a time, the newest first.
	Incidents(ctx context.Context, since time.Time) ([]Incident, error)
	// Mute leaves the silence of a station out until a time; a time that has passed unmutes it. It reports whether the station has ever
	// reported.
	Mute(ctx context.Context, stationID string, until time.Time) (bool, error)
	// Muted returns the stations that are muted at a time.
	Muted(ctx context.Context, at time.Time) ([]string, error)
}
