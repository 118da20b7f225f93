package forecast

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

func TestTrainingHasNoMoreWorkersThanItsMemoryIsBoundedFor(t *testing.T) {
	before := runtime.GOMAXPROCS(4 * mostWorkers)
	defer runtime.GOMAXPROCS(before)
	const tasks = 20 * mostWorkers
	var done, working, most atomic.Int64
	inParallel(tasks, func(int) {
		n := working.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(time.Millisecond) // the others begin meanwhile
		working.Add(-1)
		done.Add(1)
	})
	if done.Load() != tasks || most.Load() > mostWorkers {
		t.Errorf("%d of %d tasks are done, by up to %d workers at a time, want %d at the most", done.Load(), tasks, most.Load(), mostWorkers)
	}
}
