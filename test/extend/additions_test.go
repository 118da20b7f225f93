package extend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A source is a folder, its command and a line of the catalogue; a format is a folder and a line; a site is the YAML of
// docs/sources.md and a recorded page; a verb is a file and a line. All are added to one copy, which is built once.
func TestASourceAFormatASiteAndAVerbAreAddedAsTheArchitectureSays(t *testing.T) {
	root := scratch(t)
	for _, name := range []string{"source", "format", "site", "verb"} {
		add(t, root, name)
	}
	catalogue := filepath.Join(root, "jobs/catalog.go")
	edit(t, catalogue, "\t\tfetchFileCommand(),\n", "\t\tfetchFileCommand(),\n\t\tfetchFixedCommand(),\n")
	edit(t, catalogue, "yaml.Format(), ", "yaml.Format(), tuples.Format(), ")
	edit(t, catalogue, "\t\"senmeteo/jobs/format/xlsx\"\n", "\t\"senmeteo/jobs/format/tuples\"\n\t\"senmeteo/jobs/format/xlsx\"\n")
	edit(t, catalogue, "\t\thealthCommand(),\n", "\t\thealthCommand(),\n\t\tstationsCommand(),\n")
	write(t, filepath.Join(root, "jobs/source/scrape/sites/releves.yaml"), exampleSite(t))
	run(t, root, "go", "build", "-o", "senmeteo", "./jobs")
	senmeteo := filepath.Join(root, "senmeteo")

	t.Run("source", func(t *testing.T) {
		if got := run(t, root, senmeteo, "fetch", "--help"); !strings.Contains(got, "one reading, always the same") {
			t.Errorf("the help lacks it\n%s", got)
		}
		if got := run(t, root, senmeteo, "fetch", "fixed", "--dry-run"); !strings.Contains(got, `"source":"fixed","kind":"observed","temperature_c":25.5}`) {
			t.Errorf("it gives %s", got)
		}
	})
	t.Run("format", func(t *testing.T) {
		run(t, root, "go", "test", "-count=1", "./jobs/format/tuples")
		write(t, filepath.Join(root, "a.csv"), "Station;Date;Temp\nDakar;2026-08-01 12:00;30,5\n")
		run(t, root, senmeteo, "convert", "a.csv", "a.tuples")
		if got := run(t, root, senmeteo, "convert", "a.tuples", "-"); !strings.Contains(got, `"temperature_c":30.5}`) {
			t.Errorf("it comes back as %s", got)
		}
	})
	t.Run("verb", func(t *testing.T) {
		if got := run(t, root, senmeteo, "stations"); !strings.Contains(got, "SN-DK Dakar\n") {
			t.Errorf("it prints %s", got)
		}
	})
	t.Run("site", func(t *testing.T) {
		run(t, root, "go", "test", "-count=1", "-run", "TestReplay/releves|TestEverySiteThatIsBuiltInIsSound", "./jobs/source/scrape")
		if got := run(t, root, senmeteo, "fetch", "scrape", "--help"); !strings.Contains(got, "releves") {
			t.Errorf("the help of fetch scrape does not list it\n%s", got)
		}
	})
}

// exampleSite returns the site file that docs/sources.md shows.
func exampleSite(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, "docs/sources.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "```yaml\n")
	example, _, found := strings.Cut(after, "```\n")
	if !found {
		t.Fatal("docs/sources.md shows no site file")
	}
	return example
}

// add copies what testdata holds for an addition into the copy of the repository: new files alone, none is replaced.
func add(t *testing.T, root, name string) {
	t.Helper()
	if err := os.CopyFS(root, os.DirFS(filepath.Join("testdata", name))); err != nil {
		t.Fatal(err)
	}
}
