package bench

import (
	"encoding/json"
	"slices"
	"time"
)

// Results are what a run of the bench measured.
type Results struct {
	Machine    Machine `json:"machine"`
	Days       int     `json:"days"`
	Readings   int64   `json:"readings"`
	Partitions int     `json:"partitions"`
	Rounds     int     `json:"rounds"`
	Rows       []Row   `json:"rows,omitempty"`
	// Growth is what Grow measured.
	Growth []GrowthRow `json:"growth,omitempty"`
	// Latencies are those of jobs that follow, from the moment when a reading was handed to the Kafka client.
	Latencies []Latency `json:"latencies,omitempty"`
	// BytesPerRecord is what a record takes on the disks of a store, by store.
	BytesPerRecord []Size `json:"bytes_per_record,omitempty"`
}

// Size is what a record of a store takes.
type Size struct {
	Store   string  `json:"store"`
	Records int64   `json:"records"`
	Bytes   float64 `json:"bytes"` // each
	Files   int     `json:"files,omitempty"`
}

// Latency is how long readings took until they could be seen somewhere.
type Latency struct {
	Where  string         `json:"where"`
	Rate   int            `json:"rate"` // readings a second
	Rounds []LatencyRound `json:"rounds"`
}

// LatencyRound are the quantiles of one round, milliseconds.
type LatencyRound struct {
	Readings int     `json:"readings"`
	P50      float64 `json:"p50"`
	P99      float64 `json:"p99"`
	Max      float64 `json:"max"`
}

// Row is one contender of one job.
type Row struct {
	Job     string  `json:"job"`
	Who     string  `json:"who"`
	Records int64   `json:"records"` // of each run
	Runs    []Usage `json:"runs"`    // round by round
}

// Machine is where and when it was measured.
type Machine struct {
	Cores  int       `json:"cores"`
	Memory int64     `json:"memory"` // bytes
	Kernel string    `json:"kernel"`
	CPU    string    `json:"cpu"`
	Load   float64   `json:"load"` // of the last minute, when it began: what else was going on
	Date   time.Time `json:"date"`
}

// Spread is the median of several measurements and their extremes.
type Spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

func spreadOf(values []float64) Spread {
	if len(values) == 0 {
		return Spread{}
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := sorted[len(sorted)/2]
	if len(sorted)%2 == 0 {
		middle = (middle + sorted[len(sorted)/2-1]) / 2
	}
	return Spread{middle, sorted[0], sorted[len(sorted)-1]}
}

// of returns the spread of something of each run.
func (row Row) of(what func(Usage) float64) Spread {
	var values []float64
	for _, u := range row.Runs {
		values = append(values, what(u))
	}
	return spreadOf(values)
}

// ratio returns the spread of something of each run to that of the other's run of the same round.
func (row Row) ratio(other Row, what func(Usage) float64) Spread {
	var values []float64
	for i := range min(len(row.Runs), len(other.Runs)) {
		if by := what(other.Runs[i]); by > 0 {
			values = append(values, what(row.Runs[i])/by)
		}
	}
	return spreadOf(values)
}

func seconds(u Usage) float64 { return u.Seconds }
func ownCPU(u Usage) float64  { return u.CPUSeconds }
func allCPU(u Usage) float64  { return u.totalCPU() }
func peakRSS(u Usage) float64 { return float64(u.PeakRSS) }

// add adds a run.
func (r *Results) add(job, who string, records int64, u Usage) {
	for i := range r.Rows {
		if r.Rows[i].Job == job && r.Rows[i].Who == who {
			r.Rows[i].Runs = append(r.Rows[i].Runs, u)
			return
		}
	}
	r.Rows = append(r.Rows, Row{Job: job, Who: who, Records: records, Runs: []Usage{u}})
}

// row returns a contender's row of a job; ok is false when it did not run.
func (r *Results) row(job, who string) (row Row, ok bool) {
	i := slices.IndexFunc(r.Rows, func(row Row) bool { return row.Job == job && row.Who == who })
	if i < 0 {
		return Row{}, false
	}
	return r.Rows[i], true
}

// latency adds a round.
func (r *Results) latency(where string, rate int, milliseconds []float64) {
	slices.Sort(milliseconds)
	at := func(q float64) float64 { return milliseconds[int(q*float64(len(milliseconds)-1))] }
	round := LatencyRound{Readings: len(milliseconds), P50: at(0.5), P99: at(0.99), Max: at(1)}
	for i := range r.Latencies {
		if r.Latencies[i].Where == where {
			r.Latencies[i].Rounds = append(r.Latencies[i].Rounds, round)
			return
		}
	}
	r.Latencies = append(r.Latencies, Latency{where, rate, []LatencyRound{round}})
}

// size notes what the records of a store take.
func (r *Results) size(store string, records, bytes int64, files int) {
	if records > 0 {
		r.BytesPerRecord = append(r.BytesPerRecord, Size{store, records, float64(bytes) / float64(records), files})
	}
}

// JSON is all of it, indented.
func (r *Results) JSON() []byte {
	text, _ := json.MarshalIndent(r, "", "  ") // numbers and strings always marshal
	return append(text, '\n')
}
