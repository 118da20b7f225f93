package generate

import (
	"context"
	"errors"
	"flag"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var _ flow.Source = (*Source)(nil)

// january is the window of the examples in the documentation.
func january() Config {
	return Config{
		Stations: meteo.Stations[:],
		From:     time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		To:       time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
		Every:    10 * time.Minute,
		Seed:     7,
	}
}

// fetch runs a source and returns what it gave.
func fetch(t *testing.T, c Config) ([]*flow.Item, *Source) {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	var items []*flow.Item
	if err := s.Fetch(t.Context(), func(i *flow.Item) error { items = append(items, i); return nil }); err != nil {
		t.Fatal(err)
	}
	return items, s
}

// text is a reading's JSON.
func text(r *meteo.Reading) string {
	return string((&meteo.Observation{Reading: *r}).AppendJSON(nil))
}

func TestJanuaryHasOneReadingPerStationAndStepInOrder(t *testing.T) {
	c := january()
	items, _ := fetch(t, c)
	if want := 14 * 31 * 144; len(items) != want || c.Readings() != int64(want) {
		t.Fatalf("%d items and %d readings announced, want %d", len(items), c.Readings(), want)
	}
	for i, item := range items {
		r := &item.Reading
		at := c.From.Add(time.Duration(i/14) * c.Every)
		if r.StationID != meteo.Stations[i%14].ID || !r.ObservedAt.Equal(at) || !r.FetchedAt.Equal(at) ||
			r.Source != Name || r.Kind != meteo.Observed || r.IntervalS != 600 {
			t.Fatalf("item %d is %s", i, text(r))
		}
	}
}

func TestReadingsAreThoseOfTheGoldenFile(t *testing.T) {
	var got strings.Builder
	for _, at := range []string{"2026-01-15T15:00:00Z", "2026-05-01T06:50:00Z", "2026-08-20T00:00:00Z", "2026-08-20T20:00:00Z"} {
		c := january()
		c.From, _ = time.Parse(time.RFC3339, at)
		c.To = c.From.Add(time.Second)
		items, _ := fetch(t, c)
		for _, i := range items {
			got.WriteString(text(&i.Reading) + "\n")
		}
	}
	const golden = "testdata/golden.jsonl"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the weather of seed 7 has changed; if that is wanted, run with -update and say so in the changelog:\n%s", got.String())
	}
}

func TestReadingsDependOnSeedStationAndTimeAlone(t *testing.T) {
	c := january()
	c.From, c.To = c.From.AddDate(0, 7, 0), c.From.AddDate(0, 7, 3) // rain
	items, _ := fetch(t, c)
	want := map[string]string{}
	for _, i := range items {
		want[i.Reading.StationID+i.Reading.ObservedAt.String()] = text(&i.Reading)
	}

	t.Run("backwards, station by station, far days in between", func(t *testing.T) {
		m, err := NewModel(c.Seed, c.Every)
		if err != nil {
			t.Fatal(err)
		}
		for s := len(meteo.Stations) - 1; s >= 0; s-- {
			for at := c.To.Add(-c.Every); !at.Before(c.From); at = at.Add(-c.Every) {
				if at.Minute() == 30 {
					m.At(meteo.Stations[3], at.AddDate(0, 0, -97*at.Hour()))
				}
				r := m.At(meteo.Stations[s], at)
				if got := text(&r); got != want[r.StationID+r.ObservedAt.String()] {
					t.Fatalf("got  %s\nwant %s", got, want[r.StationID+r.ObservedAt.String()])
				}
			}
		}
	})
	t.Run("in windows of one station each", func(t *testing.T) {
		n := 0
		for _, s := range meteo.Stations {
			for from := c.From; from.Before(c.To); from = from.Add(7 * time.Hour) {
				part := c
				part.Stations, part.From, part.To = []meteo.Station{s}, from, from.Add(7*time.Hour)
				if part.To.After(c.To) {
					part.To = c.To
				}
				// Windows of 7 h keep to the grid of 10 min.
				got, _ := fetch(t, part)
				for _, i := range got {
					n++
					if w := want[s.ID+i.Reading.ObservedAt.String()]; text(&i.Reading) != w {
						t.Fatalf("got  %s\nwant %s", text(&i.Reading), w)
					}
				}
			}
		}
		if n != len(want) {
			t.Errorf("the windows hold %d readings, want %d", n, len(want))
		}
	})
	t.Run("at another step, but for the rain of the step", func(t *testing.T) {
		part := c
		part.Every = time.Hour
		hourly, _ := fetch(t, part)
		perHour := map[string]float64{}
		for _, i := range items {
			end := i.Reading.ObservedAt.Add(50 * time.Minute).Truncate(time.Hour)
			perHour[i.Reading.StationID+end.String()] += i.Reading.Values[meteo.Rain]
		}
		byPlace := map[string]*meteo.Reading{}
		for _, i := range items {
			byPlace[i.Reading.StationID+i.Reading.ObservedAt.String()] = &i.Reading
		}
		rain := 0.0
		for _, i := range hourly {
			r := &i.Reading
			key := r.StationID + r.ObservedAt.String()
			for v := range measured {
				if v != meteo.Rain && v != meteo.RainRate && r.Values[v] != byPlace[key].Values[v] {
					t.Fatalf("%v is %v by the hour and %v by ten minutes", v, r.Values[v], byPlace[key].Values[v])
				}
			}
			if r.ObservedAt.Equal(c.From) {
				continue // its hour began before the window
			}
			rain += r.Values[meteo.Rain]
			if math.Abs(r.Values[meteo.Rain]-perHour[key]) > 1e-6 {
				t.Fatalf("%s: %v mm in the hour, %v in its parts", key, r.Values[meteo.Rain], perHour[key])
			}
		}
		if rain == 0 {
			t.Error("no rain fell: the test proves nothing")
		}
	})
	t.Run("not on other seeds and stations", func(t *testing.T) {
		other := c
		other.Seed++
		got, _ := fetch(t, other)
		same := 0
		for i := range got {
			if got[i].Reading.Values == items[i].Reading.Values {
				same++
			}
		}
		if same > 0 {
			t.Errorf("%d readings are equal under another seed", same)
		}
	})
}

func TestFurtherStationsDepartALittleFromTheirRegion(t *testing.T) {
	m, err := NewModel(7, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	dakar, err := meteo.SelectStations("SN-DK,SN-DK-02")
	if err != nil {
		t.Fatal(err)
	}
	equal, hours := 0, 0
	for at := january().From; at.Before(january().To); at = at.Add(time.Hour) {
		a, b := m.At(dakar[0], at), m.At(dakar[1], at)
		if b.StationID != "SN-DK-02" || b.Region != "Dakar" {
			t.Fatalf("the further station calls itself %s in %s", b.StationID, b.Region)
		}
		hours++
		if a.Values == b.Values {
			equal++
		}
		if d := a.Values[meteo.Temperature] - b.Values[meteo.Temperature]; math.Abs(d) > 3 { // the roughness of both
			t.Errorf("%s: the temperatures differ by %.1f", at, d)
		}
	}
	if equal > 0 {
		t.Errorf("%d of %d readings are equal", equal, hours)
	}
}

func TestAStationOfNoRegionMeasuresNothing(t *testing.T) {
	m, err := NewModel(7, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	r := m.At(meteo.Station{ID: "GM-BJ"}, january().From)
	if r.Values.Count() != 0 {
		t.Errorf("it measures %s", text(&r))
	}
}

func TestConfigurationsThatCanNotBeAreRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*Config)
		says string
	}{
		{"no station", func(c *Config) { c.Stations = nil }, "no station"},
		{"a station of another country", func(c *Config) { c.Stations = []meteo.Station{{ID: "GM-BJ"}} }, "GM-BJ"},
		{"a station twice", func(c *Config) { c.Stations = append(c.Stations[:1:1], c.Stations[0]) }, "twice"},
		{"no begin", func(c *Config) { c.From = time.Time{} }, "both from and to"},
		{"an end before the begin", func(c *Config) { c.To = c.From.Add(-1) }, "exchange from and to"},
		{"the time of broken clocks", func(c *Config) { c.To = c.To.AddDate(100, 0, 0) }, "years"},
		{"no step", func(c *Config) { c.Every = 0 }, "step"},
		{"a step of parts of seconds", func(c *Config) { c.Every = 1500 * time.Millisecond }, "step"},
		{"a step of more than a day", func(c *Config) { c.Every = 25 * time.Hour }, "step"},
		{"more faults than readings", func(c *Config) { c.Faults = 1.1 }, "faults"},
		{"faults that are not a number", func(c *Config) { c.Faults = math.NaN() }, "faults"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := january()
			c.edit(&config)
			if _, err := New(config); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want an error that says %q", err, c.says)
			}
		})
	}
}

func TestAnEmptyWindowHasNoReadings(t *testing.T) {
	c := january()
	c.To = c.From
	if items, _ := fetch(t, c); len(items) != 0 || c.Readings() != 0 {
		t.Errorf("%d items, %d announced", len(items), c.Readings())
	}
}

func TestFetchEndsWithTheErrorOfPutOrContext(t *testing.T) {
	s, err := New(january())
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("full")
	if err := s.Fetch(t.Context(), func(*flow.Item) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v, want the error of put", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err = s.Fetch(ctx, func(*flow.Item) error {
		if n++; n == 20 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n > 28 {
		t.Errorf("got %v after %d items, want the end of the context at the next step", err, n)
	}
}

func BenchmarkFetchDay(b *testing.B) {
	c := january()
	c.To = c.From.AddDate(0, 0, 1)
	s, err := New(c)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := s.Fetch(b.Context(), func(*flow.Item) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(c.Readings())*float64(b.N)/b.Elapsed().Seconds(), "readings/s")
}
