package servers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Redis keeps its data in an append-only file.
type Redis struct {
	*Server
	// URL is redis://host:port/0.
	URL string
}

func startRedis(ctx context.Context, home *folder) (*Redis, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, errors.New("finding redis-server: it is not installed; run `make deps`")
	}
	dir, err := home.sub("redis")
	if err != nil {
		return nil, err
	}
	ports, err := FreePorts(1)
	if err != nil {
		return nil, err
	}
	address := loopback(ports[0])
	r := &Redis{
		URL: "redis://" + address + "/0",
		Server: &Server{
			name: "Redis",
			command: func() *exec.Cmd {
				return exec.Command(program, "--bind", "127.0.0.1", "--port", strconv.Itoa(ports[0]), "--dir", dir,
					"--appendonly", "yes", "--appendfsync", "always", "--save", "") // as docker/redis/latest.conf: else what it answered may be lost in a kill
			},
			probe:   func(ctx context.Context) error { return probeRedis(ctx, address) },
			within:  time.Minute,
			quit:    syscall.SIGTERM,
			orphan:  syscall.SIGKILL,
			logPath: filepath.Join(dir, "redis.log"),
		},
	}
	return r, r.Start(ctx)
}

// probeRedis sends PING, which is refused while Redis loads its data.
func probeRedis(ctx context.Context, address string) (err error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("connecting to Redis: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	defer endWith(ctx, conn)()
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return fmt.Errorf("talking to Redis: %w", err)
	}
	reply, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return fmt.Errorf("talking to Redis: %w", err)
	}
	if reply != "+PONG\r\n" {
		return fmt.Errorf("talking to Redis: it answered %q", reply)
	}
	return nil
}
