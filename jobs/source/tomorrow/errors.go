package tomorrow

import (
	"errors"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/source/client"
)

// errNotAsked is why a station has no reading after the key was used up.
var errNotAsked = errors.New("not asked: the key is used up")

// failure is the error of a round: nil when no station failed.
func failure(stations *flow.PartialError) error {
	if len(stations.Failed) == 0 {
		return nil
	}
	for _, f := range stations.Failed {
		var notDue *NotDueError
		var refused *client.RefusedError
		if client.Transient(f.Err) || errors.As(f.Err, &notDue) || errors.As(f.Err, &refused) {
			return flow.Fail(flow.Unavailable, "asking Tomorrow.io: %w", error(stations))
		}
	}
	return flow.Fail(flow.BadInput, "asking Tomorrow.io: %w", error(stations))
}
