package alive

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// space names our process namespace: containers that share a folder for temporary files all have a process 1.
func space() string {
	link, err := os.Readlink("/proc/self/ns/pid") // pid:[4026531836]
	if err != nil {
		return ""
	}
	return strings.Trim(strings.TrimPrefix(link, "pid:"), "[]") + "-"
}

// started returns when a process began, in ticks since the start of the machine, or "" when there is none: field 22
// of /proc/PID/stat, see proc(5).
func started(pid int) string {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	fields := bytes.Fields(line[bytes.LastIndexByte(line, ')')+1:])
	if len(fields) < 20 || fields[0][0] == 'Z' || fields[0][0] == 'X' {
		return ""
	}
	return string(fields[19])
}
