package forecast

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"flag"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

var update = flag.Bool("update", false, "write shipped.json from the daily readings of SENMETEO_DAILY")

const credit = "Rounded coefficients of regressions over 12 synoptic stations of Senegal, 2015-2021, and courses over the year: of the 14 regions by climatological normals, 2015-2024, of further stations 2015-2021; " +
	"from NOAA GSOD (WMO Resolution 40) as packed by MoryClimat/GSOD_2015-2024"

// normalsPath is the table of the generator, which the courses of the normals follow from.
const normalsPath = "../source/generate/data/climate_normals.csv"

func TestTheShippedCoefficientsAreComplete(t *testing.T) {
	if *update {
		writeShipped(t)
	}
	c := shipped()
	if len(c.Sites) != 12 || c.Credit != credit {
		t.Fatalf("got %d sites and %q", len(c.Sites), c.Credit)
	}
	a := newAnomalies(NewHistory(synthetic(100)), &[numElements][]course{{{}, {}}, {{}, {}}, {{}, {}}, {{}, {}}, {{}, {}}, {{}, {}}})
	for e := range element(numTargets) {
		for i := range MaxLead {
			if got, want := len(c.Pooled[e][i]), len(a.ofAny(nil, e, 0, 0)); got != want {
				t.Errorf("%s at %d days: %d coefficients of %d features", Targets[e], i+1, got, want)
			}
			if len(c.Scale[e][i]) != len(c.Sites) {
				t.Errorf("%s at %d days: scales of %d sites", Targets[e], i+1, len(c.Scale[e][i]))
			}
			for k := 1; k < len(Levels); k++ {
				if q := c.Quantiles[e][i]; q[k] <= q[k-1] {
					t.Errorf("%s at %d days: quantiles do not rise: %v", Targets[e], i+1, q)
				}
			}
		}
	}
	for i, beta := range c.Rain {
		if want := len(a.ofRain(nil, rain, 0, 0)); len(beta) != want {
			t.Errorf("rain at %d days: %d coefficients of %d features", i+1, len(beta), want)
		}
	}
}

func TestTheShippedNormalsAreThoseOfTheGenerator(t *testing.T) {
	for region, want := range normalCourses(t) {
		got, ok := shipped().Normals[region]
		if !ok {
			t.Errorf("%s is missing", region)
		}
		for e := range want {
			for i := range want[e] {
				if math.Abs(got[e][i]-want[e][i]) > 1e-9 {
					t.Errorf("%s, %s: got %v, want %v", region, inputs[e], got[e], want[e])
					break
				}
			}
		}
	}
}

// normalCourses fits the courses to the middles of the months.
func normalCourses(t *testing.T) map[string][numElements]course {
	t.Helper()
	data, err := os.ReadFile(normalsPath)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range lines[0] {
		column[name] = i
	}
	months := map[string]*[numElements]*normal{}
	for _, line := range lines[1:] {
		region := line[column["iso_3166_2"]]
		if months[region] == nil {
			months[region] = &[numElements]*normal{}
			for e := range months[region] {
				months[region][e] = newNormal(len(course{}))
			}
		}
		number := func(name string) float64 {
			x, err := strconv.ParseFloat(line[column[name]], 64)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		first := time.Date(2023, time.Month(number("month")), 1, 0, 0, 0, 0, time.UTC)
		days := first.AddDate(0, 1, -1).Day()
		season := anglesOfDay(first.YearDay() + days/2)
		for e, x := range [numElements]float64{
			number("tmax_c"), number("tmin_c"), number("wind_ms"), number("humidity_pct"), number("dew_point_c"), number("wet_days_ge1mm") / float64(days),
		} {
			months[region][e].add(season[:], x)
		}
	}
	out := map[string][numElements]course{}
	for region, all := range months {
		var courses [numElements]course
		for e, n := range all {
			for i, b := range n.solve(equal(len(course{}), tiny)) {
				courses[e][i] = rounded(b)
			}
		}
		out[region] = courses
	}
	return out
}

// rounded keeps three significant digits.
func rounded(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	return y
}

func writeShipped(t *testing.T) {
	h := NewHistory(measured(t))
	_, end := h.Span()
	m := Train(h, end)
	c := coefficients{Credit: credit, Normals: normalCourses(t), Sites: h.sites, Pooled: m.pooled, Rain: m.rainAny}
	for i := range c.Rain {
		round(c.Rain[i])
	}
	for s, site := range h.sites {
		if _, region := c.Normals[site.ID]; region {
			continue
		}
		var courses [numElements]course
		for e := range courses {
			courses[e] = m.courses[e][s]
			round(courses[e][:])
		}
		c.Normals[site.ID] = courses
	}
	for e := range m.spread {
		for i, sp := range m.spread[e] {
			round(c.Pooled[e][i])
			for s := range h.sites {
				var scale [seasonal]float64
				copy(scale[:], sp.log[s][:])
				round(scale[:])
				c.Scale[e][i] = append(c.Scale[e][i], scale)
				for _, q := range sp.scaled[s] {
					for k, x := range q {
						c.Quantiles[e][i][k] += x / float64(slots*len(h.sites))
					}
				}
			}
			round(c.Quantiles[e][i][:])
		}
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("shipped.json", append(data, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	shippedJSON = data
}

func round(values []float64) {
	for i, x := range values {
		values[i] = rounded(x)
	}
}

// measured are the daily readings of the file that SENMETEO_DAILY names: columns station_id, latitude, longitude, date and those of variables.
func measured(t *testing.T) []Day {
	t.Helper()
	lines := table(t, "SENMETEO_DAILY")
	var days []Day
	for _, line := range lines[1:] {
		d := Day{Values: meteo.NoValues()}
		for i, name := range lines[0] {
			x, err := strconv.ParseFloat(line[i], 64)
			v, variable := meteo.VariableByName(name)
			switch {
			case name == "station_id":
				d.StationID = line[i]
			case name == "date":
				d.Date, _ = time.Parse(time.DateOnly, line[i])
			case name == "latitude":
				d.Latitude = x
			case name == "longitude":
				d.Longitude = x
			case variable && err == nil:
				d.Values[v] = x
			}
		}
		days = append(days, d)
	}
	return days
}

// table reads the CSV file that an environment variable names, compressed by gzip or not. Without the variable the test is skipped.
func table(t *testing.T, variable string) [][]string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skip(variable + " names no file of measured readings: see make forecast-scores")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}
