package hdfs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVerifyFindsWhatWasDamaged(t *testing.T) {
	entry := func(offset int64) string { return filepath.Join("_log", "p=0", entryName(offset)) }
	file := filepath.FromSlash(batchFile("2024-01-31", 0, 0, 4, 8))
	for _, test := range []struct {
		name   string
		damage func(folder string) error
		says   string
	}{
		{"nothing", func(string) error { return nil }, ""},
		{"an entry in the middle is gone", func(folder string) error { return os.RemoveAll(filepath.Join(folder, entry(4))) }, "gap"},
		{"a file is gone", func(folder string) error { return os.Remove(filepath.Join(folder, file)) }, "is gone"},
		{"a file is cut off", func(folder string) error { return os.Truncate(filepath.Join(folder, file), 7) }, "7 bytes"},
		{"a file is back in its entry", func(folder string) error {
			return os.Rename(filepath.Join(folder, file), filepath.Join(folder, entry(4), "2024-01-31.staged"))
		}, "never published"},
		{"a manifest is not JSON", func(folder string) error {
			return os.WriteFile(filepath.Join(folder, entry(4), manifestName), []byte("{"), 0o600)
		}, "damaged"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, folder := localLake(t, &clock{})
			fill(t, l, 0, 0, revisions(0, 0, 3, 1), revisions(0, 3, 3, 1), revisions(0, 6, 3, 1))
			if err := test.damage(folder); err != nil {
				t.Fatal(err)
			}
			err := l.Verify(t.Context())
			if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("Verify returned %v, want %q", err, test.says)
			}
		})
	}
}

func TestResumeFailsAtAGapBeforeTheNewestEntry(t *testing.T) {
	l, folder := localLake(t, &clock{})
	fill(t, l, 0, 0, revisions(0, 0, 3, 1), revisions(0, 3, 3, 1), revisions(0, 6, 3, 1))
	if err := os.RemoveAll(filepath.Join(folder, "_log", "p=0", entryName(4))); err != nil {
		t.Fatal(err)
	}
	if offsets, err := twin(t, l).Resume(t.Context()); err == nil {
		t.Errorf("Resume returned %v, want a failure", offsets)
	}
}

func TestResumeRefusesManifestsThatItDoesNotUnderstand(t *testing.T) {
	for name, text := range map[string]string{
		"of a newer version":      `{"version":2,"uuid":"u","start":0,"end":4}`,
		"of another entry":        `{"version":1,"uuid":"u","start":4,"end":8}`,
		"that ends before it":     `{"version":1,"uuid":"u","start":0,"end":-1}`,
		"with a path that leaves": `{"version":1,"uuid":"u","start":0,"end":4,"files":[{"date":"2024-01-31","path":"date=2024-01-31/../../x"}]}`,
		"with a date of nonsense": `{"version":1,"uuid":"u","start":0,"end":4,"files":[{"date":"..","path":"date=../x"}]}`,
		"that replaces elsewhere": `{"version":1,"uuid":"u","start":0,"end":4,"files":[{"date":"2024-01-31","path":"date=2024-01-31/x"}],"replaces":["_log/p=0"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			l, folder := localLake(t, &clock{})
			fill(t, l, 0, 0, revisions(0, 0, 3, 1))
			if err := os.WriteFile(filepath.Join(folder, "_log", "p=0", entryName(0), manifestName), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := twin(t, l).Resume(t.Context()); err == nil || !strings.Contains(err.Error(), "damaged") {
				t.Errorf("Resume returned %v, want a failure that names the manifest", err)
			}
		})
	}
}
