package generate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// faulty runs a configuration with faults and returns what it gave, its truth and summary.
func faulty(t *testing.T, c Config) ([]*flow.Item, []Truth, Summary) {
	t.Helper()
	var lines bytes.Buffer
	c.Truth = &lines
	items, s := fetch(t, c)
	truth, err := ReadTruth(&lines)
	if err != nil {
		t.Fatal(err)
	}
	return items, truth, s.Summary()
}

// place is where and when a reading belongs.
type place struct {
	station string
	at      time.Time
}

// arrival is a reading and its position among everything that was given.
type arrival struct {
	position int
	reading  *meteo.Reading
}

// scan looks at what was given without knowing of the truth.
type scan struct {
	right    map[place]*meteo.Reading // what a run without faults gives, but for drifts of weeks
	slow     map[place]*Truth         // the lines of these, if nothing hides them
	arrivals map[place][]arrival
	future   map[place]bool
	broken   map[string]int // by station
}

func newScan(t *testing.T, c Config, items []*flow.Item) *scan {
	t.Helper()
	drifts := faults{seed: c.Seed, rate: c.Faults, every: c.Every}
	c.Faults, c.Truth = 0, nil
	without, _ := fetch(t, c)
	s := &scan{map[place]*meteo.Reading{}, map[place]*Truth{}, map[place][]arrival{}, map[place]bool{}, map[string]int{}}
	for _, i := range without {
		p := place{i.Reading.StationID, i.Reading.ObservedAt}
		s.slow[p] = drifts.drift(&i.Reading)
		s.right[p] = &i.Reading
	}
	for n, i := range items {
		switch r := &i.Reading; {
		case i.Raw != nil:
			s.broken[i.Key]++
		case r.ObservedAt.Year() == 2099:
			s.future[place{r.StationID, r.FetchedAt}] = true
		default:
			p := place{r.StationID, r.ObservedAt}
			s.arrivals[p] = append(s.arrivals[p], arrival{n, r})
		}
	}
	return s
}

// differing lists the variables in which two readings differ.
func differing(a, b *meteo.Reading) (out []meteo.Variable) {
	for v := range measured {
		if a.Values[v] != b.Values[v] && (a.Values.Has(v) || b.Values.Has(v)) {
			out = append(out, v)
		}
	}
	return out
}

// kind says what happened to one reading: the name of a defect that needs no value, "wrong" with
// the values, "gone", or "" when it is as it should be.
func (s *scan) kind(p place, late map[place]bool) (kind string, v meteo.Variable, value float64) {
	got, right := s.arrivals[p], s.right[p]
	switch len(got) {
	case 0:
		if s.future[p] {
			return "future", 0, 0
		}
		return "gone", 0, 0
	case 1:
		d := differing(got[0].reading, right)
		if derives(got[0].reading, d) {
			d = slices.DeleteFunc(d, func(v meteo.Variable) bool { return v == meteo.DewPoint })
		}
		switch {
		case slices.Equal(d, []meteo.Variable{meteo.WindSpeed, meteo.WindGust}) && !got[0].reading.Values.Has(meteo.WindGust):
			return "wind_unit", meteo.WindSpeed, got[0].reading.Values[meteo.WindSpeed]
		case len(d) > 1:
			return fmt.Sprintf("differs in %v", d), 0, 0
		case len(d) == 1 && !got[0].reading.Values.Has(d[0]):
			return "missing", d[0], 0
		case len(d) == 1:
			return "wrong", d[0], got[0].reading.Values[d[0]]
		case late[p]:
			return "late", 0, 0
		}
		return "", 0, 0
	case 2:
		first, second := got[0].reading, got[1].reading
		d := differing(first, second)
		switch {
		case len(differing(second, right)) > 0:
			return "second record is wrong", 0, 0
		case len(d) == 0 && first.FetchedAt.Equal(second.FetchedAt):
			return "duplicate", 0, 0
		case len(d) == 1 && second.FetchedAt.After(first.FetchedAt):
			return "correction", d[0], first.Values[d[0]]
		}
	}
	return "too many records", 0, 0
}

// derives reports whether the dew point is that of the wrong temperature or humidity.
func derives(r *meteo.Reading, differing []meteo.Variable) bool {
	for _, v := range [...]meteo.Variable{meteo.Temperature, meteo.Humidity} {
		if slices.Contains(differing, v) && r.Values.Has(v) {
			rh := r.Values[meteo.Humidity]
			if rh <= 0 {
				return !r.Values.Has(meteo.DewPoint)
			}
			return math.Abs(r.Values[meteo.DewPoint]-dewPoint(r.Values[meteo.Temperature], rh)) < 0.051
		}
	}
	return false
}

// lateOnes finds the readings that came after one of a later time.
func (s *scan) lateOnes() map[place]bool {
	out := map[place]bool{}
	places := slices.SortedFunc(maps.Keys(s.arrivals), func(a, b place) int { return b.at.Compare(a.at) })
	var of time.Time                           // the time that is looked at, from the last
	earliest, here := math.MaxInt, math.MaxInt // positions of the first arrivals of later times and of this one
	for _, p := range places {
		if !p.at.Equal(of) {
			of, earliest, here = p.at, min(earliest, here), math.MaxInt
		}
		position := s.arrivals[p][0].position
		out[p] = position > earliest
		here = min(here, position)
	}
	return out
}

func TestTruthIsWhatAScanOfTheRecordsFinds(t *testing.T) {
	for _, c := range []struct {
		name  string
		rate  float64
		every time.Duration
		days  int
	}{
		{"few faults", 0.01, 10 * time.Minute, 10},
		{"a third of all readings", 0.33, 10 * time.Minute, 4},
		{"every reading", 1, 30 * time.Minute, 10},
		{"by the hour", 0.05, time.Hour, 60},
		{"steps as long as a record may be late", 0.3, 6 * time.Hour, 60},
		{"by the day", 0.3, 24 * time.Hour, 90},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := january()
			config.Faults, config.Every, config.To = c.rate, c.every, config.From.AddDate(0, 0, c.days)
			items, truth, summary := faulty(t, config)
			s := newScan(t, config, items)
			late := s.lateOnes()
			told, slow := map[place]*Truth{}, map[place]*Truth{}
			for i := range truth {
				p := place{truth[i].StationID, truth[i].ObservedAt}
				if truth[i].Defect == SlowDrift {
					slow[p] = &truth[i]
					continue
				}
				if told[p] != nil {
					t.Fatalf("%v has two lines", p)
				}
				if s.right[p] == nil {
					t.Fatalf("%v is outside of the window", p)
				}
				told[p] = &truth[i]
			}
			for p := range s.right {
				kind, v, value := s.kind(p, late)
				if problem := contradiction(told[p], kind, v, value, s.right[p], &config); problem != "" {
					t.Errorf("%v: %s", p, problem)
				}
				want := s.slow[p]
				if line := told[p]; line != nil && want != nil && (line.Expect == ExpectDeadLetter || line.Variable == want.Variable && line.Defect != Correction) {
					want = nil
				}
				if got := slow[p]; (got == nil) != (want == nil) || got != nil && (*got.Value != *want.Value || *got.TrueValue != *want.TrueValue || got.Variable != want.Variable) {
					t.Errorf("%v: the line of the drift of weeks is %+v, want %+v", p, got, want)
				}
				if line := told[p]; line != nil && line.Defect == BrokenJSON {
					s.broken[p.station]--
				}
			}
			for station, left := range s.broken {
				if left != 0 {
					t.Errorf("%s: broken records and lines differ by %d", station, left)
				}
			}
			if got := pipeline(items); got != summary {
				t.Errorf("a pipeline makes %+v of it, the summary is %+v", got, summary)
			}
			if got := Summarize(config.Readings(), truth); got != summary {
				t.Errorf("the truth adds up to %+v, the summary is %+v", got, summary)
			}
		})
	}
}

// contradiction reports in what a line (nil: none) and what a scan found differ.
func contradiction(line *Truth, kind string, v meteo.Variable, value float64, right *meteo.Reading, c *Config) string {
	if line == nil {
		if kind != "" {
			return "is " + kind + " without a line"
		}
		return ""
	}
	want := string(line.Defect)
	switch line.Defect {
	case Spike, OutOfRange, UnitMixUp, Stuck, Drift:
		want = "wrong"
		if line.Defect == Stuck && *line.Value == *line.TrueValue {
			want = ""
		}
	case BrokenJSON:
		want = "gone"
	case Late: // nothing follows the last records, nor comes within a long step
		if kind == "" && (c.Every >= mostLate || c.To.Sub(line.ObservedAt) <= mostLate) {
			want = ""
		}
	}
	switch {
	case kind != want:
		return fmt.Sprintf("is %q, the line says %s", kind, line.Defect)
	case line.Source != Name || line.Expect != line.Defect.Expect():
		return fmt.Sprintf("the line is %+v", *line)
	case kind == "wrong" || kind == "wind_unit" || kind == "correction":
		if line.Variable != v.String() || *line.Value != value || *line.TrueValue != right.Values[v] {
			return fmt.Sprintf("%v is %v instead of %v, the line says %s %v %v", v, value, right.Values[v], line.Variable, *line.Value, *line.TrueValue)
		}
	case kind == "missing":
		if line.Variable != v.String() || line.Value != nil || *line.TrueValue != right.Values[v] {
			return fmt.Sprintf("%v is missing, the line says %s", v, line.Variable)
		}
	}
	return ""
}

// pipeline counts what a pipeline without a defect of its own makes of records.
func pipeline(items []*flow.Item) Summary {
	s := Summary{Sent: int64(len(items))}
	type version struct {
		print   uint64
		fetched time.Time
	}
	seen := map[meteo.ID]version{}
	for _, i := range items {
		r := i.Reading
		if i.Raw != nil || r.ObservedAt.After(r.FetchedAt.Add(10*time.Minute)) {
			s.DeadLetters++
			continue
		}
		now := version{(&meteo.Observation{Reading: r}).Fingerprint(), r.FetchedAt}
		switch before, known := seen[r.ID()]; {
		case !known:
			s.Clean++
		case before.print == now.print || !now.fetched.After(before.fetched):
			s.Duplicates++
			continue
		default:
			s.Corrections++
		}
		seen[r.ID()] = now
	}
	s.Readings = s.Sent - s.Duplicates - s.Corrections
	return s
}

func TestEveryDefectOccursAboutAsOftenAsAsked(t *testing.T) {
	c := january()
	c.Faults = 0.02
	_, truth, _ := faulty(t, c)
	count := map[Defect]float64{}
	points, episodes := 0.0, 0.0
	for i := range truth {
		count[truth[i].Defect]++
		switch d := truth[i].Defect; {
		case d == Stuck || d == Drift:
			episodes++
		case d != SlowDrift:
			points++
		}
	}
	for _, d := range Defects {
		if count[d] == 0 {
			t.Errorf("there is no %s", d)
		}
	}
	// Readings of episodes have no point defect.
	want := c.Faults * (float64(c.Readings()) - episodes)
	if math.Abs(points-want) > 5*math.Sqrt(want) {
		t.Errorf("%v readings have a point defect, want %.0f", points, want)
	}
	if share := episodes / points; share < 0.5 || share > 2 {
		t.Errorf("%v readings lie in episodes, %v have a point defect", episodes, points)
	}
	t.Log(count)
}

func TestFaultsDependOnSeedStationAndTimeAlone(t *testing.T) {
	whole := january()
	whole.Faults, whole.To = 0.05, whole.From.AddDate(0, 0, 3)
	items, truth, _ := faulty(t, whole)
	var partItems []*flow.Item
	var partTruth []Truth
	for from := whole.From; from.Before(whole.To); from = from.Add(4 * time.Hour) {
		for _, s := range whole.Stations {
			part := whole
			part.Stations, part.From, part.To = []meteo.Station{s}, from, from.Add(4*time.Hour)
			i, l, _ := faulty(t, part)
			partItems, partTruth = append(partItems, i...), append(partTruth, l...)
		}
	}
	if a, b := records(items), records(partItems); !slices.Equal(a, b) {
		t.Errorf("the windows give %d records, the whole gives %d, and they differ", len(b), len(a))
	}
	lines := func(ts []Truth) (out []string) {
		for i := range ts {
			line, err := json.Marshal(&ts[i])
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, string(line))
		}
		slices.Sort(out)
		return out
	}
	if a, b := lines(truth), lines(partTruth); !slices.Equal(a, b) {
		t.Errorf("the windows have %d lines, the whole has %d, and they differ", len(b), len(a))
	}
}

// records lists the bytes of all records, sorted.
func records(items []*flow.Item) (out []string) {
	for _, i := range items {
		if i.Raw != nil {
			out = append(out, i.Key+string(i.Raw))
		} else {
			out = append(out, text(&i.Reading))
		}
	}
	slices.Sort(out)
	return out
}

func TestBrokenRecordsAreNotJSONInThreeWays(t *testing.T) {
	c := january()
	c.Faults, c.To = 1, c.From.AddDate(0, 0, 2)
	items, _, _ := faulty(t, c)
	cut, nan, encoding := 0, 0, 0
	for _, i := range items {
		if i.Raw == nil {
			continue
		}
		if _, ok := meteo.StationByID(i.Key); !ok {
			t.Fatalf("the key is %q", i.Key)
		}
		switch {
		case !utf8.Valid(i.Raw) && bytes.HasSuffix(i.Raw, []byte("}")):
			encoding++
		case bytes.Contains(i.Raw, []byte(`:NaN,`)):
			nan++
		default:
			cut++
		}
		if json.Valid(i.Raw) && utf8.Valid(i.Raw) {
			t.Errorf("this is JSON: %s", i.Raw)
		}
	}
	if cut == 0 || nan == 0 || encoding == 0 {
		t.Errorf("%d are cut off, %d hold NaN, %d are not UTF-8", cut, nan, encoding)
	}
}

func TestLateRecordsComeInTime(t *testing.T) {
	c := january()
	c.Faults = 0.1
	items, _, _ := faulty(t, c)
	newest := time.Time{}
	for _, i := range items {
		if i.Raw != nil || i.Reading.ObservedAt.Year() == future {
			continue
		}
		if newest.Sub(i.Reading.ObservedAt) > mostLate+c.Every {
			t.Fatalf("%s came when %s had come", text(&i.Reading), newest)
		}
		if i.Reading.ObservedAt.After(newest) {
			newest = i.Reading.ObservedAt
		}
	}
}

// fullDisk refuses to be written to.
type fullDisk struct{}

var errFull = errors.New("no space left")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestATruthThatCanNotBeWrittenIsAnError(t *testing.T) {
	for _, days := range []int{1, 20} { // found at the end, or on the way
		c := january()
		c.Faults, c.Truth, c.To = 0.05, fullDisk{}, c.From.AddDate(0, 0, days)
		s, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Fetch(t.Context(), func(*flow.Item) error { return nil }); !errors.Is(err, errFull) {
			t.Errorf("got %v", err)
		}
	}
}

func TestALineThatIsNotTruthIsRefusedByItsNumber(t *testing.T) {
	const good = `{"defect":"late","station_id":"SN-DK","observed_at":"2026-01-01T00:00:00Z","source":"generate","expect":"keep"}`
	for name, bad := range map[string]string{"no JSON": "{", "an unknown field": `{"defects":"late"}`} {
		_, err := ReadTruth(strings.NewReader(good + "\n" + bad + "\n"))
		if err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
