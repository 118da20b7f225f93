package review

import (
	"context"
	"errors"
	"sync"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// item is a record of the clean topic.
type item struct {
	partition   int32
	offset      int64
	observation meteo.Observation
	skip        bool  // it came back from the dead letters, for one job
	err         error // it is not an observation
}

// errEnough ends the reading of a partition.
var errEnough = errors.New("enough is read")

// itemsAhead is how many records of a partition wait to be merged.
const itemsAhead = 256

// merger gives the records of several partitions in the order of observed_at, as far as those of each are in that order: the same
// offsets are always merged in the same order, whichever partition is read faster.
type merger struct {
	cancel  context.CancelFunc
	reading sync.WaitGroup
	parts   []*part
}

// part is one partition of a merger.
type part struct {
	items chan *item
	head  *item // nil: the next one is to be received
	ended bool
	err   error // why the reading ended; set before items is closed
}

// merge starts to read partitions, each from an offset up to another.
func merge(ctx context.Context, topics Topics, from, until flow.Offsets) *merger {
	ctx, cancel := context.WithCancel(ctx)
	m := &merger{cancel: cancel}
	for _, p := range partitionsOf(until) {
		if from[p] >= until[p] {
			continue
		}
		one := &part{items: make(chan *item, itemsAhead)}
		m.parts = append(m.parts, one)
		m.reading.Go(func() {
			defer close(one.items)
			decoder := shape.NewDecoder()
			one.err = topics.Read(ctx, p, from[p], until[p], func(r *flow.Record) error {
				select {
				case one.items <- itemOf(r, decoder):
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
		})
	}
	return m
}

func itemOf(r *flow.Record, decoder *shape.Decoder) *item {
	it := &item{partition: r.Partition, offset: r.Offset, skip: r.Header(flow.HeaderStage) != ""}
	if !it.skip {
		it.observation, it.err = decoder.Observation(r.Value)
	}
	return it
}

// next returns the next record; nil at the end.
func (m *merger) next() (*item, error) {
	var first *part
	for _, p := range m.parts {
		if p.head == nil && !p.ended {
			it, open := <-p.items
			if !open {
				p.ended = true
				if p.err != nil {
					return nil, p.err
				}
				continue
			}
			p.head = it
		}
		if p.head != nil && (first == nil || p.head.observation.ObservedAt.Before(first.head.observation.ObservedAt)) {
			first = p
		}
	}
	if first == nil {
		return nil, nil
	}
	it := first.head
	first.head = nil
	return it, nil
}

// stop ends the reading.
func (m *merger) stop() {
	m.cancel()
	m.reading.Wait()
}
