package servers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const (
	probeEvery = 50 * time.Millisecond
	probeBound = 5 * time.Second
	stopBound  = 20 * time.Second
	tailBytes  = 4 << 10
)

// Server is one server process. It can be ended in every way a test may want and started again on the same ports
// and data. Its methods may be called from several goroutines.
type Server struct {
	name    string
	command func() *exec.Cmd                // a fresh command for each start
	probe   func(ctx context.Context) error // speaks the server's own protocol; nil when it serves
	within  time.Duration                   // how long a start may take
	quit    syscall.Signal                  // asks for an orderly end
	orphan  syscall.Signal                  // what the kernel sends when our process dies
	logPath string

	mu      sync.Mutex
	running *child
}

// child is one life of a server. exited is closed after how is set.
type child struct {
	pid    int
	exited chan struct{}
	how    string // "exit status 1", "signal: killed"
}

func (c *child) alive() bool {
	select {
	case <-c.exited:
		return false
	default:
		return true
	}
}

// Start launches the server and returns when it answers by its own protocol. When it does not, within a bounded
// time, it is killed and the error holds the end of its log. ctx bounds the start, not the server's life.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil && s.running.alive() {
		return fmt.Errorf("starting %s: it is already running as process %d", s.name, s.running.pid)
	}
	c, err := s.launch()
	if err != nil {
		return fmt.Errorf("starting %s: %w", s.name, err)
	}
	s.running = c
	if err := s.awaitReady(ctx, c); err != nil {
		killErr := s.kill()
		return errors.Join(fmt.Errorf("starting %s: %w\nThe end of its log (%s) should say why:\n%s",
			s.name, err, s.logPath, s.logTail()), killErr)
	}
	return nil
}

// launch starts the process from a thread of its own that lives as long as the process, because Linux sends the
// parent-death signal when the thread that forked ends, not when the program does.
func (s *Server) launch() (*child, error) {
	log, err := os.OpenFile(s.logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening its log: %w", err)
	}
	cmd := s.command()
	cmd.Stdout, cmd.Stderr = log, log
	detach(cmd, s.orphan)

	c := &child{exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		_ = log.Close() // the process has its own descriptor
		started <- err
		if err != nil {
			return
		}
		_ = cmd.Wait() // says the same as the state
		c.how = cmd.ProcessState.String()
		close(c.exited)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	c.pid = cmd.Process.Pid
	return c, nil
}

func (s *Server) awaitReady(ctx context.Context, c *child) error {
	ctx, cancel := context.WithTimeout(ctx, s.within)
	defer cancel()
	go func() { // a probe may hang on something else that took the port
		select {
		case <-c.exited:
			cancel()
		case <-ctx.Done():
		}
	}()
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		probing, done := context.WithTimeout(ctx, probeBound)
		probeErr := s.probe(probing)
		done()
		if !c.alive() {
			return fmt.Errorf("it ended before it was ready (%s)", c.how)
		}
		if probeErr == nil {
			return nil
		}
		select {
		case <-c.exited:
		case <-tick.C:
		case <-ctx.Done():
			if c.alive() {
				return fmt.Errorf("it is not ready (%w): %w", ctx.Err(), probeErr)
			}
		}
	}
}

// Stop asks the server to end in its orderly way and waits for that; after 20 seconds, or when ctx ends, it is
// killed and the error says so. Stopping a stopped server does nothing.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil || !s.running.alive() {
		return nil
	}
	if err := s.signal(syscall.SIGCONT); err != nil {
		return err
	}
	if err := syscall.Kill(s.running.pid, s.quit); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stopping %s: %w", s.name, err)
	}
	ctx, cancel := context.WithTimeout(ctx, stopBound)
	defer cancel()
	select {
	case <-s.running.exited:
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("stopping %s: it did not end by itself: %w", s.name, ctx.Err()), s.kill())
	}
}

// Kill ends the server and all its processes with SIGKILL and returns when they are gone. Killing a stopped server
// does nothing.
func (s *Server) Kill() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kill()
}

func (s *Server) kill() error {
	if s.running == nil || !s.running.alive() {
		return nil
	}
	// Frozen first: a process that is not running forks no child behind our back.
	if err := s.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	children := descendants(s.running.pid)
	for _, pid := range append(children, s.running.pid) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("killing process %d of %s: %w", pid, s.name, err)
		}
	}
	<-s.running.exited
	return awaitGone(s.name, children)
}

// Pause freezes the server and all its processes (SIGSTOP): its connections stay open and nothing answers.
func (s *Server) Pause() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.signal(syscall.SIGSTOP)
}

// Resume lets a paused server go on.
func (s *Server) Resume() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.signal(syscall.SIGCONT)
}

// signal reaches the server's process first and then its descendants.
func (s *Server) signal(sig syscall.Signal) error {
	if s.running == nil || !s.running.alive() {
		return fmt.Errorf("sending %s to %s: it is not running", sig, s.name)
	}
	if err := syscall.Kill(s.running.pid, sig); err != nil {
		return fmt.Errorf("sending %s to %s: %w", sig, s.name, err)
	}
	for _, pid := range descendants(s.running.pid) {
		if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("sending %s to process %d of %s: %w", sig, pid, s.name, err)
		}
	}
	return nil
}

// PID returns the process id of the running server, 0 when it is not running.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil || !s.running.alive() {
		return 0
	}
	return s.running.pid
}

func (s *Server) logTail() []byte {
	log, err := os.ReadFile(s.logPath)
	if err != nil {
		return []byte(err.Error())
	}
	if len(log) > tailBytes {
		log = log[len(log)-tailBytes:]
		log = log[bytes.IndexByte(log, '\n')+1:]
	}
	return log
}

// awaitGone waits until no process of pids runs any more.
func awaitGone(name string, pids []int) error {
	deadline := time.Now().Add(stopBound)
	for _, pid := range pids {
		for alive(pid) {
			if time.Now().After(deadline) {
				return fmt.Errorf("killing %s: process %d is still there", name, pid)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	return nil
}
