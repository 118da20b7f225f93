package meteo_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"senmeteo/jobs/meteo"
)

func TestNumbersKeepOneFormUpToTheirLimits(t *testing.T) {
	for x, want := range map[float64]string{
		1e-6: "0.000001", -1e-6: "-0.000001", 9.5e-7: "9.5e-07",
		-1234567.5: "-1234567.5", 999999999999999: "999999999999999", 1e15: "1e+15", 1.25e-7: "1.25e-07", 1.5e300: "1.5e+300",
	} {
		if got := string(meteo.AppendNumber(nil, x)); got != want {
			t.Errorf("%g is written %s, want %s", x, got, want)
		}
	}
}

// Other programs read and write the topics too: a number has the form that strconv gives it, however it is found.
func FuzzNumbersAreWrittenAsStrconvWritesThem(f *testing.F) {
	for _, x := range []float64{0.1, 12.5556, -17.4467, 999999999.9999, 1e9, 0.00005, 0.3, 1.0 / 3, 101.30000000000001, 5e-6, 0.99999, 20000, 0.07} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, x float64) {
		for _, x := range [...]float64{x, math.Round(x*10) / 10, math.Round(x*1e4) / 1e4} {
			if abs := math.Abs(x); !(abs >= 1e-6 && abs < 1e15) {
				continue
			}
			if got, want := string(meteo.AppendNumber(nil, x)), strconv.FormatFloat(x, 'f', -1, 64); got != want {
				t.Errorf("%g is written %s, want %s", x, got, want)
			}
		}
	})
}

func TestTextsAreWrittenAsTheyAreAndEscapedWhereJSONWants(t *testing.T) {
	for text, want := range map[string]string{
		"a <b> & c": `"a <b> & c"`, "Thiès": `"Thiès"`, `a"b`: `"a\"b"`, `a\b`: `"a\\b"`, "a\nb": `"a\nb"`,
		"é <b> & c": `"é \u003cb\u003e \u0026 c"`, "é\u2028": `"é\u2028"`, "é\xff": `"é\ufffd"`,
	} {
		o := reading(t)
		o.Region = text
		if got := string(o.AppendJSON(nil)); !strings.Contains(got, `,"region":`+want+`,`) {
			t.Errorf("%q is written %s, want %s", text, got, want)
		}
	}
}

func TestTheOriginalIsWrittenWhenItHoldsAValue(t *testing.T) {
	o := observation(t)
	nothing, humid := meteo.NoValues(), meteo.NoValues()
	humid[meteo.Humidity] = 101
	for want, original := range map[string]*meteo.Values{"": &nothing, `,"original":{"humidity_pct":101}`: &humid} {
		o.Original = original
		_, got, _ := strings.Cut(strings.TrimSuffix(string(o.AppendJSON(nil)), "}"), `"temperature_c":["step","climatology"]}`)
		if got != want {
			t.Errorf("it ends with %q, want %q", got, want)
		}
	}
}

func TestFailuresAreGroupedBySubject(t *testing.T) {
	for want, qc := range map[string][]meteo.Failure{
		`{}`:                           nil,
		`{"rain_mm":["range"]}`:        {{Subject: "rain_mm", Rule: "range"}},
		`{"rain_mm":["range","step"]}`: {{Subject: "rain_mm", Rule: "range"}, {Subject: "rain_mm", Rule: "step"}},
		`{"location":["a"],"rain_mm":["range","step"],"wind_gust_ms":["range"]}`: {
			{Subject: "location", Rule: "a"}, {Subject: "rain_mm", Rule: "range"}, {Subject: "rain_mm", Rule: "step"}, {Subject: "wind_gust_ms", Rule: "range"},
		},
	} {
		if got := string(meteo.AppendFailures(nil, qc)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTheSchemaDescribesItsFields(t *testing.T) {
	schema := string(meteo.JSONSchema())
	if !strings.Contains(schema, "degrees north, WGS84") || strings.Contains(schema, `"description": ""`) || strings.Contains(schema, `"description":""`) {
		t.Errorf("descriptions are missing or empty:\n%s", schema)
	}
}

func TestTheBoxAroundSenegalIncludesItsEdges(t *testing.T) {
	for _, s := range meteo.Stations {
		if !meteo.InSenegal(s.Latitude, s.Longitude) {
			t.Errorf("%s is outside", s.Capital)
		}
	}
	const inside = 14.5
	for _, p := range [][2]float64{
		{meteo.MinLatitude, -14}, {meteo.MaxLatitude, -14}, {inside, meteo.MinLongitude}, {inside, meteo.MaxLongitude},
	} {
		if !meteo.InSenegal(p[0], p[1]) {
			t.Errorf("%v is outside", p)
		}
	}
	for _, p := range [][2]float64{
		{meteo.MinLatitude - 0.001, -14}, {meteo.MaxLatitude + 0.001, -14}, {inside, meteo.MinLongitude - 0.001}, {inside, meteo.MaxLongitude + 0.001},
	} {
		if meteo.InSenegal(p[0], p[1]) {
			t.Errorf("%v is inside", p)
		}
	}
}

func TestDistancesFollowTheSphere(t *testing.T) {
	for _, c := range []struct{ lat1, lon1, lat2, lon2, want float64 }{
		{60, 0, 60, 1, 55.597011},
		{0, 0, 60, 90, 10007.557221},
		{14.6937, -17.4441, 12.5556, -12.1808, 616.426455},
	} {
		if got := meteo.DistanceKM(c.lat1, c.lon1, c.lat2, c.lon2); math.Abs(got-c.want) > 1e-5 {
			t.Errorf("%v gives %.6f km", c, got)
		}
	}
}

func TestNumbersOfFurtherStationsAreDigits(t *testing.T) {
	for id, want := range map[string]bool{"SN-DK-00": true, "SN-DK-99": true, "SN-DK-0/": false, "SN-DK-0:": false} {
		if _, ok := meteo.StationByID(id); ok != want {
			t.Errorf("%s is a station: %t, want %t", id, ok, want)
		}
	}
}

func TestNamesAreComparedWithoutWhatLeadsThem(t *testing.T) {
	for name, want := range map[string]string{
		"- Région de  Thiès -": "region de thies", "azAZ09": "azaz09", "a`b{c/d:e": "a b c d e", "Cœur d'Été": "coeur d ete", "Ñ, Ç, Æ": "n c ae", "--": "",
	} {
		if got := meteo.Fold(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

func TestTheWorseVerdictCounts(t *testing.T) {
	for _, c := range [][3]meteo.Quality{
		{meteo.Good, meteo.Good, meteo.Good},
		{"", "", meteo.Good},
		{meteo.Good, meteo.Suspect, meteo.Suspect},
		{meteo.Suspect, meteo.Good, meteo.Suspect},
		{meteo.Suspect, meteo.Bad, meteo.Bad},
		{meteo.Bad, meteo.Good, meteo.Bad},
	} {
		if got := c[0].Worse(c[1]); got != c[2] {
			t.Errorf("of %q and %q the worse is %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestKindsAndIDsAreThoseOfTheList(t *testing.T) {
	for kind, want := range map[meteo.Kind]bool{meteo.Observed: true, meteo.Model: true, meteo.Forecast: true, "": false, "guess": false} {
		if kind.Valid() != want {
			t.Errorf("%q is valid: %t, want %t", kind, kind.Valid(), want)
		}
	}
	const text = "3a5441071d18e348423ea66aa2ab6c8f"
	if id, ok := meteo.ParseID(text); !ok || id.String() != text || id.IsZero() {
		t.Errorf("%s is read as %s, %t", text, id, ok)
	}
	for _, bad := range []string{"", text[1:], text + "0", "g" + text[1:]} {
		if _, ok := meteo.ParseID(bad); ok {
			t.Errorf("%q is read as an id", bad)
		}
	}
	if !(meteo.ID{}).IsZero() {
		t.Error("the id that was never set is not zero")
	}
}

func TestARefusalIsNamedByItsReason(t *testing.T) {
	if got, want := meteo.Refuse(meteo.Future, "by %d days", 3).Error(), "future: by 3 days"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestVariablesAndValuesAreCounted(t *testing.T) {
	if v, ok := meteo.VariableByName("rain_mm"); !ok || v != meteo.Rain {
		t.Errorf("rain_mm is %v, %t", v, ok)
	}
	if _, ok := meteo.VariableByName("rain"); ok {
		t.Error("rain is a variable")
	}
	values := meteo.NoValues()
	values[meteo.Rain], values[meteo.Pressure] = 0, 1013
	if values.Count() != 2 || !values.Has(meteo.Rain) || values.Has(meteo.Temperature) {
		t.Errorf("%d values are known", values.Count())
	}
}
