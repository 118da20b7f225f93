// Package flow moves batches of records from a feed through steps into a sink. It holds the one
// loop that every job runs, and the contracts that feeds, steps and sinks keep.
package flow
