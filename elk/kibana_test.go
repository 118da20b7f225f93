package elk_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"senmeteo/elk"
)

type savedObject struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Attributes struct {
		Title         string   `json:"title"`
		TimeFieldName string   `json:"timeFieldName"`
		Columns       []string `json:"columns"`
		PanelsJSON    string   `json:"panelsJSON"`
		State         struct {
			DatasourceStates struct {
				FormBased struct {
					Layers map[string]struct {
						ColumnOrder []string `json:"columnOrder"`
						Columns     map[string]struct {
							OperationType string `json:"operationType"`
							SourceField   string `json:"sourceField"`
						} `json:"columns"`
					} `json:"layers"`
				} `json:"formBased"`
			} `json:"datasourceStates"`
		} `json:"state"`
	} `json:"attributes"`
	References []struct{ ID, Name, Type string } `json:"references"`
}

func savedObjects(t *testing.T) map[string]savedObject {
	t.Helper()
	files, err := filepath.Glob("kibana/*.ndjson")
	if err != nil || len(files) == 0 {
		t.Fatalf("no saved objects: %v", err)
	}
	found := map[string]savedObject{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			var o savedObject
			if err := json.Unmarshal([]byte(line), &o); err != nil {
				t.Fatalf("%s: %v in %.80s", file, err, line)
			}
			if _, ok := found[o.Type+" "+o.ID]; ok || o.ID == "" || o.Type == "" {
				t.Errorf("%s: %s %q is there twice, or has no name", file, o.Type, o.ID)
			}
			found[o.Type+" "+o.ID] = o
		}
	}
	return found
}

// fieldTypes are the fields of the observations' index.
func fieldTypes(t *testing.T) map[string]string {
	t.Helper()
	text, err := elk.Templates.ReadFile("templates/clean.json")
	if err != nil {
		t.Fatal(err)
	}
	var index struct {
		Template struct {
			Mappings struct {
				Properties map[string]struct{ Type string }
			}
		}
	}
	if err := json.Unmarshal(text, &index); err != nil {
		t.Fatal(err)
	}
	types := map[string]string{}
	for name, field := range index.Template.Mappings.Properties {
		types[name] = field.Type
	}
	return types
}

func TestSavedObjectsOfKibanaNameFieldsThatAreThere(t *testing.T) {
	types := fieldTypes(t)
	operations := map[string][]string{
		"date_histogram": {"date"}, "terms": {"keyword"}, "average": {"double", "long"}, "sum": {"double", "long"},
	}
	for name, o := range savedObjects(t) {
		for _, column := range o.Attributes.Columns {
			if types[column] == "" {
				t.Errorf("%s shows the field %s, which the index does not have", name, column)
			}
		}
		for _, layer := range o.Attributes.State.DatasourceStates.FormBased.Layers {
			if len(layer.ColumnOrder) != len(layer.Columns) {
				t.Errorf("%s orders %d of %d columns", name, len(layer.ColumnOrder), len(layer.Columns))
			}
			for _, id := range layer.ColumnOrder {
				column := layer.Columns[id]
				if want := strings.Join(operations[column.OperationType], " "); types[column.SourceField] == "" || !strings.Contains(want, types[column.SourceField]) {
					t.Errorf("%s: %s can't be done with %s, which is %q", name, column.OperationType, column.SourceField, types[column.SourceField])
				}
			}
		}
	}
}

func TestSavedObjectsOfKibanaReferToOneAnother(t *testing.T) {
	objects := savedObjects(t)
	for name, o := range objects {
		names := map[string]bool{}
		for _, r := range o.References {
			names[r.Name] = true
			if _, ok := objects[r.Type+" "+r.ID]; !ok {
				t.Errorf("%s refers to %s %s, which is not there", name, r.Type, r.ID)
			}
		}
		if o.Type != "dashboard" {
			continue
		}
		var panels []struct{ PanelIndex, PanelRefName string }
		if err := json.Unmarshal([]byte(o.Attributes.PanelsJSON), &panels); err != nil || len(panels) == 0 {
			t.Fatalf("%s: %v", name, err)
		}
		for _, p := range panels {
			if !names[p.PanelIndex+":"+p.PanelRefName] {
				t.Errorf("%s: panel %s has no reference", name, p.PanelIndex)
			}
		}
	}
}

func TestTheDataViewIsThatOfTheObservations(t *testing.T) {
	view, types := savedObjects(t)["index-pattern meteo-clean"], fieldTypes(t)
	if view.Attributes.Title != "meteo-clean*" || types[view.Attributes.TimeFieldName] != "date" || types["location"] != "geo_point" {
		t.Errorf("the data view is %+v, and location is %q", view.Attributes, types["location"])
	}
}
