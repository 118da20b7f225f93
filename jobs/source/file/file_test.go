package file_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/format"
	"senmeteo/jobs/format/csv"
	"senmeteo/jobs/format/json"
	"senmeteo/jobs/format/parquet"
	"senmeteo/jobs/format/xlsx"
	"senmeteo/jobs/format/xml"
	"senmeteo/jobs/format/yaml"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/shape"
	"senmeteo/jobs/source/file"
)

var update = flag.Bool("update", false, "write the want.jsonl of every case")

func options() file.Options {
	return file.Options{
		Formats: []format.Format{csv.Format(), json.Format(), json.Lines(), xlsx.Format(), xml.Format(), yaml.Format(), parquet.Format()},
		Options: shape.Options{Defaults: shape.Defaults{
			Source: "file", Kind: meteo.Observed, FetchedAt: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),
		}},
	}
}

// fetch returns what a source hands over, one line per item.
func fetch(t *testing.T, source file.Source) (string, error) {
	t.Helper()
	var got strings.Builder
	err := source.Fetch(context.Background(), func(item *flow.Item) error {
		if item.Raw != nil {
			fmt.Fprintf(&got, "%s <- %s\n", strings.ReplaceAll(item.Refusal.Error(), string(filepath.Separator), "/"), item.Raw)
			return nil
		}
		o := meteo.Observation{Reading: item.Reading}
		got.Write(append(o.AppendJSON(nil), '\n'))
		return nil
	})
	return got.String(), err
}

// Each folder of testdata/cases holds an input and what is to come of it.
func TestCases(t *testing.T) {
	inputs, err := filepath.Glob("testdata/cases/*/input.*")
	if err != nil || len(inputs) < 15 {
		t.Fatalf("%d cases, %v", len(inputs), err)
	}
	for _, input := range inputs {
		t.Run(filepath.Base(filepath.Dir(input)), func(t *testing.T) {
			got, err := fetch(t, file.Source{Paths: []string{input}, Options: options()})
			if err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join(filepath.Dir(input), "want.txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestErrorsTellAMissingFileFromOneThatIsNotWhatItSays(t *testing.T) {
	dir := t.TempDir()
	put := func(name, data string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const good = "Date,Temp,City\n2026-03-01,20,Dakar\n"
	for name, c := range map[string]struct {
		path    string
		missing bool
		want    string
	}{
		"a missing file":           {filepath.Join(dir, "none.csv"), true, "none.csv"},
		"text that claims XLSX":    {put("a.xlsx", good), false, "a.xlsx"},
		"text that claims Parquet": {put("a.parquet", good), false, "a.parquet"},
		"an empty Parquet":         {put("b.parquet", ""), false, "b.parquet"},
		"an old workbook":          {put("b.xlsx", "\xd0\xcf\x11\xe0 and so on"), false, "97-2003"},
		"text that claims JSON":    {put("a.json", good), false, "a.json"},
		"JSON that breaks off":     {put("b.json", `[{"city":"Dakar","date":"2026-03-01","temp":20},`), false, "after record 2"},
		"an unknown extension":     {put("a.doc", good), false, "is not that of a format"},
		"a damaged gzip":           {put("a.csv.gz", "\x1f\x8b\x08nonsense"), false, "a.csv.gz"},
		"standard input unnamed":   {file.Stdin, false, "name its format"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := fetch(t, file.Source{Paths: []string{c.path}, Options: options()})
			var bad *file.FormatError
			if errors.Is(err, fs.ErrNotExist) != c.missing || errors.As(err, &bad) == c.missing {
				t.Errorf("got %v", err)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want something about %q", err, c.want)
			}
		})
	}
}

func TestGzipAndStandardInputAreRead(t *testing.T) {
	plain, err := os.ReadFile("testdata/cases/own-observations/input.csv")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/cases/own-observations/want.txt")
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write(plain)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "o.csv.gz")
	if err := os.WriteFile(path, zipped.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, stdin := range map[string]io.Reader{"a file": nil, "plain input": bytes.NewReader(plain), "zipped input": &zipped} {
		o := options()
		o.Format, o.Stdin = "csv", stdin
		source := file.Source{Paths: []string{file.Stdin}, Options: o}
		if stdin == nil {
			source = file.Source{Paths: []string{path}, Options: options()}
		}
		if got, err := fetch(t, source); err != nil || got != string(want) {
			t.Errorf("%s: %v, got\n%s", name, err, got)
		}
	}
}

func TestFetchStopsWhenItIsToldTo(t *testing.T) {
	source := file.Source{Paths: []string{"testdata/cases/flat-array/input.json"}, Options: options()}
	full := errors.New("full")
	if err := source.Fetch(context.Background(), func(*flow.Item) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err := source.Fetch(ctx, func(*flow.Item) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// A refused row that comes again as JSON, as it does from the dead letters, is refused for the same reason.
func TestWhatIsRefusedStaysRefusedForTheSameReason(t *testing.T) {
	source := file.Source{Paths: []string{"testdata/cases/older-producers/input.jsonl"}, Options: options()}
	decoder, refused := shape.NewDecoder(), 0
	err := source.Fetch(context.Background(), func(item *flow.Item) error {
		if item.Raw == nil {
			return nil
		}
		refused++
		_, err := decoder.FromJSON(item.Raw, options().Defaults)
		var again *meteo.Refusal
		if !errors.As(err, &again) || again.Reason != item.Refusal.Reason {
			t.Errorf("%s: got %v, want %v", item.Raw, err, item.Refusal)
		}
		return nil
	})
	if err != nil || refused < 7 {
		t.Errorf("%d refused, %v", refused, err)
	}
}
