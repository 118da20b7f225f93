package servers

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// detach puts the command into a process group of its own, so that Ctrl-C in a terminal reaches it only through
// us, and lets the kernel send orphan to it when our process dies, however that happens.
func detach(cmd *exec.Cmd, orphan syscall.Signal) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = orphan
}

// isolate makes the command the first process of a process and a mount namespace of its own.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS}
}

// descendants returns the children of pid, their children, and so on. PostgreSQL's backends lead sessions of their
// own, so a process group does not reach them.
func descendants(pid int) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	children := map[int][]int{}
	for _, e := range entries {
		id, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if state, parent, ok := stat(id); ok && state != 'Z' {
			children[parent] = append(children[parent], id)
		}
	}
	var found []int
	for queue := children[pid]; len(queue) > 0; queue = queue[1:] {
		found = append(found, queue[0])
		queue = append(queue, children[queue[0]]...)
	}
	return found
}

// alive reports whether pid runs; a zombie that nobody has reaped does not.
func alive(pid int) bool {
	state, _, ok := stat(pid)
	return ok && state != 'Z' && state != 'X'
}

// stat reads state and parent of a process: the fields after the command's name in /proc/PID/stat, see proc(5).
func stat(pid int) (state byte, parent int, ok bool) {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, false
	}
	_, err = fmt.Sscanf(string(line[bytes.LastIndexByte(line, ')')+1:]), " %c %d", &state, &parent)
	return state, parent, err == nil
}
