package compose_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// hadoop/start, with a stand-in of Java that notes what it is to do.
func TestACheckpointLeavesSafeModeWhateverHappens(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "hadoop", "start"))
	if err != nil {
		t.Fatal(err)
	}
	for failing, want := range map[string]struct {
		code  int
		calls string
	}{
		"none":           {0, "-safemode enter, -saveNamespace, -safemode leave"},
		"enter":          {69, "-safemode enter, -safemode leave"},
		"-saveNamespace": {69, "-safemode enter, -saveNamespace, -safemode leave"},
	} {
		dir := t.TempDir()
		java := "#!/bin/sh\necho \"$*\" >>" + dir + "/calls\nfor last; do :; done\ntest \"$last\" != " + failing + "\n"
		script := strings.ReplaceAll(string(text), "/tmp/settings", dir+"/settings")
		for name, text := range map[string]string{"start": script, "java": java} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("/bin/sh", "start", "checkpoint", "hdfs://namenode:8020")
		cmd.Dir, cmd.Env = dir, []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
		out, _ := cmd.CombinedOutput() // the exit code says it
		if code := cmd.ProcessState.ExitCode(); code != want.code {
			t.Errorf("when %s fails it ends with %d, want %d\n%s", failing, code, want.code, out)
		}
		noted, err := os.ReadFile(filepath.Join(dir, "calls"))
		if err != nil {
			t.Fatal(err)
		}
		var calls []string
		for line := range strings.Lines(string(noted)) {
			before, call, ok := strings.Cut(strings.TrimSpace(line), " -fs hdfs://namenode:8020 ")
			if calls = append(calls, call); !ok || !strings.HasSuffix(before, "DFSAdmin") {
				t.Errorf("it runs %s", line)
			}
		}
		if got := strings.Join(calls, ", "); got != want.calls {
			t.Errorf("when %s fails it runs %s, want %s", failing, got, want.calls)
		}
	}
}
