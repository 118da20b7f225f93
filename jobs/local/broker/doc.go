// Package broker runs a Kafka broker inside this process, with its data on disk.
//
// Everything acknowledged survives a SIGKILL of the process at any moment. The
// broker is franz-go's kfake, which keeps its log on disk but was made for
// tests: what a kill leaves torn, this package repairs before the broker serves
// again (see [Recovery]), and what kfake answers unlike Kafka, it answers
// itself. ADR 16 lists the flaws and remedies; flaws_test.go fails when kfake no
// longer has one.
package broker
