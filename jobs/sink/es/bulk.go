package es

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"sync"

	"github.com/elastic/go-elasticsearch/v8/esapi"
	"golang.org/x/sync/errgroup"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// maxBulk is how many bytes one bulk request has at the most, unless a single item is larger. bulksAtOnce is how many of a batch are
// under way at the same time: the items of a batch have different ids, so their order does not matter.
const (
	maxBulk     = 5 << 19
	bulksAtOnce = 2
)

// load is a batch on its way into the indices.
type load struct {
	store *Store
	batch *flow.Batch

	mu      sync.Mutex // for what follows
	outcome flow.Outcome
	rejects []flow.Reject // by record, once all requests are answered
}

// load stores a batch's observations. It returns without an error when each has its own answer.
func (s *Store) load(ctx context.Context, b *flow.Batch, epoch int64) (*load, error) {
	l := &load{store: s, batch: b}
	keep := b.LastRevisions()
	l.outcome.Duplicates = int64(len(b.Observations) - len(keep)) // superseded within the batch
	requests, ctx := errgroup.WithContext(ctx)
	requests.SetLimit(bulksAtOnce)
	for len(keep) > 0 {
		r := s.newBulkRequest()
		keep = keep[r.fill(s.cfg.Prefix, epoch, b.Observations, keep):]
		requests.Go(func() error { return l.send(ctx, r) })
	}
	if err := requests.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(l.rejects, func(x, y flow.Reject) int { return x.Record - y.Record })
	return l, nil
}

// storing is what a bulk request does, for errors.
const storing = "storing a batch"

// send stores the items of a request. Those that Elasticsearch refuses for now are sent again.
func (l *load) send(ctx context.Context, r *bulkRequest) error {
	backoff := l.store.cfg.retries().Start()
	inDoubt := false // an answer was lost: a conflict may be with what that request has stored
	for len(r.items) > 0 {
		results, err := l.store.bulk(ctx, r)
		if err == nil {
			var again []int
			again, err = l.count(r.items, results, inDoubt)
			if len(again) < len(r.items) {
				backoff.Progress()
			}
			answered := r
			r = r.only(again)
			if !inDoubt {
				l.store.release(answered)
			}
			if err == nil {
				continue
			}
		} else {
			inDoubt = true
		}
		if !retryable(err) || !backoff.Wait(ctx, err) {
			return failed(ctx, storing, err)
		}
	}
	return nil
}

// count counts the results of items and returns the positions of those to send again, with the reason as an error, or an error that ends
// the commit.
func (l *load) count(items []item, results []itemResult, inDoubt bool) (again []int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var busy error
	for i, v := range results {
		r := refusal{status: v.Status, cause: v.Error}
		switch {
		case v.Status >= 200 && v.Status <= 299, v.Status == http.StatusConflict && inDoubt:
			l.outcome.Written++
		case v.Status == http.StatusConflict: // the same or a newer revision is there
			l.outcome.Duplicates++
		case r.isRecordFault():
			l.outcome.Rejected++
			l.rejects = append(l.rejects, refused(l.batch, items[i].observation, "Elasticsearch: %s", oneLine(v.Error.Reason)))
		case isBusy(v.Status):
			again = append(again, i)
			busy = &refusal{status: v.Status, cause: v.Error}
		default:
			return nil, &refusal{status: v.Status, cause: v.Error}
		}
	}
	return again, busy
}

// bulk sends a request once. The results are in the order of its items, one each, and good until the request is sent again or released;
// an error means that nobody knows what was stored.
func (s *Store) bulk(ctx context.Context, r *bulkRequest) ([]itemResult, error) {
	r.answer.Reset()
	a, err := s.send(ctx, request{body: r.body, into: &r.answer, api: func(body io.Reader) esapi.Request {
		return esapi.BulkRequest{Body: body, FilterPath: []string{
			"items.index._id", "items.index.status", "items.index.error.type", "items.index.error.reason",
		}}
	}})
	if err != nil {
		return nil, err
	}
	if !a.ok() {
		return nil, refusalOf(a)
	}
	return r.read(a.body)
}

// bulkRequest is one request of _bulk. Requests are used again, since each has a few megabytes.
type bulkRequest struct {
	body    []byte // of each item the action and the document, each with its line end
	items   []item
	answer  bytes.Buffer
	results []itemResult
}

// item is one observation on its way into an index.
type item struct {
	observation  int // its index in the batch
	from, id, to int // of its lines, and of the _id within them, in the request's body
}

// maxSpare is how many answered requests a store keeps: as many as two commits use, each with those under way and the one that is being filled.
const maxSpare = 2 * (bulksAtOnce + 1)

// newBulkRequest returns an empty request, in the memory of one that was answered if there is one.
func (s *Store) newBulkRequest() *bulkRequest {
	select {
	case r := <-s.spare:
		r.body, r.items = r.body[:0], r.items[:0]
		return r
	default:
		return &bulkRequest{}
	}
}

// release gives back a request that nobody reads any more, as Elasticsearch has answered each item. One that was sent before, and its
// answer lost, may still be on its way.
func (s *Store) release(r *bulkRequest) {
	select {
	case s.spare <- r:
	default:
	}
}

// fill appends the observations with these indexes until the request is full, and returns how many it took.
func (r *bulkRequest) fill(prefix string, epoch int64, all []meteo.Observation, indexes []int) int {
	action := newAction(prefix, epoch)
	for n, i := range indexes {
		from := len(r.body)
		body, id := action.appendItem(r.body, &all[i])
		if len(body) > maxBulk && n > 0 {
			return n
		}
		r.body, r.items = body, append(r.items, item{observation: i, from: from, id: id, to: len(body)})
	}
	return len(indexes)
}

// only returns a request of the items at these positions.
func (r *bulkRequest) only(positions []int) *bulkRequest {
	rest := &bulkRequest{}
	for _, i := range positions {
		it := r.items[i]
		moved := len(rest.body) - it.from
		rest.body = append(rest.body, r.body[it.from:it.to]...)
		rest.items = append(rest.items, item{it.observation, it.from + moved, it.id + moved, it.to + moved})
	}
	return rest
}
