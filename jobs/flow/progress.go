package flow

import (
	"maps"
	"sync"
	"time"
)

// progress is how far a run is: what its passes, its committers and its caller share. Several goroutines may use it.
type progress struct {
	mu       sync.Mutex
	report   *Report
	inFlight int64           // records that the committers hold and the report does not count yet
	inDoubt  map[int32]tally // of a partition the batch whose commit had no known outcome
	lost     map[int32]bool  // the partitions that other runs acquired from a bounded run
	fenced   error           // the first ErrFenced of these
}

func newProgress(job, runID string) *progress {
	return &progress{report: NewReport(job, runID), inDoubt: map[int32]tally{}, lost: map[int32]bool{}}
}

// planned sets where a partition starts.
func (p *progress) planned(partition int32, next int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.report.From[partition], p.report.To[partition] = next, next
}

// acquired sets the offset that the store gave with a partition. When the partition's last commit was in doubt, the
// batch was stored if this offset is its end.
func (p *progress) acquired(partition int32, next int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t, ok := p.inDoubt[partition]; ok {
		delete(p.inDoubt, partition)
		if t.end == next {
			p.report.add(t, Outcome{Written: t.observations})
		}
	}
	if _, known := p.report.From[partition]; !known {
		p.report.From[partition] = next
	}
	p.report.To[partition] = next
}

// submitted counts the records of a batch that is given to the committers.
func (p *progress) submitted(records int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight += records
}

// abandoned counts the records of a batch that was submitted and is not committed.
func (p *progress) abandoned(records int64) { p.submitted(-records) }

// committed counts a batch that was submitted and is stored.
func (p *progress) committed(partition int32, t tally, out Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight -= t.read
	p.report.add(t, out)
	p.report.To[partition] = t.end
}

// doubted keeps the counts of a batch whose commit had no known outcome until its partition is acquired again.
func (p *progress) doubted(partition int32, t tally) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inDoubt[partition] = t
}

// leave gives a partition up to the run that acquired it.
func (p *progress) leave(partition int32, fenced error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lost[partition] = true
	if p.fenced == nil {
		p.fenced = fenced
	}
}

func (p *progress) isLost(partition int32) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost[partition]
}

// fencedBy returns the first ErrFenced; nil when no partition was lost.
func (p *progress) fencedBy() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fenced
}

// next returns the offset up to which each partition is stored.
func (p *progress) next() Offsets {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.report.To)
}

// read returns how many records are stored or in flight.
func (p *progress) read() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.report.Read + p.inFlight
}

// measureLag counts the records between what is stored and the topic's ends.
func (p *progress) measureLag(bounds map[int32]Bounds) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for partition, b := range bounds {
		p.report.Lag += max(0, b.End-p.report.To[partition])
	}
}

// snapshot returns a copy of the report that nothing else writes to.
func (p *progress) snapshot() Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := *p.report
	s.From, s.To = maps.Clone(s.From), maps.Clone(s.To)
	return s
}

// conclude returns the report of a run that has ended with err.
func (p *progress) conclude(took time.Duration, err error) *Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.report.Took(took)
	p.report.Conclude(err)
	return p.report
}
