package parquet_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"senmeteo/jobs/format/formattest"
	"senmeteo/jobs/format/parquet"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
)

// python is where the tests find the readers of test/requirements.txt.
const python = "../../../.cache/venv/bin/python"

// asReadBy lets another program read a file, or the files of a folder, and say what it saw, as JSON in our own form.
func asReadBy(t *testing.T, reader, path string) []meteo.Observation {
	t.Helper()
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("the readers of Parquet are missing: python3 -m venv .cache/venv && .cache/venv/bin/pip install -r test/requirements.txt (%v)", err)
	}
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
	return got
}

func TestOtherProgramsReadTheFiles(t *testing.T) {
	want := formattest.Observations(300, 3)
	path := filepath.Join(t.TempDir(), "o.parquet")
	if err := os.WriteFile(path, formattest.Write(t, parquet.Format(), want), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, reader := range []string{"duckdb", "pandas"} {
		t.Run(reader, func(t *testing.T) { formattest.Equal(t, asReadBy(t, reader, path), want) })
	}
}

// A folder may hold files of several versions: whichever comes first, none of their cells is lost.
func TestOtherProgramsReadFilesOfSeveralVersionsTogether(t *testing.T) {
	earlier, err := os.ReadFile("testdata/earlier.parquet")
	if err != nil {
		t.Fatal(err)
	}
	old := formattest.Read(t, parquet.Format(), bytes.NewReader(earlier))
	rows := formattest.Observations(300, 3)
	now := formattest.Write(t, parquet.Format(), rows)
	for name, files := range map[string][2][]byte{"the earlier first": {earlier, now}, "the earlier last": {now, earlier}} {
		folder := t.TempDir()
		for i, data := range files {
			if err := os.WriteFile(filepath.Join(folder, []string{"a.parquet", "b.parquet"}[i]), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want := slices.Concat(old, rows)
		if name == "the earlier last" {
			want = slices.Concat(rows, old)
		}
		for reader, path := range map[string]string{"duckdb": filepath.Join(folder, "*.parquet"), "pandas": folder} {
			t.Run(name+", by "+reader, func(t *testing.T) { formattest.Equal(t, asReadBy(t, reader, path), want) })
		}
	}
}
