package dashboards

import (
	"embed"
	"encoding/json"
	"fmt"
)

// weather is the dashboard of the values. A flagged value and a forecast are in none of its charts; each chart keeps sources and kinds
// apart.
func weather() board {
	return board{
		id: "meteo-weather", title: "Weather of Senegal · Météo du Sénégal", from: "now-3d", view: observations,
		description: "Values that are not bad and no forecasts, by source and kind · Valeurs non rejetées, hors prévisions, par source et par nature",
		controls: []control{
			{"source", "Source · Source"}, {"kind", "Kind · Nature"}, {"region", "Region · Région"},
		},
		rows: [][]panel{
			{
				stations(),
				vega("meteo-rain", "Rain by day and region · Pluie par jour et par région", "rain"),
			},
			{
				vega("meteo-temperature", "Temperature by region · Température par région", "temperature"),
				vega("meteo-wind", "Wind by region · Vent par région", "wind"),
			},
			{table("meteo-observations", "Observations · Observations", observations, "",
				"region", "temperature_c", "humidity_pct", "rain_mm", "interval_s", "wind_speed_ms", "quality", "qc_rules", "source", "kind")},
		},
	}
}

//go:embed vega/*.json
var specifications embed.FS

// vega is a chart of Vega-Lite, which holds its own request: Lens can't keep two fields apart in one chart, nor take the largest of sums.
func vega(id, title, name string) panel {
	file, err := specifications.ReadFile("vega/" + name + ".json")
	if err != nil {
		panic(err) // it is embedded
	}
	var spec map[string]any
	if err := json.Unmarshal(file, &spec); err != nil {
		panic(fmt.Sprintf("vega/%s.json: %v", name, err)) // a test reads all of them
	}
	return panel{height: 22, object: object("visualization", id, "8.5.0", map[string]any{
		"title": title, "description": "", "uiStateJSON": "{}", "version": 1, "kibanaSavedObjectMeta": searchSource("", ""),
		"visState": text(map[string]any{"title": title, "type": "vega", "aggs": []any{}, "params": map[string]any{"spec": string(file)}}),
	})}
}

// usable are the documents whose values count.
const usable = `not quality : "bad" and not kind : "forecast"`

// stations is a map of the latest temperature of each station.
func stations() panel {
	const reference = "layer_1_source_index_pattern"
	static := func(value any) map[string]any { return map[string]any{"type": "STATIC", "options": value} }
	temperature := map[string]any{"name": "temperature_c", "origin": "source"}
	layers := []any{
		map[string]any{
			"id": "basemap", "type": "EMS_VECTOR_TILE", "label": nil, "alpha": 1, "visible": true, "minZoom": 0, "maxZoom": 24,
			"style": map[string]any{"type": "EMS_VECTOR_TILE", "color": ""}, "sourceDescriptor": map[string]any{"type": "EMS_TMS", "isAutoSelect": true, "lightModeDefault": "road_map_desaturated"},
		},
		map[string]any{
			"id": "stations", "type": "GEOJSON_VECTOR", "label": "Latest temperature, °C · Dernière température, °C", "alpha": 1, "visible": true,
			"minZoom": 0, "maxZoom": 24, "joins": []any{}, "includeInFitToBounds": true, "query": kql("temperature_c : * and " + usable),
			"sourceDescriptor": map[string]any{
				"id": "stations", "type": "ES_SEARCH", "indexPatternRefName": reference, "geoField": "location", "filterByMapBounds": false,
				"scalingType": "TOP_HITS", "topHitsSplitField": "station_id", "topHitsSize": 1, "topHitsGroupByTimeseries": false,
				"sortField": "@timestamp", "sortOrder": "desc", "applyGlobalQuery": true, "applyGlobalTime": true, "applyForceRefresh": true,
				"tooltipProperties": []string{"region", "station_id", "temperature_c", "@timestamp", "source", "kind"},
			},
			"style": map[string]any{"type": "VECTOR", "isTimeAware": true, "properties": map[string]any{
				"icon":        static(map[string]any{"value": "marker"}),
				"symbolizeAs": map[string]any{"options": map[string]any{"value": "circle"}},
				"fillColor": map[string]any{"type": "DYNAMIC", "options": map[string]any{
					"field": temperature, "color": "Yellow to Red", "fieldMetaOptions": map[string]any{"isEnabled": true, "sigma": 3},
				}},
				"lineColor":   static(map[string]any{"color": "#343741"}),
				"lineWidth":   static(map[string]any{"size": 1}),
				"iconSize":    static(map[string]any{"size": 14}),
				"labelText":   map[string]any{"type": "DYNAMIC", "options": map[string]any{"field": temperature}},
				"labelSize":   static(map[string]any{"size": 14}),
				"labelColor":  static(map[string]any{"color": "#000000"}),
				"labelBorder": map[string]any{"options": map[string]any{"size": "SMALL"}},
			}},
		},
	}
	state := map[string]any{
		"adHocDataViews": []any{}, "zoom": 5.9, "center": map[string]any{"lon": -14.4, "lat": 14.5}, "query": kql(""), "filters": []any{},
		"timeFilters": map[string]any{"from": "now-3d", "to": "now"}, "refreshConfig": map[string]any{"isPaused": false, "interval": 60000},
		"settings": map[string]any{"autoFitToDataBounds": false, "initialLocation": "LAST_SAVED_LOCATION"},
	}
	return panel{height: 22, object: object("map", "meteo-stations", "8.4.0", map[string]any{
		"title": "Latest temperature of the stations · Dernière température des stations", "description": "",
		"layerListJSON": text(layers), "mapStateJSON": text(state), "uiStateJSON": text(map[string]any{"isLayerTOCOpen": true, "openTOCDetails": []any{}}),
	}, Reference{ID: observations, Name: reference, Type: "index-pattern"})}
}
