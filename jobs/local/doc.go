// Package local holds the lock that keeps a second `senmeteo up` away from a data folder. What `up` starts for itself, so
// that the whole pipeline runs with nothing else installed or started, is in the packages below: [broker], an in-process
// Kafka broker, and [postgres], a real PostgreSQL server in a child process.
package local
