package e2e_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"senmeteo/test/program"
)

// hours is a CSV of so many hours of one station, from an hour that no other file has.
func hours(station string, first, n int) []byte {
	var b bytes.Buffer
	b.WriteString("station_id,datetime,temperature\n")
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		fmt.Fprintf(&b, "%s,%s,%d.5\n", station, from.Add(time.Duration(first+i)*time.Hour).Format(time.RFC3339), 20+i%10)
	}
	return b.Bytes()
}

// put writes a file under a hidden name and gives it its name when it is whole.
func put(t *testing.T, path string, data []byte) {
	t.Helper()
	hidden := filepath.Join(filepath.Dir(path), "."+filepath.Base(path))
	if err := os.WriteFile(hidden, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(hidden, path); err != nil {
		t.Fatal(err)
	}
}

// names lists what lies in a folder, without what is hidden.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			all = append(all, e.Name())
		}
	}
	return all
}

func TestFilesOfAFolderAreMovedWhenTheyHaveLandedAndBadOnesAreSetApart(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	in := t.TempDir()
	done := filepath.Join(in, "done")
	put(t, filepath.Join(in, "b.csv"), hours("SN-TH", 0, 3))
	put(t, filepath.Join(in, "a.csv"), hours("SN-DK", 0, 2))
	put(t, filepath.Join(in, "broken.parquet"), []byte("PAR1 it is not"))
	put(t, filepath.Join(in, "notes.md"), []byte("no weather"))
	r := p.Run(t, "fetch", "file", in, "--move-to", done)
	if report := r.Report(t); r.Code != 65 || report.Written != 5 || !slices.Equal(report.Failed, []string{filepath.Join(in, "broken.parquet")}) {
		t.Errorf("exit %d, want 65, 5 readings and the name of the file\n%s", r.Code, r.Output())
	}
	if left, moved, bad := names(t, in), names(t, done), names(t, filepath.Join(done, "rejected")); !slices.Equal(left, []string{"notes.md"}) ||
		!slices.Equal(moved, []string{"a.csv", "b.csv"}) || !slices.Equal(bad, []string{"broken.parquet"}) {
		t.Errorf("left are %q, moved %q, rejected %q", left, moved, bad)
	}
	if n := len(p.Records(t, "raw")); n != 5 {
		t.Errorf("%d readings landed, want 5", n)
	}
	if again := p.Run(t, "fetch", "file", in, "--move-to", done, "--skip-empty"); again.Code != 99 {
		t.Errorf("with nothing to read it exits with %d, want 99\n%s", again.Code, again.Output())
	}
	for _, flags := range [][]string{{"--dry-run", "--move-to", done}, {"--out", "a.csv", "--move-to", done}, {"--out", "a.csv", "--follow"}, {"--follow", "--poll", "0s"}, {"--settle", "-1s"}} {
		if r := p.Run(t, append([]string{"fetch", "file", in}, flags...)...); r.Code != 64 {
			t.Errorf("%q exits with %d, want 64\n%s", flags, r.Code, r.Output())
		}
	}
}

func TestAFolderThatIsFollowedIsReadAsFilesArriveUntilSIGTERM(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	in := t.TempDir()
	done := filepath.Join(in, "done")
	r := p.Start(t, "fetch", "file", "--follow", "--settle", "2s", "--poll", "20ms", "--move-to", done, in)
	put(t, filepath.Join(in, "renamed.csv"), hours("SN-DK", 0, 4))
	growing, err := os.Create(filepath.Join(in, "growing.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(hours("SN-TH", 0, 10)) {
		if _, err := growing.Write(line); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Millisecond)
	}
	if err := growing.Close(); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(in, "broken.json"), []byte(`{"cut":`))
	program.Until(t, func() bool { return len(names(t, done)) == 2 && len(names(t, filepath.Join(done, "rejected"))) == 1 })
	end := r.Terminate(t)
	if report := end.Report(t); end.Code != 0 || report.Written < 14 {
		t.Errorf("exit %d, want 0 and at least 14 readings\n%s", end.Code, end.Output())
	}
	p.Must(t, "stream")
	if n := len(p.Records(t, "clean")); n != 14 {
		t.Errorf("%d observations are clean, want 14", n)
	}
	if _, err := os.Stat(filepath.Join(done, "growing.csv")); err != nil {
		t.Error(err)
	}
}

// Whenever the program is killed, each file is afterwards either in the inbox or moved, whole, and what it holds is in
// the raw topic at least once before it is moved, and once in the clean one.
func TestKillsWhileFilesAreReadAndMovedLoseNothing(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	in := t.TempDir()
	done := filepath.Join(in, "done")
	const files, rows, kills = 40, 25, 12
	want := map[string][]byte{}
	for i := range files {
		name := fmt.Sprintf("%02d.csv", i)
		want[name] = hours([]string{"SN-DK", "SN-TH", "SN-KD"}[i%3], i*rows, rows)
		put(t, filepath.Join(in, name), want[name])
	}
	dice := rand.New(rand.NewPCG(7, 7))
	killed := 0
	for n := 0; len(names(t, in)) > 0; n++ {
		args := []string{"fetch", "file", "--move-to", done, in}
		if n%2 == 1 {
			args = append(args, "--follow", "--settle", "0s", "--poll", "5ms")
		}
		r := p.Start(t, args...)
		if n < kills { // at a random time after the first file was moved
			before := len(names(t, done))
			program.Until(t, func() bool { return len(names(t, done)) > before || !r.Alive() })
			time.Sleep(time.Duration(dice.IntN(4000)) * time.Microsecond)
			if r.Alive() {
				killed++
			}
			r.Kill(t)
		} else {
			program.Until(t, func() bool { return len(names(t, in)) == 0 || !r.Alive() })
			r.Signal(t, syscall.SIGTERM)
			r.Wait(t)
		}
		for name, data := range want {
			_, waits := os.Stat(filepath.Join(in, name))
			moved, _ := os.ReadFile(filepath.Join(done, name))
			if (waits == nil) == (moved != nil) || moved != nil && !bytes.Equal(moved, data) {
				t.Fatalf("after run %d: %s waits: %v, and %d bytes of it are moved", n, name, waits == nil, len(moved))
			}
		}
	}
	if killed < 3 {
		t.Errorf("the program was killed %d times: the test tests too little", killed)
	}
	raw := len(p.Records(t, "raw"))
	p.Must(t, "stream")
	ids := map[string]bool{}
	clean := p.Records(t, "clean")
	for _, r := range clean {
		ids[string(r.Value[:40])] = true // {"id":"32 digits"
	}
	if raw < files*rows || len(clean) != files*rows || len(ids) != files*rows {
		t.Errorf("%d records are raw and %d clean with %d ids, want at least and exactly %d", raw, len(clean), len(ids), files*rows)
	}
	t.Logf("%d kills, %d raw records for %d", killed, raw, files*rows)
}
