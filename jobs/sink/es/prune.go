package es

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"senmeteo/jobs/flow"
)

// Prune implements flow.Pruner. Dead letters, which are few and of no month, stay.
func (s *Store) Prune(ctx context.Context, before time.Time) (flow.Pruned, error) {
	var listed []struct {
		Index string `json:"index"`
		Count string `json:"docs.count"`
	}
	list := request{doing: "listing the months", api: func(io.Reader) esapi.Request {
		return esapi.CatIndicesRequest{Index: []string{s.cleanIndices()}, Format: "json", H: []string{"index", "docs.count"}}
	}}
	if err := s.callFor(ctx, list, &listed); err != nil {
		return flow.Pruned{}, err
	}
	var done flow.Pruned
	for _, l := range listed {
		month, err := time.Parse("2006.01", strings.TrimPrefix(l.Index, s.cfg.Prefix+"-clean-"))
		if err != nil || month.AddDate(0, 1, 0).After(before) {
			continue // an index of somebody else, or a month that stays
		}
		count, err := strconv.ParseInt(l.Count, 10, 64)
		if err != nil {
			return done, failed(ctx, list.doing, err)
		}
		remove := request{doing: "deleting the index " + l.Index, api: func(io.Reader) esapi.Request {
			return esapi.IndicesDeleteRequest{Index: []string{l.Index}}
		}}
		if _, err := s.call(ctx, remove, http.StatusNotFound); err != nil { // it is not there when an answer was lost
			return done, err
		}
		done.Months, done.Observations = append(done.Months, month.Format("2006-01")), done.Observations+count
	}
	slices.Sort(done.Months)
	return done, nil
}
