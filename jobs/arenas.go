package main

/*
#include <stdlib.h> // defines __GLIBC__ where the C library is that one

#ifdef __GLIBC__
#include <malloc.h>

// limit_arenas keeps glibc from giving each thread of librdkafka a heap of its own, which costs tens of megabytes in all and gives nothing
// back: the threads wait for the network most of the time. It runs before Go starts threads, as heaps that are there stay. Large
// buffers of requests and answers are given back as soon as they are freed, instead of leaving holes; smaller ones are used again, since
// new pages are cleared first.
__attribute__((constructor)) static void limit_arenas(void) {
	mallopt(M_ARENA_MAX, 2);
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, 2 << 20);
}
#endif
*/
import "C"
