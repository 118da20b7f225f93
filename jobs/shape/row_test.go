package shape

import (
	"math"
	"testing"
	"time"
)

func TestARowBecomesJSONThatReadsTheSame(t *testing.T) {
	row := Row{{"a", true}, {"b", false}, {"c", 1.5}, {"d", "x\"y"}, {"e", nil}, {"f", time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)}, {"g", Row{{"h", []any{1.0, "2", nil}}}}, {"a", 7.0}, {"i", math.NaN()}, {"j", math.Inf(-1)}, {"k", []any{}}, {"l\xff", 1.0}}
	want := "{\"a\":true,\"b\":false,\"c\":1.5,\"d\":\"x\\\"y\",\"e\":null,\"f\":\"2026-08-01T12:00:00Z\",\"g\":{\"h\":[1,\"2\",null]},\"i\":\"NaN\",\"j\":\"-Inf\",\"k\":[],\"l\ufffd\":1}"
	if got := string(row.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
