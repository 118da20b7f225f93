package alerts

import (
	"context"
	"time"

	"senmeteo/jobs/query"
)

// Reconcile is the kind of incidents whose subjects are what `senmeteo reconcile` compares: stores, and the ledger of `stream`.
const Reconcile = "reconcile"

// NoteReconcile notes what a comparison that began at a time has found wrong, all of the kind Reconcile.
func NoteReconcile(ctx context.Context, store query.IncidentStore, at time.Time, found []query.Condition) error {
	return store.Note(ctx, query.Look{At: at, Kinds: []string{Reconcile}, Conditions: found})
}
