package es

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
	"github.com/go-json-experiment/json" // takes half the time for a page
	"github.com/go-json-experiment/json/jsontext"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

const (
	pageSize  = 10_000 // index.max_result_window, the most that Elasticsearch returns at once
	keepAlive = "2m"   // how long Elasticsearch keeps a point in time between two pages
)

// Revisions implements flow.Store. The revisions come in no order, as of the moment of the call: there is one of each id.
func (s *Store) Revisions(ctx context.Context, sel flow.Selection, each func(flow.Revision) error) error {
	if err := s.refresh(ctx); err != nil {
		return err
	}
	return s.revisionsIn(ctx, s.cleanIndices(), sel, each)
}

// revisionsIn reads the revisions of an index, or of those of a pattern, as they were refreshed last.
func (s *Store) revisionsIn(ctx context.Context, index string, sel flow.Selection, each func(flow.Revision) error) error {
	var point struct {
		ID string `json:"id"`
	}
	open := request{doing: reading, api: func(io.Reader) esapi.Request {
		return esapi.OpenPointInTimeRequest{Index: []string{index}, KeepAlive: keepAlive}
	}}
	if err := s.callFor(ctx, open, &point); err != nil {
		return err
	}
	defer func() { s.closePoint(ctx, point.ID) }()
	var after jsontext.Value
	var hits []hit
	for {
		var err error
		if hits, err = s.page(ctx, &point.ID, sel, after, hits[:0]); err != nil {
			return err
		}
		for i := range hits {
			r, err := hits[i].revision()
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

const reading = "reading the observations"

// refresh makes all that is stored visible to searches. Rights to read do not include it: without it a store that is opened
// only to ask may miss what was stored in the last seconds.
func (s *Store) refresh(ctx context.Context) error {
	var expected []int
	if s.cfg.ReadOnly {
		expected = []int{http.StatusForbidden}
	}
	r := request{doing: reading, api: func(io.Reader) esapi.Request {
		return esapi.IndicesRefreshRequest{Index: []string{s.cleanIndices()}}
	}}
	a, err := s.call(ctx, r, expected...)
	if err == nil && a.status == http.StatusForbidden {
		s.cfg.Logger.Warn("the user or API key may not refresh Elasticsearch's indices, so what was stored in the last seconds may be missing: grant it the privilege maintenance", "indices", s.cleanIndices())
	}
	return err
}

// closePoint gives a point in time up. Elasticsearch does that by itself when nobody asks any more.
func (s *Store) closePoint(ctx context.Context, id string) {
	body, _ := json.Marshal(map[string]string{"id": id}) // a string always marshals
	_, _ = s.send(context.WithoutCancel(ctx), request{body: body, api: func(body io.Reader) esapi.Request {
		return esapi.ClosePointInTimeRequest{Body: body}
	}})
}

// hit is one document of a page.
type hit struct {
	Index  string         `json:"_index"`
	ID     string         `json:"_id"`
	Sort   jsontext.Value `json:"sort"`
	Fields struct {
		StationID  []string `json:"station_id"`
		Revision   []int64  `json:"revision"`
		ObservedAt []string `json:"observed_at"` // milliseconds since 1970
		FetchedAt  []string `json:"fetched_at"`  // milliseconds since 1970
	} `json:"fields"`
}

func (h *hit) revision() (flow.Revision, error) {
	id, ok := meteo.ParseID(h.ID)
	observedAt, okObserved := onlyTime(h.Fields.ObservedAt)
	fetchedAt, okFetched := onlyTime(h.Fields.FetchedAt)
	if !ok || !okObserved || !okFetched || len(h.Fields.StationID) != 1 || len(h.Fields.Revision) != 1 {
		return flow.Revision{}, flow.Fail(flow.Unavailable, "%s: document %.80q of index %s is not an observation of senmeteo: remove it", reading, h.ID, h.Index)
	}
	return flow.Revision{ID: id, StationID: h.Fields.StationID[0], ObservedAt: observedAt, Number: h.Fields.Revision[0], FetchedAt: fetchedAt}, nil
}

// onlyTime reads the single value of a date field.
func onlyTime(values []string) (time.Time, bool) {
	if len(values) != 1 {
		return time.Time{}, false
	}
	ms, err := strconv.ParseInt(values[0], 10, 64)
	return time.UnixMilli(ms).UTC(), err == nil
}

// page reads the documents of a point in time after those of an earlier page. The id of the point may change from page to page.
// They come in the memory of into, and as they are stored: in any other order Elasticsearch would unpack the text of each for itself to find its id.
func (s *Store) page(ctx context.Context, point *string, sel flow.Selection, after jsontext.Value, into []hit) ([]hit, error) {
	query := map[string]any{
		"size": pageSize, "sort": []string{"_shard_doc"}, "track_total_hits": false, "_source": false,
		"docvalue_fields": []any{"station_id", "revision", milliseconds("observed_at"), milliseconds("fetched_at")},
		"pit":             map[string]string{"id": *point, "keep_alive": keepAlive},
		"query":           queryOf(sel),
	}
	if after != nil {
		query["search_after"] = after
	}
	body, err := json.Marshal(query)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", reading, err)
	}
	var found struct {
		Point    string `json:"pit_id"`
		TimedOut bool   `json:"timed_out"`
		Hits     struct {
			Hits []hit `json:"hits"`
		} `json:"hits"`
	}
	found.Hits.Hits = into
	partial := false
	r := request{doing: reading, body: body, api: func(body io.Reader) esapi.Request {
		return esapi.SearchRequest{Body: body, AllowPartialSearchResults: &partial}
	}}
	a, err := s.call(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(a.body, &found); err != nil {
		return nil, failed(ctx, reading, fmt.Errorf("the answer is not Elasticsearch's: %w", err))
	}
	if found.TimedOut {
		return nil, tookTooLong()
	}
	*point = found.Point
	return found.Hits.Hits, nil
}

func tookTooLong() error {
	return flow.Fail(flow.Unavailable, "%s: Elasticsearch took too long: run it again", reading)
}

func milliseconds(field string) map[string]string {
	return map[string]string{"field": field, "format": "epoch_millis"}
}

// queryOf is a selection as a query.
func queryOf(sel flow.Selection) map[string]any {
	filters := []any{}
	if sel.StationID != "" {
		filters = append(filters, map[string]any{"term": map[string]string{"station_id": sel.StationID}})
	}
	limits := map[string]string{}
	if !sel.From.IsZero() {
		limits["gte"] = sel.From.UTC().Format(time.RFC3339Nano)
	}
	if !sel.To.IsZero() {
		limits["lt"] = sel.To.UTC().Format(time.RFC3339Nano)
	}
	if len(limits) > 0 {
		filters = append(filters, map[string]any{"range": map[string]any{"@timestamp": limits}})
	}
	return map[string]any{"bool": map[string]any{"filter": filters}}
}
