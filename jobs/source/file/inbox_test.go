package file_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/source/file"
)

const header = "region,datetime,temperature\n"

// day is a file with one reading of Thiès, whose temperature tells the files apart.
func day(temperature int) string {
	return header + fmt.Sprintf("Thiès,2026-03-01T06:00:00Z,%d\n", temperature)
}

// inbox makes a folder with files; a name that ends in / is a folder.
func inbox(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, path, text)
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// temperatures fetches and lists what came, in its order.
func temperatures(t *testing.T, s *file.Source) ([]int, error) {
	t.Helper()
	var got []int
	err := s.Fetch(t.Context(), func(item *flow.Item) error {
		got = append(got, int(item.Reading.Values[0]))
		return nil
	})
	return got, err
}

// contents lists the files below a folder with their contents' last number.
func contents(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all = append(all, strings.TrimSpace(name+" "+string(text[strings.LastIndexAny(string(text), ",{")+1:])))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAFolderIsReadInTheOrderOfItsNamesWithoutWhatIsHiddenUnfinishedOrBelow(t *testing.T) {
	dir := inbox(t, map[string]string{
		"b.csv": day(2), "a.csv": day(1), "c.txt": day(3), ".d.csv": day(4), "e.csv.part": day(5), "f.csv~": day(6), "notes.md": "no weather",
		"sub/g.csv": day(7),
	})
	if err := os.Symlink("a.csv", filepath.Join(dir, "link.csv")); err != nil {
		t.Fatal(err)
	}
	for _, paths := range [][]string{{dir}, {filepath.Join(dir, "b.csv"), dir + "/"}, {filepath.Join(dir, "*")}} {
		want := []int{1, 2, 3, 1}
		if len(paths) == 2 {
			want = []int{2, 1, 3, 1} // each file once
		}
		if got, err := temperatures(t, &file.Source{Paths: paths, Options: options()}); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q gave %v and %v, want %v", paths, got, err, want)
		}
	}
}

func TestAFolderOrPatternThatHasNothingIsNothingToDoAndOneThatDoesNotExistAMistake(t *testing.T) {
	dir := t.TempDir()
	for path, missing := range map[string]bool{
		dir: false, filepath.Join(dir, "*.csv"): false, filepath.Join(dir, "none"): true, filepath.Join(dir, "none", "*.csv"): true,
	} {
		_, err := temperatures(t, &file.Source{Paths: []string{path}, Options: options()})
		if errors.Is(err, fs.ErrNotExist) != missing || !missing && err != nil {
			t.Errorf("%s gave %v", path, err)
		}
	}
}

func TestFilesAreMovedOnlyWhenTheyHaveLandedAndNeverOverOthers(t *testing.T) {
	dir := inbox(t, map[string]string{
		"1.csv": day(1), "2.json": `{"cut": [`, "3.csv": day(3), "done/1.csv": day(8), "done/1-2.csv": day(9),
	})
	done, landings := filepath.Join(dir, "done"), 0
	s := &file.Source{Paths: []string{dir, filepath.Join(dir, "*", "*.csv")}, Options: options(), MoveTo: done, Landed: func(context.Context) error {
		if landings++; len(contents(t, done)) != 1+landings {
			t.Errorf("before landing %d the files are %q", landings, contents(t, dir))
		}
		return nil
	}}
	got, err := temperatures(t, s)
	var some *flow.PartialError
	var format *file.FormatError
	if !slices.Equal(got, []int{1, 3}) || !errors.As(err, &some) || !errors.As(err, &format) || !slices.Equal(some.Missing(), []string{filepath.Join(dir, "2.json")}) {
		t.Errorf("got %v and %v", got, err)
	}
	want := []string{"done/1-2.csv 9", "done/1-3.csv 1", "done/1.csv 8", "done/3.csv 3", "done/rejected/2.json \"cut\": ["}
	if now := contents(t, dir); !slices.Equal(now, want) {
		t.Errorf("the files are %q, want %q", now, want)
	}
	if got, err := temperatures(t, s); err != nil || got != nil {
		t.Errorf("a second run gave %v and %v", got, err)
	}
}

func TestAFileWhoseRecordsDidNotLandStays(t *testing.T) {
	dir := inbox(t, map[string]string{"1.csv": day(1), "2.csv": day(2)})
	full := errors.New("Kafka is away")
	s := &file.Source{Paths: []string{dir}, Options: options(), MoveTo: filepath.Join(dir, "done"), Landed: func(context.Context) error { return full }}
	if got, err := temperatures(t, s); !errors.Is(err, full) || !slices.Equal(got, []int{1}) {
		t.Errorf("got %v and %v", got, err)
	}
	if now := contents(t, dir); len(now) != 2 || now[0] != "1.csv 1" {
		t.Errorf("the files are %q", now)
	}
	s.Landed = nil
	if err := s.Fetch(t.Context(), func(*flow.Item) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	if now := contents(t, dir); len(now) != 2 {
		t.Errorf("the files are %q", now)
	}
}

func TestAFileThatChangesWhileItIsReadOrReplacedBeforeItIsMovedIsReadAgain(t *testing.T) {
	for name, when := range map[string]string{"while it is read": "put", "before it is moved": "landed"} {
		t.Run(name, func(t *testing.T) {
			dir := inbox(t, map[string]string{"1.csv": day(1)})
			path, changed := filepath.Join(dir, "1.csv"), false
			change := func(now string) {
				if now == when && !changed {
					changed = true
					write(t, filepath.Join(dir, ".new"), day(2))
					if err := os.Rename(filepath.Join(dir, ".new"), path); err != nil {
						t.Fatal(err)
					}
				}
			}
			s := &file.Source{Paths: []string{dir}, Options: options(), MoveTo: filepath.Join(dir, "done"), Landed: func(context.Context) error { change("landed"); return nil }}
			for round, want := range []int{1, 2} {
				var got []int
				err := s.Fetch(t.Context(), func(item *flow.Item) error {
					got = append(got, int(item.Reading.Values[0]))
					change("put")
					return nil
				})
				if err != nil || !slices.Equal(got, []int{want}) {
					t.Errorf("round %d gave %v and %v, want %d", round+1, got, err, want)
				}
			}
			if now := contents(t, dir); !slices.Equal(now, []string{"done/1.csv 2"}) {
				t.Errorf("the files are %q", now)
			}
		})
	}
}

func TestAFileIsMovedToAnotherFileSystemToo(t *testing.T) {
	const memory = "/dev/shm" // beside the disk that temporary folders are on
	done, err := os.MkdirTemp(memory, "senmeteo-")
	if err != nil {
		t.Logf("there is no second file system here: %v", err)
		done = t.TempDir()
	}
	defer func() { _ = os.RemoveAll(done) }()
	dir := inbox(t, map[string]string{"1.csv": day(1)})
	write(t, filepath.Join(done, "1.csv"), day(8))
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, "1.csv"), at, at); err != nil {
		t.Fatal(err)
	}
	if got, err := temperatures(t, &file.Source{Paths: []string{dir}, Options: options(), MoveTo: done}); err != nil || !slices.Equal(got, []int{1}) {
		t.Errorf("got %v and %v", got, err)
	}
	if now := append(contents(t, dir), contents(t, done)...); !slices.Equal(now, []string{"1-2.csv 1", "1.csv 8"}) {
		t.Errorf("the files are %q", now)
	}
	if info, err := os.Stat(filepath.Join(done, "1-2.csv")); err != nil || !info.ModTime().Equal(at) {
		t.Errorf("its time is %v, %v", info.ModTime(), err)
	}
}

func TestFollowingReadsWhatArrivesWholeAndEndsWithTheContext(t *testing.T) {
	dir := inbox(t, map[string]string{"1.csv": day(1), "2.json": "{"})
	old := time.Now().Add(-time.Hour) // of a file that nobody writes any more, which need not be waited for
	age := func(name string) {
		if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	age("1.csv")
	age("2.json")
	ctx, cancel := context.WithCancel(t.Context())
	came, ended := make(chan int, 100), make(chan error)
	s := &file.Source{
		Paths: []string{dir}, Options: options(), MoveTo: filepath.Join(dir, "done"), Follow: true,
		Poll: 5 * time.Millisecond, Settle: 2 * time.Second, // more than a busy machine stops this test between two pieces
	}
	go func() {
		ended <- s.Fetch(ctx, func(item *flow.Item) error { came <- int(item.Reading.Values[0]); return nil })
	}()
	expect := func(want int) {
		t.Helper()
		select {
		case got := <-came:
			if got != want {
				t.Errorf("%d came, want %d", got, want)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%d does not come", want)
		}
	}
	expect(1)
	f, err := os.Create(filepath.Join(dir, "3.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []string{header, "Thiès,2026-03-01T06:00:00Z,", "3", "4\n", "Thiès,2026-03-01T07:00:00Z,35\n"} { // written piece by piece
		if _, err := f.WriteString(piece); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	expect(34)
	expect(35)
	write(t, filepath.Join(dir, ".4.csv"), day(4))
	age(".4.csv")
	if err := os.Rename(filepath.Join(dir, ".4.csv"), filepath.Join(dir, "4.csv")); err != nil {
		t.Fatal(err)
	}
	expect(4)
	want := []string{"done/1.csv 1", "done/3.csv 35", "done/4.csv 4", "done/rejected/2.json"}
	for deadline := time.Now().Add(time.Minute); !slices.Equal(contents(t, dir), want) && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		continue
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if now := contents(t, dir); !slices.Equal(now, want) {
		t.Errorf("the files are %q, want %q", now, want)
	}
}

func TestFollowingReadsAFileThatStaysAgainOnlyWhenItHasChanged(t *testing.T) {
	dir := inbox(t, map[string]string{"1.csv": day(1)})
	ctx, cancel := context.WithCancel(t.Context())
	rounds, got := 0, []int{}
	s := &file.Source{Paths: []string{filepath.Join(dir, "*.csv")}, Options: options(), Follow: true, Poll: time.Millisecond}
	s.Alive = func() {
		rounds++
		switch rounds {
		case 10:
			write(t, filepath.Join(dir, "1.csv"), day(2)+"Thiès,2026-03-01T07:00:00Z,3\n")
		case 40:
			cancel()
		}
	}
	err := s.Fetch(ctx, func(item *flow.Item) error { got = append(got, int(item.Reading.Values[0])); return nil })
	if err != nil || !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("got %v and %v", got, err)
	}
}

func TestPlacesThatCanNotWorkAreRefused(t *testing.T) {
	dir := inbox(t, map[string]string{"1.csv": day(1)})
	for name, s := range map[string]file.Source{
		"a file that is followed":         {Paths: []string{filepath.Join(dir, "1.csv")}, Follow: true},
		"the standard input, followed":    {Paths: []string{"-"}, Follow: true},
		"the standard input, moved":       {Paths: []string{"-"}, MoveTo: filepath.Join(dir, "done")},
		"a folder that is moved to":       {Paths: []string{dir}, MoveTo: dir + "/"},
		"a pattern that can't be read":    {Paths: []string{filepath.Join(dir, "[")}},
		"a folder that can't be moved to": {Paths: []string{dir}, MoveTo: filepath.Join(dir, "1.csv")},
	} {
		t.Run(name, func(t *testing.T) {
			s.Options = options()
			got, err := temperatures(t, &s)
			want := flow.Usage
			if strings.HasSuffix(name, "can't be moved to") {
				want = flow.CantWrite
			}
			if flow.ClassOf(err) != want || got != nil {
				t.Errorf("got %v and %s: %v, want %s", got, flow.ClassOf(err), err, want)
			}
		})
	}
	_, err := temperatures(t, &file.Source{Paths: []string{filepath.Join(dir, "none")}, Options: options(), Follow: true})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that does not exist gave %v", err)
	}
}
