// Package e2e holds the tests that use the program as its users do: they build it once, run its verbs as processes
// of their own against the real Kafka and PostgreSQL of `make test`, and look at what comes out of them: exit codes,
// both output streams, topics, tables and files.
package e2e
