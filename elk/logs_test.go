package elk_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"senmeteo/elk"
	"senmeteo/jobs/flow"
)

// property is a field of a template.
type property struct {
	Type       string              `json:"type"`
	Properties map[string]property `json:"properties"`
}

// logTemplate is templates/logs.json.
type logTemplate struct {
	IndexPatterns []string  `json:"index_patterns"`
	DataStream    *struct{} `json:"data_stream"`
	Priority      int       `json:"priority"`
	Template      struct {
		Lifecycle struct {
			DataRetention string `json:"data_retention"`
		} `json:"lifecycle"`
		Mappings struct {
			Dynamic    any                 `json:"dynamic"`
			Properties map[string]property `json:"properties"`
		} `json:"mappings"`
	} `json:"template"`
}

func readLogTemplate(t *testing.T) logTemplate {
	t.Helper()
	text, err := elk.Templates.ReadFile("templates/logs.json")
	if err != nil {
		t.Fatal(err)
	}
	var l logTemplate
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	if err := decoder.Decode(&l); err != nil {
		t.Fatal(err)
	}
	return l
}

// Elasticsearch brings a template for logs-*-* itself, of priority 100, without our retention.
func TestTheLogsAreADataStreamOfThirtyDaysByATemplateOfTheirOwn(t *testing.T) {
	l := readLogTemplate(t)
	if strings.Join(l.IndexPatterns, " ") != "logs-senmeteo-*" || l.DataStream == nil || l.Priority <= 100 {
		t.Errorf("the template is for %v, with priority %d; a data stream: %v", l.IndexPatterns, l.Priority, l.DataStream != nil)
	}
	if l.Template.Lifecycle.DataRetention != "30d" {
		t.Errorf("lines are kept for %q", l.Template.Lifecycle.DataRetention)
	}
	if l.Template.Mappings.Dynamic != false {
		t.Errorf("dynamic is %v: any line could add fields", l.Template.Mappings.Dynamic)
	}
}

// What can be summed up of a report is a number in Elasticsearch.
func TestTheNumbersOfAReportAreNumbers(t *testing.T) {
	fields := readLogTemplate(t).Template.Mappings.Properties["senmeteo"].Properties["report"].Properties
	report := reflect.TypeFor[flow.Report]()
	want := map[reflect.Kind]string{reflect.Int64: "long", reflect.Float64: "double", reflect.String: "keyword"}
	for i := range report.NumField() {
		name, _, _ := strings.Cut(report.Field(i).Tag.Get("json"), ",")
		kind, ok := want[report.Field(i).Type.Kind()]
		if name == "error" {
			kind = "text"
		}
		if ok && fields[name].Type != kind {
			t.Errorf("%s of a report is %q, want %s", name, fields[name].Type, kind)
		}
	}
}
