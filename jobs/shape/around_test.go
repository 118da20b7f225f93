package shape

import (
	"testing"
	"time"
)

// row parses a JSON object.
func row(t *testing.T, text string) Row {
	t.Helper()
	tree, err := ParseJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return tree.(Row)
}

func TestARecordNamesItsPlaceWhereverItSaysSo(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want bool
	}{
		"an id":               {`{"station_id":"SN-DK"}`, true},
		"a name":              {`{"city":"Touba"}`, true},
		"a latitude":          {`{"lat":14.7}`, true},
		"a longitude alone":   {`{"lon":-17.4}`, false},
		"an elevation alone":  {`{"altitude":5}`, false},
		"an empty name":       {`{"city":"","temp":1}`, false},
		"in an object":        {`{"x":{"city":"Dakar"}}`, true},
		"in an array":         {`{"x":[1,{"city":"Dakar"}]}`, true},
		"in an array in vain": {`{"x":[1,{"temp":5}],"y":{"temp":5}}`, false},
		"after an empty one":  {`{"city":null,"x":{"lat":14.7}}`, true},
	} {
		if got := NamesPlace(row(t, c.in)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestARecordNamesItsZoneOrHasInstants(t *testing.T) {
	for name, c := range map[string]struct {
		in   Row
		want bool
	}{
		"an instant":                  {Row{{"time", "2026-08-01T12:00Z"}}, true},
		"seconds since 1970":          {Row{{"epoch", 1785585600.0}}, true},
		"a local time":                {Row{{"time", "2026-08-01 12:00"}}, false},
		"a local time beside a zone":  {Row{{"time", "2026-08-01 12:00"}, {"tz", "Europe/Paris"}}, true},
		"a local time in a zone":      {Row{{"time_utc", "2026-08-01 12:00"}}, true},
		"a day":                       {Row{{"date", "2026-08-01"}}, false},
		"a time of day":               {Row{{"date", "2026-08-01"}, {"hour", 12.0}}, false},
		"a time that is none":         {Row{{"timestamp", "soon"}}, false},
		"a time of a reader's own":    {Row{{"time", time.Date(2026, 8, 1, 12, 0, 0, 0, NoZone)}}, false},
		"no time":                     {Row{{"temp", 27.0}}, true},
		"an instant and a local time": {Row{{"time", "2026-08-01 12:00"}, {"epoch", 1785585600.0}}, false},
	} {
		if got := NamesZone(c.in); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if !IsZone(Field{Name: "UTC offset"}) || !IsZone(Field{Name: "Fuseau horaire"}) || IsZone(Field{Name: "zone"}) {
		t.Error("the names of zones")
	}
}

func TestPartsOfARecordAreNotRecords(t *testing.T) {
	for name, want := range map[string]bool{"qc": true, "original": true, "Values": true, "location": true, "QC": false, "hourly": false} {
		if IsPart(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func TestElementsBesideRecordsSayTheirPlaceAndZone(t *testing.T) {
	for name, c := range map[string]struct {
		in   Field
		want string
	}{
		"a known name":                  {Field{"station", "Thiès"}, `{"station":"Thiès"}`},
		"a town that is not known":      {Field{"city", "Touba"}, `{"city":"Touba"}`},
		"a name of anything":            {Field{"name", "sensor 3"}, `{}`},
		"an id that is not known":       {Field{"station_id", "7"}, `{}`},
		"a latitude":                    {Field{"lat", 14.7}, `{"lat":14.7}`},
		"an elevation":                  {Field{"altitude", 5.0}, `{"altitude":5}`},
		"a zone":                        {Field{"timezone", "Europe/Paris"}, `{"timezone":"Europe/Paris"}`},
		"a zone as an object":           {Field{"timezone", Row{{"id", "Europe/Paris"}}}, `{"timezone":"Europe/Paris"}`},
		"a time":                        {Field{"time", "2026-08-01 12:00"}, `{}`},
		"a source":                      {Field{"source", "anacim"}, `{}`},
		"a place":                       {Field{"station", Row{{"name", "any"}, {"lat", 14.7}, {"source", "x"}, {"time", "2026-08-01 12:00"}, {"altitude", 5.0}, {"tz", "UTC"}}}, `{"name":"any","lat":14.7,"altitude":5,"tz":"UTC"}`},
		"an object about them":          {Field{"header", Row{{"ville", "Thiès"}, {"lat", 14.8}, {"id", 7.0}}}, `{"ville":"Thiès","lat":14.8}`},
		"another object":                {Field{"owner", Row{{"ville", "Thiès"}}}, `{}`},
		"a place in a place in a place": {Field{"location", Row{{"city", Row{{"coord", Row{{"geo", Row{{"lat", 14.7}}}}}}}}}, `{"lat":14.7}`},
		"a place that is too deep":      {Field{"location", Row{{"city", Row{{"coord", Row{{"geo", Row{{"site", Row{{"lat", 14.7}}}}}}}}}}}, `{}`},
	} {
		if got := string(NewDecoder().Around(c.in).AppendJSON(nil)); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}
