package elk_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// shape is what Kibana 8.19 takes of an attribute. It refuses an object with an attribute that its type does not have, or with another
// kind of value, and an import with one of these as a whole.
type shape struct {
	kind     string // string, json (a string of it), number, boolean, array, object
	required bool
}

// shapes are the attributes of each type, as the schemas of its saved objects list them: the folders saved_objects, content_management and
// dashboard_saved_object of Kibana's plugins. Those that Kibana itself no longer writes are left out.
var shapes = map[string]map[string]shape{
	"index-pattern": {
		"title": {"string", true}, "name": {"string", false}, "timeFieldName": {"string", false}, "fields": {"json", false}, "fieldAttrs": {"json", false},
		"fieldFormatMap": {"json", false}, "runtimeFieldMap": {"json", false}, "sourceFilters": {"json", false}, "allowHidden": {"boolean", false},
	},
	"search": {
		"title": {"string", true}, "description": {"string", false}, "columns": {"array", false}, "sort": {"array", false}, "grid": {"object", false},
		"hideChart": {"boolean", false}, "isTextBasedQuery": {"boolean", false}, "timeRestore": {"boolean", false}, "kibanaSavedObjectMeta": {"object", true},
	},
	"visualization": {
		"title": {"string", true}, "description": {"string", false}, "visState": {"json", true}, "uiStateJSON": {"json", false}, "version": {"number", false},
		"kibanaSavedObjectMeta": {"object", true},
	},
	"lens": {
		"title": {"string", true}, "description": {"string", false}, "visualizationType": {"string", true}, "state": {"object", true},
	},
	"map": {
		"title": {"string", true}, "description": {"string", false}, "mapStateJSON": {"json", false}, "layerListJSON": {"json", false}, "uiStateJSON": {"json", false},
	},
	"dashboard": {
		"title": {"string", true}, "description": {"string", false}, "kibanaSavedObjectMeta": {"object", true}, "panelsJSON": {"json", true}, "optionsJSON": {"json", true},
		"timeRestore": {"boolean", false}, "timeFrom": {"string", false}, "timeTo": {"string", false}, "refreshInterval": {"object", false},
		"controlGroupInput": {"object", false}, "hits": {"number", false}, "version": {"number", false},
	},
}

// written are the versions of the forms that the types are in: the last ones before Kibana counted them by model. It migrates these on
// import, and refuses one that is newer than its own.
var written = map[string]string{"index-pattern": "8.0.0", "search": "8.0.0", "visualization": "8.5.0", "lens": "8.9.0", "map": "8.4.0", "dashboard": "8.9.0"}

// wrongShape describes what is wrong with the attributes of an object; none when all is well.
func wrongShape(kind string, attributes map[string]any) []string {
	var wrong []string
	for name, value := range attributes {
		want, ok := shapes[kind][name]
		if !ok {
			wrong = append(wrong, "has no attribute "+name)
			continue
		}
		got := "null"
		switch v := value.(type) {
		case string:
			got = "string"
			if want.kind == "json" && json.Valid([]byte(v)) {
				got = "json"
			}
		case float64:
			got = "number"
		case bool:
			got = "boolean"
		case []any:
			got = "array"
		case map[string]any:
			got = "object"
		}
		if got != want.kind {
			wrong = append(wrong, fmt.Sprintf("%s is %s, not %s", name, got, want.kind))
		}
	}
	for name, want := range shapes[kind] {
		if _, ok := attributes[name]; want.required && !ok {
			wrong = append(wrong, "lacks "+name)
		}
	}
	slices.Sort(wrong)
	return wrong
}

func TestAttributesAreThoseThatKibanaTakes(t *testing.T) {
	for name, o := range savedObjects(t) {
		if shapes[o.Type] == nil {
			t.Errorf("%s has a type of which nobody has read what Kibana takes", name)
		}
		for _, wrong := range wrongShape(o.Type, o.Attributes) {
			t.Errorf("%s %s", name, wrong)
		}
		if got := o.TypeMigrationVersion; got != written[o.Type] || o.CoreMigrationVersion != "8.8.0" {
			t.Errorf("%s is written as of %s and %s", name, got, o.CoreMigrationVersion)
		}
		if meta, ok := o.Attributes["kibanaSavedObjectMeta"].(map[string]any); ok {
			text, ok := meta["searchSourceJSON"].(string)
			if !ok || !json.Valid([]byte(text)) || len(meta) != 1 {
				t.Errorf("%s has the query %v", name, meta)
			}
		}
	}
}

func TestAnObjectThatKibanaRefusesIsFound(t *testing.T) {
	for want, attributes := range map[string]map[string]any{
		"has no attribute colour":               {"title": "a", "state": map[string]any{}, "visualizationType": "lnsXY", "colour": "red"},
		"lacks state":                           {"title": "a", "visualizationType": "lnsXY"},
		"state is string, not object":           {"title": "a", "visualizationType": "lnsXY", "state": "{}"},
		"visualizationType is null, not string": {"title": "a", "visualizationType": nil, "state": map[string]any{}},
		"title is number, not string":           {"title": 1.0, "visualizationType": "lnsXY", "state": map[string]any{}},
		"description is boolean, not string":    {"title": "a", "description": true, "visualizationType": "lnsXY", "state": map[string]any{}},
	} {
		if got := wrongShape("lens", attributes); !slices.Equal(got, []string{want}) {
			t.Errorf("%v: %v, want %s", attributes, got, want)
		}
	}
	if got := wrongShape("map", map[string]any{"title": "a", "layerListJSON": "[{"}); len(got) != 1 || got[0] != "layerListJSON is string, not json" {
		t.Errorf("JSON that is cut off: %v", got)
	}
}

// A reference that nothing names is dropped by the next save, and one name for two objects lets the first win.
func TestEveryReferenceIsNamedByWhatItIsFor(t *testing.T) {
	for name, o := range savedObjects(t) {
		all, err := json.Marshal(o.Attributes)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, r := range o.References {
			if seen[r.Name] {
				t.Errorf("%s has two references %s", name, r.Name)
			}
			seen[r.Name] = true
			used := r.Name
			switch {
			case strings.HasPrefix(r.Name, "controlGroup_"): // controlGroup_ID:optionsListDataView
				used, _, _ = strings.Cut(strings.TrimPrefix(r.Name, "controlGroup_"), ":")
			case o.Type == "dashboard": // PANEL:panel_PANEL
				_, used, _ = strings.Cut(r.Name, ":")
			case strings.HasPrefix(r.Name, "indexpattern-datasource-layer-"): // of a layer of Lens, by its id
				used = strings.TrimPrefix(r.Name, "indexpattern-datasource-layer-")
			}
			if !strings.Contains(string(all), used) {
				t.Errorf("%s has the reference %s, which nothing in it names", name, r.Name)
			}
		}
	}
}

// The grid of a dashboard is 48 columns wide; panels on one another are moved, and then lie elsewhere than they were meant to.
func TestPanelsLieSideBySide(t *testing.T) {
	type rectangle struct{ X, Y, W, H int }
	for name, o := range savedObjects(t) {
		if o.Type != "dashboard" {
			continue
		}
		var panels []struct {
			PanelIndex string
			GridData   struct {
				rectangle
				I string
			}
		}
		o.within(t, "panelsJSON", &panels)
		at := map[string]rectangle{}
		for _, p := range panels {
			r := p.GridData.rectangle
			if p.GridData.I != p.PanelIndex || r.X < 0 || r.Y < 0 || r.W <= 0 || r.H <= 0 || r.X+r.W > 48 {
				t.Errorf("%s: panel %s is at %+v", name, p.PanelIndex, p.GridData)
			}
			for other, o := range at {
				if r.X < o.X+o.W && o.X < r.X+r.W && r.Y < o.Y+o.H && o.Y < r.Y+r.H {
					t.Errorf("%s: panel %s lies on panel %s", name, p.PanelIndex, other)
				}
			}
			at[p.PanelIndex] = r
		}
		if len(at) != len(panels) {
			t.Errorf("%s: two panels have one name: %v", name, slices.Sorted(maps.Keys(at)))
		}
	}
}
