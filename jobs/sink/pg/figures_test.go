package pg_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/export"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/gaps"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/sink/pg"
)

// The window of the figures: the February of a leap year and its neighbours, every ten minutes.
var (
	figuresFrom = time.Date(2024, 1, 30, 0, 0, 0, 0, time.UTC)
	figuresTo   = time.Date(2024, 3, 3, 0, 0, 0, 0, time.UTC)
)

// planted are two stations in two batches. Of Dakar readings and single values are missing, and five days in a row; Thiès has all. Of both some come
// late, in the second batch, some are corrected there by other values and flags, and some are flagged from the beginning.
func planted() [2][]meteo.Observation {
	rnd := rand.New(rand.NewPCG(17, 3))
	var batches [2][]meteo.Observation
	for s, station := range meteo.Stations[:2] {
		for at := figuresFrom; !at.After(figuresTo); at = at.Add(10 * time.Minute) {
			o := observationAt(station, at, "generate")
			o.Values = meteo.NoValues()
			fill := func() {
				o.Values[meteo.Temperature], o.Values[meteo.Humidity] = float64(rnd.IntN(400))/10, float64(rnd.IntN(101))
				o.Values[meteo.Rain], o.Values[meteo.WindSpeed] = float64(rnd.IntN(30))/10, float64(rnd.IntN(120))/10
			}
			fill()
			if s == 0 && (rnd.IntN(20) == 0 || at.Day() >= 12 && at.Day() < 17 && at.Month() == time.February) {
				continue
			}
			if s == 0 && rnd.IntN(30) == 0 {
				o.Values[meteo.Humidity] = meteo.NoValues()[0]
			}
			flag := func() {
				switch rnd.IntN(25) {
				case 0:
					o.Quality, o.QC = meteo.Suspect, []meteo.Failure{{Subject: "temperature_c", Rule: "step"}}
				case 1:
					o.Quality, o.QC = meteo.Bad, []meteo.Failure{{Subject: "location", Rule: "location"}, {Subject: "wind_speed_ms", Rule: "range"}}
				default:
					o.Quality, o.QC = meteo.Good, nil
				}
			}
			flag()
			switch rnd.IntN(15) {
			case 0:
				batches[1] = append(batches[1], o)
				continue
			case 1:
				batches[0] = append(batches[0], o)
				o.Revision = 2
				fill()
				flag()
				batches[1] = append(batches[1], o)
				continue
			}
			batches[0] = append(batches[0], o)
		}
	}
	return batches
}

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
	return db, db.open(t, flow.StoreConfig{})
}

// asked are the lines that a query returns.
func asked(t *testing.T, db database, query string) []string {
	t.Helper()
	rows, err := connect(t, db.url).Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func sameLines(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if len(want) == 0 || len(got) != len(want) {
		t.Errorf("%s: %d lines, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s: %s, want %s", what, got[i], want[i])
		}
	}
}

// moments are those that are expected, with what the view has of each.
const moments = `WITH moment AS (
		SELECT station_id, at FROM (VALUES ('SN-DK'), ('SN-TH')) s (station_id), generate_series('2024-01-30T00:00Z'::timestamptz, '2024-03-02T23:50Z', interval '10 minutes') at),
	found AS (SELECT m.*, o.* FROM moment m LEFT JOIN LATERAL (
		SELECT true AS there, quality, qc, temperature_c, humidity_pct, rain_mm, wind_speed_ms FROM meteo.observation o
		WHERE o.station_id = m.station_id AND o.observed_at = m.at AND o.source = 'generate') o ON true) `

func TestTheFiguresOfGapsAreThoseOfSQL(t *testing.T) {
	db, store := figures(t)
	report, err := gaps.Look(t.Context(), store, gaps.Window{From: figuresFrom, To: figuresTo, Now: figuresTo.AddDate(1, 0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	var days, elements []string
	for _, s := range report.Series {
		for _, d := range s.Days {
			days = append(days, fmt.Sprint(s.StationID, " ", d.Date, " ", d.Expected, " ", d.Present, " ", d.Missing, " ", d.Flagged))
		}
		for _, e := range s.Elements {
			elements = append(elements, fmt.Sprint(s.StationID, " ", e.Variable, " ", e.Expected, " ", e.Present, " ", e.Missing, " ", e.Flagged))
		}
	}
	sameLines(t, "days", days, asked(t, db, moments+`SELECT station_id, to_char(at, 'YYYY-MM-DD'), count(*), count(there), count(*) - count(there),
		count(*) FILTER (WHERE quality = 'bad') FROM found GROUP BY 1, 2`))
	sameLines(t, "elements", elements, asked(t, db, moments+`SELECT station_id, name, count(*), count(x), count(*) - count(x), count(*) FILTER (WHERE x IS NOT NULL AND qc ? name)
		FROM found, LATERAL (VALUES ('temperature_c', temperature_c), ('humidity_pct', humidity_pct), ('rain_mm', rain_mm), ('wind_speed_ms', wind_speed_ms)) e (name, x) GROUP BY 1, 2`))
	if report.Missing < 700 || report.Flagged < 100 {
		t.Errorf("too little was planted: %+v", report.Counts)
	}
}

// exported are the lines of a table with these columns.
func exported(t *testing.T, store *pg.Store, step export.Step, columns ...string) []string {
	t.Helper()
	var out bytes.Buffer
	r := export.Request{Step: step, From: figuresFrom, To: figuresTo}
	if step == export.Month {
		r.From, r.To = time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 2, 2, 0, 0, 0, 0, time.UTC)
	}
	if err := export.Write(t.Context(), store, r, "csv", &out); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, line := range lines[1:] {
		cells := []string{line[slices.Index(lines[0], "station_id")], line[slices.Index(lines[0], "from")][:10]}
		for _, name := range columns {
			cells = append(cells, line[slices.Index(lines[0], name)])
		}
		all = append(all, strings.Join(cells, " "))
	}
	return all
}

// dailies are the days by SQL: rain is of the intervals that end after 00:00 and until 24:00.
const dailies = moments + `, moment_day AS (
		SELECT station_id, at::date AS day, count(there) AS there, count(t) AS n, avg(t) AS mean, max(t) AS high, min(t) AS low
		FROM (SELECT *, CASE WHEN NOT coalesce(qc ? 'temperature_c', false) THEN temperature_c END AS t FROM found) f GROUP BY 1, 2),
	rain_day AS (
		SELECT station_id, (observed_at - interval '1 microsecond')::date AS day, count(rain_mm) AS n, sum(rain_mm) AS mm FROM meteo.observation
		WHERE NOT coalesce(qc ? 'rain_mm', false) GROUP BY 1, 2),
	daily AS (
		SELECT d.station_id, d.day, d.there, d.n AS readings, coalesce(r.n, 0) AS intervals,
			CASE WHEN d.n * 6 >= 144 * 5 THEN d.mean END AS mean, CASE WHEN d.n * 6 >= 144 * 5 THEN d.high END AS high, CASE WHEN d.n * 6 >= 144 * 5 THEN d.low END AS low,
			CASE WHEN r.n = 144 THEN r.mm END AS mm
		FROM moment_day d LEFT JOIN rain_day r USING (station_id, day)) `

// cell writes a value as the tables do: without zeros at its end, and "" where it is unknown.
func cell(sql string, decimals int) string {
	return fmt.Sprintf(`coalesce(trim_scale(round((%s)::numeric, %d))::text, '')`, sql, decimals)
}

func TestTheFiguresOfExportAreThoseOfSQL(t *testing.T) {
	db, store := figures(t)
	days := asked(t, db, dailies+`SELECT station_id || ' ' || day || ' ' || `+strings.Join([]string{
		cell("mean", 2), cell("100 * readings / 144.0", 1), cell("high", 2), cell("low", 2), cell("mm", 2), cell("100 * intervals / 144.0", 1),
	}, ` || ' ' || `)+` FROM daily WHERE there > 0`) // a day of which nothing but the rain of its last minutes is known has no line
	columns := []string{"temperature_mean_c", "temperature_mean_share_pct", "temperature_max_c", "temperature_min_c", "rain_mm", "rain_share_pct"}
	sameLines(t, "days", exported(t, store, export.Day, columns...), days)

	// A month without a mean has 11 days without one, or 5 in a row; rain needs every day.
	months := asked(t, db, dailies+`, february AS (
			SELECT *, day - (row_number() OVER (PARTITION BY station_id, mean IS NULL ORDER BY day))::int AS island FROM daily WHERE day BETWEEN '2024-02-01' AND '2024-02-29'),
		worst AS (SELECT station_id, max(n) AS in_a_row FROM (SELECT station_id, count(*) AS n FROM february WHERE mean IS NULL GROUP BY station_id, island) i GROUP BY 1)
		SELECT station_id || ' 2024-02-01 ' || `+strings.Join([]string{
		cell("CASE WHEN 29 - count(mean) < 11 AND coalesce(max(in_a_row), 0) < 5 THEN avg(mean) END", 2), cell("100 * count(mean) / 29.0", 1),
		cell("CASE WHEN count(mm) = 29 THEN sum(mm) END", 2), cell("CASE WHEN count(mm) = 29 THEN count(*) FILTER (WHERE mm >= 1) END", 0),
	}, ` || ' ' || `)+` FROM february LEFT JOIN worst USING (station_id) GROUP BY station_id`)
	sameLines(t, "months", exported(t, store, export.Month, "temperature_mean_c", "temperature_mean_share_pct", "rain_mm", "rain_days"), months)
	if !slices.ContainsFunc(months, func(l string) bool { return strings.HasPrefix(l, "SN-DK 2024-02-01  ") }) || !slices.ContainsFunc(months, func(l string) bool { return strings.HasSuffix(l, " 29") }) {
		t.Errorf("one month is to be left out, and one complete: %q", months)
	}
}
