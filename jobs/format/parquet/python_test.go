package parquet_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"senmeteo/jobs/format/formattest"
	"senmeteo/jobs/format/parquet"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// python is where the tests find the readers of test/requirements.txt.
const python = "../../../.cache/venv/bin/python"

// TestOtherProgramsReadTheFiles lets DuckDB and pandas read a file and say what they saw, as JSON in our own form.
func TestOtherProgramsReadTheFiles(t *testing.T) {
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("the readers of Parquet are missing: python3 -m venv .cache/venv && .cache/venv/bin/pip install -r test/requirements.txt (%v)", err)
	}
	want := formattest.Observations(300, 3)
	path := filepath.Join(t.TempDir(), "o.parquet")
	if err := os.WriteFile(path, formattest.Write(t, parquet.Format(), want), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, reader := range []string{"duckdb", "pandas"} {
		t.Run(reader, func(t *testing.T) {
			var errors bytes.Buffer
			cmd := exec.Command(python, "testdata/rows.py", reader, path)
			cmd.Stderr = &errors
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, errors.Bytes())
			}
			decoder := shape.NewDecoder()
			var got []meteo.Observation
			for line := range bytes.Lines(out) {
				some, err := decoder.FromJSON(line, shape.Defaults{})
				if err != nil {
					t.Fatalf("%v\n%s", err, line)
				}
				got = append(got, some...)
			}
			formattest.Equal(t, got, want)
		})
	}
}
