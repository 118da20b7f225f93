package dashboards

import "strconv"

// board is a dashboard.
type board struct {
	id, title, description string
	from                   string // the time that it opens with, up to now
	view                   string // of the controls
	controls               []control
	rows                   [][]panel // each row is as high as its first panel, and its panels share the width
}

// control lets the reader choose values of a field.
type control struct{ field, title string }

// panel is one object of a dashboard.
type panel struct {
	object Object
	height int
}

// width is that of a dashboard, in Kibana's units.
const width = 48

// objects returns the panels and then the dashboard.
func (b board) objects() []Object {
	var all []Object
	var panels []any
	var references []Reference
	y := 0
	for _, row := range b.rows {
		for i, p := range row {
			n := strconv.Itoa(len(panels) + 1)
			share := width / len(row)
			panels = append(panels, map[string]any{
				"type": p.object.Type, "panelIndex": n, "panelRefName": "panel_" + n, "embeddableConfig": map[string]any{"enhancements": map[string]any{}},
				"gridData": map[string]any{"x": i * share, "y": y, "w": share, "h": row[0].height, "i": n},
			})
			references = append(references, Reference{ID: p.object.ID, Name: n + ":panel_" + n, Type: p.object.Type})
			all = append(all, p.object)
		}
		y += row[0].height
	}
	attributes := map[string]any{
		"title": b.title, "description": b.description, "version": 2, "hits": 0,
		"panelsJSON":  text(panels),
		"optionsJSON": text(map[string]any{"useMargins": true, "syncColors": true, "syncCursor": true, "syncTooltips": false, "hidePanelTitles": false}),
		"timeRestore": true, "timeFrom": b.from, "timeTo": "now",
		"refreshInterval":       map[string]any{"pause": false, "value": 60000},
		"kibanaSavedObjectMeta": searchSource("", ""),
	}
	if len(b.controls) > 0 {
		group := map[string]any{}
		for i, c := range b.controls {
			group[c.field] = map[string]any{
				"type": "optionsListControl", "order": i, "grow": true, "width": "medium",
				"explicitInput": map[string]any{"id": c.field, "fieldName": c.field, "title": c.title, "selectedOptions": []any{}, "enhancements": map[string]any{}},
			}
			references = append(references, Reference{ID: b.view, Name: "controlGroup_" + c.field + ":optionsListDataView", Type: "index-pattern"})
		}
		attributes["controlGroupInput"] = map[string]any{
			"chainingSystem": "HIERARCHICAL", "controlStyle": "oneLine", "panelsJSON": text(group),
			"ignoreParentSettingsJSON": text(map[string]any{"ignoreFilters": false, "ignoreQuery": false, "ignoreTimerange": false, "ignoreValidations": false}),
		}
	}
	return append(all, object("dashboard", b.id, "8.9.0", attributes, references...))
}

// table shows documents, the newest first.
func table(id, title, view, query string, columns ...string) panel {
	const reference = "kibanaSavedObjectMeta.searchSourceJSON.index"
	return panel{height: 18, object: object("search", id, "8.0.0", map[string]any{
		"title": title, "description": "", "columns": columns, "sort": []any{[]string{"@timestamp", "desc"}}, "grid": map[string]any{},
		"hideChart": true, "isTextBasedQuery": false, "timeRestore": false, "kibanaSavedObjectMeta": searchSource(query, reference),
	}, Reference{ID: view, Name: reference, Type: "index-pattern"})}
}
