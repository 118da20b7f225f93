// Package rdkafka moves many records in one call of librdkafka, where the Go client makes several calls and some twenty allocations for
// each: docs/adr/0033 has the figures. The library, its set-up and everything else are the Go client's.
package rdkafka
