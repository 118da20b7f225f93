// Package flowtest is the conformance suite of sinks: what flow.Sink promises, as tests that every store
// must pass. A sink's own test makes a Harness and calls TestSink.
//
//	func TestSinkKeepsTheContract(t *testing.T) {
//		flowtest.TestSink(t, flowtest.Harness{New: func(t testing.TB) flowtest.Store { return newStore(t) }})
//	}
package flowtest
