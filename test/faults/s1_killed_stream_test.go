package faults_test

import (
	"fmt"
	"testing"
)

// S1. Whatever a killed `stream` leaves open, the next run settles; the committed offset tells what is done.
func TestS1StreamIsKilledAroundEachStepOfItsTransaction(t *testing.T) {
	for _, point := range []string{"stream.after-produce", "stream.after-offsets", "stream.before-commit", "stream.after-commit"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			repeat(t, func(t *testing.T, round int) {
				s := newScenario(t)
				s.sendDays(t)
				for kill := range 3 {
					s.crash(t, fmt.Sprintf("%s:%d", point, 1+(2*kill+round)%7), "stream", "--batch-records", "100")
				}
				s.settle(t)
				s.balance(t)
			})
		})
	}
}
