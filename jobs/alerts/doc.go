// Package alerts opens an incident when something is wrong, closes it when that is over, and sends both, each once.
//
// Incidents are in PostgreSQL. A look is one step there, so that of two looks at the same time the newer one counts, and one incident of a
// kind and subject is open at a time. What is sent is noted after the receiver has taken it: a process that is killed between the
// two sends it again, under the same key, by which a receiver can tell.
package alerts
