package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAJobSaysThatItIsAtWorkWheneverItHasBeenSilentFor20SecondsUntilItsReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		j := &job{spoken: &lastWrite{to: &out}}
		j.log = slog.New(slog.NewTextHandler(j.spoken, nil))
		said := func() int { return strings.Count(out.String(), "at work") }
		stop := j.startHeartbeat()
		j.moved(12, 30)
		for _, step := range []struct {
			passing time.Duration
			speaks  bool
			want    int
		}{
			{19 * time.Second, true, 0},
			{19 * time.Second, false, 0},
			{2 * time.Second, false, 1},
			{40 * time.Second, false, 3},
		} {
			time.Sleep(step.passing)
			synctest.Wait()
			if step.speaks {
				j.log.Info("something else")
			}
			if got := said(); got != step.want {
				t.Errorf("it has said so %d times, want %d:\n%s", got, step.want, out.String())
			}
		}
		if !strings.Contains(out.String(), "records=12") {
			t.Errorf("the lines do not say how far it is:\n%s", out.String())
		}
		stop()
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := said(); got != 3 {
			t.Errorf("it goes on after the report: %s", out.String())
		}
	})
}
