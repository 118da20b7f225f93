package elk_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"senmeteo/jobs/meteo"
)

var update = flag.Bool("update", false, "write the fields of records into the template, and raise its version")

// mappings are how Elasticsearch keeps the values of each type of field.
var mappings = map[meteo.Type]string{
	meteo.TypeText:      `{"type": "keyword", "ignore_above": 256}`,
	meteo.TypeWhole:     `{"type": "long"}`,
	meteo.TypeNumber:    `{"type": "double"}`,
	meteo.TypeTime:      `{"type": "date"}`,
	meteo.TypeID:        `{"type": "keyword", "index": false, "doc_values": false}`,
	meteo.TypeSchema:    `{"type": "integer"}`,
	meteo.TypeFailures:  `{"type": "flattened", "ignore_above": 256}`,
	meteo.TypeOriginal:  `{"type": "flattened", "ignore_above": 256}`,
	meteo.TypeQuantiles: quantiles(),
}

// The template of observations has the properties of a document: what the store adds, and the fields of a record.
func TestTheTemplateHoldsTheFieldsOfARecord(t *testing.T) {
	const file = "templates/clean.json"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	properties := []string{
		`"@timestamp": {"type": "date"}`, `"location": {"type": "geo_point"}`,
		`"interval_grid": {"type": "keyword"}`, `"qc_rules": {"type": "keyword"}`, `"qc_failed": {"type": "keyword"}`,
		`"hash_high": {"type": "long", "index": false}`, `"hash_low": {"type": "long", "index": false}`,
	}
	for _, f := range meteo.Fields {
		properties = append(properties, fmt.Sprintf("%q: %s", f.Name, mappings[f.Type]))
	}
	block := regexp.MustCompile(`(?s)("properties": \{\n)(.*?)(\n      \}\n)`)
	const indent = "\n        "
	want := block.ReplaceAllString(string(text), "${1}"+indent[1:]+strings.Join(properties, ","+indent)+"${3}")
	if string(text) == want {
		return
	}
	if !*update {
		t.Fatalf("%s does not hold the fields of meteo.Fields: run go test ./elk -update", file)
	}
	want = regexp.MustCompile(`"version": \d+`).ReplaceAllStringFunc(want, func(version string) string {
		n, _ := strconv.Atoi(strings.TrimPrefix(version, `"version": `)) // digits
		return fmt.Sprintf(`"version": %d`, n+1)
	})
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// quantiles maps the lists of numbers of each variable to numbers that can be searched and aggregated.
func quantiles() string {
	var variables []string
	for v := range meteo.Variables {
		variables = append(variables, fmt.Sprintf(`%q: {"type": "double"}`, meteo.Variables[v].Name))
	}
	return `{"properties": {` + strings.Join(variables, ", ") + `}}`
}
