package bench_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/test/bench"
	"senmeteo/test/program"
	"senmeteo/test/servers"
)

// limitVerb makes the test binary be a limit.
const limitVerb = "limit"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == limitVerb {
		if err := bench.Limit(context.Background(), os.Args[2:], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(program.Main(m))
}

// quick is a bench on the shared servers that takes seconds.
func quick(t *testing.T) bench.Config {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cfg := bench.Config{
		Program: program.Path(t), Self: []string{self, limitVerb}, Rounds: 1, Days: 1, Partitions: 2, Prefix: servers.Unique(t), Dir: t.TempDir(), Log: t.Output(),
		FollowRate: 100, FollowFor: time.Second,
		Servers: bench.Servers{
			Brokers: servers.Brokers(t), Elasticsearch: servers.ElasticsearchURL(t), Postgres: os.Getenv("SENMETEO_TEST_PG_URL"), Lake: os.Getenv("SENMETEO_HDFS"),
			PIDs: map[string][]int{"this test": {os.Getpid()}},
		},
	}
	servers.DropIndices(t, cfg.Prefix)
	servers.DropIndices(t, cfg.Prefix+"follow0")
	return cfg
}

func TestEveryJobAndItsLimitAreMeasured(t *testing.T) {
	t.Parallel()
	results, err := bench.Run(t.Context(), quick(t))
	if err != nil {
		t.Fatal(err)
	}
	measured := map[string]bool{}
	for _, row := range results.Rows {
		measured[row.Job+" by "+row.Who] = true
		if len(row.Runs) != 1 || row.Runs[0].Seconds <= 0 || row.Runs[0].PeakRSS <= 0 {
			t.Errorf("%s by %s took %+v", row.Job, row.Who, row.Runs)
		}
	}
	for _, l := range results.Latencies {
		measured["follow by "+l.Where] = len(l.Rounds) == 1 && l.Rounds[0].Readings == 100 && 0 < l.Rounds[0].P50 && l.Rounds[0].P50 <= l.Rounds[0].P99
	}
	for _, where := range []string{"PostgreSQL", "Elasticsearch", "the page's event"} {
		if !measured["follow by "+where] {
			t.Errorf("how long a reading takes to %s was not measured: %+v", where, results.Latencies)
		}
	}
	for _, name := range slices.DeleteFunc(bench.Names(), func(name string) bool { return name == "follow" }) {
		for _, who := range []string{"senmeteo", "limit"} {
			if !measured[name+" by "+who] {
				t.Errorf("%s by %s was not measured", name, who)
			}
		}
	}
	for _, store := range []string{"lake", "lake, compacted", "PostgreSQL", "Elasticsearch", "Kafka, raw", "Kafka, clean"} {
		if !weighed(results, store) {
			t.Errorf("it is not known how many bytes a record of %s takes", store)
		}
	}
	var read bench.Results
	if err := json.Unmarshal(results.JSON(), &read); err != nil || !reflect.DeepEqual(&read, results) {
		t.Errorf("results.json holds %s (%v)", results.JSON(), err)
	}
	var table strings.Builder
	if err := results.Print(&table); err != nil {
		t.Fatal(err)
	}
	t.Log(table.String())
}

func TestGrowthIsMeasuredOnEmptyAndOnFilledStores(t *testing.T) {
	t.Parallel()
	cfg := quick(t)
	cfg.Jobs = []string{"stream", "to-pg"}
	results, err := bench.Grow(t.Context(), cfg, bench.Growth{Sizes: []int{100}, More: 100})
	if err != nil {
		t.Fatal(err)
	}
	const aDay = 2000 // readings, less some dead letters
	var got []string
	for _, row := range results.Growth {
		if row.Records < aDay || row.Runs[0].Seconds <= 0 {
			t.Errorf("%+v", row)
		}
		got = append(got, fmt.Sprint(row.Job, row.Stations, row.Stored))
	}
	want := []string{"stream14 0", "to-pg14 0", "stream14 2016", "to-pg14 2016"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("measured were %v, want %v", got, want)
	}
}

func weighed(results *bench.Results, store string) bool {
	for _, s := range results.BytesPerRecord {
		if s.Store == store {
			return s.Bytes > 0 && s.Records > 0
		}
	}
	return false
}

func TestUnknownJobsAndLimitsAreRefused(t *testing.T) {
	if _, err := bench.Run(t.Context(), bench.Config{Jobs: []string{"to-oracle"}}); err == nil || !strings.Contains(err.Error(), "to-es") {
		t.Errorf("the error is %v, want one that names the jobs", err)
	}
	if err := bench.Limit(t.Context(), []string{"to-oracle"}, t.Output()); err == nil {
		t.Error("an unknown limit was run")
	}
}
