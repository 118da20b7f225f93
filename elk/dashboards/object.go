// Package dashboards is the source of elk/kibana/dashboards.ndjson: what Kibana shows, as short as it can be said. `go test ./elk -update`
// writes the file, which Kibana imports as it is; ids never change, so that importing it again replaces what is there.
package dashboards

import (
	"bytes"
	"encoding/json"

	"senmeteo/jobs/meteo"
)

// Reference names another saved object.
type Reference struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
}

// Object is a saved object of Kibana. The versions are those of the shape in which it is written: a newer Kibana migrates it.
type Object struct {
	ID          string         `json:"id"`
	Type        string         `json:"type"`
	Attributes  map[string]any `json:"attributes"`
	References  []Reference    `json:"references"`
	CoreVersion string         `json:"coreMigrationVersion"`
	TypeVersion string         `json:"typeMigrationVersion"`
	Managed     bool           `json:"managed"`
}

func object(kind, id, version string, attributes map[string]any, references ...Reference) Object {
	if references == nil {
		references = []Reference{}
	}
	return Object{ID: id, Type: kind, Attributes: attributes, References: references, CoreVersion: "8.8.0", TypeVersion: version}
}

// The data views, by their id.
const (
	observations = "meteo-clean"
	letters      = "meteo-dlq"
	logs         = "logs-senmeteo"
)

// Objects lists all saved objects, each after those that it refers to.
func Objects() []Object {
	all := []Object{
		dataView(observations, "meteo-clean*", "Weather of Senegal · Météo du Sénégal", rulesInWords()),
		dataView(letters, "meteo-dlq*", "Dead letters · Lettres mortes", nil),
		dataView(logs, "logs-senmeteo-*", "Logs and reports · Journaux et rapports", nil),
	}
	for _, b := range []board{weather(), quality(), jobs()} {
		all = append(all, b.objects()...)
	}
	return all
}

// Lines is the file that Kibana imports: an object a line.
func Lines() []byte {
	var out bytes.Buffer
	to := json.NewEncoder(&out)
	to.SetEscapeHTML(false)
	for _, o := range Objects() {
		if err := to.Encode(o); err != nil {
			panic(err) // texts and numbers always marshal
		}
	}
	return out.Bytes()
}

// text is a value as JSON in a text, in which Kibana keeps most of its own.
func text(value any) string {
	var out bytes.Buffer
	to := json.NewEncoder(&out)
	to.SetEscapeHTML(false)
	if err := to.Encode(value); err != nil {
		panic(err) // texts and numbers always marshal
	}
	return string(bytes.TrimSpace(out.Bytes()))
}

// format is how Kibana shows the values of a field.
type format struct {
	ID     string         `json:"id"`
	Params map[string]any `json:"params"`
}

// rulesInWords shows rules as what they find wrong.
func rulesInWords() map[string]format {
	var entries []map[string]string
	for _, w := range meteo.RulesInWords {
		entries = append(entries, map[string]string{"key": string(w.Rule), "value": string(w.Rule) + ": " + w.English + " · " + w.French})
	}
	return map[string]format{"qc_rules": {"static_lookup", map[string]any{"lookupEntries": entries}}}
}

// dataView is the indices of a pattern; formats are by field.
func dataView(id, pattern, name string, formats map[string]format) Object {
	shown := "{}"
	if formats != nil {
		shown = text(formats)
	}
	return object("index-pattern", id, "8.0.0", map[string]any{
		"allowHidden": false, "fieldAttrs": "{}", "fieldFormatMap": shown, "fields": "[]", "name": name, "runtimeFieldMap": "{}",
		"sourceFilters": "[]", "timeFieldName": "@timestamp", "title": pattern,
	})
}

// kql is a query in Kibana's language.
func kql(query string) map[string]any { return map[string]any{"query": query, "language": "kuery"} }

// searchSource is the query of an object whose data view, when it has one, is its first reference.
func searchSource(query, reference string) map[string]any {
	source := map[string]any{"query": kql(query), "filter": []any{}}
	if reference != "" {
		source["indexRefName"] = reference
	}
	return map[string]any{"searchSourceJSON": text(source)}
}
