// Package bench measures the jobs on real servers. Each job runs in turn with its limit, a small program of this package that
// does the same durable work with nothing around it, and with its peers, which are written in PySpark. Every run is a process of
// its own, so that its time, its CPU seconds and its memory are measured alike.
package bench
