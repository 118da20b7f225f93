package es

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// Revision is what is stored of an observation, for comparisons.
type Revision struct {
	ID        meteo.ID
	StationID string
	Revision  int64
	FetchedAt time.Time // in whole milliseconds
}

const (
	pageSize  = 10_000 // index.max_result_window, the most that Elasticsearch gives at once
	keepAlive = "2m"   // how long Elasticsearch keeps a point in time between two pages
)

// Revisions calls each with every observation of [from, to) that is stored when it is called; the zero time is no limit.
func (s *Store) Revisions(ctx context.Context, from, to time.Time, each func(Revision) error) (err error) {
	const doing = "reading the observations"
	if _, err := s.call(ctx, request{doing: doing, method: http.MethodPost, path: "/" + s.cleanIndices() + "/_refresh"}); err != nil {
		return err
	}
	var point struct {
		ID string `json:"id"`
	}
	open := request{doing: doing, method: http.MethodPost, path: "/" + s.cleanIndices() + "/_pit?keep_alive=" + keepAlive}
	if err := s.callFor(ctx, open, &point); err != nil {
		return err
	}
	defer func() { s.closePoint(ctx, point.ID) }()
	var after json.RawMessage
	for {
		hits, err := s.page(ctx, &point.ID, from, to, after)
		if err != nil {
			return err
		}
		for _, h := range hits {
			r, err := h.revision()
			if err != nil {
				return err
			}
			if err := each(r); err != nil {
				return err
			}
		}
		if len(hits) < pageSize {
			return nil
		}
		after = hits[len(hits)-1].Sort
	}
}

// closePoint gives a point in time up. Elasticsearch does that by itself when nobody asks any more.
func (s *Store) closePoint(ctx context.Context, id string) {
	body, _ := json.Marshal(map[string]string{"id": id}) // a string always marshals
	_, _ = s.once(context.WithoutCancel(ctx), request{method: http.MethodDelete, path: "/_pit", body: body})
}

// hit is one document of a page.
type hit struct {
	Index  string          `json:"_index"`
	ID     string          `json:"_id"`
	Sort   json.RawMessage `json:"sort"`
	Fields struct {
		StationID []string `json:"station_id"`
		Revision  []int64  `json:"revision"`
		FetchedAt []string `json:"fetched_at"` // milliseconds since 1970
	} `json:"fields"`
}

func (h *hit) revision() (Revision, error) {
	id, ok := meteo.ParseID(h.ID)
	if !ok || len(h.Fields.StationID) != 1 || len(h.Fields.Revision) != 1 || len(h.Fields.FetchedAt) != 1 {
		return Revision{}, flow.Fail(flow.Unavailable, "reading the observations: document %.80q of index %s is no observation of senmeteo: remove it", h.ID, h.Index)
	}
	fetched, err := strconv.ParseInt(h.Fields.FetchedAt[0], 10, 64)
	if err != nil {
		return Revision{}, fmt.Errorf("reading when document %s was fetched: %w", h.ID, err)
	}
	return Revision{ID: id, StationID: h.Fields.StationID[0], Revision: h.Fields.Revision[0], FetchedAt: time.UnixMilli(fetched)}, nil
}

// page reads the documents of a point in time behind those of an earlier page. The id of the point may change from page to page.
func (s *Store) page(ctx context.Context, point *string, from, to time.Time, after json.RawMessage) ([]hit, error) {
	const doing = "reading the observations"
	limits := map[string]string{}
	if !from.IsZero() {
		limits["gte"] = from.UTC().Format(time.RFC3339Nano)
	}
	if !to.IsZero() {
		limits["lt"] = to.UTC().Format(time.RFC3339Nano)
	}
	query := map[string]any{
		"size": pageSize, "sort": []string{"_shard_doc"}, "track_total_hits": false, "_source": false,
		"docvalue_fields": []any{"station_id", "revision", map[string]string{"field": "fetched_at", "format": "epoch_millis"}},
		"pit":             map[string]string{"id": *point, "keep_alive": keepAlive},
	}
	if len(limits) > 0 {
		query["query"] = map[string]any{"range": map[string]any{"@timestamp": limits}}
	}
	if after != nil {
		query["search_after"] = after
	}
	body, err := json.Marshal(query)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	var found struct {
		Point    string `json:"pit_id"`
		TimedOut bool   `json:"timed_out"`
		Hits     struct {
			Hits []hit `json:"hits"`
		} `json:"hits"`
	}
	r := request{doing: doing, method: http.MethodPost, path: "/_search?allow_partial_search_results=false", body: body}
	if err := s.callFor(ctx, r, &found); err != nil {
		return nil, err
	}
	if found.TimedOut {
		return nil, flow.Fail(flow.Unavailable, "%s: Elasticsearch took too long: run it again", doing)
	}
	*point = found.Point
	return found.Hits.Hits, nil
}
