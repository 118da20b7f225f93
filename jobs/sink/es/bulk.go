package es

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"senmeteo/jobs/flow"
)

// maxBulk is how many bytes one bulk request has at the most, unless a single item is larger.
const maxBulk = 5 << 20

// load is a batch on its way into the indices.
type load struct {
	sink    *Sink
	batch   *flow.Batch
	outcome flow.Outcome
	rejects []flow.Reject // by record
}

// load stores a batch's observations. It returns without an error when each has its own answer.
func (s *Sink) load(ctx context.Context, b *flow.Batch, epoch int64) (*load, error) {
	l := &load{sink: s, batch: b}
	var chunk []item
	size := 0
	keep := b.LastRevisions()
	l.outcome.Duplicates = int64(len(b.Observations) - len(keep)) // superseded within the batch
	for _, i := range keep {
		o := &b.Observations[i]
		lines := appendItem(make([]byte, 0, 1024), s.store.cfg.Prefix, epoch, o)
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

// send stores items, those that Elasticsearch can't take now again and again.
func (l *load) send(ctx context.Context, items []item) error {
	const doing = "storing a batch"
	store := l.sink.store
	wait := newBackoff(store.cfg)
	inDoubt := false // an answer was lost: a conflict may be with what that request has stored
	for len(items) > 0 {
		verdicts, err := store.bulk(ctx, items)
		if err == nil {
			var again []item
			again, err = l.judge(items, verdicts, inDoubt)
			if len(again) < len(items) {
				wait.progress()
			}
			items = again
			if err == nil {
				continue
			}
		} else {
			inDoubt = true
		}
		if !passes(err) {
			return failed(doing, err)
		}
		if err := wait.wait(ctx, err); err != nil {
			return failed(doing, err)
		}
	}
	return nil
}

// judge counts what became of items and returns those to send again, with an error that tells why, or that ends the commit.
func (l *load) judge(items []item, verdicts []verdict, inDoubt bool) (again []item, err error) {
	var busy error
	for i, v := range verdicts {
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

// verdict is what Elasticsearch says of one item.
type verdict struct {
	ID     string `json:"_id"`
	Status int    `json:"status"`
	Error  cause  `json:"error"`
}

// errIncomplete is an answer to a bulk request that does not speak of its items one by one.
var errIncomplete = errors.New("the answer to a bulk request is not complete")

// bulk sends items once. The verdicts are in the order of the items, one each; an error means that nobody knows what was stored.
func (s *Store) bulk(ctx context.Context, items []item) ([]verdict, error) {
	size := 0
	for _, it := range items {
		size += len(it.lines)
	}
	body := make([]byte, 0, size)
	for _, it := range items {
		body = append(body, it.lines...)
	}
	a, err := s.once(ctx, request{
		method: http.MethodPost, body: body,
		path: "/_bulk?filter_path=items.index._id,items.index.status,items.index.error.type,items.index.error.reason",
	})
	if err != nil {
		return nil, err
	}
	if !a.ok() {
		return nil, refusalOf(a)
	}
	var answered struct {
		Items []struct {
			Index verdict `json:"index"`
		} `json:"items"`
	}
	if err := json.Unmarshal(a.body, &answered); err != nil {
		return nil, fmt.Errorf("%w: %w", errIncomplete, err)
	}
	if len(answered.Items) != len(items) {
		return nil, fmt.Errorf("%w: %d items were sent and %d answered", errIncomplete, len(items), len(answered.Items))
	}
	verdicts := make([]verdict, len(items))
	for i, it := range answered.Items {
		if it.Index.ID != items[i].id {
			return nil, fmt.Errorf("%w: item %d is %q and was answered as %q", errIncomplete, i, items[i].id, it.Index.ID)
		}
		verdicts[i] = it.Index
	}
	return verdicts, nil
}
