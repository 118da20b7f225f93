// Package reconcile proves that nothing is lost or doubled: it holds the clean topic against the ledger of `stream` and
// against what the stores hold.
package reconcile
