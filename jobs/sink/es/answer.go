package es

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"senmeteo/jobs/meteo"
)

// itemResult is what Elasticsearch answers for one item.
type itemResult struct {
	ID     string `json:"_id"`
	Status int    `json:"status"`
	Error  cause  `json:"error"`
}

// errIncomplete is an answer to a bulk request without a result for each item.
var errIncomplete = errors.New("the answer to a bulk request is not complete")

// read reads the answer to a request: a result for each of its items, in their order.
func (r *bulkRequest) read(answer []byte) ([]itemResult, error) {
	if r.results = r.results[:0]; r.scan(answer) {
		return r.results, nil
	}
	var answered struct {
		Items []struct {
			Index itemResult `json:"index"`
		} `json:"items"`
	}
	if err := json.Unmarshal(answer, &answered); err != nil {
		return nil, fmt.Errorf("%w: %w", errIncomplete, err)
	}
	if len(answered.Items) != len(r.items) {
		return nil, fmt.Errorf("%w: %d items were sent and %d answered", errIncomplete, len(r.items), len(answered.Items))
	}
	r.results = r.results[:0]
	for i, it := range answered.Items {
		if it.Index.ID != string(r.idOf(i)) {
			return nil, fmt.Errorf("%w: item %d is %q and was answered as %q", errIncomplete, i, r.idOf(i), it.Index.ID)
		}
		r.results = append(r.results, it.Index)
	}
	return r.results, nil
}

// idOf is the _id of an item.
func (r *bulkRequest) idOf(i int) []byte { return r.body[r.items[i].id:][:2*len(meteo.ID{})] }

// scan reads an answer in which all items succeeded, as Elasticsearch writes it: nearly all are so. Of any other it returns false.
func (r *bulkRequest) scan(answer []byte) bool {
	rest, ok := bytes.CutPrefix(answer, []byte(`{"items":[`))
	for i := range r.items {
		if i > 0 && ok {
			rest, ok = bytes.CutPrefix(rest, []byte(`,`))
		}
		for _, part := range [...][]byte{[]byte(`{"index":{"_id":"`), r.idOf(i), []byte(`","status":`)} {
			if ok {
				rest, ok = bytes.CutPrefix(rest, part)
			}
		}
		status := 0
		switch {
		case ok && bytes.HasPrefix(rest, []byte(`201}}`)):
			status = 201
		case ok && bytes.HasPrefix(rest, []byte(`200}}`)):
			status = 200
		default:
			return false
		}
		rest = rest[len(`201}}`):]
		r.results = append(r.results, itemResult{Status: status})
	}
	return ok && string(rest) == "]}"
}
