package clean

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"senmeteo/jobs/meteo"
)

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheDocumentOfDeadLettersHasTheReasonsOfTheCodeAndNoOther(t *testing.T) {
	_, list, ok := strings.Cut(document(t, "dead-letters.md"), "## Reasons")
	if !ok {
		t.Fatal("it has no list of reasons")
	}
	var got []meteo.Reason
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| .+ \\| .+ \\|$").FindAllStringSubmatch(list, -1) {
		got = append(got, meteo.Reason(row[1]))
	}
	if !slices.Equal(got, meteo.Reasons[:]) {
		t.Errorf("it lists %v, the code %v", got, meteo.Reasons)
	}
}

func TestTheDocumentsOfQualityControlHaveTheWordsThatPeopleRead(t *testing.T) {
	for name, words := range map[string]func(meteo.RuleWords) string{
		"quality-control.md":    func(w meteo.RuleWords) string { return w.English },
		"quality-control.fr.md": func(w meteo.RuleWords) string { return w.French },
	} {
		var want strings.Builder
		for _, w := range meteo.RulesInWords {
			fmt.Fprintf(&want, "| `%s` | %s |\n", w.Rule, words(w))
		}
		if !strings.Contains(document(t, name), "|---|---|\n"+want.String()+"\n") {
			t.Errorf("%s lacks the table\n%s", name, want.String())
		}
	}
}

func TestTheDocumentOfQualityControlHasTheLimitsOfTheCode(t *testing.T) {
	text := document(t, "quality-control.md")
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	for v, l := range rangeOf {
		if meteo.Variable(v) == meteo.Rain {
			continue
		}
		row := fmt.Sprintf("| `%s` | %s to %s | %s to %s |", meteo.Variable(v), number(l.hardLow), number(l.hardHigh), number(l.usualLow), number(l.usualHigh))
		if !strings.Contains(text, row) {
			t.Errorf("it lacks the row %s", row)
		}
	}
	for i, name := range []string{"temperature, °C", "dew point, °C", "pressure, hPa"} {
		row := "| " + name
		for _, x := range remembered[i].within {
			row += " | " + number(x)
		}
		if !strings.Contains(text, row+" |") {
			t.Errorf("it lacks the row %s |", row)
		}
	}
	for _, rule := range []meteo.Rule{RuleRange, RuleClimatology, RuleConsistency, RuleStep, RuleSpike, RuleStuck, RuleNeighbours, RuleLocation} {
		if !slices.ContainsFunc(meteo.RulesInWords[:], func(w meteo.RuleWords) bool { return w.Rule == rule }) {
			t.Errorf("there are no words for the rule %s", rule)
		}
		if !strings.Contains(text, "\n## "+string(rule)+"\n") {
			t.Errorf("it does not explain the rule %s", rule)
		}
	}
}
