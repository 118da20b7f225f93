package faults_test

import (
	"testing"
	"time"
)

// S12, beyond the window: `stream` has forgotten an observation when it is fetched again. All stores keep what was fetched last,
// whether it comes last or not, and agree; also when the topics were recreated and revisions start from 1.
func TestS12WhatWasFetchedLastStaysAfterTheWindow(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newScenario(t)
		at := time.Date(2026, 3, 1+round, 12, 0, 0, 0, time.UTC)
		recreated := false
		for _, step := range []struct {
			name     string
			sent     string
			fetched  time.Duration // after the observation
			want     string
			newTopic bool
		}{
			{"the first reading", "20.5", 0, "20.5", false},
			{"a correction within the window", "20.7", time.Hour, "20.7", false},
			{"a back-fill of days later", "25.5", 6 * 24 * time.Hour, "25.5", false},
			{"the first reading again", "20.5", 0, "25.5", false},
			{"a correction on a topic that was recreated", "26.5", 7 * 24 * time.Hour, "26.5", true},
			{"the back-fill again", "25.5", 6 * 24 * time.Hour, "26.5", false},
		} {
			var flags []string
			recreated = recreated || step.newTopic
			if step.newTopic {
				for _, topic := range []string{"raw", "clean", "dlq"} {
					s.DeleteTopic(t, topic)
				}
				s.Must(t, "topics")
				flags = append(flags, "--new-topic")
			}
			s.Produce(t, dakar(reading("SN-DK", at, at.Add(step.fetched), step.sent)))
			window := time.Second
			if step.fetched == time.Hour {
				window = time.Hour
			}
			s.Must(t, append([]string{"stream", "--dedupe-window", window.String()}, flags...)...)
			for _, verb := range loads {
				s.Must(t, append([]string{verb}, flags...)...)
			}
			if lake := s.lakeRows(t); len(lake) == 0 {
				t.Errorf("%s: the lake is empty", step.name)
			}
			for store, rows := range map[string][]row{"PostgreSQL": s.postgresRows(t), "Elasticsearch": s.elasticsearchRows(t)} {
				if len(rows) != 1 || rows[0].measured.of("temperature_c") != step.want {
					t.Errorf("%s: %s holds %v, want %s", step.name, store, rows, step.want)
				}
			}
			if !recreated { // from then on the lake has rows of the old topic, too, until it is compacted
				s.Must(t, "reconcile", "--hdfs", "file://"+s.Lake)
			}
			time.Sleep(1500 * time.Millisecond) // more than the window and a quarter of it
		}
		s.Must(t, "to-hdfs", "--compact", "--before", "2026-05-01")
		if rows := s.lakeRows(t); len(rows) != 1 || rows[0].measured.of("temperature_c") != "26.5" {
			t.Errorf("compacted, the lake holds %v, want 26.5", rows)
		}
		s.Must(t, "reconcile", "--hdfs", "file://"+s.Lake)
	})
}
