package issue

import (
	"context"
	"encoding/json"
	"log/slog"
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

// store is a query.ForecastReader.
type store struct{ all []meteo.Observation }

func holding(all ...meteo.Observation) *store { return &store{all: all} }

// Measured implements query.ForecastReader.
func (s *store) Measured(_ context.Context, until time.Time, variables []meteo.Variable, each func(*meteo.Observation) error) error {
	for _, o := range s.all {
		if o.ObservedAt.After(until) || o.Kind == meteo.Forecast {
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
func (s *store) Forecasts(_ context.Context, source string, from, to time.Time, each func(*meteo.Observation) error) error {
	for _, o := range s.all {
		if o.Kind == meteo.Forecast && o.Source == source && !o.IssuedAt.Before(from) && o.IssuedAt.Before(to) {
			if err := each(&o); err != nil {
				return err
			}
		}
	}
	return nil
}

// fetch issues the forecasts of a store.
func fetch(t *testing.T, from *store, at time.Time, stations ...meteo.Station) (all []meteo.Observation, err error) {
	t.Helper()
	s := Source{Log: slog.New(slog.DiscardHandler), IssuedAt: at, Stations: stations, Now: func() time.Time { return at.Add(90 * time.Minute) }, Read: func(ctx context.Context, until time.Time, add func(*meteo.Observation) error) error {
		return Known(ctx, from, until, add)
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
	days := of(all, Daily)
	if err != nil || len(days) != 2*forecast.MaxLead {
		t.Fatalf("%d readings of days, %v", len(days), err)
	}
	for i := range days {
		o := &days[i]
		station, lead := dakar, i+1
		if i >= forecast.MaxLead {
			station, lead = matam, i+1-forecast.MaxLead
		}
		is(t, o, station, issued, issued.AddDate(0, 0, lead), 86400, append([]meteo.Variable{meteo.RainProbability}, forecast.Targets[:]...)...)
		if p := o.Values[meteo.RainProbability]; p < 20 || p > 100 || math.Round(p*10)/10 != p {
			t.Errorf("it may rain with %g %%, in August after rain on two days of three", p)
		}
	}
	if a, b := days[0].Values[meteo.TemperatureMax], days[forecast.MaxLead].Values[meteo.TemperatureMax]; !(b > a+2) {
		t.Errorf("Matam, 5 °C warmer, gets %g °C after %g °C of Dakar", b, a)
	}
}

func TestAForecastIsAReadingOfEachOfTheNextHours(t *testing.T) {
	dakar, matam := meteo.Stations[0], meteo.Stations[8]
	at := issued.Add(7 * time.Hour)
	all, err := fetch(t, holding(append(hours(dakar, 30, at, 0), hours(matam, 30, at, 5)...)...), at.Add(59*time.Minute))
	list := of(all, Hourly)
	if err != nil || len(list) != 2*forecast.MaxHours || len(of(all, Daily))+len(list) != len(all) {
		t.Fatalf("%d readings of hours, %v", len(list), err)
	}
	for i := range list {
		station, lead := dakar, i+1
		if i >= forecast.MaxHours {
			station, lead = matam, i+1-forecast.MaxHours
		}
		is(t, &list[i], station, at, at.Add(time.Duration(lead)*time.Hour), 0, meteo.Temperature)
	}
	if night, noon := list[20].Values[meteo.Temperature], list[8].Values[meteo.Temperature]; !(noon > night+4) {
		t.Errorf("it gets %g °C at 16 h and %g °C at 4 h", noon, night)
	}
}

// of are the readings of a source.
func of(all []meteo.Observation, source string) (some []meteo.Observation) {
	for _, o := range all {
		if o.Source == source {
			some = append(some, o)
		}
	}
	return some
}

// is holds a forecast to what it should be of, and to its own quantiles; the first variable has none where there are several.
func is(t *testing.T, o *meteo.Observation, station meteo.Station, issuedAt, at time.Time, interval int64, variables ...meteo.Variable) {
	t.Helper()
	text := o.AppendJSON(nil)
	if o.StationID != station.ID || o.Kind != meteo.Forecast || o.IntervalS != interval || !o.IssuedAt.Equal(issuedAt) || !o.ObservedAt.Equal(at) ||
		o.FetchedAt.Before(issuedAt) || o.Latitude != station.Latitude || o.Longitude != station.Longitude || o.Region != station.Region {
		t.Errorf("it is %s", text)
	}
	if o.Values.Count() != len(variables) || len(o.Quantiles) != max(1, len(variables)-1) {
		t.Errorf("it has other variables: %s", text)
	}
	for _, v := range variables[min(1, len(variables)-1):] {
		if q := o.Quantiles.Of(v); q == nil || q.Values[3] != o.Values[v] || q.Values[0] >= q.Values[6] || math.Round(q.Values[0]*100)/100 != q.Values[0] {
			t.Errorf("%s: %v beside %v", v, q, o.Values[v])
		}
	}
	if clean.Check(o, nil); o.Quality != meteo.Good {
		t.Errorf("the checks find it %s: %s", o.Quality, o.AppendJSON(nil))
	}
}

func TestARepeatedIssueSaysTheSame(t *testing.T) {
	from := hours(meteo.Stations[0], 25, issued, 0)
	first, err := fetch(t, holding(from...), issued)
	if err != nil {
		t.Fatal(err)
	}
	later := append(from[:len(from):len(from)], hours(meteo.Stations[0], 2, issued.AddDate(0, 0, 2), 9)...) // which are not looked at
	again, err := fetch(t, holding(later...), issued)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "with what was measured since", again, first)
	corrected := hours(meteo.Stations[0], 25, issued, 0)
	corrected[len(corrected)-9].Values[meteo.Temperature] += 6
	other, err := fetch(t, holding(corrected...), issued)
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
	equal(t, "the days of Matam alone", of(chosen, Daily), of(all, Daily)[forecast.MaxLead:])
	equal(t, "the hours of Matam alone", of(chosen, Hourly), of(all, Hourly)[forecast.MaxHours:])
}

func TestWithoutObservationsOfLateThereIsNoForecast(t *testing.T) {
	for name, from := range map[string][]meteo.Observation{
		"nothing":           {},
		"what was long ago": hours(meteo.Stations[0], 25, issued.AddDate(0, -3, 0), 0),
	} {
		if all, err := fetch(t, holding(from...), issued); err != nil || len(all) > 0 {
			t.Errorf("of %s: %d readings, %v", name, len(all), err)
		}
	}
	for n, want := range map[int]int{forecast.DayHours - 1: 0, forecast.DayHours: forecast.MaxLead} {
		if all, err := fetch(t, holding(hours(meteo.Stations[0], 1, issued, 0)[:n]...), issued); err != nil || len(of(all, Daily)) != want {
			t.Errorf("of %d hours of one day: %d readings of days, %v", n, len(of(all, Daily)), err)
		}
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
	all = of(all, Daily)
	for i := range all {
		d, ok := Forecast(&all[i])
		again, known := ofDay(&d, forecast.Site{ID: d.StationID, Latitude: all[i].Latitude, Longitude: all[i].Longitude})
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

func TestHoursOfForecastsAndDoubtfulOnesDoNotCount(t *testing.T) {
	at := issued.Add(7 * time.Hour)
	good := hours(meteo.Stations[0], 10, at, 0)
	all, err := fetch(t, holding(good...), at)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*meteo.Observation){
		"of a model":            func(o *meteo.Observation) { o.Kind, o.Source = meteo.Model, "open-meteo" },
		"bad ones":              func(o *meteo.Observation) { o.Quality = meteo.Bad },
		"that failed a check":   func(o *meteo.Observation) { o.QC = []meteo.Failure{{Subject: "temperature_c", Rule: "step"}} },
		"without a temperature": func(o *meteo.Observation) { o.Values[meteo.Temperature] = math.NaN() },
		"after the issue":       func(o *meteo.Observation) { o.ObservedAt = o.ObservedAt.AddDate(0, 0, 12) },
	} {
		more := append([]meteo.Observation(nil), good...)
		for _, o := range good {
			o.Values[meteo.Temperature] += 9
			o.ObservedAt = o.ObservedAt.Add(-time.Minute)
			spoil(&o)
			more = append(more, o)
		}
		some, err := fetch(t, holding(more...), at)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, name, of(some, Hourly), of(all, Hourly))
	}
}

// guidance are forecasts of a model, issued six hours before each of so many midnights: for every hour of the next three days what is
// measured, but 3 °C too warm, and 5 °C warmer still from the last midnight on.
func guidance(station meteo.Station, days int, end time.Time) (all []meteo.Observation) {
	for back := range days {
		midnight := end.AddDate(0, 0, -back)
		for _, o := range hours(station, 3, midnight.AddDate(0, 0, 3), 3) {
			if o.ObservedAt.After(end) {
				o.Values[meteo.Temperature] += 5
			}
			o.Source, o.Kind, o.IssuedAt = Guide, meteo.Forecast, midnight.Add(-6*time.Hour)
			all = append(all, o)
		}
	}
	return all
}

func TestForecastsOfAModelOfTheAtmosphereMoveThoseOfDays(t *testing.T) {
	dakar := meteo.Stations[0]
	measured := hours(dakar, 90, issued, 0)
	alone, err := fetch(t, holding(measured...), issued)
	if err != nil {
		t.Fatal(err)
	}
	with := func(more []meteo.Observation) []meteo.Observation {
		t.Helper()
		all, err := fetch(t, holding(append(measured[:len(measured):len(measured)], more...)...), issued)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	moved := with(guidance(dakar, 80, issued))
	equal(t, "hours", of(moved, Hourly), of(alone, Hourly))
	for i, o := range of(moved, Daily) {
		own := of(alone, Daily)[i]
		more := o.Values[meteo.TemperatureMax] - own.Values[meteo.TemperatureMax]
		if i < 3 && !(more > 3 && more < 6) || i >= 3 && more != 0 {
			t.Errorf("in %d days it gets %.1f °C warmer than without guidance that is 3 °C too warm and says 8", i+1, more)
		}
	}
	for name, change := range map[string]func(*meteo.Observation){
		"of another model":         func(o *meteo.Observation) { o.Source = "tomorrow.io" },
		"that was issued later":    func(o *meteo.Observation) { o.IssuedAt = issued.Add(time.Minute) },
		"that was issued long ago": func(o *meteo.Observation) { o.IssuedAt = o.IssuedAt.AddDate(0, 0, -2) },
		"that is bad":              func(o *meteo.Observation) { o.Quality = meteo.Bad },
	} {
		other := guidance(dakar, 80, issued)
		for i := range other {
			change(&other[i])
		}
		equal(t, "with guidance "+name, with(other), alone)
	}
}

// Of the end of a year a model is asked that did not know it.
func TestEarlierForecastsAreThoseOfTheModelOfTheirYear(t *testing.T) {
	january := time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC)
	var days []meteo.Observation
	for day := range 1200 {
		at := january.AddDate(0, 0, -day)
		o := meteo.Observation{Reading: meteo.NewReading(meteo.Stations[0], at, "file", meteo.Observed)}
		o.IntervalS = 86400
		o.Values[meteo.TemperatureMax] = 33 + 3*math.Sin(float64(day*day%97))
		days = append(days, o)
		if day < 60 {
			g := o
			g.Source, g.Kind, g.IssuedAt = Guide, meteo.Forecast, at.AddDate(0, 0, -1)
			g.Values[meteo.TemperatureMax] += 2
			days = append(days, g)
		}
	}
	next := meteo.Observation{Reading: meteo.NewReading(meteo.Stations[0], january.AddDate(0, 0, 1), Guide, meteo.Forecast)}
	next.IntervalS, next.IssuedAt = 86400, january
	next.Values[meteo.TemperatureMax] = 41
	all, err := fetch(t, holding(append(days, next)...), january)
	if err != nil || len(all) != forecast.MaxLead {
		t.Fatalf("%d forecasts, %v", len(all), err)
	}
	if x := all[0].Values[meteo.TemperatureMax]; math.Abs(x-39) > .7 {
		t.Errorf("a model that is 2 °C too warm and otherwise right says 41 °C: the forecast is %.1f °C", x)
	}
}
