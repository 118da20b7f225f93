// Package extend does what ARCHITECTURE.md says under "To add something", on a copy of the repository.
package extend

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/test/servers"
)

const repository = "../.."

const (
	line = `	{"soil_temperature_c", "°C", "Soil temperature", "Température du sol", "soil_temperature", "soil temperature at 10 cm, degrees Celsius", false},` + "\n"

	migration = "BEGIN;\nALTER TABLE meteo.observation_data ADD COLUMN IF NOT EXISTS soil_temperature_c double precision;\nSELECT meteo.define_views();\n" +
		"INSERT INTO meteo.migration (version) VALUES (9999) ON CONFLICT DO NOTHING;\nCOMMIT;\n"

	table = "Station;Date;Température du sol (°F)\nDakar;2026-08-01 12:00;86\n"
)

// A variable is one line of Go and one migration: files, stores and the schema follow.
func TestAVariableIsOneLineAndOneMigration(t *testing.T) {
	servers.PostgresURL(t) // for the package that is tested below
	root := scratch(t)
	edit(t, filepath.Join(root, "jobs/meteo/variable.go"), "\n}\n\n// Over reports", "\n"+line+"}\n\n// Over reports")
	write(t, filepath.Join(root, "sql/9999_soil.sql"), migration)

	run(t, root, "go", "test", "-run", "TestTheTemplateHoldsTheFieldsOfARecord", "./elk", "-update")
	run(t, root, "go", "test", "-count=1", "-run", "TestEveryFieldHasAColumn|TestTheTemplateHoldsTheFieldsOfARecord|TestReadingsAndObservationsFollowTheSchema|"+
		"TestTheJSONFormIsFixed|TestNamesOfColumns|TestAnObservationReadsBackAsTheSameBytes",
		"./elk", "./jobs/meteo", "./jobs/shape", "./jobs/sink/pg")
	run(t, root, "go", "build", "-o", "senmeteo", "./jobs")
	senmeteo := filepath.Join(root, "senmeteo")
	write(t, filepath.Join(root, "a.csv"), table)
	run(t, root, senmeteo, "convert", "a.csv", "a.parquet")
	run(t, root, senmeteo, "convert", "a.parquet", "a.xlsx")
	if got := run(t, root, senmeteo, "convert", "a.xlsx", "-"); !strings.Contains(got, `"soil_temperature_c":30}`) {
		t.Errorf("through three formats it comes back as %s", got)
	}
	if got := run(t, root, senmeteo, "schema"); !strings.Contains(got, "soil temperature at 10 cm") {
		t.Error("the JSON Schema does not have it")
	}
}

// scratch copies what the program is built from into a temporary folder.
func scratch(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, folder := range []string{"jobs", "sql", "elk", "test"} {
		if err := os.CopyFS(filepath.Join(root, folder), os.DirFS(filepath.Join(repository, folder))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(repository, file))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(root, file), string(text))
	}
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func edit(t *testing.T, path, before, after string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), before) != 1 {
		t.Fatalf("%s does not hold %q once", path, before)
	}
	write(t, path, strings.Replace(string(text), before, after, 1))
}

// run runs a command to its end and returns what it printed.
func run(t *testing.T, dir, name string, arguments ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, arguments...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(arguments, " "), err, out)
	}
	return string(out)
}
