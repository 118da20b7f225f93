// Command docker-proxy stands between Airflow's worker and the Docker engine. It lets the worker run jobs and nothing
// else: containers of known images, confined, with known networks, folders and volumes; and of all containers it shows
// and touches only those that came through it.
//
//	docker-proxy          serves until SIGTERM
//	docker-proxy health   exits with 0 when the proxy and its engine answer
//
// Settings are environment variables; see settings.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// settings say what is allowed. Lists are comma-separated; an empty one allows nothing.
type settings struct {
	listen   string   // PROXY_LISTEN: where to listen (:2375)
	socket   string   // PROXY_SOCKET: the engine's socket (/var/run/docker.sock)
	images   []string // PROXY_IMAGES: images that containers are made of, as NAME:TAG
	networks []string // PROXY_NETWORKS: networks that they are in
	folders  []string // PROXY_FOLDERS: folders of the host; they and what is in them may be mounted, to be read
	volumes  []string // PROXY_VOLUMES: volumes, or folders of the host, that may be mounted and written to
}

func read(getenv func(string) string) (settings, error) {
	list := func(name string) []string {
		return strings.FieldsFunc(getenv(name), func(r rune) bool { return r == ',' || r == ' ' })
	}
	s := settings{
		listen: getenv("PROXY_LISTEN"), socket: getenv("PROXY_SOCKET"),
		images: list("PROXY_IMAGES"), networks: list("PROXY_NETWORKS"), folders: list("PROXY_FOLDERS"), volumes: list("PROXY_VOLUMES"),
	}
	if s.listen == "" {
		s.listen = ":2375"
	}
	if s.socket == "" {
		s.socket = "/var/run/docker.sock"
	}
	for _, folder := range s.folders {
		if !filepath.IsAbs(folder) || filepath.Clean(folder) != folder || folder == "/" {
			return s, fmt.Errorf("PROXY_FOLDERS: %q is not an absolute path below /, without a slash at its end", folder)
		}
	}
	return s, nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "docker-proxy:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	s, err := read(os.Getenv)
	if err != nil {
		return err
	}
	switch {
	case len(args) == 0:
		return serve(ctx, s, slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	case len(args) == 1 && args[0] == "health":
		return health(ctx, s)
	}
	return fmt.Errorf("there is no %q; only health", strings.Join(args, " "))
}

func serve(ctx context.Context, s settings, log *slog.Logger) error {
	listener, err := net.Listen("tcp", s.listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	server := &http.Server{
		Handler:           newDoor(s, log),
		ReadHeaderTimeout: 10 * time.Second, // answers may take as long as a job
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	log.Info("serving", "listen", listener.Addr().String(), "images", s.images, "networks", s.networks, "folders", s.folders, "volumes", s.volumes)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	// Streams of running jobs would be waited for in vain.
	if err := server.Close(); err != nil {
		return fmt.Errorf("ending: %w", err)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}

// health asks the engine, by way of the proxy.
func health(ctx context.Context, s settings) error {
	_, port, err := net.SplitHostPort(s.listen)
	if err != nil {
		return fmt.Errorf("PROXY_LISTEN: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+port+"/_ping", http.NoBody)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the engine: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("asking the engine: it answers %s", answer.Status)
	}
	return errors.Join(err, answer.Body.Close())
}
