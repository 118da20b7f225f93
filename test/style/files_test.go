package style_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the repository's folder, seen from this one.
const root = "../.."

// file is a text file of the repository.
type file struct {
	path string // with slashes, from the root
	text string
}

func (f file) extension() string { return filepath.Ext(f.path) }

// in reports whether the file is in a folder, at any depth, or is that file itself.
func (f file) in(folder string) bool {
	return f.path == folder || strings.HasPrefix(f.path, folder+"/")
}

// below reports whether the file is in one of the folders.
func (f file) below(folders []string) bool { return slices.ContainsFunc(folders, f.in) }

// generated are folders that tools write, and data that is not written by this project.
var generated = []string{".git", ".cache", "bin", "data", "secrets", "node_modules", "target", "testdata", "__pycache__"}

// repository returns every text file that people write.
func repository(t *testing.T) []file {
	t.Helper()
	var found []file
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(generated, entry.Name()):
			return filepath.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if len(text) < 1<<20 && !bytes.ContainsRune(text, 0) {
			found = append(found, file{filepath.ToSlash(name), string(text)})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 300 {
		t.Fatalf("only %d files are below %s", len(found), root)
	}
	return found
}
