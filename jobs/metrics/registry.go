package metrics

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"senmeteo/jobs/flow"
)

const (
	// askTimeout bounds one question to the brokers or to a store.
	askTimeout = 3 * time.Second
	// answerTimeout bounds one answer; Prometheus gives up after 10 s unless it is told otherwise.
	answerTimeout = 9 * time.Second
	// mostAtOnce bounds the answers under way: each may ask the brokers and the store.
	mostAtOnce = 3
)

// Registry holds the metrics of one process. A nil Registry counts nothing, as nobody reads it.
type Registry struct {
	prometheus *prometheus.Registry
	stages     *stages
	server     *http.Server // nil until Serve
}

// New returns the registry of a program of this version, with the metrics of the process and of Go's runtime.
func New(version string) *Registry {
	r := &Registry{prometheus: prometheus.NewRegistry(), stages: newStages()}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "senmeteo_build_info", Help: "1, labelled with the version of the program and of Go that it was built with.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
	})
	info.Set(1)
	r.prometheus.MustRegister(info, r.stages, r.stages.commits,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Handler answers with all metrics.
func (r *Registry) Handler() http.Handler {
	return promhttp.HandlerFor(r.prometheus, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: mostAtOnce, Timeout: answerTimeout,
	})
}

// Page is Handler for a server that shows other pages, too; nil when Serve has opened an address for it alone.
func (r *Registry) Page() http.Handler {
	if r.server != nil {
		return nil
	}
	return r.Handler()
}

// Serve answers GET /metrics on an address until Close. An address without host is one of the loopback interface.
func (r *Registry) Serve(address string, log *slog.Logger) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return flow.Fail(flow.Usage, "--metrics-listen is %q: write it as HOST:PORT, or :PORT for this machine alone", address)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return flow.Fail(flow.CantWrite, "opening --metrics-listen %s: %w: is another job using it? Choose another port", address, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", r.Handler())
	r.server = &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	go func() {
		if err := r.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Warn("the metrics are not served any more", "error", err)
		}
	}()
	log.Info("metrics are served", "address", "http://"+listener.Addr().String()+"/metrics")
	return nil
}

// Close ends what Serve began; answers under way have a second.
func (r *Registry) Close() {
	if r == nil || r.server == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if r.server.Shutdown(ctx) != nil {
		_ = r.server.Close() // an answer that hangs is cut off
	}
}
