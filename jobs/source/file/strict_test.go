package file_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/source/file"
)

func TestOnlyAStrictReaderRefusesNumbersThatAreNone(t *testing.T) {
	const good = `{"schema":1,"station_id":"SN-DK","observed_at":"2026-08-01T12:00:00Z","source":"file","kind":"observed","temperature_c":27,"humidity_pct":80}`
	const broken = `{"schema":1,"station_id":"SN-DK","observed_at":"2026-08-01T12:10:00Z","source":"file","kind":"observed","temperature_c":NaN,"humidity_pct":80}`
	path := filepath.Join(t.TempDir(), "a.jsonl")
	if err := os.WriteFile(path, []byte(good+"\n"+broken+"\n"+good+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for strict, want := range map[bool]int{false: 3, true: 2} {
		o := options()
		o.Strict = strict
		r, err := file.Open(path, o)
		if err != nil {
			t.Fatal(err)
		}
		readings, refused := 0, 0
		for {
			record, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			readings += len(record.Observations)
			if record.Refusal != nil {
				if refused++; string(record.Raw) != broken || record.Refusal.Reason != meteo.InvalidJSON {
					t.Errorf("refused as %v: %s", record.Refusal, record.Raw)
				}
			}
		}
		if readings != want || refused != 3-want {
			t.Errorf("strict %v: %d readings, %d refused", strict, readings, refused)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
