package tomorrow

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/client"
)

// errNotAsked is why a station has no reading after the key was used up.
var errNotAsked = errors.New("not asked: the key is used up")

// PartialError tells which stations of a round have no reading; those of the others were handed over.
type PartialError struct {
	Stations int // of the round
	Failed   []StationError
}

// StationError is why one station has no reading.
type StationError struct {
	StationID string
	Err       error
}

func (e *PartialError) add(station meteo.Station, err error) {
	e.Failed = append(e.Failed, StationError{StationID: station.ID, Err: err})
}

// Error names the stations by what happened to them.
func (e *PartialError) Error() string {
	var reasons []string
	stations := map[string][]string{}
	for _, f := range e.Failed {
		text := f.Err.Error()
		if stations[text] == nil {
			reasons = append(reasons, text)
		}
		stations[text] = append(stations[text], f.StationID)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d stations have a reading; the others: ", e.Stations-len(e.Failed), e.Stations)
	for i, text := range reasons {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(strings.Join(stations[text], ", ") + ": " + text)
	}
	return b.String()
}

// Missing lists the stations that have no reading.
func (e *PartialError) Missing() []string {
	ids := make([]string, len(e.Failed))
	for i := range e.Failed {
		ids[i] = e.Failed[i].StationID
	}
	return ids
}

// Unwrap gives the errors of the stations.
func (e *PartialError) Unwrap() []error {
	all := make([]error, len(e.Failed))
	for i := range e.Failed {
		all[i] = e.Failed[i].Err
	}
	return all
}

// failure is the error of a round: nil when no station failed.
func (e *PartialError) failure() error {
	if len(e.Failed) == 0 {
		return nil
	}
	for _, f := range e.Failed {
		var notDue *NotDueError
		var refused *client.RefusedError
		if client.Transient(f.Err) || errors.As(f.Err, &notDue) || errors.As(f.Err, &refused) {
			return flow.Fail(flow.Unavailable, "asking Tomorrow.io: %w", error(e))
		}
	}
	return flow.Fail(flow.BadInput, "asking Tomorrow.io: %w", error(e))
}

// explain adds what the error body of Tomorrow.io says, {"code":429001,"type":"...","message":"..."}, on one line
// and without the key, should the server repeat it.
func (s *Source) explain(err error) error {
	var status *client.StatusError
	if !errors.As(err, &status) {
		return err
	}
	var said struct {
		Code    int64  `json:"code"`
		Type    string `json:"type"`
		Message string `json:"message"`
	}
	if json.Unmarshal(status.Body, &said) != nil || said.Message == "" {
		return err
	}
	text := strings.ReplaceAll(said.Message, s.cfg.APIKey, "(the key)")
	return fmt.Errorf("%w: %s (code %d)", err, oneLine(text), said.Code)
}
