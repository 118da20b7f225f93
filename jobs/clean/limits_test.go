package clean

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"senmeteo/jobs/flow"
)

func TestTheStepHoldsReadingsToTheLimitsOfItsStations(t *testing.T) {
	limits, err := ReadLimits(strings.NewReader("station_id,month,tmax_p999\nSN-DK,1,19\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		limits Limits
		want   int
	}{{nil, 0}, {limits, 1}} {
		step := newStep(&log{})
		step.cfg.Limits = c.limits
		b := apply(t, step, noon, raw(noon, noon, 25))
		if got := len(b.Observations[0].QC); got != c.want {
			t.Errorf("with the limits %v: %v", c.limits, b.Observations[0].QC)
		}
	}
}

func TestAFileOfLimitsIsLoadedOrSaysWhatIsWrong(t *testing.T) {
	good, broken := filepath.Join(t.TempDir(), "good.csv"), filepath.Join(t.TempDir(), "broken.csv")
	for path, text := range map[string]string{good: "station_id,month,tmax_p999\nSN-DK,1,19\n", broken: "station_id,month\nSN-DK,Mai\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if limits, err := LoadLimits(good); err != nil || limits.of("SN-DK") == nil {
		t.Error(limits, err)
	}
	if limits, err := LoadLimits(""); err != nil || limits != nil {
		t.Error("no file:", limits, err)
	}
	for path, class := range map[string]flow.Class{good + "x": flow.NoInput, broken: flow.BadInput} {
		if _, err := LoadLimits(path); flow.ClassOf(err) != class || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
