package dashboards

// chart is a chart of Lens. It counts documents, or computes one value of them, by one or two fields.
type chart struct {
	id, title, view string
	query           string // which documents, in Kibana's language
	series          string // "bar_stacked", "bar_horizontal_stacked", "line"; "" is one number
	value           column
	by, split       *column // the axis, and the colours
}

// column is what Lens calls a column of the table that it draws.
type column struct {
	operation string // "count", "terms", "date_histogram", or a metric of a field
	field     string
	label     string
	size      int    // of terms: how many of them, those with most documents
	interval  string // of a date_histogram
}

// layer is the only one of a chart.
const layer = "layer"

func (c chart) panel(height int) panel {
	columns, order := map[string]any{"value": c.value.lens()}, []string{}
	x := map[string]any{"layerId": layer, "layerType": "data", "accessors": []string{"value"}, "seriesType": c.series}
	for _, b := range []struct {
		name, accessor string
		column         *column
	}{{"split", "splitAccessor", c.split}, {"by", "xAccessor", c.by}} {
		if b.column != nil {
			columns[b.name], x[b.accessor] = b.column.lens(), b.name
			order = append(order, b.name)
		}
	}
	if c.by != nil && c.by.operation == "terms" && c.split != nil {
		order[0], order[1] = order[1], order[0] // the largest of the axis, and of those the parts
	}
	kind, shown := "lnsXY", map[string]any{
		"layers": []any{x}, "preferredSeriesType": c.series, "legend": map[string]any{"isVisible": true, "position": "right"},
		"fittingFunction": "None", "valueLabels": "hide",
	}
	if c.series == "" {
		kind, shown = "lnsMetric", map[string]any{"layerId": layer, "layerType": "data", "metricAccessor": "value"}
	}
	return panel{height: height, object: object("lens", c.id, "8.9.0", map[string]any{
		"title": c.title, "description": "", "visualizationType": kind,
		"state": map[string]any{
			"adHocDataViews": map[string]any{}, "filters": []any{}, "internalReferences": []any{}, "query": kql(c.query), "visualization": shown,
			"datasourceStates": map[string]any{
				"formBased": map[string]any{"layers": map[string]any{layer: map[string]any{
					"columnOrder": append(order, "value"), "columns": columns, "incompleteColumns": map[string]any{}, "sampling": 1,
				}}},
				"textBased": map[string]any{"layers": map[string]any{}},
			},
		},
	}, Reference{ID: c.view, Name: "indexpattern-datasource-layer-" + layer, Type: "index-pattern"})}
}

// lens is the column as Lens keeps it.
func (c column) lens() map[string]any {
	out := map[string]any{"operationType": c.operation, "sourceField": c.field, "label": c.label, "customLabel": true}
	switch c.operation {
	case "terms":
		out["dataType"], out["isBucketed"], out["scale"] = "string", true, "ordinal"
		out["params"] = map[string]any{
			"size": c.size, "orderBy": map[string]any{"type": "column", "columnId": "value"}, "orderDirection": "desc", "otherBucket": false,
			"missingBucket": false, "parentFormat": map[string]any{"id": "terms"}, "include": []any{}, "exclude": []any{},
			"includeIsRegex": false, "excludeIsRegex": false,
		}
	case "date_histogram":
		out["dataType"], out["isBucketed"], out["scale"] = "date", true, "interval"
		out["params"] = map[string]any{"interval": c.interval, "includeEmptyRows": true, "dropPartials": false}
	default:
		out["dataType"], out["isBucketed"], out["scale"] = "number", false, "ratio"
		out["params"] = map[string]any{"emptyAsNull": c.operation != "count"}
		if c.operation == "count" {
			out["sourceField"] = "___records___"
		}
	}
	return out
}
