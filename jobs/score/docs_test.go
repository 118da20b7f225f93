package score_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"senmeteo/jobs/source/generate"
)

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestBothDocumentsOfQualityControlHaveTheSameSectionsAndScores(t *testing.T) {
	english, french := document(t, "quality-control.md"), document(t, "quality-control.fr.md")
	heading := regexp.MustCompile(`(?m)^(#+) (.+)$`)
	a, b := heading.FindAllStringSubmatch(english, -1), heading.FindAllStringSubmatch(french, -1)
	if len(a) != len(b) {
		t.Fatalf("%d headings in English, %d in French", len(a), len(b))
	}
	for i := range a {
		isRule := regexp.MustCompile(`^[a-z]+$`).MatchString(a[i][2])
		if a[i][1] != b[i][1] || isRule && a[i][2] != b[i][2] {
			t.Errorf("the heading %q is %q in French", a[i][0], b[i][0])
		}
	}
	for _, d := range generate.Defects {
		if !strings.Contains(english, "\n| `"+string(d)+"`") {
			t.Errorf("there is no score of %s", d)
		}
	}
	row := regexp.MustCompile("(?m)^\\| (`[a-z_]+`).*")
	number := regexp.MustCompile(`\d+(?:[.,]\d+)?`)
	numbers := func(text string) (all []string) {
		for _, line := range row.FindAllString(text, -1) {
			for _, n := range number.FindAllString(line, -1) {
				all = append(all, strings.Replace(n, ",", ".", 1))
			}
		}
		return all
	}
	if a, b := numbers(english), numbers(french); len(a) < 100 || !slices.Equal(a, b) {
		t.Errorf("the numbers of the tables differ: %v in English, %v in French", a, b)
	}
}
