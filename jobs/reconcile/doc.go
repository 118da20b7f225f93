// Package reconcile proves that nothing is lost or doubled: it holds the clean topic against the books of
// `stream` and against what the stores hold. It only compares; package main reads topics and stores.
package reconcile
