package es

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// The two halves of a revision's hash are fields of its document: Elasticsearch sums up by doubles, which are exact for so many numbers
// of 32 bits as a day may have.
const (
	hashHigh = "hash_high"
	hashLow  = "hash_low"
)

// appendHash appends the two fields.
func appendHash(dst []byte, o *meteo.Observation) []byte {
	hash := flow.RevisionOf(o).Hash()
	dst = strconv.AppendUint(append(dst, `"`+hashHigh+`":`...), hash>>32, 10)
	dst = strconv.AppendUint(append(dst, `,"`+hashLow+`":`...), hash&(1<<32-1), 10)
	return append(dst, ',')
}

// Sums implements flow.Store. Elasticsearch sums up what its documents have; where it can't, the revisions of an index are read.
func (s *Store) Sums(ctx context.Context, sel flow.Selection, each func(flow.DaySum) error) error {
	if err := s.refresh(ctx); err != nil {
		return err
	}
	indices, err := s.indicesOf(ctx, sel)
	if err != nil {
		return err
	}
	summer := flow.NewSummer()
	for _, index := range indices {
		sums, proven, err := s.sumsOf(ctx, index, sel)
		if err != nil {
			return err
		}
		if proven {
			for _, sum := range sums {
				summer.AddSum(sum)
			}
			continue
		}
		err = s.revisionsIn(ctx, index, sel, func(r flow.Revision) error {
			summer.AddOnly(r)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return summer.Each(each)
}

// indicesOf returns the indices that have documents of a selection, in their order. Asked one by one, their answers stay small, and so
// does what each has to read of its documents for one page of sums.
func (s *Store) indicesOf(ctx context.Context, sel flow.Selection) ([]string, error) {
	const most = 10_000 // more than a cluster has
	var found struct {
		Indices struct {
			Others  int64 `json:"sum_other_doc_count"`
			Buckets []struct {
				Key string `json:"key"`
			} `json:"buckets"`
		} `json:"indices"`
	}
	err := s.aggregate(ctx, s.cleanIndices(), sel, map[string]any{"indices": map[string]any{"terms": map[string]any{"field": "_index", "size": most}}}, &found)
	if err != nil {
		return nil, err
	}
	if found.Indices.Others > 0 {
		return nil, flow.Fail(flow.Unavailable, "%s: more than %d indices match %s", reading, most, s.cleanIndices())
	}
	var names []string
	for _, b := range found.Indices.Buckets {
		names = append(names, b.Key)
	}
	slices.Sort(names)
	return names, nil
}

// spanSums are the sums of a station and a span of time. What has no station or no time has no key.
type spanSums struct {
	Key struct {
		Span    *int64  `json:"span"` // its first moment, milliseconds since 1970
		Station *string `json:"station"`
	} `json:"key"`
	Count   int64  `json:"doc_count"`
	High    single `json:"high"`
	Low     single `json:"low"`
	Numbers single `json:"numbers"`
	Fetched single `json:"fetched"`
	Oldest  single `json:"oldest"`
}

type single struct {
	Value float64 `json:"value"`
}

// mostSummed is how many documents have sums that are exact: the largest numbers are times, which have 41 bits until 2039 and stay
// below 2^53 when so many are added.
const mostSummed = 1 << 12

// leastVersion is less than the versions that to-es gives, but for what was fetched in January of 1970, and more than those that
// Elasticsearch counts.
const leastVersion = 1 << 40

// sums returns the sums as they are, and false when they prove nothing: of documents without a station or time, of more than are summed up
// exactly, and where one was stored by somebody else than to-es, whose _id may be anything.
func (b *spanSums) sums() (flow.DaySum, bool) {
	if b.Key.Span == nil || b.Key.Station == nil || b.Count > mostSummed || b.Oldest.Value < leastVersion {
		return flow.DaySum{}, false
	}
	hash := uint64(b.High.Value)<<32 + uint64(b.Low.Value)
	return flow.DaySum{
		StationID: *b.Key.Station, Day: flow.DayOfNumber(flow.DayNumber(time.UnixMilli(*b.Key.Span))),
		IDs: b.Count, Rows: b.Count, Hash: hash, RowsHash: hash, Numbers: int64(b.Numbers.Value), FetchedMs: int64(b.Fetched.Value),
	}, true
}

// sumsOf asks for the sums of an index: by days, or by shorter spans where a day has too many documents. It returns false when these
// prove nothing either.
func (s *Store) sumsOf(ctx context.Context, index string, sel flow.Selection) (sums []flow.DaySum, proven bool, err error) {
	for _, span := range []string{"1d", "1h", "1m"} {
		if sums, proven, err = s.sumsBy(ctx, span, index, sel); proven || err != nil {
			break
		}
	}
	return sums, proven, err
}

// sumsOfPage is how many sums are asked for at once.
const sumsOfPage = 10_000

func (s *Store) sumsBy(ctx context.Context, span, index string, sel flow.Selection) (sums []flow.DaySum, proven bool, err error) {
	spans := map[string]any{"size": sumsOfPage, "sources": []any{
		map[string]any{"span": map[string]any{"date_histogram": map[string]any{"field": "observed_at", "fixed_interval": span, "missing_bucket": true}}},
		map[string]any{"station": map[string]any{"terms": map[string]any{"field": "station_id", "missing_bucket": true}}},
	}}
	of := func(aggregation, field string) map[string]any {
		return map[string]any{aggregation: map[string]string{"field": field}}
	}
	query := map[string]any{"spans": map[string]any{"composite": spans, "aggs": map[string]any{
		"high": of("sum", hashHigh), "low": of("sum", hashLow), "numbers": of("sum", "revision"), "fetched": of("sum", "fetched_at"), "oldest": of("min", "_version"),
	}}}
	for {
		var found struct {
			Spans struct {
				After   json.RawMessage `json:"after_key"`
				Buckets []spanSums      `json:"buckets"`
			} `json:"spans"`
		}
		if err := s.aggregate(ctx, index, sel, query, &found); err != nil {
			return nil, false, err
		}
		for i := range found.Spans.Buckets {
			sum, proven := found.Spans.Buckets[i].sums()
			if !proven {
				return nil, false, nil
			}
			sums = append(sums, sum)
		}
		if len(found.Spans.Buckets) < sumsOfPage {
			return sums, true, nil
		}
		spans["after"] = found.Spans.After
	}
}

// aggregate asks for aggregations of the documents of a selection.
func (s *Store) aggregate(ctx context.Context, index string, sel flow.Selection, aggregations map[string]any, into any) error {
	body, err := json.Marshal(map[string]any{"size": 0, "track_total_hits": false, "query": queryOf(sel), "aggs": aggregations})
	if err != nil {
		return fmt.Errorf("%s: %w", reading, err)
	}
	var found struct {
		TimedOut     bool            `json:"timed_out"`
		Aggregations json.RawMessage `json:"aggregations"`
	}
	partial := false
	r := request{doing: reading, body: body, api: func(body io.Reader) esapi.Request {
		return esapi.SearchRequest{Index: []string{index}, Body: body, AllowPartialSearchResults: &partial}
	}}
	if err := s.callFor(ctx, r, &found); err != nil {
		return err
	}
	if found.TimedOut {
		return tookTooLong()
	}
	if len(found.Aggregations) == 0 { // no index matches
		return nil
	}
	if err := json.Unmarshal(found.Aggregations, into); err != nil {
		return failed(ctx, reading, fmt.Errorf("the answer is not Elasticsearch's: %w", err))
	}
	return nil
}
