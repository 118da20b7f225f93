package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
)

// Growth says how large the workloads of Grow are. The second of the sizes, or the only one, is also that of the workloads with other
// numbers of stations and partitions.
type Growth struct {
	Sizes      []int // numbers of readings
	Stations   []int // besides the generator's own 14: multiples of 14
	Partitions []int // besides Config.Partitions
	More       int   // readings that come to a workload that is stored already
}

// Workload is what the jobs of a row of growth had to do.
type Workload struct {
	Readings   int `json:"readings"`
	Stations   int `json:"stations"`
	Partitions int `json:"partitions"`
	Stored     int `json:"stored"` // readings that `stream` remembers and the stores hold already
}

// GrowthRow is a job of a workload.
type GrowthRow struct {
	Workload
	Row
}

// workloads are all combinations that Grow measures: one thing differs at a time.
func (g Growth) workloads(partitions int) []Workload {
	var all []Workload
	stations := len(meteo.Stations)
	for _, size := range g.Sizes {
		all = append(all, Workload{Readings: size, Stations: stations, Partitions: partitions})
	}
	size := g.Sizes[min(1, len(g.Sizes)-1)]
	for _, n := range g.Stations {
		all = append(all, Workload{Readings: size, Stations: n, Partitions: partitions})
	}
	for _, n := range g.Partitions {
		all = append(all, Workload{Readings: size, Stations: stations, Partitions: n})
	}
	return all
}

// growing are the jobs that Grow measures, with what they need of the command line.
func (r *runner) growing() map[string][]string {
	return map[string][]string{
		"stream":  {"stream"},
		"to-hdfs": {"to-hdfs", "--hdfs", r.lake("grown")},
		"to-pg":   {"to-pg", "--pg-url", r.Servers.database(r.Prefix)},
		"to-es":   {"to-es", "--es-url", r.Servers.Elasticsearch},
	}
}

// Grow measures what the jobs take when there is more of something: readings, stations, partitions, rows that are there already. The
// jobs are those of Config.Jobs, which may be stream, to-hdfs, to-pg and to-es.
func Grow(ctx context.Context, cfg Config, g Growth) (*Results, error) {
	if len(g.Sizes) == 0 {
		return nil, errors.New("no size is given")
	}
	if err := cfg.evictPrograms(); err != nil {
		return nil, err
	}
	results := &Results{Machine: thisMachine(), Partitions: cfg.Partitions, Rounds: cfg.Rounds}
	for round := range cfg.Rounds {
		for i, w := range g.workloads(cfg.Partitions) {
			own := cfg
			own.Prefix, own.Partitions = fmt.Sprintf("%sgrow%dx%d", cfg.Prefix, round, i), w.Partitions
			r := &runner{Config: own, names: kafka.Names{Prefix: own.Prefix}, from: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), results: results}
			if err := errors.Join(r.grow(ctx, w, g.More), r.cleanUp(context.WithoutCancel(ctx))); err != nil {
				return results, fmt.Errorf("%d readings of %d stations in %d partitions: %w", w.Readings, w.Stations, w.Partitions, err)
			}
		}
	}
	return results, nil
}

// grow runs the jobs on one workload, and then on some more readings. The first readings are of the days before r.from, the others
// of those after.
func (r *runner) grow(ctx context.Context, w Workload, more int) error {
	w = w.ofWholeDays()
	if err := r.topics(ctx, r.names); err != nil {
		return err
	}
	if r.Servers.Postgres != "" {
		r.cleanup = append(r.cleanup, func(ctx context.Context) error { return r.Servers.dropDatabase(ctx, r.Prefix) })
		if err := r.Servers.recreate(ctx, r.Prefix, ""); err != nil {
			return err
		}
	}
	if r.Servers.Lake != "" {
		r.cleanup = append(r.cleanup, r.withoutFolder(r.lake("grown")))
	}
	if r.Servers.Elasticsearch != "" {
		r.cleanup = append(r.cleanup, r.withoutIndices)
	}
	if err := r.load(ctx, w, r.from.AddDate(0, 0, -w.days()), w.days()); err != nil {
		return err
	}
	if err := r.runGrowing(ctx, w); err != nil || more == 0 {
		return err
	}
	w.Stored, w.Readings = w.Readings, more
	w = w.ofWholeDays()
	if err := r.load(ctx, w, r.from, w.days()); err != nil {
		return err
	}
	return r.runGrowing(ctx, w)
}

// readingsADay are the generator's readings of a station: one every ten minutes.
const readingsADay = 24 * 6

// days is how many days of readings make the workload, which are whole ones.
func (w Workload) days() int {
	aDay := w.Stations * readingsADay
	return max(1, (w.Readings+aDay-1)/aDay)
}

// ofWholeDays returns the workload with as many readings as its days have.
func (w Workload) ofWholeDays() Workload {
	w.Readings = w.days() * w.Stations * readingsADay
	return w
}

func (r *runner) runGrowing(ctx context.Context, w Workload) error {
	commands := r.growing()
	for _, name := range []string{"stream", "to-hdfs", "to-pg", "to-es"} {
		if len(r.Jobs) > 0 && !slices.Contains(r.Jobs, name) && name != "stream" { // without stream there is nothing to load
			continue
		}
		usage, out, err := r.run(r.command(ctx, r.Program, commands[name]...))
		if err != nil {
			return err
		}
		rep, err := reportIn(out)
		if err != nil {
			return err
		}
		r.logf("%d readings of %d stations, %d partitions, %d stored: %s", w.Readings, w.Stations, w.Partitions, w.Stored, usage.line(name))
		r.results.grew(w, name, rep.Read, usage)
	}
	return nil
}

// load fills the raw topic with days of readings. The generator knows 14 stations: the others repeat its readings under ids of their
// own.
func (r *runner) load(ctx context.Context, w Workload, from time.Time, days int) error {
	path := filepath.Join(r.Dir, "readings.jsonl")
	args := []string{
		"fetch", "generate", "--from", from.Format(time.DateOnly), "--to", from.AddDate(0, 0, days).Format(time.DateOnly),
		"--faults", "0.02", "--truth", "truth.jsonl", "--out", path,
	}
	if _, err := r.program(ctx, args...); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	p, err := r.Servers.producer(ctx, r.names.Raw(), "")
	if err != nil {
		return err
	}
	defer p.Close()
	topic, copies := r.names.Raw(), max(1, w.Stations/len(meteo.Stations))
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, kafka.MaxRawBytes)
	for lines.Scan() {
		for n := range copies {
			station, value := renamed(lines.Bytes(), n)
			m := &ck.Message{TopicPartition: ck.TopicPartition{Topic: &topic, Partition: kafka.Partition(station, r.Partitions)}, Key: []byte(station), Value: value}
			if err := put(ctx, p, m); err != nil {
				return err
			}
		}
	}
	return errors.Join(lines.Err(), drained(ctx, p), os.Remove(path))
}

// renamed returns a copy of a reading that is of the n-th station beside its own, and the station's id; of its own when n is 0 or
// it names none.
func renamed(line []byte, n int) (station string, value []byte) {
	const member = `"station_id":"`
	before, rest, found := bytes.Cut(line, []byte(member))
	id, after, closed := bytes.Cut(rest, []byte{'"'})
	if !found || !closed {
		return "", bytes.Clone(line)
	}
	station = string(id)
	if n > 0 {
		station = fmt.Sprintf("%s-%04d", id, n)
	}
	return station, slices.Concat(before, []byte(member), []byte(station), []byte{'"'}, after)
}

// grew adds a run.
func (r *Results) grew(w Workload, job string, records int64, u Usage) {
	for i := range r.Growth {
		if r.Growth[i].Workload == w && r.Growth[i].Job == job {
			r.Growth[i].Runs = append(r.Growth[i].Runs, u)
			return
		}
	}
	r.Growth = append(r.Growth, GrowthRow{w, Row{Job: job, Who: senmeteo, Records: records, Runs: []Usage{u}}})
}

// growthLines are the cells of the table of growth, job by job.
func (r *Results) growthLines() [][]string {
	lines := [][]string{{"job", "readings", "stations", "partitions", "stored before", "seconds per million", "own CPU s per million", "servers' CPU s per million", "peak RSS MB"}}
	rows := slices.Clone(r.Growth)
	slices.SortStableFunc(rows, func(a, b GrowthRow) int { return strings.Compare(a.Job, b.Job) })
	for _, row := range rows {
		million := func(what func(Usage) float64) Spread {
			return row.of(func(u Usage) float64 { return what(u) * 1e6 / float64(max(row.Records, 1)) })
		}
		lines = append(lines, []string{
			row.Job, fmt.Sprint(row.Readings), fmt.Sprint(row.Stations), fmt.Sprint(row.Partitions), fmt.Sprint(row.Stored),
			spread(million(seconds), "%.1f"), spread(million(ownCPU), "%.1f"),
			spread(million(func(u Usage) float64 { return u.totalCPU() - u.CPUSeconds }), "%.1f"), fmt.Sprintf("%.0f", row.of(peakRSS).Max/(1<<20)),
		})
	}
	return lines
}
