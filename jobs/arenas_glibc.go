//go:build linux && cgo && !musl

package main

// #include <malloc.h>
import "C"

// limitArenas keeps the C library from giving each of librdkafka's threads a heap of its own, which costs tens of megabytes in
// all and gives nothing back: the threads wait for the network most of the time. Buffers of requests and answers are given back as soon as
// they are freed, instead of leaving holes.
func limitArenas() {
	C.mallopt(C.M_ARENA_MAX, 2)
	C.mallopt(C.M_MMAP_THRESHOLD, 256<<10)
}
