// Package reconcile proves that nothing is lost or doubled: it compares the clean topic with the ledger of `stream` and
// with what the stores hold.
package reconcile
