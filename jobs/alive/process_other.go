//go:build !linux

package alive

import "syscall"

// space is the same for all here.
func space() string { return "" }

// started reports only that a process runs.
func started(pid int) string {
	if syscall.Kill(pid, 0) != nil {
		return ""
	}
	return "running"
}
