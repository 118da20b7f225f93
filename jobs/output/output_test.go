package output_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/format"
	"senmeteo/jobs/format/csv"
	"senmeteo/jobs/format/json"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/output"
)

func reading() *flow.Item {
	r := meteo.NewReading(meteo.Stations[0], time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), "file", meteo.Observed)
	r.Values[meteo.Temperature] = 27.1
	return &flow.Item{Reading: r}
}

func raw() *flow.Item { return &flow.Item{Raw: []byte("not a reading")} }

func put(t *testing.T, to output.Destination, items ...*flow.Item) {
	t.Helper()
	for _, item := range items {
		if err := to.Put(t.Context(), item); err != nil {
			t.Fatal(err)
		}
	}
}

func finish(t *testing.T, to output.Destination, want int64) {
	t.Helper()
	if n, err := to.Finish(t.Context()); err != nil || n != want {
		t.Fatalf("finished with %d records, %v; want %d", n, err, want)
	}
}

func TestLinesAreReadingsAndRecordsThatAreNotOnes(t *testing.T) {
	var out bytes.Buffer
	to := output.NewLines(&out)
	put(t, to, reading(), raw())
	if out.Len() > 0 {
		t.Error("it is printed before it is finished")
	}
	finish(t, to, 2)
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], `"temperature_c":27.1`) || lines[1] != "not a reading" || lines[2] != "" {
		t.Errorf("got %q", lines)
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, fs.ErrClosed }

func TestStandardOutputThatCannotBeWrittenIsCantWrite(t *testing.T) {
	to := output.NewLines(closed{})
	put(t, to, reading())
	if _, err := to.Finish(t.Context()); flow.ClassOf(err) != flow.CantWrite || !strings.Contains(err.Error(), "standard output") {
		t.Errorf("got %v", err)
	}
}

// create begins a file of a format in a folder of the test.
func create(t *testing.T, f format.Format, log *slog.Logger) (*output.Readings, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out"+f.Extensions[0])
	to, err := output.CreateReadings(path, f, log)
	if err != nil {
		t.Fatal(err)
	}
	return to, path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestAFileAppearsWhenItIsWhole(t *testing.T) {
	to, path := create(t, json.Lines(), slog.New(slog.DiscardHandler))
	put(t, to, reading(), raw())
	if exists(path) {
		t.Error("it is there before it is finished")
	}
	finish(t, to, 2)
	to.Abandon() // does nothing now
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "\n") != 2 || !strings.HasSuffix(string(text), "\nnot a reading\n") {
		t.Errorf("got %q, %v", text, err)
	}
}

// Records that are not readings come between readings, not into the middle of one.
func TestLinesOfAFileStayWhole(t *testing.T) {
	to, path := create(t, json.Lines(), slog.New(slog.DiscardHandler))
	const pairs = 2000 // more than any buffer
	for range pairs {
		put(t, to, reading(), raw())
	}
	finish(t, to, 2*pairs)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if isRaw := line == "not a reading"; isRaw != (i%2 == 1) || !isRaw && !strings.HasSuffix(line, "}") {
			t.Fatalf("line %d is %q", i+1, line)
		}
	}
}

func TestAFileThatIsAbandonedNeverAppears(t *testing.T) {
	to, path := create(t, json.Lines(), slog.New(slog.DiscardHandler))
	put(t, to, reading())
	to.Abandon()
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

func TestAFormatOfReadingsLeavesOtherRecordsOutWithAWord(t *testing.T) {
	var log bytes.Buffer
	to, path := create(t, csv.Format(), slog.New(slog.NewTextHandler(&log, nil)))
	put(t, to, raw(), reading(), raw())
	finish(t, to, 1)
	if got := log.String(); !strings.Contains(got, "level=WARN") || !strings.Contains(got, "records=2") || !strings.Contains(got, path) {
		t.Errorf("the log says %q", got)
	}
}

func TestTheFailureOfAPathNamesItOnceAndSaysWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"no right":           {&fs.PathError{Op: "open", Path: "/a/b", Err: fs.ErrPermission}, "writing /a/b: permission denied: choose another place, then run it again"},
		"a link":             {&os.LinkError{Op: "rename", Old: "/a/c", New: "/a/b", Err: syscall.EXDEV}, "writing /a/b: invalid cross-device link: choose another place, then run it again"},
		"a full disk":        {&fs.PathError{Op: "write", Path: "/a/b", Err: syscall.ENOSPC}, "writing /a/b: no space left on device: make room or choose another place, then run it again"},
		"a full quota":       {fmt.Errorf("x: %w", syscall.EDQUOT), "writing /a/b: x: disk quota exceeded: make room or choose another place, then run it again"},
		"classified already": {fmt.Errorf("x: %w", flow.Fail(flow.Usage, "known")), "known"},
	} {
		if got := output.CantWrite("/a/b", c.err); got.Error() != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if class := flow.ClassOf(output.CantWrite("/a/b", errors.New("x"))); class != flow.CantWrite {
		t.Errorf("its class is %v", class)
	}
}

func TestAFolderThatIsMissingIsCantWrite(t *testing.T) {
	_, err := output.Create(filepath.Join(t.TempDir(), "missing", "out.csv"))
	if flow.ClassOf(err) != flow.CantWrite {
		t.Errorf("got %v", err)
	}
}

func TestATableIsAFileOfItsEndingOrCSVOnStandardOutput(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.XLSX")
	write := func(out io.Writer, format string) error {
		_, err := io.WriteString(out, format)
		return err
	}
	var stdout bytes.Buffer
	if err := errors.Join(output.Table(path, &stdout, write), output.Table("", &stdout, write)); err != nil || stdout.String() != "csv" {
		t.Errorf("%q, %v", stdout.String(), err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "xlsx" {
		t.Errorf("%q, %v", content, err)
	}
	failed := path + ".csv"
	if err := output.Table(failed, nil, func(io.Writer, string) error { return fs.ErrInvalid }); !errors.Is(err, fs.ErrInvalid) || exists(failed) {
		t.Errorf("a table that failed: %v", err)
	}
	if err := output.Table("", closed{}, write); flow.ClassOf(err) != flow.CantWrite {
		t.Errorf("standard output that is closed: %v", err)
	}
}
