package bench_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

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

func TestEveryJobAndItsLimitAreMeasured(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cfg := bench.Config{
		Program: program.Path(t), Self: []string{self, limitVerb}, Rounds: 1, Days: 1, Partitions: 2, Prefix: servers.Unique(t), Dir: t.TempDir(), Log: t.Output(),
		Servers: bench.Servers{
			Brokers: servers.Brokers(t), Elasticsearch: servers.ElasticsearchURL(t), Postgres: os.Getenv("SENMETEO_TEST_PG_URL"), Lake: os.Getenv("SENMETEO_HDFS"),
			PIDs: map[string][]int{"this test": {os.Getpid()}},
		},
	}
	servers.DropIndices(t, cfg.Prefix)
	results, err := bench.Run(t.Context(), cfg)
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
	for _, name := range bench.Names() {
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
