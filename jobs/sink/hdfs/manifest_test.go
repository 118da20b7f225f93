package hdfs

import (
	"path"
	"reflect"
	"strings"
	"testing"
	"testing/quick"
	"time"
)

// FuzzDecodeManifest checks that whatever is decoded is the manifest of its entry, leads to no place but the folders
// of days, and is written as it is read.
func FuzzDecodeManifest(f *testing.F) {
	f.Add(int64(0), `{"version":1,"uuid":"u","end":4,"files":[{"date":"2024-01-31","path":"date=2024-01-31/0-0-4.parquet","rows":3,"bytes":9}]}`)
	f.Add(int64(7), `{"version":1,"uuid":"u","partition":-1,"start":7,"end":8,"files":[{"date":"2024-01-31","path":"date=2024-01-31/c"}],"replaces":["date=2024-01-31/a"]}`)
	f.Add(int64(0), `{"version":1,"uuid":"u","files":[{"date":"2024-01-31","path":"date=2024-01-31/../x"}]}`)
	f.Fuzz(func(t *testing.T, pos int64, text string) {
		m, err := decodeManifest(entryName(pos), []byte(text))
		if err != nil {
			return
		}
		if m.name() != entryName(pos) || m.End < m.Start {
			t.Errorf("it is the manifest of %s up to %d", m.name(), m.End)
		}
		paths := m.Replaces
		for _, file := range m.Files {
			paths = append(paths, file.Path)
		}
		for _, p := range paths {
			if p != path.Clean(p) || !strings.HasPrefix(p, datePrefix) || strings.Count(p, "/") != 1 {
				t.Errorf("it leads to %q", p)
			}
		}
		again, err := m.encode()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := decodeManifest(entryName(pos), again); err != nil || !reflect.DeepEqual(back.Files, m.Files) {
			t.Errorf("it is read back as %+v (%v)", back, err)
		}
	})
}

func TestEntriesSortByEpochAndOffset(t *testing.T) {
	err := quick.Check(func(epochA, epochB uint16, offsetA, offsetB uint32) bool {
		a, b := manifest{Epoch: int64(epochA), Start: int64(offsetA)}, manifest{Epoch: int64(epochB), Start: int64(offsetB)}
		before := a.Epoch < b.Epoch || a.Epoch == b.Epoch && a.Start < b.Start
		return before == (a.name() < b.name())
	}, nil)
	if err != nil {
		t.Error(err)
	}
}

func TestDaysAreThoseOfUTC(t *testing.T) {
	err := quick.Check(func(seconds int32, nanos uint32) bool {
		at := time.Unix(3*int64(seconds), int64(nanos))
		return dateOf(dayOf(at)) == at.UTC().Format(time.DateOnly)
	}, nil)
	if err != nil {
		t.Error(err)
	}
}
