// Command withservers runs another command while the real servers of the tests are up.
//
//	withservers [--only kafka,postgres] -- go test ./...
//	withservers --print          (until Ctrl-C)
//	withservers --stack FOLDER   (in the background; --down FOLDER ends it)
//
// The command finds the servers' addresses in its environment; withservers ends with the command's exit code and
// hands SIGINT, SIGTERM and SIGHUP on to it. The command gets no standard input.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"senmeteo/test/servers"
)

func main() {
	code, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "withservers:", err)
	}
	os.Exit(code)
}

func run() (int, error) {
	only := flag.String("only", "", "comma-separated `servers` to start (default all)")
	printing := flag.Bool("print", false, "print the addresses and keep the servers until Ctrl-C")
	stack := flag.String("stack", "", "keep the servers in the background; their state is in `folder`")
	down := flag.String("down", "", "end the servers of --stack `folder`")
	flag.Parse()

	options := servers.Options{Up: func(name servers.Name, took time.Duration) {
		fmt.Fprintf(os.Stderr, "%s is up after %.1f s\n", name, took.Seconds())
	}}
	if *only != "" {
		names, err := servers.ParseNames(*only)
		if err != nil {
			return 64, err
		}
		options.Only = names
	}
	switch {
	case *down != "":
		return status(stackDown(*down))
	case *stack != "":
		return status(stackUp(*stack, *only))
	case *printing:
		return status(keep(options, flag.Arg(0)))
	case flag.NArg() > 0:
		return runCommand(options, flag.Args())
	default:
		return 64, errors.New("nothing to run; give --print, --stack FOLDER or a command after --")
	}
}

func status(err error) (int, error) {
	if err != nil {
		return 1, err
	}
	return 0, nil
}

// keep starts the servers, prints their addresses in one piece and waits for a signal. Closing stdout shows a
// reader that it has all lines.
func keep(options servers.Options, stateFolder string) (err error) {
	ctx, release := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer release()
	if stateFolder != "" {
		unlock, err := claimStack(stateFolder)
		if err != nil {
			return err
		}
		defer unlock()
	}
	set, err := servers.Start(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, set.Stop()) }()
	if _, err := fmt.Println(strings.Join(set.Env(), "\n")); err != nil {
		return fmt.Errorf("printing the addresses: %w", err)
	}
	if err := os.Stdout.Close(); err != nil {
		return fmt.Errorf("printing the addresses: %w", err)
	}
	<-ctx.Done()
	return nil
}

// runCommand runs the command while the servers are up and returns its exit code, 128+n when signal n ended it or
// came before it began.
func runCommand(options servers.Options, command []string) (code int, err error) {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	set, early, err := startUnlessSignalled(options, signals)
	if early != nil {
		return 128 + number(early), err
	}
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, set.Stop()) }()

	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), set.Env()...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that a signal reaches it once, through us
	if err := cmd.Start(); err != nil {
		return 1, fmt.Errorf("running %s: %w", command[0], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			if err := syscall.Kill(-cmd.Process.Pid, syscall.Signal(number(s))); err != nil && !errors.Is(err, syscall.ESRCH) {
				return 1, fmt.Errorf("handing %s on to %s: %w", s, command[0], err)
			}
		case err := <-ended:
			return exitCode(cmd, err)
		}
	}
}

// startUnlessSignalled gives the start up when a signal comes, and returns that signal.
func startUnlessSignalled(options servers.Options, signals <-chan os.Signal) (*servers.Set, os.Signal, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	type result struct {
		set *servers.Set
		err error
	}
	started := make(chan result, 1)
	go func() {
		set, err := servers.Start(ctx, options)
		started <- result{set, err}
	}()
	select {
	case r := <-started:
		return r.set, nil, r.err
	case s := <-signals:
		cancel()
		if r := <-started; r.err == nil {
			return nil, s, r.set.Stop()
		}
		return nil, s, nil
	}
}

// number returns the number of a signal; on the systems that this program runs on every os.Signal has one.
func number(s os.Signal) int {
	n, _ := s.(syscall.Signal)
	return int(n)
}

func exitCode(cmd *exec.Cmd, err error) (int, error) {
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		return 1, fmt.Errorf("waiting for %s: %w", cmd.Path, err)
	}
	if state, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && state.Signaled() {
		return 128 + int(state.Signal()), nil
	}
	return cmd.ProcessState.ExitCode(), nil
}
