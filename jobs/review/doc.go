// Package review holds the rules of quality control that look around: at the readings before and after in time, and at other
// stations. They judge observations that `stream` has checked, and so may come to their verdicts late.
//
// The rules alone, without any topic, are a Reviewer:
//
//	r := review.New()
//	for _, o := range observations { // clean ones of all stations, in the order of observed_at as far as possible
//		r.Add(&o)
//		for _, v := range r.Verdicts() {
//			... // v.Observation has the failures of all rules in its QC; v.Failures are those that it did not have before
//		}
//	}
//	r.Finish() // no reading will come any more: the last half hours are judged, too
//	for _, v := range r.Verdicts() { ... }
//
// An observation may have several verdicts, hours after each other: a later one has the failures of the earlier ones as well.
package review
