package console_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/console"
)

func TestLinesForCollectorsAreECS(t *testing.T) {
	var out bytes.Buffer
	log := console.NewLogger(console.Options{Job: "stream", RunID: "run-7", Version: "1.2", Labels: map[string]string{"dag_id": "weather"}, Out: &out})
	log.Warn("starting again", "partition", 3, "error", errors.New("cut off"), "took", 2*time.Second)
	log.Debug("not at this level")
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	for key, want := range map[string]any{
		"log.level": "warn", "message": "starting again", "service.name": "senmeteo", "service.version": "1.2",
		"event.dataset": "senmeteo.stream", "senmeteo.job": "stream", "senmeteo.run_id": "run-7", "labels.dag_id": "weather",
		"senmeteo.partition": 3.0, "error.message": "cut off", "event.duration": 2e9,
	} {
		if line[key] != want {
			t.Errorf("%s is %v, want %v", key, line[key], want)
		}
	}
	at, err := time.Parse(time.RFC3339, line["@timestamp"].(string))
	if err != nil || time.Since(at) > time.Minute {
		t.Errorf("@timestamp is %v", line["@timestamp"])
	}
}

func TestLinesForPeopleAreTextAndColouredOnlyWhenWanted(t *testing.T) {
	for _, color := range []bool{false, true} {
		var out bytes.Buffer
		console.NewLogger(console.Options{Job: "stream", Level: slog.LevelInfo, Text: true, Color: color, Out: &out}).Info("fetched", "read", 5)
		if !strings.Contains(out.String(), "fetched") || strings.Contains(out.String(), "\x1b[") != color {
			t.Errorf("color %v: %q", color, out.String())
		}
	}
}

func TestColoursAreForbiddenByNO_COLORAndDumbTerminals(t *testing.T) {
	for env, want := range map[string]bool{"": true, "NO_COLOR=1": false, "TERM=dumb": false, "TERM=xterm": true} {
		name, value, _ := strings.Cut(env, "=")
		got := console.Colors(func(key string) string {
			if key == name {
				return value
			}
			return ""
		})
		if got != want {
			t.Errorf("%q: %v, want %v", env, got, want)
		}
	}
}

func TestAFileGetsTheLinesAsJSONWhateverTheTerminalShowsAndTheReportLast(t *testing.T) {
	var terminal bytes.Buffer
	folder := t.TempDir()
	file, err := console.OpenFile(filepath.Join(folder, "stream.log"), "stream")
	if err != nil {
		t.Fatal(err)
	}
	o := console.Options{Job: "stream", RunID: "run-7", Level: slog.LevelWarn, Text: true, Out: &terminal, File: file, FileLevel: slog.LevelInfo}
	log := console.NewLogger(o)
	log.Info("begun")
	log.Warn("trying again")
	console.LogReport(o, []byte(`{"job":"stream","read":12,"to":{"0":5}}`))
	if got := terminal.String(); strings.Contains(got, "begun") || !strings.Contains(got, "trying again") || strings.Contains(got, "read") {
		t.Errorf("the terminal shows %q", got)
	}
	text, err := os.ReadFile(filepath.Join(folder, "stream.log"))
	if err != nil {
		t.Fatal(err)
	}
	var messages []string
	var last map[string]any
	for line := range strings.Lines(string(text)) {
		last = nil
		if err := json.Unmarshal([]byte(line), &last); err != nil || last["senmeteo.run_id"] != "run-7" || last["senmeteo.job"] != "stream" {
			t.Errorf("%v: %s", err, line)
		}
		messages = append(messages, last["message"].(string))
	}
	if got := strings.Join(messages, ", "); got != "begun, trying again, report" {
		t.Errorf("the file holds %s", got)
	}
	report, _ := last["senmeteo.report"].(map[string]any)
	if report["read"] != 12.0 || last["event.dataset"] != "senmeteo.report" || strings.Count(string(text), "senmeteo.report\"") != 2 {
		t.Errorf("the report is %v", last)
	}
	console.LogReport(console.Options{Job: "stream"}, nil) // without a file there is nowhere to write it
}

func TestInAFolderEachProcessHasAFileAndOldOnesGo(t *testing.T) {
	folder := t.TempDir()
	week := time.Now().Add(-7 * 24 * time.Hour)
	for name, at := range map[string]time.Time{"stream-old-1.log": week.Add(-time.Minute), "stream-new-1.log": week.Add(time.Hour), "to-pg-old-1.log": week.Add(-time.Hour)} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(filepath.Join(folder, name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := console.OpenFile(folder, "stream"); err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, filepath.Base(f))
	}
	want := []string{fmt.Sprintf("stream-%s-%d.log", host, os.Getpid()), "stream-new-1.log", "to-pg-old-1.log"}
	slices.Sort(want)
	if slices.Sort(names); !slices.Equal(names, want) {
		t.Errorf("the folder holds %v, want %v", names, want)
	}
}

func TestALogFileThatCantBeWrittenIsAnErrorAtOnce(t *testing.T) {
	if _, err := console.OpenFile(filepath.Join(t.TempDir(), "none", "stream.log"), "stream"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestAirflowSaysWhichTaskItIs(t *testing.T) {
	got := console.AirflowLabels(func(name string) string {
		return map[string]string{"AIRFLOW_CTX_DAG_ID": "weather", "AIRFLOW_CTX_TRY_NUMBER": "2"}[name]
	})
	if len(got) != 2 || got["dag_id"] != "weather" || got["try_number"] != "2" {
		t.Errorf("%v", got)
	}
}

func TestALogFileIsRotatedAndOldOnesGo(t *testing.T) {
	folder := t.TempDir()
	file, err := console.OpenFile(filepath.Join(folder, "stream.log"), "stream")
	if err != nil {
		t.Fatal(err)
	}
	line := []byte(strings.Repeat("x", 1<<20-1) + "\n")
	for range 65 { // seven files would be full
		if _, err := file.Write(line); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond) // a file's name is the time, to the millisecond
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) { // they go in the background
		files, err := filepath.Glob(filepath.Join(folder, "stream*.log"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 4 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("there are %v, want the file and three before it", files)
		}
	}
}
