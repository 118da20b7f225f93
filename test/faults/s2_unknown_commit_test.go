package faults_test

import (
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// S2. The program does not learn what became of a commit: it was carried out and its answer is lost, or it never arrived. The
// committed offset reports.
func TestS2AnswerToTheCommitIsLost(t *testing.T) {
	for _, c := range []struct {
		name string
		fate fate
		n    int32 // how many commits in a row
	}{
		{"once", loseAnswer, 1},
		{"and those to its repetitions too", loseAnswer, 4},
		{"since the commit never arrived", isLost, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newScenario(t)
			p := startProxy(t, s.Brokers)
			repeat(t, func(t *testing.T, round int) {
				s.sendDay(t, round)
				var commits, met atomic.Int32
				first := int32(2 + round%5)
				p.judgeBy(func(r *call) fate {
					if r.key != kmsg.EndTxn {
						return passes
					}
					if n := commits.Add(1); n < first || n >= first+c.n {
						return passes
					}
					met.Add(1)
					return c.fate
				})
				r := p.through(s).Run(t, "stream", "--batch-records", "75")
				if r.Code != 0 {
					t.Errorf("%s exits with %d, want 0\n%s", r, r.Code, r.Output())
				}
				if met.Load() != c.n {
					t.Errorf("%d commits met the fault, want %d", met.Load(), c.n)
				}
				p.judgeBy(nil)
				s.recovers(t)
			})
		})
	}
}
