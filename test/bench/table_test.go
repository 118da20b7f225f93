package bench

import (
	"strings"
	"testing"
	"time"
)

func TestTheTableComparesRoundByRound(t *testing.T) {
	r := &Results{
		Machine: Machine{Cores: 2, CPU: "Test", Memory: 8e9, Kernel: "6.1", Load: 0.5, Date: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)},
		Days:    1, Readings: 2000, Partitions: 6, Rounds: 3,
	}
	for round, ours := range []float64{2, 4, 9} {
		r.add("to-pg", senmeteo, 2000, Usage{Seconds: ours, CPUSeconds: 1, PeakRSS: 100 << 20, ServerCPU: map[string]float64{"PostgreSQL": 3}})
		r.add("to-pg", limit, 2000, Usage{Seconds: float64(round + 1), CPUSeconds: 0.5, PeakRSS: 10 << 20, ServerCPU: map[string]float64{"PostgreSQL": 1.5}})
		r.add("to-pg", pySpark, 2000, Usage{Seconds: 8, CPUSeconds: 5, PeakRSS: 1000 << 20})
	}
	r.size("lake", 2000, 40_000, 3)
	var got strings.Builder
	if err := r.Print(&got); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"2 cores (Test), 8 GB, Linux 6.1, load 0.5, 2026-01-02 03:04 UTC; 2000 readings (1 days), 6 partitions, 3 rounds",
		"| to-pg | senmeteo | 4.00 (2.00–9.00) | 500 | 500.0 | 1500.0 | 100 | | |",
		"| to-pg | limit | 2.00 (1.00–3.00) | 1000 | 250.0 | 750.0 | 10 | senmeteo/limit 2.00 (2.00–3.00) | senmeteo/limit 2.00 |",
		"| to-pg | PySpark | 8.00 | 250 | 2500.0 | 0.0 | 1000 | PySpark/senmeteo 2.00 (0.89–4.00) | PySpark/senmeteo 1.25 |",
		"| lake | 2000 | 20.0 | 3 |",
	} {
		if !strings.Contains(strings.Join(strings.Fields(got.String()), " "), want) {
			t.Errorf("the table lacks %q:\n%s", want, got.String())
		}
	}
}

func TestTheMedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle(t *testing.T) {
	if got, want := spreadOf([]float64{9, 1, 2, 4}), (Spread{3, 1, 9}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := spreadOf(nil); got != (Spread{}) {
		t.Errorf("nothing has the spread %+v", got)
	}
}

func TestReportsOfJobsLimitsAndPsqlAreRead(t *testing.T) {
	for out, want := range map[string]int64{
		"a line\n{\"job\":\"to-pg\",\"read\":7,\"written\":5}\n": 7,
		"COPY 12\n": 12,
	} {
		if got, err := reportIn(out); err != nil || got.Read != want {
			t.Errorf("%q holds %d records (%v), want %d", out, got.Read, err, want)
		}
	}
	for _, out := range []string{"", "COPY", "no report\n"} {
		if got, err := reportIn(out); err == nil {
			t.Errorf("%q holds %+v, want an error", out, got)
		}
	}
}
