// Package local holds what `senmeteo up` starts for itself, so that the whole
// pipeline runs with nothing else installed or started: an in-process Kafka
// broker ([StartBroker]), a real PostgreSQL server in a child process
// ([StartPostgres]), and the lock that keeps a second `up` away from the same
// data folder ([AcquireLock]).
//
// Everything survives a SIGKILL of the process at any moment. PostgreSQL does
// that by itself. The broker is franz-go's kfake, which keeps its log on disk
// but was made for tests; what it leaves torn by a kill, this package mends
// before the broker serves again (see [Recovery]).
package local
