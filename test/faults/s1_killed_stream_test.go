package faults_test

import (
	"fmt"
	"testing"
)

// S1. Whatever a killed `stream` leaves open, the next run settles; the committed offset reports what is done.
func TestS1StreamIsKilledAroundEachStepOfItsTransaction(t *testing.T) {
	for _, point := range []string{"stream.after-produce", "stream.after-offsets", "stream.before-commit", "stream.after-commit"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			s := newScenario(t)
			repeat(t, func(t *testing.T, round int) {
				s.sendDay(t, round)
				for _, n := range []int{1, 2 + round%9} {
					s.crash(t, fmt.Sprintf("%s:%d", point, n), "stream", "--batch-records", "60")
				}
				s.recovers(t)
			})
		})
	}
}
