package issue

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"senmeteo/jobs/clean"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/forecast"
	"senmeteo/jobs/meteo"
)

var issued = time.Date(2026, 8, 20, 0, 0, 0, 0, time.UTC)

// hours are observations of a station, every hour of so many days before a midnight, of which warm is added to the temperatures.
func hours(station meteo.Station, days int, end time.Time, warm float64) (all []meteo.Observation) {
	for at := end.AddDate(0, 0, -days).Add(time.Hour); !at.After(end); at = at.Add(time.Hour) {
		o := meteo.Observation{Reading: meteo.NewReading(station, at, "metar", meteo.Observed), Quality: meteo.Good}
		day := 2 * math.Pi * float64(at.Hour()-9) / 24
		o.Values[meteo.Temperature] = 29 + 4*math.Sin(day) + float64(at.YearDay()%5)/3 + warm
		o.Values[meteo.DewPoint], o.Values[meteo.Humidity], o.Values[meteo.WindSpeed] = 23, 72-15*math.Sin(day), 3+math.Sin(day)
		o.Values[meteo.Rain], o.IntervalS = float64(at.YearDay()%3), 3600
		o.Values[meteo.Pressure], o.Values[meteo.WindGust] = 1012, 7
		all = append(all, o)
	}
	return all
}

// store is a query.ForecastReader that is asked for measurements alone.
type store struct{ all []meteo.Observation }

func holding(all ...meteo.Observation) *store { return &store{all: all} }

// Measured implements query.ForecastReader.
func (s *store) Measured(_ context.Context, until time.Time, variables []meteo.Variable, each func(*meteo.Observation) error) error {
	for _, o := range s.all {
		if o.ObservedAt.After(until) {
			continue
		}
		all := o.Values
		o.Values = meteo.NoValues()
		for _, v := range variables {
			o.Values[v] = all[v]
		}
		if err := each(&o); err != nil {
			return err
		}
	}
	return nil
}

// Forecasts implements query.ForecastReader.
func (*store) Forecasts(context.Context, string, time.Time, time.Time, func(*meteo.Observation) error) error {
	return errors.New("nobody asks for them")
}

// fetch issues the forecasts of a store.
func fetch(t *testing.T, from *store, at time.Time, stations ...meteo.Station) (all []meteo.Observation, err error) {
	t.Helper()
	s := Source{IssuedAt: at, Stations: stations, Now: func() time.Time { return at.Add(90 * time.Minute) }, Days: func(ctx context.Context, before time.Time) ([]forecast.Day, error) {
		return Days(ctx, from, before)
	}}
	err = s.Fetch(t.Context(), func(item *flow.Item) error {
		all = append(all, meteo.Observation{Reading: item.Reading})
		return nil
	})
	return all, err
}

func texts(all []meteo.Observation) (list []string) {
	for i := range all {
		list = append(list, string(all[i].AppendJSON(nil)))
	}
	return list
}

func equal(t *testing.T, what string, got, want []meteo.Observation) {
	t.Helper()
	a, b := texts(got), texts(want)
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			t.Fatalf("%s: from reading %d on of %d and %d:\ngot  %s\nwant %s", what, i, len(a), len(b), a[min(i, len(a)-1)], b[min(i, len(b)-1)])
		}
	}
}

func TestAForecastIsAReadingOfEachOfTheNextDays(t *testing.T) {
	dakar, matam := meteo.Stations[0], meteo.Stations[8]
	all, err := fetch(t, holding(append(hours(dakar, 30, issued, 0), hours(matam, 30, issued, 5)...)...), issued.Add(7*time.Hour))
	if err != nil || len(all) != 2*forecast.MaxLead {
		t.Fatalf("%d readings, %v", len(all), err)
	}
	for i := range all {
		o := &all[i]
		station, lead := dakar, i+1
		if i >= forecast.MaxLead {
			station, lead = matam, i+1-forecast.MaxLead
		}
		if o.StationID != station.ID || o.Source != "forecast-daily" || o.Kind != meteo.Forecast || o.IntervalS != 86400 || !o.IssuedAt.Equal(issued) ||
			!o.ObservedAt.Equal(issued.AddDate(0, 0, lead)) || !o.FetchedAt.Equal(issued.Add(8*time.Hour+30*time.Minute)) || o.Latitude != station.Latitude || o.Region != station.Region {
			t.Errorf("reading %d is %s", i, o.AppendJSON(nil))
		}
		if len(o.Quantiles) != len(forecast.Targets) || o.Values.Count() != len(forecast.Targets)+1 {
			t.Errorf("reading %d lacks something: %s", i, o.AppendJSON(nil))
		}
		for _, v := range forecast.Targets {
			if q := o.Quantiles.Of(v); q == nil || q.Values[3] != o.Values[v] || q.Values[0] >= q.Values[6] || math.Round(q.Values[0]*100)/100 != q.Values[0] {
				t.Errorf("%s of reading %d: %v beside %v", v, i, q, o.Values[v])
			}
		}
		if p := o.Values[meteo.RainProbability]; p < 20 || p > 100 || math.Round(p*10)/10 != p {
			t.Errorf("it may rain with %g %%, in August after rain on two days of three", p)
		}
		if clean.Check(o, nil); o.Quality != meteo.Good {
			t.Errorf("the checks find reading %d %s: %v", i, o.Quality, o.QC)
		}
	}
	if a, b := all[0].Values[meteo.TemperatureMax], all[forecast.MaxLead].Values[meteo.TemperatureMax]; !(b > a+2) {
		t.Errorf("Matam, 5 °C warmer, gets %g °C after %g °C of Dakar", b, a)
	}
}

func TestARepeatedIssueSaysTheSame(t *testing.T) {
	from := hours(meteo.Stations[0], 25, issued, 0)
	first, err := fetch(t, holding(from...), issued.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	later := append(from[:len(from):len(from)], hours(meteo.Stations[0], 2, issued.AddDate(0, 0, 2), 9)...) // which are not looked at
	again, err := fetch(t, holding(later...), issued.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "with what was measured since", again, first)
	corrected := hours(meteo.Stations[0], 25, issued, 0)
	corrected[len(corrected)-9].Values[meteo.Temperature] += 6
	other, err := fetch(t, holding(corrected...), issued.Add(time.Hour))
	if err != nil || len(other) != len(first) || other[0].Identity.ID() != first[0].Identity.ID() || other[0].Fingerprint() == first[0].Fingerprint() {
		t.Errorf("a measurement that was corrected gives %v, %v", texts(other), err)
	}
}

func TestOnlyChosenStationsAreForecast(t *testing.T) {
	dakar, matam := meteo.Stations[0], meteo.Stations[8]
	from := holding(append(hours(dakar, 25, issued, 0), hours(matam, 25, issued, 5)...)...)
	all, err := fetch(t, from, issued)
	if err != nil {
		t.Fatal(err)
	}
	chosen, err := fetch(t, from, issued, matam)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "Matam alone", chosen, all[forecast.MaxLead:])
}

func TestWithoutObservationsOfLateThereIsNoForecast(t *testing.T) {
	for name, from := range map[string][]meteo.Observation{
		"nothing":             {},
		"what was long ago":   hours(meteo.Stations[0], 25, issued.AddDate(0, -3, 0), 0),
		"19 hours of one day": hours(meteo.Stations[0], 1, issued, 0)[:19],
	} {
		if all, err := fetch(t, holding(from...), issued); flow.ClassOf(err) != flow.NoInput || len(all) > 0 {
			t.Errorf("of %s: %d readings, %v", name, len(all), err)
		}
	}
	if all, err := fetch(t, holding(hours(meteo.Stations[0], 1, issued, 0)[:20]...), issued); err != nil || len(all) != forecast.MaxLead {
		t.Errorf("of 20 hours of one day: %d readings, %v", len(all), err)
	}
}

// A store reads the columns that it is asked for: none may be missing that days are made of.
func TestTheInputsAreAllThatDaysAreMadeOf(t *testing.T) {
	from := hours(meteo.Stations[0], 3, issued, 0)
	daily := meteo.Observation{Reading: meteo.NewReading(meteo.Stations[8], issued, "file", meteo.Observed)}
	for v := range daily.Values {
		daily.Values[v] = float64(v + 1)
	}
	daily.IntervalS = 86400
	from = append(from, daily)
	c := forecast.NewCollector()
	for i := range from {
		c.Add(&from[i])
	}
	got, err := Days(t.Context(), holding(from...), issued)
	if err != nil {
		t.Fatal(err)
	}
	text := func(days []forecast.Day) (text string) {
		for _, d := range days {
			place, _ := json.Marshal([]any{d.StationID, d.Date, d.Latitude, d.Longitude})
			text += string(place) + string(d.Values.AppendJSON(nil)) + "\n"
		}
		return text
	}
	if want := c.Days(); len(want) != 4 || text(got) != text(want) {
		t.Errorf("got\n%swant\n%s", text(got), text(want))
	}
}

func TestAStoredForecastIsReadBack(t *testing.T) {
	all, err := fetch(t, holding(hours(meteo.Stations[0], 25, issued, 0)...), issued)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		d, ok := Forecast(&all[i])
		again, known := reading(&d, forecast.Site{ID: d.StationID, Latitude: all[i].Latitude, Longitude: all[i].Longitude})
		if again.FetchedAt = all[i].FetchedAt; !ok || !known || d.Lead != i+1 {
			t.Fatalf("lead %d is read as %+v", i+1, d)
		}
		equal(t, "read back", []meteo.Observation{{Reading: again}}, all[i:i+1])
	}
	for name, change := range map[string]func(*meteo.Observation){
		"of another source":        func(o *meteo.Observation) { o.Source = "open-meteo" },
		"of an hour":               func(o *meteo.Observation) { o.IntervalS = 3600 },
		"of a part of a day ahead": func(o *meteo.Observation) { o.IssuedAt = o.IssuedAt.Add(time.Hour) },
		"of a day that has passed": func(o *meteo.Observation) { o.IssuedAt = o.ObservedAt },
	} {
		o := all[0]
		if change(&o); o.Quantiles == nil {
			t.Fatal("it has no quantiles")
		}
		if _, ok := Forecast(&o); ok {
			t.Errorf("one %s is taken for one of a day", name)
		}
	}
	bare := all[0]
	bare.Quantiles, bare.Values = nil, meteo.NoValues()
	if d, ok := Forecast(&bare); !ok || meteo.Known(d.Quantiles[0].Median()) || meteo.Known(d.RainProbability) {
		t.Errorf("without quantiles it is %+v, %t", d, ok)
	}
}
