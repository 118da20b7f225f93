package sorted_test

import (
	"cmp"
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"senmeteo/jobs/meteo"
	"senmeteo/jobs/reconcile/sorted"
)

func read(t *testing.T, s *sorted.Set) []sorted.Revision {
	t.Helper()
	var all []sorted.Revision
	for c := s.Read(); ; {
		r, err := c.Next()
		if err != nil {
			t.Fatal(err)
		}
		if r == nil {
			return all
		}
		all = append(all, *r)
	}
}

func some(n int) []sorted.Revision {
	random := rand.New(rand.NewPCG(1, 2))
	all := make([]sorted.Revision, n)
	for i := range all {
		all[i] = sorted.Revision{
			Key:       sorted.Key{Day: int32(random.IntN(5)) - 2, Station: int32(random.IntN(3)), ID: meteo.ID{byte(random.IntN(4))}},
			FetchedAt: random.Int64() - math.MaxInt64/2, Number: int64(i), // so that the order of one key shows
		}
	}
	all = append(all, sorted.Revision{Key: sorted.Key{Day: math.MaxInt32, Station: math.MaxInt32}, FetchedAt: math.MaxInt64, Number: math.MaxInt64},
		sorted.Revision{Key: sorted.Key{Day: math.MinInt32}, FetchedAt: math.MinInt64, Number: math.MinInt64})
	return all
}

func TestRevisionsComeByDayStationAndIDAndThoseOfOneKeyInTheirOrder(t *testing.T) {
	all := some(1000)
	want := slices.Clone(all)
	slices.SortStableFunc(want, func(a, b sorted.Revision) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Station, b.Station), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	for name, limit := range map[string]int{"all in memory": 2000, "just all": len(all), "one in memory": 1, "runs and a rest": 300, "runs alone": len(all) / 2} {
		t.Run(name, func(t *testing.T) {
			s := sorted.New(limit)
			for _, r := range all {
				if err := s.Add(r); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				if got := read(t, s); !slices.Equal(got, want) {
					t.Errorf("%d revisions in another order, want %d", len(got), len(want))
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestASetOfNothingIsRead(t *testing.T) {
	s := sorted.New(1)
	if got := read(t, s); got != nil {
		t.Errorf("got %v", got)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestTheTemporaryFileHasNoNameThatCouldStay(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	s := sorted.New(10)
	defer func() { _ = s.Close() }()
	for _, r := range some(100) {
		if err := s.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := filepath.Glob(filepath.Join(folder, "*")); err != nil || len(names) > 0 {
		t.Errorf("the folder holds %v, %v", names, err)
	}
	if got := read(t, s); len(got) != 102 {
		t.Errorf("%d revisions, want 102", len(got))
	}
}

func TestWithoutATemporaryFolderTheUserLearnsWhatToSet(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	s := sorted.New(1)
	var err error
	for _, r := range some(2) {
		err = cmp.Or(err, s.Add(r))
	}
	if err == nil || !strings.Contains(err.Error(), "TMPDIR") || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkRevisionsSortedAndRead(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	s := sorted.New(sorted.InMemory)
	defer func() { _ = s.Close() }()
	for i := range b.N {
		r := sorted.Revision{Key: sorted.Key{Day: int32(i / 2016), Station: int32(i % 14)}, FetchedAt: 1.7e12 + int64(i)*300e3, Number: 1}
		for n := range r.ID {
			r.ID[n] = byte(random.Uint32())
		}
		if err := s.Add(r); err != nil {
			b.Fatal(err)
		}
	}
	for c := s.Read(); ; {
		r, err := c.Next()
		if err != nil {
			b.Fatal(err)
		}
		if r == nil {
			break
		}
	}
}
