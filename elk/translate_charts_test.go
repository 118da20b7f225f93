package elk_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// lensColumn is a column of the table that Lens draws.
type lensColumn struct {
	OperationType, SourceField string
	Params                     struct {
		Size                       int
		Interval                   string
		OrderBy                    struct{ Type, ColumnID string }
		OrderDirection             string
		OtherBucket, MissingBucket bool
	}
}

// lensRequest is that of a chart of Lens: its buckets, one within the other, in the order of the columns.
func lensRequest(t *testing.T, all map[string]savedObject, o savedObject, s situation) request {
	t.Helper()
	var state struct {
		Query            kqlQuery
		Filters          []any
		Visualization    map[string]any
		DatasourceStates struct {
			FormBased struct {
				Layers map[string]struct {
					ColumnOrder []string
					Columns     map[string]lensColumn
				}
			}
		}
	}
	into(t, o.Attributes["state"], &state)
	layers := state.DatasourceStates.FormBased.Layers
	if len(layers) != 1 || len(state.Filters) != 0 {
		t.Fatalf("%s has %d layers and %d filters: this translator knows one layer without any", o.ID, len(layers), len(state.Filters))
	}
	id := slices.Collect(maps.Keys(layers))[0]
	layer := layers[id]
	if got, want := slices.Sorted(slices.Values(layer.ColumnOrder)), slices.Sorted(maps.Keys(layer.Columns)); !slices.Equal(got, want) {
		t.Errorf("%s orders the columns %v of %v", o.ID, got, want)
	}
	for _, accessor := range accessors(state.Visualization) {
		if _, ok := layer.Columns[accessor]; !ok {
			t.Errorf("%s draws the column %s, which is not there", o.ID, accessor)
		}
	}
	body := map[string]any{"size": 0, "track_total_hits": true, "query": s.query(t, state.Query.Query)}
	within, buckets, metric, computed := body, []string{}, "", map[string]any{}
	for name, column := range layer.Columns {
		switch column.OperationType {
		case "count":
			if metric = name; column.SourceField != "___records___" {
				t.Errorf("%s counts %s", o.ID, column.SourceField)
			}
		case "max", "sum":
			metric, computed[name] = name, map[string]any{column.OperationType: map[string]any{"field": column.SourceField}}
		}
	}
	for _, name := range layer.ColumnOrder {
		column := layer.Columns[name]
		switch column.OperationType {
		case "terms", "date_histogram":
			// The value is in each bucket: that of the last one is drawn, terms are ordered by theirs.
			inner := map[string]any{column.OperationType: bucketOf(t, o.ID, column, layer.Columns), "aggs": maps.Clone(computed)}
			if len(buckets) == 0 {
				within["aggs"] = map[string]any{}
			}
			within["aggs"].(map[string]any)[name] = inner
			within, buckets = inner, append(buckets, name)
		case "count", "max", "sum":
		default:
			t.Fatalf("%s: %q is not an operation that this translator knows", o.ID, column.OperationType)
		}
	}
	if metric == "" {
		t.Fatalf("%s computes nothing", o.ID)
	}
	return request{
		index: o.reference(t, all, "indexpattern-datasource-layer-"+id).title(), body: body,
		rows: func(t *testing.T, answer map[string]any) []string {
			if len(buckets) == 0 {
				return []string{fmt.Sprint(at(t, answer, "hits.total.value"))}
			}
			return lensRows(t, at(t, answer, "aggregations").(map[string]any), buckets, metric, "")
		},
	}
}

func bucketOf(t *testing.T, id string, c lensColumn, columns map[string]lensColumn) map[string]any {
	t.Helper()
	p := c.Params
	if c.OperationType == "date_histogram" {
		if p.Interval != "1d" && p.Interval != "1h" {
			t.Fatalf("%s: %q is not an interval that this translator knows", id, p.Interval)
		}
		return map[string]any{"field": c.SourceField, "calendar_interval": p.Interval, "min_doc_count": 1}
	}
	order := p.OrderBy.ColumnID
	if columns[order].OperationType == "count" {
		order = "_count"
	}
	if p.OrderBy.Type != "column" || columns[p.OrderBy.ColumnID].OperationType == "" || p.OrderDirection != "desc" || p.OtherBucket || p.MissingBucket {
		t.Fatalf("%s: terms are ordered in a way that this translator does not know: %+v", id, p)
	}
	return map[string]any{"field": c.SourceField, "size": p.Size, "order": map[string]any{order: "desc"}}
}

// accessors are the columns that a chart draws.
func accessors(visualization map[string]any) []string {
	var found []string
	parts := []any{visualization}
	if layers, ok := visualization["layers"].([]any); ok {
		parts = layers
	}
	for _, part := range parts {
		for key, value := range part.(map[string]any) {
			if text, ok := value.(string); ok && strings.HasSuffix(key, "Accessor") {
				found = append(found, text)
			}
			if list, ok := value.([]any); ok && key == "accessors" {
				for _, name := range list {
					found = append(found, name.(string))
				}
			}
		}
	}
	return found
}

// lensRows are the cells of a chart: "good 2026-03-01: 3".
func lensRows(t *testing.T, aggregations map[string]any, buckets []string, metric, before string) []string {
	var rows []string
	for _, b := range at(t, aggregations, buckets[0]+".buckets").([]any) {
		bucket := b.(map[string]any)
		key, ok := bucket["key_as_string"].(string)
		if key = strings.TrimSuffix(strings.TrimSuffix(key, ":00:00.000Z"), "T00"); !ok {
			key = fmt.Sprint(bucket["key"])
		}
		if len(buckets) > 1 {
			rows = append(rows, lensRows(t, bucket, buckets[1:], metric, before+key+" ")...)
			continue
		}
		value := bucket["doc_count"]
		if bucket[metric] != nil {
			value = at(t, bucket, metric+".value")
		}
		rows = append(rows, fmt.Sprintf("%s%s: %v", before, key, value))
	}
	return rows
}

// vegaRequest is the one that a chart of Vega-Lite holds, with what Kibana replaces in it.
func vegaRequest(t *testing.T, o savedObject, s situation) request {
	t.Helper()
	var vis struct {
		Type   string
		Params struct{ Spec string }
	}
	o.within(t, "visState", &vis)
	var spec struct {
		Schema string `json:"$schema"`
		Data   struct {
			URL struct {
				Index string
				Body  map[string]any
			}
			Format struct{ Property string }
		}
		Transform []struct{ Calculate, As string }
		Encoding  map[string]json.RawMessage
	}
	into(t, json.RawMessage(vis.Params.Spec), &spec)
	if vis.Type != "vega" || !strings.Contains(spec.Schema, "/vega-lite/") {
		t.Fatalf("%s is neither Vega-Lite nor anything else that this translator knows", o.ID)
	}
	body := inSituation(t, spec.Data.URL.Body, s).(map[string]any)
	return request{index: spec.Data.URL.Index, body: body, rows: func(t *testing.T, answer map[string]any) []string {
		var rows []string
		for _, d := range at(t, answer, spec.Data.Format.Property).([]any) {
			datum := d.(map[string]any)
			for _, step := range spec.Transform {
				datum[step.As] = calculated(t, datum, step.Calculate)
			}
			cells := []string{}
			for _, channel := range []string{"row", "color", "x", "y"} {
				var encoding struct{ Field, Type string }
				into(t, spec.Encoding[channel], &encoding)
				if value := lookup(datum, encoding.Field); value != nil {
					cells = append(cells, shown(value, encoding.Type))
				}
			}
			if len(cells) < 4 {
				continue // nothing is drawn without a value
			}
			rows = append(rows, strings.Join(cells, " "))
		}
		return rows
	}}
}

// shown is a value as a chart shows it: times are milliseconds since 1970.
func shown(value any, kind string) string {
	if number, ok := value.(float64); ok && kind != "quantitative" {
		return clock(int64(number))
	}
	return fmt.Sprint(value)
}

// calculated computes an expression that joins members of a datum and texts.
func calculated(t *testing.T, datum any, expression string) string {
	t.Helper()
	var out strings.Builder
	for part := range strings.SplitSeq(expression, " + ") {
		if path, ok := strings.CutPrefix(part, "datum."); ok {
			_, _ = fmt.Fprint(&out, at(t, datum, path)) // a text never fails
		} else if quoted := regexp.MustCompile(`^'([^']*)'$`).FindStringSubmatch(part); quoted != nil {
			out.WriteString(quoted[1])
		} else {
			t.Fatalf("%q is not an expression that this translator knows", part)
		}
	}
	return out.String()
}

// inSituation replaces what Kibana replaces in a request of Vega.
func inSituation(t *testing.T, value any, s situation) any {
	t.Helper()
	switch value := value.(type) {
	case string:
		if strings.Contains(value, "%") {
			t.Fatalf("%q is not something that this translator knows how to replace", value)
		}
	case []any:
		out := []any{}
		for _, v := range value {
			switch v {
			case "%dashboard_context-must_clause%", "%dashboard_context-must_not_clause%":
			case "%dashboard_context-filter_clause%":
				out = append(out, s.filters...)
			default:
				out = append(out, inSituation(t, v, s))
			}
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for key, v := range value {
			inner, _ := v.(map[string]any)
			switch {
			case inner["%timefilter%"] == true && key == "@timestamp":
				out[key] = s.time().(map[string]any)["range"].(map[string]any)[key]
			case inner["%autointerval%"] == true && key == "interval":
				out["fixed_interval"] = "1h"
			default:
				out[key] = inSituation(t, v, s)
			}
		}
		return out
	}
	return value
}

// at returns what a path leads to.
func at(t *testing.T, value any, path string) any {
	t.Helper()
	found := lookup(value, path)
	if found == nil {
		t.Fatalf("there is no %s in %v", path, value)
	}
	return found
}

// lookup is at, nil where the path leads nowhere.
func lookup(value any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// documents are these columns of hits: "SN-DK 25.1".
func documents(t *testing.T, hits any, columns []string) []string {
	t.Helper()
	var rows []string
	for _, h := range at(t, hits, "hits").([]any) {
		source := at(t, h, "_source").(map[string]any)
		cells := []string{}
		for _, name := range columns {
			cells = append(cells, fmt.Sprint(cmp.Or(source[name], any("-"))))
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return rows
}
