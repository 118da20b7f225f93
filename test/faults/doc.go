// Package faults breaks the pipeline in every way that docs/reliability.md names, on real servers, and then holds what
// the stores have against a seeded truth. Each way is a test of its own, named after its line in that document.
//
// `go test` tries each way a few times; `make faults` more often (SENMETEO_FAULTS_LOOPS), and prints a table of what
// was killed, lost and doubled.
package faults
