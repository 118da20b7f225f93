package elk_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"senmeteo/elk"
	"senmeteo/elk/dashboards"
	"senmeteo/jobs/meteo"
)

const savedObjectsFile = "kibana/dashboards.ndjson"

// savedObject is an object as Kibana reads it from the file.
type savedObject struct {
	ID         string
	Type       string
	Attributes map[string]any
	References []struct{ ID, Name, Type string }

	CoreMigrationVersion, TypeMigrationVersion string
}

// reference returns the object that a reference of this name leads to.
func (o savedObject) reference(t *testing.T, all map[string]savedObject, name string) savedObject {
	t.Helper()
	for _, r := range o.References {
		if r.Name == name {
			return all[r.Type+" "+r.ID]
		}
	}
	t.Fatalf("%s has no reference %s", o.ID, name)
	return savedObject{}
}

// title is the text that readers see, and of a data view its pattern.
func (o savedObject) title() string { return o.Attributes["title"].(string) }

// within decodes JSON that an attribute holds as text.
func (o savedObject) within(t *testing.T, attribute string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(o.Attributes[attribute].(string)), into); err != nil {
		t.Fatalf("%s: %s: %v", o.ID, attribute, err)
	}
}

func savedObjects(t *testing.T) map[string]savedObject {
	t.Helper()
	text, err := os.ReadFile(savedObjectsFile)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]savedObject{}
	for line := range strings.Lines(string(text)) {
		var o savedObject
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%v in %.80s", err, line)
		}
		name := o.Type + " " + o.ID
		if _, ok := found[name]; ok || o.ID == "" || o.Type == "" {
			t.Errorf("%q is there twice, or has no name", name)
		}
		found[name] = o
	}
	return found
}

// The source gives the same file each time, so importing it again replaces each object by itself.
func TestTheSavedObjectsAreThoseOfTheirSource(t *testing.T) {
	want := dashboards.Lines()
	if again := dashboards.Lines(); !bytes.Equal(want, again) {
		t.Fatal("the source gives another file each time")
	}
	got, err := os.ReadFile(savedObjectsFile)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(got, want) {
		return
	}
	if !*update {
		t.Fatalf("%s is not what elk/dashboards says: run go test ./elk -update", savedObjectsFile)
	}
	if err := os.WriteFile(savedObjectsFile, want, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestSavedObjectsReferToOneAnother(t *testing.T) {
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
		var panels []struct{ Type, PanelIndex, PanelRefName string }
		if o.within(t, "panelsJSON", &panels); len(panels) == 0 {
			t.Errorf("%s has no panels", name)
		}
		for _, p := range panels {
			if got := o.reference(t, objects, p.PanelIndex+":"+p.PanelRefName); got.Type != p.Type {
				t.Errorf("%s: panel %s is a %s and refers to a %s", name, p.PanelIndex, p.Type, got.Type)
			}
		}
		for id := range controlsOf(t, o) {
			o.reference(t, objects, "controlGroup_"+id+":optionsListDataView")
		}
	}
}

// controlsOf are the fields of a dashboard's controls by their ids.
func controlsOf(t *testing.T, o savedObject) map[string]string {
	t.Helper()
	group, ok := o.Attributes["controlGroupInput"].(map[string]any)
	if !ok {
		return nil
	}
	var controls map[string]struct {
		ExplicitInput struct{ ID, FieldName string }
	}
	if err := json.Unmarshal([]byte(group["panelsJSON"].(string)), &controls); err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{}
	for id, c := range controls {
		if fields[id] = c.ExplicitInput.FieldName; c.ExplicitInput.ID != id {
			t.Errorf("control %s calls itself %s", id, c.ExplicitInput.ID)
		}
	}
	return fields
}

func TestTitlesAreInEnglishAndFrench(t *testing.T) {
	for name, o := range savedObjects(t) {
		if o.Type == "index-pattern" {
			continue
		}
		if english, french, ok := strings.Cut(o.title(), " · "); !ok || english == "" || french == "" {
			t.Errorf("%s has the title %q, want one in English and one in French", name, o.title())
		}
	}
}

// What is wrong with a value is said in the words of docs/quality-control.md, in both languages.
func TestRulesAreShownInWords(t *testing.T) {
	var formats map[string]struct {
		ID     string
		Params struct{ LookupEntries []struct{ Key, Value string } }
	}
	savedObjects(t)["index-pattern meteo-clean"].within(t, "fieldFormatMap", &formats)
	shown := formats["qc_rules"]
	if shown.ID != "static_lookup" || len(shown.Params.LookupEntries) != len(meteo.RulesInWords) {
		t.Fatalf("qc_rules is shown by %+v", shown)
	}
	for i, w := range meteo.RulesInWords {
		if e := shown.Params.LookupEntries[i]; e.Key != string(w.Rule) || !strings.Contains(e.Value, w.English+" · "+w.French) {
			t.Errorf("%s is shown as %+v, want %q and %q", w.Rule, e, w.English, w.French)
		}
	}
}

// fieldTypes are the fields of the indices that a pattern names, by the template of those.
func fieldTypes(t *testing.T, pattern string) map[string]string {
	t.Helper()
	name := strings.TrimSuffix(strings.TrimPrefix(pattern, "meteo-"), "*")
	if pattern == "logs-senmeteo-*" {
		name = "logs"
	}
	text, err := elk.Templates.ReadFile("templates/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var index struct {
		Template struct {
			Mappings struct {
				Properties map[string]property
			}
		}
	}
	if err := json.Unmarshal(text, &index); err != nil {
		t.Fatal(err)
	}
	types := map[string]string{}
	var add func(prefix string, properties map[string]property)
	add = func(prefix string, properties map[string]property) {
		for name, field := range properties {
			if field.Type != "" {
				types[prefix+name] = field.Type
			}
			add(prefix+name+".", field.Properties)
		}
	}
	add("", index.Template.Mappings.Properties)
	return types
}

func TestWhatIsAskedForIsInTheMapping(t *testing.T) {
	objects := savedObjects(t)
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		o := objects[name]
		switch o.Type {
		case "index-pattern":
			if field := o.Attributes["timeFieldName"].(string); fieldTypes(t, o.title())[field] != "date" {
				t.Errorf("%s takes its times from %s, which is not a date", name, field)
			}
		case "dashboard":
			for id, field := range controlsOf(t, o) {
				view := o.reference(t, objects, "controlGroup_"+id+":optionsListDataView")
				if fieldTypes(t, view.title())[field] != "keyword" {
					t.Errorf("%s lets readers choose by %s, which is not a keyword", name, field)
				}
			}
		default:
			r := requestOf(t, objects, o, situation{})
			types := fieldTypes(t, r.index)
			for _, field := range r.fields() {
				if types[field] == "" {
					t.Errorf("%s asks for the field %s, which %s does not have", name, field, r.index)
				}
			}
		}
	}
}
