package scrape_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/source/scrape"
)

// plainSite is the shortest site file that works.
const plainSite = `name: plain
licence: none
credit: nobody
url: https://example.org/{id}.txt
accept: [text/plain]
form: metar
stations:
  - {station: SN-KL, id: GOOK}
`

// The beginnings of sections that lack what follows.
const (
	pageForm    = "form: page\npage: {kind: observed, time_of: page, time: {selector: p, pattern: '(?P<day>x)(?P<month>x)(?P<year>x)'}, "
	climateForm = "form: climate\nclimate: {table: table, title: '(?P<place>x)', period: '(?P<first>x)(?P<last>x)', "
)

func TestEverySiteThatIsBuiltInIsSound(t *testing.T) {
	for _, name := range scrape.Sites() {
		s, err := scrape.LoadSite(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if s.Name != name || s.Title == "" || !strings.HasPrefix(s.URL, "https://") {
			t.Errorf("%s calls itself %q, %q, and is read from %s", name, s.Name, s.Title, s.URL)
		}
	}
}

func TestSiteFilesThatCanNotWorkAreRefusedWithWhatToCorrect(t *testing.T) {
	if _, err := scrape.ParseSite([]byte(plainSite)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"a field that does not exist":         {"credit:", "credits:", "line 3: field credits not found"},
		"a field twice":                       {"credit: nobody", "credit: nobody\ncredit: somebody", "already defined"},
		"no YAML":                             {"name: plain", "name: [", "line"},
		"another document":                    {"name: plain", "name: plain\n---", "more than one document"},
		"nothing":                             {plainSite, "", "empty"},
		"a name with capitals":                {"name: plain", "name: Plain", "lower-case"},
		"no licence":                          {"licence: none", "licence: ''", "licence"},
		"a scheme of another kind":            {"https://example.org", "ftp://example.org", "url:"},
		"a password in the address":           {"https://", "https://me:secret@", "url:"},
		"a word in braces that is unknown":    {"{id}", "{station}", "{station}"},
		"a host that depends on the station":  {"example.org/{id}", "{id}.example.org/", "host"},
		"a window without its length":         {"{id}.txt", "{id}.txt?begin={from}", "window"},
		"a time without a unit":               {"form: metar", "form: metar\nevery: 10", "line 7"},
		"no content types":                    {"accept: [text/plain]", "accept: []", "accept"},
		"a form that is unknown":              {"form: metar", "form: taf", "form"},
		"another host than that of the url":   {"form: metar", "form: metar\nhosts: [example.com]", "hosts"},
		"a language that is unknown":          {"form: metar", "form: metar\nlanguage: wo", "language"},
		"a form without its section":          {"form: metar", "form: prose", "needs the section prose"},
		"a section of another form":           {"form: metar", "form: metar\nprose: {}", "of no use"},
		"a page of forecasts":                 {"form: metar", "form: page\npage: {kind: forecast}", "neither observed nor model"},
		"a page that names its only station":  {"form: metar", pageForm + "place: {selector: p}}", "place"},
		"a page without values":               {"form: metar", pageForm + "values: {}}", "name at least one"},
		"a value that is not a variable":      {"form: metar", pageForm + "values: {temperature: {selector: p, unit: °C}}}", "not a variable"},
		"a value in a unit of another kind":   {"form: metar", pageForm + "values: {temperature_c: {selector: p, unit: mm}}}", "not a unit of temperature_c"},
		"rain without its interval":           {"form: metar", pageForm + "values: {rain_mm: {selector: p, unit: mm}}}", "interval"},
		"a value without its selector":        {"form: metar", pageForm + "values: {rain_mm: {unit: mm}}}", "no selector"},
		"a climate without rows":              {"form: metar", climateForm + "rows: []}", "rows"},
		"a climate of something else":         {"form: metar", climateForm + "rows: [{label: [x], unit: mm, as: snow}]}", "none of minimum"},
		"a climate in another unit":           {"form: metar", climateForm + "rows: [{label: [x], unit: mm, as: minimum}]}", "not a unit"},
		"a climate without labels":            {"form: metar", climateForm + "rows: [{unit: mm, as: rain}]}", "no label"},
		"a time of day that is none":          {"form: metar", "form: prose\nprose: {min_at: noon}", "not a time of day"},
		"a selector that is none":             {"form: metar", "form: prose\nprose: {items: 'p['}", "line 7"},
		"a pattern that is none":              {"form: metar", "form: prose\nprose: {pattern: '('}", "line 7"},
		"prose without a time of issue":       {"form: metar", "form: prose\nprose: {items: p}", "issued"},
		"a time without its year":             {"form: metar", "form: prose\nprose: {issued: {selector: p, pattern: '(?P<day>x)(?P<month>x)'}}", "(?P<year>"},
		"no stations":                         {"  - {station: SN-KL, id: GOOK}\n", "", "stations"},
		"a station of another country":        {"SN-KL", "ML-1", "not a station of Senegal"},
		"a station without an id":             {"id: GOOK", "id: ''", "no id"},
		"a station twice":                     {"  - {station: SN-KL, id: GOOK}", "  - {station: SN-KL, id: GOOK}\n  - {station: SN-KL, id: GOOY}", "named twice"},
		"a report for two stations":           {"  - {station: SN-KL, id: GOOK}", "  - {station: SN-KL, id: GOOK}\n  - {station: SN-FK, id: GOOK}", "one station alone"},
		"a further station without its place": {"SN-KL", "SN-KL-01", "of its own"},
		"a place in another country":          {"id: GOOK", "id: GOOK, latitude: 48.9, longitude: 2.4", "not in Senegal"},
		"half a place":                        {"id: GOOK", "id: GOOK, latitude: 14.1", "both"},
		"a place that is not a number":        {"id: GOOK", "id: GOOK, latitude: .nan, longitude: -16", "not in Senegal"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(plainSite, c.old, c.new, 1)
			if _, err := scrape.ParseSite([]byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want something about %q", err, c.want)
			}
		})
	}
}

func TestASiteFileOfTheUsersOwnIsReadByItsPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(path, []byte(plainSite), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := scrape.LoadSite(path); err != nil || s.Name != "plain" {
		t.Errorf("got %v, %v", s, err)
	}
	for name, want := range map[string]string{"nowhere": "there is no site", "../metar": "no such file", "none.yaml": "no such file", "": "there is no site"} {
		if _, err := scrape.LoadSite(name); flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

func FuzzParseSite(f *testing.F) {
	f.Add([]byte(plainSite))
	files, err := filepath.Glob("sites/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := scrape.ParseSite(text)
		if err == nil && (s.Name == "" || len(s.Stations) == 0 || len(s.Hosts) == 0 || s.Pause == 0) {
			t.Fatalf("got %+v", s)
		}
	})
}
