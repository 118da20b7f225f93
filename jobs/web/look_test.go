package web

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func TestEveryWordIsThereInBothLanguages(t *testing.T) {
	a, b := reflect.ValueOf(*english), reflect.ValueOf(*french)
	places := regexp.MustCompile(`\{\d?\}`)
	same := func(where, x, y string) {
		if x == "" || y == "" {
			t.Errorf("%s is empty: %q, %q", where, x, y)
		}
		if p, q := places.FindAllString(x, -1), places.FindAllString(y, -1); fmt.Sprint(p) != fmt.Sprint(q) {
			t.Errorf("%s has the places %v in English and %v in French", where, p, q)
		}
	}
	for i := range a.NumField() {
		name := a.Type().Field(i).Name
		switch x, y := a.Field(i), b.Field(i); x.Kind() {
		case reflect.String:
			same(name, x.String(), y.String())
		case reflect.Array:
			for j := range x.Len() {
				same(name, x.Index(j).String(), y.Index(j).String())
			}
		case reflect.Map:
			if x.Len() != y.Len() {
				t.Errorf("%s has %d and %d entries", name, x.Len(), y.Len())
			}
			for _, key := range x.MapKeys() {
				if !y.MapIndex(key).IsValid() {
					t.Errorf("%s of %s is missing in French", name, key)
					continue
				}
				same(name, x.MapIndex(key).String(), y.MapIndex(key).String())
			}
		default:
			t.Errorf("%s is not a text", name)
		}
	}
	for _, l := range layers {
		if english.Layers[l.Variable.String()] == "" {
			t.Errorf("%s has no name", l.Variable)
		}
	}
}

// French puts a space before these marks at which no line may break.
func TestFrenchMarksAreNotTornFromTheirWords(t *testing.T) {
	torn := regexp.MustCompile(`(^|[^\x{a0}])[:;!?]`)
	words := reflect.ValueOf(*french)
	for i := range words.NumField() {
		if text := words.Field(i); text.Kind() == reflect.String && torn.MatchString(text.String()) {
			t.Errorf("%s: %q", words.Type().Field(i).Name, text.String())
		}
	}
}

func TestNumbersAndTimesAreWrittenAsTheLanguageDoes(t *testing.T) {
	fr, _ := localeByCode("fr")
	en, _ := localeByCode("en")
	monday := time.Date(2026, 8, 3, 6, 5, 0, 0, time.UTC)
	for _, c := range [][3]string{
		{"decimal", fr.Number(28.44, 1), "28,4"},
		{"decimal", en.Number(28.44, 1), "28.4"},
		{"below zero", fr.Number(-3.25, 1), "−3,2"},
		{"no negative zero", en.Number(-0.04, 1), "0.0"},
		{"pressure", fr.Number(1012.3, 1), "1012,3"},
		{"count", fr.Integer(1234567), "1\u00a0234\u00a0567"},
		{"count", en.Integer(1234567), "1,234,567"},
		{"day", fr.Moment(monday), "lun.\u00a03, 06:05"},
		{"today", fr.Stamp(monday, monday.Add(time.Hour)), "06:05"},
		{"yesterday", en.Stamp(monday, monday.Add(20*time.Hour)), "3\u00a0Aug, 06:05"},
		{"last year", en.Stamp(monday, monday.AddDate(1, 0, 0)), "3\u00a0Aug\u00a02026, 06:05"},
		{"age", fr.Age(30 * time.Second), "à l’instant"},
		{"age", fr.Age(-5 * time.Minute), "à l’instant"},
		{"age", fr.Age(119 * time.Minute), "il y a 119 min"},
		{"age", en.Age(47 * time.Hour), "47 h ago"},
		{"age", en.Age(100 * time.Hour), "4 d ago"},
		{"span", fr.Span(168), "7 j"},
		{"span", fr.Span(72), "72 h"},
		{"interval", fr.Seconds(600), "10\u00a0min"},
		{"interval", fr.Seconds(21600), "6\u00a0h"},
		{"west in French", fr.Direction(270), "O"},
		{"round the circle", en.Direction(359), "N"},
		{"between", en.Direction(22.5), "NNE"},
	} {
		if c[1] != c[2] {
			t.Errorf("%s: %q, want %q", c[0], c[1], c[2])
		}
	}
}

func TestLabelsAreInTheirRegionsAndTheMapIsInItsFrame(t *testing.T) {
	geojson, err := assetFiles.ReadFile("assets/senegal_regions.geojson")
	if err != nil {
		t.Fatal(err)
	}
	shapes, err := drawRegions(geojson)
	if err != nil {
		t.Fatal(err)
	}
	if len(shapes) != 14 {
		t.Fatalf("%d regions, want 14", len(shapes))
	}
	edges := map[[2]place]int{}
	for _, s := range shapes {
		if in := s.contains(s.Label.At); in != (s.Label.Leader == nil) {
			t.Errorf("the label of %s is in its region: %v", s.Station.Region, in)
		}
		if p := project(s.Station.Longitude, s.Station.Latitude); s.Label.Leader == nil && !s.contains(p) {
			t.Errorf("the station of %s is outside of it, at %v", s.Station.Region, p)
		}
		for _, ring := range s.Rings {
			for i, p := range ring {
				if p.X < 0 || p.X > mapWidth || p.Y < 0 || p.Y > mapHeight {
					t.Fatalf("%s leaves the frame at %v", s.Station.Region, p)
				}
				edges[[2]place{p, ring[(i+1)%len(ring)]}]++
			}
		}
	}
	shared := 0
	for edge, n := range edges {
		if n > 1 {
			t.Fatalf("two regions lie on the same side of the border at %v", edge)
		}
		if edges[[2]place{edge[1], edge[0]}] > 0 {
			shared++
		}
	}
	if shared < 1000 {
		t.Errorf("regions share %d border lines: the simplification tore them apart", shared)
	}
}

// contains reports whether a point lies in a region, by the even-odd rule.
func (s shape) contains(p place) bool {
	inside := false
	for _, ring := range s.Rings {
		for i, a := range ring {
			b := ring[(i+1)%len(ring)]
			if (a.Y > p.Y) != (b.Y > p.Y) && p.X < (b.X-a.X)*(p.Y-a.Y)/(b.Y-a.Y)+a.X {
				inside = !inside
			}
		}
	}
	return inside
}

func TestGeoJSONOfAnythingElseIsRefused(t *testing.T) {
	for name, geojson := range map[string]string{
		"no JSON":          `{`,
		"another country":  `{"features":[{"id":"GM-B","geometry":{"type":"MultiPolygon","coordinates":[]}}]}`,
		"no polygons":      `{"features":[{"id":"SN-DK","geometry":{"type":"Point","coordinates":[]}}]}`,
		"regions missing":  `{"features":[{"id":"SN-DK","geometry":{"type":"MultiPolygon","coordinates":[]}}]}`,
		"nothing in there": `{}`,
	} {
		if _, err := drawRegions([]byte(geojson)); err == nil {
			t.Errorf("%s: was drawn", name)
		}
	}
}

// It reads page.css: every ramp must rise or fall in luminance by even steps, which survive any colour blindness, and every value written on a colour must have the contrast of 4.5 that WCAG 2 AA asks.
func TestColoursCanBeToldApartAndReadWithoutColourVision(t *testing.T) {
	css, err := assetFiles.ReadFile("assets/page.css")
	if err != nil {
		t.Fatal(err)
	}
	ramps := regexp.MustCompile(`\.ramp-(\w+) \{([^}]*)\}`).FindAllStringSubmatch(string(css), -1)
	if len(ramps) != 8 {
		t.Fatalf("%d ramps, want 4 for each theme", len(ramps))
	}
	colour := regexp.MustCompile(`#[0-9a-f]{6}`)
	for i, ramp := range ramps {
		dark := i >= 4
		colours := colour.FindAllString(ramp[2], -1)
		for _, l := range layers {
			if l.Ramp == ramp[1] && len(colours) != len(l.Bounds)+1 {
				t.Errorf("ramp %s has %d colours, %s has %d classes", ramp[1], len(colours), l.Variable, len(l.Bounds)+1)
			}
		}
		for c, hex := range colours {
			ink := "#0b1512"
			if (c > 5 && !dark) || (c < 5 && dark) {
				ink = "#ffffff"
			}
			if got := contrast(t, hex, ink); got < 4.5 {
				t.Errorf("%s on class %d of %s (dark %v) has a contrast of %.2f", ink, c, ramp[1], dark, got)
			}
			if c > 0 {
				if step := contrast(t, hex, colours[c-1]); step < 1.12 || (luminance(t, hex) > luminance(t, colours[c-1])) != dark {
					t.Errorf("classes %d and %d of %s (dark %v) differ by %.2f or in the wrong order", c-1, c, ramp[1], dark, step)
				}
			}
		}
	}
}

// luminance is the relative luminance of WCAG 2.
func luminance(t testing.TB, hex string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		x := float64(n) / 255
		if x <= 0.03928 {
			x /= 12.92
		} else {
			x = math.Pow((x+0.055)/1.055, 2.4)
		}
		sum += weight * x
	}
	return sum
}

func contrast(t testing.TB, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a)+0.05, luminance(t, b)+0.05
	return max(x, y) / min(x, y)
}

func TestClassesOfALayerRise(t *testing.T) {
	for _, l := range layers {
		for i := 1; i < len(l.Bounds); i++ {
			if l.Bounds[i] <= l.Bounds[i-1] {
				t.Errorf("the bounds of %s do not rise", l.Variable)
			}
		}
		if l.class(math.Inf(-1)) != 0 || l.class(math.Inf(1)) != len(l.Bounds) || l.class(l.Bounds[0]) != 1 {
			t.Errorf("the classes of %s do not hold all values, each from its lower bound", l.Variable)
		}
	}
	if !strings.Contains(layerOf(t, meteo.Visibility).Unit, "km") {
		t.Error("visibility is not shown in km")
	}
}
