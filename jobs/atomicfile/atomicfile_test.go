package atomicfile_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"senmeteo/jobs/atomicfile"
)

func TestWriteReplacesAFileAndSetsItsMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	for _, c := range []struct {
		text string
		mode fs.FileMode
	}{{"first", 0o600}, {"second", 0o666}} {
		if err := atomicfile.Write(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != c.text || info.Mode() != c.mode {
			t.Errorf("the file holds %q with mode %v, want %q with %v", got, info.Mode(), c.text, c.mode)
		}
	}
	only(t, path)
}

func TestWriteReplacesALinkAndNotWhatItPointsTo(t *testing.T) {
	victim := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "mark")
	if err := os.Symlink(victim, path); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Write(path, []byte("ours"), 0o644); err != nil {
		t.Fatal(err)
	}
	if a, b := read(t, path), read(t, victim); a != "ours" || b != "theirs" {
		t.Errorf("the file holds %q and the link's old target %q", a, b)
	}
}

func TestTheOldFileStaysUntilTheNewOneIsCommitted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.csv")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	begin := func() *atomicfile.File {
		t.Helper()
		f, err := atomicfile.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString("new"); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != "old" {
			t.Errorf("an unfinished file is visible: %q", got)
		}
		return f
	}
	if err := begin().Abandon(); err != nil {
		t.Fatal(err)
	}
	only(t, path)
	f := begin()
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := f.Abandon(); err != nil {
		t.Errorf("abandoning a committed file: %v", err)
	}
	if got := read(t, path); got != "new" {
		t.Errorf("the committed file holds %q", got)
	}
	only(t, path)
}

func TestACommitThatFailsLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "taken")
	if err := os.MkdirAll(filepath.Join(path, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	err := atomicfile.Write(path, []byte("x"), 0o600)
	if err == nil || !strings.Contains(err.Error(), path+":") || strings.Contains(err.Error(), string(filepath.Separator)+".") {
		t.Errorf("replacing a folder with content gives %v, want an error that names it alone", err)
	}
	only(t, path)
}

func TestErrorsNameTheTargetAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "state.json")
	if err := atomicfile.Write(path, nil, 0o600); err == nil || err.Error() != "open "+path+": no such file or directory" {
		t.Errorf("got %v", err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// only fails when the folder of path holds anything else.
func only(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(path) {
			t.Errorf("%s is left beside %s", e.Name(), path)
		}
	}
}
