//go:build crashpoints

package crash

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// Enabled reports whether the program can crash on demand.
const Enabled = true

// passed counts how often each chosen point was passed.
var killed, stopped atomic.Int64

// At kills the process with SIGKILL when SENMETEO_CRASH_AT names this point, "point" or "point:n" for its n-th passage, and
// stops it with SIGSTOP, until SIGCONT, when SENMETEO_STOP_AT does.
func At(point string) {
	if chosen("SENMETEO_STOP_AT", point, &stopped) {
		// Sent to the process, the signal may reach another thread first, and this one would run on for a moment.
		runtime.LockOSThread()
		_ = unix.Tgkill(os.Getpid(), unix.Gettid(), syscall.SIGSTOP)
		runtime.UnlockOSThread()
	}
	if chosen("SENMETEO_CRASH_AT", point, &killed) {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal may take a moment
	}
}

// chosen reports whether a variable names this passage of a point.
func chosen(variable, point string, passed *atomic.Int64) bool {
	name, count, _ := strings.Cut(os.Getenv(variable), ":")
	if name != point {
		return false
	}
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil {
		n = 1
	}
	return passed.Add(1) == n
}
