package bench

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// thisMachine describes the machine. What /proc does not have stays empty.
func thisMachine() Machine {
	m := Machine{Cores: runtime.NumCPU(), Date: time.Now().UTC().Truncate(time.Minute)}
	if kib, err := strconv.ParseInt(procValue("/proc/meminfo", `MemTotal:\s*(\d+) kB`), 10, 64); err == nil {
		m.Memory = kib << 10
	}
	m.Kernel = procValue("/proc/sys/kernel/osrelease", `(\S+)`)
	m.CPU = procValue("/proc/cpuinfo", `model name\s*: (.*)`)
	if load, err := strconv.ParseFloat(procValue("/proc/loadavg", `(\S+)`), 64); err == nil {
		m.Load = load
	}
	return m
}

// procValue returns the first match of a pattern's group in a file.
func procValue(path, pattern string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	if m := regexp.MustCompile(pattern).FindSubmatch(text); m != nil {
		return strings.TrimSpace(string(m[1]))
	}
	return ""
}

// String is one line.
func (m Machine) String() string {
	return fmt.Sprintf("%d cores (%s), %.0f GB, Linux %s, load %.1f, %s", m.Cores, m.CPU, float64(m.Memory)/1e9, m.Kernel, m.Load, m.Date.Format("2006-01-02 15:04 UTC"))
}
