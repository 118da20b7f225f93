package servers_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"senmeteo/test/servers"
)

// parentVariable makes the test binary play the process that started servers and is then killed.
const parentVariable = "SENMETEO_TEST_PLAY_PARENT"

func TestMain(m *testing.M) {
	switch os.Getenv(parentVariable) {
	case "":
	case "engine":
		os.Exit(playEngineParent())
	default:
		os.Exit(playParent())
	}
	os.Exit(m.Run())
}

// playParent starts servers, prints their process ids and waits to be killed.
func playParent() int {
	set, err := servers.Start(context.Background(), servers.Options{Only: []servers.Name{servers.NamePostgres, servers.NameRedis}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(set.Postgres.PID(), set.Redis.PID())
	select {}
}

func TestServersEndWhenTheirParentIsKilled(t *testing.T) {
	t.Parallel()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentVariable+"=1")
	parent.Stderr = os.Stderr
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("reading the servers' process ids: %v", err)
	}
	var postgres, redis int
	if _, err := fmt.Sscan(strings.TrimSpace(line), &postgres, &redis); err != nil {
		t.Fatal(err)
	}
	if !running(postgres) || !running(redis) {
		t.Fatalf("processes %d and %d should run", postgres, redis)
	}

	if err := parent.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // "signal: killed"
	for deadline := time.Now().Add(time.Minute); running(postgres) || running(redis); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("processes %d and %d outlive their parent", postgres, redis)
		}
	}
}
