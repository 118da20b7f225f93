package flow

import (
	"context"

	"senmeteo/jobs/meteo"
)

// Source gives readings: a generator, an API, pages, files.
type Source interface {
	// Fetch hands over every item in its order and returns when there are no more. put may block (it applies
	// back-pressure) and its error ends the fetch and is returned. Fetch is at least once by nature: what it
	// gives twice has the same identity and is removed downstream. An item is good until put returns.
	Fetch(ctx context.Context, put func(*Item) error) error
}

// Item is one record on its way to the raw topic: a reading, or bytes that could not be made one.
// Such bytes travel on as they are, so that they end as a dead letter and are not lost.
type Item struct {
	Reading meteo.Reading
	Raw     []byte         // when not nil, is sent instead of Reading
	Refusal *meteo.Refusal // why Raw is not a reading, as far as the source knows
	Key     string         // station id of Raw, "" when unknown
}
