package metrics

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// Overview is how far all jobs are, whatever process runs them, and what people's store holds.
type Overview struct {
	Pipeline query.Counter
	Store    query.Reader
	Now      func() time.Time
}

// qualityEvery is the least time between two questions about the quality of a day, which read all of its observations.
const qualityEvery = time.Minute

var (
	allReadDesc    = prometheus.NewDesc("senmeteo_pipeline_records_read_total", "Records that a job has read since its topic was created, by all of its processes.", []string{"stage"}, nil)
	allRecordsDesc = prometheus.NewDesc("senmeteo_pipeline_records_total", "What became of a job's records since its topic was created, by outcome.", []string{"stage", "outcome"}, nil)
	allLagDesc     = prometheus.NewDesc("senmeteo_pipeline_lag_records", "Offsets that a job has not stored yet, of all partitions.", []string{"stage"}, nil)
	observedDesc   = prometheus.NewDesc("senmeteo_last_observation_timestamp_seconds", "When the region was observed last, in seconds since 1970; 0: never.", []string{"station_id", "region"}, nil)
	todayDesc      = prometheus.NewDesc("senmeteo_today_observations", "Observations of today (UTC), by region and quality.", []string{"region", "quality"}, nil)
	flagsDesc      = prometheus.NewDesc("senmeteo_today_flags", "Observations of today (UTC) that failed a check, by variable and rule.", []string{"variable", "rule"}, nil)
)

// Watch adds an overview to the metrics.
func (r *Registry) Watch(o Overview) { r.prometheus.MustRegister(&overview{Overview: o}) }

// overview is the collector of an Overview. One answer at a time is made.
type overview struct {
	Overview
	mu      sync.Mutex
	asked   time.Time // when quality was asked for
	quality []query.Quality
}

// Describe implements prometheus.Collector.
func (o *overview) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{allReadDesc, allRecordsDesc, allLagDesc, observedDesc, todayDesc, flagsDesc} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (o *overview) Collect(to chan<- prometheus.Metric) {
	o.mu.Lock()
	defer o.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	to <- success("pipeline", o.collectPipeline(ctx, to))
	to <- success("latest", o.collectLatest(ctx, to))
	if r, ok := o.Store.(query.QualityReader); ok {
		to <- success("quality", o.collectQuality(ctx, r, to))
	}
}

func (o *overview) collectPipeline(ctx context.Context, to chan<- prometheus.Metric) error {
	stages, err := o.Pipeline.Stages(ctx)
	for _, s := range stages {
		to <- counter(allReadDesc, s.Read, s.Name)
		outcomes(to, allRecordsDesc, s.Name, s.Written, s.Duplicates, s.Rejected, s.Rerouted)
		if s.Lag >= 0 {
			to <- gauge(allLagDesc, float64(s.Lag), s.Name)
		}
	}
	return err
}

func (o *overview) collectLatest(ctx context.Context, to chan<- prometheus.Metric) error {
	latest, err := o.Store.Latest(ctx)
	if err != nil && !errors.Is(err, query.ErrEmpty) {
		return err
	}
	at := map[string]float64{}
	for i := range latest {
		at[latest[i].StationID] = float64(latest[i].ObservedAt.UnixMilli()) / 1000
	}
	for _, s := range meteo.Stations {
		to <- gauge(observedDesc, at[s.ID], s.ID, s.Region)
	}
	return nil
}

func (o *overview) collectQuality(ctx context.Context, store query.QualityReader, to chan<- prometheus.Metric) error {
	now := o.Now().UTC()
	day := now.Truncate(24 * time.Hour)
	if now.Sub(o.asked) >= qualityEvery || o.asked.Before(day) {
		quality, err := store.Quality(ctx, day, day.AddDate(0, 0, 1))
		if err != nil {
			return err
		}
		o.asked, o.quality = now, quality
	}
	flags := map[string]int64{}
	for _, q := range o.quality {
		to <- gauge(todayDesc, float64(q.Good), q.Region, string(meteo.Good))
		to <- gauge(todayDesc, float64(q.Suspect), q.Region, string(meteo.Suspect))
		to <- gauge(todayDesc, float64(q.Bad), q.Region, string(meteo.Bad))
		for name, n := range q.Failed {
			flags[name] += n
		}
	}
	for name, n := range flags {
		variable, rule, _ := strings.Cut(name, ".")
		to <- gauge(flagsDesc, float64(n), variable, rule)
	}
	return nil
}
