package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Usage is what one run of a process took.
type Usage struct {
	Seconds    float64            `json:"seconds"`
	CPUSeconds float64            `json:"cpu_seconds"`        // of the process and the children that it waited for
	PeakRSS    int64              `json:"peak_rss"`           // of the process alone, bytes
	ServerCPU  map[string]float64 `json:"server_cpu_seconds"` // of each server meanwhile
}

// totalCPU is what the process and all servers took, seconds.
func (u Usage) totalCPU() float64 {
	total := u.CPUSeconds
	for _, seconds := range u.ServerCPU {
		total += seconds
	}
	return total
}

func (u Usage) line(who string) string {
	return fmt.Sprintf("%-9s %7.2f s, CPU %6.2f s of its own and %6.2f s of servers, %4d MB", who, u.Seconds, u.CPUSeconds, u.totalCPU()-u.CPUSeconds, u.PeakRSS>>20)
}

// run runs a command to its end and returns what it took and what it printed.
func (r *runner) run(cmd *exec.Cmd) (Usage, string, error) {
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	servers := r.Servers.cpu()
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return Usage{}, "", err
	}
	stop, peak := make(chan struct{}), make(chan int64)
	go func() { peak <- watchPeak(cmd.Process.Pid, stop) }()
	err := cmd.Wait()
	u := Usage{Seconds: time.Since(began).Seconds(), ServerCPU: map[string]float64{}}
	close(stop)
	u.PeakRSS = <-peak
	for name, seconds := range r.Servers.cpu() {
		u.ServerCPU[name] = seconds - servers[name]
	}
	if err != nil {
		return u, "", fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args, " "), err, tail(out.String()), tail(problems.String()))
	}
	u.CPUSeconds = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	return u, out.String(), nil
}

func tail(text string) string {
	const kept = 3000
	return text[max(0, len(text)-kept):]
}

// watchPeak returns the largest resident set of a process, which it reads until stop is closed. What the kernel reports of a
// process that has ended is of no use: it begins with the resident set of the process that forked it.
func watchPeak(pid int, stop <-chan struct{}) (peak int64) {
	const every = 10 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil {
			if m := highWater.FindSubmatch(status); m != nil {
				kib, _ := strconv.ParseInt(string(m[1]), 10, 64) // digits
				peak = max(peak, kib<<10)
			}
		}
		select {
		case <-stop:
			return peak
		case <-tick.C:
		}
	}
}

var highWater = regexp.MustCompile(`VmHWM:\s*(\d+) kB`)

// ticks is the unit of times in /proc/PID/stat, USER_HZ, which is 100 a second on every Linux that Go runs on.
const ticks = 100

// cpuOf returns the CPU seconds of a process, its threads, and the children that it has waited for.
func cpuOf(pid int) (float64, error) {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(line[bytes.LastIndexByte(line, ')')+1:]))
	const userTime, childrensSystemTime = 11, 14 // see proc(5)
	if len(fields) <= childrensSystemTime {
		return 0, errors.New("reading /proc/PID/stat: it has too few fields")
	}
	sum := 0
	for _, field := range fields[userTime : childrensSystemTime+1] {
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, fmt.Errorf("reading /proc/PID/stat: %w", err)
		}
		sum += n
	}
	return float64(sum) / ticks, nil
}

// copied is what psql says of a \copy.
var copied = regexp.MustCompile(`^COPY (\d+)$`)

// report is what contenders print: the last line of standard output.
type report struct {
	Read    int64 `json:"read"`
	Written int64 `json:"written"`
}

func reportIn(out string) (rep report, err error) {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	line := lines[len(lines)-1]
	if m := copied.FindStringSubmatch(line); m != nil {
		rep.Read, _ = strconv.ParseInt(m[1], 10, 64) // digits
		return rep, nil
	}
	if err := json.Unmarshal([]byte(line), &rep); err != nil {
		return rep, fmt.Errorf("the last line is not a report: %q: %w", line, err)
	}
	return rep, nil
}

// written returns how many records a job says it wrote.
func written(out string) (int64, error) {
	rep, err := reportIn(out)
	return rep.Written, err
}
