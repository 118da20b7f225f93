package meteo_test

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"senmeteo/jobs/meteo"
)

func reading(t *testing.T) meteo.Observation {
	t.Helper()
	s, ok := meteo.StationByID("SN-KE")
	if !ok {
		t.Fatal("no station SN-KE")
	}
	o := meteo.Observation{Reading: meteo.NewReading(s, time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC), "generate", meteo.Observed)}
	o.FetchedAt = o.ObservedAt
	o.Values[meteo.Temperature] = 21.25
	o.Values[meteo.Rain] = 0
	o.IntervalS = 600
	return o
}

func observation(t *testing.T) meteo.Observation {
	t.Helper()
	o := reading(t)
	o.ID, o.Revision, o.Quality = o.Identity.ID(), 1, meteo.Suspect
	o.QC = []meteo.Failure{{Subject: "rain_mm", Rule: "range"}, {Subject: "temperature_c", Rule: "step"}, {Subject: "temperature_c", Rule: "climatology"}}
	return o
}

// The id is a promise to every store: it may never change.
func TestTheIDIsTheHashOfTheFiveParts(t *testing.T) {
	o := reading(t)
	// printf 'SN-KE|2026-02-03T04:05:06Z|generate|observed|' | sha256sum | cut -c1-32
	if got, want := o.Identity.ID().String(), "3a5441071d18e348423ea66aa2ab6c8f"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	same := o
	same.Values[meteo.Temperature], same.FetchedAt = 30, time.Now()
	if same.Identity.ID() != o.Identity.ID() {
		t.Error("values or the time of the fetch change the id")
	}
	for name, change := range map[string]func(*meteo.Observation){
		"station": func(o *meteo.Observation) { o.StationID = "SN-KE-02" },
		"time":    func(o *meteo.Observation) { o.ObservedAt = o.ObservedAt.Add(time.Microsecond) },
		"source":  func(o *meteo.Observation) { o.Source = "metar" },
		"kind":    func(o *meteo.Observation) { o.Kind = meteo.Model },
		"issue":   func(o *meteo.Observation) { o.IssuedAt = o.ObservedAt },
	} {
		other := o
		if change(&other); other.Identity.ID() == o.Identity.ID() {
			t.Errorf("another %s gives the same id", name)
		}
	}
}

func TestTheJSONFormIsFixed(t *testing.T) {
	o := observation(t)
	want := `{"id":"3a5441071d18e348423ea66aa2ab6c8f","revision":1,"schema":1,"station_id":"SN-KE","region":"Kédougou",` +
		`"latitude":12.5556,"longitude":-12.1808,"elevation_m":178,"observed_at":"2026-02-03T04:05:06Z","fetched_at":"2026-02-03T04:05:06Z",` +
		`"source":"generate","kind":"observed","temperature_c":21.25,"rain_mm":0,"interval_s":600,"quality":"suspect",` +
		`"qc":{"rain_mm":["range"],"temperature_c":["step","climatology"]}}`
	if got := string(o.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNumbersAreWrittenShortAndExact(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 0.1: "0.1", 1012.7: "1012.7", -3: "-3", 1.0 / 3: "0.3333333333333333", 10000: "10000",
		1e-7: "1e-07", 1e300: "1e+300", math.Copysign(0, -1): "0",
	} {
		if got := string(meteo.AppendNumber(nil, x)); got != want {
			t.Errorf("%g is written %s, want %s", x, got, want)
		}
	}
}

func TestReadingsAndObservationsFollowTheSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(meteo.JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("urn:senmeteo:schema:1", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("urn:senmeteo:schema:1")
	if err != nil {
		t.Fatal(err)
	}
	r, o := reading(t), observation(t)
	forecast := r
	forecast.Kind, forecast.IssuedAt = meteo.Forecast, forecast.ObservedAt.Add(-time.Hour)
	provided := r
	provided.ProviderID = "61641"
	uncertain := forecast
	uncertain.Quantiles = meteo.Quantiles{spread(meteo.Rain, 0, 0.5)}
	issued := r
	issued.IssuedAt = issued.ObservedAt
	for name, c := range map[string]struct {
		json string
		fits bool
	}{
		"a reading":                             {string(r.AppendJSON(nil)), true},
		"an observation":                        {string(o.AppendJSON(nil)), true},
		"a forecast":                            {string(forecast.AppendJSON(nil)), true},
		"a reading with its provider's id":      {string(provided.AppendJSON(nil)), true},
		"a forecast with quantiles":             {string(uncertain.AppendJSON(nil)), true},
		"eight quantiles":                       {strings.Replace(string(uncertain.AppendJSON(nil)), "0.5", "0.5,0.5", 1), false},
		"six quantiles":                         {strings.Replace(string(uncertain.AppendJSON(nil)), "0.5,", "", 1), false},
		"quantiles of something else":           {strings.Replace(string(uncertain.AppendJSON(nil)), `{"rain_mm"`, `{"rain"`, 1), false},
		"quantiles of nothing":                  {strings.Replace(string(r.AppendJSON(nil)), `"schema":1`, `"schema":1,"quantiles":{}`, 1), false},
		"a forecast without its time of issue":  {strings.Replace(string(r.AppendJSON(nil)), `"observed",`, `"forecast",`, 1), false},
		"an observed reading that was issued":   {string(issued.AppendJSON(nil)), false},
		"an unknown member":                     {strings.Replace(string(r.AppendJSON(nil)), `"schema":1`, `"schema":1,"temp":3`, 1), false},
		"a number as text":                      {strings.Replace(string(r.AppendJSON(nil)), `21.25`, `"21.25"`, 1), false},
		"a station of another country":          {strings.Replace(string(r.AppendJSON(nil)), `SN-KE`, `ML-1`, 1), false},
		"a reading that claims to be checked":   {strings.Replace(string(r.AppendJSON(nil)), `{`, `{"quality":"good",`, 1), false},
		"a time without its zone":               {strings.Replace(string(r.AppendJSON(nil)), `:06Z"`, `:06"`, 1), false},
		"a local time, although UTC was agreed": {strings.Replace(string(r.AppendJSON(nil)), `:06Z"`, `:06+01:00"`, 1), false},
	} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(c.json))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); (err == nil) != c.fits {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStationsAreFoundByTheirNamesInEverySpelling(t *testing.T) {
	for name, want := range map[string]string{
		"Thiès": "SN-TH", "THIES": "SN-TH", "thies ": "SN-TH", "Thie\u0300s": "SN-TH", "Région de Kédougou": "SN-KE",
		"saint louis": "SN-SL", "Saint-Louis": "SN-SL", "sedhiou region": "SN-SE", "Bamako": "", "": "", "-": "",
		"St-Louis": "SN-SL", "ST LOUIS": "SN-SL", "DAKAR/YOFF": "SN-DK", "Dakar (Yoff)": "SN-DK", "LINGUERE": "SN-LG-01", "61612": "SN-SL-01",
		"616970": "SN-ZG-01", "61600099999": "SN-SL", "61600-99999": "SN-SL", "SG000061687": "SN-TC", "0-20000-0-61630": "SN-MT", "61641.0": "SN-DK",
		"goss": "SN-SL", "GOOY Dakar": "SN-DK", "61700": "", "61999": "", "sn-dk": "SN-DK", "SN_DK_03": "SN-DK-03", "SN-XX": "", "Sénégal": "",
	} {
		s, ok := meteo.FindStation(name)
		if ok != (want != "") || s.ID != want {
			t.Errorf("%q gives %q, want %q", name, s.ID, want)
		}
	}
}

func TestStationIDsMayNameFurtherStationsOfARegion(t *testing.T) {
	for id, ok := range map[string]bool{
		"SN-DK": true, "SN-DK-02": true, "SN-DK-1234": true, "SN-DK-2": false, "SN-DK-12345": false, "SN-DK-0x": false,
		"SN-XX": false, "SN-DKA": false, "sn-dk": false, "": false, "SN-DK-": false,
	} {
		if _, got := meteo.StationByID(id); got != ok {
			t.Errorf("%q is accepted: %v, want %v", id, got, ok)
		}
	}
}

func TestTheNearestStationIsSoughtInSenegalOnly(t *testing.T) {
	s, km, ok := meteo.NearestStation(14.7397, -17.4902) // Dakar-Yoff
	if !ok || s.ID != "SN-DK" || km < 5 || km > 8 {
		t.Errorf("Yoff is %.1f km from %s", km, s.ID)
	}
	for name, at := range map[string][2]float64{
		"Bamako": {12.65, -8}, "Nouakchott": {18.09, -15.98}, "Bissau": {11.86, -15.6}, "Kayes, in the box": {14.45, -11.44}, "the ocean": {14, -17.5},
		"nowhere": {0, 0},
	} {
		if _, _, ok := meteo.NearestStation(at[0], at[1]); ok {
			t.Errorf("%s has a nearest station of Senegal", name)
		}
	}
	for _, s := range meteo.Stations {
		if !meteo.WithinBorder(s.Latitude, s.Longitude) {
			t.Errorf("%s is not in Senegal", s.Capital)
		}
	}
	if s, _ := meteo.FindStation("SN-SL-01"); s.Capital != "Podor" || s.Latitude != 16.65 || s.WMO != "61612" {
		t.Errorf("SN-SL-01 is %+v", s)
	}
}

func TestSelectStationsTakesIDsAndNamesOnce(t *testing.T) {
	got, err := meteo.SelectStations("Dakar, SN-TH-03,Bamako,SN-DK")
	if err == nil {
		t.Errorf("Bamako passed: %v", got)
	}
	got, err = meteo.SelectStations("Dakar,SN-TH-03,SN-DK")
	if err != nil || len(got) != 2 || got[0].ID != "SN-DK" || got[1].ID != "SN-TH-03" || got[1].Region != "Thiès" {
		t.Errorf("got %v, %v", got, err)
	}
	if all, err := meteo.SelectStations("all"); err != nil || len(all) != 14 {
		t.Errorf("all gives %d stations, %v", len(all), err)
	}
}

func TestFingerprintsTellOtherValuesAndIgnoreCorrections(t *testing.T) {
	a := reading(t)
	a.Values[meteo.Humidity] = 101
	b := a
	before := meteo.NoValues()
	before[meteo.Humidity] = 101
	b.Original, b.Values[meteo.Humidity] = &before, 100
	if a.Fingerprint() != b.Fingerprint() {
		t.Error("a corrected value changes the fingerprint of what was received")
	}
	c := a
	c.Values[meteo.Temperature] = 21.26
	d := a
	d.Values[meteo.Rain] = math.NaN()
	if c.Fingerprint() == a.Fingerprint() || d.Fingerprint() == a.Fingerprint() {
		t.Error("other values have the same fingerprint")
	}
	seen := map[uint64]string{a.Fingerprint(): "none"}
	for name, qs := range map[string]meteo.Quantiles{
		"one":              {spread(meteo.Rain, 0, 1)},
		"another value":    {spread(meteo.Rain, 0, 2)},
		"another variable": {spread(meteo.RainRate, 0, 1)},
		"two":              {spread(meteo.Rain, 0, 1), spread(meteo.RainRate, 0, 1)},
	} {
		e := a
		e.Quantiles = qs
		if other, ok := seen[e.Fingerprint()]; ok {
			t.Errorf("the quantiles %q and %q have the same fingerprint", name, other)
		}
		seen[e.Fingerprint()] = name
	}
	a.Quantiles = meteo.Quantiles{}
	if seen[a.Fingerprint()] != "none" {
		t.Error("no quantiles have another fingerprint than none")
	}
}

// spread makes quantiles of which the first two are given, and the others are one more than the one before.
func spread(v meteo.Variable, first, second float64) meteo.Quantile {
	q := meteo.Quantile{Variable: v}
	q.Values[0], q.Values[1] = first, second
	for i := 2; i < len(q.Values); i++ {
		q.Values[i] = q.Values[i-1] + 1
	}
	return q
}

func TestQuantilesAreInTheOrderOfTheVariablesAndOnceEach(t *testing.T) {
	var qs meteo.Quantiles
	for _, v := range []meteo.Variable{meteo.Rain, meteo.Temperature, meteo.RainProbability, meteo.Humidity} {
		var ok bool
		if qs, ok = qs.With(spread(v, -1, 0.25)); !ok {
			t.Errorf("%s is refused", v)
		}
	}
	if same, ok := qs.With(spread(meteo.Rain, 7, 7)); ok || len(same) != 4 || same.Of(meteo.Rain).Values[0] != -1 {
		t.Errorf("a second one of rain is accepted: %v", same)
	}
	if qs.Of(meteo.Pressure) != nil || qs.Of(meteo.Humidity).Variable != meteo.Humidity {
		t.Errorf("of %v another one is found", qs)
	}
	const seven = `[-1,0.25,1.25,2.25,3.25,4.25,5.25]`
	want := `{"temperature_c":` + seven + `,"humidity_pct":` + seven + `,"rain_mm":` + seven + `,"rain_probability_pct":` + seven + `}`
	if got := string(qs.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	o := reading(t)
	o.Quantiles = qs[:1]
	if got := string(o.AppendJSON(nil)); !strings.HasSuffix(got, `,"interval_s":600,"quantiles":{"temperature_c":`+seven+`}}`) {
		t.Errorf("a reading ends otherwise: %s", got)
	}
}

func TestSourcesThatCouldBreakAnIdentityAreRefused(t *testing.T) {
	for name, ok := range map[string]bool{"open-meteo": true, "a": true, "": false, "A": false, "a|b": false, "-a": false, strings.Repeat("a", 33): false} {
		if err := meteo.CheckSource(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	s, _ := meteo.StationByID("SN-KE")
	o := meteo.Observation{Reading: meteo.NewReading(s, time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC), "generate", meteo.Observed)}
	o.FetchedAt, o.IntervalS, o.ID, o.Revision, o.Quality = o.ObservedAt, 600, o.Identity.ID(), 1, meteo.Good
	for v := range meteo.Temperature + 9 {
		o.Values[v] = float64(v) + 0.1
	}
	buf := o.AppendJSON(nil)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		buf = o.AppendJSON(buf[:0])
	}
}

func TestWhatHoldsNoValueOfAMomentAndCoversADayIsOfTheDay(t *testing.T) {
	of := func(interval int64, known ...meteo.Variable) *meteo.Observation {
		o := &meteo.Observation{Reading: meteo.Reading{IntervalS: interval, Values: meteo.NoValues()}}
		for _, v := range known {
			o.Values[v] = 1
		}
		return o
	}
	for name, c := range map[string]struct {
		o    *meteo.Observation
		want bool
	}{
		"a day's extremes and rain":          {of(86400, meteo.TemperatureMax, meteo.Rain), true},
		"those of two days":                  {of(172800, meteo.TemperatureMax), true},
		"those of a little less":             {of(86399, meteo.TemperatureMax), false},
		"those of an unknown time":           {of(0, meteo.TemperatureMax), false},
		"with the temperature of a moment":   {of(86400, meteo.TemperatureMax, meteo.Temperature), false},
		"with the visibility of that":        {of(86400, meteo.Visibility), false},
		"a day of which nothing is measured": {of(86400), true},
	} {
		if got := c.o.IsOfDay(); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
