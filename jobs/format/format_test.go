package format_test

import (
	"io"
	"strings"
	"testing"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
)

func TestAFormatIsFoundByTheExtension(t *testing.T) {
	formats := []format.Format{{Name: "csv", Extensions: []string{".csv", ".txt"}}, {Name: "json", Extensions: []string{".json"}}}
	for path, want := range map[string]string{
		"a.csv": "csv", "dir.json/A.CSV": "csv", "a.txt": "csv", "a.csv.gz": "csv", "b.json": "json",
		"a": "", "a.gz": "", "a.doc": "", "csv": "",
	} {
		f, err := format.ByPath(formats, path)
		if f.Name != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", path, f.Name, err, want)
		}
	}
	if f, err := format.ByName(formats, "json"); err != nil || f.Name != "json" {
		t.Errorf("got %q, %v", f.Name, err)
	}
	if _, err := format.ByName(formats, "pdf"); err == nil || !strings.Contains(err.Error(), "csv, json") {
		t.Errorf("got %v, want the names that there are", err)
	}
}

func TestTheColumnsAreTheMembersOfTheJSON(t *testing.T) {
	o := ordinary(1)[0]
	o.IssuedAt, o.Kind, o.ProviderID = o.ObservedAt, meteo.Forecast, "61641"
	o.QC = []meteo.Failure{{Subject: "location", Rule: "location"}}
	vs := meteo.NoValues()
	vs[meteo.Rain] = 1
	o.Original = &vs
	o.Quantiles = meteo.Quantiles{{Variable: meteo.Rain}}
	json, at := string(o.AppendJSON(nil)), 0
	for _, name := range format.Columns() {
		i := strings.Index(json[at:], `"`+name+`":`)
		if i < 0 {
			t.Fatalf("%s does not follow in %s", name, json[at:])
		}
		at += i
	}
	if flat := format.Flat(&o, nil); len(flat) != len(format.Columns()) {
		t.Errorf("a flat row has %d cells for %d columns", len(flat), len(format.Columns()))
	}
}

func TestABudgetEndsARecordThatIsTooLong(t *testing.T) {
	budget := format.NewBudget(strings.NewReader(strings.Repeat("x", 2*format.MaxRecord)))
	n, err := io.Copy(io.Discard, budget)
	if n != format.MaxRecord || err == nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	budget.Refill()
	if n, err := io.Copy(io.Discard, budget); n != format.MaxRecord || err == nil {
		t.Errorf("after a refill %d bytes, %v", n, err)
	}
}
