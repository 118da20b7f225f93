//go:build crashpoints

package crash

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// Enabled tells whether the program can crash on demand.
const Enabled = true

// passed counts how often the chosen point was passed.
var passed atomic.Int64

// At kills the process with SIGKILL when SENMETEO_CRASH_AT names this point, "point" or "point:n" for its n-th passage.
func At(point string) {
	chosen, count, _ := strings.Cut(os.Getenv("SENMETEO_CRASH_AT"), ":")
	if chosen != point {
		return
	}
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil {
		n = 1
	}
	if passed.Add(1) == n {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal may take a moment
	}
}
