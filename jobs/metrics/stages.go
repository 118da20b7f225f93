package metrics

import (
	"slices"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// stages is the collector of all jobs of a process.
type stages struct {
	commits *prometheus.HistogramVec

	mu    sync.Mutex
	all   []*Stage
	reads map[string]func() int64
}

var (
	readDesc      = prometheus.NewDesc("senmeteo_records_read_total", "Records that this process has read and stored, by job.", []string{"stage"}, nil)
	recordsDesc   = prometheus.NewDesc("senmeteo_records_total", "What became of the records that this process has read, by job and outcome.", []string{"stage", "outcome"}, nil)
	failuresDesc  = prometheus.NewDesc("senmeteo_flags_total", "Observations of this process that failed a check, by variable and rule.", []string{"stage", "variable", "rule"}, nil)
	lagDesc       = prometheus.NewDesc("senmeteo_lag_records", "Offsets between what is stored and the end of the topic, of the partitions that this process works on.", []string{"stage", "topic", "partition"}, nil)
	committedDesc = prometheus.NewDesc("senmeteo_last_commit_timestamp_seconds", "When this process last stored a batch, in seconds since 1970.", []string{"stage"}, nil)
	scrapeDesc    = prometheus.NewDesc("senmeteo_scrape_collector_success", "Whether the brokers or the store answered this time: 1 or 0.", []string{"collector"}, nil)
)

func newStages() *stages {
	return &stages{
		commits: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "senmeteo_commit_duration_seconds", Help: "How long it took to store a batch and its offsets.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 13), // to 20 s
		}, []string{"stage"}),
		reads: map[string]func() int64{},
	}
}

func (s *stages) add(stage *Stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, stage)
}

func (s *stages) remove(stage *Stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = slices.DeleteFunc(s.all, func(other *Stage) bool { return other == stage })
}

// Reads counts a job that moves no batches by what a function returns, which never becomes less.
func (r *Registry) Reads(stage string, read func() int64) {
	if r == nil {
		return
	}
	r.stages.mu.Lock()
	defer r.stages.mu.Unlock()
	r.stages.reads[stage] = read
}

// Describe implements prometheus.Collector.
func (s *stages) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{readDesc, recordsDesc, failuresDesc, lagDesc, committedDesc, scrapeDesc} { // the last is sent by overviews, too
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (s *stages) Collect(to chan<- prometheus.Metric) {
	s.mu.Lock()
	all := slices.Clone(s.all)
	for stage, read := range s.reads {
		to <- counter(readDesc, read(), stage)
	}
	s.mu.Unlock()
	for _, stage := range all {
		stage.collect(to)
		stage.collectLag(to)
	}
}

func (s *Stage) collect(to chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, r := s.job.Name, s.report
	to <- counter(readDesc, r.Read, name)
	outcomes(to, recordsDesc, name, r.Written, r.Duplicates, r.Rejected, r.Rerouted)
	for f, n := range s.failures {
		to <- counter(failuresDesc, n, name, f.Subject, string(f.Rule))
	}
	if !s.last.IsZero() {
		to <- gauge(committedDesc, float64(s.last.UnixMilli())/1000, name)
	}
}

func (s *Stage) collectLag(to chan<- prometheus.Metric) {
	lag, err := s.lag()
	to <- success(s.job.Name, err)
	for partition, n := range lag {
		to <- gauge(lagDesc, float64(n), s.job.Name, s.job.Topic, strconv.Itoa(int(partition)))
	}
}

// outcomes sends what became of the records of a job.
func outcomes(to chan<- prometheus.Metric, desc *prometheus.Desc, stage string, written, duplicates, rejected, rerouted int64) {
	to <- counter(desc, written, stage, "written")
	to <- counter(desc, duplicates, stage, "duplicate")
	to <- counter(desc, rejected, stage, "rejected")
	to <- counter(desc, rerouted, stage, "rerouted")
}

func counter(desc *prometheus.Desc, value int64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value), labels...)
}

func gauge(desc *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}

// success sends whether a question was answered.
func success(collector string, err error) prometheus.Metric {
	value := 0.0
	if err == nil {
		value = 1
	}
	return gauge(scrapeDesc, value, collector)
}
