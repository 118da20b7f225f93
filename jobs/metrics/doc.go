// Package metrics counts what jobs do and how far they are, and serves it in Prometheus' text format.
//
// A Stage is one job of this process, read from what flow.Run reports of it; an Overview is what the topics and the stores say, whoever
// filled them. Both are read when somebody asks; a batch costs a few additions, a record nothing unless its checks are counted.
package metrics
