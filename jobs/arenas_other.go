//go:build !linux || !cgo || musl

package main

// limitArenas does nothing where the C library has one heap anyway.
func limitArenas() {}
