//go:build !linux

package servers

import (
	"os/exec"
	"syscall"
)

// detach puts the command into a process group of its own. Only Linux can end it when our process is killed.
func detach(cmd *exec.Cmd, _ syscall.Signal) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
}

// isolate does nothing here: only Linux runs an engine.
func isolate(*exec.Cmd) {}

// descendants finds nothing here: signals reach only the server's first process.
func descendants(int) []int { return nil }

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }
