package es

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"senmeteo/jobs/flow"
)

// maxBulk is how many bytes one bulk request has at the most, unless a single item is larger.
const maxBulk = 5 << 20

// load is a batch on its way into the indices.
type load struct {
	store   *Store
	batch   *flow.Batch
	outcome flow.Outcome
	rejects []flow.Reject // by record
}

// load stores a batch's observations. It returns without an error when each has its own answer.
func (s *Store) load(ctx context.Context, b *flow.Batch, epoch int64) (*load, error) {
	l := &load{store: s, batch: b}
	var chunk []item
	size := 0
	keep := b.LastRevisions()
	l.outcome.Duplicates = int64(len(b.Observations) - len(keep)) // superseded within the batch
	for _, i := range keep {
		o := &b.Observations[i]
		lines := appendItem(make([]byte, 0, 1024), s.cfg.Prefix, epoch, o)
		if size += len(lines); size > maxBulk && len(chunk) > 0 {
			if err := l.send(ctx, chunk); err != nil {
				return nil, err
			}
			chunk, size = chunk[:0], len(lines)
		}
		chunk = append(chunk, item{observation: i, id: o.ID.String(), lines: lines})
	}
	if err := l.send(ctx, chunk); err != nil {
		return nil, err
	}
	slices.SortFunc(l.rejects, func(x, y flow.Reject) int { return x.Record - y.Record })
	return l, nil
}

func (l *load) reject(observation int, format string, args ...any) {
	l.outcome.Rejected++
	l.rejects = append(l.rejects, refused(l.batch, observation, format, args...))
}

// send stores items. Those that Elasticsearch refuses for now are sent again.
func (l *load) send(ctx context.Context, items []item) error {
	backoff := l.store.cfg.retries().Start()
	inDoubt := false // an answer was lost: a conflict may be with what that request has stored
	for len(items) > 0 {
		results, err := l.store.bulk(ctx, items)
		if err == nil {
			var again []item
			again, err = l.count(items, results, inDoubt)
			if len(again) < len(items) {
				backoff.Progress()
			}
			items = again
			if err == nil {
				continue
			}
		} else {
			inDoubt = true
		}
		if !retryable(err) || !backoff.Wait(ctx, err) {
			return failed(ctx, "storing a batch", err)
		}
	}
	return nil
}

// count counts the results of items and returns those to send again, with the reason as an error, or an error that ends the commit.
func (l *load) count(items []item, results []itemResult, inDoubt bool) (again []item, err error) {
	var busy error
	for i, v := range results {
		r := &refusal{status: v.Status, cause: v.Error}
		switch {
		case v.Status >= 200 && v.Status <= 299, v.Status == http.StatusConflict && inDoubt:
			l.outcome.Written++
		case v.Status == http.StatusConflict: // the same or a newer revision is there
			l.outcome.Duplicates++
		case r.isRecordFault():
			l.reject(items[i].observation, "Elasticsearch: %s", oneLine(v.Error.Reason))
		case isBusy(v.Status):
			again = append(again, items[i])
			busy = r
		default:
			return nil, r
		}
	}
	return again, busy
}

// itemResult is what Elasticsearch answers for one item.
type itemResult struct {
	ID     string `json:"_id"`
	Status int    `json:"status"`
	Error  cause  `json:"error"`
}

// errIncomplete is an answer to a bulk request without a result for each item.
var errIncomplete = errors.New("the answer to a bulk request is not complete")

// bulk sends items once. The results are in the order of the items, one each; an error means that nobody knows what was stored.
func (s *Store) bulk(ctx context.Context, items []item) ([]itemResult, error) {
	size := 0
	for _, it := range items {
		size += len(it.lines)
	}
	body := make([]byte, 0, size)
	for _, it := range items {
		body = append(body, it.lines...)
	}
	a, err := s.send(ctx, request{body: body, api: func(body io.Reader) esapi.Request {
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
	var answered struct {
		Items []struct {
			Index itemResult `json:"index"`
		} `json:"items"`
	}
	if err := json.Unmarshal(a.body, &answered); err != nil {
		return nil, fmt.Errorf("%w: %w", errIncomplete, err)
	}
	if len(answered.Items) != len(items) {
		return nil, fmt.Errorf("%w: %d items were sent and %d answered", errIncomplete, len(items), len(answered.Items))
	}
	results := make([]itemResult, len(items))
	for i, it := range answered.Items {
		if it.Index.ID != items[i].id {
			return nil, fmt.Errorf("%w: item %d is %q and was answered as %q", errIncomplete, i, items[i].id, it.Index.ID)
		}
		results[i] = it.Index
	}
	return results, nil
}
