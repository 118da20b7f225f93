package pg_test

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/jobs/export"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/gaps"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/sink/pg"
)

//go:embed testdata/figures.sql
var secondComputation string

// The window of the figures: the February of a leap year and its neighbours.
var (
	figuresFrom = time.Date(2024, 1, 20, 0, 0, 0, 0, time.UTC)
	figuresTo   = time.Date(2024, 3, 3, 0, 0, 0, 0, time.UTC)
)

// planter makes observations with holes, some of which come late, in the second batch, some are corrected there, and some are flagged.
type planter struct {
	*rand.Rand
	batches [2][]meteo.Observation
}

// planted are the series: every ten minutes Dakar with holes of single readings, values and five days in a row, a further station of its
// region with few, and Thiès with none; METAR with readings between the hours; SYNOP with extremes and rain over intervals that overlap; a model;
// a file every half an hour, and one of days alone.
func planted() [2][]meteo.Observation {
	p := &planter{Rand: rand.New(rand.NewPCG(17, 3))}
	further := meteo.Stations[0]
	further.ID = "SN-DK-0001"
	p.series(meteo.Stations[0], "generate", meteo.Observed, 10*time.Minute, 20, func(at time.Time) bool {
		return at.Month() == time.February && at.Day() >= 12 && at.Day() < 17
	})
	p.series(further, "generate", meteo.Observed, 10*time.Minute, 300, nil)
	p.series(meteo.Stations[1], "generate", meteo.Observed, 10*time.Minute, 0, nil)
	p.series(meteo.Stations[0], "metar", meteo.Observed, time.Hour, 12, nil)
	p.series(meteo.Stations[1], "ogimet", meteo.Observed, 3*time.Hour, 30, nil)
	p.series(meteo.Stations[1], "open-meteo", meteo.Model, time.Hour, 40, func(at time.Time) bool { return at.Day()%3 == 0 })
	p.series(further, "file", meteo.Observed, 30*time.Minute, 8, func(at time.Time) bool { return at.Day()%4 == 0 })
	p.days(further, 10)
	p.days(meteo.Stations[2], 15)
	return p.batches
}

// one reports whether what happens one time in n happens; never when n is 0.
func (p *planter) one(n int) bool { return n > 0 && p.IntN(n) == 0 }

// series plants a series of readings, of which one in so many is missing, and all at some times.
func (p *planter) series(station meteo.Station, source string, kind meteo.Kind, every time.Duration, missing int, silent func(time.Time) bool) {
	for at := figuresFrom; !at.After(figuresTo); at = at.Add(every) {
		if p.one(missing) || silent != nil && silent(at) {
			continue
		}
		o := observationAt(station, at, source)
		o.Kind = kind
		switch {
		case source == "ogimet" && at.Hour()%6 == 0:
			o.IntervalS = []int64{6 * 3600, 12 * 3600, 24 * 3600, 3 * 3600}[at.Hour()/6]
		case source != "generate":
			o.IntervalS = int64(every / time.Second)
		}
		p.plant(o)
		if source == "metar" && p.one(9) {
			o.ObservedAt = at.Add(time.Duration(1+p.IntN(59)) * time.Minute)
			p.plant(o)
		}
	}
}

// days plants values of days, of which one in so many is missing.
func (p *planter) days(station meteo.Station, missing int) {
	for at := figuresFrom.AddDate(0, 0, 1); !at.After(figuresTo); at = at.AddDate(0, 0, 1) {
		if p.one(missing) {
			continue
		}
		o := observationAt(station, at, "file")
		o.IntervalS = 24 * 3600
		p.plant(o)
	}
}

// plant gives an observation values and flags, and puts it in a batch, or in both.
func (p *planter) plant(o meteo.Observation) {
	o.ID = o.Reading.ID()
	p.fill(&o)
	switch p.IntN(15) {
	case 0:
		p.batches[1] = append(p.batches[1], o)
	case 1:
		p.batches[0] = append(p.batches[0], o)
		o.Revision = 2
		p.fill(&o)
		p.batches[1] = append(p.batches[1], o)
	default:
		p.batches[0] = append(p.batches[0], o)
	}
}

// fill gives an observation values of its source, in tenths, and flags.
func (p *planter) fill(o *meteo.Observation) {
	ofDay := o.IntervalS == 24*3600 && o.Source == "file"
	for v := range o.Values {
		variable := meteo.Variable(v)
		mean := variable == meteo.TemperatureMean || variable == meteo.DewPointMean || variable == meteo.HumidityMean || variable == meteo.WindSpeedMean
		extreme := variable == meteo.TemperatureMax || variable == meteo.TemperatureMin
		here := !variable.Over() || variable == meteo.Rain || variable == meteo.WindGust || mean && o.Source == "file" || extreme && (o.Source == "ogimet" || o.Source == "file")
		if here = here && (variable.Over() || !ofDay); !here || variable == meteo.RainProbability || o.StationID == "SN-DK" && p.one(30) || variable == meteo.WindGust && p.one(4) {
			o.Values[v] = math.NaN()
			continue
		}
		o.Values[v] = float64(p.IntN(400)) / 10
		if variable == meteo.Rain {
			o.Values[v] = float64(max(0, p.IntN(60)-57)) / 10
		}
	}
	complete := o.StationID == "SN-TH" && o.Source == "generate"
	if complete && o.ObservedAt.Day() == 5 { // ten times 0.1 mm are 1 mm, and a day of rain
		o.Values[meteo.Rain] = 0
		if hour := o.ObservedAt.Hour(); hour >= 1 && hour <= 10 && o.ObservedAt.Minute() == 0 {
			o.Values[meteo.Rain] = 0.1
		}
	}
	o.Quality, o.QC = meteo.Good, nil
	switch {
	case p.one(25):
		o.Quality, o.QC = meteo.Suspect, []meteo.Failure{{Subject: "temperature_c", Rule: "step"}, {Subject: "temperature_max_c", Rule: "range"}}
	case p.one(25):
		o.Quality, o.QC = meteo.Bad, []meteo.Failure{{Subject: "location", Rule: "location"}, {Subject: "wind_speed_ms", Rule: "range"}}
	case !complete && p.one(400):
		o.Quality, o.QC = meteo.Bad, []meteo.Failure{{Subject: "rain_mm", Rule: "range"}}
	}
}

// figures is a database with what is planted and the second computation, and a store that asks it.
func figures(t *testing.T) (database, *pg.Store) {
	t.Helper()
	db, next := fresh(t), int64(0)
	sink := db.Open(t)
	for _, observations := range planted() {
		b := flowtest.Batch(0, next, observations...)
		next = b.End
		if _, err := sink.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	execute(t, db.url, secondComputation)
	return db, db.open(t, flow.StoreConfig{})
}

func TestTheFiguresOfGapsAreThoseOfSQL(t *testing.T) {
	db, store := figures(t)
	for name, w := range map[string]gaps.Window{
		"all of it, of which the last is not due": {From: figuresFrom, To: figuresTo, Now: figuresTo},
		"all of it, a moment later":               {From: figuresFrom, To: figuresTo, Now: figuresTo.Add(15 * time.Minute)},
		"a part of it, much later":                {From: figuresFrom.Add(50 * time.Hour), To: figuresTo.Add(-70 * time.Hour), Now: figuresTo.AddDate(1, 0, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := gaps.Look(t.Context(), store, w)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			rows, _ := connect(t, db.url).Query(t.Context(), "SELECT second.gaps($1, $2, $3)", w.From, w.To, w.Now)
			if want, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
				t.Fatal(err)
			}
			got := gapLines(report)
			slices.Sort(got)
			slices.Sort(want)
			if len(got) != len(want) || len(want) < 400 {
				t.Errorf("%d lines, want %d", len(got), len(want))
			}
			for i := range min(len(got), len(want)) {
				if got[i] != want[i] {
					t.Fatalf("%s\nwant\n%s", got[i], want[i])
				}
			}
			if report.Missing < 700 || report.Flagged < 100 {
				t.Errorf("too little was planted: %+v", report.Counts)
			}
		})
	}
}

// gapLines writes a report as second.gaps does.
func gapLines(report *gaps.Report) (lines []string) {
	stamp := func(t time.Time) string { return t.Format("2006-01-02 15:04:05") }
	counts := func(c gaps.Counts) string {
		return fmt.Sprintf("%d %d %d %d", c.Expected, c.Present, c.Missing, c.Flagged)
	}
	for _, s := range report.Series {
		of := strings.Join([]string{s.StationID, s.Region, s.Source, string(s.Kind), map[bool]string{true: "days", false: "moments"}[s.OfDays]}, " ")
		longest := " to "
		if s.Longest != nil {
			longest = stamp(s.Longest.From) + " to " + stamp(s.Longest.To)
		}
		lines = append(lines, fmt.Sprintf("%s every %d: %s, longest %s, last %s, silent %t", of, s.EveryS, counts(s.Counts), longest, stamp(*s.Last), s.Silent))
		for _, e := range s.Elements {
			lines = append(lines, fmt.Sprintf("%s %s: %s", of, e.Variable, counts(e.Counts)))
		}
		for _, d := range s.Days {
			lines = append(lines, fmt.Sprintf("%s %s: %s", of, d.Date, counts(d.Counts)))
		}
	}
	return lines
}

// The columns that say of what a row is.
var namesOfRows = []string{"station_id", "region", "source", "kind", "from", "to"}

// exported are the cells of a table, by the row's names and the column.
func exported(t *testing.T, store *pg.Store, r export.Request) map[[2]string]string {
	t.Helper()
	var out bytes.Buffer
	if err := export.Write(t.Context(), store, r, "csv", &out); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	cells := map[[2]string]string{}
	for _, line := range lines[1:] {
		var of []string
		for i, name := range lines[0] {
			if slices.Contains(namesOfRows, name) && line[i] != "" {
				of = append(of, line[i])
			}
		}
		for i, name := range lines[0] {
			if !slices.Contains(namesOfRows, name) {
				cells[[2]string{strings.Join(of, " "), name}] = line[i]
			}
		}
	}
	return cells
}

func TestTheFiguresOfExportAreThoseOfSQL(t *testing.T) {
	db, store := figures(t)
	for _, step := range []export.Step{export.ThreeHours, export.Day, export.Dekad, export.Month} {
		for _, byRegion := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, by region %t", step, byRegion), func(t *testing.T) {
				r := export.Request{Step: step, From: figuresFrom, To: figuresTo.Add(-20 * time.Hour), ByRegion: byRegion}
				got := exported(t, store, r)
				rows, err := connect(t, db.url).Query(t.Context(), "SELECT * FROM second.export($1, $2, $3, $4)", string(step), byRegion, r.From, r.To)
				if err != nil {
					t.Fatal(err)
				}
				filled, empty := 0, 0
				var of, column string
				var x *float64
				_, err = pgx.ForEachRow(rows, []any{&of, &column, &x}, func() error {
					key := [2]string{of, column}
					if cell, ok := got[key]; !ok || !isCell(cell, column, x) {
						t.Errorf("%s, %s: %q, want %v", of, column, cell, show(x))
					}
					delete(got, key)
					if x != nil {
						filled++
					} else {
						empty++
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				for key, cell := range got {
					t.Errorf("%s, %s: %q is in the table alone", key[0], key[1], cell)
				}
				if filled < 100 || empty < 20 {
					t.Errorf("%d cells, and %d that are empty", filled, empty)
				}
			})
		}
	}
}

func show(x *float64) string {
	if x == nil {
		return "nothing"
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}

// isCell reports whether a cell is a number, rounded to hundredths; of shares to tenths.
func isCell(cell, column string, x *float64) bool {
	if x == nil || cell == "" {
		return x == nil && cell == ""
	}
	shown, err := strconv.ParseFloat(cell, 64)
	half := 0.005
	if strings.HasSuffix(column, "_share_pct") {
		half = 0.05
	}
	return err == nil && math.Abs(shown-*x) <= half+1e-9
}
