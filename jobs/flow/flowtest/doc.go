// Package flowtest is the conformance suite of sinks and stores: what flow.Sink and flow.Store promise, as tests that
// every one must pass. A store's own test makes a Harness and calls TestStore.
//
//	func TestStoreKeepsTheContract(t *testing.T) {
//		flowtest.TestStore(t, flowtest.Harness{
//			Keeps: flow.LastRevision,
//			New:   func(t testing.TB) flowtest.Store { return newStore(t) },
//		})
//	}
package flowtest
