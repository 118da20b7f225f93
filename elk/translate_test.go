package elk_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// situation is what a dashboard adds to the request of a panel: the time that it shows, and what its controls choose.
type situation struct {
	from, to string
	filters  []any // of the query language of Elasticsearch
}

// request is what Kibana asks Elasticsearch for an object.
type request struct {
	index string
	body  map[string]any
	shown []string // fields that are shown of each document
	rows  func(t *testing.T, answer map[string]any) []string
}

// fields are all that the request names.
func (r request) fields() []string {
	found := map[string]bool{}
	var walk func(value any)
	walk = func(value any) {
		switch value := value.(type) {
		case []any:
			for _, v := range value {
				walk(v)
			}
		case map[string]any:
			for key, v := range value {
				if name, ok := v.(string); ok && key == "field" {
					found[name] = true
				}
				if inner, ok := v.(map[string]any); ok && slices.Contains([]string{"term", "range", "match_phrase"}, key) {
					for name := range inner {
						found[name] = true
					}
				}
				walk(v)
			}
		}
	}
	var body any
	text, _ := json.Marshal(r.body) // it came from JSON, mostly
	_ = json.Unmarshal(text, &body)
	walk(body)
	for _, name := range r.shown {
		found[name] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// requestOf makes the request of an object, as Kibana does. It fails for whatever it does not know.
func requestOf(t *testing.T, all map[string]savedObject, o savedObject, s situation) request {
	t.Helper()
	switch o.Type {
	case "lens":
		return lensRequest(t, all, o, s)
	case "map":
		return mapRequest(t, all, o, s)
	case "visualization":
		return vegaRequest(t, o, s)
	case "search":
		return searchRequest(t, all, o, s)
	}
	t.Fatalf("%s is a %s: nobody knows what it asks for", o.ID, o.Type)
	return request{}
}

// query is the query of a panel within a situation.
func (s situation) query(t *testing.T, kql string) map[string]any {
	t.Helper()
	filter, not := append([]any{s.time()}, s.filters...), []any{}
	if kql != "" {
		for part := range strings.SplitSeq(kql, " and ") {
			part, negated := strings.CutPrefix(part, "not ")
			if negated {
				not = append(not, clause(t, part))
			} else {
				filter = append(filter, clause(t, part))
			}
		}
	}
	return map[string]any{"bool": map[string]any{"filter": filter, "must_not": not}}
}

func (s situation) time() any {
	limits := map[string]any{}
	if s.from != "" {
		limits["gte"], limits["lte"] = s.from, s.to
	}
	return map[string]any{"range": map[string]any{"@timestamp": limits}}
}

// clause is one `field : value` of Kibana's language.
func clause(t *testing.T, text string) any {
	t.Helper()
	field, value, ok := strings.Cut(text, " : ")
	switch {
	case !ok || strings.ContainsAny(field, ` ()<>"*`):
	case value == "*":
		return map[string]any{"exists": map[string]any{"field": field}}
	case value == "true" || value == "false":
		return map[string]any{"match_phrase": map[string]any{field: value}}
	case strings.HasPrefix(value, `"`) && strings.HasSuffix(value, `"`) && strings.Count(value, `"`) == 2:
		return map[string]any{"match_phrase": map[string]any{field: strings.Trim(value, `"`)}}
	}
	t.Fatalf("%q is not a clause that this translator knows", text)
	return nil
}

// into decodes a value into another type.
func into(t *testing.T, value, target any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, target)
	}
	if err != nil {
		t.Fatal(err)
	}
}

type kqlQuery struct{ Query, Language string }

// searchRequest is that of a table of documents.
func searchRequest(t *testing.T, all map[string]savedObject, o savedObject, s situation) request {
	t.Helper()
	var meta struct {
		SearchSourceJSON string
	}
	var source struct {
		Query        kqlQuery
		IndexRefName string
	}
	var columns []string
	var sorted [][2]string
	into(t, o.Attributes["kibanaSavedObjectMeta"], &meta)
	into(t, json.RawMessage(meta.SearchSourceJSON), &source)
	into(t, o.Attributes["columns"], &columns)
	into(t, o.Attributes["sort"], &sorted)
	order := []any{}
	for _, by := range sorted {
		order = append(order, map[string]any{by[0]: by[1]})
	}
	return request{
		index: o.reference(t, all, source.IndexRefName).title(), shown: columns,
		body: map[string]any{"size": 100, "query": s.query(t, source.Query.Query), "sort": order},
		rows: func(t *testing.T, answer map[string]any) []string { return documents(t, answer["hits"], columns) },
	}
}

// mapRequest is that of the one layer of a map that shows documents.
func mapRequest(t *testing.T, all map[string]savedObject, o savedObject, s situation) request {
	t.Helper()
	var layers []struct {
		Type             string
		Query            kqlQuery
		SourceDescriptor struct {
			Type, IndexPatternRefName, GeoField, ScalingType, TopHitsSplitField, SortField, SortOrder string
			TopHitsSize                                                                               int
			TooltipProperties                                                                         []string
			ApplyGlobalQuery, ApplyGlobalTime, FilterByMapBounds                                      bool
		}
		Style struct {
			Properties map[string]struct {
				Type    string
				Options struct{ Field struct{ Name, Origin string } }
			}
		}
	}
	o.within(t, "layerListJSON", &layers)
	if len(layers) != 2 || layers[0].Type != "EMS_VECTOR_TILE" || layers[1].Type != "GEOJSON_VECTOR" {
		t.Fatalf("%s has other layers than a base map and documents: %+v", o.ID, layers)
	}
	from := layers[1].SourceDescriptor
	if from.Type != "ES_SEARCH" || from.ScalingType != "TOP_HITS" || !from.ApplyGlobalQuery || !from.ApplyGlobalTime || from.FilterByMapBounds {
		t.Fatalf("%s asks in a way that this translator does not know: %+v", o.ID, from)
	}
	shown := slices.Clone(from.TooltipProperties)
	for name, p := range layers[1].Style.Properties {
		if p.Type == "DYNAMIC" {
			shown = append(shown, p.Options.Field.Name)
			if p.Options.Field.Origin != "source" {
				t.Errorf("%s takes the %s from %q", o.ID, name, p.Options.Field.Origin)
			}
		}
	}
	query := s.query(t, layers[1].Query.Query)
	query["bool"].(map[string]any)["must"] = map[string]any{"exists": map[string]any{"field": from.GeoField}}
	return request{
		index: o.reference(t, all, from.IndexPatternRefName).title(), shown: append(shown, from.SortField, from.GeoField),
		body: map[string]any{"size": 0, "query": query, "aggs": map[string]any{"entitySplit": map[string]any{
			"terms": map[string]any{"field": from.TopHitsSplitField, "size": 10_000},
			"aggs": map[string]any{"entityHits": map[string]any{
				"top_hits": map[string]any{"size": from.TopHitsSize, "sort": []any{map[string]any{from.SortField: map[string]any{"order": from.SortOrder}}}},
			}},
		}}},
		rows: func(t *testing.T, answer map[string]any) []string {
			var rows []string
			for _, b := range at(t, answer, "aggregations.entitySplit.buckets").([]any) {
				rows = append(rows, documents(t, at(t, b, "entityHits.hits"), []string{"station_id", "temperature_c", "source"})...)
			}
			return rows
		},
	}
}
