//go:build stack

package compose_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// watchMemory looks now and then how much memory containers take, until the test ends, which then says the most of each: what the limits in
// docker-compose.yml rest on. A container that was at its limit, and lost a process for it, is a failure.
func (s stack) watchMemory(t *testing.T) {
	t.Helper()
	type use struct {
		part float64 // of the limit, in percent
		line string
	}
	most := map[string]use{}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			lines, err := s.docker("stats", "--no-stream", "--format", "{{.Name}} {{.MemPerc}} {{.MemUsage}}")
			if err == nil {
				for _, line := range strings.Split(lines, "\n") {
					field := strings.Fields(line)
					if len(field) < 3 || !strings.HasPrefix(field[0], "senmeteo-") {
						continue
					}
					if part, err := strconv.ParseFloat(strings.TrimSuffix(field[1], "%"), 64); err == nil && part > most[field[0]].part {
						most[field[0]] = use{part, line}
					}
				}
			}
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Second):
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		<-stopped
		var lines []string
		for _, u := range most {
			lines = append(lines, u.line)
		}
		slices.Sort(lines)
		t.Logf("the most memory in use:\n%s", strings.Join(lines, "\n"))
		ids, err := s.docker("ps", "--all", "--quiet")
		if err != nil {
			t.Fatal(ids)
		}
		out, err := s.docker(append([]string{"inspect", "--format", "{{.Name}} {{.State.OOMKilled}}"}, strings.Fields(ids)...)...)
		if err != nil || strings.Contains(out, " true") {
			t.Errorf("a container needed more memory than it may have: %v\n%s", err, out)
		}
	})
}
