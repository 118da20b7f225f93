package scrape

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

// recorded is the body of a case's page.
func recorded(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name, "2.response"))
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(text), "\n\n")
	return body
}

// builtIn is a site that is built in.
func builtIn(t testing.TB, name string) *Site {
	t.Helper()
	s, err := LoadSite(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// readPage reads a page of a site.
func readPage(s *Site, kind, body string) ([]found, error) {
	p := &page{site: s, body: []byte(body), kind: kind, fetched: time.Date(2026, 11, 23, 12, 47, 0, 0, time.UTC)}
	for i := range s.Stations {
		p.places = append(p.places, &s.Stations[i])
	}
	return s.read(p)
}

func TestEverySentenceOfABulletinIsUnderstood(t *testing.T) {
	s := builtIn(t, "bulletin")
	for sentence, want := range map[string]string{
		"Dakar : ciel dégagé, températures de 23°C à 29°C, vent de nord modéré.":                        "23 29 360 - 0",
		"Dakar : ciel dégagé, températures de 23°C à 29°C, vent de nord 20 km/h.":                       "23 29 360 5.56 0",
		"Dakar : ciel dégagé, températures de 23°C à 29°C, vent de nord 15 à 20 km/h.":                  "23 29 360 - 0",
		"Dakar: ciel nuageux, températures comprises entre 23,5 et 29.5°C, vents de secteur sud-ouest.": "23.5 29.5 225 - 75",
		"DAKAR : CIEL COUVERT, TEMPÉRATURES DE 23 °C À 29 °C, VENT D’EST FAIBLE":                        "23 29 90 - 100",
		"Région de Dakar : ciel brumeux, température de −1°C à 0°C, vent variable faible.":              "-1 0 - - -",
		"Dakar : ciel clair, températures de 23°C à 29°C, vent de nord à est faible.":                   "23 29 - - 0",
		"Thiès et Dakar : ciel clair, températures de 23°C à 29°C.":                                     "23 29 - - 0",
	} {
		body := strings.Replace(recorded(t, "bulletin-without-any-sentence-fails-loudly"), "Le bulletin est en cours de rédaction.", sentence, 1)
		items, err := readPage(s, "text/html; charset=utf-8", body)
		if err != nil {
			t.Errorf("%s: %v", sentence, err)
			continue
		}
		got := map[string]string{}
		for _, f := range items {
			r := f.item.Reading
			if r.Kind != meteo.Forecast || r.IssuedAt.IsZero() {
				t.Errorf("%s: a reading of kind %s", sentence, r.Kind)
			}
			if r.StationID == "SN-DK" {
				got[r.ObservedAt.Format("15")] = shown(&r.Values, meteo.Temperature)
				got["rest"] = shown(&r.Values, meteo.WindDirection) + " " + shown(&r.Values, meteo.WindSpeed) + " " + shown(&r.Values, meteo.CloudCover)
			}
		}
		if all := got["06"] + " " + got["15"] + " " + got["rest"]; all != want {
			t.Errorf("%s: got %s, want %s", sentence, all, want)
		}
	}
}

func shown(vs *meteo.Values, v meteo.Variable) string {
	if !vs.Has(v) {
		return "-"
	}
	return string(meteo.AppendNumber(nil, vs[v]))
}

func TestMonthsAndPointsOfTheCompassHaveTheirNames(t *testing.T) {
	for _, c := range []struct {
		language, word string
		want           int
	}{
		{"fr", "août", 8},
		{"fr", "AOUT", 8},
		{"fr", "févr.", 2},
		{"fr", "déc", 12},
		{"fr", "jui", 0},
		{"fr", "juil.", 7},
		{"fr", "mars", 3},
		{"en", "Sept", 9},
		{"en", "Jun", 6},
		{"en", "Ju", 0},
		{"en", "May", 5},
		{"en", "", 0},
		{"en", "Year", 0},
	} {
		if got := month(c.language, c.word); got != c.want {
			t.Errorf("%s %q is %d, want %d", c.language, c.word, got, c.want)
		}
	}
	for word, want := range map[string]float64{"Nord": 360, "sud-sud-ouest": 202.5, "ouest": 270, "north": 0, "": 0} {
		if got, ok := compass("fr", word); got != want || ok != (want != 0) {
			t.Errorf("%q is %g, %v", word, got, ok)
		}
	}
}

func TestUnitsBecomeThoseOfTheirVariable(t *testing.T) {
	for _, c := range []struct {
		x    float64
		unit string
		v    meteo.Variable
		want float64
	}{
		{25.14, "°C", meteo.Temperature, 25.14},
		{212, "°F", meteo.Temperature, 100},
		{-40, "°F", meteo.DewPoint, -40},
		{273.15, "K", meteo.Temperature, 0},
		{10, "kt", meteo.WindSpeed, 5.14},
		{36, "km/h", meteo.WindGust, 10},
		{30, "inHg", meteo.Pressure, 1015.92},
		{1, "in", meteo.Rain, 25.4},
		{6, "mi", meteo.Visibility, 9656.06},
		{4, "oktas", meteo.CloudCover, 50},
	} {
		if got, err := convert(c.x, c.unit, c.v); err != nil || got != c.want {
			t.Errorf("%g %s of %s is %g, %v, want %g", c.x, c.unit, c.v, got, err, c.want)
		}
	}
	if _, err := convert(1, "°C", meteo.Rain); err == nil {
		t.Error("rain in degrees was taken")
	}
}

func TestHostilePagesEndInBoundedTime(t *testing.T) {
	const length = 1 << 20
	head := "<article><p class=date>23 novembre 2026 à 12h00</p><div class=bulletin><p>"
	for name, part := range map[string]string{
		"open elements":  "<b><font color=1>",
		"tables":         "<table class=wikitable><tr><th>Climate data for Dakar<td>",
		"nothing closed": "<p><div class=bulletin>",
		"half sentences": "Dakar : ciel dégagé, températures de 2°C à ",
		"sentences":      "Dakar : ciel dégagé, températures de 2°C à 3°C. ",
	} {
		for _, site := range []string{"bulletin", "climate-table"} {
			began := time.Now()
			_, _ = readPage(builtIn(t, site), "text/html", head+strings.Repeat(part, length/len(part))+"</html>") // whatever comes of it
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("%s took %s to read a megabyte of %s", site, took, name)
			}
		}
	}
}

func FuzzBulletin(f *testing.F) {
	s := builtIn(f, "bulletin")
	f.Add(recorded(f, "bulletin-is-a-forecast-of-each-region-it-names"))
	f.Add(recorded(f, "bulletin-with-another-wording-of-one-region-keeps-the-others"))
	f.Fuzz(func(t *testing.T, body string) {
		items, err := readPage(s, "text/html; charset=utf-8", body)
		if err == nil && len(items) == 0 && !strings.Contains(body, ":") {
			t.Fatal("a page without a sentence gave no error")
		}
		for _, f := range items {
			if f.item.Raw != nil {
				continue
			}
			r := f.item.Reading
			ahead := r.ObservedAt.Sub(r.IssuedAt)
			if r.Kind != meteo.Forecast || ahead <= 0 || ahead > 24*time.Hour || !(r.Values[meteo.Temperature] >= -10 && r.Values[meteo.Temperature] <= 60) {
				t.Fatalf("got %+v", r)
			}
		}
	})
}

func FuzzClimate(f *testing.F) {
	s := builtIn(f, "climate-table")
	f.Add(recorded(f, "climate-table-of-normals"))
	f.Add(recorded(f, "climate-table-with-gaps-and-minus-signs"))
	f.Fuzz(func(t *testing.T, body string) {
		items, err := readPage(s, "text/html", body)
		if (err == nil) != (len(items) > 0) {
			t.Fatalf("%d readings and %v", len(items), err)
		}
		for _, f := range items {
			r := f.item.Reading
			if r.Kind != meteo.Model || r.StationID != "SN-DK" || r.Values.Count() != 1 || r.Values.Has(meteo.Rain) != (r.IntervalS > 0) ||
				r.Values[meteo.Temperature] < -10 || r.Values[meteo.Temperature] > 60 || r.Values[meteo.Rain] < 0 || r.Values[meteo.Humidity] > 100 {
				t.Fatalf("got %+v", r)
			}
		}
	})
}

func FuzzPage(f *testing.F) {
	s, err := LoadSite("testdata/sites/own.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(recorded(f, "own-table-of-stations"))
	f.Fuzz(func(t *testing.T, body string) {
		items, err := readPage(s, "text/html", body)
		if err == nil && len(items) == 0 {
			t.Fatal("neither readings nor an error")
		}
		for _, f := range items {
			if r := f.item.Reading; r.Values.Count() == 0 || r.Values.Has(meteo.Rain) != (r.IntervalS > 0) || r.ObservedAt.Year() < 1900 {
				t.Fatalf("got %+v", r)
			}
		}
	})
}
