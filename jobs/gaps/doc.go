// Package gaps compares what was expected of each station with what there is: which values are missing, when, and who is silent.
//
// A source promises a reading of each station every so often (expected.go). The times at which it promises them are the moments of
// a window that lie whole intervals after the moment of day at which most of its readings are; a reading counts for the nearest
// of these. What arrives late, or is read again, fills its moment like any other.
package gaps
