package console_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
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
		"event.dataset": "senmeteo.stream", "labels.run_id": "run-7", "labels.dag_id": "weather",
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
