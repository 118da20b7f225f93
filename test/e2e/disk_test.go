package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"senmeteo/test/program"
)

// onFullDisk returns a program that finds a disk of a few hundred kilobytes mounted at a folder of its own, and where it
// puts the names of the files that are on that disk at its end. The disk exists for the program's processes only.
func onFullDisk(t *testing.T, size string) (p program.Program, disk, left string) {
	t.Helper()
	disk, left = program.OpenFolder(t), filepath.Join(t.TempDir(), "left")
	own := []string{"unshare", "--mount"}
	if os.Geteuid() != 0 {
		own = append(own, "--map-root-user")
	}
	if out, err := exec.Command(own[0], append(own[1:], "mount", "-t", "tmpfs", "tmpfs", disk)...).CombinedOutput(); err != nil {
		t.Fatalf("mounting a small disk for one process: %v\n%sRun the tests as root, or where users may make namespaces of their own.", err, out)
	}
	script := `mount -t tmpfs -o mode=0755,size=` + size + ` tmpfs "$0" && { "$@"; code=$?; find "$0" -type f >` + left + `; exit $code; }`
	p.Wrap = append(own, "sh", "-c", script, disk)
	p.Dir = t.TempDir()
	return p, disk, left
}

func TestAFullDiskIsSaidAndNothingHalfWrittenStays(t *testing.T) {
	t.Parallel()
	source := program.Program{Dir: t.TempDir()}
	source.Must(t, "fetch", "generate", "--from", "2026-01-01", "--to", "2026-01-08", "--out", "week.csv")
	week := filepath.Join(source.Dir, "week.csv")
	for _, ext := range []string{"csv", "json", "jsonl", "xlsx", "xml", "yaml", "parquet"} {
		t.Run(ext, func(t *testing.T) {
			t.Parallel()
			p, disk, left := onFullDisk(t, "64k")
			out := filepath.Join(disk, "out."+ext)
			refusal{args: []string{"convert", week, out}, code: 73, says: `^writing ` + out + `: no space left on device: make room or choose another place, then run it again$`}.check(t, p)
			if files := read(t, left); len(files) != 0 {
				t.Errorf("left behind: %s", files)
			}
		})
	}
	t.Run("the last bytes of a file", func(t *testing.T) {
		t.Parallel()
		p, disk, left := onFullDisk(t, "64k")
		args := []string{"fetch", "generate", "--from", "2026-01-01", "--to", "2026-01-02", "--out", filepath.Join(disk, "day.csv")}
		refusal{args: args, code: 73, says: `no space left on device: make room`}.check(t, p)
		if files := read(t, left); len(files) != 0 {
			t.Errorf("left behind: %s", files)
		}
	})
	t.Run("the truth file", func(t *testing.T) {
		t.Parallel()
		p, disk, left := onFullDisk(t, "64k")
		truth := filepath.Join(disk, "truth.jsonl")
		args := []string{"fetch", "generate", "--from", "2026-01-01", "--to", "2026-01-08", "--faults", "0.5", "--out", "week.jsonl", "--truth", truth}
		refusal{args: args, code: 73, says: `writing ` + truth + `: no space left on device: make room`}.check(t, p)
		if files := read(t, left); len(files) != 0 {
			t.Errorf("left behind: %s", files)
		}
	})
}

func TestAFullLakeKeepsWhatItHasAndGoesOnWhenThereIsRoom(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.Must(t, "fetch", "generate", "--from", "2026-01-01", "--to", "2026-02-01")
	p.Must(t, "stream")
	full, disk, left := onFullDisk(t, "200k")
	full.Env, full.Dir = p.Env, p.Dir
	refusal{args: []string{"to-hdfs", "--hdfs", "file://" + filepath.Join(disk, "lake")}, code: 73, says: `no space left on device.*make room.*nothing is lost`}.check(t, full)
	for file := range strings.Lines(string(read(t, left))) {
		if !strings.Contains(file, "/_log/") && !strings.HasSuffix(file, ".parquet\n") || strings.Contains(file, "/_tmp/") {
			t.Errorf("left behind: %s", file)
		}
	}
	p.settle(t)
	p.ledger(t)
}

func TestAFullStandardOutputIsSaid(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"schema"},
		{"fetch", "generate", "--from", "2026-01-01", "--to", "2026-02-01", "--dry-run"},
		{"fetch", "generate", "--from", "2026-01-01", "--to", "2026-01-02", "--out", "a.csv"}, // its report
	} {
		p := program.Program{Wrap: []string{"sh", "-c", `exec "$0" "$@" >/dev/full`}}
		if r := p.Run(t, args...); r.Code != 73 || strings.Count(r.Stderr, "writing ") != 1 || !strings.Contains(r.Stderr, "no space left on device") {
			t.Errorf("%s > /dev/full exits with %d, want 73\n%s", r, r.Code, r.Output())
		}
	}
}

func TestUpOnAFullDiskSaysSoInOneLine(t *testing.T) {
	t.Parallel()
	e := program.NewEmbedded(t)
	p, disk, _ := onFullDisk(t, "20m") // PostgreSQL alone needs twice as much
	e.Wrap, e.Data = p.Wrap, filepath.Join(disk, "data")
	r := e.Run(t, e.Up("--for", "5s")...)
	refusal{args: []string{"up"}, code: 73, says: `no space left in ` + e.Data + `: make room or choose another --data-dir`}.judge(t, r)
}

// A user other than root, for whom rights on files count.
func TestAFileWithoutTheRightToReadItIsNamed(t *testing.T) {
	t.Parallel()
	dir := program.OpenFolder(t)
	if err := os.WriteFile(filepath.Join(dir, "mine.csv"), []byte("Date,Temp,City\n"), 0); err != nil {
		t.Fatal(err)
	}
	p := program.Program{Dir: dir}
	if os.Geteuid() == 0 {
		p.Wrap = []string{"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"}
	}
	refusal{args: []string{"convert", "mine.csv", "/dev/null/x.json"}, code: 66, says: `mine\.csv: permission denied: give this user the right to read it$`}.check(t, p)
	if err := os.WriteFile(filepath.Join(dir, "ours.csv"), []byte("Date,Temp,City\n2026-03-01,20,Dakar\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	refusal{args: []string{"convert", "ours.csv", "ours.json"}, code: 73, says: `^writing ours\.json: permission denied: choose another place`}.check(t, p)
}
