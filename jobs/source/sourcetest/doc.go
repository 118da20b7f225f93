// Package sourcetest replays recorded answers to a source that asks a server and compares what it
// hands over. It is the conformance suite of such sources.
//
// A case is a folder of testdata; a new one needs no Go:
//
//	case.json     {"now": ..., "stations": "SN-DK,SN-TH", "from": ..., "to": ..., "options": {...}}
//	N.request     the N-th request that is expected: HTTP as on the wire, with the headers that matter
//	N.response    its answer: HTTP as on the wire, without Content-Length
//	want.jsonl    the readings, one a line, in their order; no file: none
//	want.raw      what can't be decoded: station, reason, and the record as it came; no file: none
//	want.error    the class of the error and its text; no file: no error
//	want.waits    how long the source waited and when, one duration a line; no file: not compared
//
// A body under "Content-Encoding: gzip" is written plain and compressed on its way. Times stand still
// but for the waits of the source. `go test -update` writes the want files.
package sourcetest
